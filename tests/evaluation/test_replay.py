"""Re-ordered schedules: by hand, against a plain re-ordering of repeated rows, and the city of Chicago's own figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import resample
from tegenkracht.evaluation.discrimination import RankMeasures, rank_statistics
from tegenkracht.evaluation.replay import (
    ReplayMeasures,
    id_order,
    replay_statistics,
    replayed_orders,
    schedule_of,
)
from tegenkracht.evaluation.sample import Sample, sample_of

CHICAGO = "chicago_food/published_xgb_scores.parquet"


def sample_from(scores: Scores) -> Sample:
    """One window for each fold."""
    return sample_of(scores, lists="whole_window", cluster_by="unit_id")


def replayed(
    scores: Scores, *, within: str | None = None, replicates: int = 100, versus: str = "", orders: int = 10
) -> dict[str, Estimate]:
    """Every estimate of a replay, by id."""
    sample = sample_from(scores)
    schedule = schedule_of(sample, within=within)
    numbers = resample(
        replay_statistics(sample, schedule),
        clusters=sample.clusters,
        replicates=replicates,
        seed=1,
        threads=1,
        progress=silent,
    )
    others = {model: tuple({versus} & set(sample.models) - {model}) for model in sample.models}
    measures = ReplayMeasures(sample, schedule, within, numbers, others, orders, 0.95)
    everything = [
        *measures.of_orders(np.random.default_rng(0)),
        *(e for model in sample.models for e in measures.of_model(model)),
    ]
    return {e.id: e for e in everything}


def test_windows_count_alike_in_their_mean(scores_from):
    """Findings 1 and 6 days earlier in the first window, and one a day later in the second: (3.5 - 1) / 2, earlier in one of two windows."""
    dates = ["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-08", "2024-03-01", "2024-03-02"]
    fold = ["a"] * 4 + ["b"] * 2
    scores = scores_from({"m": [0.1, 0.9, 0.2, 0.8, 0.1, 0.9]}, [0, 1, 0, 1, 1, 0], as_of=dates, fold=fold)
    found = replayed(scores)
    mean = found["m/days_earlier_window_mean///all/replay"]
    assert mean.value == pytest.approx((3.5 - 1) / 2)
    assert found["m/days_earlier///b/replay"].value == -1
    assert found["m/days_earlier///all/replay"].value == pytest.approx((1 + 6 - 1) / 3)
    earlier = found["m/windows_earlier///all/count"]
    assert (earlier.value, earlier.n) == (1, 2)
    oracle = found["/days_earlier_window_mean//order=oracle/all/replay"]
    assert oracle.value == pytest.approx((3.5 + 0) / 2)


def test_one_window_has_no_mean_of_windows(scores_from):
    """The figures of a study with one window stay what they were."""
    found = replayed(scores_from({"m": [0.1, 0.9]}, [0, 1], as_of=["2024-01-01", "2024-01-02"]))
    assert not [key for key in found if "window" in key]


def test_four_visits_by_hand(scores_from):
    """Days 1, 2, 4 and 8, findings on days 2 and 8; the model puts them first: (2 - 1) and (8 - 2) days earlier."""
    dates = ["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-08"]
    found = replayed(scores_from({"m": [0.1, 0.9, 0.2, 0.8]}, [0, 1, 0, 1], as_of=dates))
    assert found["m/days_earlier///all/replay"].value == pytest.approx(3.5)
    assert found["m/days_earlier_median///all/replay"].value == pytest.approx(3.5)
    assert found["m/found_later///all/replay"].value == 0
    assert found["m/first_half_share///all/replay"].value == 1.0
    assert found["/first_half_share//order=as_scheduled/all/replay"].value == 0.5
    assert found["/days_earlier//order=oracle/all/replay"].value == pytest.approx(3.5)


def test_the_schedule_itself_gains_nothing(scores_from):
    """Scores that fall with the calendar give every visit its own slot."""
    dates = [f"2024-01-{day:02d}" for day in range(1, 21)]
    found = replayed(scores_from({"m": np.arange(20.0)[::-1]}, [1, 0] * 10, as_of=dates))
    assert found["m/days_earlier///all/replay"].value == 0
    assert (
        found["m/first_half_share///all/replay"].value
        == found["/first_half_share//order=as_scheduled/all/replay"].value
    )


def test_rounds_keep_their_own_slots(scores_from):
    """Two inspectors with two visits each: inside the rounds only inspector a's two visits change places."""
    dates = ["2024-01-01", "2024-01-03", "2024-01-05", "2024-01-07"]
    scores = scores_from({"m": [1, 4, 3, 2]}, [0, 1, 1, 1], as_of=dates, context={"inspector": ["a", "b", "a", "b"]})
    found = replayed(scores, within="inspector")
    # a: the finding of 5 January comes on 1 January; b: already in order, nothing changes.
    assert found["m/days_earlier//within=inspector/all/replay"].value == pytest.approx(4 / 3)


