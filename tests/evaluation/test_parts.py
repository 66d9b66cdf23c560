"""Intervals of a part of a whole that is made of two shares."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.estimates import wilson_interval
from tegenkracht.evaluation.parts import Known, WeighedVisits, interval_of_sum, part_interval, ratio_interval


def test_a_ratio_of_two_normal_numbers_has_fiellers_interval():
    """With intervals that reach as far to both sides the ends are those of Fieller (1954)."""
    a, sa, b, sb, z = 3.0, 0.5, 5.0, 0.4, 1.959964
    low, high = ratio_interval(Known(a, a - z * sa, a + z * sa), Known(b, b - z * sb, b + z * sb))
    g = (z * sb / b) ** 2
    reach = z * np.sqrt((sa / b) ** 2 * (1 - g) + (a * sb / b**2) ** 2)
    assert (low, high) == pytest.approx(((a / b - reach) / (1 - g), (a / b + reach) / (1 - g)))


def test_a_ratio_is_the_other_way_round_when_its_numbers_are():
    """What lies above and below may change places."""
    above, below = Known(2.0, 1.2, 4.5), Known(3.0, 2.1, 4.0)
    low, high = ratio_interval(above, below)
    assert ratio_interval(below, above) == pytest.approx((1 / high, 1 / low))


def test_an_upper_end_of_twice_the_number_below_is_no_exception():
    """There the formula divides zero by zero."""
    near = [ratio_interval(Known(2.0, 1.0, 4.0), Known(1.0, 0.5, 2.0 + off))[0] for off in (-1e-9, 0.0, 1e-9)]
    assert near[0] == pytest.approx(near[1]) == pytest.approx(near[2])


def test_without_findings_elsewhere_the_whole_may_be_on_the_list():
    """The upper end is all of it, the lower one is not."""
    low, high = part_interval(Known(2.0, 1.0, 4.0), Known(0.0, 0.0, 3.0))
    assert 0 < low < 1
    assert high == 1.0


def test_without_findings_on_the_list_there_may_still_be_some():
    """A part of zero has an upper end that goes with what the list could have."""
    few, many = (part_interval(Known(0.0, 0.0, most), Known(10.0, 5.0, 20.0)) for most in (1.0, 3.0))
    assert few[0] == many[0] == 0.0
    assert 0 < few[1] < many[1] < 1


def test_it_holds_the_part_where_visits_to_a_list_weigh_little():
    """Findings on the list by many light visits, elsewhere by few heavy ones: 95 of 100 intervals hold the part, some too high and some too low."""
    rng, held, above, times = np.random.default_rng(3), 0, 0, 400
    listed, elsewhere, weight, there, found = 60, 300, 20.0, 0.1, 0.05
    true = listed * there / (listed * there + weight * elsewhere * found)
    for _ in range(times):
        hits, others = rng.binomial(listed, there), rng.binomial(elsewhere, found)
        on = Known(hits, *np.multiply(wilson_interval(hits / listed, listed, level=0.95), listed))
        off = Known(others, *np.multiply(wilson_interval(others / elsewhere, elsewhere, level=0.95), elsewhere))
        low, high = part_interval(on, off.times(weight))
        held += low <= true <= high
        above += true > high
    assert 0.93 <= held / times <= 0.98
    assert 0 < above < times - held


def test_a_sum_of_parts_that_go_together():
    """Two normal numbers: the difference reaches as far as their correlation says, and nowhere when they are one."""
    one, other = Known(3.0, 2.0, 4.0), Known(2.0, 1.0, 3.0)
    rho = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert interval_of_sum((1, -1), (one, other), correlations=rho) == pytest.approx((0.0, 2.0))
    assert interval_of_sum((1, -1), (one, other), correlations=np.ones((2, 2))) == pytest.approx((1.0, 1.0))
    assert interval_of_sum((2, 1, 0), (one, other, one), correlations=np.eye(3)) == pytest.approx(
        (8 - np.sqrt(5), 8 + np.sqrt(5))
    )


def test_weight_of_findings_from_what_visits_are_worth():
    """Wilson's interval of the share at what it is worth, times the weight; and none without visits."""
    found = WeighedVisits(20.0, 100.0, 40, worth=16.0).found(0.95)
    assert found == pytest.approx((20, *np.multiply(wilson_interval(0.2, 16, level=0.95), 100)))
    assert WeighedVisits(0.0, 0.0, 0, worth=0.0).found(0.95) == (0, 0, 0)


def test_a_last_digit_of_weight_is_none():
    """All visits are on the list: what is left elsewhere is a rounding, above nought or below it, and no visit."""
    for left in (1e-15, -1e-15):
        assert WeighedVisits(left, left, 0, worth=0.0).found(0.95) == (0, 0, 0)
