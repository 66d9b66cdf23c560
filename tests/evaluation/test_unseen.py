"""A model in places that it does not know: taken together by hand, and what is said of a next place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm
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
    return sample, Grouping("unseen", tuple(f"p{i}" for i in range(places)), of_row, np.arange(n))


def told_of(sample, places):
    """Estimates with few replicates."""
    return list(unseen_estimates(sample, places, "m", replicates=200, level=0.95, seed=1, threads=1))


def test_many_alike_places_are_as_sure_as_all_together():
    """Sixty areas of 0.7 with variance 0.01 on the log-odds: an error near 0.1/sqrt(60), and a next place hardly further."""
    told = taken_together(np.full(60, 0.7), np.full(60, 0.01), level=0.95)
    assert told.mean == pytest.approx(0.7)
    reach = (logit(told.interval[1]) - logit(told.interval[0])) / 2
    assert reach == pytest.approx(1.96 * 0.1 / np.sqrt(60), rel=0.05)
    assert told.foretold[1] - told.foretold[0] < 0.05


def test_places_taken_together_are_those_of_numerical_integration():
    """Against scipy's integration over the spread for four places: the mean to 0.001, and the chance of a next place below each end to 0.002."""
    y, variance = np.array([0.2, 0.9, 1.1, 0.6]), np.array([0.04, 0.09, 0.02, 0.05])
    told = taken_together(expit(y), variance, level=0.9)

    def parts(tau):
        spread = tau**2
        weight = 1 / (variance + spread)
        mean = (weight * y).sum() / weight.sum()
        density = np.prod(norm.pdf(y, mean, np.sqrt(variance + spread))) * np.sqrt(2 * np.pi / weight.sum())
        return density, mean, 1 / weight.sum() + spread

    def integral(of):
        return quad(lambda tau: of(*parts(tau)), 0, 1, epsabs=1e-12)[0]

    whole = integral(lambda density, mean, spread: density)
    assert logit(told.mean) == pytest.approx(integral(lambda d, mean, s: d * mean) / whole, abs=0.001)
    for end, share in zip(told.foretold, (0.05, 0.95), strict=True):
        below = integral(lambda d, mean, s, end=end: d * norm.cdf(logit(end), mean, np.sqrt(s))) / whole
        assert below == pytest.approx(share, abs=0.002)


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
