"""Chances for another base rate than the one they were fitted at, and that rate from scores alone.

When places of each kind look the same as before and only how many there are of each kind changed, odds change by one factor (Saerens,
Latinne & Decaestecker, Neural Computation 2002). Where what places look like changed too, the result is wrong without a sign of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, exactly

Floats = NDArray[np.float64]

STEPS = 2000
SETTLED = 1e-10
"""Change of the base rate below which it is taken as found."""


@dataclass(frozen=True)
class Shift:
    """The base rate that was estimated, the chances at it, and whether the estimate settled."""

    prior: float
    scores: Floats
    settled: bool


def at_prior(scores: Floats, *, fitted_prior: float, prior: float) -> Floats:
    """Chances fitted at one base rate, at another.

    Raises
    ------
    ValueError
        When a base rate is not between 0 and 1.

    Examples
    --------
    >>> at_prior(np.array([0.5, 0.2]), fitted_prior=0.5, prior=0.2).round(4).tolist()
    [0.2, 0.0588]
    """
    if not (0 < fitted_prior < 1 and 0 < prior < 1):
        raise ValueError(f"Base rates {fitted_prior:g} and {prior:g} must lie between 0 and 1.")
    positive, negative = scores * prior / fitted_prior, (1 - scores) * (1 - prior) / (1 - fitted_prior)
    return np.asarray(positive / (positive + negative))


def estimated_shift(scores: Floats, *, fitted_prior: float, weight: Floats) -> Shift:
    """The base rate at which the mean chance equals that base rate, by expectation-maximisation.

    Parameters
    ----------
    scores
        Calibrated chances at `fitted_prior`, of rows whose outcomes are not known.
    weight
        How much each row counts, such as one over its chance of being in the sample.
    """
    prior = fitted_prior
    for _ in range(STEPS):
        shifted = at_prior(scores, fitted_prior=fitted_prior, prior=prior)
        following = float(np.clip(np.average(shifted, weights=weight), 1e-12, 1 - 1e-12))
        if abs(following - prior) < SETTLED:
            return Shift(following, at_prior(scores, fitted_prior=fitted_prior, prior=following), True)
        prior = following
    return Shift(prior, at_prior(scores, fitted_prior=fitted_prior, prior=prior), False)


def restated(scores: Floats, *, learnt_at: Floats, base_rates: Mapping[str, float]) -> dict[str, Floats]:
    """Every chance at each base rate, by name.

    Parameters
    ----------
    learnt_at
        Per row the share of findings that its model learnt from.
    """
    out = {}
    for name, rate in base_rates.items():
        chances = np.full(scores.size, np.nan)
        for learnt in np.unique(learnt_at):
            rows = learnt_at == learnt
            chances[rows] = at_prior(scores[rows], fitted_prior=float(learnt), prior=rate)
        out[name] = chances
    return out


def restated_estimates(
    scores: Floats, chances: Mapping[str, Floats], *, learnt_at: Floats, base_rates: Mapping[str, float], model: str
) -> Iterator[Estimate]:
    """Mean chance of the flagged places as the model gives it and at each base rate, and those base rates: `base_rate`, `chance_flagged`."""
    n = scores.size
    yield exactly(float(learnt_at.mean()), "base_rate", About(model, at="prior=learnt"), n=n, method="sample")
    yield exactly(float(scores.mean()), "chance_flagged", About(model, at="prior=learnt"), n=n, method="sample")
    for name, rate in base_rates.items():
        about = About(model, at=f"prior={name}")
        yield exactly(rate, "base_rate", about, n=n, method="fixed")
        yield exactly(float(chances[name].mean()), "chance_flagged", about, n=n, method="sample")
