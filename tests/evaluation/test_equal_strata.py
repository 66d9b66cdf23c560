"""A group beside the rest at equal strata: shares, what they are worth, interval, chance and smallest difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from tegenkracht.evaluation.equal_strata import Beside, beside
from tegenkracht.evaluation.proportions import chance_of_gap, newcombe_interval


def two_strata() -> Beside:
    """In the first stratum 2 of 4 beside 1 of 4, in the second 3 of 6 beside 0 of 2; each visit a cluster of its own."""
    stratum = np.repeat([0, 1], [8, 8])
    member = np.array([1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0], bool)
    found = np.array([1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0], float)
    got = beside(found, stratum, member, np.arange(16))
    assert got is not None
    return got


def test_shares_are_those_of_mantel_and_haenszel() -> None:
    """Weights are 4*4/8 = 2 and 6*2/8 = 1.5: the group has (2*0.5 + 1.5*0.5)/3.5, the rest (2*0.25 + 1.5*0)/3.5."""
    both = two_strata()
    assert both.share == pytest.approx(0.5)
    assert both.other == pytest.approx(0.5 / 3.5)


def test_unequal_weights_are_worth_less_than_there_are_visits() -> None:
    """Of the group four visits of 2/4 and six of 1.5/6: (3.5)^2 / (4*0.25 + 6*0.0625); of the rest four of 2/4 and two of 1.5/2."""
    both = two_strata()
    assert both.worth == pytest.approx(3.5**2 / (4 * 0.5**2 + 6 * 0.25**2))
    assert both.other_worth == pytest.approx(3.5**2 / (4 * 0.5**2 + 2 * 0.75**2))


def test_without_a_stratum_of_both_there_is_nothing_to_compare() -> None:
    """Every visit of the group in the first stratum, every other in the second."""
    assert beside(np.ones(6), np.repeat([0, 1], 3), np.repeat([True, False], 3), np.arange(6)) is None


def test_strips_whose_visits_are_alike_are_worth_fewer() -> None:
    """Forty strips of ten visits that all say the same are worth forty answers, and no more."""
    rng = np.random.default_rng(1)
    strip = np.repeat(np.arange(80), 10)
    found = (rng.random(80) < 0.3)[strip].astype(float)
    both = beside(found, np.zeros(800, int), strip < 40, strip)
    assert both is not None
    assert both.worth == pytest.approx(40, rel=0.05)
    assert both.freedom == pytest.approx(79, rel=0.01)


def test_draws_that_vary_more_make_both_shares_worth_less() -> None:
    """Four times the variance: a quarter of the answers; less variance than answers alone leave changes nothing, nor does none."""
    both = Beside(0.3, 0.2, 100.0, 200.0, 50.0)
    own = 0.3 * 0.7 / 100 + 0.2 * 0.8 / 200
    assert both.at_least(math.sqrt(own) / 2) == both
    assert both.at_least(math.nan) == both
    less = both.at_least(2 * math.sqrt(own))
    assert (less.worth, less.other_worth) == (pytest.approx(25), pytest.approx(50))
    assert Beside(0.0, 0.0, 10.0, 10.0, 5.0).at_least(0.3).worth == 10.0


def test_what_strips_move_in_both_groups_drops_out_of_the_difference() -> None:
    """Forty strips of ten visits of either group, with much to find in some: by what strips move the difference would vary several times as much as it does."""
    rng = np.random.default_rng(1)
    strip = np.repeat(np.arange(40), 20)
    found = (rng.random(800) < np.where(rng.random(40) < 0.3, 0.8, 0.05)[strip]).astype(float)
    both = beside(found, np.zeros(800, int), np.tile([True, False], 400), strip)
    assert both is not None
    least = both.at_least(0.0)
    assert 0.01 < both.together < 1 / 40
    assert 2 * both.worth < least.worth <= 400


def test_with_many_degrees_of_freedom_it_is_newcombes_interval_and_the_score_test() -> None:
    """And with few the interval is wider and the chance larger."""
    many, few = (Beside(0.3, 0.2, 100.0, 200.0, freedom) for freedom in (1e9, 6.0))
    assert many.interval(level=0.95) == pytest.approx(newcombe_interval(0.3, 100, 0.2, 200, level=0.95))
    assert many.chance == pytest.approx(chance_of_gap(0.3, 100, 0.2, 200), rel=1e-6)
    low, high = few.interval(level=0.95)
    assert (low, high) == pytest.approx(
        newcombe_interval(*[0.3, 100 * (1.96 / 2.447) ** 2], *[0.2, 200 * (1.96 / 2.447) ** 2], level=0.95), abs=1e-3
    )
    assert few.chance > many.chance


@pytest.mark.parametrize("sign", [1, -1])
def test_the_smallest_difference_is_shown_nine_times_in_ten_and_does_not_look_at_the_one_that_was_seen(
    sign: int,
) -> None:
    """Independent answers with the rest at a half, where up and down are the same: shown in 0.9 of draws, give or take what whole numbers do."""
    rng, n = np.random.default_rng(2), 400
    critical = float(t.isf(0.025, 1e6))
    least = Beside(0.9, 0.5, n, n, 1e6).smallest(critical)
    assert least is not None
    assert least == Beside(0.1, 0.5, n, n, 1e6).smallest(critical)
    share, other = rng.binomial(n, 0.5 + sign * least, 4_000) / n, rng.binomial(n, 0.5, 4_000) / n
    shown = [Beside(a, b, n, n, 1e6).chance < 0.05 for a, b in zip(share, other, strict=True)]
    assert np.mean(shown) == pytest.approx(0.9, abs=0.025)


def test_a_smaller_share_leaves_only_one_way() -> None:
    """Where two in a hundred are found a group of a hundred cannot be shown to lie lower: what is stated is how much higher."""
    least = Beside(0.02, 0.02, 100.0, 1_000.0, 1e6).smallest(norm.isf(0.025))
    assert least is not None
    assert least > 0.04


def test_errors_with_one_degree_of_freedom_show_nothing() -> None:
    """The critical value of three contrasts is then above any difference of a hundred answers."""
    assert Beside(0.1, 0.1, 100.0, 100.0, 1.0).smallest(float(t.isf(0.001, 1))) is None
