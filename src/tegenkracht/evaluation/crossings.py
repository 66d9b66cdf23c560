"""Groups of rows: attributes, combinations of two of them, and sectors, with which of them are too small to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.gap import CROSSED
from tegenkracht.evaluation.bootstrap import Statistic, sum_of_parts
from tegenkracht.evaluation.sample import Grouping, Sample, grouping_of
from tegenkracht.evaluation.suppression import too_few, too_few_crossed, too_small_crossed

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
        Groups of fewer places, and figures that rest on fewer rows than this, are withheld.
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
            return grouping.withheld(minimum=self.minimum)
        gone = too_small_crossed(self._table(grouping, grouping.places), minimum=self.minimum)
        return gone[self._cells[grouping.attribute]]

    def without(self, grouping: Grouping, base: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Groups that are left out of a figure that rests on so much of each (group,): hidden, of too little, or one from which such a one could be worked out."""
        hidden = self.hidden(grouping)
        if grouping.attribute not in self.crossings:
            return too_few(base, hidden, minimum=self.minimum)
        tables = self._table(grouping, base), self._table(grouping, hidden)
        return too_few_crossed(*tables, minimum=self.minimum)[self._cells[grouping.attribute]]

    def why(self, grouping: Grouping, base: NDArray[np.float64]) -> list[str]:
        """Per group why a figure that rests on so much of it (group,) is withheld; empty when it is not."""
        return self.reasons(grouping, self.without(grouping, base) | (base < self.minimum))

    def reasons(self, grouping: Grouping, few: NDArray[np.bool_]) -> list[str]:
        """Per group the reason to withhold a figure of which some groups have too little to rest on (group,)."""
        reasons = np.where(self.hidden(grouping), "group_under_minimum", np.where(few, "base_under_minimum", ""))
        return [str(reason) for reason in reasons]

    @cached_property
    def _cells(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Per crossing, row and column of each of its groups in the table of its two attributes."""
        return {
            name: np.divmod(np.unique(_cell(first, second)), len(second.values))
            for name, (first, second) in self.crossings.items()
        }

    def _table(self, grouping: Grouping, numbers: NDArray[Any]) -> NDArray[Any]:
        """Numbers of the groups of a crossing as that table; 0 where a combination does not occur."""
        table = np.zeros([len(attribute.values) for attribute in self.crossings[grouping.attribute]], numbers.dtype)
        table[self._cells[grouping.attribute]] = numbers
        return table


@lru_cache(maxsize=2)
def areas_of(sample: Sample) -> Grouping:
    """Which area each row lies in; several questions ask for those of one sample, so that the last two are kept."""
    return grouping_of(sample.rows, AREA, sample.unit)


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
    sectors = grouping_of(sample.rows, SECTOR, sample.unit)
    several = [sectors] if len(sectors.values) > 1 else []
    return Groups((*sample.groupings, *crossed, *several), crossings, minimum)


def _cell(first: Grouping, second: Grouping) -> NDArray[np.int64]:
    """Number of each row's combination."""
    return first.of_row.astype(np.int64) * len(second.values) + second.of_row


def _crossed(name: str, first: Grouping, second: Grouping) -> Grouping:
    """The combinations that occur."""
    cells, of_row = np.unique(_cell(first, second), return_inverse=True)
    values = (f"{first.values[c // len(second.values)]}{CROSSED}{second.values[c % len(second.values)]}" for c in cells)
    return Grouping(name, tuple(values), of_row.astype(np.int32), first.unit)
