"""A model in places that it does not know: taken together by hand, and what is said of a next place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.unseen import check_unseen, taken_together, unseen_estimates


def sample_of_places(*, places: int, rows: int, tells: float, seed: int) -> tuple[Sample, Grouping]:
    """Places with as many visited rows each, and a score that tells a finding by so many standard deviations."""
    rng = np.random.default_rng(seed)
    n = places * rows
    finding = (rng.random(n) < 0.2).astype(np.uint8)
    score = rng.normal(size=n) + tells * finding
    of_row = np.repeat(np.arange(places), rows).astype(np.int32)
    sample = Sample(
        rows=pd.DataFrame({"row_id": np.arange(n)}),
        scores={"m": score},
        visited=np.ones(n, np.uint8),
        finding=finding,
        cluster=np.arange(n, dtype=np.int32),
        clusters=n,
        folds=("a",),
        fold=np.zeros(n, np.int64),
        lists=np.zeros(n, np.int64),
        list_fold=np.zeros(1, np.int64),
        groupings=(),
    )
    return sample, Grouping("unseen", tuple(f"p{i}" for i in range(places)), of_row)


def told_of(sample, places):
    """Estimates with few replicates."""
    return list(unseen_estimates(sample, places, "m", replicates=200, level=0.95, seed=1, threads=1))


def test_alike_places_have_no_spread():
    """Three areas of 0.7 with variance 0.01: the error is 0.1/sqrt(3), t with 2 degrees of freedom 4.303, and with 1 for a next place 12.706."""
    told = taken_together(np.full(3, 0.7), np.full(3, 0.01), level=0.95)
    middle, error = logit(0.7), 0.1 / np.sqrt(3)
    assert told.mean == pytest.approx(0.7)
    assert told.interval == pytest.approx(tuple(expit([middle - 4.30265 * error, middle + 4.30265 * error])), abs=1e-5)
    assert told.foretold == pytest.approx(tuple(expit([middle - 12.7062 * error, middle + 12.7062 * error])), abs=1e-5)


def test_spread_between_places_is_that_of_dersimonian_and_laird():
    """Log-odds 0, 1 and 2 with variance 0.1: Q is 20, so the spread is (20 - 2)/(30 - 10) = 0.9; weights are equal and the mean is 1."""
    told = taken_together(expit(np.array([0.0, 1.0, 2.0])), np.full(3, 0.1), level=0.95)
    assert logit(told.mean) == pytest.approx(1)
    error = np.sqrt(1 / 3)  # 1/(0.1 + 0.9) per place; the factor of Hartung and Knapp is (1 + 0 + 1)/2 = 1
    assert logit(told.interval[1]) == pytest.approx(1 + 4.30265 * error, abs=1e-4)
    assert logit(told.foretold[1]) == pytest.approx(1 + 12.7062 * np.sqrt(0.9 + error**2), abs=1e-3)


def test_the_area_of_each_place_is_that_of_scikit_learn():
    """Every place by itself, whatever the others are."""
    sample, places = sample_of_places(places=4, rows=150, tells=1.0, seed=1)
    told = {e.group: e for e in told_of(sample, places) if e.metric == "auc_unseen"}
    for value in range(4):
        own = places.of_row == value
        expected = roc_auc_score(sample.finding[own], sample.scores["m"][own])
        assert told[f"unseen=p{value}"].value == pytest.approx(expected)


def test_a_score_that_tells_nothing_is_found():
    """TK143: a next place reaches a half; a score that tells much does not."""
    for tells, verdict in ((0.0, "found"), (2.5, "not_found")):
        told = told_of(*sample_of_places(places=6, rows=200, tells=tells, seed=2))
        finding = check_unseen(told, model="m", left_out=True)
        assert (finding.verdict, finding.facts["places"]) == (verdict, 6)


def test_places_with_few_findings_say_so():
    """Twelve rows hold fewer than ten findings: no area, nothing together, and the check says why."""
    told = told_of(*sample_of_places(places=4, rows=12, tells=1.0, seed=3))
    assert {e.note for e in told} == {"few_findings", "too_few_groups"}
    assert check_unseen(told, model="m", left_out=True).facts["reason"] == "too_few_groups"


def test_a_split_in_time_only_leaves_nothing_out():
    """The model knew every place; nothing is said of unknown ones."""
    assert check_unseen([], model="m", left_out=False).facts["reason"] == "nothing_left_out"
