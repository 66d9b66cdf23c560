"""What is asked of facts, and the facts themselves, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.span import Span

Statistic = Literal["count", "sum", "mean", "max", "min", "last", "days_since_last"]
STATISTICS: tuple[Statistic, ...] = ("count", "sum", "mean", "max", "min", "last", "days_since_last")
Days = NDArray[np.int32]
"""Days since 1 January 1970."""


@dataclass(frozen=True)
class Ask:
    """One column: a statistic of the facts of one kind (by its number), in a window that ends on the date; None is all that was known."""

    kind: int
    window: Span | None
    statistic: Statistic


@dataclass(frozen=True)
class Facts:
    """Facts, one per place in every array.

    Parameters
    ----------
    entity, kind
        Whose, and of which kind: numbers from 0.
    occurred, known
        Days on which it happened and became known; it counts from the later of the two.
    value
        float64, NaN where there is none.
    """

    entity: NDArray[np.int32]
    kind: NDArray[np.int32]
    occurred: Days
    known: Days
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.entity)

    def take(self, at: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Facts:
        """Some of them, in this order."""
        return Facts(self.entity[at], self.kind[at], self.occurred[at], self.known[at], self.value[at])

    @property
    def visible(self) -> Days:
        """The day from which each counts."""
        return np.maximum(self.occurred, self.known)

    def due_on(self, dates: Days) -> list[Facts]:
        """Per date those that it is the first to see, and at the end those that no date sees."""
        if (self.occurred <= self.known).all() and (self.known[:-1] <= self.known[1:]).all():
            ends = [0, *np.searchsorted(self.known, dates, side="right"), len(self)]
            return [self.take(slice(low, high)) for low, high in pairwise(ends)]
        due = np.searchsorted(dates, self.visible).astype(np.int16)
        order = np.argsort(due, kind="stable")
        ends = [0, *np.searchsorted(due[order], np.arange(len(dates) + 1), side="right")]
        return [self.take(order[low:high]) for low, high in pairwise(ends)]
