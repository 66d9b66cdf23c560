"""Expected over found: its interval against the counts of Breslow & Day, its scale, and its ends over unseen outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from tegenkracht.evaluation.expected_ratio import ratio_bounds, ratio_interval
from tegenkracht.evaluation.part_of_whole import Weight


@pytest.mark.parametrize("found", [10, 40, 300])
def test_with_equal_weights_it_is_near_that_of_a_poisson_count(found: int) -> None:
    """Garwood's exact limits of a count, turned over, within a finding either way."""
    low, high = ratio_interval(20.0, Weight(float(found), 1.0), level=0.95)
    least, most = chi2.ppf(0.025, 2 * found) / 2, chi2.ppf(0.975, 2 * (found + 1)) / 2
    assert 20 / low == pytest.approx(most, abs=1.0)
    assert 20 / high == pytest.approx(least, abs=1.0)


def test_only_the_number_of_findings_matters_and_not_the_unit_of_weight() -> None:
    """Ten findings that weigh fifty each are as good as ten."""
    one = ratio_interval(12.0, Weight(10.0, 1.0), level=0.9)
    assert ratio_interval(600.0, Weight(500.0, 50.0), level=0.9) == pytest.approx(one)


def test_an_end_is_where_the_score_test_turns() -> None:
    """Off by z standard errors of a count that the ratio at that end expects."""
    expected, found, z = 30.0, Weight(24.0, 3.0), 1.959964
    for end in ratio_interval(expected, found, level=0.95):
        hoped = expected / end
        assert (found.value - hoped) ** 2 == pytest.approx(z**2 * found.each * hoped, rel=1e-5)


def test_ends_over_unseen_outcomes_by_hand() -> None:
    """Scores add up to 1; one finding was seen, two rows were not: from 1/3 to 1. Without a finding there is no upper end."""
    assert ratio_bounds(1.0, 1, 2) == pytest.approx((1 / 3, 1))
    assert np.isnan(ratio_bounds(1.0, 0, 2)).all()
