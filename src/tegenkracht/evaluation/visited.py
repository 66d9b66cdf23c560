"""Visits of test rows, each once: to which row, by whom, why, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.cohort import OVERTURNED
from tegenkracht.evaluation.sample import UNKNOWN, Sample

LOT = "random"
"""The channel of visits that were drawn by lot."""


@dataclass(frozen=True)
class Visited:
    """One line per visit, in order of its row and day.

    Parameters
    ----------
    row
        The row that stood on the last list before the visit (its place in the sample).
    positive
        Whether something was found that counts.
    on
        Day of the visit.
    channel, inspector
        As recorded; `unknown` where they are not.
    overturned
        Whether a finding was overturned on appeal; None when no table tells.
    severity
        How heavy what was found is, NaN where nothing was; None when no table tells.
    """

    row: NDArray[np.int64]
    positive: NDArray[np.float64]
    on: NDArray[np.datetime64]
    channel: NDArray[np.str_]
    inspector: NDArray[np.str_]
    overturned: NDArray[np.bool_] | None = None
    severity: NDArray[np.float64] | None = None

    @property
    def before_appeal(self) -> NDArray[np.float64] | None:
        """Whether a visit found something that counts or that an appeal took away; None when no table tells."""
        return None if self.overturned is None else np.maximum(self.positive, self.overturned)

    @property
    def severe(self) -> NDArray[np.float64] | None:
        """Whether what was found counts and is heavier than the middle one of all that count; None when no table tells, or none is."""
        if self.severity is None:
            return None
        counted = self.severity[(self.positive > 0) & ~np.isnan(self.severity)]
        heavy = (self.positive > 0) & (self.severity > np.median(counted)) if counted.size else np.zeros(0, bool)
        return heavy.astype(np.float64) if heavy.any() else None

    @property
    def by_lot(self) -> NDArray[np.bool_]:
        """Visits that were drawn by lot."""
        return np.asarray(self.channel == LOT)

    def overturned_of(self, rows: int) -> NDArray[np.float64] | None:
        """Per row, how many findings were overturned; None when no table tells."""
        if self.overturned is None:
            return None
        return np.bincount(self.row[self.overturned], minlength=rows).astype(np.float64)


def visited_once(visits: pd.DataFrame | None, sample: Sample) -> Visited:
    """Every visit with the last row that it counts for; when rows are scheduled visits, the rows that were seen.

    Parameters
    ----------
    visits
        `row_id, inspection_id, inspected_on, channel, inspector, positive` and perhaps `appeal` and `severity`, a line per row and visit; None when rows are the
        visits.
    """
    if visits is None:
        row = np.flatnonzero(sample.visited).astype(np.int64)
        rows = sample.rows.iloc[row]
        return Visited(
            row,
            sample.finding[row].astype(np.float64),
            rows["as_of"].to_numpy(),
            _names(rows["channel"]),
            _names(rows["inspector"]),
        )
    place = sample.row_of(visits)
    number = pd.factorize(visits["inspection_id"], sort=True)[0]
    order = np.lexsort((place, sample.rows["as_of"].to_numpy()[place], number))
    last = order[np.append(np.diff(number[order]) != 0, True)] if order.size else order
    last = last[np.lexsort((number[last], visits["inspected_on"].to_numpy()[last], place[last]))]
    lines = visits.iloc[last]
    return Visited(
        place[last],
        lines["positive"].to_numpy(np.float64),
        lines["inspected_on"].to_numpy(),
        _names(lines["channel"]),
        _names(lines["inspector"]),
        (lines["appeal"] == OVERTURNED).to_numpy(bool) if "appeal" in lines and lines["appeal"].notna().any() else None,
        lines["severity"].to_numpy(np.float64) if "severity" in lines and lines["severity"].notna().any() else None,
    )


def _names(column: pd.Series) -> NDArray[np.str_]:
    return column.astype(object).where(column.notna(), UNKNOWN).astype(str).to_numpy(dtype=np.str_)
