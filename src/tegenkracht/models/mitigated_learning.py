"""Fitting under a mitigation: weights that make group and outcome independent, and constraints on rates.

Groups go in beside the table, as weights or as fairlearn's sensitive features; what comes out takes the table alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import (
    DemographicParity,
    ErrorRate,
    FalsePositiveRateParity,
    TruePositiveRateParity,
)
from fairlearn.reductions import ExponentiatedGradient as Reduction
from numpy.typing import NDArray
from pandas.errors import Pandas4Warning
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from tegenkracht.models.mitigation import ExponentiatedGradient, Mitigation, Reweigh

Floats = NDArray[np.float64]

_CONSTRAINTS = {
    "selection_rate": DemographicParity,
    "false_positive_rate": FalsePositiveRateParity,
    "true_positive_rate": TruePositiveRateParity,
}


def learn(
    estimator: Any,
    table: pd.DataFrame,
    outcome: NDArray[np.int64],
    *,
    mitigation: Mitigation | None,
    groups: NDArray[np.str_] | None,
) -> Any:
    """The estimator, fitted; under a mitigation of learning with the groups of the training rows beside the table."""
    if groups is not None and isinstance(mitigation, Reweigh):
        weights = {f"{estimator.steps[-1][0]}__sample_weight": reweighing(groups, outcome)}
        estimator.fit(table, outcome, **weights)
        return estimator
    if groups is not None and isinstance(mitigation, ExponentiatedGradient):
        return constrained(estimator, table, outcome, groups, rule=mitigation)
    estimator.fit(table, outcome)
    return estimator


def reweighing(groups: NDArray[np.str_], outcome: NDArray[np.int64]) -> Floats:
    """A weight per row: expected share of its group and outcome together if they were independent, over the share that there is.

    Kamiran & Calders, Data preprocessing techniques for classification without discrimination, Knowledge and Information Systems 33,
    2012, algorithm 3. Where a group has both outcomes, its weights add up to its number of rows.

    Examples
    --------
    >>> groups, outcome = np.array(["a", "a", "a", "b"]), np.array([1, 1, 0, 0])
    >>> reweighing(groups, outcome).tolist()
    [0.75, 0.75, 1.5, 0.5]
    """
    n = outcome.size
    of_group, of_outcome = (np.unique(part, return_inverse=True)[1] for part in (groups, outcome))
    together = of_group * 2 + of_outcome
    sizes = [np.bincount(part)[part] for part in (of_group, of_outcome, together)]
    weights: Floats = sizes[0] * sizes[1] / (n * sizes[2])
    return weights


class Mixture(BaseEstimator):
    """Several fitted models, each with its weight; a score is their weighted mean.

    fairlearn would pick one of the models by lot for each place. A list needs an order without a lottery, so the mean is taken: what was
    promised of the lottery on training rows is not promised of the mean, and is measured out of sample like everything else.
    """

    def __init__(self, members: Sequence[Any], weights: Sequence[float]) -> None:
        self.members, self.weights = members, weights

    def fit(self, X: Any, y: Any = None) -> Mixture:
        """Nothing to learn: the members are fitted."""
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Weighted mean of the members' chances of the negative and the positive answer, shape (n_rows, 2)."""
        positive = sum(w * _positive(m, X) for m, w in zip(self.members, self.weights, strict=True))
        return np.column_stack([1 - positive, positive])

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _positive(member: Any, X: Any) -> Floats:
    """Chance of the positive answer; a model that always says the same has one column."""
    chances = np.asarray(member.predict_proba(X), dtype=np.float64)
    return chances[:, 1] if chances.shape[1] == 2 else np.full(len(chances), float(member.classes_[0]))


def constrained(
    estimator: Pipeline,
    table: pd.DataFrame,
    outcome: NDArray[np.int64],
    groups: NDArray[np.str_],
    *,
    rule: ExponentiatedGradient,
) -> Mixture:
    """The models of fairlearn's exponentiated gradient that have weight, each behind the same preparation of columns.

    Agarwal et al., A reductions approach to fair classification, ICML 2018. A missed place costs `1 - flagged_from` and a look for
    nothing `flagged_from`, so that without a constraint a place is flagged from that chance on.
    """
    prepare = estimator[:-1]
    reduction = Reduction(
        estimator[-1],
        _CONSTRAINTS[rule.equal](difference_bound=rule.bound),
        objective=ErrorRate(costs={"fp": rule.flagged_from, "fn": 1 - rule.flagged_from}),
        eps=rule.bound,
        max_iter=rule.rounds,
    )
    with warnings.catch_warnings():
        # fairlearn 0.15 grows a Series in ways that pandas gives up in version 4; nothing in the fit depends on it
        warnings.simplefilter("ignore", Pandas4Warning)
        reduction.fit(np.asarray(prepare.fit_transform(table)), outcome, sensitive_features=groups)
    used = [i for i in reduction.predictors_.index if reduction.weights_[i] > 0]
    name = estimator.steps[-1][0]
    members = [Pipeline([*prepare.steps, (name, reduction.predictors_[i])]) for i in used]
    return Mixture(members, [float(reduction.weights_[i]) for i in used])
