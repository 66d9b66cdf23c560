"""The normal distribution, as far as intervals ask for it."""

from __future__ import annotations

from statistics import NormalDist


def reach_of(level: float) -> float:
    """How many standard errors an interval at this level reaches to either side.

    Examples
    --------
    >>> round(reach_of(0.95), 4)
    1.96
    """
    return NormalDist().inv_cdf((1 + level) / 2)
