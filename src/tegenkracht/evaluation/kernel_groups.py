"""The compiled walk over the tops of lists, counted by group at several lengths at once."""

from __future__ import annotations

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

    Rows are sorted by list and then by score, high first; list `s` is rows `starts[s]` up to `starts[s + 1]`. `new_score` marks the first row
    of a block of equal scores, `sizes` ascends, and `groups` (grouping, row) says which groups a row is in. A row that is within a list is
    added at the shortest list that holds it whole, and sizes are added up at the end, so that a row costs as much for one size as for five.
    """
    most = sizes[-1]
    for b in range(counts.shape[0]):
        for s in range(starts.size - 1):
            length, row, end = 0.0, starts[s], starts[s + 1]
            while row < end and length < most:
                stop, weight = row, 0.0
                while stop < end and (stop == row or not new_score[stop]):
                    weight += counts[b, cluster[stop]]
                    stop += 1
                if weight > 0.0:
                    size = 0
                    while size < sizes.size and sizes[size] < length + weight:
                        if sizes[size] > length:
                            part = (sizes[size] - length) / weight
                            # Sizes are added up below: what is cut off here must not count in longer lists.
                            _add(counts, cluster, columns, groups, out, b, size, row, stop, part)
                            if size + 1 < sizes.size:
                                _add(counts, cluster, columns, groups, out, b, size + 1, row, stop, -part)
                        size += 1
                    if size < sizes.size:
                        _add(counts, cluster, columns, groups, out, b, size, row, stop, 1.0)
                length += weight
                row = stop
        for size in range(1, sizes.size):
            for g in range(out.shape[2]):
                for j in range(out.shape[3]):
                    out[b, size, g, j] += out[b, size - 1, g, j]


@compiled
def _add(
    counts: Flags,
    cluster: Index,
    columns: Floats,
    groups: Index,
    out: Floats,
    b: int,
    size: int,
    first: int,
    stop: int,
    part: float,
) -> None:
    """Add a part of the rows from `first` to `stop` to their groups."""
    for i in range(first, stop):
        share = part * counts[b, cluster[i]]
        if share != 0.0:
            for a in range(groups.shape[0]):
                g = groups[a, i]
                for j in range(columns.shape[1]):
                    out[b, size, g, j] += share * columns[i, j]
