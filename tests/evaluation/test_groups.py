"""Audits by group: fairlearn's values, the bootstrap's intervals, and groups too small to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampled, resample
from tegenkracht.evaluation.capacity import list_statistic, unpacked
from tegenkracht.evaluation.groups import GroupMeasures, group_statistic
from tegenkracht.evaluation.sample import sample_of

NAN = float("nan")


def measures_of(scores: Scores, *, capacity: int, minimum: int = 10, replicates: int = 200) -> GroupMeasures:
    """Audits of the model `m`."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    statistics = {
        "groups": group_statistic(sample),
        "m": list_statistic(sample, sample.scores["m"], sizes=[capacity], capacity=capacity),
    }
    numbers = resample(statistics, clusters=sample.clusters, replicates=replicates, seed=1, threads=1, progress=silent)
    listed = {"m": unpacked(numbers["m"], sample, sizes=1).groups}
    return GroupMeasures(sample, numbers["groups"], listed, capacity, minimum, 0.95)


def measured(scores: Scores, *, capacity: int, minimum: int = 10, replicates: int = 200) -> dict[str, Estimate]:
    """Every estimate of the audits of model `m`, by id."""
    measures = measures_of(scores, capacity=capacity, minimum=minimum, replicates=replicates)
    return {e.id: e for e in [*measures.of_data(), *measures.of_model("m")]}


def simulated(
    scores_from, *, n: int = 600, ties: bool = False, share: Sequence[float] = (0.5, 0.3, 0.2), seed: int = 1
) -> Scores:
    """Places in three groups, two thirds of them visited."""
    rng = np.random.default_rng(seed)
    outcome = np.where(rng.random(n) < 1 / 3, NAN, rng.random(n) < 0.3)
    score = rng.random(n) + 0.3 * np.nan_to_num(outcome)
    wealth = rng.choice(["high", "low", "mid"], n, p=share)
    return scores_from({"m": score.round(1) if ties else score}, outcome, context={"wealth": wealth}, audit=("wealth",))


def test_values_are_fairlearns(scores_from):
    """Without ties at the cut: selection over all rows, error rates over visited rows, equal to 1e-12."""
    scores = simulated(scores_from)
    found = measured(scores, capacity=150)
    rows = scores.of("m")
    flagged = (rows["score"].rank(ascending=False) <= 150).astype(float)
    seen = rows["observed"]
    everyone = MetricFrame(
        metrics=selection_rate, y_true=rows["observed"], y_pred=flagged, sensitive_features=rows["wealth"]
    )
    visited = MetricFrame(
        metrics={"false_positive_rate": false_positive_rate, "false_negative_rate": false_negative_rate},
        y_true=rows["outcome"][seen],
        y_pred=flagged[seen],
        sensitive_features=rows["wealth"][seen],
    )
    for value in ("high", "low", "mid"):
        at = f"wealth={value}/capacity=150/all"
        assert found[f"m/selection_rate/{at}/sample"].value == pytest.approx(everyone.by_group[value], abs=1e-12)
        for metric in ("false_positive_rate", "false_negative_rate"):
            assert found[f"m/{metric}/{at}/labelled"].value == pytest.approx(visited.by_group[metric][value], abs=1e-12)
        group = rows[(rows["wealth"] == value)]
        assert found[f"m/mean_score/wealth={value}//all/labelled"].value == pytest.approx(
            group.loc[group["observed"], "score"].mean(), abs=1e-12
        )
        assert found[f"/inspected_share/wealth={value}//all/sample"].value == pytest.approx(group["observed"].mean())
        assert found[f"/finding_rate/wealth={value}//all/labelled"].value == pytest.approx(group["outcome"].mean())
        hits = group.loc[group["observed"] & (flagged == 1), "outcome"]
        precision = found[f"m/precision_at_capacity/{at}/labelled"]
        assert (precision.value, precision.n) == (pytest.approx(hits.mean()), len(hits))


@pytest.mark.parametrize("ties", [False, True])
def test_fairlearn_and_the_bootstrap_mean_the_same_number(scores_from, ties):
    """The walk that gives the intervals has fairlearn's values as its own point estimates, also when the cut goes through ties."""
    measures = measures_of(simulated(scores_from, ties=ties), capacity=150)
    estimates = {(e.metric, e.group): e.value for e in measures.of_model("m") if "versus" not in e.at}
    rates = measures._at_capacity("m", slice(0, 3))
    for metric, rate in rates.items():
        for value, name in enumerate(measures.sample.groupings[0].values):
            assert estimates[metric, f"wealth={name}"] == pytest.approx(rate.number.point[value], abs=1e-12)


