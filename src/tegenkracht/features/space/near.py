"""Who is near whom: sums over pairs within a distance, the nearest few, and the distance to the nearest one.

Trees are SciPy's k-d trees; distances are straight lines in the dataset's coordinates, which are metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from tegenkracht.features.space.recipe import Kernel

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Weight = Callable[[Floats], Floats]

_PAIRS = 4_000_000
"""Pairs that are held at once: about 200 MB with their weights."""
_UNITS = 20_000
"""Units that are asked for at once: bounds the sums that are held."""
_GAUSSIAN_REACH = 4
"""Bandwidths after which a Gaussian kernel is cut off: what lies beyond is less than 0.04 % of it."""


def reach_of(kernel: Kernel, bandwidth: float) -> float:
    """Metres beyond which a kernel is 0."""
    return bandwidth * (_GAUSSIAN_REACH if kernel == "gaussian" else 1)


def weight_of(kernel: Kernel, bandwidth: float) -> Weight:
    """The kernel in the plane, per square kilometre: it integrates to one (Silverman 1986, section 4.2.1)."""
    area = np.pi * (bandwidth / 1000) ** 2
    if kernel == "gaussian":
        return lambda distance: np.exp(-0.5 * (distance / bandwidth) ** 2) / (2 * area)
    return lambda distance: 2 * (1 - (distance / bandwidth) ** 2) / area


def one(distance: Floats) -> Floats:
    """The weight of a plain count."""
    return np.ones_like(distance)


def sums_within(
    at: Floats, asked: Index, amount: Floats, *, reach: float, weight: Weight
) -> Iterator[tuple[slice, Floats]]:
    """Weighted sums of `amount` over the other units within `reach`, block by block of `asked`.

    Parameters
    ----------
    at
        Coordinates, shape (n_units, 2).
    asked
        Units to make sums for, shape (n_asked,).
    amount
        Shape (n_units, n_columns).

    Yields
    ------
    Which part of `asked`, and its sums, shape (length of the part, n_columns).
    """
    some = np.flatnonzero(amount.any(axis=1))
    if not len(some):
        yield slice(0, len(asked)), np.zeros((len(asked), amount.shape[1]))
        return
    tree, held = cKDTree(at[some]), amount[some]
    for part in _blocks(tree.query_ball_point(at[asked], reach, return_length=True)):
        pairs = cKDTree(at[asked[part]]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        others = pairs[asked[part][pairs["i"]] != some[pairs["j"]]]
        near = csr_matrix((weight(others["v"]), (others["i"], others["j"])), shape=(part.stop - part.start, len(some)))
        yield part, np.asarray(near @ held)


def _blocks(pairs: Index) -> Iterator[slice]:
    """Consecutive parts with at most `_PAIRS` pairs (or one unit) and `_UNITS` units."""
    ends, start = np.cumsum(pairs), 0
    while start < len(pairs):
        before = ends[start - 1] if start else 0
        stop = int(np.searchsorted(ends, before + _PAIRS, side="right"))
        stop = min(max(stop, start + 1), start + _UNITS, len(pairs))
        yield slice(start, stop)
        start = stop


def in_order_of_place(at: Floats) -> Index:
    """The rank of each unit in an order in which neighbours follow each other; shape (n_units,)."""
    rank = np.empty(len(at), dtype=np.int64)
    rank[cKDTree(at).indices] = np.arange(len(at))
    return rank


def nearest_others(at: Floats, candidates: Index, asked: Index, *, k: int) -> Index:
    """The `k` candidates nearest to each asked unit, itself left out; -1 where there are no more; shape (n_asked, k).

    Candidates at the same distance come in the order of the tree, which is the same for the same candidates.
    """
    if not len(candidates):
        return np.full((len(asked), k), -1)
    distance, place = _query(at, candidates, asked, k=k + 1)
    found = np.where(np.isinf(distance), -1, candidates[np.minimum(place, len(candidates) - 1)])
    keep = found != asked[:, None]
    keep[keep.all(axis=1), k] = False
    return np.asarray(found[keep].reshape(len(asked), k))


def distance_to_other(at: Floats, candidates: Index, asked: Index) -> Floats:
    """Metres to the nearest candidate that is not the unit itself; missing when there is none; shape (n_asked,)."""
    if not len(candidates):
        return np.full(len(asked), np.nan)
    distance, place = _query(at, candidates, asked, k=2)
    itself = candidates[np.minimum(place[:, 0], len(candidates) - 1)] == asked
    metres = np.where(itself, distance[:, 1], distance[:, 0])
    return np.where(np.isinf(metres), np.nan, metres)


def _query(at: Floats, candidates: Index, asked: Index, *, k: int) -> tuple[Floats, Index]:
    distance, place = cKDTree(at[candidates]).query(at[asked], k=k)
    return distance, place
