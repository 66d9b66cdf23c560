"""Estimators that we wrote keep scikit-learn's rules and say what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.models.checklist import Checklist, Rule
from tegenkracht.models.orders import GivenScore, RandomOrder


@parametrize_with_checks([Checklist(), RandomOrder(seed=3), GivenScore()])
def test_own_estimators_pass_the_checks_of_scikit_learn(estimator, check):
    """An estimator that we write behaves like scikit-learn's own."""
    check(estimator)


def test_a_checklist_adds_the_points_of_the_rules_that_hold():
    """3 points from 2 takeovers on, 1 point for at most a year; a missing fact gives none."""
    table = pd.DataFrame({"takeovers": [2.0, 1.0, np.nan], "tenure": [400.0, 100.0, 100.0]})
    rules = [{"column": "takeovers", "at_least": 2, "points": 3}, {"column": "tenure", "at_most": 365, "points": 1}]
    assert Checklist(rules=rules).fit(table).decision_function(table).tolist() == [3.0, 1.0, 1.0]


@pytest.mark.parametrize("limits", [{}, {"at_least": 1, "at_most": 2}])
def test_a_rule_has_exactly_one_limit(limits):
    """A rule without a limit, or with two, is refused by name."""
    with pytest.raises(ValueError, match="the rule for `takeovers` needs exactly one of `at_least` and `at_most`"):
        Rule(column="takeovers", points=1, **limits)


def test_a_row_keeps_its_lot_when_other_rows_come_or_go():
    """The order by lot belongs to the row's name, not to its place in the table."""
    table = pd.DataFrame({"x": [1.0, 1.0, 1.0]}, index=["a", "b", "c"])
    lot = RandomOrder(seed=7).fit(table)
    assert lot.decision_function(table.loc[["c", "a"]]).tolist() == lot.decision_function(table)[[2, 0]].tolist()


def test_lots_are_spread_evenly_and_differ_per_seed():
    """20,000 lots have mean 1/2 and variance 1/12, within four standard errors."""
    table = pd.DataFrame({"x": np.zeros(20_000)}, index=[f"unit {i}" for i in range(20_000)])
    lots = RandomOrder(seed=1).fit(table).decision_function(table)
    assert abs(lots.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 20_000)
    assert abs(lots.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / 20_000)
    assert not np.array_equal(lots, RandomOrder(seed=2).fit(table).decision_function(table))


def test_a_given_score_is_passed_on_and_a_missing_one_comes_last():
    """The column itself, with missing scores below every number."""
    table = pd.DataFrame({"city": [0.2, np.nan, -5.0]})
    scores = GivenScore(column="city").fit(table).decision_function(table)
    assert scores[0] == 0.2
    assert scores.argmin() == 1
