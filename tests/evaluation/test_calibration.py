"""Calibration: known answers, other people's software, and simulated probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Draw, resample
from tegenkracht.evaluation.calibration import (
    CalibrationMeasures,
    bins_of,
    calibration_of,
    calibration_statistic,
    log_odds,
    recalibration,
)
from tegenkracht.evaluation.sample import Sample, sample_of


def simulated(n: int, *, seed: int, intercept: float = 0.0, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes whose log-odds are `intercept + slope * log-odds of the score`."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(1, 6, n)
    truth = 1 / (1 + np.exp(-(intercept + slope * log_odds(scores))))
    return scores, (rng.random(n) < truth).astype(float)


def sample_from(scores: Scores) -> Sample:
    """One window."""
    return sample_of(scores, lists="whole_window", cluster_by="unit_id")


def measured(scores: Scores, *, replicates: int = 400, smallest: int = 10) -> dict[str, Estimate]:
    """Every estimate of calibration of model `m`, by id."""
    sample = sample_from(scores)
    calibration = calibration_of(sample, sample.scores["m"], smallest=smallest)
    statistic = {"m": calibration_statistic(sample, sample.scores["m"], calibration)}
    numbers = resample(statistic, clusters=sample.clusters, replicates=replicates, seed=1, threads=1, progress=silent)
    return {e.id: e for e in CalibrationMeasures(sample, {"m": calibration}, numbers, 0.95).of_model("m")}


def test_brier_score_is_scikit_learns(scores_from):
    """Equal to 1e-12, over observed rows only."""
    scores, outcome = simulated(5000, seed=1)
    outcome[::3] = np.nan
    found = measured(scores_from({"m": scores}, outcome), replicates=5)
    seen = ~np.isnan(outcome)
    assert found["m/brier///all/labelled"].value == pytest.approx(
        brier_score_loss(outcome[seen], scores[seen]), abs=1e-12
    )
    assert found["m/brier///all/labelled"].n == seen.sum()


def test_recalibration_is_the_one_of_scikit_learn():
    """Slope: unpenalised regression on the log-odds. Intercept alone: where expected and observed findings are equal."""
    scores, outcome = simulated(800, seed=2, intercept=0.4, slope=0.7)
    x = log_odds(scores)
    alone = brentq(lambda a: expit(a + x).sum() - outcome.sum(), -5, 5, xtol=1e-13)
    both = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, None], outcome)
    fit = recalibration(scores, outcome.astype(np.uint8))
    assert [fit.alone, fit.intercept, fit.slope] == pytest.approx(
        [alone, both.intercept_[0], both.coef_[0, 0]], abs=1e-5
    )


def test_one_step_is_close_to_fitting_again():
    """In 50 replicates of 600 rows, one Newton step lands within a tenth of a standard error of the full fit, on average."""
    scores, outcome = simulated(600, seed=3, intercept=0.3, slope=0.8)
    sample_scores, finding = scores, outcome.astype(np.uint8)
    rng = np.random.default_rng(4)
    counts = np.stack([np.bincount(rng.integers(600, size=600), minlength=600) for _ in range(50)]).astype(np.uint8)
    sample = _plain_sample(sample_scores, finding)
    calibration = calibration_of(sample, scores, smallest=10)
    steps = calibration_statistic(sample, scores, calibration)(Draw(counts, seed=1))[:, -1 - _bins(calibration), 4:]
    fits = [recalibration(np.repeat(scores, w), np.repeat(finding, w)) for w in counts]
    full = np.array([[fit.alone, fit.slope] for fit in fits])
    assert np.abs(steps - full).mean(axis=0) == pytest.approx([0, 0], abs=0.1 * full.std(axis=0).min())


def _plain_sample(scores: np.ndarray, finding: np.ndarray) -> Sample:
    import pandas as pd

    n = len(scores)
    rows = np.zeros(n, np.int64)
    return Sample(
        rows=pd.DataFrame({"row_id": np.arange(n)}),
        scores={"m": scores},
        visited=np.ones(n, np.uint8),
        finding=finding,
        cluster=np.arange(n, dtype=np.int32),
        clusters=n,
        folds=("f1",),
        fold=rows,
        lists=rows,
        list_fold=np.zeros(1, np.int64),
        groupings=(),
    )


def _bins(calibration) -> int:
    return len(calibration.slices) - 2


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (0.8, 1.0), (0.0, 0.6)])
def test_known_miscalibration_is_found(scores_from, intercept, slope):
    """Intervals from 4,000 simulated outcomes hold the intercept (with slope 1) and the slope that made them."""
    scores, outcome = simulated(4000, seed=5, intercept=intercept, slope=slope)
    found = measured(scores_from({"m": scores}, outcome))
    assert found["m/calibration_slope///all/labelled"].low < slope < found["m/calibration_slope///all/labelled"].high
    if slope == 1:
        assert (
            found["m/calibration_intercept///all/labelled"].low
            < intercept
            < found["m/calibration_intercept///all/labelled"].high
        )


def test_expected_to_observed_by_hand(scores_from):
    """Scores add up to 3 and there are 2 findings: half again as many expected as found."""
    found = measured(scores_from({"m": [0.9, 0.9, 0.6, 0.6]}, [1, 0, 1, 0]), smallest=2)
    assert found["m/expected_observed_ratio///all/labelled"].value == pytest.approx(1.5)
    assert found["m/predicted_mean///all/labelled"].value == pytest.approx(0.75)
    assert found["m/observed_mean//bin=01/all/labelled"].value == pytest.approx(0.5)
    assert found["m/predicted_mean//bin=02/all/labelled"].value == pytest.approx(0.9)


def test_drift_shows_per_fold(scores_from):
    """The second fold finds half of what is expected; the ratios of the folds lie apart."""
    scores, outcome = simulated(4000, seed=6)
    rng = np.random.default_rng(7)
    outcome[2000:] *= rng.random(2000) < 0.5
    found = measured(scores_from({"m": scores}, outcome, fold=["f1"] * 2000 + ["f2"] * 2000))
    first, second = (found[f"m/expected_observed_ratio///{fold}/labelled"] for fold in ("f1", "f2"))
    assert first.low < 1 < first.high
    assert second.low > first.high


def test_bins_hold_everybody_once_and_keep_ties_together():
    """Bins are a partition in order of score, none smaller than asked, and no score is in two bins."""
    rng = np.random.default_rng(8)
    scores = rng.integers(0, 30, 500) / 30
    bins = bins_of(scores, smallest=20)
    assert sorted(np.concatenate(bins)) == list(range(500))
    assert min(part.size for part in bins) >= 20
    assert all(scores[a].max() < scores[b].min() for a, b in itertools.pairwise(bins))


def test_constant_scores_have_no_slope(scores_from):
    """One score for all: an intercept, no slope, and the reason."""
    found = measured(scores_from({"m": [0.3] * 40}, [1, 0] * 20))
    assert found["m/calibration_intercept///all/labelled"].value == pytest.approx(float(np.log(0.7 / 0.3)))
    assert found["m/calibration_slope///all/labelled"].note == "slope_not_estimable"


def test_perfect_separation_has_no_slope(scores_from):
    """A slope that grows without end is not a number."""
    found = measured(scores_from({"m": np.linspace(0.1, 0.9, 40)}, [0] * 20 + [1] * 20))
    assert found["m/calibration_slope///all/labelled"].note == "slope_not_estimable"


@pytest.mark.parametrize(
    ("outcome", "note"), [([1] * 12, "one_class"), ([0] * 12, "no_findings"), ([np.nan] * 12, "no_outcomes")]
)
def test_without_both_outcomes_the_reason_is_given(scores_from, outcome, note):
    """No recalibration from one kind of outcome."""
    found = measured(scores_from({"m": np.linspace(0.1, 0.9, 12)}, outcome))
    assert found["m/calibration_intercept///all/labelled"].note == note


def test_scores_that_are_no_probabilities_are_refused(scores_from):
    """A model that is said to give probabilities and does not is a mistake in the study."""
    sample = sample_from(scores_from({"m": [0.2, 1.4]}, [0, 1]))
    with pytest.raises(ValueError, match=r"Scores from 0\.2 to 1\.4 are not probabilities"):
        calibration_of(sample, sample.scores["m"], smallest=1)


@pytest.mark.parametrize(("score", "share"), [(0.01, 0.1), (0.001, 0.05), (0.02, 0.2), (1e-6, 0.5), (0.999, 0.01)])
def test_an_intercept_exists_where_scores_are_far_off(scores_from, score, share):
    """Where all scores are about alike, the intercept is about the log-odds of what was found less those of the score."""
    found = int(400 * share)
    scores = np.clip(np.random.default_rng(1).normal(score, score / 1e6, 400), 0, 1)
    outcome = np.r_[np.ones(found), np.zeros(400 - found)]
    estimate = measured(scores_from({"m": scores}, outcome))["m/calibration_intercept///all/labelled"]
    assert estimate.value == pytest.approx(log_odds(np.array([share]))[0] - log_odds(np.array([score]))[0], abs=1e-3)
    assert estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize(("intercept", "slope"), [(4.0, 0.2), (-1.0, 3.0), (0.0, 8.0), (6.0, 0.1)])
def test_a_slope_exists_where_scores_are_far_off(intercept, slope):
    """What others fit, however far from the line of no error."""
    scores, outcome = simulated(3000, seed=9, intercept=intercept, slope=slope)
    x = log_odds(scores)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000).fit(x[:, None], outcome)
    fit = recalibration(scores, outcome.astype(np.uint8))
    assert [fit.intercept, fit.slope] == pytest.approx([other.intercept_[0], other.coef_[0, 0]], abs=1e-4)