def test_folds_keep_their_own_slots(scores_from):
    """Each test window is re-ordered by itself; together is the sum."""
    dates = ["2024-01-01", "2024-01-03", "2024-02-01", "2024-02-11"]
    found = replayed(scores_from({"m": [1, 2, 3, 4]}, [0, 1, 0, 1], as_of=dates, fold=["f1", "f1", "f2", "f2"]))
    days = {split: found[f"m/days_earlier///{split}/replay"].value for split in ("f1", "f2", "all")}
    assert days == {"f1": 2.0, "f2": 10.0, "all": 6.0}


def test_equal_scores_go_by_id(scores_from):
    """All scores equal: the order of ids, which here is against the calendar."""
    dates = ["2024-01-03", "2024-01-02", "2024-01-01"]
    found = replayed(scores_from({"m": [0.5] * 3}, [1, 0, 0], as_of=dates))
    assert found["m/days_earlier///all/replay"].value == 2.0


def test_without_a_finding_there_is_nothing_to_find_earlier(scores_from):
    """No number, and the reason."""
    found = replayed(scores_from({"m": [1, 2]}, [0, 0], as_of=["2024-01-01", "2024-01-02"]))
    assert found["m/days_earlier///all/replay"].note == "no_findings"
    assert found["/days_earlier//order=random/all/replay"].note == "no_findings"


def test_whole_numbers_are_ordered_as_numbers():
    """Inspection 99 comes before 100, unless some id is no number."""
    assert id_order(pd.Series(["100", "99"])).tolist() == [1, 0]
    assert id_order(pd.Series(["100", "99", "a"])).tolist() == [0, 1, 2]


def plainly(
    days: np.ndarray, rounds: np.ndarray, positive: np.ndarray, scores: np.ndarray
) -> tuple[float, float, float, float]:
    """Findings, days earlier, later and in the first half, by sorting a table of visits."""
    table = pd.DataFrame(
        {"day": days, "round": rounds, "positive": positive, "score": scores, "place": np.arange(len(days))}
    )
    moved = []
    for _, visits in table.groupby("round"):
        slots = visits.sort_values(["day", "place"], kind="stable")
        order = visits.sort_values(["score", "place"], ascending=[False, True], kind="stable")
        moved.append(order.assign(slot_day=slots["day"].to_numpy(), slot_place=slots["place"].to_numpy()))
    all_visits = pd.concat(moved)
    calendar = table.sort_values(["day", "place"], kind="stable")["place"].to_numpy()
    first = set(calendar[: len(days) // 2])
    found = all_visits[all_visits["positive"] == 1]
    earlier = found["day"] - found["slot_day"]
    return len(found), earlier.sum(), (earlier < 0).sum(), found["slot_place"].isin(first).sum()


@settings(deadline=None, max_examples=100)
@given(
    visits=st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from("ab"), st.booleans(), st.integers(0, 3)), min_size=1, max_size=8
    ),
    seed=st.integers(0, 99),
)
def test_a_replicate_is_the_schedule_with_visits_repeated(scores_from, visits, seed):
    """Counting a visit twice is the same as having it twice, slot and all, with and without rounds."""
    days, rounds, positive, counts = (np.array(column) for column in zip(*visits, strict=True))
    score = np.random.default_rng(seed).permutation(len(visits)).astype(float)
    counts = counts if counts.sum() else counts + 1
    scores = scores_from(
        {"m": score}, positive * 1.0, as_of=[f"2024-01-{day:02d}" for day in days], context={"inspector": rounds}
    )
    sample = sample_from(scores)
    for within in (None, "inspector"):
        schedule = schedule_of(sample, within=within)
        found = replayed_orders(schedule, counts[None].astype(np.uint8), schedule.ordered(score)[None])[0, -1]
        again = np.repeat(np.arange(len(visits)), counts)
        expected = plainly(
            days[again], rounds[again] if within else np.zeros(again.size), positive[again], score[again]
        )
        assert tuple(found[:4]) == pytest.approx(expected)


