"""Chance of a case when the share of cases is given: a linear model on the non-negative risk of positive-unlabelled learning."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from tegenkracht.models.positive_unlabelled.labels import found_of

Floats = NDArray[np.float64]


class NonNegativePU(ClassifierMixin, BaseEstimator):
    r"""Logistic model that minimises the non-negative risk (Kiryo, Niu, du Plessis and Sugiyama 2017).

    With :math:`f(x) = w x + b`, logistic loss :math:`\ell(z) = \log(1 + e^{-z})` and a share of cases :math:`\pi` that is GIVEN, not learnt:
    :math:`\pi E_p[\ell(f)] + \max\{0, E_u[\ell(-f)] - \pi E_p[\ell(-f)]\} + \|w\|^2 / (2 C n)`. The second part estimates the loss of places without
    a case; below zero it would only be over-fitting. It supposes that every case has the same chance to be found.

    Parameters
    ----------
    prior
        Share of cases among the unlabelled rows, between 0 and 1. Nothing in the data says what it is; try others.
    C, max_iter
        Inverse ridge penalty; most iterations.

    Attributes
    ----------
    coef_, intercept_, n_iter_
        Weights, shape (n_columns,); constant; iterations.
    """

    def __init__(self, prior: float = 0.1, C: float = 1.0, max_iter: int = 500) -> None:
        self.prior, self.C, self.max_iter = prior, C, max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on found rows (the higher class) and rows of which nothing is known."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        if not 0 < self.prior < 1:
            raise ValueError(f"prior is {self.prior}; a share of cases lies between 0 and 1.")
        found = found_of(self, y)
        design = np.column_stack([X, np.ones(len(X))])
        start = np.zeros(design.shape[1])
        asked = (design[found], design[~found], self.prior, 1 / (self.C * len(X)))
        done = minimize(_risk, start, asked, jac=True, method="L-BFGS-B", options={"maxiter": self.max_iter})
        self.coef_, self.intercept_ = done.x[:-1], float(done.x[-1])
        self.n_iter_ = max(int(done.nit), 1)
        return self

    def decision_function(self, X: Any) -> Floats:
        """Log-odds of a case; shape (n_rows,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_ + self.intercept_)

    def predict_proba(self, X: Any) -> Floats:
        """Chance of no case and of a case, if the share of cases is as given; shape (n_rows, 2)."""
        case = expit(self.decision_function(X))
        return np.column_stack([1 - case, case])

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier class of each row."""
        above = self.decision_function(X) > 0
        return np.asarray(self.classes_[above.astype(int)])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _risk(weights: Floats, found: Floats, unknown: Floats, prior: float, ridge: float) -> tuple[float, Floats]:
    """The non-negative risk and its gradient (a subgradient where the second part is cut off at zero)."""
    at_found, at_unknown = found @ weights, unknown @ weights
    case = np.logaddexp(0, -at_found).mean()
    rest = np.logaddexp(0, at_unknown).mean() - prior * np.logaddexp(0, at_found).mean()
    slope = -prior * (found.T @ expit(-at_found)) / len(found)
    if rest > 0:
        slope = slope + unknown.T @ expit(at_unknown) / len(unknown) - prior * (found.T @ expit(at_found)) / len(found)
    penalised = np.append(weights[:-1], 0.0)
    value = prior * case + max(rest, 0.0) + ridge * float(penalised @ penalised) / 2
    return float(value), np.asarray(slope + ridge * penalised)
