"""The compiled passes: deal facts out to blocks of entities, add them up per bucket, and read windows from what was added up.

A block is a run of entities whose number is the entity's shifted right by `shift`; within a block, a *cell* is a kind and a place, `kind << shift | place`.
All that is known is kept per kind and entity: `count`, `valued` (facts with a value), `total`, `top`, `bottom`, and of the latest fact its day, the day
it was known and its value. What a finite window may need apart is kept as *entries*: a cell with the count, total, top and bottom of its facts in one bucket.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

COUNT, SUM, MEAN, MAX, MIN, LAST, SINCE = range(7)
NEVER = np.iinfo(np.int32).min

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@compiled
def tally(low: int, high: int, entity: Any, shift: int, counts: Any) -> None:
    """How many of the facts `low` up to `high` each block has."""
    for i in range(low, high):
        counts[entity[i] >> shift] += 1


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
    keeps_last: bool,
    place: Any,
    cell: Any,
    day: Any,
    heard: Any,
    worth: Any,
) -> None:
    """Put the facts `low` up to `high` with their blocks, in the order in which they come; `place` holds the next free place of each block."""
    mask = (1 << shift) - 1
    for i in range(low, high):
        block = entity[i] >> shift
        at = place[block]
        place[block] = at + 1
        cell[at] = (kind[i] << shift) | (entity[i] & mask)
        day[at] = occurred[i]
        worth[at] = value[i]
        if keeps_last:
            heard[at] = known[i]


@compiled
def add_up(
    first_block: int,
    last_block: int,
    dealt: Any,
    cell: Any,
    day: Any,
    heard: Any,
    worth: Any,
    shift: int,
    first_day: int,
    bucket_of_day: Any,
    oldest: int,
    keeps: Any,
    count: Any,
    valued: Any,
    total: Any,
    top: Any,
    bottom: Any,
    last_day: Any,
    last_known: Any,
    last_value: Any,
    starts: Any,
    entry_cell: Any,
    entry_count: Any,
    entry_valued: Any,
    entry_total: Any,
    entry_top: Any,
    entry_bottom: Any,
) -> None:
    """Add dealt facts to all that is known, and make the entries of their buckets from `oldest` on.

    `dealt[b]` is where block `b` starts, among facts and among entries alike; `starts[b, j]` becomes where the entries of bucket `oldest + j` start.
    `keeps` says what is asked for at all: sums, maxima, minima, the last day, the last value.
    """
    keeps_values, keeps_top, keeps_bottom, keeps_day, keeps_last = keeps[0], keeps[1], keeps[2], keeps[3], keeps[4]
    mask = (1 << shift) - 1
    cells = count.shape[0] << shift
    width = starts.shape[1] - 1
    place_of = np.full(cells, -1, np.int32)
    for b in range(first_block, last_block):
        low, size = dealt[b], dealt[b + 1] - dealt[b]
        base = b << shift
        held = np.zeros(width + 1, np.int64)
        bucket = np.empty(size, np.int32)
        for i in range(size):
            c, happened, v = cell[low + i], day[low + i], worth[low + i]
            k, e = c >> shift, base + (c & mask)
            count[k, e] += 1
            if keeps_values and not np.isnan(v):
                valued[k, e] += 1
                total[k, e] += v
                if keeps_top:
                    top[k, e] = max(top[k, e], v)
                if keeps_bottom:
                    bottom[k, e] = min(bottom[k, e], v)
            if keeps_last:
                latest, told = last_day[k, e], last_known[k, e]
                if happened > latest or (happened == latest and heard[low + i] > told):
                    last_day[k, e], last_known[k, e], last_value[k, e] = happened, heard[low + i], v
                elif happened == latest and heard[low + i] == told and (np.isnan(v) or v > last_value[k, e]):
                    last_value[k, e] = v
            elif keeps_day and happened > last_day[k, e]:
                last_day[k, e] = happened
            j = (0 if happened < first_day else bucket_of_day[happened - first_day]) - oldest
            bucket[i] = j
            if j >= 0:
                held[j + 1] += 1
        free = np.cumsum(held)
        order = np.empty(free[width], np.int32)
        ends = free[1:].copy()
        for i in range(size):
            if bucket[i] >= 0:
                order[free[bucket[i]]] = i
                free[bucket[i]] += 1
        at, done = low, 0
        for j in range(width):
            starts[b, j] = first = at
            for o in range(done, ends[j]):
                i = low + order[o]
                c, v = cell[i], worth[i]
                p = place_of[c]
                if p < first:
                    p = place_of[c] = at
                    at += 1
                    entry_cell[p], entry_count[p] = c, 0
                    if keeps_values:
                        entry_valued[p], entry_total[p] = 0, 0.0
                    if keeps_top:
                        entry_top[p] = -np.inf
                    if keeps_bottom:
                        entry_bottom[p] = np.inf
                entry_count[p] += 1
                if keeps_values and not np.isnan(v):
                    entry_valued[p] += 1
                    entry_total[p] += v
                    if keeps_top:
                        entry_top[p] = max(entry_top[p], v)
                    if keeps_bottom:
                        entry_bottom[p] = min(entry_bottom[p], v)
            done = ends[j]
        starts[b, width] = at


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
    entry_cell: Any,
    entry_count: Any,
    entry_valued: Any,
    entry_total: Any,
    entry_top: Any,
    entry_bottom: Any,
    out: Any,
) -> None:
    """Every asked column for the entities of some blocks, on one date.

    `cuts[p, w + 1, b]` to `cuts[p, w, b]` are the entries of parcel `p` and block `b` that window `w` has beside those of the window before it; the last
    window is all that is known. Window `w` holds what occurred after `lower[w]`. Asks of kind `k` and window `w` are `asked[k * windows + w]` up to the
    next, with their `statistics` and their `columns` in `out` (column, entity).
    """
    keeps_values, keeps_top, keeps_bottom = keeps[0], keeps[1], keeps[2]
    kinds, entities = count.shape
    windows = lower.size
    cells = kinds << shift
    seen = np.empty(cells)
    having = np.empty(cells)
    summed = np.empty(cells)
    highest = np.empty(cells)
    lowest = np.empty(cells)
    for b in range(first_block, last_block):
        low = b << shift
        high = min(low + (1 << shift), entities)
        n = high - low
        seen[:] = 0
        having[:] = 0
        summed[:] = 0
        highest[:] = -np.inf
        lowest[:] = np.inf
        for w in range(windows):
            for p in range(cuts.shape[0] if w < windows - 1 else 0):
                for i in range(cuts[p, w + 1, b], cuts[p, w, b]):
                    c = entry_cell[i]
                    seen[c] += entry_count[i]
                    if keeps_values:
                        having[c] += entry_valued[i]
                        summed[c] += entry_total[i]
                    if keeps_top:
                        highest[c] = max(highest[c], entry_top[i])
                    if keeps_bottom:
                        lowest[c] = min(lowest[c], entry_bottom[i])
            for k in range(kinds):
                of = k << shift
                if w == windows - 1:
                    seen[of : of + n] = count[k, low:high]
                    if keeps_values:
                        having[of : of + n] = valued[k, low:high]
                        summed[of : of + n] = total[k, low:high]
                    if keeps_top:
                        highest[of : of + n] = top[k, low:high]
                    if keeps_bottom:
                        lowest[of : of + n] = bottom[k, low:high]
                some = having[of : of + n]
                for a in range(asked[k * windows + w], asked[k * windows + w + 1]):
                    statistic = statistics[a]
                    row = out[columns[a], low:high]
                    if statistic == COUNT:
                        row[:] = seen[of : of + n]
                    elif statistic == SUM:
                        row[:] = summed[of : of + n]
                    elif statistic == MEAN:
                        sums = summed[of : of + n]
                        for e in range(n):
                            row[e] = sums[e] / some[e]
                    elif statistic == MAX or statistic == MIN:
                        extreme = (highest if statistic == MAX else lowest)[of : of + n]
                        for e in range(n):
                            row[e] = extreme[e] if some[e] > 0 else np.nan
                    elif statistic == LAST:
                        days, values = last_day[k, low:high], last_value[k, low:high]
                        for e in range(n):
                            row[e] = values[e] if days[e] > lower[w] else np.nan
                    else:
                        days = last_day[k, low:high]
                        for e in range(n):
                            row[e] = date - days[e] if days[e] > lower[w] else np.nan
