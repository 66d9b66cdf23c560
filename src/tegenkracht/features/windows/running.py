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
from tegenkracht.features.windows.parcels import Parcels

Floats = NDArray[np.float64]
Handed = Callable[[int, Floats], None]
"""Called per date with its number and the columns (column, entity); the array is used again for the next date."""

_SHIFT = 11  # 2,048 entities are a block: their accumulators stay in the cache
Array = NDArray[Any]


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
        That work at a time.
    """

    buckets: Buckets
    asks: Sequence[Ask]
    entities: int
    kinds: int
    threads: int
    _all: dict[str, Array] = field(init=False, repr=False)
    _parcels: Parcels = field(init=False, repr=False)
    _date: int = 0

    def __post_init__(self) -> None:
        asked = {ask.statistic for ask in self.asks}
        values = bool(asked & {"sum", "mean", "max", "min"})
        top, bottom, last = "max" in asked, "min" in asked, "last" in asked
        self._keeps = np.array((values, top, bottom, "days_since_last" in asked, last, False), np.bool_)
        every, none = (self.kinds, self.entities), (1, 1)
        self._all = {
            "count": np.zeros(every, np.int32),
            "valued": np.zeros(every if values else none, np.int32),
            "total": np.zeros(every if values else none),
            "top": np.full(every if top else none, -np.inf),
            "bottom": np.full(every if bottom else none, np.inf),
            "last_day": np.full(every, kernel.NEVER, np.int32),
            "last_known": np.full(every, kernel.NEVER, np.int32),
            "last_value": np.full(every, np.nan),
        }
        self._parcels = Parcels()
        self._first_day, self._bucket_of_day = self.buckets.by_day()
        self._out = np.empty((len(self.asks), self.entities))
        self._plan = self._planned()

    @property
    def blocks(self) -> int:
        """How many runs of entities are worked on apart."""
        return -(-self.entities >> _SHIFT)

    def add(self, facts: Facts) -> None:
        """Add facts that are visible on the date that was moved on to (their order matters only where sums are rounded)."""
        size = len(facts)
        if not size:
            return
        if self._keeps[0] and not self._keeps[5] and np.isnan(facts.value).any():
            self._all["valued"][:] = self._all["count"]
            self._keeps[5] = True
        given: tuple[Any, ...] = (facts.entity, facts.kind, facts.occurred, facts.known, facts.value)
        oldest = self.buckets.first_open(self._date)
        time: tuple[Any, ...] = (_SHIFT, self.kinds, self._first_day, self._bucket_of_day, oldest)
        lots = np.linspace(0, size, self.threads + 1).astype(np.int64)  # a thread deals out one lot
        counts = np.zeros(
            (self.threads, self.blocks * self.kinds, self.buckets.newest(self._date) - oldest + 2), np.int64
        )

        def tally(low: int, high: int) -> None:
            for lot in range(low, high):
                kernel.tally(lots[lot], lots[lot + 1], *(*given[:3], *time, counts[lot]))

        self._in_parts(tally, self.threads)
        starts, free = _starts(counts)
        days = np.empty(size if self._keeps[3:5].any() else 1, np.int32)
        dealt = (*self._parcels.room_for(size), days, np.empty(size if self._keeps[4] else 1, np.int32))

        def deal(low: int, high: int) -> None:
            for lot in range(low, high):
                kernel.deal(lots[lot], lots[lot + 1], *(*given, *time, self._keeps, free[lot], *dealt))

        self._in_parts(deal, self.threads)
        into: tuple[Any, ...] = (_SHIFT, self._keeps, starts, *dealt, *self._all.values())
        self._in_parts(lambda low, high: kernel.fold(low, high, *into), self.blocks)
        self._parcels.keep(oldest, starts, size)

    def read(self) -> Floats:
        """The columns on the date that was moved on to (column, entity), valid until the next call."""
        firsts = self.buckets.newest(self._date) - self.buckets.lengths(self._date) + 1
        cuts = self._parcels.cuts(firsts, self.blocks * self.kinds)
        lower = np.array([*self.buckets.lower[self._date], kernel.NEVER], np.int32)
        known = [part for name, part in self._all.items() if name != "last_known"]
        day = int(self.buckets.dates[self._date])
        shared: tuple[Any, ...] = (
            _SHIFT,
            day,
            cuts,
            lower,
            *self._plan,
            self._keeps,
            *known,
            *self._parcels.arrays,
            self._out,
        )
        self._in_parts(lambda low, high: kernel.read(low, high, *shared), self.blocks)
        return self._out

    def move_on(self, date: int) -> None:
        """Forget what no date from this one on needs apart."""
        self._date = date
        self._parcels.forget(self.buckets.first_open(date))

    def _in_parts(self, work: Callable[[int, int], object], size: int) -> None:
        """The same work on as many runs of 0 up to `size` as there are threads."""
        cuts = [int(cut) for cut in np.linspace(0, size, self.threads + 1)]
        if self.threads == 1:
            work(0, size)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(work, cuts[:-1], cuts[1:]))

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


def _starts(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the facts of every bin and bucket start (bin, bucket; the last column is where a bin ends), and where each lot's own do."""
    of_all = counts.sum(axis=0)
    ends = np.cumsum(of_all).reshape(of_all.shape)
    starts = np.concatenate([ends[:, :1] - of_all[:, :1], ends], axis=1)
    return starts, starts[:, :-1] + np.cumsum(counts, axis=0) - counts


def aggregate(
    facts: Facts, asks: Sequence[Ask], *, dates: Days, entities: int, kinds: int, threads: int, handed: Handed
) -> None:
    """Hand out every asked column for all entities, date by date.

    Facts are kept per bucket of time between two edges (as-of dates and starts of windows), by the day on which a fact occurred, and a
    fact is added when it becomes visible: so a late one falls into its own bucket, and every window is a sum of whole buckets, exactly. Cost is
    facts + dates x (facts of the longest window + columns x entities), not dates x facts.

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
    for date, due in enumerate(facts.due_on(dates)[:-1]):
        running.move_on(date)
        running.add(due)
        handed(date, running.read())
