"""The quarters of a world, and the seeded streams of chance in it."""

from __future__ import annotations

import zlib

import numpy as np

QUARTERS = 40
STARTS: np.ndarray = (np.datetime64("2014-01") + 3 * np.arange(QUARTERS + 1)).astype("datetime64[D]")
"""First day of each quarter, and of the one after the last."""
KNOWN_UNTIL = np.datetime64("2023-12-31")


def stream(seed: int, *path: str) -> np.random.Generator:
    """Chance for one purpose: what is drawn from it changes nothing that is drawn from another.

    Examples
    --------
    >>> bool(stream(1, "areas").random() == stream(1, "areas").random())
    True
    >>> bool(stream(1, "areas").random() == stream(1, "visits").random())
    False
    """
    return np.random.default_rng([seed, *(zlib.crc32(part.encode()) for part in path)])


def days_in(quarter: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A day in each quarter, `share` (0 up to 1) of the way through it."""
    length = (STARTS[1:] - STARTS[:-1]).astype(int)
    first: np.ndarray = STARTS[quarter]
    days: np.ndarray = first + np.floor(share * length[quarter]).astype("timedelta64[D]")
    return days
