"""The compiled walks over ties. Each fills an array that the caller made, so that the compiled code can be kept on disk."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Floats = NDArray[np.float64]

compiled = numba.njit(cache=True, nogil=True)


@compiled
def count_beyond(
    start: Index, to: Index, next_start: Index, next_to: Index, seen: Index, not_itself: bool, out: Floats
) -> None:
    """Add to `out[i]` how many different things lie two ties away from `i`; `seen` (n_things,) starts at -1.

    With `not_itself` the things are of the same sort as `i`, and `i` itself does not count.
    """
    for i in range(start.size - 1):
        if not_itself:
            seen[i] = i
        for between in to[start[i] : start[i + 1]]:
            for thing in next_to[next_start[between] : next_start[between + 1]]:
                if seen[thing] != i:
                    seen[thing] = i
                    out[i] += 1


@compiled
def spread(
    start: Index,
    to: Index,
    back_start: Index,
    back_to: Index,
    sources: Index,
    at_most: int,
    source: Index,
    ties: Index,
) -> None:
    """Fill `source` and `ties` (n_nodes, 2): the two nearest different sources of every node, and how many ties away they are.

    Nodes are units and then parties. A walk in rings from all sources at once; a node passes on the first two different sources that
    reach it, which is all that its neighbours can need. Goes no farther than `at_most` ties; -1 is none.
    """
    units = start.size - 1
    queue = np.empty((2 * source.shape[0], 2), np.int64)
    head, tail = 0, 0
    for unit in sources:
        source[unit, 0] = unit
        queue[tail, 0], queue[tail, 1] = unit, 0
        tail += 1
    while head < tail:
        node, slot = queue[head, 0], queue[head, 1]
        head += 1
        origin, far = source[node, slot], ties[node, slot]
        if far == at_most:
            break
        near = (
            to[start[node] : start[node + 1]]
            if node < units
            else back_to[back_start[node - units] : back_start[node - units + 1]]
        )
        shift = units if node < units else 0
        for place in near:
            other = place + shift
            free = 0 if source[other, 0] < 0 else 1
            if source[other, 0] != origin and source[other, free] < 0:
                source[other, free] = origin
                ties[other, free] = far + 1
                queue[tail, 0], queue[tail, 1] = other, free
                tail += 1
