"""The change of a gap where visits were not drawn by lot: weighed visits and visits by lot hold the truth that bare counts miss."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.mitigation import mitigation_estimates
from tegenkracht.evaluation.mitigation_checks import Aim, check_mitigations, moved

SHIFT = "false_positive_rate_pair_shift"


def estimates_of(
    scores: Scores, visits: pd.DataFrame | None, *, capacity: int, last: tuple[str, ...] = ()
) -> tuple[Estimate, ...]:
    """Of model `new` compared with `old`."""
    return mitigation_estimates(
        scores,
        visits,
        base_of={"new": "old"},
        divided={},
        refilled=(),
        last=last,
        capacity=capacity,
        lists="per_as_of",
        cluster_by="unit_id",
        replicates=300,
        level=0.95,
        seed=1,
        min_group=1,
        threads=1,
        progress=silent,
    )


def told(scores: Scores, visits: pd.DataFrame | None, *, capacity: int) -> dict[tuple[str, str], Estimate]:
    """By metric and method, of model `new` compared with `old`, over all periods."""
    made = estimates_of(scores, visits, capacity=capacity)
    return {(e.metric, e.method): e for e in made if e.model == "new"}


@pytest.fixture(scope="module")
def planted(scores_from: Callable[..., Scores]) -> tuple[dict[tuple[str, str], Estimate], dict[str, float]]:
    """Four thousand places: `old` puts group b first, `new` does not; people went to the top of `old`, and a quarter was drawn by lot."""
    rng, n, capacity = np.random.default_rng(8), 4000, 400
    in_b, chance = np.arange(n) % 2 == 1, rng.random(n)
    there = rng.random(n) < 0.5 * chance
    scores = {"old": chance + 0.2 * in_b, "new": chance}
    tops = {name: np.argsort(np.argsort(-own)) < capacity for name, own in scores.items()}
    by_lot = rng.random(n) < 0.25
    went = by_lot | (rng.random(n) < np.where(tops["old"] & in_b, 0.8, 0.02))
    outcome = np.where(went, there.astype(float), np.nan)
    visits = pd.DataFrame(
        {
            "row_id": [f"r{i:05d}" for i in np.flatnonzero(went)],
            "inspection_id": [f"v{i}" for i in np.flatnonzero(went)],
            "channel": np.where(by_lot, "random", "risk")[went],
            "propensity": (0.25 + 0.75 * np.where(tops["old"] & in_b, 0.8, 0.02))[went],
            "positive": there[went].astype(float),
        }
    )
    made = scores_from(scores, outcome, context={"side": np.where(in_b, "b", "a")}, audit=("side",))
    rate = {m: [float(top[own & ~there].mean()) for own in (in_b, ~in_b)] for m, top in tops.items()}
    truth = {
        SHIFT: (rate["new"][0] - rate["new"][1]) - (rate["old"][0] - rate["old"][1]),
    }
    return told(made, visits, capacity=capacity), truth


@pytest.mark.parametrize("method", ["weighted", "audit", "bounds"])
def test_weighed_visits_visits_by_lot_and_bounds_hold_what_was_planted(
    method: str, planted: tuple[dict[tuple[str, str], Estimate], dict[str, float]]
) -> None:
    """The true change lies between the ends of every form that does not rest on who happened to be visited."""
    book, truth = planted
    assert book[SHIFT, method].low <= truth[SHIFT] <= book[SHIFT, method].high


def test_bare_counts_of_the_gap_miss_what_was_planted(
    planted: tuple[dict[tuple[str, str], Estimate], dict[str, float]],
) -> None:
    """Where people went to the top of one list, its looks for nothing are seen and others are not: the shift looks a third larger than it is, or more."""
    book, truth = planted
    assert book[SHIFT, "labelled"].high < 4 / 3 * truth[SHIFT] < truth[SHIFT] < 0


def test_bounds_of_a_shift_are_the_ends_over_all_fillings(scores_from: Callable[..., Scores]) -> None:
    """Six places that nobody visited, with or without something: the shift runs exactly from end to end, also where scores tie at the cut."""
    outcome = np.array([0, 0, np.nan, np.nan, np.nan, 0, np.nan, 1, 0, 0, np.nan, np.nan], float)
    old, new = np.arange(12, 0, -1.0), np.array([3.0, 9, 8, 2, 8, 1, 7, 6, 5, 8, 4, 8])
    in_b = np.arange(12) % 2 == 1
    made = scores_from({"old": old, "new": new}, outcome, context={"side": np.where(in_b, "b", "a")}, audit=("side",))
    bounds = told(made, None, capacity=4)[SHIFT, "bounds"]
    share = {"old": (old > 8).astype(float), "new": np.where(new > 8, 1.0, np.where(new == 8, 0.75, 0.0))}
    shifts, unseen = [], np.flatnonzero(np.isnan(outcome))
    least_hit = bounds.at.partition("versus=")[2].partition(",")[0]
    most, least = (in_b, ~in_b) if least_hit == "a" else (~in_b, in_b)
    for filling in product([0.0, 1.0], repeat=unseen.size):
        full = outcome.copy()
        full[unseen] = filling
        gaps = [np.subtract(*(part[own & (full == 0)].mean() for own in (most, least))) for part in share.values()]
        shifts.append(gaps[1] - gaps[0])
    assert (bounds.low, bounds.high) == pytest.approx((min(shifts), max(shifts)))


def test_forms_with_few_visits_say_so(scores_from: Callable[..., Scores]) -> None:
    """Twelve visits, none by lot: neither form has a number, and each says why."""
    n = 40
    made = scores_from(
        {"old": np.arange(n), "new": -np.arange(n)},
        [0.0] * 12 + [np.nan] * (n - 12),
        context={"side": ["a", "b"] * (n // 2)},
        audit=("side",),
    )
    visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in range(12)], "inspection_id": [f"v{i}" for i in range(12)]})
    visits = visits.assign(channel="risk", propensity=0.5, positive=0.0)
    book = told(made, visits, capacity=20)
    assert {method: book[SHIFT, method].note for method in ("weighted", "audit")} == {
        "weighted": "few_visits",
        "audit": "no_visits_by_lot",
    }


def test_visits_that_were_certain_weigh_as_they_count(scores_from: Callable[..., Scores]) -> None:
    """Everybody was visited for sure: weighted, the gap and its shift are those that are counted, for the chosen pair and every pair, in every period."""
    n, rng = 400, np.random.default_rng(3)
    side, outcome = np.array(["a", "b", "c", "c"])[np.arange(n) % 4], (rng.random(n) < 0.2).astype(float)
    scores = {"old": rng.random(n) + 0.4 * (side == "b"), "new": rng.random(n)}
    made = scores_from(scores, outcome, fold=["f1"] * 200 + ["f2"] * 200, context={"side": side}, audit=("side",))
    ids = np.arange(n)
    visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in ids], "inspection_id": [f"v{i}" for i in ids]})
    visits = visits.assign(channel="risk", propensity=1.0, positive=outcome)
    book = {e.id: e for e in estimates_of(made, visits, capacity=60, last=("f2",))}
    counted = [e for e in book.values() if e.metric.startswith("false_positive_rate_pair") and e.method == "labelled"]
    assert len({(e.metric, e.at) for e in counted}) >= 12
    for seen in counted:
        weighed = book[f"{seen.id.removesuffix('labelled')}weighted"]
        assert (weighed.value, weighed.n) == (pytest.approx(seen.value), seen.n)


def test_a_shift_is_judged_in_the_form_that_leads(scores_from: Callable[..., Scores]) -> None:
    """Where somebody went the gap in looks for nothing seems to shift further than it does, weighed. The weights decide, unless visits by lot contradict them."""
    n, rng = 4000, np.random.default_rng(5)
    in_b, fold = np.arange(n) % 2 == 1, np.repeat(["f1", "f2"], n // 2)
    order = rng.random(n)
    lists = {"old": order + 0.3 * in_b, "new": order + 0.3 * in_b * (rng.random(n) < 0.5)}
    kept = lists["new"] == lists["old"]
    chance = np.where(in_b & kept, 0.1, 0.8)
    went = rng.random(n) < chance
    made = scores_from(
        lists,
        np.where(went, 0.0, np.nan),
        fold=list(fold),
        context={"side": np.where(in_b, "b", "a")},
        audit=("side",),
    )
    at = np.flatnonzero(went)
    visits = pd.DataFrame({"row_id": [f"r{i:05d}" for i in at], "inspection_id": [f"v{i}" for i in at]})
    visits = visits.assign(channel="risk", propensity=chance[went], positive=0.0)
    book = {e.id: e for e in estimates_of(made, visits, capacity=800, last=("f2",))}
    aims = {"new": Aim("old", ("side",), "false_positive_rate")}
    for weighs, way in ((True, "weighted"), (False, "labelled")):
        findings = {
            f.code: f for f in check_mitigations(book.values(), aims, capacity=800, smallest=None, weighs=weighs)
        }
        for code in ("TK219", "TK221"):
            assert findings[code].facts["way"] == way
            assert all(key.endswith(f"/{way}") for key in findings[code].estimates)
    shift = {
        way: next(e for e in book.values() if e.metric == SHIFT and e.method == way) for way in ("labelled", "weighted")
    }
    assert shift["labelled"].high < shift["weighted"].low < 0


def gap(value: float, reach: float) -> Estimate:
    """A difference with a symmetric interval."""
    return Estimate("m", "gap", value, value - reach, value + reach, n=100, level=0.95)


@pytest.mark.parametrize(
    ("shift", "smallest", "verdict"),
    [
        ((-0.005, 0.01), 0.02, "none_that_matters"),
        ((-0.015, 0.016), 0.02, "not_enough"),
        ((-0.015, 0.016), None, "not_shown"),
        ((-0.015, 0.01), 0.05, "narrower"),
        ((0.02, 0.01), 0.05, "wider"),
    ],
)
def test_too_few_data_are_told_apart_from_a_gap_that_stays(
    shift: tuple[float, float], smallest: float | None, verdict: str
) -> None:
    """Wholly within the size that matters, the change is too small to matter; an interval that reaches beyond it leaves the question open."""
    assert moved(gap(0.1, 0.01), gap(0.1 + shift[0], 0.01), gap(*shift), smallest=smallest) == verdict


def test_the_smallest_shift_that_could_be_shown_shrinks_with_the_data(scores_from: Callable[..., Scores]) -> None:
    """Sixteen times as many places show a shift a quarter of the size; it is above half of the interval, because it must be seen nine times in ten."""
    least = []
    for n in (400, 6400):
        rng = np.random.default_rng(3)
        chance, in_b = rng.random(n), np.arange(n) % 2 == 1
        made = scores_from(
            {"old": chance + 0.2 * in_b, "new": rng.random(n)},
            [0.0] * n,
            context={"side": np.where(in_b, "b", "a")},
            audit=("side",),
        )
        book = told(made, None, capacity=n // 10)
        shift, smallest = (
            book["selection_rate_pair_shift", "sample"],
            book["selection_rate_pair_shift_detectable", "sample"],
        )
        assert smallest.value > (shift.high - shift.low) / 2
        least.append(smallest.value)
    assert least[0] / least[1] == pytest.approx(4, rel=0.15)
