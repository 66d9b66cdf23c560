"""Whether visits hang together within clusters or units: each drawn by itself, or all at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.visits_together import check_together, together_estimates
from tegenkracht.evaluation.weighed import weigh

CLUSTERS, EACH = 60, 15
ASKED = {"lists": "whole_window", "replicates": 400, "level": 0.95, "seed": 1, "threads": 1}


def together(scores: Scores, visits: pd.DataFrame) -> tuple[Estimate, ...]:
    """Every figure of these visits."""
    sample = sample_of(scores, lists="whole_window", cluster_by="cluster_id")
    return together_estimates(scores, weigh(visits, sample), **ASKED)


def seen(scores_from, is_visited: np.ndarray, chance: np.ndarray, *, clusters: int = CLUSTERS) -> Estimate:
    """The figure for places in clusters of fifteen, some of which were visited with a recorded chance."""
    n = clusters * EACH
    cluster = [f"c{i // EACH}" for i in range(n)]
    scores = scores_from({"m": np.arange(n)}, np.where(is_visited, 0.0, np.nan), context={"cluster_id": cluster})
    row = np.flatnonzero(is_visited)
    visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in row], "inspection_id": [f"i{i}" for i in row]})
    visits = visits.assign(channel="chosen", propensity=chance[row], positive=0.0)
    return next(e for e in together(scores, visits) if not e.at)


def seen_in_time(scores_from, is_visited: np.ndarray, chance: np.ndarray) -> Estimate:
    """The figure between units for as many moments as columns, each a row of its own: (unit, moment)."""
    units, moments = is_visited.shape
    unit, day = np.divmod(np.arange(units * moments), moments)
    scores = scores_from(
        {"m": np.arange(unit.size)},
        np.where(is_visited.ravel(), 0.0, np.nan),
        as_of=[f"2020-{1 + d:02}-01" for d in day],
        unit=[f"u{u:04}" for u in unit],
        context={"cluster_id": [f"c{u // EACH}" for u in unit]},
    )
    row = np.flatnonzero(is_visited.ravel())
    visits = pd.DataFrame({"row_id": scores.rows["row_id"].to_numpy()[row], "inspection_id": [f"i{i}" for i in row]})
    visits = visits.assign(channel="chosen", propensity=chance.ravel()[row], positive=0.0)
    return next(e for e in together(scores, visits) if e.at == "of_units")


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
    assert together_estimates(scores, None, **ASKED) == ()


def test_visits_drawn_by_themselves_vary_as_much_between_units_as_they_should(scores_from):
    """Also where units have different chances: about one, and said to be wrong in at most two of ten; drawing units is then never wrong."""
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        chance = np.repeat(rng.uniform(0.1, 0.4, (CLUSTERS * EACH, 1)), 4, axis=1)
        found.append(seen_in_time(scores_from, rng.random(chance.shape) < chance, chance))
    assert np.mean([e.value for e in found]) == pytest.approx(1.0, abs=0.1)
    assert [verdict(e, "inspection_id").verdict for e in found].count("found") <= 2


def test_units_that_are_visited_each_time_or_never_are_found(scores_from):
    """A fifth of units is visited at all four moments: four times as much; found when intervals draw visits, and no question when they draw units."""
    always = np.repeat(np.random.default_rng(3).random((CLUSTERS * EACH, 1)) < 0.2, 4, axis=1)
    estimate = seen_in_time(scores_from, always, np.full(always.shape, 0.2))
    assert estimate.value == pytest.approx(4, rel=0.1)
    told = verdict(estimate, "inspection_id")
    assert (told.verdict, told.facts["by"], told.facts["drawn"]) == ("found", "unit_id", "inspection_id")
    assert list(check_together((estimate,), drawn="unit_id")) == []


def test_the_figure_between_units_by_hand(scores_from):
    """One visit that serves two rows stands for twice its weight; what was certain does not vary."""
    units = 40
    days = ["2020-01-01", "2020-07-01"]
    scores = scores_from(
        {"m": np.arange(2 * units)},
        [0.0] * 2 * units,
        as_of=np.repeat(days, units),
        unit=[f"u{i:02}" for i in range(units)] * 2,
        context={"cluster_id": [f"c{i // 4}" for i in range(units)] * 2},
    )
    unit = np.array([0, 0, 5, 9])
    day = np.array([0, 1, 0, 1])
    visits = pd.DataFrame({"row_id": [f"r{u + units * d:05d}" for u, d in zip(unit, day, strict=True)]})
    visits = visits.assign(inspection_id=["a", "a", "b", "c"], channel="risk", propensity=[0.5, 0.5, 0.25, 1.0])
    told = together(scores, visits.assign(positive=0.0))
    stands_for = np.zeros(units)
    stands_for[[0, 5, 9]] = [2 + 2, 4, 1]
    above = ((stands_for - stands_for.mean()) ** 2).sum()
    assert told[1].value == pytest.approx(above / (0.5 * 4**2 + 0.75 * 4**2), rel=1e-10)


def test_visits_that_were_all_certain_say_why(scores_from):
    """Nothing can vary when each visit had a chance of one."""
    is_visited, _ = one_by_one(5)
    certain = seen_in_time(scores_from, is_visited[:, None], np.ones((is_visited.size, 1)))
    assert (certain.value, certain.note) == (None, "all_certain")
    assert verdict(certain, "inspection_id").verdict == "not_applicable"