def test_order_of_equal_scores_is_part_of_the_interval(scores_from):
    """With one score for all, the order by id is one of many; the interval holds what other orders give."""
    rng = np.random.default_rng(1)
    dates = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 60, 200)), unit="D")
    outcome = (rng.random(200) < 0.3) * 1.0
    found = replayed(
        scores_from({"m": [0.5] * 200}, outcome, as_of=dates.strftime("%Y-%m-%d")), replicates=400, orders=400
    )
    estimate, random = found["m/days_earlier///all/replay"], found["/days_earlier//order=random/all/replay"]
    assert estimate.value == 0  # ids follow the calendar
    assert estimate.low < random.low < random.high < estimate.high


def test_an_interval_holds_its_own_value(scores_from):
    """Ids that follow the calendar of a front-loaded schedule do better than any lot: the interval reaches up to them and says why."""
    dates = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(200), unit="D")
    outcome = (np.arange(200) < 60) * 1.0
    found = replayed(scores_from({"m": [0.5] * 200}, outcome, as_of=dates.strftime("%Y-%m-%d")), replicates=200)
    estimate = found["m/days_earlier///all/replay"]
    assert (estimate.value, estimate.high, estimate.note) == (0.0, 0.0, "ties_by_id")
    assert estimate.low < -50


@pytest.fixture(scope="module")
def chicago(shared_data: Path) -> pd.DataFrame:
    """The city's table of 2017 with the ten features of its report, in order of day and id."""
    visits = pd.read_parquet(shared_data / CHICAGO).sort_values(["Inspection_Date", "Inspection_ID"])
    visits["past_serious"], visits["past_critical"] = (
        visits["pastSerious"].clip(upper=1),
        visits["pastCritical"].clip(upper=1),
    )
    visits["old"] = (visits["ageAtInspection"] > 4).astype(float)
    heats = {f"near_{kind}": visits[f"heat_{kind}"].clip(upper=70) for kind in ("burglary", "garbage", "sanitation")}
    return visits.assign(**heats).join(pd.get_dummies(visits["Inspector_Assigned"]).astype(float))


