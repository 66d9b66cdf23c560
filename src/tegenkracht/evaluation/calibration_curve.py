"""How far scores lie from what came true, without bins: the CORP curve, its decomposition of the Brier score, and smooth calibration error.

CORP (Dimitriadis, Gneiting & Jordan, PNAS 2021): recalibrate by isotonic regression; Brier score = miscalibration - discrimination +
uncertainty, exactly. Its consistency band says where the curve of a model that is right would lie, given these scores. Smooth calibration
error (Blasiok & Nakkiran, arXiv:2309.12236) needs no bins and no choice of bandwidth. Isotonic regression follows noise, so miscalibration
and discrimination are both too high in few rows; so is the smooth error: with few rows read them beside the band, not beside zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.binomial import binomials
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, sum_of_parts
from tegenkracht.evaluation.estimates import About, bounds_between, estimate_of, nothing
from tegenkracht.evaluation.isotonic import pool, pool_draws, runs_of
from tegenkracht.evaluation.kernel_smooth import cosines, smooth_widths
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

CELLS = 256
"""Cells of the unit interval on which residuals are smoothed."""
STEPS = 2**14
"""Widths of the kernel that are told apart in the unit interval."""
POINTS = 21
"""Points at which the curve is written, at equal steps of rank."""
BAND_DRAWS = 400
_COSINES = cosines(CELLS)
BRIER, RECALIBRATED, UNCERTAINTY, SMOOTH, CURVE = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Slice:
    """Visited rows that are looked at together, by score: where they came from, what there is to sum, and whether the curve itself is written."""

    about: About
    rows: NDArray[np.int64]
    scores: Floats
    has_curve: bool = False

    @cached_property
    def distinct(self) -> Floats:
        """Distinct scores, ascending."""
        return np.unique(self.scores)

    @cached_property
    def block(self) -> NDArray[np.int64]:
        """Which distinct score each row has."""
        return np.searchsorted(self.distinct, self.scores).astype(np.int64)

    @cached_property
    def marks(self) -> NDArray[np.int64]:
        """Distinct scores at which the curve is read."""
        if not self.has_curve or self.rows.size == 0:
            return np.empty(0, np.int64)
        places = np.linspace(0, self.rows.size - 1, POINTS).round().astype(np.int64)
        return np.unique(self.block[places])


def curve_slices(sample: Sample, scores: Floats, model: str, *, apart: bool) -> tuple[Slice, ...]:
    """All visited rows together; `apart` also each split and each audit group over all splits, and then the curve itself is written."""
    seen = sample.observed_slices[-1]
    if not apart:
        return (_sorted(About(model), seen, scores),)
    splits = [
        _sorted(About(model, split=split), rows, scores, has_curve=split == "all")
        for split, rows in zip(sample.splits, sample.observed_slices, strict=True)
    ]
    groups = [
        _sorted(About(model, group=grouping.name(value)), seen[grouping.of_row[seen] == value], scores)
        for grouping in sample.groupings
        for value in range(len(grouping.values))
    ]
    return (*splits, *groups)


def _sorted(about: About, rows: NDArray[np.int64], scores: Floats, *, has_curve: bool = False) -> Slice:
    ordered = rows[np.argsort(scores[rows], kind="stable")]
    return Slice(about, ordered, scores[ordered], has_curve)


def curve_statistic(sample: Sample, slices: tuple[Slice, ...]) -> Statistic:
    """Brier score, the same after recalibration, uncertainty, smooth error (of each slice in turn), then the points of its curve."""
    walks = [_slice_statistic(sample, part) for part in slices if part.rows.size]

    def statistic(draw: Draw) -> Floats:
        smooth = np.empty((len(walks), len(draw.counts), CELLS))
        walked = [walk(draw, residuals) for walk, residuals in zip(walks, smooth, strict=True)]
        parts = [
            part
            for out, error in zip(walked, smooth_error(smooth), strict=True)
            for part in (out[:, :SMOOTH], error[:, None], out[:, SMOOTH:])
        ]
        return np.concatenate(parts or [np.empty((len(draw.counts), 0))], axis=1)

    return statistic


def _slice_statistic(sample: Sample, part: Slice) -> Callable[[Draw, Floats], Floats]:
    """All but the smooth error (replicate, 3 + mark); into the second argument the mean residuals (replicate, cell)."""
    finding, rows = sample.finding[part.rows], part.rows
    residual = finding - part.scores
    run = runs_of(part.block, finding)
    of_row, marks = run[part.block], run[part.marks]
    cells = np.minimum((part.scores * CELLS).astype(np.int64), CELLS - 1)

    sums = partial(sum_of_parts, cluster=sample.cluster[rows])
    steps = sums(np.column_stack([np.ones(rows.size), finding]), part=of_row, parts=int(run[-1]) + 1)
    residuals = sums(residual[:, None], part=cells, parts=CELLS)
    squares = sums(np.column_stack([residual**2, np.ones(rows.size)]), part=np.zeros(rows.size, np.int64), parts=1)

    def walk(draw: Draw, smooth: Floats) -> Floats:
        out = np.empty((len(draw.counts), 3 + marks.size))
        error, weight = squares(draw)[:, 0].T
        weight = np.where(weight > 0, weight, np.nan)
        out[:, 0] = error / weight
        pool_draws(steps(draw), marks, out[:, 1:])
        smooth[:] = residuals(draw)[..., 0] / weight[:, None]
        return out

    return walk


def smooth_error(residuals: Floats) -> Floats:
    """Smooth calibration error of each line: the width at which smoothing with that width leaves as much error, in steps of 1 / `STEPS`.

    Parameters
    ----------
    residuals
        (…, cell): sum of outcome minus score per cell of the unit interval, divided by the number of rows. Lines of the last axis but one have about
        the same error: they are replicates of one figure.

    Notes
    -----
    A Gaussian kernel reflected at 0 and 1 damps each cosine of the unit interval by itself, so that a width costs one sum of cosines.
    """
    known = np.asarray(np.isfinite(residuals).all(axis=-1))
    waves = dct(np.where(known[..., None], residuals, 0.0), axis=-1)
    widths = np.empty(known.shape)
    together = waves.reshape(-1, *waves.shape[-2:]) if waves.ndim > 1 else waves[None, None]
    for lines, found in zip(together, widths.reshape(together.shape[:2]), strict=True):
        smooth_widths(lines, *_COSINES, STEPS, found)
    return np.where(known, widths, np.nan)


def consistency_band(part: Slice, *, level: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Lowest and highest value of the curve at `marks` that a model that is right would show in `level` of its curves, point by point.

    Outcomes are drawn from the scores themselves, independently.
    """
    number, chance = np.bincount(part.block).astype(np.int64), part.distinct
    curves, fitted, mass = np.empty((BAND_DRAWS, part.marks.size)), np.empty(number.size), number.astype(np.float64)
    found = binomials(number, chance, rng)
    for curve in curves:
        pool(mass, next(found).astype(np.float64), fitted)
        curve[:] = fitted[part.marks]
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


