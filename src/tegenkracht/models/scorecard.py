"""A scorecard that is learnt: a few facts, whole points for each, and a table from points to chance. A person can fill it in with a pencil."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from tegenkracht.models.checklist import Rule

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHRINK = 1e-7  # keeps weights finite where facts separate the outcomes; too small to move a weight that data decide
_SAME = 1e-9  # losses per row that differ by less are equal: then the fewest points win
_MOST_STEPS, _SMALLEST_STEP, _CONVERGED = 60, 1e-6, 1e-13  # of Newton's method
_BETWEEN = (-0.4, -0.2, 0.0, 0.2, 0.4)  # ways to round around each largest number of points
_STARTS = 5  # roundings from which points are moved one by one


@dataclass(frozen=True)
class _Facts:
    """Rows that are alike in every chosen fact, together: patterns (pattern, fact), rows and positives of each."""

    patterns: Floats
    rows: Floats
    positives: Floats


class Scorecard(ClassifierMixin, BaseEstimator):
    """Whole points for facts, and a chance for every total.

    Facts are chosen one at a time, each time the one whose efficient score test says most (Rao 1948), until the next says less than the price of
    one more number (Schwarz 1978: the square of the test under log n) or the card is full. All points are positive: a fact that speaks against a
    review is written as its opposite. Weights by likelihood are rounded at many scales, and points are then moved one by one while the likelihood
    gains (after the rounding of Liu, Zhong, Li, Seltzer & Rudin 2022, FasterRisk). A missing value meets no fact.

    Parameters
    ----------
    lines
        Most facts on the card; no more than 30.
    points
        Most points for one fact.
    cuts
        About how many limits are tried per column; a column with up to twice as many values is tried at each.
    support
        Fewest rows that a fact must hold for, and not hold for.
    directions
        Per column 1 when only more of it may give points, -1 when only less may, 0 when either may; None is 0 for all.

    Attributes
    ----------
    rules_
        Facts with their points, most points first, as plain data with the keys of `Rule`.
    shares_
        Share of the rows that were learnt from for which each fact holds.
    intercept_, step_
        Log-odds at no points, and what one point adds.
    """

    def __init__(
        self,
        lines: int = 8,
        points: int = 5,
        cuts: int = 8,
        support: int = 5,
        directions: Sequence[int] | None = None,
    ) -> None:
        self.lines = lines
        self.points = points
        self.cuts = cuts
        self.support = support
        self.directions = directions

    def fit(self, X: pd.DataFrame | NDArray[Any], y: NDArray[Any]) -> Self:
        """Choose facts and points; y has two classes, of which the last in order is the one that points speak for."""
        values, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        if np.unique(y).size > 2:
            raise ValueError(f"Only binary classification is supported. The type of the target is {type_of_target(y)}.")
        self.classes_ = np.unique(y)
        positive = (y == self.classes_[-1]) & (self.classes_.size > 1)
        names = [str(name) for name in getattr(self, "feature_names_in_", [f"x{i}" for i in range(values.shape[1])])]
        candidates = list(self._candidates(values, names))
        held = (
            np.column_stack([_holds(rule, values, names) for rule in candidates])
            if candidates
            else np.empty((len(y), 0))
        )
        chosen = _choose(held.astype(np.float64), positive.astype(np.float64), most=self.lines)
        facts = _together(held[:, chosen].astype(bool), positive)
        points = _whole_points(facts, most=self.points)
        self.intercept_, self.step_, _ = _line(facts, points)
        given = sorted(((int(p), j) for p, j in zip(points, chosen, strict=True) if p), key=lambda pair: -pair[0])
        self.rules_ = [candidates[j].model_dump(exclude_none=True) | {"points": p} for p, j in given]
        self.shares_ = held[:, [j for _, j in given]].mean(axis=0) if given else np.empty(0)
        return self

    def _candidates(self, X: Floats, names: Sequence[str]) -> Iterator[Rule]:
        """Every fact that may stand on the card."""
        signs = [0] * len(names) if self.directions is None else list(self.directions)
        if len(signs) != len(names):
            raise ValueError(f"{len(signs)} directions for {len(names)} columns; give one for each.")
        for column, (name, sign) in enumerate(zip(names, signs, strict=True)):
            values = X[:, column]
            known = values[~np.isnan(values)]
            for limit in _limits(known, cuts=self.cuts):
                rules = [Rule(column=name, points=1, at_least=limit)] if sign >= 0 else []
                rules += [Rule(column=name, points=1, at_most=limit)] if sign <= 0 else []
                for rule in rules:
                    if self.support <= rule.holds(known).sum() <= len(X) - self.support:
                        yield rule

    @property
    def checked_rules(self) -> tuple[Rule, ...]:
        """The facts with their points, as records."""
        check_is_fitted(self)
        return tuple(Rule.model_validate(rule) for rule in self.rules_)

    def held(self, X: pd.DataFrame | NDArray[Any]) -> Flags:
        """Whether each fact holds, shape (row, fact)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        names = [str(name) for name in getattr(self, "feature_names_in_", [f"x{i}" for i in range(values.shape[1])])]
        rules = self.checked_rules
        return np.column_stack([_holds(r, values, names) for r in rules]) if rules else np.zeros((len(values), 0), bool)

    def total(self, X: pd.DataFrame | NDArray[Any]) -> Floats:
        """Points of each row together."""
        held = self.held(X)
        return np.asarray(held @ np.array([rule.points for rule in self.checked_rules], dtype=np.float64))

    def decision_function(self, X: pd.DataFrame | NDArray[Any]) -> Floats:
        """Log-odds of the last class."""
        total = self.total(X)
        return np.asarray(self.intercept_ + self.step_ * total)

    def predict_proba(self, X: pd.DataFrame | NDArray[Any]) -> Floats:
        """Chance of each class."""
        positive = expit(self.decision_function(X))
        return np.column_stack([1 - positive, positive])[:, -self.classes_.size :]

    def predict(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[Any]:
        """The likelier class."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome, and more than two classes are not."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _holds(rule: Rule, X: Floats, names: Sequence[str]) -> Flags:
    return np.asarray(rule.holds(X[:, names.index(rule.column)]))


def _limits(known: Floats, *, cuts: int) -> list[float]:
    """Where a column may be cut: at each of few values, else at quantiles of all values and of those above the least, to two digits."""
    distinct = np.unique(known)
    if distinct.size <= 2 * cuts:
        return [float(value) for value in distinct]
    grid = np.arange(1, cuts + 1) / (cuts + 1)
    above = known[known > distinct[0]]
    cut = np.concatenate([np.quantile(part, grid, method="higher") for part in (known, above)])
    return sorted({float(f"{value:.2g}") for value in cut})


def _choose(held: Floats, positive: Floats, *, most: int) -> list[int]:
    """Columns of `held`, in order of choice."""
    chosen: list[int] = []
    price = np.sqrt(np.log(max(len(held), 2)))
    while len(chosen) < min(most, held.shape[1]):
        facts = _together(held[:, chosen].astype(bool), positive > 0)
        start, weights, _ = _weights(facts)
        chance = expit(start + held[:, chosen] @ weights)
        scored = _score_test(held, positive, chance, chosen)
        best = int(scored.argmax())
        if not scored[best] > price:
            break
        chosen.append(best)
    return chosen


def _score_test(held: Floats, positive: Floats, chance: Floats, chosen: Sequence[int]) -> Floats:
    """The efficient score test of each fact beside the chosen ones, as a standard normal; a fact that adds nothing new has none."""
    spread = chance * (1 - chance)
    known = np.column_stack([np.ones(len(held)), held[:, list(chosen)]])
    among = (known * spread[:, None]).T @ known
    with_known = held.T @ (known * spread[:, None])
    own = spread @ held
    left = own - np.einsum("ij,ij->i", with_known @ np.linalg.pinv(among, hermitian=True), with_known)
    clear = left > 1e-6 * np.maximum(own, 1e-12)
    gain = held.T @ (positive - chance)
    return np.where(clear, gain / np.sqrt(np.where(clear, left, 1.0)), -np.inf)


def _together(held: Flags, positive: Flags) -> _Facts:
    """Rows by pattern; a pattern is read as a number, which is faster than comparing rows."""
    number = held @ (1 << np.arange(held.shape[1], dtype=np.int64))
    numbers, of_row = np.unique(number, return_inverse=True)
    patterns = (numbers[:, None] >> np.arange(held.shape[1])) & 1
    positives: Floats = np.asarray(np.bincount(of_row, weights=positive.astype(np.float64)), dtype=np.float64)
    return _Facts(patterns.astype(np.float64), np.asarray(np.bincount(of_row), dtype=np.float64), positives)


def _weights(facts: _Facts) -> tuple[float, Floats, float]:
    """Intercept, weights of at least zero and loss per row, by likelihood: the most negative weight is set to zero until there is none."""
    active = np.arange(facts.patterns.shape[1])
    while True:
        at, loss = _newton(np.column_stack([np.ones(len(facts.rows)), facts.patterns[:, active]]), facts)
        if not (at[1:] < 0).any():
            weights = np.zeros(facts.patterns.shape[1])
            weights[active] = at[1:]
            return float(at[0]), weights, loss
        active = np.delete(active, at[1:].argmin())


def _newton(design: Floats, facts: _Facts) -> tuple[Floats, float]:
    """Coefficients by likelihood with Newton's method, halved where it overshoots, and the loss per row."""
    everyone = facts.rows.sum()
    penalty = _SHRINK * everyone

    def loss(at: Floats) -> float:
        margin = design @ at
        return float((facts.rows * np.logaddexp(0, margin) - facts.positives * margin).sum() + penalty * (at @ at))

    at = np.zeros(design.shape[1])
    now = loss(at)
    for _ in range(_MOST_STEPS):
        chance = expit(design @ at)
        slope = design.T @ (facts.rows * chance - facts.positives) + 2 * penalty * at
        bend = (design.T * (facts.rows * chance * (1 - chance))) @ design + 2 * penalty * np.eye(at.size)
        way = np.linalg.solve(bend, slope)
        size = 1.0
        while (then := loss(at - size * way)) > now and size > _SMALLEST_STEP:
            size /= 2
        if not now - then > _CONVERGED * everyone:
            break
        at, now = at - size * way, then
    return at, now / float(everyone)


def _line(facts: _Facts, points: Floats) -> tuple[float, float, float]:
    """Intercept and step (at least zero) by likelihood for given points, and the loss per row."""
    totals, of_pattern = np.unique(facts.patterns @ points, return_inverse=True)
    rows, positives = (
        np.asarray(np.bincount(of_pattern, weights=of), dtype=np.float64) for of in (facts.rows, facts.positives)
    )
    largest = max(float(totals.max()), 1.0)
    start, weights, loss = _weights(_Facts(totals[:, None] / largest, rows, positives))
    return start, float(weights[0]) / largest, loss


def _whole_points(facts: _Facts, *, most: int) -> Floats:
    """Points from 0 to `most` with the least loss; of equal ones, the fewest."""
    size = facts.patterns.shape[1]
    if size == 0:
        return np.zeros(0)
    _, weights, _ = _weights(facts)
    largest = max(float(weights.max()), 1e-12)
    tried = {
        tuple(np.clip(np.round(weights * (top + shift) / largest), 0, most).astype(int))
        for top in range(1, most + 1)
        for shift in _BETWEEN
    }
    rated = {points: _line(facts, np.array(points, dtype=np.float64))[2] for points in sorted(tried)}
    starts = sorted(rated, key=lambda points: (rated[points], sum(points)))[:_STARTS]
    for points in starts:
        _move(facts, points, rated, most=most)
    least = min(rated.values())
    best = min(
        (points for points, loss in rated.items() if loss <= least + _SAME), key=lambda points: (sum(points), points)
    )
    return np.array(best, dtype=np.float64)


def _move(facts: _Facts, points: tuple[int, ...], rated: dict[tuple[int, ...], float], *, most: int) -> None:
    """Move one fact's points by one while that lowers the loss; what was tried is kept in `rated`."""
    while True:
        near = [
            (*points[:i], p, *points[i + 1 :])
            for i in range(len(points))
            for p in (points[i] - 1, points[i] + 1)
            if 0 <= p <= most
        ]
        for other in near:
            if other not in rated:
                rated[other] = _line(facts, np.array(other, dtype=np.float64))[2]
        best = min(near, key=lambda other: (rated[other], sum(other)))
        if not rated[best] < rated[points] - _SAME:
            return
        points = best
