"""Who is tied to what on one date, and what can be read from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from tegenkracht.features.network.kernel import count_beyond, spread
from tegenkracht.features.network.links import Flags, Links

Index = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """Different ties from one side to the other: those of `i` are `to[start[i]:start[i + 1]]`; `size` counts both sides."""

    start: Index
    to: Index
    size: tuple[int, int]

    @property
    def degree(self) -> Index:
        """How many different ties each has; shape (size[0],)."""
        return np.diff(self.start)

    def reversed(self) -> Graph:
        """The same ties from the other side."""
        turned = csr_matrix((np.ones(len(self.to), dtype=np.int8), self.to, self.start), shape=self.size).tocsc()
        return Graph(turned.indptr.astype(np.int64), turned.indices.astype(np.int64), self.size[::-1])

    def without_hubs(self, limit: int) -> Graph:
        """Only ties to what has at most `limit` ties itself."""
        common = np.bincount(self.to, minlength=self.size[1]) > limit
        kept = ~common[self.to]
        return _graph(np.repeat(np.arange(self.size[0]), self.degree)[kept], self.to[kept], self.size)


def graph_of(links: Links, chosen: Flags) -> Graph:
    """The different ties among some of the links."""
    one, other = links.one[chosen], links.other[chosen]
    first = np.ones(len(one), dtype=bool)
    first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return _graph(one[first], other[first], links.size)


def others_sharing(graph: Graph) -> Floats:
    """How many other units have a party in common with each unit; shape (n_units,)."""
    out = np.zeros(graph.size[0])
    back = graph.reversed()
    count_beyond(graph.start, graph.to, back.start, back.to, np.full(graph.size[0], -1), True, out)
    return out


def beyond(graph: Graph, following: Graph) -> Floats:
    """How many different things are tied to what each unit is tied to; missing without ties; shape (n_units,)."""
    out = np.zeros(graph.size[0])
    count_beyond(graph.start, graph.to, following.start, following.to, np.full(following.size[1], -1), False, out)
    return np.where(graph.degree > 0, out, np.nan)


def component_sizes(graph: Graph) -> Floats:
    """How many units hang together with each unit, itself included; shape (n_units,)."""
    units, parties = graph.size
    start = np.concatenate([graph.start, np.full(parties, graph.start[-1])])
    ties = csr_matrix((np.ones(len(graph.to), dtype=np.int8), graph.to + units, start), shape=(units + parties,) * 2)
    label = connected_components(ties, directed=False)[1][:units]
    return np.asarray(np.bincount(label)[label], dtype=np.float64)


def steps_to_other(graph: Graph, sources: Index, *, at_most: int) -> Floats:
    """Steps from unit to unit to the nearest source that is not the unit itself, `at_most` when farther or nowhere; shape (n_units,)."""
    units, parties = graph.size
    back = graph.reversed()
    source = np.full((units + parties, 2), -1)
    ties = np.zeros((units + parties, 2), dtype=np.int64)
    spread(graph.start, graph.to, back.start, back.to, sources, 2 * (at_most - 1), source, ties)
    mine = source[:units, 0] == np.arange(units)
    found = np.where(mine, source[:units, 1], source[:units, 0]) >= 0
    steps = np.where(mine, ties[:units, 1], ties[:units, 0]) / 2
    return np.where(found, np.minimum(steps, at_most), at_most)


def _graph(one: Index, other: Index, size: tuple[int, int]) -> Graph:
    """Of ties that are sorted by `one`."""
    start = np.concatenate([[0], np.cumsum(np.bincount(one, minlength=size[0]))])
    return Graph(start, other, size)
