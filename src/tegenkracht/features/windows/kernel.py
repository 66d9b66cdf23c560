"""The compiled passes: add facts to buckets, and read windows from them.

State per bucket slot, kind and entity: `count`, `valued` (facts with a value), `total`, `top`, `bottom`; slot 0 holds everything older than the
buckets that are open. Per kind and entity the latest fact: its day, the day it was known and its value.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

COUNT, SUM, MEAN, MAX, MIN, LAST, SINCE = range(7)
NEVER = np.iinfo(np.int32).min

compiled = numba.njit(cache=True, nogil=True)


@compiled
def add(
    low: int,
    high: int,
    entity: Any,
    kind: Any,
    occurred: Any,
    known: Any,
    value: Any,
    first_day: int,
    bucket_of_day: Any,
    oldest: int,
    slots: int,
    keeps: Any,
    count: Any,
    valued: Any,
    total: Any,
    top: Any,
    bottom: Any,
    last_day: Any,
    last_known: Any,
    last_value: Any,
) -> None:
    """Add facts of entities `low` up to `high` to the bucket of the day on which they occurred; what occurred before bucket `oldest` goes to slot 0.

    `keeps` says what is asked for at all: sums, maxima, minima, the last day, the last value.
    """
    keeps_values, keeps_top, keeps_bottom, keeps_day, keeps_last = keeps[0], keeps[1], keeps[2], keeps[3], keeps[4]
    for i in range(entity.size):
        e = entity[i]
        if e < low or e >= high:
            continue
        k, day, v = kind[i], occurred[i], value[i]
        bucket = 0 if day < first_day else bucket_of_day[day - first_day]
        slot = 0 if bucket < oldest else 1 + bucket % slots
        count[slot, k, e] += 1
        if keeps_values and not np.isnan(v):
            valued[slot, k, e] += 1
            total[slot, k, e] += v
            if keeps_top:
                top[slot, k, e] = max(top[slot, k, e], v)
            if keeps_bottom:
                bottom[slot, k, e] = min(bottom[slot, k, e], v)
        if keeps_last:
            latest, heard = last_day[k, e], last_known[k, e]
            if day > latest or (day == latest and known[i] > heard):
                last_day[k, e], last_known[k, e], last_value[k, e] = day, known[i], v
            elif day == latest and known[i] == heard and (np.isnan(v) or v > last_value[k, e]):
                last_value[k, e] = v
        elif keeps_day and day > last_day[k, e]:
            last_day[k, e] = day


@compiled
def close(
    low: int, high: int, slot: int, keeps: Any, count: Any, valued: Any, total: Any, top: Any, bottom: Any
) -> None:
    """Move a bucket that no window needs apart any more to slot 0, for entities `low` up to `high`, and empty its slot."""
    keeps_values, keeps_top, keeps_bottom = keeps[0], keeps[1], keeps[2]
    for k in range(count.shape[1]):
        for e in range(low, high):
            count[0, k, e] += count[slot, k, e]
            count[slot, k, e] = 0
            if keeps_values:
                valued[0, k, e] += valued[slot, k, e]
                valued[slot, k, e] = 0
                total[0, k, e] += total[slot, k, e]
                total[slot, k, e] = 0.0
            if keeps_top:
                top[0, k, e] = max(top[0, k, e], top[slot, k, e])
                top[slot, k, e] = -np.inf
            if keeps_bottom:
                bottom[0, k, e] = min(bottom[0, k, e], bottom[slot, k, e])
                bottom[slot, k, e] = np.inf


@compiled
def read(
    low: int,
    high: int,
    date: int,
    order: Any,
    lengths: Any,
    lower: Any,
    starts: Any,
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
    out: Any,
) -> None:
    """Every asked column for entities `low` up to `high`, on one date.

    `order` lists slots, newest bucket first and slot 0 last; window `w` (the last is all that was known) holds the first `lengths[w]` of them and
    what occurred after `lower[w]`. Asks of kind `k` and window `w` are `starts[k * windows + w]` up to the next start, with their `statistics` and
    their `columns` in `out` (column, entity).
    """
    keeps_values, keeps_top, keeps_bottom = keeps[0], keeps[1], keeps[2]
    windows = lengths.size
    n = high - low
    seen = np.zeros(n, np.int64)
    having = np.zeros(n, np.int64)
    summed = np.zeros(n)
    highest = np.empty(n)
    lowest = np.empty(n)
    for k in range(count.shape[1]):
        seen[:] = 0
        having[:] = 0
        summed[:] = 0.0
        highest[:] = -np.inf
        lowest[:] = np.inf
        done = 0
        for w in range(windows):
            while done < lengths[w]:
                slot = order[done]
                for e in range(n):
                    seen[e] += count[slot, k, low + e]
                if keeps_values:
                    for e in range(n):
                        having[e] += valued[slot, k, low + e]
                        summed[e] += total[slot, k, low + e]
                if keeps_top:
                    for e in range(n):
                        highest[e] = max(highest[e], top[slot, k, low + e])
                if keeps_bottom:
                    for e in range(n):
                        lowest[e] = min(lowest[e], bottom[slot, k, low + e])
                done += 1
            for a in range(starts[k * windows + w], starts[k * windows + w + 1]):
                statistic, c = statistics[a], columns[a]
                if statistic == COUNT:
                    for e in range(n):
                        out[c, low + e] = seen[e]
                elif statistic == SUM:
                    for e in range(n):
                        out[c, low + e] = summed[e]
                elif statistic == MEAN:
                    for e in range(n):
                        out[c, low + e] = summed[e] / having[e] if having[e] else np.nan
                elif statistic == MAX:
                    for e in range(n):
                        out[c, low + e] = highest[e] if having[e] else np.nan
                elif statistic == MIN:
                    for e in range(n):
                        out[c, low + e] = lowest[e] if having[e] else np.nan
                elif statistic == LAST:
                    for e in range(n):
                        day = last_day[k, low + e]
                        out[c, low + e] = last_value[k, low + e] if day > lower[w] else np.nan
                else:
                    for e in range(n):
                        day = last_day[k, low + e]
                        out[c, low + e] = date - day if day > lower[w] else np.nan
