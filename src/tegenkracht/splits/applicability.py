"""Which tested places lie outside what training has seen: the area of applicability.

Meyer and Pebesma (2021), Predicting into unknown space?, Methods in Ecology and Evolution 12, 1620-1633. The dissimilarity index of a row is its
distance to the nearest training row, in standardised and weighted columns, divided by the mean distance between training rows. The threshold is
the upper whisker of the same index within training, where the nearest row comes from another part of a cross-validation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances

from tegenkracht.core.errors import Problem, TegenkrachtError
from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.splits.between import between_groups

METRIC = "share_outside"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Flags = NDArray[np.bool_]

_PARTS = 10
_BLOCK = 2_048  # rows that are compared with all points at a time
_TURNS = 32  # in which rows are compared with points until one is near
_ROUNDING = 1e-12
"""Part of its squares by which a squared distance that comes from products may be off, many times over."""
_PAIRS = 1_000
"""Training rows whose mean distance is measured over all their pairs."""


class ApplicabilityError(TegenkrachtError):
    """Weights that do not belong to the panel's columns."""


@dataclass(frozen=True)
class Applicability:
    """What lies outside.

    Parameters
    ----------
    estimates
        `share_outside` per fold and over all test rows.
    thresholds
        By fold, the largest dissimilarity that still lies inside; folds that cannot be judged are absent.
    rows
        `fold, row_id, outside`, one row per test row of the folds that can be judged.
    """

    estimates: tuple[Estimate, ...]
    thresholds: Mapping[str, float]
    rows: pd.DataFrame


@dataclass(frozen=True)
class Scale:
    """How columns become comparable, learnt from training rows: a missing value takes the median, and an indicator of missingness stands beside it.

    Columns that do not vary in training (also the indicator) are kept out: they say nothing about how far a row is.
    """

    median: Floats
    mean: Floats
    spread: Floats
    weight: Floats

    @classmethod
    def of(cls, values: Floats, weight: Floats) -> Scale:
        """Learn it from training values, shape (columns, rows)."""
        there = ~np.isnan(values).all(axis=1)
        median = np.zeros(len(values))
        median[there] = np.nanmedian(values[there], axis=1)
        filled = _filled(values, median)
        spread = filled.std(axis=1)
        both = np.concatenate([weight, weight])
        return cls(median, filled.mean(axis=1), spread, np.where(spread > 0, both, 0.0))

    def of_rows(self, values: Floats) -> Floats:
        """Standardised and weighted values (column, row) of the columns that count."""
        used = self.weight > 0
        filled = _filled(values, self.median)[used]
        filled -= self.mean[used, None]
        filled *= (self.weight[used] / self.spread[used])[:, None]
        return filled


def applicability(
    panel: Panel, folds: Sequence[Fold], *, weights: Mapping[str, float] | None, at_most: int, seed: int
) -> Applicability:
    """The area of applicability of every fold.

    Parameters
    ----------
    panel, folds
        What was learnt from and tested on.
    weights
        Importance of each column, 0 or more; a column without one counts for nothing. None weighs all the same.
    at_most
        Training rows that are compared with; more are thinned by lot, for test rows and the threshold alike.
    seed
        For thinning and for the parts of the cross-validation (all rows of a unit are in one part).

    Raises
    ------
    ApplicabilityError
        When a weight is negative, or belongs to no column.
    """
    weight = _weights(panel, weights)
    judged = [_judge(panel, fold, weight, at_most=at_most, seed=seed) for fold in folds]
    known = [one for one in judged if one is not None]
    empty = pd.DataFrame({"fold": [], "row_id": [], "outside": np.array([], bool)})
    rows = pd.concat([table for table, _ in known], ignore_index=True) if known else empty
    estimates = [_share(table["outside"], fold.name) for fold, table in _by_fold(folds, judged)]
    return Applicability(
        (*estimates, _share(rows["outside"], "all")),
        {fold.name: one[1] for fold, one in zip(folds, judged, strict=True) if one is not None},
        rows,
    )


def _by_fold(
    folds: Sequence[Fold], judged: Sequence[tuple[pd.DataFrame, float] | None]
) -> list[tuple[Fold, pd.DataFrame]]:
    nothing = pd.DataFrame({"outside": np.array([], bool)})
    return [(fold, nothing if one is None else one[0]) for fold, one in zip(folds, judged, strict=True)]


def _share(outside: pd.Series, split: str) -> Estimate:
    if not len(outside):
        return none_because("no_spread", model="", metric=METRIC, method="sample", split=split)
    return Estimate("", METRIC, float(outside.mean()), n=len(outside), method="sample", split=split)


