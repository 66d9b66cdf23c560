"""The score interval of a sum of shares: Wilson's of one, and what a test does not reject of more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.score_interval import Counted, score_interval


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("worth", [3.5, 40.0, 1e6])
def test_one_share_has_wilsons(share: float, worth: float) -> None:
    """Also of none and of all, and whatever it counts for."""
    low, high = wilson_interval(share, worth, level=0.95)
    assert score_interval([Counted(1.0, share, worth)], level=0.95) == pytest.approx((low, high), abs=1e-8)
    assert score_interval([Counted(-2.0, share, worth)], level=0.95) == pytest.approx((-2 * high, -2 * low), abs=1e-8)


@pytest.mark.parametrize("shares", [(0.8, 0.6), (0.1, 0.0), (0.0, 0.0), (1.0, 0.3)])
def test_an_end_is_where_the_score_test_just_rejects(shares: tuple[float, float]) -> None:
    """By brute force: the likeliest pair of shares with that difference, and the distance in its standard errors."""
    of = (30.0, 45.0)
    low, high = score_interval([Counted(1.0, shares[0], of[0]), Counted(-1.0, shares[1], of[1])], level=0.95)
    z = norm.ppf(0.975)
    for end in (low, high):
        if abs(end) > 1 - 1e-6:
            continue

        def unlikely(p: float, end: float = end) -> float:
            pair = np.clip([p, p - end], 1e-12, 1 - 1e-12)
            return -sum(
                n * (share * math.log(q) + (1 - share) * math.log(1 - q))
                for n, share, q in zip(of, shares, pair, strict=True)
            )

        ends = (max(0.0, end), min(1.0, 1 + end))
        p = minimize_scalar(unlikely, bounds=ends, method="bounded", options={"xatol": 1e-10}).x
        error = math.sqrt(p * (1 - p) / of[0] + (p - end) * (1 - p + end) / of[1])
        assert abs(shares[0] - shares[1] - end) == pytest.approx(z * error, rel=1e-3)


def test_parts_that_count_for_nothing_or_are_worth_nothing_are_taken_as_they_are() -> None:
    """A part without a factor changes nothing; one that is worth nothing only moves the sum."""
    alone = score_interval([Counted(1.0, 0.2, 50)], level=0.95)
    assert score_interval([Counted(1.0, 0.2, 50), Counted(0.0, 0.5, 9)], level=0.95) == pytest.approx(alone)
    moved = score_interval([Counted(1.0, 0.2, 50), Counted(0.5, 0.4, 0)], level=0.95)
    assert moved == pytest.approx(tuple(end + 0.2 for end in alone))
    assert score_interval([Counted(0.0, 0.5, 9)], level=0.95) == (0.0, 0.0)


def test_it_holds_a_difference_of_few_findings_about_as_often_as_it_says() -> None:
    """Four thousand pairs of 22 and 22 answers with three and two findings to be expected, and 20 that both have: 93 to 97 of 100."""
    rng, of, rates = np.random.default_rng(1), np.array([22, 22, 20]), np.array([0.13, 0.07, 0.2])
    factors = np.array([22 / 42, -22 / 42, 0.02])
    found = rng.binomial(of, rates, size=(4_000, 3)) / of
    ends = np.array([score_interval([*map(Counted, factors, shares, of)], level=0.95) for shares in found])
    held = (ends[:, 0] <= factors @ rates) & (factors @ rates <= ends[:, 1])
    assert 0.93 <= held.mean() <= 0.97
