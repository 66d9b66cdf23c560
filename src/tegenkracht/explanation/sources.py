"""From the columns that a model sees back to the columns of the panel that they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from tegenkracht.models.group_codes import GroupCodes


def sources_of(step: Any, columns: Sequence[str]) -> tuple[str, ...]:
    """Source of each column that a fitted preparation gives, in its order.

    A 0/1 column of a word belongs to the word's column, and a missing flag to the column that was missing.

    Parameters
    ----------
    step
        A pipeline, a column transformer, an imputer, a scaler, a one-hot encoder, codes of groups, or one that passes on.
    columns
        Source of each column that goes in.

    Raises
    ------
    ValueError
        For any other step.
    """
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            columns = sources_of(part, columns)
        return tuple(columns)
    if isinstance(step, ColumnTransformer):
        parts = [(part, list(names)) for _, part, names in step.transformers_ if part != "drop" and len(names)]
        return tuple(source for part, names in parts for source in sources_of(part, names))
    if isinstance(step, SimpleImputer):
        return _of_imputer(step, columns)
    if (
        isinstance(step, OneHotEncoder)
        and step.drop is None
        and step.min_frequency is None
        and step.max_categories is None
    ):
        return tuple(name for name, words in zip(columns, step.categories_, strict=True) for _ in words)
    if step == "passthrough" or isinstance(step, StandardScaler | GroupCodes) or _passes_on(step):
        return tuple(columns)
    raise ValueError(f"{step} makes columns of which the source is not known.")


def _of_imputer(imputer: SimpleImputer, columns: Sequence[str]) -> tuple[str, ...]:
    """Filled columns, without those that held nothing to fill them with, and then the flags."""
    empty = np.zeros(len(columns), bool) if imputer.keep_empty_features else pd.isna(imputer.statistics_)
    filled = [name for name, gone in zip(columns, empty, strict=True) if not gone]
    return (*filled, *(columns[i] for i in (imputer.indicator_.features_ if imputer.add_indicator else ())))


def _passes_on(step: Any) -> bool:
    return isinstance(step, FunctionTransformer) and step.func is None


def by_source(contributions: NDArray[np.float64], sources: Sequence[str], columns: pd.Index) -> pd.DataFrame:
    """Contributions of made columns (row, made column) added up under their sources, one column for each of `columns`."""
    if contributions.shape[1] != len(sources):
        raise ValueError(f"{contributions.shape[1]} columns were made, and the sources of {len(sources)} are known.")
    sums = np.zeros((len(contributions), len(columns)))
    for made, source in enumerate(sources):
        sums[:, columns.get_loc(source)] += contributions[:, made]
    return pd.DataFrame(sums, columns=columns)
