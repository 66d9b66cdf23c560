"""The next round: hand values, and the sample sizes of methods B-6."""

from __future__ import annotations

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.evaluation.next_round import rounds, visits_for_width


def test_lots_cost_the_difference_between_the_list_and_the_country():
    """100 visits, 20 by lot: 80 * 0.30 + 20 * 0.05 = 25 finds, 5 fewer; half width 1.96 * sqrt(0.05 * 0.95 / 20)."""
    none, fifth = rounds(capacity=100, precision=0.30, prevalence=0.05, shares=(0.0, 0.2), level=0.95)
    assert (none.expected_finds, none.half_width) == (pytest.approx(30), None)
    assert (fifth.expected_finds, fifth.lost_finds, fifth.half_width) == pytest.approx((25, 5, 0.09552), abs=1e-4)


@pytest.mark.parametrize(("half", "visits"), [(0.01, 1118), (0.02, 280)])
def test_visits_for_a_width_are_the_published_ones(half, visits):
    """Prevalence 0.03, as in methods B-6."""
    assert visits_for_width(prevalence=0.03, half_width=half, level=0.95) == visits


def test_a_share_above_one_is_refused():
    """Half of the visits is 0.5, not 50."""
    with pytest.raises(InputError, match="a share lies outside 0 to 1"):
        rounds(capacity=100, precision=0.3, prevalence=0.05, shares=(50,), level=0.95)
