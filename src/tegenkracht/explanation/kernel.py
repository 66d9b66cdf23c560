"""Exact path-dependent TreeSHAP as a short sum over quadrature points: no table, no path list, every loop runs over rows.

A leaf of value v whose path splits on features 1 … d pays feature j

    v (o_j - z_j) ∫₀¹ Π_{k≠j} (z_k (1 - u) + o_k u) du,

where z_k is the share of training rows that takes the leaf's side at every split on k, and o_k is 1 when the row does so, else 0. (It is the
multilinear extension of Owen 1972; the weights s! (d - s - 1)! / d! of Lundberg, Erion & Lee 2018 are these integrals.) The integrand is a polynomial
of degree d - 1, so Gauss and Legendre's rule with ceil(d / 2) points is exact, and all factors are positive, so that nothing cancels. For one
point u, products run down a tree and sums run up again: time grows with leaves x d, not leaves x d², and a long path needs nothing special.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from tegenkracht.explanation.forest import LEFT, RIGHT, ZERO, Forest

Floats = NDArray[np.float64]
States = NDArray[np.uint8]
Triple = tuple[float, float, float]
"""A number per state of a row at a split: 0 has left its path for this feature further up, 1 goes left, 2 goes right."""

BLOCK = 128
"""Rows side by side: the products of a tree of 31 leaves then fill 30 KiB, a processor's first cache."""

TINY = float(np.float32(1e-35))
"""LightGBM reads anything closer to zero than this as zero."""

compiled = numba.njit(cache=True, nogil=True)


@compiled
def explain_rows(X: Floats, forest: Forest, out: Floats) -> None:
    """Write the contribution of every column to every row of `X` (row, column) into `out`, summed over the trees."""
    largest = 0
    for tree in range(forest.points.size):
        largest = max(largest, forest.starts[tree + 1] - forest.starts[tree])
    columns, sums = np.zeros((X.shape[1], BLOCK)), np.empty((X.shape[1], BLOCK))
    states, paths = np.empty((largest, BLOCK), np.uint8), np.empty((largest, BLOCK))
    for first in range(0, X.shape[0], BLOCK):
        rows = min(BLOCK, X.shape[0] - first)
        for i in range(rows):
            for f in range(X.shape[1]):
                columns[f, i] = 0.0 if abs(X[first + i, f]) <= TINY else X[first + i, f]
        sums[:] = 0.0
        for tree in range(forest.points.size):
            _decide(forest, forest.starts[tree], forest.starts[tree + 1], columns, states)
            for q in range(forest.points[tree]):
                paths[0] = forest.weights[forest.points[tree], q]
                u = forest.abscissae[forest.points[tree], q]
                _go_down(forest, forest.starts[tree], forest.starts[tree + 1], u, states, paths)
                _come_up(forest, forest.starts[tree], forest.starts[tree + 1], u, states, paths, sums)
        for i in range(rows):
            for f in range(X.shape[1]):
                out[first + i, f] = sums[f, i]


@compiled
def _decide(forest: Forest, start: int, stop: int, columns: Floats, states: States) -> None:
    """The state of every row at every split of one tree, missing values as LightGBM takes them."""
    for node in range(start, stop):
        column, state, threshold = columns[forest.feature[node]], states[node - start], forest.threshold[node]
        missing, zero_is_missing = forest.missing_goes[node], forest.missing[node] == ZERO
        for i in range(BLOCK):
            gone = column[i] != column[i] or (zero_is_missing and column[i] == 0.0)
            state[i] = missing if gone else (LEFT if column[i] <= threshold else RIGHT)
        if forest.above[node] >= 0:
            before, kept = states[forest.above[node]], forest.above_state[node]
            for i in range(BLOCK):
                state[i] = state[i] if before[i] == kept else 0


@compiled
def _go_down(forest: Forest, start: int, stop: int, u: float, states: States, paths: Floats) -> None:
    """Product of the factors on the way to each split, from the weight at the root in `paths[0]`."""
    for node in range(start, stop):
        k, above = node - start, forest.above_share[node]
        if forest.left[node] >= 0:
            stays, leaves, _, _ = _side(u, above, forest.left_share[node])
            _multiply(states[k], paths[k], (forest.left_share[node], stays, leaves), paths[forest.left[node]])
        if forest.right[node] >= 0:
            stays, leaves, _, _ = _side(u, above, forest.right_share[node])
            _multiply(states[k], paths[k], (forest.right_share[node], leaves, stays), paths[forest.right[node]])


