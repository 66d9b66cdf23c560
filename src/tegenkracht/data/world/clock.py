"""The quarters of a world: 8 to come into balance, 40 that are written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.data.world.arrays import Days, Floats, Ints

QUARTERS = 40
BURN_IN = 8
KNOWN_UNTIL = np.datetime64("2023-12-31")
_FIRST = -BURN_IN
_STARTS: Days = (np.datetime64("2014-01") + 3 * np.arange(_FIRST, QUARTERS + 41)).astype("datetime64[D]")


def start_of(quarter: int | Ints) -> NDArray[np.datetime64]:
    """First day of a quarter; 0 is the first that is written, those before it are negative.

    Examples
    --------
    >>> str(start_of(0)), str(start_of(-8)), str(start_of(40))
    ('2014-01-01', '2012-01-01', '2024-01-01')
    """
    return np.asarray(_STARTS[np.asarray(quarter) - _FIRST])


def days_in(quarter: int, share: Floats) -> Days:
    """Days in a quarter, `share` (0 up to 1) of the way through it."""
    first, length = start_of(quarter), int((start_of(quarter + 1) - start_of(quarter)).astype(int))
    return np.asarray(first + np.floor(share * length).astype("timedelta64[D]"))


def quarter_of(day: Days) -> Ints:
    """The quarter that each day lies in."""
    return np.asarray(np.searchsorted(_STARTS, day, side="right") - 1 + _FIRST)


def is_written(quarter: int) -> bool:
    """Whether a quarter is in the tables."""
    return quarter >= 0
