"""Columns of all recipes that look back over events and visits, in one pass for each scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.data.sources import Dataset
from tegenkracht.features.column import Column
from tegenkracht.features.reference import aggregate_plainly
from tegenkracht.features.windows import Ask, Facts, aggregate
from tegenkracht.features.windows.asked import STATISTICS, Statistic

Values = NDArray[np.float64]
Wanted = tuple[str, str, Span | None]
"""Family (event kind, `visit` or `any event`), statistic and window."""

ANY = "any event"
MOST_DATES = 400
"""A schedule with more dates than this asks for more buckets than there are facts in them: it takes the plain road."""
MOST_CELLS = 40_000_000
"""Counters that are kept at once (about a GiB with their sums and ends); more entities are done in parts."""

_BY = {"unit": "unit_id", "cluster": "cluster_id", "area": "area_code"}
_ALIAS: Mapping[str, Statistic] = {"finding_count": "sum", "finding_share": "mean", "previous_finding": "last"}
_ZERO_WHEN_NONE = ("count", "sum", "distinct")


def windowed_columns(
    dataset: Dataset, rows: pd.DataFrame, columns: Sequence[Column], *, threads: int
) -> Iterator[tuple[str, Values]]:
    """Name and values of every windowed column, aligned with `rows`.

    Of a cluster or an area: all that happened at its units, minus what happened at the unit itself.
    """
    own = [wanted for column in columns for wanted in _needed(column)]
    tables = {"unit": _Table.of(dataset, rows, own, "unit", threads)}
    for scope in ("cluster", "area"):
        asked = [w for column in columns if column.scope == scope for w in _needed(column)]
        if asked:
            tables[scope] = _Table.of(dataset, rows, asked, scope, threads)
    for column in columns:
        yield column.name, _value(column, tables)


def _needed(column: Column) -> list[Wanted]:
    """What must be known of the unit (and of its cluster or area) to give a column."""
    window, family = column.window, column.family
    if column.statistic == "trend":
        return [(family, "count", window), (family, "count", _half(window))]
    if column.statistic == "share":
        return [(family, "count", window), (ANY, "count", window)]
    if column.scope != "unit":
        return [(family, "count", window), (family, "sum", window)]
    return [(family, _ALIAS.get(column.statistic, column.statistic), window)]


def _half(window: Span | None) -> Span:
    """The newer half of a window (of an odd number of months, the shorter half)."""
    if window is None:
        raise ValueError("a trend needs a window")
    return Span(max(window.count // 2, 1), window.unit)


def _value(column: Column, tables: Mapping[str, _Table]) -> Values:
    parts = [tables["unit"].of_rows(wanted) for wanted in _needed(column)]
    if column.scope != "unit":
        parts = [tables[column.scope].of_rows(w) - own for w, own in zip(_needed(column), parts, strict=True)]
    if column.statistic == "trend":
        return 2 * parts[1] - parts[0]
    if column.statistic == "share":
        return _ratio(parts[0], parts[1])
    if column.scope == "unit" or column.statistic == "count":
        return parts[0]
    return parts[1] if column.statistic in ("sum", "finding_count") else _ratio(parts[1], parts[0])


def _ratio(part: Values, whole: Values) -> Values:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


@dataclass(frozen=True)
class _Table:
    """Wanted values per row, of the row's unit, cluster or area; rows without a cluster have none."""

    wanted: Mapping[Wanted, int]
    values: Values

    def of_rows(self, wanted: Wanted) -> Values:
        """One value per row."""
        return self.values[:, self.wanted[wanted]]

    @classmethod
    def of(cls, dataset: Dataset, rows: pd.DataFrame, asked: Sequence[Wanted], scope: str, threads: int) -> _Table:
        """Work out what is asked, each once."""
        wanted = {what: i for i, what in enumerate(dict.fromkeys(asked))}
        few = rows["known_until"].nunique() <= MOST_DATES
        fast = [w for w in wanted if few and w[1] != "distinct"]
        slow = [w for w in wanted if w not in fast]
        values = np.empty((len(rows), len(wanted)))
        for part, road in ((fast, _in_one_pass), (slow, _plainly)):
            if part:
                values[:, [wanted[w] for w in part]] = road(dataset, rows, part, scope, threads)
        known = rows[_BY[scope]].notna().to_numpy()
        for (_, statistic, _), i in wanted.items():
            if statistic in _ZERO_WHEN_NONE:
                values[known & np.isnan(values[:, i]), i] = 0.0
        return cls(wanted, values)


