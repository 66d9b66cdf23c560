"""What the lists of several models hold, per period and group, under resampling."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Resampled, Statistic, sum_statistic
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

EXPOSED = 3
"""The column of places that are on a list at least once in a fold, after `capacity`'s length, visits and findings."""
WIDTH = 4
"""Columns of one list."""


def list_statistic(
    sample: Sample, listed: Mapping[str, Floats], later: NDArray[np.bool_], counting: Counting
) -> Statistic:
    """Per period, and within it everybody and each group: length, visits, findings and exposed places (slice, (1 + models) x 4)."""
    parts = [np.ones(len(sample.rows)), *listed.values()]
    columns = [column for share in parts for column in _columns(sample, share, counting)]
    slices = [
        rows
        for period in (~later, later)
        for rows in (
            np.flatnonzero(period),
            *(
                np.flatnonzero(period & (grouping.of_row == value))
                for grouping in sample.groupings
                for value in range(len(grouping.values))
            ),
        )
    ]
    every = np.column_stack(columns)
    return sum_statistic(every[np.concatenate(slices)], cluster=sample.cluster, slices=slices)


def _columns(sample: Sample, share: Floats, counting: Counting) -> list[Floats]:
    """What a row adds: itself, a visit, a finding, and at the first row of its unit in a fold the most that it was on a list there."""
    keys = pd.DataFrame({"fold": sample.fold, "unit": sample.rows["unit_id"].to_numpy(), "share": share})
    most = keys.groupby(["fold", "unit"], sort=False)["share"].transform("max").to_numpy()
    exposed = np.where(keys.duplicated(["fold", "unit"]), 0.0, most)
    return [share, share * counting.seen, share * counting.found, exposed]


def by_period(numbers: Resampled, *, one: bool) -> dict[str, Resampled]:
    """Sums by period (slice, column): all together, and apart when there is more than one period."""
    half = numbers.point.shape[0] // 2
    earlier, later = numbers[:half], numbers[half:]
    return {"all": earlier} if one else {"all": earlier + later, "earlier": earlier, "next": later}
