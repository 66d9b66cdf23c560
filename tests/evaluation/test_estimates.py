"""From numbers to estimates: values, intervals and reasons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.estimates import About, bounds_between, estimate_of, rounded


def made(value: float, replicates: list[float], *, share: bool = True, n: int = 20) -> Estimate:
    """An estimate of a number with these replicates."""
    number = Resampled(np.array(value), np.array(replicates))
    return estimate_of(number, "precision", About("m"), n=n, level=0.9, why_not="nobody_visited", share=share)


def test_interval_is_the_middle_of_the_replicates():
    """Ninety percent of 0, 0.01, …, 1 lies between 0.05 and 0.95."""
    estimate = made(0.5, [i / 100 for i in range(101)])
    assert (estimate.low, estimate.high) == pytest.approx((0.05, 0.95))
    assert (estimate.value, estimate.level, estimate.n, estimate.note) == (0.5, 0.9, 20, "")


def test_no_value_comes_with_the_reason():
    """NaN never becomes a number."""
    estimate = made(np.nan, [0.1, 0.2])
    assert (estimate.value, estimate.low, estimate.note) == (None, None, "nobody_visited")


def test_value_without_interval_says_why():
    """Replicates without answers leave the value and take the interval away."""
    estimate = made(0.5, [0.5, np.nan, np.nan])
    assert (estimate.value, estimate.low, estimate.level, estimate.note) == (0.5, None, None, "too_few_for_interval")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_none_or_all_is_not_certainty(value):
    """Replicates of 0 of 20 are all 0; the interval is Wilson's, and says so."""
    estimate = made(value, [value] * 100)
    wilson = binomtest(int(20 * value), 20).proportion_ci(0.9, method="wilson")
    assert (estimate.low, estimate.high) == pytest.approx((wilson.low, wilson.high))
    assert estimate.note == "interval_wilson"


def test_a_designed_share_gets_wilsons_interval_at_what_its_visits_are_worth():
    """Replicates 0.1 and 0.3 around 0.2 have a variance of 0.01, so 100 visits are worth 0.2 x 0.8 / 0.01 = 16."""
    number = Resampled(np.array(0.2), np.array([0.1, 0.3] * 50))
    told = {"n": 100, "level": 0.95, "why_not": "", "share": True}
    weighted = estimate_of(number, "m", About(), method="weighted", **told)
    assert (weighted.low, weighted.high) == pytest.approx(wilson_interval(0.2, 16, level=0.95))
    plain = estimate_of(number, "m", About(), method="labelled", **told)
    assert (plain.low, plain.high) == pytest.approx((0.1, 0.3))


def test_a_difference_of_zero_in_every_replicate_is_not_certain():
    """It is no share, so that Wilson's interval does not fit; and percentiles would say that it can be nothing else."""
    estimate = made(0.0, [0.0] * 10, share=False)
    assert (estimate.value, estimate.low, estimate.high, estimate.note) == (0.0, None, None, "never_moves")


def test_bounds_that_differ_in_the_last_bit_stand_the_right_way_round():
    """Sums in another order may cross by a rounding error; anything more is a mistake."""
    assert bounds_between(0.3, np.nextafter(0.3, 0), "m", About(), n=1, why_not="").is_known
    with pytest.raises(ValueError, match="is not an interval"):
        bounds_between(0.3, 0.2, "m", About(), n=1, why_not="")


def test_rounding_keeps_twelve_digits_and_no_negative_zero():
    """The last bits of a sum do not reach a file."""
    estimate = rounded(Estimate("m", "x", 0.1 + 0.2, -0.0, 1 / 3, level=0.95))
    assert (estimate.value, str(estimate.low), estimate.high) == (0.3, "0.0", 0.333333333333)


def test_replicates_that_never_move_claim_no_certainty():
    """One cluster gives the same share in every draw: a value without an interval, and the reason."""
    estimate = made(0.6, [0.6] * 100)
    assert (estimate.value, estimate.low, estimate.level, estimate.note) == (0.6, None, None, "never_moves")


def test_replicates_that_differ_in_the_last_bit_only_never_move():
    """Sums in another order are no spread."""
    assert made(0.6, [0.6, 0.6 + 1e-16, 0.1 + 0.5] * 40, share=False).note == "never_moves"