@compiled
def _come_up(forest: Forest, start: int, stop: int, u: float, states: States, paths: Floats, sums: Floats) -> None:
    """Replace each product by the sum of value x product over the leaves below, and pay the split's feature for both sides."""
    for node in range(stop - 1, start - 1, -1):
        k, above, total = node - start, forest.above_share[node], sums[forest.feature[node]]
        stays, leaves, gain, loss = _side(u, above, forest.left_share[node])
        left, left_pay = (forest.left_share[node], stays, leaves), (0.0, gain, loss)
        stays, leaves, gain, loss = _side(u, above, forest.right_share[node])
        right, right_pay = (forest.right_share[node], leaves, stays), (0.0, loss, gain)
        left, right = _times(forest.left_value[node], left), _times(forest.right_value[node], right)
        below_left, below_right = forest.left[node], forest.right[node]
        if below_left < 0 and below_right < 0:
            pay = _plus(_each(left, left_pay), _each(right, right_pay))
            _close_leaves(states[k], paths[k], _plus(left, right), pay, total)
        elif below_left < 0:
            _close_leaf(states[k], paths[k], left, _each(left, left_pay), paths[below_right], right_pay, total)
        elif below_right < 0:
            _close_leaf(states[k], paths[k], right, _each(right, right_pay), paths[below_left], left_pay, total)
        else:
            _close_splits(states[k], paths[k], paths[below_left], left_pay, paths[below_right], right_pay, total)


@compiled
def _side(u: float, above: float, share: float) -> tuple[float, float, float, float]:
    """What one side of a split does at point `u`: factor for rows that take it and that do not, and what the feature is paid for each.

    `above` is z of the same feature further up the path (1 when there is none) and `share` that of this split alone. The factor of this feature
    so far is replaced, so what was paid for it further up is taken back.
    """
    before, here = above * (1.0 - u) + u, above * share
    taken_back = (1.0 - above) / before
    stays, leaves = here * (1.0 - u) + u, here * (1.0 - u)
    return stays / before, leaves / before, (1.0 - here) / stays - taken_back, -1.0 / (1.0 - u) - taken_back


@compiled
def _multiply(state: States, path: Floats, factor: Triple, out: Floats) -> None:
    for i in range(BLOCK):
        out[i] = path[i] * _of(state[i], factor)


@compiled
def _close_leaves(state: States, path: Floats, value: Triple, pay: Triple, total: Floats) -> None:
    """A split with two leaves."""
    for i in range(BLOCK):
        product = path[i]
        total[i] += product * _of(state[i], pay)
        path[i] = product * _of(state[i], value)


@compiled
def _close_leaf(
    state: States, path: Floats, value: Triple, pay: Triple, below: Floats, pay_below: Triple, total: Floats
) -> None:
    """A split with one leaf; `below` is the sum of its other side."""
    for i in range(BLOCK):
        product = path[i]
        total[i] += product * _of(state[i], pay) + below[i] * _of(state[i], pay_below)
        path[i] = product * _of(state[i], value) + below[i]


@compiled
def _close_splits(
    state: States, path: Floats, left: Floats, left_pay: Triple, right: Floats, right_pay: Triple, total: Floats
) -> None:
    """A split without leaves."""
    for i in range(BLOCK):
        total[i] += left[i] * _of(state[i], left_pay) + right[i] * _of(state[i], right_pay)
        path[i] = left[i] + right[i]


@compiled
def _of(state: int, triple: Triple) -> float:
    return triple[1] if state == LEFT else (triple[2] if state == RIGHT else triple[0])


@compiled
def _times(factor: float, triple: Triple) -> Triple:
    return factor * triple[0], factor * triple[1], factor * triple[2]


@compiled
def _each(one: Triple, other: Triple) -> Triple:
    return one[0] * other[0], one[1] * other[1], one[2] * other[2]


@compiled
def _plus(one: Triple, other: Triple) -> Triple:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
