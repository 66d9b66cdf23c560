"""A feature or a score that tells the group is seen as one, with the right size and an honest interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from sklearn.metrics import roc_auc_score

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.evaluation.contrast import Contrast
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.proxies import (
    Told,
    auc_estimate,
    auc_interval,
    check_proxies,
    clustered_auc,
    proxy_estimates,
    told_by_families,
)


def test_the_auc_is_that_of_scikit_learn() -> None:
    """One stratum, ties included."""
    rng = np.random.default_rng(1)
    score, member = rng.integers(5, size=300).astype(float), rng.random(300) < 0.3
    auc, _ = clustered_auc(score, member, cluster=np.arange(300), stratum=np.zeros(300, int))
    assert auc == pytest.approx(roc_auc_score(member, score))


def test_the_error_without_clusters_is_that_of_delong() -> None:
    """DeLong, DeLong & Clarke-Pearson 1988: variance of placements, by hand."""
    rng = np.random.default_rng(2)
    score, member = rng.normal(size=200), rng.random(200) < 0.4
    score = score + member
    auc, error = clustered_auc(score, member, cluster=np.arange(200), stratum=np.zeros(200, int))
    above = np.array([np.mean(x > score[~member]) for x in score[member]])
    below = np.array([np.mean(score[member] > y) for y in score[~member]])
    delong = above.var(ddof=1) / above.size + below.var(ddof=1) / below.size
    assert error == pytest.approx(math.sqrt(delong), rel=0.01)
    assert above.mean() == pytest.approx(auc)


def test_rows_are_compared_within_their_stratum() -> None:
    """Two lists on another scale: within each the member is above, and the scale does not count."""
    score = np.array([2.0, 1.0, 200.0, 100.0])
    member = np.array([True, False, True, False])
    assert clustered_auc(score, member, cluster=np.arange(4), stratum=np.array([0, 0, 1, 1]))[0] == 1.0


def test_a_row_repeated_ten_times_is_no_ten_rows() -> None:
    """Copies of a cluster leave its error as it was."""
    rng = np.random.default_rng(3)
    score, member = rng.normal(size=100), rng.random(100) < 0.5
    once = clustered_auc(score, member, cluster=np.arange(100), stratum=np.zeros(100, int))
    ten = clustered_auc(
        np.tile(score, 10), np.tile(member, 10), cluster=np.tile(np.arange(100), 10), stratum=np.zeros(1000, int)
    )
    assert ten == pytest.approx(once)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Clusters with an effect of their own, a shift of 0.6: the AUC is Phi(0.6 / sqrt(2 x 1.09))."""
    held, times = 0, 200
    truth = float(ndtr(0.6 / math.sqrt(2 * 1.09)))
    for seed in range(times):
        rng = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(80), 10)
        member = rng.random(800) < 0.4
        score = rng.normal(size=800) + 0.3 * rng.normal(size=80)[cluster] + 0.6 * member
        auc, error = clustered_auc(score, member, cluster=cluster, stratum=np.zeros(800, int))
        low, high = auc_interval(auc, error, level=0.95) or (1.0, 0.0)
        held += low <= truth <= high
    assert 0.91 <= held / times <= 0.99  # 95 % in 200: two standard errors are 3 points


@pytest.mark.parametrize(("step", "note"), [(10, "every_pair"), (-10, "every_pair"), (1, "")])
def test_where_every_pair_is_told_apart_there_is_no_interval_and_the_note_says_why(step: int, note: str) -> None:
    """An AUC of one, or of nought, never moves; one in between has an interval and no note."""
    member = np.tile([True, False], 20)
    score, rows = np.tile([0, 1, 2, 3], 10) + step * member, np.ones(40, bool)
    contrast = Contrast("side=a", member, ~member)
    told = auc_estimate(
        score.astype(float), contrast, np.arange(40), np.zeros(40, int), rows, About(), minimum=10, level=0.95
    )
    assert (told.note, told.low is None) == (note, bool(note))


def test_a_family_that_tells_is_found_out_of_sample_and_noise_is_not() -> None:
    """One column follows the group, one is noise, one is missing more often in the group."""
    rng = np.random.default_rng(4)
    n = 3000
    cluster, member = np.repeat(np.arange(100), 30), rng.random(n) < 0.3
    columns = pd.DataFrame(
        {
            "tells": rng.normal(size=n) + member,
            "noise": rng.normal(size=n),
            "gone": np.where(rng.random(n) < 0.2 + 0.5 * member, np.nan, rng.normal(size=n)),
        }
    )
    guesses, fold = told_by_families(
        columns,
        {"tells": ["tells"], "noise": ["noise"], "gone": ["gone"]},
        member[:, None].astype(float),
        cluster=cluster,
        folds=5,
        seed=1,
    )
    auc = {name: clustered_auc(g[:, 0], member, cluster=cluster, stratum=fold)[0] for name, g in guesses.items()}
    assert auc["tells"] == pytest.approx(float(ndtr(1 / math.sqrt(2))), abs=0.02)
    assert auc["noise"] == pytest.approx(0.5, abs=0.03)
    assert auc["gone"] == pytest.approx(0.75, abs=0.02)  # missing or not: (1 + 0.7 - 0.2) / 2
    assert all(np.unique(fold[cluster == c]).size == 1 for c in range(100))


def test_among_equal_outcomes_the_score_may_tell_nothing() -> None:
    """The score follows the outcome and the outcome the group: within an outcome nothing is left."""
    rng = np.random.default_rng(5)
    n = 8000
    member = rng.random(n) < 0.5
    outcome = (rng.random(n) < np.where(member, 0.7, 0.3)).astype(float)
    told = Told(
        columns=pd.DataFrame({"x": rng.normal(size=n)}),
        families={"x": ["x"]},
        cluster=np.arange(n),
        lists=np.zeros(n, int),
        score=outcome + rng.normal(size=n),
        outcome=outcome,
    )
    found = {
        e.at: e
        for e in proxy_estimates(
            told, [Contrast("a=b", member, ~member)], model="m", folds=3, minimum=10, level=0.95, seed=1
        )
    }
    assert set(found) == {"family=x", "columns=together", "score", "score,found=yes", "score,found=no"}
    assert found["score"].low is not None
    assert found["score"].low > 0.57
    for at in ("score,found=yes", "score,found=no"):
        assert found[at].low is not None
        assert found[at].low < 0.5 < found[at].high


def told(value: float, reach: float, group: str = "a=b") -> Estimate:
    """An AUC of the score."""
    return Estimate(
        "m",
        "proxy_auc",
        value,
        value - reach,
        value + reach,
        n=100,
        method="sample",
        level=0.95,
        group=group,
        at="score",
    )


@pytest.mark.parametrize(
    ("estimates", "verdict"),
    [
        ([told(0.70, 0.05)], "found"),
        ([told(0.30, 0.05)], "found"),
        ([told(0.62, 0.05)], "not_found"),
        (
            [told(0.70, 0.09), *(told(0.5, 0.05, f"a={i}") for i in range(8))],
            "not_found",
        ),  # nine looks ask for a wider interval
        ([none_because("base_under_minimum", model="m", metric="proxy_auc", at="score")], "not_applicable"),
    ],
)
def test_the_score_must_tell_more_than_the_stated_size(estimates: list[Estimate], verdict: str) -> None:
    """Beyond ten points from a lot, either way, and beyond chance."""
    assert check_proxies(estimates, model="m", size=0.1).verdict == verdict
