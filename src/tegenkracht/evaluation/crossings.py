"""Groups of rows: attributes, combinations of two of them, and sectors, with which of them are too small to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.gap import CROSSED
from tegenkracht.evaluation.bootstrap import Statistic, sum_of_parts
from tegenkracht.evaluation.sample import Grouping, Sample, grouping_of
from tegenkracht.evaluation.suppression import too_small, too_small_crossed

AREA, SECTOR = "area_code", "sector"


@dataclass(frozen=True)
class Groups:
    """Groupings of the rows, numbered through, and which groups are too small to show.

    Parameters
    ----------
    groupings
        Attributes, crossings of two of them, and sectors.
    crossings
        Names of groupings whose cells are crossings, with the two groupings that were crossed.
    minimum
        Groups, and figures that rest on fewer rows than this, are withheld.
    """

    groupings: tuple[Grouping, ...]
    crossings: Mapping[str, tuple[Grouping, Grouping]]
    minimum: int

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Number of the first group of each grouping."""
        return np.cumsum([0, *(len(grouping.values) for grouping in self.groupings)])

    @cached_property
    def of_row(self) -> NDArray[np.int32]:
        """Number of each row's group (grouping, row)."""
        parts = [grouping.of_row + start for grouping, start in zip(self.groupings, self.starts[:-1], strict=True)]
        return np.array(parts, np.int32)

    def part(self, grouping: Grouping) -> slice:
        """Where the groups of a grouping stand."""
        i = self.groupings.index(grouping)
        return slice(int(self.starts[i]), int(self.starts[i + 1]))

    def hidden(self, grouping: Grouping) -> NDArray[np.bool_]:
        """Groups that are left out: too small, or the one from which a small one could be worked out."""
        return self._hidden[self.groupings.index(grouping)]

    @cached_property
    def _hidden(self) -> list[NDArray[np.bool_]]:
        return [self._too_small(grouping) for grouping in self.groupings]

    def _too_small(self, grouping: Grouping) -> NDArray[np.bool_]:
        if grouping.attribute not in self.crossings:
            return too_small(grouping.sizes, minimum=self.minimum)
        first, second = self.crossings[grouping.attribute]
        cell = first.of_row.astype(np.int64) * len(second.values) + second.of_row
        table = np.bincount(cell, minlength=len(first.values) * len(second.values))
        gone = too_small_crossed(table.reshape(len(first.values), -1), minimum=self.minimum).ravel()
        names = [f"{a}{CROSSED}{b}" for a in first.values for b in second.values]
        return np.array([gone[names.index(value)] for value in grouping.values], bool)


@lru_cache(maxsize=2)
def areas_of(sample: Sample) -> Grouping:
    """Which area each row lies in; several questions ask for those of one sample, so that the last two are kept."""
    return grouping_of(sample.rows, AREA)


def sum_of_groups(
    columns: NDArray[np.float64], *, cluster: NDArray[np.int32], groupings: Sequence[Grouping]
) -> Statistic:
    """Sums of columns over the rows of each group of each grouping, one after the other (group, column)."""
    each = [
        sum_of_parts(columns, cluster=cluster, part=grouping.of_row.astype(np.int64), parts=len(grouping.values))
        for grouping in groupings
    ]
    return lambda draw: np.concatenate([statistic(draw) for statistic in each], axis=1)


def groups_of(sample: Sample, *, intersections: Sequence[tuple[str, str]], minimum: int) -> Groups:
    """Attributes of the study, the crossings that it asks for, and sectors where there are several."""
    by_name = {grouping.attribute: grouping for grouping in sample.groupings}
    crossings = {f"{a}{CROSSED}{b}": (by_name[a], by_name[b]) for a, b in intersections}
    crossed = [_crossed(name, *pair) for name, pair in crossings.items()]
    sectors = grouping_of(sample.rows, SECTOR)
    several = [sectors] if len(sectors.values) > 1 else []
    return Groups((*sample.groupings, *crossed, *several), crossings, minimum)


def _crossed(name: str, first: Grouping, second: Grouping) -> Grouping:
    """The combinations that occur."""
    cell = first.of_row.astype(np.int64) * len(second.values) + second.of_row
    cells, of_row = np.unique(cell, return_inverse=True)
    values = (f"{first.values[c // len(second.values)]}{CROSSED}{second.values[c % len(second.values)]}" for c in cells)
    return Grouping(name, tuple(values), of_row.astype(np.int32))
