"""Columns from tables, by what was known then.

A column at `known_until` t uses rows with `known_on <= t` and `occurred_on <= t`, and within a window also `occurred_on > t - window`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.feature import Feature
from tegenkracht.data.sources import Dataset
from tegenkracht.features import network, space
from tegenkracht.features.column import Column, columns_of
from tegenkracht.features.dictionary import feature_of
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, UnitRecipe, VisitRecipe
from tegenkracht.features.space import SpaceRecipe
from tegenkracht.features.windowed import windowed_columns

Values = NDArray[np.float64]
MISSING = "missing"
"""The statistic of a column that tells where another was missing."""


def build(
    dataset: Dataset, rows: pd.DataFrame, recipes: Sequence[Recipe], *, threads: int
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """One float64 column per feature, aligned with `rows`, and the dictionary of the columns.

    Parameters
    ----------
    dataset
        The tables.
    rows
        Columns `unit_id, as_of, known_until, cluster_id, area_code`, and `inspection_id` (null for calendar rows).
    recipes
        What to make.
    threads
        Threads for the windows.
    """
    columns = columns_of(recipes)
    values = [column for column in columns if column.statistic != MISSING]
    looking_back = [column for column in values if isinstance(column.recipe, EventRecipe | VisitRecipe)]
    made = dict(windowed_columns(dataset, rows, looking_back, threads=threads)) if looking_back else {}
    others = [recipe for recipe in recipes if not isinstance(recipe, EventRecipe | VisitRecipe)]
    made |= {column.name: values for recipe in others for column, values in _make(dataset, rows, recipe)}
    flags = [column.name for column in columns if column.statistic == MISSING]
    made |= {flag: np.isnan(made[flag.removesuffix(f"_{MISSING}")]).astype(np.float64) for flag in flags}
    for column in values:
        if (fill := _fill(column)) is not None:
            made[column.name] = np.nan_to_num(made[column.name], nan=fill)
    features = tuple(feature_of(column, dataset.description) for column in columns)
    return pd.DataFrame({column.name: made[column.name] for column in columns}, index=rows.index, copy=False), features


def _fill(column: Column) -> float | None:
    """What takes the place of a missing value, when the recipe says so."""
    fill: float | None = getattr(column.recipe, "fill", None)
    return fill


def _make(dataset: Dataset, rows: pd.DataFrame, recipe: Recipe) -> Iterable[tuple[Column, Values]]:
    columns = [column for column in columns_of([recipe]) if column.statistic != MISSING]
    if isinstance(recipe, UnitRecipe):
        return [(column, _of_unit(dataset, rows, column.statistic)) for column in columns]
    if isinstance(recipe, AreaRecipe):
        return [(column, _of_area(dataset, rows, recipe, column.statistic)) for column in columns]
    if isinstance(recipe, SpaceRecipe):
        return list(zip(columns, space.values(dataset, rows, recipe).T, strict=True))
    if isinstance(recipe, NetworkRecipe):
        return list(zip(columns, network.values(dataset, rows, recipe).T, strict=True))
    if isinstance(recipe, GivenRecipe):
        return _given(dataset, rows, recipe, columns)
    raise TypeError(f"{type(recipe).__name__} looks back over windows; `windowed_columns` makes it.")


# ---------------------------------------------------------------- units, areas, given columns


def _of_unit(dataset: Dataset, rows: pd.DataFrame, statistic: str) -> Values:
    """Tenure, or whether the unit has this legal form (missing when it is not known)."""
    if statistic == "tenure":
        return _tenure(dataset, rows)
    form = rows["unit_id"].map(dataset.tables["units"].set_index("unit_id")["legal_form"])
    return np.where(form.isna(), np.nan, (form == statistic).to_numpy(dtype=np.float64, na_value=np.nan))


def _of_area(dataset: Dataset, rows: pd.DataFrame, recipe: AreaRecipe, statistic: str) -> Values:
    """The latest figure, or how much it differs from the latest that was known a while before."""
    latest = latest_figures(dataset, rows, recipe.measure)
    if statistic == "latest" or recipe.over is None:
        return latest
    return latest - latest_figures(
        dataset, rows.assign(known_until=rows["known_until"] - recipe.over.offset), recipe.measure
    )


def _tenure(dataset: Dataset, rows: pd.DataFrame) -> Values:
    """Days between opening and the date until which the row knows; missing when the opening is not known (yet)."""
    opened = rows["unit_id"].map(dataset.tables["units"].set_index("unit_id")["opened_on"])
    days = (rows["known_until"] - opened).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(days >= 0, days, np.nan)


def latest_figures(dataset: Dataset, rows: pd.DataFrame, measure: str) -> Values:
    """Per row the figure of its area for the latest period that was known at `known_until`; missing where there is none."""
    areas = dataset.tables["areas"]
    figures = areas.loc[areas["measure"] == measure, ["area_code", "period_end", "known_on", "value"]]
    keys = rows[["area_code", "known_until"]]
    asked = keys.drop_duplicates().reset_index(drop=True)
    asked = asked.assign(position=np.arange(len(asked)))
    found = asked.merge(figures, on="area_code").query("known_on <= known_until and period_end <= known_until")
    last = found.sort_values(["period_end", "known_on"], kind="stable").groupby("position")["value"].last()
    told = asked.assign(value=last.reindex(np.arange(len(asked))).to_numpy(dtype=np.float64))
    return keys.merge(told, on=["area_code", "known_until"], how="left")["value"].to_numpy(dtype=np.float64)


def _given(
    dataset: Dataset, rows: pd.DataFrame, recipe: GivenRecipe, columns: Sequence[Column]
) -> list[tuple[Column, Values]]:
    """Columns as they came, by inspection for visits and by unit and date for a calendar; a row that was not yet known is missing."""
    given = dataset.tables["given"]
    key = ["inspection_id"] if rows["inspection_id"].notna().any() else ["unit_id", "as_of"]
    joined = rows[[*key, "known_until"]].merge(
        given[[*dict.fromkeys([*key, "known_on", *recipe.columns])]], on=key, how="left"
    )
    late = (joined["known_on"] > joined["known_until"]).to_numpy()
    return [
        (column, np.where(late, np.nan, _changed(joined[column.name].to_numpy(dtype=np.float64), recipe)))
        for column in columns
    ]


def _changed(values: Values, recipe: GivenRecipe) -> Values:
    if recipe.at_most is not None:
        return np.minimum(values, recipe.at_most)
    if recipe.above is not None:
        return np.where(np.isnan(values), np.nan, (values > recipe.above).astype(np.float64))
    return values
