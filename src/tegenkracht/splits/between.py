"""Distances across groups of points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def between_groups(points: Floats, group: NDArray[np.int64], nearest: Callable[[Floats, Floats], Floats]) -> Floats:
    """Distance from each point to the nearest point of another group.

    Parameters
    ----------
    nearest
        From points and others to the distance from each point to the nearest other.
    """
    found = np.empty(len(points))
    for one in np.unique(group):
        inside = group == one
        found[inside] = nearest(points[inside], points[~inside])
    return found
