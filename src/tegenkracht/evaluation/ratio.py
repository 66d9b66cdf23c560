"""Ratios of numbers of which some are divided by nothing."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def over(part: Floats, whole: Floats, *, none: float = math.nan) -> Floats:
    """Part over whole (…), and `none` where the whole is 0.

    Examples
    --------
    >>> over(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    array([0.5, nan])
    """
    some = np.not_equal(whole, 0)
    if some.all():
        return np.asarray(np.divide(part, whole), np.float64)
    out: Floats = np.full(np.broadcast_shapes(np.shape(part), np.shape(whole)), none)
    return np.divide(part, whole, out=out, where=some)
