"""All measures of a study: in one order, with the same bytes, and only numbers that may be shown."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate, read_estimates, write_estimates
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.measure import measure
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.selection import scheduled_visits

NAN = float("nan")


def answers(scores: Scores, **changes: object) -> tuple[Estimate, ...]:
    """All measures with plain parameters."""
    plain = {
        "main_model": "main",
        "reference_model": "rule",
        "capacity": 10,
        "lists": "per_as_of",
        "probability_models": ["main", "prior"],
        "cluster_by": "unit_id",
        "replicates": 100,
        "level": 0.95,
        "seed": 1,
        "min_group": 10,
        "replay": None,
        "visits": None,
        "threads": 1,
        "progress": silent,
    }
    return measure(scores, **(plain | changes))


def simulated(scores_from, *, seed: int = 1, seen: float = 0.5) -> Scores:
    """Sixty units on four dates in two folds, half of the outcomes observed."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(1, 4, 240)
    outcome = np.where(rng.random(240) < seen, rng.random(240) < chance, NAN)
    return scores_from(
        {"main": chance, "rule": (chance * 4).round(), "prior": np.full(240, 0.2), "random": rng.random(240)},
        outcome,
        as_of=np.repeat(["2023-01-01", "2023-07-01", "2024-01-01", "2024-07-01"], 60),
        unit=[f"u{i % 60}" for i in range(240)],
        fold=np.repeat(["2023", "2024"], 120),
        context={
            "wealth": np.tile(rng.choice(["high", "low"], 60), 4),
            "inspector": rng.choice(["a", "b"], 240),
            "channel": ["risk"] * 240,
            "cluster_id": [f"c{i % 12}" for i in range(240)],
        },
        audit=("wealth",),
    )


@pytest.fixture(scope="module")
def study(scores_from) -> Scores:
    """One simulated study."""
    return simulated(scores_from)


@pytest.fixture(scope="module")
def measured(study) -> tuple[Estimate, ...]:
    """Its measures."""
    return answers(study)


def test_same_study_gives_the_same_bytes(study, measured):
    """Again, with more threads: not one byte of evaluation.json differs."""
    assert write_estimates(answers(study, threads=2)) == write_estimates(measured)


def test_another_seed_moves_intervals_and_nothing_else(study, measured):
    """Values do not depend on the seed; intervals do."""
    other = answers(study, seed=2)
    assert [(e.id, e.value, e.n) for e in other] == [(e.id, e.value, e.n) for e in measured]
    assert [e.low for e in other] != [e.low for e in measured]


def test_every_estimate_has_an_id_of_its_own(measured):
    """A card refers to numbers by id."""
    assert max(Counter(e.id for e in measured).values()) == 1


def test_what_is_written_can_be_read(measured):
    """Through the file and back, the estimates are the same."""
    assert read_estimates(write_estimates(measured)) == measured


def test_shares_lie_between_none_and_all(measured):
    """Values and intervals of shares stay within 0 and 1; gaps and differences within -1 and 1."""
    shares = (
        "precision_at_capacity",
        "recall_at_capacity",
        "prevalence",
        "precision_by_lot",
        "auc",
        "average_precision",
        "selection_rate",
    )
    for e in measured:
        numbers = [x for x in (e.value, e.low, e.high) if x is not None]
        if e.metric in shares:
            assert all(0 <= x <= 1 for x in numbers), e.id
        if e.metric.endswith(("_gap", "precision_difference", "above_random")):
            assert all(-1 <= x <= 1 for x in numbers), e.id


def test_bounds_hold_the_labelled_figure_of_the_whole_list(scores_from):
    """When everything is visited, the bounds are the value."""
    full = {e.id: e for e in answers(simulated(scores_from, seen=1.1))}
    for split in ("2023", "2024", "all"):
        for metric in ("precision_at_capacity", "recall_at_capacity", "precision_above_random"):
            value = full[f"main/{metric}//capacity=10/{split}/labelled"].value
            bounds = full[f"main/{metric}//capacity=10/{split}/bounds"]
            assert bounds.low == bounds.high == value


def test_main_is_compared_with_all_and_all_with_the_reference(measured):
    """Differences that the card needs, and no pair twice."""
    pairs = {(e.model, e.at.rpartition("versus=")[2]) for e in measured if e.metric == "precision_difference"}
    assert pairs == {("main", "rule"), ("main", "prior"), ("main", "random"), ("prior", "rule"), ("random", "rule")}


def test_only_probabilities_are_calibrated(measured):
    """Other scores get the reason instead of a number."""
    briers = {e.model: e.note or e.value for e in measured if e.metric == "brier" and e.split == "all"}
    assert briers["rule"] == briers["random"] == "not_a_probability"
    assert isinstance(briers["main"], float)


def test_clusters_widen_the_interval_of_what_clusters_share(scores_from):
    """When places of one strip have one outcome, resampling strips gives wider intervals than resampling units."""
    rng = np.random.default_rng(9)
    outcome = np.repeat(rng.random(30) < 0.3, 8) * 1.0
    scores = scores_from(
        {"main": rng.random(240), "rule": rng.random(240)},
        outcome,
        context={"cluster_id": np.repeat([f"c{i}" for i in range(30)], 8)},
    )
    widths = {}
    for by in ("unit_id", "cluster_id"):
        found = {e.id: e for e in answers(scores, cluster_by=by, probability_models=[], replicates=400)}
        prevalence = found["/prevalence///all/labelled"]
        widths[by] = prevalence.high - prevalence.low
    assert widths["cluster_id"] / widths["unit_id"] == pytest.approx(np.sqrt(8), rel=0.2)


def test_scheduled_visits_get_a_replay_in_both_ways(study):
    """Free, inside rounds, and the lines to compare with."""
    found = {
        e.id
        for e in answers(
            study,
            lists="whole_window",
            visits=scheduled_visits(study),
            replay=Replay(within="inspector", random_orders=20),
        )
    }
    assert {
        "main/days_earlier///all/replay",
        "main/days_earlier//within=inspector/all/replay",
        "main/days_earlier_difference//versus=rule/all/replay",
        "/days_earlier//order=random/all/replay",
        "/days_earlier//order=oracle,within=inspector/all/replay",
        "/finding_rate/inspector=a//all/labelled",
    } <= found


def test_a_study_that_nobody_visited_has_reasons_and_bounds(scores_from):
    """All outcomes unseen: every estimate is a count, a bound, a selection or a reason."""
    found = answers(simulated(scores_from, seen=-1), replicates=20)
    known = {(e.metric, e.method) for e in found if e.is_known and e.method == "labelled"}
    assert known == set()
    assert next(e for e in found if e.id == "/prevalence///all/bounds").high == 1


def test_models_must_share_their_rows(scores_from):
    """A comparison of different rows is none."""
    scores = scores_from({"main": [1, 2], "rule": [1, 2]}, [1, 0])
    rows = scores.rows.drop(index=3)
    with pytest.raises(ValueError, match="Model `rule` was not scored on the same test rows as `main`"):
        answers(Scores(rows, scores.context, (), scores.models))


def test_scores_must_be_numbers(scores_from):
    """A score that is missing cannot be ranked."""
    with pytest.raises(ValueError, match="Model `rule` gave a score that is not a finite number"):
        answers(scores_from({"main": [1, 2], "rule": [1, NAN]}, [1, 0]))
