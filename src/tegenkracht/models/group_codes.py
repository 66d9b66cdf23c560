"""A number for the sector or region that a row is of, for an estimator that keeps groups apart."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class GroupCodes(TransformerMixin, BaseEstimator):
    """One column of words as numbers from 0, in the order of the words; a word that was not learnt from is -1.

    Parameters
    ----------
    characters
        A region is the first so many characters of an area's code; None takes the whole word.

    Attributes
    ----------
    names_
        The words, sorted.
    """

    def __init__(self, characters: int | None = None) -> None:
        self.characters = characters

    def fit(self, X: pd.DataFrame | NDArray[Any], y: Any = None) -> Self:
        """Learn which words there are."""
        values = validate_data(self, X, dtype=None, ensure_all_finite=False)
        self.names_ = sorted(set(self._names(values)))
        return self

    def transform(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """The number of each row's word, shape (row, 1)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=None, ensure_all_finite=False, reset=False)
        number = {name: float(place) for place, name in enumerate(self.names_)}
        return np.array([[number.get(name, -1.0)] for name in self._names(values)])

    def _names(self, values: NDArray[Any]) -> list[str]:
        return [str(value)[: self.characters] for value in values[:, 0]]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The name of the column."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", ["x0"]) if input_features is None else input_features
        return np.asarray([names[0]], dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that words and missing values are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags
