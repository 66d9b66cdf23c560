"""A rough upper bound of the share of cases: Elkan and Noto's correction."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from tegenkracht.models.positive_unlabelled.labels import found_of


class ElkanNoto(ClassifierMixin, BaseEstimator):
    """Chance of a label divided by the mean chance of the labelled (Elkan and Noto 2008): a ROUGH UPPER BOUND, no estimate.

    It is right only when every case has the same chance to be found and cases do not look like other places; where they overlap, the share
    of cases comes out as truth / E[p(case | x) | case], often three times too high.

    Attributes
    ----------
    label_rate_, prevalence_upper_
        Mean chance of the labelled; the rough upper bound of the share of cases, at most 1.
    """

    def __init__(self, C: float = 1.0, max_iter: int = 500) -> None:
        self.C, self.max_iter = C, max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Fit the chance of a label; a row with the higher class is labelled."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        found = found_of(self, y)
        self.outcome_ = LogisticRegression(C=self.C, max_iter=self.max_iter).fit(X, found)
        self.n_iter_ = int(self.outcome_.n_iter_.max())
        self.label_rate_ = float(self.outcome_.predict_proba(X)[found, 1].mean())
        self.prevalence_upper_ = min(float(found.mean()) / self.label_rate_, 1.0)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Chance of no case and rough upper bound of the chance of a case; shape (n_rows, 2)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        case = np.minimum(self.outcome_.predict_proba(X)[:, 1] / self.label_rate_, 1.0)
        return np.column_stack([1 - case, case])

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier class of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
