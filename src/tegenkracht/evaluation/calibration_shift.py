"""Chances for another base rate than the one they were fitted at.

When places of each kind look the same as before and only how many there are of each kind changed, odds change by one factor (Saerens,
Latinne & Decaestecker, Neural Computation 2002). Where what places look like changed too, the result is wrong without a sign of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, exactly

Floats = NDArray[np.float64]


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