def test_recidivism_scores_as_published(scores_from, shared_data: Path):
    """ProPublica 2016: false positive rates 44.85 and 23.45 %, false negative rates 27.99 and 47.72 %, precision 63 and 59 %."""
    rows = pd.read_parquet(shared_data / "compas" / "compas-scores-two-years.parquet")
    flagged = (rows["score_text"] != "Low").astype(float)
    context = {"group": rows["race"]}
    scores = scores_from({"m": flagged}, rows["two_year_recid"], context=context, audit=("group",))
    found = measured(scores, capacity=int(flagged.sum()), replicates=50)
    at = f"capacity={int(flagged.sum())}/all/labelled"
    expected = {"African-American": (44.85, 27.99, 63), "Caucasian": (23.45, 47.72, 59)}
    for value, (false_positive, false_negative, precision) in expected.items():
        shown = {
            metric: 100 * found[f"m/{metric}/group={value}/{at}"].value
            for metric in ("false_positive_rate", "false_negative_rate", "precision_at_capacity")
        }
        assert shown["false_positive_rate"] == pytest.approx(false_positive, abs=0.005)
        assert shown["false_negative_rate"] == pytest.approx(false_negative, abs=0.005)
        assert shown["precision_at_capacity"] == pytest.approx(precision, abs=0.5)


def test_recidivism_scores_of_everybody_as_published(scores_from, shared_data: Path):
    """ProPublica 2016, all defendants together: false positive rate 32.35 %, false negative rate 37.40 %."""
    rows = pd.read_parquet(shared_data / "compas" / "compas-scores-two-years.parquet")
    flagged = (rows["score_text"] != "Low").astype(float)
    context = {"group": ["everybody"] * len(rows)}
    scores = scores_from({"m": flagged}, rows["two_year_recid"], context=context, audit=("group",))
    found = measured(scores, capacity=int(flagged.sum()), replicates=50)
    at = f"group=everybody/capacity={int(flagged.sum())}/all/labelled"
    assert 100 * found[f"m/false_positive_rate/{at}"].value == pytest.approx(32.35, abs=0.005)
    assert 100 * found[f"m/false_negative_rate/{at}"].value == pytest.approx(37.40, abs=0.005)


def test_groups_under_the_minimum_are_withheld_size_and_all(scores_from):
    """Nine rows are not shown: no value, no size, no n, only the reason."""
    wealth = ["high"] * 40 + ["low"] * 9
    scores = scores_from({"m": np.arange(49.0)}, [1, 0] * 24 + [1], context={"wealth": wealth}, audit=("wealth",))
    about_low = [e for e in measured(scores, capacity=20).values() if e.group == "wealth=low"]
    assert {(e.note, e.n, e.is_known) for e in about_low} == {("group_under_minimum", 0, False)}
    assert {e.metric for e in about_low} >= {"rows", "selection_rate", "selection_rate_gap", "false_negative_rate"}


def test_one_small_group_takes_the_next_smallest_with_it(scores_from):
    """The total is known: with one group left out, the others would give it away."""
    wealth = ["high"] * 40 + ["mid"] * 30 + ["low"] * 9
    scores = scores_from({"m": np.arange(79.0)}, [1, 0] * 39 + [1], context={"wealth": wealth}, audit=("wealth",))
    found = measured(scores, capacity=20)
    assert [found[f"/rows/wealth={v}//all/count"].is_known for v in ("high", "mid", "low")] == [True, False, False]


def test_figures_that_rest_on_too_few_outcomes_are_withheld(scores_from):
    """A group of thirty with four findings: selected how often is shown, missed how often is not."""
    rng = np.random.default_rng(3)
    wealth = ["high"] * 60 + ["low"] * 30
    outcome = [1, 0] * 30 + [1] * 4 + [0] * 26
    scores = scores_from({"m": rng.random(90)}, outcome, context={"wealth": wealth}, audit=("wealth",))
    found = measured(scores, capacity=45)
    assert found["m/selection_rate/wealth=low/capacity=45/all/sample"].is_known
    assert found["m/false_negative_rate/wealth=low/capacity=45/all/labelled"].note == "base_under_minimum"
    assert (
        found["m/false_negative_rate_gap/wealth=low/capacity=45,versus=high/all/labelled"].note == "base_under_minimum"
    )


def test_gap_is_to_the_largest_group(scores_from):
    """Group minus the largest group, on the same draws."""
    found = measured(simulated(scores_from), capacity=150)
    low, high = (found[f"m/selection_rate/wealth={value}/capacity=150/all/sample"].value for value in ("low", "high"))
    gap = found["m/selection_rate_gap/wealth=low/capacity=150,versus=high/all/sample"]
    assert gap.value == pytest.approx(low - high)
    assert gap.low < gap.value < gap.high
    assert not any(e.metric.endswith("_gap") and e.group == "wealth=high" for e in found.values())


