"""Contributions of models that are sums: a coefficient times a distance from the mean, or the points of a rule. Exact by definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.explanation.sources import by_source, sources_of
from tegenkracht.models.checklist import Checklist
from tegenkracht.models.scorecard import Scorecard

Floats = NDArray[np.float64]


def attribute_linear(
    pipeline: Pipeline, X: pd.DataFrame, *, background: pd.DataFrame | None
) -> tuple[float, pd.DataFrame]:
    """The log-odds at the mean, and per row and source column β (x - mean), in the columns that the regression sees.

    For a model without interactions these are the Shapley values (Štrumbelj & Kononenko 2014). A missing value counts as what the pipeline fills
    in, and a missing flag under the column that was missing.

    Parameters
    ----------
    pipeline
        Preparation of columns, then a logistic regression of two classes.
    X
        Rows to explain.
    background
        Rows whose mean is the starting point; None takes the rows that the pipeline was fitted on, whose mean is zero after standardising.

    Raises
    ------
    ValueError
        When `background` is None and a column is not standardised, or a step makes columns of unknown source.
    """
    prepare, regression = pipeline[:-1], pipeline[-1]
    sources = sources_of(prepare, list(X.columns))
    if background is not None:
        mean = np.asarray(prepare.transform(background), dtype=np.float64).mean(axis=0)
    elif _ends_standardised(prepare):
        mean = np.zeros(len(sources))
    else:
        raise ValueError("Not every column is standardised; give the rows to compare with as `background`.")
    beta = np.asarray(regression.coef_[0], dtype=np.float64)
    contributions = (np.asarray(prepare.transform(X), dtype=np.float64) - mean) * beta
    return float(regression.intercept_[0] + mean @ beta), by_source(contributions, sources, X.columns)


def _ends_standardised(step: Any) -> bool:
    """Whether every column that a fitted preparation gives has mean zero over the rows it was fitted on."""
    if isinstance(step, Pipeline):
        return _ends_standardised(step[-1])
    if isinstance(step, ColumnTransformer):
        return all(_ends_standardised(part) for _, part, names in step.transformers_ if part != "drop" and len(names))
    return isinstance(step, StandardScaler) and bool(step.with_mean)


def attribute_points(checklist: Checklist, X: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Zero, and the points of each rule under the column that it is about."""
    columns = [rule.column for rule in checklist.checked_rules]
    return 0.0, by_source(checklist.points(X), columns, X.columns)


def attribute_scorecard(card: Scorecard, X: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """The log-odds of the mean total, and per row and column what its facts add: points times step, from the share of rows that met the fact.

    A scorecard is linear in its facts, so these are the Shapley values with the rows that it was learnt from as background.
    """
    rules = card.checked_rules
    worth = card.step_ * np.array([rule.points for rule in rules], dtype=np.float64)
    contributions = (card.held(X) - card.shares_) * worth
    base = float(card.intercept_ + worth @ card.shares_)
    return base, by_source(contributions, [rule.column for rule in rules], X.columns)


def attribute_pooled(pipeline: Pipeline, X: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """The log-odds of an average place of all groups alike, and per row what its group and each column add to that.

    The group comes first: under it stands how far its level lies from what groups share. The columns follow with the weights of that group, from the mean
    of the groups' means. Weights differ by group, so these are no Shapley values of group and columns taken alike: they are those of the columns
    once it is known which group the row is of. They add up exactly.
    """
    prepare, model = pipeline[:-1], pipeline[-1]
    sources = sources_of(prepare, list(X.columns))
    group = sources[model.group]
    coefficients, columns = model.terms_of(np.asarray(prepare.transform(X), dtype=np.float64))
    contributions = coefficients * columns
    contributions[:, 0] -= model.shared_[0]
    named = [group, *(source for place, source in enumerate(sources) if place != model.group)]
    return float(model.shared_[0]), by_source(contributions, named, X.columns)
