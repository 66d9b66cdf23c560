"""How many people live in areas with places on a list: a visit is noticed by more people than those who are visited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import concatenated, resample, sum_statistic
from tegenkracht.evaluation.crossings import areas_of
from tegenkracht.evaluation.estimates import About, estimate_of, nothing
from tegenkracht.evaluation.sample import Grouping, Sample

Floats = NDArray[np.float64]

MEASURES = ("residents", "inwoners")
"""What a measure of areas is called that counts who lives there."""
AT_LEAST = (1, 2, 5)
"""Places on one list that an area has at least."""
REACHED = "residents_reached"


def residents_in(surroundings: pd.DataFrame | None) -> str:
    """The measure that counts residents; empty when the study has none."""
    return next((name for name in MEASURES if surroundings is not None and name in surroundings.columns), "")


def resident_estimates(
    sample: Sample,
    surroundings: pd.DataFrame | None,
    listed: Floats,
    about: About,
    *,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """Residents of areas with at least so many places on a list: their share of all residents of areas with places, and their number per list.

    Also for each group of areas, by attributes of which every area has one value. Areas are what is drawn: another list would fall in other areas of this
    kind. An area stands for what it had on the date of a list; an area without a figure of residents is left out, and so is a list without any.

    Parameters
    ----------
    surroundings
        As `place_estimates` takes them.
    listed
        How much of each row is on the list (row,).
    minimum
        Groups of fewer areas are withheld.
    """
    measure = residents_in(surroundings)
    if surroundings is None or not measure:
        yield nothing("no_residents", REACHED, about, n=0, method="sample")
        return
    living = surroundings[measure].reindex(sample.rows["row_id"]).to_numpy(dtype=np.float64)
    areas = areas_of(sample)
    columns = _of_areas(sample, areas, living, listed)
    known = columns[:, -1] > 0
    parts = [_Part("", known), *_groups(sample.groupings, areas, known)]
    slices, each = [np.flatnonzero(part.areas) for part in parts], np.arange(len(columns), dtype=np.int32)
    sums = resample(
        {"residents": sum_statistic(columns[concatenated(slices)[0]], cluster=each, slices=slices)},
        clusters=len(columns),
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )["residents"]
    lists = max(int(np.unique(sample.lists[np.isfinite(living)]).size), 1)
    for place, part in enumerate(parts):
        n, everyone = int(part.areas.sum()), sums[place, -1]
        for column, least in enumerate(AT_LEAST):
            own = replace(about, group=part.group, at=f"{about.at},at_least={least}")
            if n < minimum:
                yield nothing("few_areas", REACHED, own, n=0, method="sample")
                continue
            share = estimate_of(
                sums[place, column] / everyone,
                REACHED,
                own,
                n=n,
                level=level,
                why_not="no_figures",
                share=True,
                method="sample",
            )
            yield from (share, _number(share, float(everyone.point) / lists))


def _number(share: Estimate, living: float) -> Estimate:
    """So many residents as the share is of those who live there."""
    value, low, high = (None if end is None else end * living for end in (share.value, share.low, share.high))
    return replace(share, metric=f"{REACHED}_count", value=value, low=low, high=high)


@dataclass(frozen=True)
class _Part:
    """Some of the areas (area,), by the group that they are."""

    group: str
    areas: NDArray[np.bool_]


def _of_areas(sample: Sample, areas: Grouping, living: Floats, listed: Floats) -> Floats:
    """Residents of each area, summed over lists (area, column): when it had so many places on the list, for each of `AT_LEAST`, and always."""
    count, lists = len(areas.values), len(sample.list_slices)
    cell = sample.lists * count + areas.of_row
    known = np.isfinite(living)

    def of_cells(values: Floats) -> Floats:
        return np.bincount(cell, values, minlength=lists * count).astype(np.float64)

    figures, flagged = of_cells(known.astype(np.float64)), of_cells(listed)
    residents = of_cells(np.where(known, living, 0.0)) / np.maximum(figures, 1.0)
    # Parts of tied rows may add up to a whole but for the last bit.
    reached = [np.where(flagged > least - 1e-9, residents, 0.0) for least in AT_LEAST]
    each = np.column_stack([*reached, residents])
    return np.asarray(each.reshape(lists, count, -1).sum(axis=0), np.float64)


def _groups(groupings: Sequence[Grouping], areas: Grouping, known: NDArray[np.bool_]) -> Iterator[_Part]:
    """Areas by the groups of each attribute of which every area has one value."""
    first = np.unique(areas.of_row, return_index=True)[1]
    for grouping in groupings:
        of_area = grouping.of_row[first]
        if (of_area[areas.of_row] == grouping.of_row).all():
            for value in range(len(grouping.values)):
                yield _Part(grouping.name(value), known & (of_area == value))
