"""Logistic regression of several groups at once: each has a level and weights of its own, which lean on those of all as far as groups turn out to be alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import halfnorm
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEVELS, _SLOPES = 9, 7
"""Spreads that are tried, at equally likely places of their prior."""
_WIDE = (
    10.0  # a priori standard deviation of the shared level, in log-odds: keeps it finite where outcomes are all alike
)
_MOST_STEPS, _SMALLEST_STEP, _CONVERGED = 50, 1e-6, 1e-10  # of Newton's method


class PartiallyPooledLogistic(ClassifierMixin, BaseEstimator):
    r"""Chance of a positive per group, :math:`\operatorname{logit} p = \alpha_s + x'\beta_s`, with levels and weights that come from one distribution each.

    :math:`\alpha_s \sim N(\alpha, \sigma^2)` and :math:`\beta_{sj} \sim N(\beta_j, \tau^2)`: how much groups differ in level and in weights is learnt.
    A group with few rows leans on all, one with many hardly. Both spreads are laid out on a grid, so that not knowing them well counts too
    (fixing them at their best value draws a few groups together too far). At each point of the grid the coefficients are at their most likely and
    normal around that (Laplace); the points are weighed by the likelihood that remains. A group that was not learnt from gets what groups share.
    Columns are scaled first, since one spread serves all weights: by what a column varies in all rows, or within the groups in which it varies at all where that is
    more. A column that is filled in one small sector only would else count as a rare large number, and its weight be hardly held back.
    Gelman & Hill 2007, Data analysis using regression and multilevel models, chapters 12 to 14; half-normal spreads: Gelman 2006, Bayesian Analysis 1.

    Parameters
    ----------
    group
        Position of the column that says which group a row is of.
    C
        Variance of the shared weights a priori: the inverse strength of their ridge penalty.
    levels_apart, weights_apart
        Scale of the half-normal priors of the two spreads, in log-odds; with `weights_apart` 0 all groups have the same weights.
    rows_a_visit
        In how many rows one visit stands. Rows that repeat each other must not make groups look surer than they are.

    Attributes
    ----------
    groups_
        Values of the group column, sorted (group).
    coef_, error_
        Level (where every column is at `middle_`) and weights of each group, and their posterior standard deviations (group, 1 + columns).
    shared_, shared_error_
        The same of what groups share (1 + columns).
    middle_, scale_
        Of each column, the mean of the groups' means, and what it is divided by.
    level_, level_error_
        Log-odds of each group at its own mean, and the posterior standard deviation (group).
    spreads_
        Spread of levels and of weights at each point of the grid (point, 2).
    chance_
        Posterior probability of each point (point).
    leaning_
        How much each group's level and (on average) its weights are those that groups share, at each point: 0 its own only, 1 the shared only (point, group, 2).
    """

    def __init__(
        self,
        group: int = 0,
        C: float = 1.0,
        levels_apart: float = 1.0,
        weights_apart: float = 0.5,
        rows_a_visit: float = 1.0,
    ) -> None:
        self.group = group
        self.C = C
        self.levels_apart = levels_apart
        self.weights_apart = weights_apart
        self.rows_a_visit = rows_a_visit

    def fit(self, X: pd.DataFrame | NDArray[Any], y: NDArray[Any]) -> Self:
        """Learn spreads, levels and weights; y has two classes, of which the last in order is the one whose chance is told."""
        values, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        if np.unique(y).size > 2:
            raise ValueError(f"Only binary classification is supported. The type of the target is {type_of_target(y)}.")
        self.classes_ = np.unique(y)
        positive = ((y == self.classes_[-1]) & (self.classes_.size > 1)).astype(np.float64)
        self.groups_, of_row = np.unique(values[:, self.group], return_inverse=True)
        columns = np.delete(values, self.group, axis=1)
        self.middle_, self.scale_ = _scaled_by(columns, of_row.astype(np.int64))
        rows = _rows_of(self._design(values), positive, of_row.astype(np.int64), 1 / self.rows_a_visit)
        self._average(list(self._points(rows)))
        return self

    def _design(self, values: Floats) -> Floats:
        columns = (np.delete(values, self.group, axis=1) - self.middle_) / self.scale_
        return np.column_stack([np.ones(len(values)), columns])

    def _points(self, rows: _Rows) -> Iterator[_Point]:
        """The posterior at each pair of spreads; each starts where the one before it ended."""
        levels = halfnorm(scale=self.levels_apart).ppf((np.arange(_LEVELS) + 0.5) / _LEVELS)
        own_weights = self.weights_apart > 0 and rows.columns > 1
        weights = halfnorm(scale=self.weights_apart).ppf((np.arange(_SLOPES) + 0.5) / _SLOPES) if own_weights else [0.0]
        shared = np.concatenate([[_WIDE**-2], np.full(rows.columns - 1, 1 / self.C)])
        at = _At(np.zeros(rows.columns), np.zeros((rows.groups, rows.columns if own_weights else 1)))
        for turn, level in enumerate(levels):
            for weight in weights if turn % 2 == 0 else weights[::-1]:
                own = np.array([level**-2, *(weight**-2 for _ in range(at.own.shape[1] - 1))])
                at = _most_likely(rows, at, shared, own)
                yield _point(rows, at, shared, own, (float(level), float(weight)))

    def _average(self, points: list[_Point]) -> None:
        """What is told: means over the grid, and errors that hold the differences between its points too."""
        log = np.array([point.evidence for point in points])
        self.chance_ = np.exp(log - log.max())
        self.chance_ /= self.chance_.sum()
        self.spreads_ = np.array([point.spreads for point in points])
        self.leaning_ = np.array([point.leaning for point in points])
        self.coef_, self.error_ = self._over_points([p.coef for p in points], [p.variance for p in points])
        shared = self._over_points([p.shared for p in points], [p.shared_variance for p in points])
        self.shared_, self.shared_error_ = shared
        level = self._over_points([p.level for p in points], [p.level_variance for p in points])
        self.level_, self.level_error_ = level

    def _over_points(self, means: list[Floats], variances: list[Floats]) -> tuple[Floats, Floats]:
        mean = np.tensordot(self.chance_, np.array(means), axes=1)
        variance = np.tensordot(self.chance_, np.array(variances) + (np.array(means) - mean) ** 2, axes=1)
        return mean, np.sqrt(variance)

    def spreads_drawn(self, rng: np.random.Generator, draws: int) -> tuple[Floats, ...]:
        """Draws of the spread of levels, and of that of weights where groups have their own; even within a cell of the grid."""
        check_is_fitted(self)
        point = rng.choice(self.chance_.size, size=draws, p=self.chance_)
        out = []
        for spread, scale, cells in zip(
            self.spreads_.T, (self.levels_apart, self.weights_apart), (_LEVELS, _SLOPES), strict=True
        ):
            if spread.any():
                prior = halfnorm(scale=scale)
                cell = np.floor(prior.cdf(spread[point]) * cells)
                out.append(np.asarray(prior.ppf((cell + rng.random(draws)) / cells), dtype=np.float64))
        return tuple(out)

    def _of_rows(self, values: Floats) -> Floats:
        """Level and weights that each row is scored with (row, 1 + columns): those of its group, or what groups share."""
        value = values[:, self.group]
        place = np.searchsorted(self.groups_, value).clip(max=self.groups_.size - 1)
        known = self.groups_[place] == value
        return np.where(known[:, None], self.coef_[place], self.shared_)

    def terms_of(self, X: pd.DataFrame | NDArray[Any]) -> tuple[Floats, Floats]:
        """Level and weights that each row is scored with, and 1 and the scaled columns that they multiply (row, 1 + columns)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        return self._of_rows(values), self._design(values)

    def decision_function(self, X: pd.DataFrame | NDArray[Any]) -> Floats:
        """Log-odds of the last class."""
        coefficients, columns = self.terms_of(X)
        out: Floats = (coefficients * columns).sum(axis=1)
        return out

    def predict_proba(self, X: pd.DataFrame | NDArray[Any]) -> Floats:
        """Chance of each class."""
        positive = expit(self.decision_function(X))
        if self.classes_.size == 1:
            return np.ones((len(positive), 1))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[Any]:
        """The likelier class."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that more than two classes are not welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


@dataclass(frozen=True)
class _Rows:
    """Rows sorted by group: the first of each group, design (row, 1 + columns), outcome, group and how much a row counts."""

    starts: Ints
    design: Floats
    positive: Floats
    of_row: Ints
    worth: float

    @property
    def columns(self) -> int:
        return int(self.design.shape[1])

    @property
    def groups(self) -> int:
        return len(self.starts)


@dataclass(frozen=True)
class _At:
    """Shared coefficients (1 + columns), and how far each group is from them (group, those that are a group's own)."""

    shared: Floats
    own: Floats


@dataclass(frozen=True)
class _Point:
    """The posterior at one pair of spreads; see the attributes of the estimator."""

    spreads: tuple[float, float]
    evidence: float
    shared: Floats
    shared_variance: Floats
    coef: Floats
    variance: Floats
    level: Floats
    level_variance: Floats
    leaning: Floats


@dataclass(frozen=True)
class _Bend:
    """Second derivatives: of what groups share (what is left after each group took its own), of each group, and between them."""

    left: Floats
    own: Floats
    between: Floats
    inverse: Floats
    information: Floats


def _rows_of(design: Floats, positive: Floats, of_row: Ints, worth: float) -> _Rows:
    order = np.argsort(of_row, kind="stable")
    starts = np.searchsorted(of_row[order], np.arange(int(of_row.max()) + 1))
    return _Rows(starts.astype(np.int64), design[order], positive[order], of_row[order], worth)


def _scaled_by(columns: Floats, of_row: Ints) -> tuple[Floats, Floats]:
    """The middle of each column, and what it varies; 1 where it does not."""
    size = np.bincount(of_row).astype(np.float64)
    means, squares = (
        np.column_stack([np.bincount(of_row, part) / size for part in values.T] or [np.empty((size.size, 0))])
        for values in (columns, columns**2)
    )
    within = np.maximum(squares - means**2, 0)
    varies = within > 1e-12 * np.maximum(squares, 1e-300)
    inside = np.where(varies, within, 0).sum(axis=0) / np.maximum(varies.sum(axis=0), 1)
    scale = np.sqrt(np.maximum(columns.var(axis=0), inside))
    return means.mean(axis=0), np.where(scale > 1e-12 * np.abs(means).max(axis=0, initial=0), scale, 1.0)


def _margin(rows: _Rows, at: _At) -> Floats:
    width = at.own.shape[1]
    out: Floats = rows.design @ at.shared + (rows.design[:, :width] * at.own[rows.of_row]).sum(axis=1)
    return out


def _gain(rows: _Rows, at: _At, shared: Floats, own: Floats) -> float:
    """Log-likelihood and log-prior together, up to a constant."""
    margin = _margin(rows, at)
    fit = rows.worth * float((rows.positive * margin - np.logaddexp(0, margin)).sum())
    return fit - 0.5 * float(shared @ at.shared**2) - 0.5 * float((own * at.own**2).sum())


def _most_likely(rows: _Rows, at: _At, shared: Floats, own: Floats) -> _At:
    """Newton's method, halved where it overshoots. Groups meet in what they share only, so that each is solved by itself."""
    now = _gain(rows, at, shared, own)
    for _ in range(_MOST_STEPS):
        chance = expit(_margin(rows, at))
        slope = rows.worth * (rows.positive - chance)[:, None] * rows.design
        by_group = np.add.reduceat(slope, rows.starts)
        of_own = by_group[:, : own.size] - own * at.own
        bend = _bend(rows, chance, shared, own)
        of_shared = by_group.sum(axis=0) - shared * at.shared
        direct = np.einsum("gij,gj->gi", bend.inverse, of_own)
        step = np.linalg.solve(bend.left, of_shared - np.einsum("gji,gj->i", bend.between, direct))
        own_step = direct - np.einsum("gij,gjk,k->gi", bend.inverse, bend.between, step)
        size = 1.0
        while (then := _gain(rows, _moved(at, step, own_step, size), shared, own)) < now and size > _SMALLEST_STEP:
            size /= 2
        if not then - now > _CONVERGED * len(rows.positive):
            break
        at, now = _moved(at, step, own_step, size), then
    return at


def _moved(at: _At, step: Floats, own_step: Floats, size: float) -> _At:
    return _At(at.shared + size * step, at.own + size * own_step)


def _bend(rows: _Rows, chance: Floats, shared: Floats, own: Floats) -> _Bend:
    weighed = (rows.worth * chance * (1 - chance))[:, None] * rows.design
    ends = [*rows.starts[1:], len(rows.positive)]
    information = np.array([weighed[a:b].T @ rows.design[a:b] for a, b in zip(rows.starts, ends, strict=True)])
    width = own.size
    between = information[:, :width, :]
    of_own = information[:, :width, :width] + np.diag(own)
    inverse = np.linalg.inv(of_own)
    taken = np.einsum("gij,gik,gkl->jl", between, inverse, between, optimize=True)
    return _Bend(information.sum(axis=0) + np.diag(shared) - taken, of_own, between, inverse, information)


def _point(rows: _Rows, at: _At, shared: Floats, own: Floats, spreads: tuple[float, float]) -> _Point:
    """Laplace's approximation around the most likely coefficients."""
    bend = _bend(rows, expit(_margin(rows, at)), shared, own)
    width = own.size
    volume = np.linalg.slogdet(bend.left)[1] + np.linalg.slogdet(bend.own)[1].sum()
    evidence = _gain(rows, at, shared, own) + 0.5 * rows.groups * float(np.log(own).sum()) - 0.5 * float(volume)
    of_shared = np.linalg.inv(bend.left)
    # A group's coefficients given the shared ones move with them by I - inverse @ between; what is its own comes on top.
    moves = np.zeros((rows.groups, rows.columns, rows.columns)) + np.eye(rows.columns)
    moves[:, :width, :] -= np.einsum("gij,gjk->gik", bend.inverse, bend.between)
    covariance = np.einsum("gij,jk,glk->gil", moves, of_shared, moves, optimize=True)
    covariance[:, :width, :width] += bend.inverse
    coef = np.tile(at.shared, (rows.groups, 1))
    coef[:, :width] += at.own
    size = np.diff([*rows.starts, len(rows.positive)])
    mean = np.add.reduceat(rows.design, rows.starts) / size[:, None]
    known = np.einsum("gii->gi", bend.information)[:, :width]
    leaning = own / (own + known)
    of_weights = leaning[:, 1:].mean(axis=1) if width > 1 else np.ones(rows.groups)
    return _Point(
        spreads,
        evidence,
        at.shared,
        np.diag(of_shared),
        coef,
        np.einsum("gii->gi", covariance),
        (coef * mean).sum(axis=1),
        np.einsum("gi,gij,gj->g", mean, covariance, mean),
        np.column_stack([leaning[:, 0], of_weights]),
    )
