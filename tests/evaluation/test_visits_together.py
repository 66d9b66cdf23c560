"""Whether visits hang together within clusters: places drawn one by one, whole clusters drawn at once, and what findings have to do with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.visits_together import check_together, together_estimates

CLUSTERS, EACH = 60, 15


def seen(scores_from, is_visited: np.ndarray, chance: np.ndarray, *, clusters: int = CLUSTERS) -> Estimate:
    """The figure for places in clusters of fifteen, some of which were visited with a recorded chance."""
    n = clusters * EACH
    cluster = [f"c{i // EACH}" for i in range(n)]
    scores = scores_from({"m": np.arange(n)}, np.where(is_visited, 0.0, np.nan), context={"cluster_id": cluster})
    row = np.flatnonzero(is_visited)
    visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in row], "inspection_id": [f"i{i}" for i in row]})
    visits = visits.assign(channel="chosen", propensity=chance[row], positive=0.0)
    asked = {"lists": "whole_window", "replicates": 400, "level": 0.95, "seed": 1, "threads": 1}
    (estimate,) = together_estimates(scores, visits, **asked)
    return estimate


def verdict(estimate: Estimate, drawn: str = "unit_id") -> Finding:
    """TK117 for one figure."""
    (finding,) = check_together((estimate,), drawn=drawn)
    return finding


def one_by_one(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is visited when each place has a chance of its own, which goes with its cluster; and the chances."""
    rng = np.random.default_rng(seed)
    chance = np.repeat(rng.uniform(0.1, 0.4, CLUSTERS), EACH)
    return rng.random(chance.size) < chance, chance


def test_places_drawn_one_by_one_vary_as_much_as_they_should(scores_from):
    """Also where clusters have different chances: about one, and said to be wrong in at most three of twenty."""
    found = [seen(scores_from, *one_by_one(seed)) for seed in range(20)]
    assert np.mean([e.value for e in found]) == pytest.approx(1.0, abs=0.1)
    assert [verdict(e).verdict for e in found].count("found") <= 3


def test_clusters_drawn_whole_are_found(scores_from):
    """A fifth of clusters is visited in full: fifteen times as much; found when intervals draw places, and not when they draw clusters."""
    drawn = np.repeat(np.random.default_rng(3).random(CLUSTERS) < 0.2, EACH)
    estimate = seen(scores_from, drawn, np.full(drawn.size, 0.2))
    assert estimate.value == pytest.approx(EACH, rel=0.01)
    assert estimate.low > 5
    assert verdict(estimate).verdict == "found"
    assert verdict(estimate, "cluster_id").verdict == "not_found"


def test_the_figure_is_the_ratio_of_two_sums_of_squares(scores_from):
    """By hand, with sums per cluster and per place."""
    is_visited, chance = one_by_one(4)
    weight = np.where(is_visited, 1 / chance, 0.0)
    by_cluster, mean = weight.reshape(CLUSTERS, EACH).sum(axis=1), weight.mean()
    by_hand = ((by_cluster - EACH * mean) ** 2).sum() / ((weight - mean) ** 2).sum()
    assert seen(scores_from, is_visited, chance).value == pytest.approx(by_hand, rel=1e-10)


def test_where_it_cannot_be_told_there_is_a_reason(scores_from):
    """Nine clusters; no chance written down; visits that were scheduled."""
    is_visited, chance = one_by_one(5)
    few = seen(scores_from, is_visited[: 9 * EACH], chance, clusters=9)
    unknown = seen(scores_from, is_visited, np.full(chance.size, np.nan))
    assert (few.note, unknown.note) == ("few_clusters", "no_chances")
    assert verdict(few) == Finding("TK117", "not_applicable", facts={"reason": "few_clusters"})
    scores = scores_from({"m": [0.1]}, [1.0])
    asked = {"lists": "whole_window", "replicates": 100, "level": 0.95, "seed": 1, "threads": 1}
    assert together_estimates(scores, None, **asked) == ()
