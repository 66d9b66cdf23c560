"""Intervals of a sum of parts that each have one."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.parts import Known, WeighedVisits, interval_of_sum


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
