"""Fairness for places: within and between areas, neighbours, surroundings; by hand and where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import everything_once
from tegenkracht.evaluation.places import check_places, neighbour_columns, place_estimates, split_statistic
from tegenkracht.evaluation.sample import grouping_of, sample_of


def places(
    scores: Scores, surroundings: pd.DataFrame | None = None, *, capacity: int, **changed: object
) -> list[Estimate]:
    """Every estimate about places of model `m`."""
    asked = {"lists": "per_as_of", "cluster_by": "unit_id", "minimum": 10, "replicates": 200}
    more = {"level": 0.95, "seed": 1, "threads": 1, **changed}
    return list(place_estimates(scores, surroundings, model="m", capacity=capacity, **asked, **more))


def world(scores_from, *, within: float, between: float, seed: int = 1) -> Scores:
    """Forty areas of fifty places; a score that rises with being in a group within an area, and with the area's share of it."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.1, 0.9, 40)
    area = np.repeat(np.arange(40), 50)
    member = rng.random(2_000) < share[area]
    mean = np.bincount(area, member)[area] / 50
    score = within * (member - mean) + between * mean + 0.05 * rng.standard_normal(2_000)
    context = {
        "area_code": [f"a{i}" for i in area],
        "g": np.where(member, "in", "out"),
        "rich": [f"r{i % 2}" for i in area],
    }
    return scores_from({"m": score}, rng.integers(0, 2, 2_000), context=context, audit=("g", "rich"))


def by_metric(estimates: list[Estimate], group: str = "") -> dict[str, Estimate]:
    """Estimates of one group by metric."""
    return {e.metric: e for e in estimates if e.group == group}


def test_slopes_are_those_of_one_regression_on_both_parts(scores_from):
    """Ordinary least squares of the score on what a place differs from its area and on its area's mean, to 1e-10."""
    rows = sample_of(world(scores_from, within=0.2, between=0.7), lists="per_as_of", cluster_by="unit_id")
    areas = grouping_of(rows.rows, "area_code", rows.unit)
    x = (rows.rows["g"] == "in").to_numpy(float)
    mean = (np.bincount(areas.of_row, x) / areas.sizes)[areas.of_row]
    design = np.column_stack([np.ones_like(x), x - mean, mean])
    expected = np.linalg.lstsq(design, rows.scores["m"], rcond=None)[0][1:]
    statistic = split_statistic(rows, areas, x[:, None], rows.scores["m"][:, None])
    assert statistic(everything_once(rows.clusters))[0, 0, 0] == pytest.approx(expected, abs=1e-10)


def test_what_differs_between_areas_only_is_said_to(scores_from):
    """Slope 0 within and 0.6 between: the interval within holds 0, the one between does not, and TK208 is found."""
    estimates = places(world(scores_from, within=0.0, between=0.6), capacity=400)
    group = by_metric(estimates, next(e.group for e in estimates if e.group.startswith("g=")))
    assert group["score_within_areas"].low < 0 < group["score_within_areas"].high
    assert abs(group["score_between_areas"].value) == pytest.approx(0.6, abs=0.05)
    finding = next(check_places(estimates, model="m", attributes=["g"]))
    assert (finding.code, finding.verdict) == ("TK208", "found")


def test_what_differs_within_areas_is_not_ecological(scores_from):
    """The same slope within as between: looked, not found."""
    estimates = places(world(scores_from, within=0.6, between=0.6), capacity=400)
    assert next(check_places(estimates, model="m", attributes=["g"])).verdict == "not_found"


def test_an_attribute_of_areas_has_nothing_within(scores_from):
    """All places of an area are alike: no figure within, and the check says why it could not look."""
    estimates = places(world(scores_from, within=0.0, between=0.6), capacity=400)
    rich = [e for e in estimates if e.group.startswith("rich=") and "within" in e.metric]
    assert {e.note for e in rich} == {"attribute_of_areas"}
    finding = next(check_places(estimates, model="m", attributes=["rich"]))
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "attribute_of_areas")


def test_neighbours_by_hand(scores_from):
    """Six places in two strips, two flagged in the first: two flagged pairs of the two times two that start at a flag.

    By lot 2 x 1 / 30 of each of the twelve pairs, of the two times two that start at one of two flags in six.
    """
    context = {"cluster_id": ["s1"] * 3 + ["s2"] * 3}
    scores = scores_from({"m": [6, 5, 4, 3, 2, 1]}, [1, 0, 1, 0, float("nan"), 0], context=context)
    rows = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    listed = np.array([1.0, 1, 0, 0, 0, 0])
    sums = neighbour_columns(rows, listed, np.array([0, 0, 0, 1, 1, 1], np.int32)).sum(axis=0)
    assert sums[:4] == pytest.approx([2, 6 * 2 * 2 / 30, 4, 4])
    assert sums[4:] == pytest.approx([1, 1, 2, 3])


