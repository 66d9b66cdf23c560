"""Where units are, when they are open, and what had happened at them by a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.data.sources import Dataset
from tegenkracht.features.space.position import positions
from tegenkracht.features.space.recipe import SpaceRecipe

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.int64]
Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Places:
    """The units with coordinates, in the order of the table; `of_kind` marks those that the recipe asks for."""

    unit_id: pd.Series[str]
    at: Floats
    opened_on: Dates
    closed_on: Dates
    of_kind: Flags
    closed_count: bool

    def there(self, date: pd.Timestamp) -> Flags:
        """Which units were open on a date, or (when closed ones count) had opened by then; shape (n_units,)."""
        opened = np.isnat(self.opened_on) | (self.opened_on <= date.to_datetime64())
        still = np.isnat(self.closed_on) | (self.closed_on > date.to_datetime64())
        return np.asarray(opened & (still | self.closed_count))


@dataclass(frozen=True)
class Facts:
    """What happened at units with coordinates: the position of the unit, and the two dates; shapes (n_facts,)."""

    unit: Index
    occurred_on: Dates
    known_on: Dates


def places_of(dataset: Dataset, recipe: SpaceRecipe) -> Places:
    """Units that have coordinates."""
    units = dataset.tables["units"]
    units = units[units["x"].notna() & units["y"].notna()]
    of_kind = pd.Series(True, index=units.index)
    if recipe.sector is not None:
        of_kind &= units["sector"] == recipe.sector
    if recipe.unit_kind is not None:
        of_kind &= units["kind"] == recipe.unit_kind
    return Places(
        units["unit_id"],
        units[["x", "y"]].to_numpy(dtype=np.float64),
        _dates(units["opened_on"]),
        _dates(units["closed_on"]),
        of_kind.to_numpy(dtype=bool),
        recipe.closed,
    )


def facts_of(dataset: Dataset, recipe: SpaceRecipe, places: Places) -> Facts | None:
    """Events of the kind, or inspections with a finding; None when the units themselves are asked for."""
    if recipe.of == "units":
        return None
    if recipe.of == "findings":
        visits = dataset.tables["inspections"]
        found = visits[visits["finding"]].rename(columns={"inspected_on": "occurred_on"})
    else:
        events = dataset.tables["events"]
        found = events[events["kind"] == recipe.kind]
    unit = positions(found["unit_id"], places.unit_id)
    placed = unit >= 0
    return Facts(unit[placed], _dates(found["occurred_on"])[placed], _dates(found["known_on"])[placed])


def amounts(places: Places, facts: Facts | None, date: pd.Timestamp, windows: Sequence[Span | None]) -> Floats:
    """How often it had happened at each unit, as known on a date; shape (n_units, n_windows).

    A fact counts when `known_on <= date` and `occurred_on <= date`, and within a window also `occurred_on > date - window`. Units that
    were not there, or are of another sector or kind, have 0. Without facts a unit counts as one.
    """
    usable = places.there(date) & places.of_kind
    if facts is None:
        return np.asarray(np.repeat(usable[:, None], len(windows), axis=1), dtype=np.float64)
    known = (facts.known_on <= date.to_datetime64()) & (facts.occurred_on <= date.to_datetime64())
    columns = [_times(facts, known, date, window, len(usable)) for window in windows]
    return np.asarray(np.stack(columns, axis=1) * usable[:, None], dtype=np.float64)


def _times(facts: Facts, known: Flags, date: pd.Timestamp, window: Span | None, size: int) -> Index:
    counted = known if window is None else known & (facts.occurred_on > window.before(date).to_datetime64())
    return np.bincount(facts.unit[counted], minlength=size)


def _dates(column: pd.Series[pd.Timestamp]) -> Dates:
    return column.to_numpy(dtype="datetime64[us]")
