"""Columns about the surroundings, by what was known then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.data.sources import Dataset
from tegenkracht.features.space.near import (
    Weight,
    distance_to_other,
    in_order_of_place,
    nearest_others,
    one,
    reach_of,
    sums_within,
    weight_of,
)
from tegenkracht.features.space.places import Facts, Places, amounts, facts_of, places_of
from tegenkracht.features.space.position import positions
from tegenkracht.features.space.recipe import SpaceRecipe

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_CELLS = 25_000_000
"""Amounts (unit, date, window) that are held at once: 200 MB."""
_DATES = 64
"""Dates that are summed at once: a panel's calendar fits, and a schedule of visits does not sum for days on which a unit has no row."""


@dataclass(frozen=True)
class _Asked:
    """Rows of units with coordinates: which row, whose place, on which of `dates`; shapes (n_asked,).

    They go from neighbour to neighbour: what is looked up for one is then still at hand for the next, in less than half of the time.
    """

    row: Index
    unit: Index
    date: Index
    dates: pd.DatetimeIndex

    def during(self, dates: range) -> _Asked:
        """The rows of some of the dates."""
        chosen = (self.date >= dates.start) & (self.date < dates.stop)
        some = self.dates[dates.start : dates.stop]
        return _Asked(self.row[chosen], self.unit[chosen], self.date[chosen] - dates.start, some)


def values(dataset: Dataset, rows: pd.DataFrame, recipe: SpaceRecipe) -> Floats:
    """The columns of `names(recipe)`, in that order; shape (n_rows, n_columns).

    A unit never counts for itself. A row of a unit without coordinates is missing, and so is the distance to what is nowhere yet.

    Parameters
    ----------
    dataset
        The tables.
    rows
        Columns `unit_id` and `known_until`.
    recipe
        What to make.
    """
    places = places_of(dataset, recipe)
    facts = facts_of(dataset, recipe, places)
    asked = _asked(rows, places)
    made = [_columns(places, facts, asked, recipe, statistic, len(rows)) for statistic in recipe.statistics]
    return np.concatenate(made, axis=1)


def _asked(rows: pd.DataFrame, places: Places) -> _Asked:
    unit = positions(rows["unit_id"], places.unit_id)
    date, dates = pd.factorize(pd.DatetimeIndex(rows["known_until"]), sort=True)
    row = np.flatnonzero(unit >= 0)
    row = row[np.argsort(in_order_of_place(places.at)[unit[row]], kind="stable")]
    return _Asked(row, unit[row], np.asarray(date)[row], pd.DatetimeIndex(dates))


def _columns(
    places: Places, facts: Facts | None, asked: _Asked, recipe: SpaceRecipe, statistic: str, n_rows: int
) -> Floats:
    """One statistic, a column for each window."""
    out = np.full((n_rows, len(recipe.spans)), np.nan)
    if statistic == "count" and recipe.nearest is not None:
        _fill_nearest(out, places, facts, asked, recipe, recipe.nearest)
    elif statistic == "count" and recipe.within is not None:
        _fill_sums(out, places, facts, asked, recipe, recipe.within, one)
    elif recipe.kernel is not None and recipe.bandwidth is not None and statistic == "density":
        reach = reach_of(recipe.kernel, recipe.bandwidth)
        _fill_sums(out, places, facts, asked, recipe, reach, weight_of(recipe.kernel, recipe.bandwidth))
    else:
        _fill_distance(out, places, facts, asked, recipe)
    return out


def _fill_sums(
    out: Floats,
    places: Places,
    facts: Facts | None,
    asked: _Asked,
    recipe: SpaceRecipe,
    reach: float,
    weight: Weight,
) -> None:
    """Pairs do not change with the date, so that many dates are summed over the same pairs."""
    for now in _some_dates(asked, len(places.at) * len(recipe.spans)):
        amount = np.concatenate([amounts(places, facts, date, recipe.spans) for date in now.dates], axis=1)
        position, units = pd.factorize(now.unit)
        for part, sums in sums_within(places.at, units, amount, reach=reach, weight=weight):
            mine = (position >= part.start) & (position < part.stop)
            by_date = sums.reshape(len(sums), len(now.dates), len(recipe.spans))
            out[now.row[mine]] = by_date[position[mine] - part.start, now.date[mine]]


def _fill_nearest(out: Floats, places: Places, facts: Facts | None, asked: _Asked, recipe: SpaceRecipe, k: int) -> None:
    for now in _each_date(asked):
        amount = amounts(places, facts, now.dates[0], recipe.spans)
        there = places.there(now.dates[0]) & (places.of_kind | (recipe.of == "units"))
        near = nearest_others(places.at, np.flatnonzero(there), now.unit, k=k)
        out[now.row] = (amount[near] * (near >= 0)[:, :, None]).sum(axis=1)


def _fill_distance(out: Floats, places: Places, facts: Facts | None, asked: _Asked, recipe: SpaceRecipe) -> None:
    for now in _each_date(asked):
        amount = amounts(places, facts, now.dates[0], recipe.spans)
        for window in range(len(recipe.spans)):
            out[now.row, window] = distance_to_other(places.at, np.flatnonzero(amount[:, window]), now.unit)


def _each_date(asked: _Asked) -> Iterator[_Asked]:
    return _some_dates(asked, _CELLS)


def _some_dates(asked: _Asked, cells: int) -> Iterator[_Asked]:
    """The rows of as many dates at a time as fit, when one date takes `cells`."""
    at_once = min(_DATES, max(1, _CELLS // max(1, cells)))
    for start in range(0, len(asked.dates), at_once):
        now = asked.during(range(start, min(start + at_once, len(asked.dates))))
        if len(now.row):
            yield now
