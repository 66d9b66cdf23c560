"""The compiled walks over sorted rows: a replicate costs one pass, not one sort.

Rows are sorted once; a bootstrap replicate only changes how often each row counts (the count of its cluster). Everything here fills an
array that the caller made, so that no global keeps the compiled code from being cached on disk.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]
Index = NDArray[np.int32]
Whole = NDArray[np.int32]
"""Counts that are added up: exact, and half as wide as numbers with a fraction."""
_NEVER = 2**31 - 1
"""Length that no list reaches."""

compiled = numba.njit(cache=True, nogil=True)


@compiled
def count_draws(drawn: Ints, counts: Flags) -> None:
    """Add to `counts` how often each cluster was drawn."""
    for i in range(drawn.size):
        counts[drawn[i]] += 1


@compiled
def walk_lists(
    counts: Flags,
    cluster: Index,
    visited: Flags,
    finding: Flags,
    times: Whole,
    new_score: Flags,
    starts: Ints,
    fold: Ints,
    sizes: Ints,
    groups: Index,
    audited: int,
    out: Floats,
    out_groups: Floats,
) -> None:
    """Length, visits and findings of the top of each list, expected over orders of ties.

    Rows are sorted by list and then by score, high first; list `s` is rows `starts[s]` up to `starts[s + 1]` and belongs to `fold[s]`.
    `counts` is (cluster, replicate), so that one row serves all replicates while it is at hand. `new_score` marks the first row of a block of
    equal scores, and a row stands for so many `times` itself. `sizes` ascends. Adds to `out`
    (replicate, fold, size, 3) and, for `sizes[audited]`, to `out_groups` (replicate, group, 3), where `groups` (attribute, row) says which groups a
    row is in.
    """
    replicates = counts.shape[1]
    total, block = np.zeros((3, replicates), np.int32), np.zeros((3, replicates), np.int32)
    size, wanted, part = np.zeros(replicates, np.int64), np.zeros(replicates, np.int32), np.zeros(replicates)
    by_group = np.zeros((out_groups.shape[1], 3, replicates))
    for s in range(fold.size):
        total.fill(0)
        size.fill(0)
        wanted.fill(min(sizes[0], _NEVER))
        row, end, waiting, kinds, audits = starts[s], starts[s + 1], replicates, 3, groups.shape[0] > 0
        while row < end and waiting > 0:
            for j in range(kinds):
                block[j].fill(0)
            stop, kinds = row, 1
            while stop < end and (stop == row or not new_score[stop]):
                kinds = max(kinds, _add_counts(counts[cluster[stop]], times[stop], visited[stop], finding[stop], block))
                stop += 1
            if audits:
                audits = _fewest(total[0]) < sizes[audited]
                if audits and _parts(total[0], block[0], sizes[audited], part):
                    for i in range(row, stop):
                        _add_shares(counts[cluster[i]], times[i], part, visited[i], finding[i], groups[:, i], by_group)
            room = _NEVER
            for b in range(replicates):
                room = min(room, wanted[b] - total[0, b] - block[0, b])
            if room <= 0:
                waiting -= _fill_sizes(total, block, sizes, size, wanted, fold[s], out)
            for j in range(kinds):
                for b in range(replicates):
                    total[j, b] += block[j, b]
            row = stop
        for b in range(replicates):
            for k in range(size[b], sizes.size):
                for j in range(3):
                    out[b, fold[s], k, j] += total[j, b]
    for b in range(replicates):  # number by number: adding slices would compile the message for when shapes differ
        for g in range(by_group.shape[0]):
            for j in range(3):
                out_groups[b, g, j] += by_group[g, j, b]


@compiled
def _fewest(length: Whole) -> int:
    """The length of the shortest list."""
    fewest = _NEVER
    for b in range(length.size):
        fewest = min(fewest, length[b])
    return fewest


@compiled
def _add_counts(count: Flags, times: int, visited: int, finding: int, block: Whole) -> int:
    """Add a row, as often as it was drawn in each replicate, to its block (length, visits or findings; replicate); how many of these it is part of."""
    kinds = 3 if finding else 2 if visited else 1
    for j in range(kinds):
        for b in range(count.size):
            block[j, b] += times * count[b]
    return kinds


@compiled
def _parts(length: Whole, weight: Whole, most: int, part: Floats) -> bool:
    """Fill `part` (replicate): how much of a block that begins at `length` is on a list of `most`; whether any of it is in any replicate."""
    some = 0
    for b in range(length.size):
        room = most - length[b]
        part[b] = min(1.0, room / weight[b]) if room > 0 and weight[b] > 0 else 0.0
        some += part[b] > 0.0
    return some > 0


@compiled
def _add_shares(
    count: Flags, times: int, part: Floats, visited: int, finding: int, groups: Index, by_group: Floats
) -> None:
    """Add the part of a row that is on the list to its groups, in each replicate."""
    kinds = 3 if finding else 2 if visited else 1
    for g in groups:
        for j in range(kinds):
            for b in range(count.size):
                by_group[g, j, b] += part[b] * (times * count[b])


@compiled
def _fill_sizes(total: Whole, block: Whole, sizes: Ints, size: Ints, wanted: Whole, fold: int, out: Floats) -> int:
    """Write down the lists that this block fills up; how many replicates have all their lists by now that they had not before."""
    done = 0
    for b in range(size.size):
        while total[0, b] + block[0, b] >= wanted[b]:
            k = size[b]
            part = (sizes[k] - total[0, b]) / block[0, b]
            out[b, fold, k, 0] += sizes[k]
            out[b, fold, k, 1] += total[1, b] + part * block[1, b]
            out[b, fold, k, 2] += total[2, b] + part * block[2, b]
            size[b] += 1
            wanted[b] = min(sizes[size[b]], _NEVER) if size[b] < sizes.size else _NEVER
            done += size[b] == sizes.size
    return done


@compiled
def walk_ranks(counts: Flags, cluster: Index, finding: Flags, block: Flags, starts: Ints, out: Floats) -> None:
    """Area under the ROC curve and average precision of each slice, into `out` (replicate, slice, 2); NaN when a class is missing.

    Rows are sorted by slice and then by score, high first; `counts` is (cluster, replicate), so that one row serves all replicates while
    it is at hand. `block` is 1 for the first row of a block of equal scores, 2 when there is a finding in that block, and 0 within one.
    Ties count half in the area and as one threshold in average precision.
    """
    replicates = counts.shape[1]
    for s in range(starts.size - 1):
        true, false = np.zeros(replicates, np.int64), np.zeros(replicates, np.int64)
        true_before, false_before = np.zeros(replicates, np.int64), np.zeros(replicates, np.int64)
        lost, precision = np.zeros(replicates, np.int64), np.zeros(replicates)
        opened = False
        for i in range(starts[s], starts[s + 1]):
            if block[i]:
                if opened:
                    _close_block(true, false, true_before, false_before, lost, precision)
                opened = block[i] == 2
                if opened:
                    for b in range(replicates):
                        true_before[b], false_before[b] = true[b], false[b]
            c = cluster[i]
            if finding[i]:
                for b in range(replicates):
                    true[b] += counts[c, b]
            else:
                for b in range(replicates):
                    false[b] += counts[c, b]
        if opened:
            _close_block(true, false, true_before, false_before, lost, precision)
        for b in range(replicates):
            pairs = 2 * true[b] * false[b]
            out[b, s, 0] = 1.0 - lost[b] / pairs if pairs > 0 else np.nan
            out[b, s, 1] = precision[b] / true[b] if true[b] > 0 else np.nan


@compiled
def _close_block(true: Ints, false: Ints, true_before: Ints, false_before: Ints, lost: Ints, precision: Floats) -> None:
    """Add what the findings of one block of equal scores lose in area (twice) and gain in precision."""
    for b in range(true.size):
        gained = true[b] - true_before[b]
        if gained > 0:
            lost[b] += gained * (false[b] + false_before[b])
            precision[b] += gained * true[b] / (true[b] + false[b])


@compiled
def walk_weighted_area(
    counts: Flags, cluster: Index, hit: Floats, miss: Floats, moves: Floats, new_score: Flags, out: Floats
) -> None:
    """Area under the ROC curve of weighted lines, into `out` (replicate); NaN when a class has no weight.

    Lines are sorted by score, high first; `counts` is (cluster, replicate); `new_score` marks the first line of a block of equal scores.
    `hit` and `miss` are the weight of each line as a finding and as none: it may be partly either. `moves` is the part of it that goes with the counts.
    """
    replicates = counts.shape[1]
    true, false, lost = np.zeros(replicates), np.zeros(replicates), np.zeros(replicates)
    block_true, false_before = np.zeros(replicates), np.zeros(replicates)
    opened = False
    for i in range(cluster.size + 1):
        if i == cluster.size or new_score[i]:
            if opened:
                for b in range(replicates):
                    lost[b] += block_true[b] * 0.5 * (false[b] + false_before[b])
                    true[b] += block_true[b]
            opened = _has_findings(i, hit, new_score)
            if opened:
                for b in range(replicates):
                    block_true[b], false_before[b] = 0.0, false[b]
        if i < cluster.size:
            c, weight = cluster[i], miss[i]
            if weight != 0.0:
                moved = weight * moves[i]
                kept = weight - moved
                for b in range(replicates):
                    false[b] += kept + counts[c, b] * moved
            weight = hit[i]
            if weight != 0.0:
                moved = weight * moves[i]
                kept = weight - moved
                for b in range(replicates):
                    block_true[b] += kept + counts[c, b] * moved
    for b in range(replicates):
        pairs = true[b] * false[b]
        out[b] = 1.0 - lost[b] / pairs if pairs > 0.0 else np.nan


@compiled
def _has_findings(start: int, hit: Floats, new_score: Flags) -> bool:
    """Whether any line of the block of equal scores that begins here is a finding, or partly one."""
    i = start
    while i < hit.size and (i == start or not new_score[i]):
        if hit[i] > 0.0:
            return True
        i += 1
    return False


@compiled
def sum_rows(counts: Flags, cluster: Index, values: Floats, starts: Ints, out: Floats) -> None:
    """Add the columns of `values` over each slice, each row as often as it was drawn, into `out` (replicate, slice, column).

    `counts` is (cluster, replicate), so that one row serves all replicates while it is at hand.
    """
    replicates = counts.shape[1]
    for s in range(starts.size - 1):
        sums = np.zeros((values.shape[1], replicates))
        for i in range(starts[s], starts[s + 1]):
            c = cluster[i]
            for j in range(values.shape[1]):
                value = values[i, j]
                if value != 0.0:
                    for b in range(replicates):
                        sums[j, b] += counts[c, b] * value
        for b in range(replicates):
            for j in range(values.shape[1]):
                out[b, s, j] += sums[j, b]


@compiled
def walk_slots(
    counts: Flags,
    cluster: Index,
    day: Ints,
    positive: Flags,
    calendar: Ints,
    slots: Ints,
    orders: Ints,
    starts: Ints,
    span: int,
    out: Floats,
) -> None:
    """What re-ordering the calendar's slots does to the positives of each fold, into `out` (replicate, fold + 1, 5).

    `starts` cuts the rows into folds. Within a fold, `calendar` lists its rows by day, `slots` the same with rounds kept together, and
    `orders` (replicate, row) the same rounds with their rows in the new order: its k-th row gets the k-th slot of `slots`. `span` is
    the largest distance between two days. The columns are positives, days earlier in all, found later, found in the first half of the
    slots, and the median of days earlier; the last fold is all of them together.
    """
    folds = starts.size - 1
    for b in range(counts.shape[0]):
        together = np.zeros(2 * span + 1, np.int64)
        place = np.zeros(day.size, np.int64)
        for f in range(folds):
            histogram = np.zeros(2 * span + 1, np.int64)
            total = 0
            for k in range(starts[f], starts[f + 1]):
                place[calendar[k]] = total
                total += counts[b, cluster[calendar[k]]]
            half = total // 2
            slot, used = starts[f], 0
            for k in range(starts[f], starts[f + 1]):
                row = orders[b, k]
                for _ in range(counts[b, cluster[row]]):
                    while used == counts[b, cluster[slots[slot]]]:
                        slot, used = slot + 1, 0
                    if positive[row]:
                        earlier = day[row] - day[slots[slot]]
                        histogram[earlier + span] += 1
                        together[earlier + span] += 1
                        for g in (f, folds):
                            out[b, g, 0] += 1
                            out[b, g, 1] += earlier
                            out[b, g, 2] += 1 if earlier < 0 else 0
                            out[b, g, 3] += 1 if place[slots[slot]] + used < half else 0
                    used += 1
            out[b, f, 4] = _median(histogram) - span
        out[b, folds, 4] = _median(together) - span


@compiled
def _median(histogram: Ints) -> float:
    """Middle of the positions that a histogram counts (the mean of the two middle ones when their number is even); NaN when empty."""
    total = 0
    for position in range(histogram.size):
        total += histogram[position]
    if total == 0:
        return np.nan
    low = high = -1
    below = 0
    for position in range(histogram.size):
        below += histogram[position]
        if low < 0 and 2 * below >= total:
            low = position
        if 2 * below > total:
            high = position
            break
    return (low + high) / 2