def _facts(dataset: Dataset, family: str, scope: str) -> pd.DataFrame:
    """Events of a kind, or visits as events: the column of the scope, occurred_on, known_on, value."""
    if family == "visit":
        visits = dataset.tables["inspections"]
        facts = visits[["unit_id", "known_on"]].assign(
            occurred_on=visits["inspected_on"], value=visits["finding"].astype(float)
        )
    else:
        events = dataset.tables["events"]
        chosen = events if family == ANY else events[events["kind"] == family]
        facts = chosen[["unit_id", "occurred_on", "known_on", "value"]]
    if scope == "unit":
        return facts
    by = _BY[scope]
    return (
        facts.merge(dataset.tables["units"][["unit_id", by]], on="unit_id").drop(columns="unit_id").dropna(subset=[by])
    )


def _plainly(dataset: Dataset, rows: pd.DataFrame, wanted: Sequence[Wanted], scope: str, threads: int) -> Values:
    """Family by family through DuckDB."""
    by, values = _BY[scope], np.full((len(rows), len(wanted)), np.nan)
    asked = rows[[by, "known_until"]].drop_duplicates().dropna(subset=[by]).reset_index(drop=True)
    place = _places(rows, asked, by)
    for family in dict.fromkeys(family for family, _, _ in wanted):
        at = [i for i, what in enumerate(wanted) if what[0] == family]
        columns = [(wanted[i][1], wanted[i][2]) for i in at]
        found = aggregate_plainly(_facts(dataset, family, scope), asked, columns, by, threads)
        for i, column in zip(at, found.T, strict=True):
            values[:, i] = np.where(place >= 0, column[np.maximum(place, 0)], np.nan)
    return values


def _places(rows: pd.DataFrame, asked: pd.DataFrame, by: str) -> NDArray[np.int64]:
    """Where each row's entity and date stand in `asked`; -1 for a row without an entity."""
    numbered = asked.assign(place=np.arange(len(asked)))
    found = rows[[by, "known_until"]].merge(numbered, on=[by, "known_until"], how="left")["place"]
    return found.fillna(-1).to_numpy(dtype=np.int64)


def _in_one_pass(dataset: Dataset, rows: pd.DataFrame, wanted: Sequence[Wanted], scope: str, threads: int) -> Values:
    """All families at once, date by date."""
    by, values = _BY[scope], np.full((len(rows), len(wanted)), np.nan)
    names = pd.Index(rows[by].dropna().unique())
    entity = names.get_indexer(pd.Index(rows[by]))
    days = _days(rows["known_until"])
    dates = np.unique(days)
    rows_of = [np.flatnonzero((days == day) & (entity >= 0)) for day in dates]
    families = list(dict.fromkeys(family for family, _, _ in wanted))
    facts = _numbered(dataset, families, scope, names)
    asks = [Ask(families.index(family), window, _statistic(statistic)) for family, statistic, window in wanted]
    windows = len({ask.window for ask in asks})
    size = max(MOST_CELLS // max(len(families) * (len(dates) + 4) * windows // 4, 1), 1_000)
    for low in range(0, len(names), size):
        high = min(low + size, len(names))
        part = facts if high - low == len(names) else _between(facts, low, high)

        def keep(date: int, out: Values, low: int = low, high: int = high) -> None:
            at = rows_of[date]
            inside = at[(entity[at] >= low) & (entity[at] < high)]
            values[inside] = out[:, entity[inside] - low].T

        aggregate(part, asks, dates=dates, entities=high - low, kinds=len(families), threads=threads, handed=keep)
    return values


def _statistic(name: str) -> Statistic:
    return next(statistic for statistic in STATISTICS if statistic == name)


def _numbered(dataset: Dataset, families: Sequence[str], scope: str, names: pd.Index) -> Facts:
    """The facts of all families with numbers for words; facts of units that no row asks for are left out."""
    parts = [_facts(dataset, family, scope) for family in families]
    entity = [names.get_indexer(pd.Index(part[_BY[scope]])) for part in parts]
    kind = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    together = Facts(
        entity=np.concatenate(entity).astype(np.int32),
        kind=kind,
        occurred=np.concatenate([_days(part["occurred_on"]) for part in parts]),
        known=np.concatenate([_days(part["known_on"]) for part in parts]),
        value=np.concatenate([part["value"].to_numpy(dtype=np.float64, na_value=np.nan) for part in parts]),
    )
    return together.take(together.entity >= 0)


def _between(facts: Facts, low: int, high: int) -> Facts:
    part = facts.take((facts.entity >= low) & (facts.entity < high))
    return Facts((part.entity - low).astype(np.int32), part.kind, part.occurred, part.known, part.value)


def _days(dates: pd.Series) -> NDArray[np.int32]:
    return dates.to_numpy(dtype="datetime64[D]").astype(np.int64).astype(np.int32)
