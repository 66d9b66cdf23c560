"""One pass over facts in the order in which they became known, with a stop at every date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.features.windows import kernel
from tegenkracht.features.windows.asked import STATISTICS, Ask, Days, Facts
from tegenkracht.features.windows.buckets import Buckets

Floats = NDArray[np.float64]
Handed = Callable[[int, Floats], None]
"""Called per date with its number and the columns (column, entity); the array is used again for the next date."""

_BLOCK = 2_048  # entities that are read at a time: their accumulators stay in the cache


@dataclass
class Running:
    """What is known so far of every entity and kind.

    Parameters
    ----------
    buckets
        How time is cut.
    asks
        The columns, in order.
    entities, kinds
        How many there are.
    threads
        That work at a time, each on entities of its own.
    """

    buckets: Buckets
    asks: Sequence[Ask]
    entities: int
    kinds: int
    threads: int
    _state: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        asked = {ask.statistic for ask in self.asks}
        values = bool(asked & {"sum", "mean", "max", "min"})
        keeps = (values, "max" in asked, "min" in asked, "days_since_last" in asked, "last" in asked)
        self._keeps = np.array(keeps, np.bool_)
        self.slots = self.buckets.slots()
        shape, none = (self.slots + 1, self.kinds, self.entities), (1, 1, 1)
        valued = shape if values else none
        latest = (self.kinds, self.entities)
        self._state = {
            "count": np.zeros(shape, np.int32),
            "valued": np.zeros(valued, np.int32),
            "total": np.zeros(valued),
            "top": np.full(shape if "max" in asked else none, -np.inf),
            "bottom": np.full(shape if "min" in asked else none, np.inf),
            "last_day": np.full(latest, kernel.NEVER, np.int32),
            "last_known": np.full(latest, kernel.NEVER, np.int32),
            "last_value": np.full(latest, np.nan),
        }
        self._first_day, self._bucket_of_day = self.buckets.by_day()
        self._oldest = self.buckets.first_open(0)
        self._out = np.empty((len(self.asks), self.entities))
        self._plan = self._planned()

    def add(self, facts: Facts) -> None:
        """Add facts that are visible on the next date (their order does not matter)."""
        shared = (
            *(facts.entity, facts.kind, facts.occurred, facts.known, facts.value),
            *(self._first_day, self._bucket_of_day, self._oldest, self.slots, self._keeps),
            *self._state.values(),
        )
        size = -(-self.entities // self.threads)  # every part walks all facts, so there are as few parts as threads
        self._in_parts(lambda low, high: kernel.add(low, high, *shared), size)

    def read(self, date: int) -> Floats:
        """The columns on a date (column, entity), valid until the next call."""
        newest, oldest = self.buckets.newest(date), self.buckets.first_open(date)
        order = np.array([*(1 + bucket % self.slots for bucket in range(newest, oldest - 1, -1)), 0], np.int64)
        lengths = np.array([*self.buckets.lengths(date), order.size], np.int64)
        lower = np.array([*self.buckets.lower[date], kernel.NEVER], np.int32)
        state = {name: part for name, part in self._state.items() if name != "last_known"}

        day = int(self.buckets.dates[date])
        shared = (*self._plan, self._keeps, *state.values(), self._out)
        self._in_parts(lambda low, high: kernel.read(low, high, day, order, lengths, lower, *shared), _BLOCK)
        return self._out

    def move_on(self, date: int) -> None:
        """Close the buckets that no date from this one on needs apart."""
        wanted = self.buckets.first_open(date)
        state = [self._state[name] for name in ("count", "valued", "total", "top", "bottom")]
        for bucket in range(self._oldest, wanted):
            slot = 1 + bucket % self.slots
            self._in_parts(lambda low, high, slot=slot: kernel.close(low, high, slot, self._keeps, *state), _BLOCK)  # type: ignore[misc]  # the slot is bound now
        self._oldest = wanted

    def _in_parts(self, work: Callable[[int, int], None], size: int) -> None:
        """The same work on every run of so many entities."""
        cuts = range(0, self.entities, size)
        if self.threads == 1:
            for low in cuts:
                work(low, min(low + size, self.entities))
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(lambda low: work(low, min(low + size, self.entities)), cuts))

    def _planned(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Asks in order of kind and window: where each pair starts, statistics, and columns."""
        windows = len(self.buckets.windows) + 1
        place: dict[Span | None, int] = {window: w for w, window in enumerate(self.buckets.windows)}
        place[None] = windows - 1
        pair = np.array([ask.kind * windows + place[ask.window] for ask in self.asks], np.int64)
        order = np.argsort(pair, kind="stable")
        starts = np.searchsorted(pair[order], np.arange(self.kinds * windows + 1)).astype(np.int64)
        statistics = np.array([STATISTICS.index(ask.statistic) for ask in self.asks], np.int64)[order]
        return starts, statistics, order.astype(np.int64)


def aggregate(
    facts: Facts, asks: Sequence[Ask], *, dates: Days, entities: int, kinds: int, threads: int, handed: Handed
) -> None:
    """Hand out every asked column for all entities, date by date.

    Running totals are kept per bucket of time between two edges (as-of dates and starts of windows), by the day on which a fact occurred, and a
    fact is added when it becomes visible: so a late one falls into its own bucket, and every window is a sum of whole buckets, exactly. Cost is
    facts + dates x open buckets x entities x kinds, not dates x facts.

    Parameters
    ----------
    dates
        As-of days, ascending and different.
    handed
        Told per date; must copy what it keeps.

    Raises
    ------
    ValueError
        When two windows cross (31 days and 1 month, say): neither always holds the other.
    """
    buckets = Buckets.of(dates, [ask.window for ask in asks])
    if not buckets.are_nested():
        raise ValueError("Windows cross: on some dates one is the longer, on others the other.")
    running = Running(buckets, asks, entities, kinds, threads)
    due = np.searchsorted(dates, facts.visible).astype(np.int16)
    if due.size and (np.diff(due) < 0).any():
        order = np.argsort(due, kind="stable")
        facts, due = facts.take(order), due[order]
    cuts = np.searchsorted(due, np.arange(len(dates) + 1))
    for date in range(len(dates)):
        running.move_on(date)
        running.add(facts.take(slice(cuts[date], cuts[date + 1])))
        handed(date, running.read(date))
