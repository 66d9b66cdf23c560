"""The compiled passes: deal facts out, add them to all that is known, and read windows.

A *bin* is a kind in a block of entities: block `b` and kind `k` make bin `b * kinds + k`, and a block is a run of entities whose number, shifted right
by `shift`, is the block's. All that is known is kept per kind and entity: `count`, `valued` (facts with a value), `total`, `top`, `bottom`, and of the
latest fact its day, the day it was known and its value. What a finite window may need apart stays as facts, bin by bin and bucket by bucket: `place`,
the entity's within its block, and `worth`, the value.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

COUNT, SUM, MEAN, MAX, MIN, LAST, SINCE = range(7)
NEVER = np.iinfo(np.int32).min

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@compiled
def _bucket(day: int, first_day: int, bucket_of_day: Any, oldest: int) -> int:
    """0 for what no window needs apart, and from 1 on the buckets from `oldest` on."""
    return 0 if day < first_day else max(bucket_of_day[day - first_day] - oldest + 1, 0)


@compiled
def tally(
    low: int,
    high: int,
    entity: Any,
    kind: Any,
    occurred: Any,
    shift: int,
    kinds: int,
    first_day: int,
    bucket_of_day: Any,
    oldest: int,
    counts: Any,
) -> None:
    """How many of the facts `low` up to `high` each bin has of each bucket from `oldest` on (bin, bucket); what is older counts with bucket 0."""
    for i in range(low, high):
        counts[(entity[i] >> shift) * kinds + kind[i], _bucket(occurred[i], first_day, bucket_of_day, oldest)] += 1


@compiled
def deal(
    low: int,
    high: int,
    entity: Any,
    kind: Any,
    occurred: Any,
    known: Any,
    value: Any,
    shift: int,
    kinds: int,
    first_day: int,
    bucket_of_day: Any,
    oldest: int,
    keeps: Any,
    free: Any,
    place: Any,
    worth: Any,
    day: Any,
    heard: Any,
) -> None:
    """Put the facts `low` up to `high` with their bin and bucket, in the order in which they come; `free` holds the next free position of each."""
    keeps_day, keeps_last = keeps[3] or keeps[4], keeps[4]
    mask = (1 << shift) - 1
    for i in range(low, high):
        own, bucket = (entity[i] >> shift) * kinds + kind[i], _bucket(occurred[i], first_day, bucket_of_day, oldest)
        at = free[own, bucket]
        free[own, bucket] = at + 1
        place[at] = entity[i] & mask
        worth[at] = value[i]
        if keeps_day:
            day[at] = occurred[i]
        if keeps_last:
            heard[at] = known[i]


@compiled
def fold(
    first_block: int,
    last_block: int,
    shift: int,
    keeps: Any,
    starts: Any,
    place: Any,
    worth: Any,
    day: Any,
    heard: Any,
    count: Any,
    valued: Any,
    total: Any,
    top: Any,
    bottom: Any,
    last_day: Any,
    last_known: Any,
    last_value: Any,
) -> None:
    """Add the dealt facts of some blocks to all that is known.

    `keeps` says what is asked for at all: sums, maxima, minima, the last day, the last value; and whether some fact has no value. As long as all have one,
    `valued` is left alone, for it would be `count`.
    """
    keeps_values, keeps_top, keeps_bottom, keeps_day, keeps_last = keeps[0], keeps[1], keeps[2], keeps[3], keeps[4]
    has_gaps = keeps[5]
    kinds = count.shape[0]
    for b in range(first_block, last_block):
        low = b << shift
        for k in range(kinds):
            first, last = starts[b * kinds + k, 0], starts[b * kinds + k, -1]
            for i in range(first, last):
                count[k, low + place[i]] += 1
            for i in range(first if keeps_values else last, last):
                e, v = low + place[i], worth[i]
                if not np.isnan(v):
                    if has_gaps:
                        valued[k, e] += 1
                    total[k, e] += v
                    if keeps_top:
                        top[k, e] = max(top[k, e], v)
                    if keeps_bottom:
                        bottom[k, e] = min(bottom[k, e], v)
            for i in range(first if keeps_last else last, last):
                e, v = low + place[i], worth[i]
                latest, told = last_day[k, e], last_known[k, e]
                if day[i] > latest or (day[i] == latest and heard[i] > told):
                    last_day[k, e], last_known[k, e], last_value[k, e] = day[i], heard[i], v
                elif day[i] == latest and heard[i] == told and (np.isnan(v) or v > last_value[k, e]):
                    last_value[k, e] = v
            for i in range(first if keeps_day and not keeps_last else last, last):
                e = low + place[i]
                last_day[k, e] = max(last_day[k, e], day[i])


@compiled
def _copy(values: Any, to: Any) -> None:
    """The first numbers of `to` become these; assigning to a slice would compile the message for when lengths differ, which takes seconds."""
    for i in range(values.size):
        to[i] = values[i]


@compiled
def read(
    first_block: int,
    last_block: int,
    shift: int,
    date: int,
    cuts: Any,
    lower: Any,
    asked: Any,
    statistics: Any,
    columns: Any,
    keeps: Any,
    count: Any,
    valued: Any,
    total: Any,
    top: Any,
    bottom: Any,
    last_day: Any,
    last_value: Any,
    place: Any,
    worth: Any,
    out: Any,
) -> None:
    """Every asked column for the entities of some blocks, on one date.

    `cuts[p, w + 1, bin]` to `cuts[p, w, bin]` are the facts of parcel `p` and that bin that window `w` has beside those of the window before it; the last
    window is all that is known. Window `w` holds what occurred after `lower[w]`. Asks of kind `k` and window `w` are `asked[k * windows + w]` up to the
    next, with their `statistics` and their `columns` in `out` (column, entity).
    """
    keeps_values, keeps_top, keeps_bottom, has_gaps = keeps[0], keeps[1], keeps[2], keeps[5]
    kinds, entities = count.shape
    windows = lower.size
    seen = np.empty(1 << shift)
    having = np.empty(1 << shift) if has_gaps else seen
    summed = np.empty(1 << shift)
    highest = np.empty(1 << shift)
    lowest = np.empty(1 << shift)
    for b in range(first_block, last_block):
        low = b << shift
        high = min(low + (1 << shift), entities)
        n = high - low
        for k in range(kinds):
            own = b * kinds + k
            seen[:] = 0
            having[:] = 0
            summed[:] = 0
            highest[:] = -np.inf
            lowest[:] = np.inf
            for w in range(windows):
                for p in range(cuts.shape[0] if w < windows - 1 else 0):
                    first, last = cuts[p, w + 1, own], cuts[p, w, own]
                    for i in range(first, last):
                        seen[place[i]] += 1
                    for i in range(first if keeps_values else last, last):
                        e, v = place[i], worth[i]
                        if not np.isnan(v):
                            if has_gaps:
                                having[e] += 1
                            summed[e] += v
                            if keeps_top:
                                highest[e] = max(highest[e], v)
                            if keeps_bottom:
                                lowest[e] = min(lowest[e], v)
                if w == windows - 1:
                    _copy(count[k, low:high], seen)
                    if keeps_values:
                        if has_gaps:
                            _copy(valued[k, low:high], having)
                        _copy(total[k, low:high], summed)
                    if keeps_top:
                        _copy(top[k, low:high], highest)
                    if keeps_bottom:
                        _copy(bottom[k, low:high], lowest)
                for a in range(asked[k * windows + w], asked[k * windows + w + 1]):
                    statistic = statistics[a]
                    row = out[columns[a], low:high]
                    if statistic == COUNT:
                        _copy(seen[:n], row)
                    elif statistic == SUM:
                        _copy(summed[:n], row)
                    elif statistic == MEAN:
                        for e in range(n):
                            row[e] = summed[e] / having[e]
                    elif statistic in (MAX, MIN):
                        extreme = highest if statistic == MAX else lowest
                        for e in range(n):
                            row[e] = extreme[e] if having[e] > 0 else np.nan
                    elif statistic == LAST:
                        days, values = last_day[k, low:high], last_value[k, low:high]
                        for e in range(n):
                            row[e] = values[e] if days[e] > lower[w] else np.nan
                    else:
                        days = last_day[k, low:high]
                        for e in range(n):
                            row[e] = date - days[e] if days[e] > lower[w] else np.nan
