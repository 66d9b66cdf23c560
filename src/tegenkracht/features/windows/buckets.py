"""How windows of many dates cut time: between two edges every fact is in the same windows, so it is enough to add up per bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.features.windows.asked import Days


@dataclass(frozen=True)
class Buckets:
    """Time, cut at every date and at every start of a window.

    Parameters
    ----------
    dates
        As-of days, ascending.
    windows
        Finite windows, shortest first.
    lower
        (date, window): a window holds what occurred after this day.
    edges
        Ascending. Bucket `j` holds what occurred after `edges[j - 1]` up to and with `edges[j]`; bucket 0 everything up to `edges[0]`.
    """

    dates: Days
    windows: tuple[Span, ...]
    lower: Days
    edges: Days

    @classmethod
    def of(cls, dates: Days, windows: Sequence[Span | None]) -> Buckets:
        """Cut time for these dates and windows (None, all that was known, cuts nothing)."""
        stamps = [pd.Timestamp(int(day), unit="D") for day in dates]
        finite = {window for window in windows if window is not None}
        starts = {w: np.array([_day(w.before(stamp)) for stamp in stamps], np.int32) for w in finite}
        ordered = sorted(finite, key=lambda w: (-int(starts[w].astype(np.int64).sum()), str(w)))
        lower = np.column_stack([starts[w] for w in ordered]) if ordered else np.empty((len(dates), 0), np.int32)
        edges = np.unique(np.concatenate([dates, lower.ravel()]))
        return cls(dates, tuple(ordered), lower, edges)

    def are_nested(self) -> bool:
        """Whether on every date a longer window holds every shorter one (31 days and 1 month may cross)."""
        return bool((np.diff(self.lower, axis=1) <= 0).all())

    def first_open(self, date: int) -> int:
        """The oldest bucket that a finite window of this or a later date still needs apart."""
        if not self.windows:
            return int(np.searchsorted(self.edges, self.dates[date]))
        return int(np.searchsorted(self.edges, self.lower[date:, -1].min())) + 1

    def newest(self, date: int) -> int:
        """The bucket that ends on this date."""
        return int(np.searchsorted(self.edges, self.dates[date]))

    def lengths(self, date: int) -> NDArray[np.int64]:
        """Per finite window, how many buckets it holds, counted from the newest."""
        held: NDArray[np.int64] = self.newest(date) - np.searchsorted(self.edges, self.lower[date])
        return held

    def by_day(self) -> tuple[int, NDArray[np.int32]]:
        """The first edge, and for each day from it on up to the last edge the bucket that the day falls in."""
        first, last = int(self.edges[0]), int(self.edges[-1])
        return first, np.searchsorted(self.edges, np.arange(first, last + 1)).astype(np.int32)


def _day(stamp: pd.Timestamp) -> int:
    return int(stamp.value // 86_400_000_000_000)
