"""What visits find in areas, in every form: counted by hand, refused for a reason, and beside what chance gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.area_forms import area_forms
from tegenkracht.evaluation.areas import area_estimates
from tegenkracht.evaluation.proportions import smallest_visible_gap
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh

NAN = float("nan")
AREAS, EACH, CAPACITY = 6, 400, 600


def told(scores: Scores, visits: pd.DataFrame | None, **changed: object) -> dict[str, Estimate]:
    """Every figure of areas of model `m`, by id."""
    asked = {"probability": True, "capacity": CAPACITY, "lists": "per_as_of", "cluster_by": "unit_id", "minimum": 10}
    more = {"replicates": 200, "level": 0.95, "seed": 1, "threads": 1, **changed}
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    found = area_forms(scores, None if visits is None else weigh(visits, sample), model="m", **{**asked, **more})
    ids = [e.id for e in found]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, found, strict=True))


def made(scores_from, *, small: int = 0) -> tuple[Scores, pd.DataFrame]:
    """Six areas of four hundred places, half of them visited with unequal chances; and one area of a few places."""
    rng = np.random.default_rng(3)
    n = AREAS * EACH + small
    area = np.array([f"a{i}" for i in np.repeat(range(AREAS), EACH)] + ["few"] * small)
    seen = rng.random(n) < 0.5
    outcome = np.where(seen, rng.random(n) < 0.3, NAN)
    score = rng.permutation(n) / (2 * n)
    rows = np.flatnonzero(seen)
    visits = pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in rows],
            "inspection_id": [f"v{i}" for i in rows],
            "channel": np.where(rows % 3 == 0, "random", "programme"),
            "propensity": np.where(rows % 2 == 0, 0.5, 0.25),
            "positive": outcome[rows],
        }
    )
    return scores_from({"m": score}, outcome, context={"area_code": area, "g": ["x"] * n}, audit=("g",)), visits


@pytest.mark.parametrize("form", ["labelled", "weighted", "audit"])
@pytest.mark.parametrize("size", [600, 1_200])
def test_a_pooled_share_of_an_area_lies_near_the_share_that_is_counted(scores_from, form, size):
    """A weighted mean by hand lies within its interval, and n counts the visits that it is a mean of."""
    scores, visits = made(scores_from)
    found, rows = told(scores, visits), scores.of("m").set_index("row_id").loc[visits["row_id"]]
    listed = (
        (scores.of("m").set_index("row_id")["score"].rank(ascending=False) <= size).loc[visits["row_id"]].to_numpy()
    )
    weight = {
        "labelled": np.ones(len(visits)),
        "weighted": 1 / visits["propensity"].to_numpy(),
        "audit": (visits["channel"] == "random").to_numpy(float),
    }[form]
    own, positive = (rows["area_code"] == "a2").to_numpy(), visits["positive"].to_numpy(float)
    at = f"capacity={size},form={form}"
    for metric, base, yes in (
        ("precision_at_capacity", listed, positive == 1),
        ("false_positive_rate", positive == 0, listed),
        ("false_negative_rate", positive == 1, ~listed),
    ):
        part = own & base & (weight > 0)
        estimate = found[f"m/{metric}/area_code=a2/{at}/all/pooled"]
        if part.sum() < 10:
            assert estimate.note == "base_under_minimum"
            continue
        by_hand = weight[part] @ yes[part] / weight[part].sum()
        assert estimate.n == part.sum()
        assert estimate.low < by_hand < estimate.high
    anywhere = found[f"/finding_rate/area_code=a2/form={form}/all/pooled"]
    part = own & (weight > 0)
    assert anywhere.n == part.sum()
    assert anywhere.low < weight[part] @ positive[part] / weight[part].sum() < anywhere.high


def test_an_area_with_few_places_is_left_out_of_every_figure(scores_from):
    """Three places: not shown, nor the smallest of the others, from which it could be worked out; bounds have neither."""
    scores, visits = made(scores_from, small=3)
    found = told(scores, visits)
    for key in ("/finding_rate/area_code=few/form=weighted/all/pooled", "m/mean_score/area_code=few//all/sample"):
        assert (found[key].note, found[key].n) == ("group_under_minimum", 0)
    assert not any(e.group == "area_code=few" and e.is_known for e in found.values())
    assert not any(e.group == "area_code=few" and e.method == "bounds" for e in found.values())
    enough = found["/finding_rate_areas//form=weighted,by=area_code/all/count"]
    assert (enough.value, enough.n) == (AREAS - 1, AREAS + 1)


def test_a_figure_that_no_area_has_enough_for_is_refused_once(scores_from):
    """No area has three hundred visits by lot: one reason instead of six, and with a lower minimum none."""
    scores, visits = made(scores_from)
    few = told(scores, visits, minimum=300)
    refused = [e for e in few.values() if e.metric == "finding_rate" and e.at.startswith("form=audit")]
    assert [(e.group, e.at, e.note) for e in refused] == [("", "form=audit,by=area_code", "areas_under_minimum")]
    assert "/finding_rate//form=audit,by=area_code/all/pooled" not in told(scores, visits)


def test_the_reason_stands_at_capacity_and_another_length_tells_only_the_areas_that_it_has(scores_from):
    """Of the forty places on a list twenty are of one area and four or five of each other one; a list that is half as long has one area with enough."""
    n = 5 * 100
    area = np.array(["a"] * 100 + ["b"] * 100 + ["c", "d", "e"] * 100)
    score = np.zeros(n)
    score[[*range(30), *range(100, 130), *range(200, 206)]] = np.linspace(1, 0.9, 66)
    outcome = np.arange(n) % 2.0
    scores = scores_from({"m": score}, outcome, context={"area_code": area, "g": ["x"] * n}, audit=("g",))
    found = told(scores, None, capacity=66, probability=False)
    notes = {
        v: found[f"m/precision_at_capacity/area_code={v}/capacity=66,form=labelled/all/pooled"].note for v in "abcde"
    }
    assert notes == {"a": "", "b": "", **dict.fromkeys("cde", "base_under_minimum")}
    longer = {
        e.group[-1]
        for e in found.values()
        if (e.metric, e.at) == ("precision_at_capacity", "capacity=132,form=labelled")
    }
    assert {"a", "b"} <= longer
    half = found["m/precision_at_capacity//capacity=33,form=labelled,by=area_code/all/pooled"]
    assert (half.note, half.n) == ("areas_under_minimum", 1)


def test_the_average_score_and_its_bounds_are_those_of_all_rows(scores_from):
    """Mean of every row of an area; at least what was found over all rows, at most that and the unseen."""
    scores, visits = made(scores_from)
    found, rows = told(scores, visits), scores.of("m")
    own = rows[rows["area_code"] == "a1"]
    mean = found["m/mean_score/area_code=a1//all/sample"]
    assert mean.value == pytest.approx(own["score"].mean())
    assert mean.low < mean.value < mean.high
    bounds = found["/finding_rate/area_code=a1//all/bounds"]
    positive, unseen = (own["outcome"] == 1).sum(), (~own["observed"]).sum()
    assert (bounds.low, bounds.high) == pytest.approx((positive / EACH, (positive + unseen) / EACH))


def test_expected_over_found_is_told_where_ten_were_to_be_expected(scores_from):
    """By hand, with the interval of a count of findings when no visit weighs more than another and places are not alike."""
    scores, visits = made(scores_from)
    found, rows = told(scores, visits), scores.of("m")
    seen = rows[(rows["area_code"] == "a4") & rows["observed"]]
    ratio = found["m/expected_observed_ratio/area_code=a4//all/labelled"]
    assert ratio.value == pytest.approx(seen["score"].sum() / seen["outcome"].sum())
    assert ratio.low < ratio.value < ratio.high
    # Where a hundred are asked for, no area expects enough.
    few = told(scores, visits, minimum=100)["m/expected_observed_ratio//by=area_code/all/labelled"]
    assert few.note == "areas_under_minimum"


def test_areas_that_are_alike_show_no_largest_gap_and_one_that_differs_does(scores_from):
    """Visits find as much everywhere, or nothing at all in one area of six."""
    scores, visits = made(scores_from)
    chance = "/finding_rate_largest_gap_chance//form=labelled,by=area_code/all/pooled"
    assert told(scores, visits)[chance].value > 0.05
    rows = scores.of("m")
    outcome = np.where(rows["observed"] & (rows["area_code"] == "a0"), 0.0, rows["outcome"])
    context = {"area_code": rows["area_code"].tolist(), "g": ["x"] * len(rows)}
    other = scores_from({"m": rows["score"].to_numpy()}, outcome, context=context, audit=("g",))
    assert told(other, None)[chance].value < 0.05


def test_without_visits_only_what_was_visited_is_told(scores_from):
    """Rows that are visits themselves have no chances and no lot; without attributes or with one area nothing is."""
    scores, _ = made(scores_from)
    forms = {e.at.rpartition("form=")[2] for e in told(scores, None).values() if e.method == "pooled" and e.group}
    assert forms == {"labelled"}
    one = scores_from({"m": [0.1, 0.2]}, [0, 1], context={"g": ["x", "y"]}, audit=("g",))
    assert told(one, None, capacity=1) == {}


def test_the_gap_of_an_area_that_could_be_shown_is_to_all_others_together(scores_from):
    """Four hundred places beside two thousand, at Holm's first step over six areas and nine times in ten; longer lists have no such gap."""
    scores, _ = made(scores_from)
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    asked = {"capacity": CAPACITY, "sizes": (300, CAPACITY), "minimum": 10, "level": 0.95, "seed": 1}
    found = {e.id: e for e in area_estimates(sample, "m", **asked)}
    up, down = (
        found[f"m/selection_rate_smallest_gap_{way}/area_code=a3/capacity={CAPACITY},versus=others/all/apart"]
        for way in ("up", "down")
    )
    rows = scores.of("m")
    rest = rows["score"].rank(ascending=False)[rows["area_code"] != "a3"] <= CAPACITY
    asked_for = {"level": 1 - 0.05 / AREAS, "power": 0.9}
    for least, is_up in ((up, True), (down, False)):
        expected = smallest_visible_gap(rest.mean(), EACH, 5 * EACH, **asked_for, up=is_up)
        assert (least.value, least.n) == (pytest.approx(expected), EACH)
    assert "m/selection_rate/area_code=a3/capacity=300/all/pooled" in found
    assert not any("capacity=300" in e.at and "gap" in e.metric for e in found.values())