@dataclass(frozen=True)
class CurveMeasures:
    """Estimates from the resampled curves of the models whose scores are probabilities."""

    sample: Sample
    slices: Mapping[str, tuple[Slice, ...]]
    curves: Mapping[str, Resampled]
    minimum: int
    level: float
    seed: int

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Decomposition and smooth error of each slice, and the curve with its band where it is written; nothing for scores that are no chances."""
        start = 0
        for part in self.slices.get(model, ()):
            stop = start + (CURVE + part.marks.size if part.rows.size else 0)
            yield from self._slice(part, self.curves[model][start:stop])
            start = stop

    def _slice(self, part: Slice, numbers: Resampled) -> Iterator[Estimate]:
        n = part.rows.size
        if n < self.minimum:
            why = "no_outcomes" if n == 0 else "base_under_minimum"
            for metric in ("miscalibration", "discrimination", "uncertainty", "smooth_calibration_error"):
                yield nothing(why, metric, part.about, n=0)
            return
        figures = {
            "miscalibration": numbers[BRIER] - numbers[RECALIBRATED],
            "discrimination": numbers[UNCERTAINTY] - numbers[RECALIBRATED],
            "uncertainty": numbers[UNCERTAINTY],
            "smooth_calibration_error": numbers[SMOOTH],
        }
        for metric, number in figures.items():
            yield estimate_of(number, metric, part.about, n=n, level=self.level, why_not="no_outcomes", share=False)
        if part.marks.size:
            yield from self._curve(part, numbers[CURVE:])

    def _curve(self, part: Slice, points: Resampled) -> Iterator[Estimate]:
        low, high = consistency_band(part, level=self.level, rng=np.random.default_rng(self.seed))
        for i, mark in enumerate(part.marks):
            about, score = About(part.about.model, at=f"point={i + 1:02d}"), part.distinct[mark]
            n, point = part.rows.size, Resampled(np.asarray(score), np.full(len(points.replicates), score))
            yield estimate_of(
                point, "curve_score", about, n=n, level=self.level, why_not="", share=False, method="fixed"
            )
            yield estimate_of(points[i], "curve_found", about, n=n, level=self.level, why_not="", share=False)
            yield bounds_between(low[i], high[i], "curve_consistent", about, n=n, why_not="", method="fixed")
