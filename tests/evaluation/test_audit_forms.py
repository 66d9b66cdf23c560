"""Crossings, other list lengths and how right scores are per group: weighed, by lot and as bounds, by hand and over every way unseen rows could come out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.audit_forms import audit_forms
from tegenkracht.evaluation.bounds_everyone import bounds_over_everyone
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import Weighed, weigh
from tegenkracht.evaluation.weighted import weighted_estimates

NAN = float("nan")
ROWS, CAPACITY = 800, 200


def weighed_of(scores: Scores, visits: pd.DataFrame | None) -> Weighed | None:
    """Visits of the rows of these scores."""
    return None if visits is None else weigh(visits, sample_of(scores, lists="per_as_of", cluster_by="unit_id"))


def in_forms(
    scores: Scores, visits: pd.DataFrame | None, *, capacity: int, minimum: int, probability: bool = True
) -> dict[str, Estimate]:
    """What is told of model `m` with all attributes crossed, by id."""
    found = audit_forms(
        scores,
        weighed_of(scores, visits),
        model="m",
        probability=probability,
        capacity=capacity,
        lists="per_as_of",
        visits_by="inspection_id",
        intersections=[scores.audit],
        minimum=minimum,
        replicates=200,
        level=0.95,
        seed=1,
        threads=1,
    )
    ids = [e.id for e in found]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, found, strict=True))


@pytest.fixture(scope="module")
def made(scores_from) -> tuple[Scores, pd.DataFrame]:
    """Places of two attributes; half of them visited with unequal chances, a third of these by lot."""
    rng = np.random.default_rng(5)
    score, seen = rng.permutation(ROWS) / (2 * ROWS), rng.random(ROWS) < 0.5
    outcome = np.where(seen, rng.random(ROWS) < 0.25, NAN)
    context = {"wealth": rng.choice(["high", "low"], ROWS), "side": rng.choice(["east", "west"], ROWS)}
    rows = np.flatnonzero(seen)
    visits = pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in rows],
            "inspection_id": [f"v{i}" for i in rows],
            "channel": np.where(rows % 3 == 0, "random", "programme"),
            "propensity": np.where(rows % 2 == 0, 0.5, 0.1),
            "positive": outcome[rows],
        }
    )
    return scores_from({"m": score}, outcome, context=context, audit=("wealth", "side")), visits


@pytest.mark.parametrize("size", [100, 200, 400, 800])
@pytest.mark.parametrize("form", ["weighted", "audit"])
def test_a_crossing_is_weighed_at_every_length(made, form, size) -> None:
    """Precision and both kinds of error of each combination, as weighted means of its visits."""
    scores, visits = made
    found, rows = in_forms(scores, visits, capacity=CAPACITY, minimum=10), scores.of("m")
    seen = rows.set_index("row_id").loc[visits["row_id"]]
    listed = (rows.set_index("row_id")["score"].rank(ascending=False) <= size).loc[visits["row_id"]].to_numpy()
    w = np.where(visits["channel"] == "random", 1.0, 0.0) if form == "audit" else 1 / visits["propensity"].to_numpy()
    y = visits["positive"].to_numpy()
    for wealth, side in product(["high", "low"], ["east", "west"]):
        own = ((seen["wealth"] == wealth) & (seen["side"] == side)).to_numpy()
        values = {
            "false_positive_rate": (own & (y == 0), listed),
            "false_negative_rate": (own & (y == 1), ~listed),
        }
        for metric, (base, on) in values.items():
            e = found[f"m/{metric}/wealth*side={wealth}*{side}/capacity={size}/all/{form}"]
            if e.value is not None:
                assert e.value == pytest.approx(np.average(on[base], weights=w[base]))
            else:
                assert e.note == "few_visits"


@pytest.mark.parametrize("form", ["weighted", "audit"])
@pytest.mark.parametrize(("group", "of"), [("wealth=low", {"wealth": "low"}), ("side=east", {"side": "east"})])
def test_how_right_scores_are_in_a_group_is_weighed(made, form, group, of) -> None:
    """Weighted scores over weighted findings, within an interval."""
    scores, visits = made
    e = in_forms(scores, visits, capacity=CAPACITY, minimum=10)[f"m/expected_observed_ratio/{group}//all/{form}"]
    seen = scores.of("m").set_index("row_id").loc[visits["row_id"]]
    own = np.logical_and.reduce([(seen[name] == value).to_numpy() for name, value in of.items()])
    w = np.where(visits["channel"] == "random", 1.0, 0.0) if form == "audit" else 1 / visits["propensity"].to_numpy()
    y = visits["positive"].to_numpy()
    assert e.value == pytest.approx((w * seen["score"].to_numpy())[own].sum() / (w * y)[own].sum())
    assert e.low < e.value < e.high
    assert e.n == ((w > 0) & own).sum()


def test_how_right_scores_are_is_told_where_ten_findings_were_to_be_expected(made) -> None:
    """Not where ten happened to be found: scores a tenth as high expect two, and whoever waits for ten waits for many."""
    scores, visits = made
    low = Scores(scores.rows.assign(score=scores.rows["score"] / 10), scores.context, scores.audit, scores.models)
    found = in_forms(low, visits, capacity=CAPACITY, minimum=10)
    e = found["m/expected_observed_ratio/wealth=low//all/weighted"]
    assert (e.value, e.note) == (None, "few_visits")


def test_nothing_is_told_twice(made) -> None:
    """What attributes have at capacity is a headline figure; gaps are told at capacity alone."""
    scores, visits = made
    own = in_forms(scores, visits, capacity=CAPACITY, minimum=10)
    asked = {"probability_models": ["m"], "versus": {}, "capacity": CAPACITY, "minimum": 10}
    drawn = {"replicates": 100, "level": 0.95, "seed": 1, "threads": 1}
    headline = weighted_estimates(
        scores,
        weighed_of(scores, visits),
        propensities=None,
        lists="per_as_of",
        visits_by="inspection_id",
        **asked,
        **drawn,
    )
    bounds = bounds_over_everyone(sample_of(scores, lists="per_as_of", cluster_by="unit_id"), **asked)
    assert not own.keys() & {e.id for e in (*headline, *bounds)}
    assert {e.at for e in own.values() if e.metric == "false_positive_rate_gap"} == {
        f"capacity={CAPACITY},versus={name}"
        for name in {e.at.rpartition("=")[2] for e in own.values() if "versus" in e.at}
    }


@pytest.mark.parametrize(
    ("gone", "notes"),
    [
        ("everybody", {"finding_rate": "group_not_visited", "precision_at_capacity": "nobody_visited"}),
        ("chances", {"finding_rate": "no_chances", "false_positive_rate": "no_chances"}),
        ("findings", {"false_negative_rate": "no_findings"}),
        ("clear", {"false_positive_rate": "no_clear_visits"}),
    ],
)
def test_where_there_is_no_visit_with_a_weight_the_reason_says_why(made, gone, notes) -> None:
    """Nobody went, or what they found is all alike; only where somebody went and no chance was recorded is it said that chances were not."""
    scores, visits = made
    own = scores.context.loc[visits["row_id"], ["wealth", "side"]].eq(["low", "east"]).all(axis=1).to_numpy()
    kept = {"everybody": ~own, "findings": ~own | (visits["positive"] == 0), "clear": ~own | (visits["positive"] == 1)}
    visits = visits[kept[gone]] if gone in kept else visits.assign(propensity=visits["propensity"].where(~own))
    found = in_forms(scores, visits.reset_index(drop=True), capacity=CAPACITY, minimum=10)
    for metric, note in notes.items():
        of = (
            f"/{metric}/wealth*side=low*east//all"
            if metric == "finding_rate"
            else f"m/{metric}/wealth*side=low*east/capacity={CAPACITY}/all"
        )
        e = found[f"{of}/weighted"]
        assert (e.value, e.n, e.note) == (None, 0, note)


def test_scheduled_visits_have_bounds_only(made) -> None:
    """Nobody chose them, so there is nothing to weigh; without chances nothing is expected."""
    scores, _ = made
    found = in_forms(scores, None, capacity=CAPACITY, minimum=10, probability=False)
    assert {e.method for e in found.values()} == {"bounds"}
    assert not [e for e in found.values() if e.metric == "expected_observed_ratio"]


def test_bounds_are_the_ends_over_all_unseen_outcomes(scores_from):
    """Six rows with three unseen: every one of the eight ways they could have come out, and no narrower range."""
    outcome = [1, NAN, 0, NAN, 1, NAN, 0, 0]
    scores = scores_from(
        {"m": np.arange(8.0, 0, -1)}, outcome, context={"a": ["x"] * 8, "b": ["y"] * 8}, audit=("a", "b")
    )
    found = in_forms(scores, None, capacity=3, minimum=0)
    unseen = [i for i, y in enumerate(outcome) if np.isnan(y)]
    ways = []
    for filled in product([0, 1], repeat=3):
        y = np.array(outcome)
        y[unseen] = filled
        on = np.arange(8) < 3
        ways.append((y[on].mean(), on[y == 0].mean(), (~on)[y == 1].mean(), y.mean()))
    names = ("precision_at_capacity", "false_positive_rate", "false_negative_rate", "finding_rate")
    for metric, values in zip(names, zip(*ways, strict=True), strict=True):
        model, at = ("", "") if metric == "finding_rate" else ("m", "capacity=3")
        e = found[f"{model}/{metric}/a*b=x*y/{at}/all/bounds"]
        assert (e.low, e.high) == (pytest.approx(min(values)), pytest.approx(max(values)))


def test_bounds_of_expected_over_found_by_hand(scores_from) -> None:
    """Scores of 0.6 and 0.2 and one unseen row beside one finding: 0.8 over two, or over one."""
    scores = scores_from({"m": [0.6, 0.2]}, [1, NAN], context={"a": ["x"] * 2, "b": ["y"] * 2}, audit=("a", "b"))
    e = in_forms(scores, None, capacity=1, minimum=0)["m/expected_observed_ratio/a=x//all/bounds"]
    assert (e.low, e.high) == (pytest.approx(0.4), pytest.approx(0.8))
