"""Logistic regression whose weights may not go against a declared direction."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,  # scikit-learn's documented helper for estimators; it has no public name yet
    check_is_fitted,
    validate_data,
)

Floats = NDArray[np.float64]

_FLAT = 1e-9  # largest slope, per unit of weight, at which the loss counts as lowest
_NO_GAIN = 1e-15  # relative: below it a step gains nothing that a float can hold


class SignedLogistic(ClassifierMixin, BaseEstimator):
    r"""Ridge-penalised logistic regression with :math:`\beta_j \ge 0` or :math:`\beta_j \le 0` where a sign is given (methods B-16).

    The loss is scikit-learn's, :math:`\tfrac12\|\beta\|^2 + C\sum_i w_i\log(1+e^{-y_i(\alpha + x_i'\beta)})`: where no sign binds, the fit is
    that of `LogisticRegression`. It has one lowest point, also within the signs, which L-BFGS-B finds (Byrd, Lu, Nocedal & Zhu 1995, SIAM
    Journal on Scientific Computing 16). A weight that would go the wrong way is exactly nought. Standardising a column does not turn its sign.

    Parameters
    ----------
    C
        Inverse strength of the ridge penalty; the intercept has none.
    max_iter
        Most steps of the solver.
    signs
        Of the first columns, in order: 1 for a weight of nought or more, -1 for nought or less, 0 for any. Columns beyond it may have any;
        None is any for all.

    Attributes
    ----------
    coef_, intercept_
        Weights (1, column) and log-odds where all columns are nought (1).
    n_iter_
        Steps that were taken.
    """

    def __init__(self, C: float = 1.0, max_iter: int = 1000, signs: Sequence[int] | None = None) -> None:
        self.C = C
        self.max_iter = max_iter
        self.signs = signs

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the weights; y has two classes, of which the last in order is the one whose chance is told."""
        values, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        if self.classes_.size > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {type_of_target(labels)}."
            )
        if self.classes_.size == 1:
            raise ValueError("There is one class only; a regression needs two, e.g. places with and without a finding.")
        weight = np.asarray(_check_sample_weight(sample_weight, values, dtype=np.float64))
        side = np.where(labels == self.classes_[1], 1.0, -1.0)
        found = self._lowest(values, side, weight)
        self.coef_, self.intercept_ = found[None, 1:], found[:1]
        return self

    def _lowest(self, values: Floats, side: Floats, weight: Floats) -> Floats:
        """Intercept and weights where the loss is lowest (1 + column)."""
        scale = 1.0 / max(float(weight.sum()), 1.0)  # so that a slope means the same for few rows and many

        def loss(at: Floats) -> tuple[float, Floats]:
            margin = side * (at[0] + values @ at[1:])
            pull = -self.C * weight * side * expit(-margin)
            value = 0.5 * at[1:] @ at[1:] + self.C * weight @ np.logaddexp(0.0, -margin)
            slope = np.concatenate([[pull.sum()], at[1:] + values.T @ pull])
            return scale * float(value), scale * slope

        solved = minimize(
            loss,
            np.zeros(1 + values.shape[1]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), *self._bounds(values.shape[1])],
            options={"maxiter": self.max_iter, "maxfun": 20 * self.max_iter, "ftol": _NO_GAIN, "gtol": _FLAT},
        )
        self.n_iter_ = np.array([solved.nit])
        if solved.nit >= self.max_iter:
            warnings.warn(
                f"The regression did not settle in {self.max_iter} steps. Set a larger `max_iter`, or scale the columns.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return np.asarray(solved.x, dtype=np.float64)

    def _bounds(self, columns: int) -> list[tuple[float | None, float | None]]:
        """What the weight of each column may be."""
        signs = [] if self.signs is None else list(self.signs)
        if len(signs) > columns or not set(signs) <= {-1, 0, 1}:
            raise ValueError(f"signs are {signs}; give 1, -1 or 0 for at most the {columns} columns.")
        allowed: dict[int, tuple[float | None, float | None]] = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
        return [allowed[sign] for sign in (*signs, *[0] * (columns - len(signs)))]

    def decision_function(self, X: ArrayLike) -> Floats:
        """Log-odds of the last class."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, reset=False)
        out: Floats = values @ self.coef_[0] + self.intercept_[0]
        return out

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Chance of each class."""
        positive = expit(self.decision_function(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likelier class."""
        above = self.decision_function(X) > 0
        return np.asarray(self.classes_[above.astype(np.intp)])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that more than two classes are not welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
