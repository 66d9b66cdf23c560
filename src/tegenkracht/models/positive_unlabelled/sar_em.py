"""Chance of a case where the chance that a case is found differs between places: SAR-EM."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from tegenkracht.models.positive_unlabelled.labels import found_of

Floats = NDArray[np.float64]


class SarEM(ClassifierMixin, BaseEstimator):
    """Two logistic models fitted in turns: is this a case, and is a case found here (Bekker, Robberechts and Davis 2019).

    The positive class means found; the other means that nothing is known, whether somebody looked or not. An unlabelled row is a case with
    chance p(1 - e) / (1 - p e). Both models see the rows with that chance as weight until it stands still.

    Parameters
    ----------
    labelled_by
        Numbers of the columns that decide whether a case is found; none: the same chance everywhere.
    only_labelled_by
        Whether those columns stay out of the model of cases.
    C, max_iter, tol
        Inverse ridge penalty of both models; most rounds; smallest change of the mean weight that counts.
    start
        Share of cases to begin at; None: as many unlabelled cases as labelled ones.

    Attributes
    ----------
    prevalence_, n_iter_, converged_, identified_
        Share of cases among the training rows; rounds; whether it stood still; and whether some columns were declared to decide about
        labels alone. Without that, or with labels at random, little but the shape of the curves tells labels from cases. That the declaration is
        true is not tested, and cannot be.
    """

    def __init__(
        self,
        labelled_by: tuple[int, ...] = (),
        only_labelled_by: bool = True,
        C: float = 1.0,
        max_iter: int = 200,
        tol: float = 1e-5,
        start: float | None = None,
    ) -> None:
        self.labelled_by, self.only_labelled_by = labelled_by, only_labelled_by
        self.C, self.max_iter, self.tol, self.start = C, max_iter, tol, start

    def fit(self, X: Any, y: Any) -> Self:
        """Fit both models; a row with the higher class is labelled."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        found = found_of(self, y)
        self._choose_columns(X.shape[1])
        cases, by = X[:, self.case_columns_], self._by(X)
        weight = self._begin(cases, found)
        double, labels = np.concatenate([cases, cases]), np.r_[np.ones(len(X)), np.zeros(len(X))]
        self.outcome_, self.labelling_ = (LogisticRegression(C=self.C, max_iter=500) for _ in range(2))
        self.converged_ = False
        for step in range(1, self.max_iter + 1):
            self.n_iter_ = step
            self.outcome_.fit(double, labels, sample_weight=np.r_[weight, 1 - weight])
            self.labelling_.fit(by, found, sample_weight=np.maximum(weight, 1e-6))
            p, e = self.outcome_.predict_proba(cases)[:, 1], self.labelling_.predict_proba(by)[:, 1]
            new = np.where(found, 1.0, p * (1 - e) / np.maximum(1 - p * e, 1e-12))
            change, weight = float(np.abs(new - weight).mean()), new
            if change < self.tol:
                self.converged_ = True
                break
        self.prevalence_ = float(weight.mean())
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Chance of no case and of a case, found or not; shape (n_rows, 2)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.outcome_.predict_proba(X[:, self.case_columns_]))

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier class of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)])

    def found_chance(self, X: Any) -> Floats:
        """Chance that a case is found, if there is one: shape (n_rows,)."""
        check_is_fitted(self)
        return np.asarray(
            self.labelling_.predict_proba(self._by(validate_data(self, X, dtype=np.float64, reset=False)))[:, 1]
        )

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _choose_columns(self, count: int) -> None:
        if outside := [c for c in self.labelled_by if not 0 <= c < count]:
            raise ValueError(f"labelled_by names columns {outside}, but X has {count} columns, numbered from 0.")
        own = set(self.labelled_by) if self.only_labelled_by else set()
        self.case_columns_ = np.array([c for c in range(count) if c not in own], dtype=np.int64)
        if not len(self.case_columns_):
            raise ValueError("labelled_by names every column; leave at least one for the model of cases.")
        self.identified_ = bool(self.labelled_by) and self.only_labelled_by

    def _by(self, X: Floats) -> Floats:
        return X[:, list(self.labelled_by)] if len(self.labelled_by) else np.zeros((len(X), 1))

    def _begin(self, cases: Floats, found: NDArray[np.bool_]) -> Floats:
        score = LogisticRegression(C=self.C, max_iter=500).fit(cases, found).predict_proba(cases)[:, 1]
        scale = 1.0 if self.start is None else max(self.start - found.mean(), 0.0) / score[~found].mean()
        return np.where(found, 1.0, np.clip(score * scale, 1e-6, 1 - 1e-6))


def start_sensitivity(model: SarEM, X: Any, y: Any, *, starts: tuple[float, ...]) -> dict[float, float]:
    """Prevalence that SAR-EM ends at, by the prevalence that it began at: if these differ, the data do not decide; if not, they may still not."""
    return {start: SarEM(**{**model.get_params(), "start": start}).fit(X, y).prevalence_ for start in starts}
