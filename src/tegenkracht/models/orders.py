"""Orders that need no learning: by lot, and by a score that somebody else computed."""

from __future__ import annotations

import hashlib
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data


class RandomOrder(BaseEstimator):
    """A uniform number per row that depends on the row's own name and the seed, not on the order of the table.

    Rows of a DataFrame with a string index are named by it; other rows by their values.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: pd.DataFrame | NDArray[Any], y: Any = None) -> Self:
        """Learn nothing but the number of columns."""
        validate_data(self, X, dtype=None, ensure_all_finite=False)
        self.is_fitted_ = True
        return self

    def decision_function(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """A number in [0, 1) per row."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=None, ensure_all_finite=False, reset=False)
        if isinstance(X, pd.DataFrame) and not pd.api.types.is_numeric_dtype(X.index):
            names = [str(name) for name in X.index]
        else:
            names = [row.tobytes().hex() for row in np.ascontiguousarray(values)]
        return np.array([self._draw(name) for name in names])

    def _draw(self, name: str) -> float:
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) / 2**53

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values and words are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


class GivenScore(BaseEstimator):
    """A score that came with the data, passed on: how a published or bought model is measured beside one's own."""

    def __init__(self, column: str = "x0") -> None:
        self.column = column

    def fit(self, X: pd.DataFrame | NDArray[Any], y: Any = None) -> Self:
        """Learn nothing but the names of the columns."""
        validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.is_fitted_ = True
        return self

    def decision_function(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """The column; a missing score comes last."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        names = list(getattr(self, "feature_names_in_", [f"x{i}" for i in range(values.shape[1])]))
        return np.asarray(np.nan_to_num(values[:, names.index(self.column)], nan=np.finfo(np.float64).min))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