def test_by_lot_is_what_lists_by_lot_give_where_strips_are_unequal(scores_from):
    """Flags lie in the larger strips: of the neighbours of lists that are drawn by lot as many are flagged as the share by lot says, and the ratio is to that."""
    rng = np.random.default_rng(11)
    strip = np.repeat(np.arange(63), [4] * 60 + [200] * 3)
    rows, length = strip.size, 80
    score = rng.random(rows) * np.where(strip >= 60, 1.0, 0.9)
    context = {"cluster_id": [f"s{i}" for i in strip]}
    scores = scores_from({"m": score}, rng.integers(0, 2, rows), context=context)
    drawn = []
    for _ in range(2_000):
        listed = np.zeros(rows)
        listed[rng.permutation(rows)[:length]] = 1
        flagged, size = np.bincount(strip, listed)[strip], np.bincount(strip)[strip]
        drawn.append((listed * (flagged - listed)).sum() / (listed * (size - 1)).sum())
    error = np.std(drawn) / np.sqrt(len(drawn))
    found = by_metric(places(scores, capacity=length))
    lot = found["flagged_neighbours_by_lot"]
    assert lot.value == pytest.approx((length - 1) / (rows - 1))
    assert abs(np.mean(drawn) - lot.value) < 4 * error
    assert (lot.low, lot.method) == (None, "sample")
    assert found["flags_together"].value == pytest.approx(found["flagged_neighbours"].value / lot.value)


def test_flags_by_lot_do_not_lie_together(scores_from):
    """Scores that know nothing of strips: about once as often as by lot; scores of strips: more than twice, and TK209 is found."""
    rng = np.random.default_rng(2)
    strip = np.repeat(np.arange(60), 20)
    context = {"cluster_id": [f"s{i}" for i in strip]}
    outcome = rng.integers(0, 2, 1_200)
    alone, together = rng.random(1_200), rng.random(60)[strip] + 0.2 * rng.random(1_200)
    verdicts = []
    for score in (alone, together):
        estimates = places(scores_from({"m": score}, outcome, context=context), capacity=200)
        ratio = by_metric(estimates)["flags_together"]
        verdicts.append((ratio.low < 1 < ratio.high, next(check_places(estimates, model="m", attributes=[])).verdict))
    assert verdicts == [(True, "not_found"), (False, "found")]


def test_surroundings_of_flagged_places_by_hand(scores_from):
    """Four areas; flags lie in the two with figures 3 and 5: around flags 4, around all places 2.5; an unknown figure does not count."""
    context = {"area_code": [f"a{i}" for i in range(4) for _ in range(10)]}
    scores = scores_from({"m": np.arange(40.0)}, [0, 1] * 20, context=context)
    value = np.repeat([0.0, 2.0, 3.0, 5.0], 10)
    rows = pd.Index([f"r{i:05d}" for i in range(40)], name="row_id")
    table = pd.DataFrame({"vacancy": value}, index=rows)
    found = by_metric(places(scores, table, capacity=20))
    assert found["exposure_flagged"].value == pytest.approx(4.0)
    assert found["exposure_all"].value == pytest.approx(2.5)
    assert found["exposure_difference"].value == pytest.approx(1.5)
    table.iloc[30:] = np.nan
    found = by_metric(places(scores, table, capacity=20))
    assert (found["exposure_flagged"].value, found["exposure_known"].value) == (pytest.approx(3.0), 0.5)
    findings = list(check_places(places(scores, table, capacity=20), model="m", attributes=[]))
    assert [f.facts["by"] for f in findings] == ["neighbours", "exposure"]


def test_one_area_and_one_strip_say_nothing(scores_from):
    """Nothing to compare with: the checks say that they could not look."""
    rng = np.random.default_rng(3)
    scores = scores_from({"m": rng.random(50)}, rng.integers(0, 2, 50), context={"g": ["x", "y"] * 25}, audit=("g",))
    findings = list(check_places(places(scores, capacity=10), model="m", attributes=["g"]))
    assert [(f.code, f.verdict, f.facts["reason"]) for f in findings] == [
        ("TK208", "not_applicable", "one_area"),
        ("TK209", "not_applicable", "no_neighbours"),
    ]


def test_flags_that_never_lie_together_are_not_certain_to(scores_from):
    """One flag in each of twenty strips of three: no pair is flagged, and the share of none has Wilson's interval."""
    context = {"cluster_id": [f"s{i // 3}" for i in range(60)]}
    scores = scores_from({"m": [2.0 if i % 3 == 0 else i / 60 for i in range(60)]}, [0.0] * 60, context=context)
    found = by_metric(places(scores, capacity=20))
    together = found["flagged_neighbours"]
    assert (together.value, together.low, together.note) == (0.0, 0.0, "interval_wilson")
    assert together.high == pytest.approx(wilson_interval(0.0, 20, level=0.95)[1])
    near = found["inspected_near_flagged"]
    assert (near.value, near.high, near.note) == (1.0, 1.0, "interval_wilson")
    assert near.low < 1.0
