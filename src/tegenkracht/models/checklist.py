"""The checklist that practitioners use today, as an estimator: points for facts that are present."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data


class Rule(BaseModel):
    """Points when a column is at least (or at most) a value; a missing value gives none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    points: float = Field(allow_inf_nan=False)
    at_least: float | None = None
    at_most: float | None = None

    def model_post_init(self, context: Any) -> None:
        """Refuse a rule that says nothing, or two things."""
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"the rule for `{self.column}` needs exactly one of `at_least` and `at_most`")

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the rule holds, per value; False where it is missing."""
        return values >= self.at_least if self.at_least is not None else values <= self.at_most  # type: ignore[operator]  # one of the two is set


class Checklist(BaseEstimator):
    """Sum of points of the rules that hold.

    Parameters
    ----------
    rules
        Sequence of `Rule`, or of mappings with a rule's keys (plain data, so that a stored model loads without code).
    """

    def __init__(self, rules: Sequence[Rule | dict[str, Any]] = ()) -> None:
        self.rules = rules

    def fit(self, X: pd.DataFrame | NDArray[Any], y: Any = None) -> Self:
        """Learn nothing but the names of the columns."""
        validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.is_fitted_ = True
        return self

    @property
    def checked_rules(self) -> tuple[Rule, ...]:
        """The rules as records."""
        return tuple(rule if isinstance(rule, Rule) else Rule.model_validate(rule) for rule in self.rules)

    def points(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """Points per row and rule, shape (n_rows, n_rules)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        names = list(getattr(self, "feature_names_in_", [f"x{i}" for i in range(values.shape[1])]))
        columns = [rule.points * rule.holds(values[:, names.index(rule.column)]) for rule in self.checked_rules]
        return np.column_stack(columns) if columns else np.zeros((len(values), 0))

    def decision_function(self, X: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        """Total points per row: higher means look first."""
        return np.asarray(self.points(X).sum(axis=1))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
