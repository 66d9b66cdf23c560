"""The CORP curve and smooth calibration error: the paper's identity, scikit-learn, brute force and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Draw, resample
from tegenkracht.evaluation.calibration_curve import (
    CELLS,
    CurveMeasures,
    consistency_band,
    curve_slices,
    curve_statistic,
    smooth_error,
)
from tegenkracht.evaluation.isotonic import isotonic
from tegenkracht.evaluation.sample import Sample, sample_of


def simulated(n: int, *, seed: int, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes that come true `factor` times as often."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(1, 6, n).round(3)
    return scores, (rng.random(n) < factor * scores).astype(float)


def sample_from(scores: Scores) -> Sample:
    """One window."""
    return sample_of(scores, lists="whole_window", cluster_by="unit_id")


def measured(scores: Scores, *, replicates: int = 200, minimum: int = 10) -> dict[str, Estimate]:
    """Every estimate of model `m`, by id."""
    sample = sample_from(scores)
    slices = curve_slices(sample, sample.scores["m"], "m", apart=True)
    statistic = {"m": curve_statistic(sample, slices)}
    numbers = resample(statistic, clusters=sample.clusters, replicates=replicates, seed=1, threads=1, progress=silent)
    return {e.id: e for e in CurveMeasures(sample, {"m": slices}, numbers, minimum, 0.95, 3).of_model("m")}


@pytest.mark.parametrize("seed", range(5))
def test_weighted_isotonic_regression_is_scikit_learns(seed):
    """Equal to 1e-12 over random scores with ties and random weights."""
    rng = np.random.default_rng(seed)
    scores, outcome, weight = rng.integers(0, 40, 300) / 40, rng.integers(0, 2, 300).astype(float), rng.random(300)
    distinct, fitted = isotonic(scores, outcome, weight)
    theirs = IsotonicRegression().fit(scores, outcome, sample_weight=weight)
    assert fitted == pytest.approx(theirs.predict(distinct), abs=1e-12)


def test_brier_score_is_miscalibration_less_discrimination_plus_uncertainty(scores_from):
    """Equation 4 of Dimitriadis et al. (2021), with isotonic regression by scikit-learn."""
    scores, outcome = simulated(900, seed=1)
    found = measured(scores_from({"m": scores}, outcome), replicates=20)
    after = IsotonicRegression().fit(scores, outcome).predict(scores)
    brier, best, base = (np.mean((p - outcome) ** 2) for p in (scores, after, outcome.mean()))
    values = [found[f"m/{name}///all/labelled"].value for name in ("miscalibration", "discrimination", "uncertainty")]
    assert values == pytest.approx([brier - best, base - best, base], abs=1e-12)


def test_a_replicate_is_the_data_with_rows_repeated(scores_from):
    """Counting a row twice or not at all is writing it twice or leaving it out."""
    scores, outcome = simulated(200, seed=2)
    sample = sample_from(scores_from({"m": scores}, outcome))
    counts = np.bincount(np.random.default_rng(3).integers(200, size=200), minlength=200).astype(np.uint8)
    slices = curve_slices(sample, sample.scores["m"], "m", apart=True)
    mine = curve_statistic(sample, slices)(Draw(counts[None], seed=1))[0]
    repeated, again = np.repeat(scores, counts), np.repeat(outcome, counts)
    after = IsotonicRegression().fit(repeated, again).predict(repeated)
    assert mine[0] == pytest.approx(np.mean((repeated - again) ** 2), abs=1e-12)
    assert mine[1] == pytest.approx(np.mean((after - again) ** 2), abs=1e-12)


def test_smooth_error_is_the_fixed_point_by_quadrature():
    """With one residual of mass 0.2 at the middle: the width equals the integral of the reflected kernel's absolute value, 0.2."""
    residuals = np.zeros(CELLS)
    residuals[CELLS // 2] = 0.2
    assert smooth_error(residuals) == pytest.approx(0.2, abs=1e-4)


def test_smooth_error_of_opposite_residuals():
    """Masses +0.3 at 0.4 and -0.3 at 0.6 cancel as far as they are smoothed together: the fixed point found by integration."""
    residuals = np.zeros(CELLS)
    ends = [int(0.4 * CELLS), int(0.6 * CELLS)]
    residuals[ends] = 0.3, -0.3
    at = [(cell + 0.5) / CELLS for cell in ends]

    def kernel(t: float, centre: float, width: float) -> float:
        return sum(norm.pdf(t, mirrored, width) for mirrored in (centre, -centre, 2 - centre))

    def left(width: float) -> float:
        return quad(
            lambda t: 0.3 * abs(kernel(t, at[0], width) - kernel(t, at[1], width)), 0, 1, limit=200, points=[0.5]
        )[0]

    assert left(smooth_error(residuals)) == pytest.approx(smooth_error(residuals), abs=2e-3)


def test_scores_twice_too_high_are_found_and_right_ones_are_not(scores_from):
    """In 4,000 outcomes: half come true, smooth error about half of the mean score; the curve leaves the band there and only there."""
    for factor, outside in ((0.5, True), (1.0, False)):
        scores, outcome = simulated(4000, seed=4, factor=factor)
        found = measured(scores_from({"m": scores}, outcome))
        error = found["m/smooth_calibration_error///all/labelled"]
        assert (error.value > 0.05) == outside
        points = [e for e in found.values() if e.metric == "curve_found"]
        bands = [found[e.id.replace("curve_found", "curve_consistent").replace("labelled", "fixed")] for e in points]
        beyond = np.mean([not b.low <= e.value <= b.high for e, b in zip(points, bands, strict=True)])
        assert (beyond > 0.3) == outside


def test_consistency_band_holds_curves_of_models_that_are_right(scores_from):
    """Of 40 simulated curves, 92 to 98 in 100 points lie in a band of 95 in 100 (equal scores, so that points are steady)."""
    inside = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scores = rng.integers(1, 10, 600) / 20
        outcome = (rng.random(600) < scores).astype(float)
        sample = sample_from(scores_from({"m": scores}, outcome))
        part = curve_slices(sample, sample.scores["m"], "m", apart=True)[-1]
        low, high = consistency_band(part, level=0.95, rng=rng)
        fitted = isotonic(scores, outcome, np.ones(600))[1][part.marks]
        inside.append(((low <= fitted) & (fitted <= high)).mean())
    assert 0.92 <= np.mean(inside) <= 0.98


def test_groups_are_measured_apart_and_small_ones_withheld(scores_from):
    """The group whose findings are half of what is expected has the larger error; a group of five rows gives its reason."""
    scores, outcome = simulated(3005, seed=5)
    outcome[1500:3000] *= np.random.default_rng(6).random(1500) < 0.3
    context = {"kind": ["right"] * 1500 + ["wrong"] * 1500 + ["few"] * 5}
    found = measured(scores_from({"m": scores}, outcome, context=context, audit=("kind",)))
    right, wrong, few = (found[f"m/smooth_calibration_error/kind={k}//all/labelled"] for k in ("right", "wrong", "few"))
    assert wrong.low > right.value
    assert not few.is_known


def test_a_model_that_is_compared_has_one_figure_over_all_rows(scores_from):
    """The same figures as the main model's over everything; no group, no split, no curve."""
    scores, outcome = simulated(900, seed=7)
    table = scores_from({"m": scores}, outcome, context={"kind": ["a", "b", "c"] * 300}, audit=("kind",))
    sample = sample_from(table)
    (part,) = curve_slices(sample, sample.scores["m"], "m", apart=False)
    statistic = {"m": curve_statistic(sample, (part,))}
    numbers = resample(statistic, clusters=sample.clusters, replicates=200, seed=1, threads=1, progress=silent)
    few = list(CurveMeasures(sample, {"m": (part,)}, numbers, 10, 0.95, 3).of_model("m"))
    of_main = measured(table)
    assert [e.metric for e in few] == ["miscalibration", "discrimination", "uncertainty", "smooth_calibration_error"]
    assert few == [of_main[e.id] for e in few]


def test_nobody_visited_gives_reasons(scores_from):
    """Without outcomes there is no curve, and a sentence why."""
    found = measured(scores_from({"m": [0.1, 0.2, 0.3]}, [np.nan] * 3), replicates=5)
    assert {e.note for e in found.values()} == {"no_outcomes"}
