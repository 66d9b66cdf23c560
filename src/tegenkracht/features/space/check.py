"""What is wrong with a recipe of the surroundings, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem
from tegenkracht.data.contract import EXTENTS
from tegenkracht.data.dictionary import TableName
from tegenkracht.data.sources import Dataset
from tegenkracht.features.faults import too_long, unknown
from tegenkracht.features.space.recipe import SpaceRecipe

_IN_DEGREES = ("EPSG:4326", "EPSG:4258", "OGC:CRS84")


def problems(dataset: Dataset, recipe: SpaceRecipe, where: str, time: Time) -> Iterator[Problem]:
    """Unknown kinds and sectors, windows longer than the data, coordinates that are absent, in degrees or outside the extent."""
    units = dataset.tables["units"]
    if recipe.kind is not None:
        yield from unknown(f"{where}.kind", [recipe.kind], dataset.description.event_kinds, "an event kind", dataset)
    if recipe.sector is not None:
        yield from unknown(f"{where}.sector", [recipe.sector], sorted(set(units["sector"])), "a sector", dataset)
    if recipe.unit_kind is not None:
        kinds = sorted(set(units["kind"]))
        yield from unknown(f"{where}.unit_kind", [recipe.unit_kind], kinds, "a kind of unit", dataset)
    table: TableName = "events" if recipe.of == "events" else "inspections"
    yield from too_long(dataset, recipe.windows, f"{where}.windows", table, time, what=table)
    yield from _coordinates(dataset, where)


def _coordinates(dataset: Dataset, where: str) -> Iterator[Problem]:
    units, crs = dataset.tables["units"], dataset.description.crs
    if crs in _IN_DEGREES:
        way_out = "Convert x and y to a system in metres (in the Netherlands EPSG:28992), and change `crs`."
        yield Problem("dataset.yaml, crs", f"{crs} is in degrees, and {where} measures in metres.", way_out)
    if units[["x", "y"]].isna().any(axis=1).all():
        way_out = "Fill in x and y, or remove the recipe."
        yield Problem("units.parquet", f"no unit has coordinates, and {where} needs them.", way_out, column="x")
    extent = dataset.description.extent or EXTENTS.get(crs)
    if extent is not None:
        yield from _outside(units["x"], extent[0], extent[2], crs)
        yield from _outside(units["y"], extent[1], extent[3], crs)


def _outside(column: pd.Series[float], low: float, high: float, crs: str) -> Iterator[Problem]:
    rows = np.flatnonzero(column.notna() & ~column.between(low, high)) + 1
    if len(rows):
        yield Problem(
            "units.parquet",
            f"{len(rows):,} of {column.notna().sum():,} values lie outside the extent {low:g} … {high:g} ({crs}).",
            "Correct the coordinates (are x and y exchanged, or in another system?), or `crs` and `extent` in dataset.yaml.",
            column=str(column.name),
            rows=tuple(int(row) for row in rows[:20]),
            count=len(rows),
        )