def _judge(panel: Panel, fold: Fold, weight: Floats, *, at_most: int, seed: int) -> tuple[pd.DataFrame, float] | None:
    """Which test rows lie outside, and the threshold; None when training rows do not differ."""
    rng = np.random.default_rng(seed)
    train = fold.train if len(fold.train) <= at_most else np.sort(rng.choice(fold.train, at_most, replace=False))
    if not panel.feature_names or len(train) < 2:
        return None
    columns = [panel.rows[name].to_numpy(np.float64) for name in panel.feature_names]
    learnt, tested = (np.array([column[at] for column in columns]) for at in (train, fold.test))
    scale = Scale.of(learnt, weight)
    points = np.ascontiguousarray(scale.of_rows(learnt).T)
    if not points.shape[1] or not len(fold.test):
        return None
    part = _parts(panel.rows["unit_id"].iloc[train], rng)
    typical = _mean_distance(points, rng)
    if typical == 0 or len(np.unique(part)) < 2:
        return None
    threshold = upper_whisker(between_groups(points, part, _nearest) / typical)
    table = pd.DataFrame(
        {
            "fold": fold.name,
            "row_id": panel.rows["row_id"].iloc[fold.test].to_numpy(),
            "outside": _farther(scale.of_rows(tested), points, typical, threshold),
        }
    )
    return table, threshold


def upper_whisker(values: Floats) -> float:
    """The largest value that lies at most 1.5 times the interquartile range above the third quartile.

    Examples
    --------
    >>> upper_whisker(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    4.0
    """
    low, high = np.quantile(values, [0.25, 0.75])
    return float(values[values <= high + 1.5 * (high - low)].max())


def _weights(panel: Panel, weights: Mapping[str, float] | None) -> Floats:
    names = panel.feature_names
    if weights is None:
        return np.ones(len(names))
    faults = [
        Problem(f"weights, {name}", "there is no such column.", "Name columns of the panel.")
        for name in sorted(set(weights) - set(names))
    ]
    faults += [
        Problem(f"weights, {name}", f"{value} is no weight.", "Write 0 or more.")
        for name, value in weights.items()
        if not (np.isfinite(value) and value >= 0)
    ]
    if faults:
        raise ApplicabilityError("\n".join(str(fault) for fault in faults))
    return np.array([weights.get(name, 0.0) for name in names])


def _filled(values: Floats, median: Floats) -> Floats:
    missing = np.isnan(values)
    return np.concatenate([np.where(missing, median[:, None], values), missing.astype(np.float64)])


def _parts(unit: pd.Series, rng: np.random.Generator) -> Ints:
    """A part per row, the same for all rows of a unit."""
    code, units = pd.factorize(unit, sort=True)
    return np.asarray(rng.permutation(np.arange(len(units)) % _PARTS)[code], dtype=np.int64)


def _mean_distance(points: Floats, rng: np.random.Generator) -> float:
    """Mean over all pairs of different rows (of a sample by lot, when there are many)."""
    some = points if len(points) <= _PAIRS else points[rng.choice(len(points), _PAIRS, replace=False)]
    return float(pairwise_distances(some).sum() / (len(some) * (len(some) - 1)))


def _nearest(rows: Floats, points: Floats) -> Floats:
    """Distance to the nearest point; in fifty columns and more, blocks of products are faster than a tree.

    Products tell which point is nearest, as half the squared distance less what is the same for all points; the distance to that one is then taken
    from the differences themselves, so that it does not suffer from subtracting two large numbers.
    """
    ahead = np.column_stack([-points, (points**2).sum(axis=1) / 2]).T
    nearest = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        nearest[start : start + _BLOCK] = (np.column_stack([block, np.ones(len(block))]) @ ahead).argmin(axis=1)
    return np.asarray(np.sqrt(((rows - points[nearest]) ** 2).sum(axis=1)), dtype=np.float64)


def _farther(rows: Floats, points: Floats, typical: float, threshold: float) -> Flags:
    """Whether each row (column, row) is farther from every point than the threshold, in typical distances.

    Most rows lie near many points, so that some of the points are enough to see that; rows that are not surely near any are compared with all points.
    """
    out = np.zeros(rows.shape[1], bool)
    half = (1 + _ROUNDING) * (points**2).sum(axis=1, keepdims=True) / 2
    for start in range(0, rows.shape[1], _BLOCK):
        block = np.ascontiguousarray(rows[:, start : start + _BLOCK])
        left, squares = np.arange(block.shape[1]), (1 + _ROUNDING) * (block**2).sum(axis=0)
        for turn in range(min(_TURNS, len(points))):
            nearest = 2 * (half[turn::_TURNS] - points[turn::_TURNS] @ block).min(axis=0) + squares
            open_still = nearest >= (threshold * typical) ** 2
            left, block, squares = left[open_still], block[:, open_still], squares[open_still]
            if not left.size:
                break
        out[start + left] = _nearest(block.T, points) / typical > threshold
    return out
