"""Columns from tables, by what was known then: the plain road through DuckDB, written to be read.

A column at `known_until` t uses rows with `known_on <= t` and `occurred_on <= t`, and within a window also `occurred_on > t - window`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.feature import Feature
from tegenkracht.core.span import Span
from tegenkracht.data.sources import Dataset
from tegenkracht.features import network, space
from tegenkracht.features.column import Column, columns_of
from tegenkracht.features.dictionary import feature_of
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, UnitRecipe, VisitRecipe
from tegenkracht.features.space import SpaceRecipe

_VALUES: Mapping[str, str] = {
    "count": "count(*)",
    "sum": "sum(value)",
    "mean": "avg(value)",
    "min": "min(value)",
    "max": "max(value)",
    "last": "last(value order by occurred_on, known_on, value)",
    "days_since_last": "min(date_diff('day', occurred_on, known_until))",
    "finding_count": "sum(value)",
    "finding_share": "avg(value)",
    "previous_finding": "last(value order by occurred_on, known_on, value)",
}
_ZERO_WHEN_NONE = ("count", "sum", "finding_count")
"""Statistics that are 0, not missing, where nothing happened."""

Values = NDArray[np.float64]


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
        Threads for DuckDB.
    """
    columns = columns_of(recipes)
    made = {column.name: values for recipe in recipes for column, values in _make(dataset, rows, recipe, threads)}
    features = tuple(feature_of(column, dataset.description) for column in columns)
    return pd.DataFrame({column.name: made[column.name] for column in columns}, index=rows.index), features


def _make(dataset: Dataset, rows: pd.DataFrame, recipe: Recipe, threads: int) -> Iterable[tuple[Column, Values]]:
    columns = columns_of([recipe])
    if isinstance(recipe, EventRecipe | VisitRecipe):
        return _windowed(dataset, recipe, rows, columns, threads)
    if isinstance(recipe, UnitRecipe):
        return [(columns[0], _tenure(dataset, rows))]
    if isinstance(recipe, AreaRecipe):
        return [(columns[0], _latest(dataset, rows, recipe.measure))]
    if isinstance(recipe, SpaceRecipe):
        return list(zip(columns, space.values(dataset, rows, recipe).T, strict=True))
    if isinstance(recipe, NetworkRecipe):
        return list(zip(columns, network.values(dataset, rows, recipe).T, strict=True))
    return _given(dataset, rows, recipe, columns)


# ---------------------------------------------------------------- events and visits


def _facts(dataset: Dataset, recipe: EventRecipe | VisitRecipe) -> pd.DataFrame:
    """Events, or visits as events: unit_id, occurred_on, known_on, value."""
    if isinstance(recipe, VisitRecipe):
        visits = dataset.tables["inspections"]
        return visits[["unit_id", "known_on"]].assign(
            occurred_on=visits["inspected_on"], value=visits["finding"].astype(float)
        )
    events = dataset.tables["events"]
    return events.loc[events["kind"] == recipe.kind, ["unit_id", "occurred_on", "known_on", "value"]]


def _windowed(
    dataset: Dataset, recipe: EventRecipe | VisitRecipe, rows: pd.DataFrame, columns: Sequence[Column], threads: int
) -> list[tuple[Column, Values]]:
    facts = _facts(dataset, recipe)
    if recipe.scope == "unit":
        return list(zip(columns, _aggregate(facts, rows, columns, "unit_id", threads).T, strict=True))
    by = {"cluster": "cluster_id", "area": "area_code"}[recipe.scope]
    placed = facts.merge(dataset.tables["units"][["unit_id", by]], on="unit_id").drop(columns="unit_id")
    return list(zip(columns, _of_others(facts, placed, rows, columns, by, threads), strict=True))


def _aggregate(
    facts: pd.DataFrame, rows: pd.DataFrame, columns: Sequence[Column], by: str, threads: int
) -> NDArray[np.float64]:
    """One value per row and column, over the facts of the row's `by`; shape (n_rows, n_columns)."""
    asked = rows[[by, "known_until"]].assign(position=np.arange(len(rows)))
    wanted = ", ".join(f"{_VALUES[column.statistic]} {_within(column.window)}" for column in columns)
    # names and windows come from checked recipes, never from a table
    query = f"""
        select position, {wanted}
        from asked join facts using ({by})
        where known_on <= known_until and occurred_on <= known_until
        group by position
    """  # noqa: S608
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register("asked", asked)
        connection.register("facts", facts)
        found = connection.execute(query).df()
    values = np.full((len(rows), len(columns)), np.nan)
    values[found["position"].to_numpy()] = found.iloc[:, 1:].to_numpy(dtype=np.float64, na_value=np.nan)
    zero = [i for i, column in enumerate(columns) if column.statistic in _ZERO_WHEN_NONE]
    values[:, zero] = np.nan_to_num(values[:, zero], nan=0.0)
    return values


def _within(window: Span | None) -> str:
    return "" if window is None else f"filter (where occurred_on > known_until - interval {window.count} {window.unit})"


def _of_others(
    facts: pd.DataFrame, placed: pd.DataFrame, rows: pd.DataFrame, columns: Sequence[Column], by: str, threads: int
) -> list[Values]:
    """Statistics of the other units in the same cluster or area: all of them (`placed`) minus the unit's own (`facts`)."""
    parts = [_part(column, statistic) for column in columns for statistic in ("count", "sum")]
    groups = rows[[by, "known_until"]].drop_duplicates().dropna(subset=[by]).reset_index(drop=True)
    of_all = groups.join(pd.DataFrame(_aggregate(placed, groups, parts, by, threads)))
    everyone = rows[[by, "known_until"]].merge(of_all, on=[by, "known_until"], how="left").iloc[:, 2:].to_numpy()
    others = everyone - _aggregate(facts, rows, parts, "unit_id", threads)
    return [_combine(column.statistic, others[:, 2 * i], others[:, 2 * i + 1]) for i, column in enumerate(columns)]


def _part(column: Column, statistic: str) -> Column:
    return Column(column.name, column.recipe, statistic, column.window, column.family)


def _combine(statistic: str, count: Values, total: Values) -> Values:
    if statistic == "count":
        return count
    if statistic in ("sum", "finding_count"):
        return total
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))


# ---------------------------------------------------------------- units, areas, given columns


def _tenure(dataset: Dataset, rows: pd.DataFrame) -> Values:
    """Days between opening and the date until which the row knows; missing when the opening is not known (yet)."""
    opened = rows["unit_id"].map(dataset.tables["units"].set_index("unit_id")["opened_on"])
    days = (rows["known_until"] - opened).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(days >= 0, days, np.nan)


def _latest(dataset: Dataset, rows: pd.DataFrame, measure: str) -> Values:
    """The figure of the latest period that was known."""
    areas = dataset.tables["areas"]
    figures = areas.loc[areas["measure"] == measure, ["area_code", "period_end", "known_on", "value"]]
    asked = rows[["area_code", "known_until"]].assign(position=np.arange(len(rows)))
    found = asked.merge(figures, on="area_code").query("known_on <= known_until and period_end <= known_until")
    last = found.sort_values(["period_end", "known_on"], kind="stable").groupby("position")["value"].last()
    return last.reindex(np.arange(len(rows))).to_numpy(dtype=np.float64)


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
