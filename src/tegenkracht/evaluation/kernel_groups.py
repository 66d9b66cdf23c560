"""The compiled walk over the tops of lists, counted by group at several lengths at once."""

from __future__ import annotations

import numpy as np

from tegenkracht.evaluation.kernel import Flags, Floats, Index, Ints, compiled


@compiled
def walk_groups(
    counts: Flags,
    cluster: Index,
    columns: Floats,
    new_score: Flags,
    starts: Ints,
    sizes: Ints,
    groups: Index,
    out: Floats,
) -> None:
    """Add to `out` (replicate, size, group, column) what the lists of each size hold of each group, expected over orders of ties.

    Rows are sorted by list and then by score, high first; list `s` is rows `starts[s]` up to `starts[s + 1]`. `counts` is (cluster, replicate), so that
    one row serves all replicates while it is at hand. `new_score` marks the first row of a block of equal scores, `sizes` ascends, and `groups`
    (grouping, row) says which groups a row is in. What is held from the top on is written down wherever a size is reached.
    """
    replicates = counts.shape[1]
    held = np.zeros((out.shape[2], out.shape[3], replicates))
    length, weight, wanted = np.zeros(replicates), np.zeros(replicates), np.zeros(replicates)
    size = np.zeros(replicates, np.int64)
    for s in range(starts.size - 1):
        held[:], length[:], size[:], wanted[:] = 0.0, 0.0, 0, sizes[0]
        row, end, waiting = starts[s], starts[s + 1], replicates
        while row < end and waiting > 0:
            weight[:] = 0.0
            stop = row
            while stop < end and (stop == row or not new_score[stop]):
                c = cluster[stop]
                for b in range(replicates):
                    weight[b] += counts[c, b]
                stop += 1
            reached = False
            for b in range(replicates):
                reached |= length[b] + weight[b] >= wanted[b]
            # A size that is reached within the block holds part of it: so much of what is held after it, and the rest of what was held before.
            if reached:
                _write(held, length, weight, size, sizes, out, False)
            for i in range(row, stop):
                _add(counts, cluster[i], columns, groups, i, held)
            if reached:
                _write(held, length, weight, size, sizes, out, True)
                waiting = _next(length, weight, size, sizes, wanted)
            for b in range(replicates):
                length[b] += weight[b]
            row = stop
        for b in range(replicates):
            for k in range(size[b], sizes.size):
                for g in range(out.shape[2]):
                    for j in range(out.shape[3]):
                        out[b, k, g, j] += held[g, j, b]


@compiled
def _add(counts: Flags, cluster: int, columns: Floats, groups: Index, row: int, held: Floats) -> None:
    """Add a row to its groups, as often as it was drawn in each replicate."""
    for j in range(columns.shape[1]):
        value = columns[row, j]
        if value != 0.0:
            for a in range(groups.shape[0]):
                g = groups[a, row]
                for b in range(counts.shape[1]):
                    held[g, j, b] += counts[cluster, b] * value


@compiled
def _write(held: Floats, length: Floats, weight: Floats, size: Ints, sizes: Ints, out: Floats, after: bool) -> None:
    """Write down its part of what is held, before or after a block, for each size that is reached in it."""
    for b in range(size.size):
        k = size[b]
        while k < sizes.size and length[b] + weight[b] >= sizes[k]:
            part = (sizes[k] - length[b]) / weight[b]
            if not after:
                part = 1.0 - part
            if part > 0.0:
                for g in range(out.shape[2]):
                    for j in range(out.shape[3]):
                        out[b, k, g, j] += part * held[g, j, b]
            k += 1


@compiled
def _next(length: Floats, weight: Floats, size: Ints, sizes: Ints, wanted: Floats) -> int:
    """Step over the sizes that were reached; in how many replicates there are others."""
    waiting = 0
    for b in range(size.size):
        while size[b] < sizes.size and length[b] + weight[b] >= sizes[size[b]]:
            size[b] += 1
        wanted[b] = sizes[size[b]] if size[b] < sizes.size else np.inf
        waiting += size[b] < sizes.size
    return waiting
