"""Whether scores that are meant as probabilities come true, per fold (so that drift shows) and together, among visited places.

Intercept with the slope held at 1, and slope from a logistic recalibration (Cox 1958; Van Calster et al., J. Clin. Epidemiol. 2016). In a
replicate these two are one Newton step from the point estimate: that needs sums of rows only, and differs from a full refit by order 1/n
(Davison & Hinkley, Bootstrap Methods and their Application, 1997, section 7.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, sum_statistic
from tegenkracht.evaluation.estimates import About, estimate_of, nothing
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]
Slices = Sequence[NDArray[np.int64]]

CERTAIN = 1e-6
"""Scores this close to 0 or 1 are moved to this distance before their log-odds are taken."""
BINS = 10
ROWS, SCORE, FOUND, SQUARED = 0, 1, 2, 3


@dataclass(frozen=True)
class Recalibration:
    """Log-odds of an outcome as `intercept + slope * log-odds of the score`; `alone` is the intercept when the slope is held at 1.

    NaN where no such number exists: without both outcomes, or without variation in the scores, or with perfect separation.
    """

    alone: float
    intercept: float
    slope: float


def recalibration(scores: Floats, finding: NDArray[np.uint8]) -> Recalibration:
    """The maximum-likelihood recalibration of these scores."""
    y, x = finding.astype(np.float64), log_odds(scores)
    if y.min(initial=1) == y.max(initial=0) or y.size == 0:
        return Recalibration(np.nan, np.nan, np.nan)
    alone = _intercept_alone(x, float(y.mean()))
    if np.ptp(x) == 0:
        return Recalibration(alone, np.nan, np.nan)
    intercept, slope = _newton(np.stack([np.ones_like(x), x]), y)
    return Recalibration(alone, float(intercept), float(slope))


def log_odds(scores: Floats) -> Floats:
    """Log-odds of probabilities, kept off 0 and 1."""
    return np.asarray(logit(np.clip(scores, CERTAIN, 1 - CERTAIN)))


def _intercept_alone(x: Floats, found: float) -> float:
    """The shift of the log-odds at which as much is expected as was `found`.

    It always exists when not all or none was found: at the one end no chance lies above that share, at the other none below. A method that
    needs no such ends can step past it, and did where scores were furthest off.
    """
    centre = float(logit(found))
    ends = centre - x.max() - 1, centre - x.min() + 1
    return float(brentq(lambda shift: float(expit(shift + x).mean()) - found, *ends, xtol=1e-13))


def _newton(columns: Floats, y: Floats) -> Floats:
    """Logistic regression without penalty on columns (column, row) by Newton's method; NaN when it does not settle."""
    beta = np.zeros(len(columns))
    for _ in range(50):
        p = expit(beta @ columns)
        hessian = (columns * (p * (1 - p))) @ columns.T
        if np.linalg.cond(hessian) > 1e12:
            break
        step = np.linalg.solve(hessian, columns @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return beta
    return np.full_like(beta, np.nan)


def bins_of(scores: Floats, *, smallest: int) -> list[NDArray[np.int64]]:
    """Positions per bin of the calibration curve: equal numbers by score, equal scores together, each with at least `smallest` rows.

    Examples
    --------
    >>> [part.tolist() for part in bins_of(np.array([0.1, 0.9, 0.1, 0.8]), smallest=2)]
    [[0, 2], [3, 1]]
    """
    order = np.argsort(scores, kind="stable")
    wanted = max(1, min(BINS, scores.size // smallest))
    edges = [0]
    for cut in np.linspace(0, scores.size, wanted + 1).round().astype(int)[1:-1]:
        cut = int(np.searchsorted(scores[order], scores[order[cut]], side="left"))
        if cut - edges[-1] >= smallest and scores.size - cut >= smallest:
            edges.append(cut)
    return [order[a:b] for a, b in zip(edges, [*edges[1:], scores.size], strict=True)]


@dataclass(frozen=True)
class Calibration:
    """The slices that a model's calibration is looked at: splits first, then the bins of the curve; with the recalibration of each split."""

    slices: list[NDArray[np.int64]]
    fits: tuple[Recalibration, ...]


def calibration_of(sample: Sample, scores: Floats, *, smallest: int) -> Calibration:
    """What there is to sum for one model.

    Raises
    ------
    ValueError
        When a score is not a probability.
    """
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(f"Scores from {scores.min():g} to {scores.max():g} are not probabilities.")
    splits = sample.observed_slices
    everything = splits[-1]
    bins = [everything[part] for part in bins_of(scores[everything], smallest=smallest)] if everything.size else []
    return Calibration([*splits, *bins], tuple(recalibration(scores[rows], sample.finding[rows]) for rows in splits))


def calibration_statistic(sample: Sample, scores: Floats, calibration: Calibration) -> Statistic:
    """Per slice (slice, 6): rows, sum of scores, findings, sum of squared errors, and the intercept and slope after one Newton step."""
    columns = np.concatenate([_columns(sample, scores, part, fit) for part, fit in _fitted(calibration)])
    summed = sum_statistic(columns, cluster=sample.cluster, slices=calibration.slices)

    def statistic(draw: Draw) -> Floats:
        sums = summed(draw)
        return np.concatenate([sums[..., :4], _one_step(sums, calibration)], axis=-1)

    return statistic


def _fitted(calibration: Calibration) -> list[tuple[NDArray[np.int64], Recalibration]]:
    none = Recalibration(np.nan, np.nan, np.nan)
    return [
        (part, calibration.fits[i] if i < len(calibration.fits) else none) for i, part in enumerate(calibration.slices)
    ]


def _columns(sample: Sample, scores: Floats, rows: NDArray[np.int64], fit: Recalibration) -> Floats:
    """What is summed of each row: 1, score, outcome, squared error, and the gradient and curvature of both recalibrations."""
    s, y, x = scores[rows], sample.finding[rows].astype(np.float64), log_odds(scores[rows])
    alone, both = expit(fit.alone + x), expit(fit.intercept + fit.slope * x)
    curve = both * (1 - both)
    plain = [np.ones_like(s), s, y, (s - y) ** 2]
    return np.column_stack(
        [*plain, y - alone, alone * (1 - alone), y - both, (y - both) * x, curve, curve * x, curve * x * x]
    )


def _one_step(sums: Floats, calibration: Calibration) -> Floats:
    """Intercept and slope of each slice (…, slice, 2) after one Newton step; NaN for bins."""
    fits = [fit for _, fit in _fitted(calibration)]
    alone, slope = (np.array([getattr(fit, name) for fit in fits]) for name in ("alone", "slope"))
    gradient, curve, g0, g1, h00, h01, h11 = np.moveaxis(sums[..., 4:], -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([alone + gradient / curve, slope + (h00 * g1 - h01 * g0) / (h00 * h11 - h01 * h01)], axis=-1)


@dataclass(frozen=True)
class CalibrationMeasures:
    """Estimates from the resampled sums of each model whose scores are probabilities; others get the reason why not."""

    sample: Sample
    calibrations: Mapping[str, Calibration]
    sums: Mapping[str, Resampled]
    level: float

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Brier score, intercept, slope and expected-to-observed ratio per split, and the points of the curve."""
        if model not in self.calibrations:
            yield nothing("not_a_probability", "brier", About(model), n=0)
            return
        for s, split in enumerate(self.sample.splits):
            yield from self._split(self.sums[model][s], About(model, split=split), self.sample.observed_slices[s])
        for i in range(len(self.sample.splits), len(self.calibrations[model].slices)):
            about = About(model, at=f"bin={i - len(self.sample.splits) + 1:02d}")
            yield from self._means(self.sums[model][i], about)

    def _split(self, sums: Resampled, about: About, rows: NDArray[np.int64]) -> Iterator[Estimate]:
        n, finding = rows.size, self.sample.finding[rows]
        one_class = "no_outcomes" if n == 0 else "one_class" if finding.all() else "no_findings"
        slope = one_class if n == 0 or finding.all() or not finding.any() else "slope_not_estimable"
        figures = {
            "brier": (sums[SQUARED] / sums[ROWS], "no_outcomes"),
            "calibration_intercept": (sums[4], one_class),
            "calibration_slope": (sums[5], slope),
            "expected_observed_ratio": (sums[SCORE] / sums[FOUND], one_class),
        }
        for metric, (number, why_not) in figures.items():
            yield estimate_of(number, metric, about, n=n, level=self.level, why_not=why_not, share=False)
        yield from self._means(sums, about)

    def _means(self, sums: Resampled, about: About) -> Iterator[Estimate]:
        n = sums.point[ROWS]
        for metric, which in (("predicted_mean", SCORE), ("observed_mean", FOUND)):
            mean, share = sums[which] / sums[ROWS], metric == "observed_mean"
            yield estimate_of(mean, metric, about, n=n, level=self.level, why_not="no_outcomes", share=share)