@pytest.fixture(scope="module")
def chicago_scores(scores_from, chicago) -> Scores:
    """Three logistic models, the first one also with its inspectors switched off, and the city's shipped scores."""
    train, test = chicago[chicago["Train"]], chicago[chicago["Test"]]
    inspectors = sorted(chicago["Inspector_Assigned"].unique())
    features = ["past_serious", "past_critical", "timeSinceLast", "old", "consumption_on_premises_incidental_activity"]
    features += ["tobacco_retail_over_counter", "temperatureMax", "near_burglary", "near_garbage", "near_sanitation"]
    models = {}
    for name, columns in {"with": [*features, *inspectors], "without": features, "only": inspectors}.items():
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=1000)).fit(
            train[columns], train["criticalFound"]
        )
        models[name] = model.predict_proba(test[columns])[:, 1]
        if name == "with":
            models["off"] = model.predict_proba(test[columns].assign(**dict.fromkeys(inspectors, 0.0)))[:, 1]
    models["city"] = test["score"].to_numpy()
    scores = scores_from(
        models,
        test["criticalFound"],
        as_of=test["Inspection_Date"].dt.strftime("%Y-%m-%d"),
        unit=test["License"].astype(str),
        context={"inspector": test["Inspector_Assigned"]},
    )
    ids = test["Inspection_ID"].astype(int).astype(str).to_numpy()
    rows = scores.rows.assign(row_id=np.tile(ids, len(models)))
    return replace(scores, rows=rows, context=scores.context.set_axis(ids, axis=0))


def test_chicago_as_published_and_what_it_does_not_show(chicago_scores):
    """7.43 days with the inspector, 2.29 [-0.5, 5.0] without, 7.61 [4.2, 9.8] from the inspector alone; the city's scores 7.787."""
    found = replayed(chicago_scores, replicates=1000, orders=1000, versus="only")
    expected = {
        "with": (7.43, 4.8, 10.0),
        "without": (2.29, -0.5, 5.0),
        "only": (7.61, 4.2, 9.8),
        "off": (2.79, 0.0, 5.4),
    }
    for model, (days, low, high) in expected.items():
        estimate = found[f"{model}/days_earlier///all/replay"]
        assert estimate.value == pytest.approx(days, abs=0.1)
        assert (estimate.low, estimate.high) == (pytest.approx(low, abs=0.6), pytest.approx(high, abs=0.6))
    assert found["city/days_earlier///all/replay"].value == pytest.approx(7.787, abs=0.0005)
    assert found["city/first_half_share///all/replay"].value == pytest.approx(0.6860, abs=0.0001)
    assert found["/days_earlier//order=random/all/replay"].value == pytest.approx(-1.49, abs=0.3)
    assert found["/days_earlier//order=oracle/all/replay"].value == pytest.approx(24.1, abs=0.05)
    assert found["/first_half_share//order=as_scheduled/all/replay"].value == pytest.approx(0.5465, abs=0.0001)
    assert found["with/first_half_share///all/replay"].value == pytest.approx(0.690, abs=0.001)
    assert (found["with/days_earlier_median///all/replay"].value, found["with/found_later///all/replay"].value) == (
        6,
        99,
    )
    assert found["with/days_earlier_difference//versus=only/all/replay"].low < 0  # the inspector is not beaten


def test_chicago_inside_each_inspectors_own_round(chicago_scores):
    """0.82 days [-1.7, 3.3] when every inspector keeps the days that were theirs."""
    estimate = replayed(chicago_scores, within="inspector", replicates=1000)[
        "without/days_earlier//within=inspector/all/replay"
    ]
    assert estimate.value == pytest.approx(0.82, abs=0.1)
    assert (estimate.low, estimate.high) == (pytest.approx(-1.7, abs=0.6), pytest.approx(3.3, abs=0.6))


def test_chicago_areas_under_the_curve(chicago_scores):
    """.673 with, .572 without, .662 from the inspector alone, .582 switched off; the city's scores .6790."""
    sample = sample_from(chicago_scores)
    numbers = resample(
        rank_statistics(sample), clusters=sample.clusters, replicates=20, seed=1, threads=1, progress=silent
    )
    measures = RankMeasures(sample, numbers, dict.fromkeys(sample.models, ()), 0.95)
    found = {model: next(iter(measures.of_model(model))).value for model in sample.models}
    assert found == pytest.approx(
        {"with": 0.673, "without": 0.572, "only": 0.662, "off": 0.582, "city": 0.679}, abs=0.005
    )
    assert found["city"] == pytest.approx(0.6790, abs=0.00005)
