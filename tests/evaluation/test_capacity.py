"""Lists of limited length: what is expected under ties, in a replicate, by group, and against a list by lot."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Draw, everything_once, resample
from tegenkracht.evaluation.capacity import (
    BY_LOT,
    CapacityMeasures,
    curve_sizes,
    list_statistic,
    list_statistics,
    listed_share,
    lot_statistic,
    unpacked,
)
from tegenkracht.evaluation.sample import sample_of

NAN = float("nan")
places = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 1.0, NAN])), min_size=1, max_size=6)


def counted(scores: Scores, model: str, size: int, counts: np.ndarray | None = None) -> np.ndarray:
    """Length, visits and findings of one model's lists in all."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    statistic = list_statistic(sample, sample.scores[model], sizes=[size], capacity=size)
    draw = everything_once(sample.clusters) if counts is None else Draw(counts[None].astype(np.uint8), seed=1)
    return statistic(draw)[0][: len(sample.folds) * 3].reshape(-1, 3).sum(axis=0)


def measured(
    scores: Scores, *, capacity: int, versus: dict[str, tuple[str, ...]] | None = None, replicates: int = 200
) -> dict[str, Estimate]:
    """Every estimate of capacity, by id."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    sizes = curve_sizes(capacity, longest=int(np.bincount(sample.lists).max()))
    statistics = list_statistics(sample, sizes=sizes, capacity=capacity)
    numbers = resample(statistics, clusters=sample.clusters, replicates=replicates, seed=1, threads=1, progress=silent)
    lists = {model: unpacked(packed, sample, sizes=len(sizes) + (model == BY_LOT)) for model, packed in numbers.items()}
    versus = versus or dict.fromkeys(sample.models, ())
    measures = CapacityMeasures(sample, lists, sizes, capacity, versus, 0.95)
    return {e.id: e for e in [*measures.of_data(), *(e for model in sample.models for e in measures.of_model(model))]}


@settings(deadline=None, max_examples=100)
@given(rows=places, size=st.integers(1, 7))
def test_estimate_is_the_mean_over_all_orders_of_ties(scores_from, rows, size):
    """Visits and findings on the list are what enumerating every order gives on average."""
    score, outcome = zip(*rows, strict=True)
    orders = [o for o in permutations(range(len(rows))) if all(score[a] >= score[b] for a, b in pairwise(o))]
    tops = [[outcome[i] for i in order[:size]] for order in orders]
    expected = [
        min(size, len(rows)),
        np.mean([sum(y == y for y in top) for top in tops]),
        np.mean([sum(y == 1 for y in top) for top in tops]),
    ]
    assert counted(scores_from({"m": score}, outcome), "m", size) == pytest.approx(expected)


@settings(deadline=None, max_examples=100)
@given(rows=places, counts=st.lists(st.integers(0, 3), min_size=6, max_size=6), size=st.integers(1, 7))
def test_a_replicate_is_the_data_with_rows_repeated(scores_from, rows, counts, size):
    """Counting a unit three times is the same as having it three times."""
    score, outcome = zip(*rows, strict=True)
    counts = np.array(counts[: len(rows)])
    if counts.sum() == 0:
        return
    repeated = np.repeat(np.arange(len(rows)), counts)
    expected = counted(scores_from({"m": np.array(score)[repeated]}, np.array(outcome)[repeated]), "m", size)
    assert counted(scores_from({"m": score}, outcome), "m", size, counts) == pytest.approx(expected)


@settings(deadline=None, max_examples=50)
@given(rows=places, counts=st.lists(st.integers(0, 3), min_size=6, max_size=6), size=st.integers(1, 7))
def test_a_list_by_lot_is_a_list_of_equal_scores(scores_from, rows, counts, size):
    """What needs no walk gives what the walk over equal scores gives, also in a replicate."""
    outcome = [y for _, y in rows]
    dates = ["2024-01-01", "2024-02-01", "2024-01-01", "2024-02-01", "2024-01-01", "2024-02-01"][: len(rows)]
    scores = scores_from({"m": [0.0] * len(rows)}, outcome, as_of=dates, fold=dates)
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    draw = Draw(np.array(counts[: len(rows)], np.uint8)[None], seed=1)
    walked = list_statistic(sample, sample.scores["m"], sizes=[size, 99], capacity=size)(draw)
    assert lot_statistic(sample, sizes=[size, 99])(draw) == pytest.approx(walked)


def test_integer_card_expects_what_a_lot_among_the_tied_gives(scores_from):
    """257 above the cut of 360 with 71 findings, 1,153 tied with 124: (71 + 103 x 124 / 1153) / 360 = .228."""
    score = [2.0] * 257 + [1.0] * 1153 + [0.0] * 90
    outcome = [1.0] * 71 + [0.0] * 186 + [1.0] * 124 + [0.0] * 1119
    estimate = measured(scores_from({"card": score}, outcome), capacity=360)[
        "card/precision_at_capacity//capacity=360/all/labelled"
    ]
    assert estimate.value == pytest.approx((71 + 103 * 124 / 1153) / 360)
    assert round(estimate.value, 3) == 0.228


def test_lists_are_per_date_and_pooled_over_dates(scores_from):
    """Top 1 of each of two dates: the high scores of the second date do not crowd out the first."""
    scores = scores_from({"m": [0.1, 0.2, 0.8, 0.9]}, [0, 1, 1, 0], as_of=["2024-01-01"] * 2 + ["2024-02-01"] * 2)
    assert counted(scores, "m", 1).tolist() == [2.0, 2.0, 1.0]


def test_one_list_for_the_whole_window(scores_from):
    """The same scores with one list of one: only the highest score of all."""
    scores = scores_from({"m": [0.1, 0.2, 0.8, 0.9]}, [0, 1, 1, 0], as_of=["2024-01-01"] * 2 + ["2024-02-01"] * 2)
    sample = sample_of(scores, lists="whole_window", cluster_by="unit_id")
    statistic = list_statistic(sample, sample.scores["m"], sizes=[1], capacity=1)
    assert statistic(everything_once(4))[0].tolist() == [1.0, 1.0, 0.0]


def test_figures_at_capacity_by_hand(scores_from):
    """List of two out of four, one unseen: precision 1/1, recall 1/2, list by lot 2/3, lift 1.5, bounds 1/2 to 1."""
    found = measured(scores_from({"m": [4, 3, 2, 1]}, [1, NAN, 0, 1]), capacity=2)
    at = "capacity=2/all"
    assert found[f"m/precision_at_capacity//{at}/labelled"].value == 1.0
    assert found[f"m/precision_at_capacity//{at}/labelled"].n == 1
    assert (
        found[f"m/precision_at_capacity//{at}/bounds"].low,
        found[f"m/precision_at_capacity//{at}/bounds"].high,
    ) == (0.5, 1.0)
    assert found[f"m/recall_at_capacity//{at}/labelled"].value == 0.5
    assert found[f"/precision_by_lot//{at}/labelled"].value == pytest.approx(2 / 3)
    assert found[f"m/lift_over_random//{at}/labelled"].value == pytest.approx(1.5)
    assert found[f"m/precision_above_random//{at}/labelled"].value == pytest.approx(1 / 3)
    assert found[f"m/list_length//{at}/count"].value == 2
    assert found[f"m/listed_unobserved//{at}/count"].value == 1
    assert found["/prevalence///all/labelled"].value == pytest.approx(2 / 3)
    assert (found["/prevalence///all/bounds"].low, found["/prevalence///all/bounds"].high) == (0.5, 0.75)


def test_nobody_visited_on_the_list_is_said(scores_from):
    """Without a visit on the list there is no precision among visited places, and the bounds say everything is possible."""
    found = measured(scores_from({"m": [4, 3, 2, 1]}, [NAN, NAN, 0, 1]), capacity=2)
    assert found["m/precision_at_capacity//capacity=2/all/labelled"].note == "nobody_visited"
    assert found["m/precision_at_capacity//capacity=2/all/tie_bounds"].note == "nobody_visited"
    assert found["m/lift_over_random//capacity=2/all/labelled"].note == "nobody_visited"
    bounds = found["m/precision_at_capacity//capacity=2/all/bounds"]
    assert (bounds.low, bounds.high) == (0.0, 1.0)


def test_no_finding_anywhere_leaves_recall_unknown(scores_from):
    """Recall of nothing is not zero."""
    found = measured(scores_from({"m": [4, 3, 2, 1]}, [0, 0, 0, 0]), capacity=2)
    assert found["m/recall_at_capacity//capacity=2/all/labelled"].note == "no_findings"
    assert found["m/recall_at_capacity//capacity=2/all/bounds"].note == "no_findings"
    assert found["m/precision_at_capacity//capacity=2/all/labelled"].note == "interval_wilson"


def test_the_same_order_differs_by_nothing_in_every_replicate(scores_from):
    """Two models with the same order: the paired difference is zero without any spread."""
    rng = np.random.default_rng(2)
    score, outcome = rng.random(60), (rng.random(60) < 0.3) * 1.0
    scores = scores_from({"a": score, "b": score * 2}, outcome)
    found = measured(scores, capacity=20, versus={"a": ("b",), "b": ()})
    difference = found["a/precision_difference//capacity=20,versus=b/all/labelled"]
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


def test_folds_and_all_together_add_up(scores_from):
    """The list of all folds is the sum of the lists of each."""
    rng = np.random.default_rng(4)
    fold = np.repeat(["f1", "f2"], 30)
    dates = np.repeat(["2024-01-01", "2024-02-01"], 30)
    found = measured(
        scores_from({"m": rng.random(60)}, (rng.random(60) < 0.5) * 1.0, as_of=dates, fold=fold), capacity=10
    )
    parts = [found[f"m/precision_at_capacity//capacity=10/{split}/labelled"].value for split in ("f1", "f2", "all")]
    assert parts[2] == pytest.approx((parts[0] + parts[1]) / 2)


def test_listed_share_is_what_the_walk_counts(scores_from):
    """Adding up each row's part of the list gives length, visits and findings."""
    rng = np.random.default_rng(6)
    score, outcome = rng.integers(0, 4, 50) / 4.0, np.where(rng.random(50) < 0.3, NAN, rng.random(50) < 0.4)
    scores = scores_from({"m": score}, outcome, as_of=np.repeat(["2024-01-01", "2024-02-01"], 25))
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    listed = listed_share(sample, sample.scores["m"], capacity=7)
    expected = [listed.sum(), (listed * sample.visited).sum(), (listed * sample.finding).sum()]
    assert counted(scores, "m", 7) == pytest.approx(expected)


def test_curve_has_the_capacity_and_stops_at_the_longest_list():
    """Sizes ascend, hold the capacity, and ask for no more than there is."""
    sizes = curve_sizes(20, longest=50)
    assert sizes == tuple(sorted(set(sizes)))
    assert 20 in sizes
    assert sizes[-1] == 50
    assert curve_sizes(5, longest=3)[-1] == 5