def test_rows_without_a_value_form_a_group(scores_from):
    """Nobody is dropped: places whose wealth is not known stand under `unknown`."""
    wealth = ["high"] * 30 + [None] * 20
    scores = scores_from({"m": np.arange(50.0)}, [1, 0] * 25, context={"wealth": wealth}, audit=("wealth",))
    assert measured(scores, capacity=10)["/rows/wealth=unknown//all/count"].value == 20


def test_a_group_without_negatives_has_no_false_positive_rate(scores_from):
    """There fairlearn says 0; we say that there is nothing to divide by."""
    wealth = ["high"] * 30 + ["low"] * 20
    scores = scores_from({"m": np.arange(50.0)}, [1, 0] * 15 + [1] * 20, context={"wealth": wealth}, audit=("wealth",))
    found = measured(scores, capacity=10, minimum=0)
    assert found["m/false_positive_rate/wealth=low/capacity=10/all/labelled"].note == "base_under_minimum"


def test_a_study_without_outcomes_still_shows_who_is_flagged(scores_from):
    """Selection and inspected share need no outcome; the rest says why it is missing."""
    scores = scores_from(
        {"m": np.arange(40.0)}, [NAN] * 40, context={"wealth": ["high", "low"] * 20}, audit=("wealth",)
    )
    found = measured(scores, capacity=10)
    assert found["m/selection_rate/wealth=low/capacity=10/all/sample"].value == pytest.approx(0.25)
    assert found["/inspected_share/wealth=low//all/sample"].value == 0
    assert found["m/false_positive_rate/wealth=low/capacity=10/all/labelled"].note == "base_under_minimum"


def test_interval_is_as_wide_as_theory_says(scores_from):
    """Mean score of a group of n visited rows: the interval's half width is 1.96 standard errors, within a tenth."""
    scores = simulated(scores_from, n=2000)
    estimate = measured(scores, capacity=150, replicates=2000)["m/mean_score/wealth=high//all/labelled"]
    rows = scores.of("m")
    values = rows.loc[rows["observed"] & (rows["wealth"] == "high"), "score"]
    assert (estimate.high - estimate.low) / 2 == pytest.approx(1.96 * values.std() / np.sqrt(len(values)), rel=0.1)


def test_attributes_do_not_mix(scores_from):
    """Two attributes: each row counts once in each."""
    rng = np.random.default_rng(5)
    context = {"a": rng.choice(["x", "y"], 100), "b": rng.choice(["p", "q", "r"], 100)}
    scores = scores_from({"m": rng.random(100)}, rng.integers(0, 2, 100), context=context, audit=("a", "b"))
    measures = measures_of(scores, capacity=30, minimum=0)
    sizes = Resampled(measures.totals.point[:, 0], measures.totals.replicates[..., 0])
    assert sizes.point[:2].sum() == sizes.point[2:].sum() == 100
    assert (sizes.replicates.sum(axis=1) == 200).all()
    assert measures.listed["m"].point[:2, 0].sum() == measures.listed["m"].point[2:, 0].sum() == pytest.approx(30)


def test_places_decide_what_is_shown_not_the_dates_on_which_they_were_scored(scores_from):
    """Three businesses scored on four dates are twelve rows, and under a minimum of ten."""
    unit = [f"u{i:02d}" for i in range(43)] * 4
    as_of = [f"2024-{month:02d}-01" for month in (1, 4, 7, 10) for _ in range(43)]
    wealth = (["high"] * 40 + ["low"] * 3) * 4
    scores = scores_from(
        {"m": np.arange(172.0)}, [1, 0] * 86, as_of=as_of, unit=unit, context={"wealth": wealth}, audit=("wealth",)
    )
    measures = measures_of(scores, capacity=10)
    assert measures.sample.groupings[0].sizes.tolist() == [160, 12]
    assert measures.sample.groupings[0].places.tolist() == [40, 3]
    found = [*measures.of_data(), *measures.of_model("m")]
    assert {(e.note, e.n, e.is_known) for e in found} == {("group_under_minimum", 0, False)}


def test_one_figure_on_few_visits_takes_the_next_with_it(scores_from):
    """Of three groups of thirty places one was visited three times: what was found there would be all findings less those of the two others."""
    wealth = ["high"] * 30 + ["mid"] * 30 + ["low"] * 30
    outcome = [1, 0] * 15 + [1, 0] * 10 + [NAN] * 10 + [1, 0, 0] + [NAN] * 27
    scores = scores_from({"m": np.arange(90.0)}, outcome, context={"wealth": wealth}, audit=("wealth",))
    found = measured(scores, capacity=20)
    notes = [found[f"/finding_rate/wealth={v}//all/labelled"].note for v in ("high", "mid", "low")]
    assert notes == ["", "base_under_minimum", "base_under_minimum"]
    assert all(found[f"/inspected_share/wealth={v}//all/sample"].is_known for v in ("high", "mid", "low"))
