"""The plain road through DuckDB, written to be read: what the faster road is compared with, cell by cell.

A column at `known_until` t uses rows with `known_on <= t` and `occurred_on <= t`, and within a window also `occurred_on > t - window`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span

_VALUES: Mapping[str, str] = {
    "count": "count(*)",
    "sum": "sum(value)",
    "mean": "avg(value)",
    "distinct": "count(distinct value)",
    "min": "min(value)",
    "max": "max(value)",
    "last": "last(value order by occurred_on, known_on, value)",
    "days_since_last": "min(date_diff('day', occurred_on, known_until))",
    "finding_count": "sum(value)",
    "finding_share": "avg(value)",
    "previous_finding": "last(value order by occurred_on, known_on, value)",
}
_ZERO_WHEN_NONE = ("count", "sum", "distinct", "finding_count")
"""Statistics that are 0, not missing, where nothing happened."""


def aggregate_plainly(
    facts: pd.DataFrame, rows: pd.DataFrame, columns: Sequence[tuple[str, Span | None]], by: str, threads: int
) -> NDArray[np.float64]:
    """One value per row and column, over the facts of the row's `by`; shape (n_rows, n_columns).

    Parameters
    ----------
    facts
        Columns `by`, `occurred_on, known_on, value`.
    rows
        Columns `by` and `known_until`.
    columns
        Statistic and window of each column.
    """
    asked = rows[[by, "known_until"]].assign(position=np.arange(len(rows)))
    wanted = ", ".join(f"{_VALUES[statistic]} {_within(window)}" for statistic, window in columns)
    query = f"""
        select position, {wanted}
        from asked join facts using ({by})
        where known_on <= known_until and occurred_on <= known_until
        group by position
    """  # noqa: S608 - statistics and windows are values of closed lists, `by` a column of ours: no text of a user is in it
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register("asked", asked)
        connection.register("facts", facts)
        found = connection.execute(query).df()
    values = np.full((len(rows), len(columns)), np.nan)
    values[found["position"].to_numpy()] = found.iloc[:, 1:].to_numpy(dtype=np.float64, na_value=np.nan)
    zero = [i for i, (statistic, _) in enumerate(columns) if statistic in _ZERO_WHEN_NONE]
    values[:, zero] = np.nan_to_num(values[:, zero], nan=0.0)
    return values


def _within(window: Span | None) -> str:
    return "" if window is None else f"filter (where occurred_on > known_until - interval {window.count} {window.unit})"
