"""Bounds over all places: reached by some assignment of what nobody saw, and passed by none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from tegenkracht.evaluation.bounds_everyone import area_bounds, bounds_over_everyone, brier_bounds
from tegenkracht.evaluation.sample import sample_of

ROWS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 1, None])), min_size=2, max_size=8)


def assignments(outcomes: list[int | None]) -> list[np.ndarray]:
    """Every way to fill in what nobody saw."""
    return [np.array(filled) for filled in product(*([0, 1] if o is None else [o] for o in outcomes))]


def arrays(rows: list[tuple[int, int | None]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores between 0 and 1, who was seen, and what was found."""
    scores = np.array([s / 4 for s, _ in rows])
    return scores, np.array([o is not None for _, o in rows]), np.array([o == 1 for _, o in rows])


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_the_area_reaches_its_bounds_and_passes_neither(rows) -> None:
    """Against scikit-learn's area for every assignment, ties included."""
    areas = [
        roc_auc_score(truth, arrays(rows)[0])
        for truth in assignments([o for _, o in rows])
        if 0 < truth.sum() < len(truth)
    ]
    low, high = area_bounds(*arrays(rows))
    if areas:
        assert (low, high) == pytest.approx((min(areas), max(areas)))
    else:
        assert np.isnan([low, high]).all()


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_the_brier_score_reaches_its_bounds_and_passes_neither(rows) -> None:
    """Against scikit-learn's score for every assignment."""
    scores, seen, finding = arrays(rows)
    errors = [brier_score_loss(truth, scores, labels=[0, 1]) for truth in assignments([o for _, o in rows])]
    assert brier_bounds(scores, seen, finding) == pytest.approx((min(errors), max(errors)))


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_a_difference_of_lists_reaches_its_bounds(scores_from, rows) -> None:
    """The upper half against an order by score, over every assignment; what lies on both lists cancels."""
    n, capacity = len(rows), len(rows) // 2
    order = np.argsort([-s for s, _ in rows], kind="stable").argsort()
    outcomes = [np.nan if o is None else float(o) for _, o in rows]
    scores = scores_from({"m": -np.arange(n), "by_score": -order}, outcomes)
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    told = bounds_over_everyone(
        sample, capacity=capacity, probability_models=(), versus={"m": ("by_score",)}, minimum=1
    )
    (gap,) = [e for e in told if e.metric == "precision_difference"]
    lists = [np.arange(n) < capacity, order < capacity]
    more = [t[lists[0]].mean() - t[lists[1]].mean() for t in assignments([o for _, o in rows])]
    assert (gap.low, gap.high) == pytest.approx((min(more), max(more)), abs=1e-9)
    assert (gap.model, gap.at, gap.n) == ("m", f"capacity={capacity},versus=by_score", (lists[0] | lists[1]).sum())


@given(ROWS)
@settings(max_examples=50, deadline=None)
def test_rates_of_a_group_reach_their_bounds(scores_from, rows) -> None:
    """What is found, precision and both errors of one group over every assignment, with a list of the upper half and no ties."""
    n = len(rows)
    capacity = n // 2
    outcomes = [np.nan if o is None else float(o) for _, o in rows]
    scores = scores_from({"m": -np.arange(n)}, outcomes, context={"g": ["a"] * n}, audit=("g",))
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    found = {
        e.metric: e
        for e in bounds_over_everyone(sample, capacity=capacity, probability_models=(), versus={}, minimum=1)
    }
    listed = np.arange(n) < capacity
    truths = assignments([o for _, o in rows])
    wanted = {
        "finding_rate": [t.mean() for t in truths],
        "precision_at_capacity": [t[listed].mean() for t in truths],
        "false_positive_rate": [listed[t == 0].mean() for t in truths if (t == 0).any()],
        "false_negative_rate": [(~listed)[t == 1].mean() for t in truths if (t == 1).any()],
    }
    for metric, values in wanted.items():
        if values:
            assert (found[metric].low, found[metric].high) == pytest.approx((min(values), max(values)))
        else:
            assert found[metric].note == "no_outcomes"


