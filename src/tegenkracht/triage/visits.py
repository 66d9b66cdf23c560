"""The fewest visits that give every label of triage back, and none that contradicts one.

A label says that somebody looked within a window after its as-of date, or that nobody did; when and how often it does not say. Cut time at
every end of a window: a piece that lies in a window without a label has no visit, one in a negative window no finding. If any set of visits agrees
with all labels, so does the one with as much in each piece as these limits allow; from it, the fewest are kept, each on the last day of its piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NOBODY, NEGATIVE, POSITIVE = 0, 1, 2
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Visits:
    """What the labels imply.

    Parameters
    ----------
    table
        `unit_id`, `inspected_on`, `finding`: one row a visit.
    contradicted
        Rows of the labels that no visit agrees with, because another label of the same unit rules it out.
    """

    table: pd.DataFrame
    contradicted: pd.DataFrame


def visits_of(labels: pd.DataFrame) -> Visits:
    """Visits from labels with `unit_id`, `as_of`, `until` (both datetime64) and `label` (1, 0, NaN where nobody looked).

    A visit belongs to a window when it lies after `as_of` and on or before `until`.
    """
    labels = labels.sort_values(["unit_id", "until", "as_of"], kind="stable").reset_index(drop=True)
    wanted = np.where(labels["label"].isna(), NOBODY, np.where(labels["label"] == 1, POSITIVE, NEGATIVE)).astype(
        np.int64
    )
    starts, ends = _days(labels["as_of"]), _days(labels["until"])
    visits: list[tuple[str, int, bool]] = []
    contradicted: list[int] = []
    for unit, rows in _by_unit(labels["unit_id"]):
        chosen, faulty = _fewest(starts[rows], ends[rows], wanted[rows])
        visits += [(unit, day, finding) for day, finding in chosen]
        contradicted += [rows.start + i for i in faulty]
    table = pd.DataFrame(visits, columns=["unit_id", "day", "finding"])
    days = pd.to_datetime(table.pop("day").astype("int64"), unit="D").astype("datetime64[us]")
    table = table.astype({"unit_id": "str", "finding": bool}).assign(inspected_on=days)
    return Visits(table, labels.iloc[contradicted])


def _days(dates: pd.Series) -> Ints:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _by_unit(units: pd.Series) -> Iterator[tuple[str, slice]]:
    """Units of a sorted column, with their rows."""
    codes, names = pd.factorize(units)
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    for name, start, stop in zip(names, edges, edges[1:], strict=False):
        yield str(name), slice(start, stop)


def _fewest(starts: Ints, ends: Ints, wanted: Ints) -> tuple[list[tuple[int, bool]], list[int]]:
    """Days of visits and whether they found something; and the windows that stay without. Windows come sorted by their end."""
    edges = np.unique(np.concatenate([starts, ends]))
    first, last = np.searchsorted(edges, starts), np.searchsorted(edges, ends)
    most = np.full(edges.size, POSITIVE, np.int64)
    for window in range(starts.size):
        piece = slice(first[window], last[window])
        most[piece] = np.minimum(most[piece], wanted[window])
    chosen = np.zeros(edges.size, np.int64)
    without: list[int] = []
    for kind in (POSITIVE, NEGATIVE):
        for window in np.flatnonzero(wanted == kind).tolist():
            piece = slice(first[window], last[window])
            fitting = np.flatnonzero(most[piece] == kind)
            if not fitting.size:
                without.append(window)
            elif not (chosen[piece] == kind).any():
                chosen[first[window] + fitting[-1]] = kind
    return [(int(edges[piece + 1]), bool(chosen[piece] == POSITIVE)) for piece in np.flatnonzero(chosen)], without
