"""Visits of test rows, each once: to which row, by whom, why, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    """

    row: NDArray[np.int64]
    positive: NDArray[np.float64]
    on: NDArray[np.datetime64]
    channel: NDArray[np.str_]
    inspector: NDArray[np.str_]

    @property
    def by_lot(self) -> NDArray[np.bool_]:
        """Visits that were drawn by lot."""
        return np.asarray(self.channel == LOT)


def visited_once(visits: pd.DataFrame | None, sample: Sample) -> Visited:
    """Every visit with the last row that it counts for; when rows are scheduled visits, the rows that were seen.

    Parameters
    ----------
    visits
        `row_id, inspection_id, inspected_on, channel, inspector, positive`, a line per row and visit; None when rows are the visits.
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
    place = pd.Index(sample.rows["row_id"]).get_indexer(pd.Index(visits["row_id"]))
    as_of = sample.rows["as_of"].to_numpy()[place]
    lines = visits.assign(place=place, as_of=as_of).sort_values(["inspection_id", "as_of", "place"], kind="stable")
    lines = lines.drop_duplicates("inspection_id", keep="last").sort_values(["place", "inspected_on", "inspection_id"])
    return Visited(
        lines["place"].to_numpy(np.int64),
        lines["positive"].to_numpy(np.float64),
        lines["inspected_on"].to_numpy(),
        _names(lines["channel"]),
        _names(lines["inspector"]),
    )


def _names(column: pd.Series) -> NDArray[np.str_]:
    return column.astype(object).where(column.notna(), UNKNOWN).astype(str).to_numpy(dtype=np.str_)