def test_gaps_of_groups_reach_their_bounds(scores_from) -> None:
    """Five rows of one group with two unseen, and three of the other with one: every way they could have come out; the list holds one row of the second group."""
    outcome, group = [1, np.nan, 0, np.nan, 1, np.nan, 0, 1], ["x"] * 5 + ["y"] * 3
    scores = scores_from({"m": [8, 7, 1, 2, 3, 9, 4, 5]}, outcome, context={"a": group}, audit=("a",))
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    told = bounds_over_everyone(sample, capacity=3, probability_models=(), versus={}, minimum=1)
    second, listed = np.array(group) == "y", np.isin(np.arange(8), [5, 0, 1])
    truths = assignments([None if np.isnan(y) else int(y) for y in outcome])
    wanted = {
        ("", "finding_rate_gap", "versus=x"): [t[second].mean() - t[~second].mean() for t in truths],
        ("m", "precision_at_capacity_gap", "capacity=3,versus=x"): [
            t[second & listed].mean() - t[~second & listed].mean() for t in truths
        ],
    }
    for ((model, metric, at), gaps), n in zip(wanted.items(), (3, 1), strict=True):
        (e,) = [e for e in told if (e.model, e.metric, e.at, e.group) == (model, metric, at, "a=y")]
        assert (e.low, e.high, e.n) == (pytest.approx(min(gaps)), pytest.approx(max(gaps)), n)


def bounds_of(scores_from, outcome, wealth, *, capacity=20, minimum=10):
    """Bounds of groups of a list in order of the rows, by metric and group."""
    scores = scores_from({"m": -np.arange(float(len(outcome)))}, outcome, context={"wealth": wealth}, audit=("wealth",))
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    told = bounds_over_everyone(sample, capacity=capacity, probability_models=(), versus={}, minimum=minimum)
    return {(e.metric, e.group): e for e in told if e.group}


def test_bounds_do_not_give_back_findings_that_are_withheld(scores_from) -> None:
    """A hundred places and one visit, which found something: with `n` the bounds from 0.01 to 1 would say so."""
    outcome = [1.0] + [np.nan] * 99 + [1.0, 0.0] * 100
    found = bounds_of(scores_from, outcome, ["low"] * 100 + ["high"] * 200)
    withheld = {metric for (metric, group), e in found.items() if e.note == "base_under_minimum" and e.n == 0}
    assert withheld == {
        f"{metric}{gap}"
        for metric in ("finding_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
        for gap in ("", "_gap")
    }
    assert not any(e.is_known for (_, group), e in found.items() if group == "wealth=low")


def test_the_only_place_of_a_group_on_the_list_is_not_told(scores_from) -> None:
    """One of forty places of a group is on a list of twenty: whatever was found there, its precision has no bounds."""
    outcome = [1.0] + [np.nan] * 19 + [1.0, 0.0] * 20 + [1.0, 0.0] * 10
    found = bounds_of(scores_from, outcome, ["low"] + ["high"] * 19 + ["low"] * 40 + ["high"] * 20)
    precision = found["precision_at_capacity", "wealth=low"]
    assert (precision.note, precision.n, precision.is_known) == ("base_under_minimum", 0, False)
    assert found["finding_rate", "wealth=low"].is_known


def test_where_nobody_went_anything_is_possible(scores_from) -> None:
    """Forty places without a visit: from none to all, of forty places and of the ten on the list; no negative and no finding is known."""
    outcome = [np.nan] * 40 + [1.0, 0.0] * 20
    wealth = ["low"] * 10 + ["high"] * 10 + ["low"] * 30 + ["high"] * 30
    told = bounds_of(scores_from, [*outcome[:10], *outcome[40:50], *outcome[10:40], *outcome[50:]], wealth)
    ends = {metric: (e.low, e.high, e.n) for (metric, group), e in told.items() if group == "wealth=low"}
    assert ends["finding_rate"] == (0.0, 1.0, 40)
    assert ends["precision_at_capacity"] == (0.0, 1.0, 10)
    assert ends["false_positive_rate"] == ends["false_negative_rate"] == (0.0, 1.0, 0)


def test_bounds_say_on_how_many_rows_they_rest(scores_from) -> None:
    """Of a group the places on the list, what was found there or not, and visits without and with a finding."""
    outcome = [1.0, 0.0, np.nan, np.nan] * 10 + [1.0, 0.0, 0.0, np.nan] * 15
    told = bounds_of(scores_from, outcome, ["low"] * 100)
    n = {metric: e.n for (metric, _), e in told.items()}
    assert n == {
        "finding_rate": 100,
        "precision_at_capacity": 20,
        "false_positive_rate": 40,
        "false_negative_rate": 25,
    }


def test_a_score_that_is_no_probability_has_no_brier_bounds(scores_from) -> None:
    """Only models whose scores are meant as probabilities."""
    scores = scores_from({"p": [0.1, 0.9], "q": [3.0, 1.0]}, [0.0, np.nan])
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    found = bounds_over_everyone(sample, capacity=1, probability_models=("p",), versus={}, minimum=1)
    assert [(e.model, e.metric) for e in found] == [
        ("p", "auc"),
        ("p", "brier"),
        ("p", "expected_observed_ratio"),
        ("q", "auc"),
    ]
