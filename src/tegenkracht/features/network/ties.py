"""Columns about ties to other units, by the links that were known then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.data.sources import Dataset
from tegenkracht.features.network.graph import (
    Graph,
    beyond,
    component_sizes,
    graph_of,
    others_sharing,
    steps_to_other,
)
from tegenkracht.features.network.links import Dates, Links, links_of, operators_at
from tegenkracht.features.network.recipe import NetworkRecipe
from tegenkracht.features.space.position import positions

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class _Known:
    """All that a recipe needs: links in its roles, findings, and for operators at an address the links to it and from it."""

    links: Links
    finding_unit: Index
    inspected_on: Dates
    known_on: Dates
    addresses: Links | None
    at_address: Links | None


def values(dataset: Dataset, rows: pd.DataFrame, recipe: NetworkRecipe) -> Floats:
    """The columns of `names(recipe)`, in that order; shape (n_rows, n_columns).

    A link counts when `known_on` and `from_on` are at most the date and `until_on` is not; an end that lies in the future is no end yet.
    Missing are rows of units that are not in the table, and operators at an address that is not known.

    Parameters
    ----------
    dataset
        The tables.
    rows
        Columns `unit_id` and `known_until`.
    recipe
        What to make.
    """
    known = _known(dataset, recipe)
    asked = [(statistic, window) for statistic in recipe.statistics for window in recipe.spans_of(statistic)]
    unit = positions(rows["unit_id"], dataset.tables["units"]["unit_id"])
    out = np.full((len(rows), len(asked)), np.nan)
    for date, chosen in _each_date(rows, unit):
        graphs = _graphs(known, recipe, date)
        for column, (statistic, window) in enumerate(asked):
            out[chosen, column] = _STATISTICS[statistic](graphs, known, recipe, date, window)[unit[chosen]]
    return out


def _known(dataset: Dataset, recipe: NetworkRecipe) -> _Known:
    links = links_of(dataset, recipe.roles)
    visits = dataset.tables["inspections"]
    found = visits[visits["finding"]]
    unit = positions(found["unit_id"], dataset.tables["units"]["unit_id"])
    inspected, known = (
        found[name].to_numpy(dtype="datetime64[us]")[unit >= 0] for name in ("inspected_on", "known_on")
    )
    addresses = links_of(dataset, [recipe.address]) if recipe.address is not None else None
    at_address = operators_at(addresses, links) if addresses is not None else None
    return _Known(links, unit[unit >= 0], inspected, known, addresses, at_address)


def _each_date(rows: pd.DataFrame, unit: Index) -> Iterator[tuple[pd.Timestamp, Index]]:
    """Every date, and the positions of its rows that are of a known unit."""
    date, dates = pd.factorize(pd.DatetimeIndex(rows["known_until"]), sort=True)
    known = np.flatnonzero(unit >= 0)
    order = known[np.argsort(date[known], kind="stable")]
    ends = np.searchsorted(date[order], np.arange(len(dates) + 1))
    for day, start, stop in zip(pd.DatetimeIndex(dates), ends[:-1], ends[1:], strict=True):
        if stop > start:
            yield day, order[start:stop]


@dataclass(frozen=True)
class _Graphs:
    """The ties on a date: all of them, and those that no hub makes."""

    all: Graph
    through: Graph


def _graphs(known: _Known, recipe: NetworkRecipe, date: pd.Timestamp) -> _Graphs:
    graph = graph_of(known.links, known.links.open_on(date))
    return _Graphs(graph, graph if recipe.hub_limit is None else graph.without_hubs(recipe.hub_limit))


_Statistic = Callable[[_Graphs, _Known, NetworkRecipe, pd.Timestamp, Span | None], Floats]


def _degree(graphs: _Graphs, known: _Known, recipe: NetworkRecipe, date: pd.Timestamp, window: Span | None) -> Floats:
    return graphs.all.degree.astype(np.float64)


def _shared(graphs: _Graphs, known: _Known, recipe: NetworkRecipe, date: pd.Timestamp, window: Span | None) -> Floats:
    return others_sharing(graphs.through)


def _component(
    graphs: _Graphs, known: _Known, recipe: NetworkRecipe, date: pd.Timestamp, window: Span | None
) -> Floats:
    return component_sizes(graphs.through)


def _distance(graphs: _Graphs, known: _Known, recipe: NetworkRecipe, date: pd.Timestamp, window: Span | None) -> Floats:
    found = (known.known_on <= date.to_datetime64()) & (known.inspected_on <= date.to_datetime64())
    if window is not None:
        found &= known.inspected_on > window.before(date).to_datetime64()
    if recipe.at_most is None:
        raise ValueError("finding_distance needs `at_most`; a recipe without it does not load")
    return steps_to_other(graphs.through, np.unique(known.finding_unit[found]), at_most=recipe.at_most)


def _operators(
    graphs: _Graphs, known: _Known, recipe: NetworkRecipe, date: pd.Timestamp, window: Span | None
) -> Floats:
    if known.addresses is None or known.at_address is None or recipe.hub_limit is None:
        return graph_of(known.links, known.links.during(date, window)).degree.astype(np.float64)
    housed = graph_of(known.addresses, known.addresses.open_on(date)).without_hubs(recipe.hub_limit)
    return beyond(housed, graph_of(known.at_address, known.at_address.during(date, window)))


_STATISTICS: Mapping[str, _Statistic] = {
    "degree": _degree,
    "shared": _shared,
    "component_size": _component,
    "finding_distance": _distance,
    "operators": _operators,
}
