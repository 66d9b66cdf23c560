"""A smooth function of one variable at thousands of points, from its values at a few: exact but for the last digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.chebyshev import chebvander
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NODES = 16
"""Values that are taken on each stretch."""
_MOST = 2**15 - 1
_NODES = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
_TO_COEFFICIENTS = np.linalg.inv(chebvander(_NODES, NODES - 1))


def interpolated(function: Callable[[Floats], Floats], at: Floats, *, width: float) -> Floats:
    """What a function gives at each point; where points are few, by the function itself.

    The line is cut into stretches. On each that holds a point the polynomial of degree 15 through the values at Chebyshev's points is taken; of a function
    that is analytic within a circle of radius `r` around each stretch the error is of the order :math:`(4r/w)^{-16}` of its size there, with `w` the width
    (Trefethen, Approximation Theory and Approximation Practice, 2013, chapter 8).

    Parameters
    ----------
    function
        From points (point,) to values (point, …).
    width
        Of a stretch.

    Examples
    --------
    >>> at = np.linspace(0.0, 3.0, 1_000)
    >>> bool(np.abs(interpolated(np.exp, at, width=1.0) / np.exp(at) - 1).max() < 1e-14)
    True
    """
    place = (at - at.min()) / width
    if place.max() >= min(at.size, _MOST):
        return function(at)
    stretch = place.astype(np.int16)  # which is sorted by counting
    rows_of = np.bincount(stretch)
    used = np.flatnonzero(rows_of)
    if used.size * NODES >= at.size:
        return function(at)
    nodes = at.min() + (used[:, None] + (1 + _NODES) / 2) * width
    values = function(nodes.ravel())
    coefficients = _TO_COEFFICIENTS @ values.reshape(used.size, NODES, -1)
    order = np.argsort(stretch, kind="stable")
    basis = chebvander(2 * (place - stretch)[order] - 1, NODES - 1)
    ordered, out = np.empty((2, at.size, coefficients.shape[2]))
    stop = 0
    for size, own in zip(rows_of[used], coefficients, strict=True):
        start, stop = stop, stop + size
        np.matmul(basis[start:stop], own, out=ordered[start:stop])
    out[order] = ordered
    return out.reshape(at.shape + values.shape[1:])
