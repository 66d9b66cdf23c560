"""Intervals mean what they say: over many simulated worlds they hold the truth about as often as they claim."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.measure import measure

LEVEL = 0.95
SMALL, FULL = 40, 2000
# Scores are uniform and a finding has chance 0.4 x score. Top fifth: mean score 0.9. The rest follows by integration.
TRUTH = {
    "prevalence": 0.2,
    "precision_at_capacity": 0.4 * 0.9,
    "recall_at_capacity": 0.4 * 0.9 * 0.2 / 0.2,
    "lift_over_random": 1.8,
    "auc": (2 / 3 - 0.1) / 0.8,
    "brier": 1 / 3 - 2 * 0.4 / 3 + 0.2,
    "selection_rate": 0.2,
    "false_positive_rate": (0.2 - 0.4 * 0.9 * 0.2) / 0.8,
}


def world(scores_from: Callable[..., Scores], seed: int) -> Scores:
    """Five hundred places, visited by lot with chance 0.6, in two groups by lot."""
    rng = np.random.default_rng(seed)
    score = rng.random(500)
    outcome = np.where(rng.random(500) < 0.6, rng.random(500) < 0.4 * score, np.nan)
    return scores_from({"m": score}, outcome, context={"side": rng.choice(["east", "west"], 500)}, audit=("side",))


def measured(scores: Scores, **changes: object):
    """All measures at the top fifth."""
    plain = {
        "main_model": "m",
        "reference_model": "m",
        "capacity": 100,
        "lists": "per_as_of",
        "probability_models": ["m"],
        "cluster_by": "unit_id",
        "replicates": 200,
        "level": LEVEL,
        "seed": 1,
        "min_group": 10,
        "replay": None,
        "visits": None,
        "threads": 1,
        "progress": silent,
    }
    return measure(scores, **(plain | changes))


def coverage(scores_from: Callable[..., Scores], worlds: int) -> dict[str, float]:
    """How often the interval of each figure holds the truth, and how often the bounds of precision do."""
    hits = {metric: [] for metric in TRUTH}
    for seed in range(worlds):
        for e in measured(world(scores_from, seed)):
            at_capacity = e.at in ("", "capacity=100")
            if (
                e.metric in TRUTH
                and e.split == "all"
                and at_capacity
                and e.method in ("labelled", "sample")
                and e.low is not None
            ):
                hits[e.metric].append(e.low <= TRUTH[e.metric] <= e.high)
    return {metric: float(np.mean(found)) for metric, found in hits.items()}


def test_intervals_hold_the_truth_small(scores_from):
    """In 40 worlds coverage of 95 % intervals is at least 85 %: three standard errors below."""
    found = coverage(scores_from, SMALL)
    assert min(found.values()) >= 0.85, found


@pytest.mark.slow
def test_intervals_hold_the_truth_full(scores_from):
    """In 2,000 worlds coverage lies within 93 and 97 %, for every figure."""
    found = coverage(scores_from, FULL)
    margin = 1.96 * math.sqrt(0.95 * 0.05 / FULL)
    assert all(0.93 - margin <= share <= 0.97 + margin for share in found.values()), found


def test_bounds_hold_what_a_visit_everywhere_would_have_found(scores_from):
    """Whoever was visited, by whatever choice: the bounds hold the figures of the world in which everybody was."""
    for seed in range(15):
        rng = np.random.default_rng(seed)
        score = rng.random(200).round(1)
        truth = (rng.random(200) < 0.4 * score) * 1.0
        seen = rng.random(200) < np.where(truth == 1, 0.6, 0.2)  # inspectors act on tips
        whole = {e.id: e for e in measured(scores_from({"m": score}, truth), capacity=40, replicates=25)}
        partly = {
            e.id: e
            for e in measured(scores_from({"m": score}, np.where(seen, truth, np.nan)), capacity=40, replicates=25)
        }
        for metric in ("precision_at_capacity", "recall_at_capacity", "precision_above_random"):
            bounds = partly[f"m/{metric}//capacity=40/all/bounds"]
            assert bounds.low <= whole[f"m/{metric}//capacity=40/all/labelled"].value <= bounds.high


def test_labelled_figures_can_be_far_off_when_inspectors_act_on_tips(scores_from):
    """Why the bounds stand beside them: the labelled precision is well above the true one and its interval leaves it out."""
    rng = np.random.default_rng(1)
    score = rng.random(5000)
    truth = (rng.random(5000) < 0.4 * score) * 1.0
    seen = rng.random(5000) < np.where(truth == 1, 0.6, 0.2)
    found = {e.id: e for e in measured(scores_from({"m": score}, np.where(seen, truth, np.nan)), capacity=1000)}
    labelled = found["m/precision_at_capacity//capacity=1000/all/labelled"]
    bounds = found["m/precision_at_capacity//capacity=1000/all/bounds"]
    assert labelled.low > 0.5 > 0.36
    assert bounds.low < 0.36 < bounds.high


@pytest.mark.slow
def test_resampling_strips_holds_the_truth_where_resampling_places_does_not(scores_from):
    """Forty strips of ten places with a common chance: coverage of prevalence is near 95 % by strip, and far below it by place."""
    hits: dict[str, list[bool]] = {"unit_id": [], "cluster_id": []}
    for seed in range(500):
        rng = np.random.default_rng(seed)
        chance = np.repeat(rng.beta(0.5, 2.0, 40), 10)  # mean 0.2
        scores = scores_from(
            {"m": rng.random(400)},
            (rng.random(400) < chance) * 1.0,
            context={"cluster_id": np.repeat([f"strip {i}" for i in range(40)], 10)},
        )
        for by, found in hits.items():
            e = next(x for x in measured(scores, cluster_by=by) if x.id == "/prevalence///all/labelled")
            found.append(e.low <= 0.2 <= e.high)
    assert np.mean(hits["cluster_id"]) > 0.91
    assert np.mean(hits["unit_id"]) < 0.75
