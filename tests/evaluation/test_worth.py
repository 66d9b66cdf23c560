"""How many answers a share is worth: unequal weights, answers that hang together, and how well that itself is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.worth import effective_size, freedom_of_worth, worth_of_shares


def jackknifed(weight: np.ndarray, found: np.ndarray, *, replicates: int = 4000, seed: int = 1) -> Resampled:
    """A weighted share of answers, with draws of answers and everything without one of them."""
    counts = np.random.default_rng(seed).multinomial(found.size, np.full(found.size, 1 / found.size), replicates)
    without = 1 - np.eye(found.size)
    share, *others = (
        (n * weight * found).sum(-1) / (n * weight).sum(-1) for n in (np.ones(found.size), counts, without)
    )
    return Resampled(share, *others)


def test_equal_answers_are_worth_what_they_are_and_that_is_known() -> None:
    """Eighty of them; how far each pulls the variance is what it must be for the share, so that nothing is uncertain about it."""
    share = jackknifed(np.ones(80), (np.arange(80) < 12).astype(float))
    assert effective_size(share, 80, level=0.95) == pytest.approx(80, rel=0.05)
    assert freedom_of_worth(share) > 10_000


def test_a_few_heavy_answers_are_worth_little_and_that_is_hardly_known() -> None:
    """Of ninety answers ten weigh ten times as much: by hand, the logarithm of the variance without each of them."""
    weight = np.where(np.arange(90) < 10, 10.0, 1.0)
    found = (np.arange(90) % 5 == 0).astype(float)
    share = jackknifed(weight, found)
    p = float(share.point)

    def variance(left: np.ndarray) -> float:
        own = (weight * found)[left].sum() / weight[left].sum()
        return float(
            np.log((weight[left] ** 2 * (found[left] - own) ** 2).sum() / (own * (1 - own)) / weight[left].sum() ** 2)
        )

    logs = np.array([variance(np.arange(90) != i) for i in range(90)])
    by_hand = 2 / ((logs - logs.mean()) ** 2).sum()
    assert freedom_of_worth(share) == pytest.approx(by_hand, rel=0.35)
    narrower = (norm.ppf(0.975) / t.ppf(0.975, freedom_of_worth(share))) ** 2
    assert effective_size(share, 90, level=0.95) == pytest.approx(p * (1 - p) / share.replicates.var() * narrower)
    assert narrower < 0.9


def test_answers_are_never_worth_more_than_there_are() -> None:
    """Where the replicates hardly vary, or not at all."""
    still = Resampled(np.array([0.5, 0.5]), np.array([[0.5, 0.5], [0.5001, 0.5]]))
    assert worth_of_shares(still, np.array([40.0, 30.0]), np.array([9.0, 25.0]), level=0.95).tolist() == [40, 25]


def test_without_a_jackknife_how_well_it_is_known_is_not() -> None:
    """The draws alone do not tell it, and asking is an error."""
    drawn = Resampled(np.array(0.5), np.array([0.4, 0.6, 0.4, 0.6]))
    assert effective_size(drawn, 100, level=0.95) == pytest.approx(25)
    with pytest.raises(ValueError, match="resample with jackknife=True"):
        freedom_of_worth(drawn)
