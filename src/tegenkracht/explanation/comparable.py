"""Comparable places of one place, and what is typical of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.explanation.shown import Shown
from tegenkracht.features.telling import Measure

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Keys = NDArray[np.float64] | NDArray[np.str_]
Scope = Literal["area", "sector"]
KEYS_COMPARED = ("unit_id", "sector", "area_code")
"""Columns by which places are compared."""


@dataclass(frozen=True)
class Comparison:
    """Other places that one place is compared with.

    Parameters
    ----------
    scope
        `area`: of the same sector in the same area; `sector`: of the same sector anywhere.
    rows
        Their positions among the rows around; never the place's own.
    """

    scope: Scope
    rows: Positions


@dataclass(frozen=True, slots=True)
class Typical:
    """What is typical of comparable places: a mean (counts, shares) or a middle value, of `n` of them in `scope`; None when too few have a value.

    `half` are the ends of their middle half (quartiles); None when they are not known.
    """

    value: float | None
    n: int
    scope: Scope
    is_mean: bool
    half: tuple[float, float] | None = None


def comparisons_of(
    around: Mapping[str, Keys] | pd.DataFrame, position: int, *, at_least: int
) -> tuple[Comparison, ...]:
    """Comparable places of one row, the nearest kind first; a group of fewer than `at_least` is left out, so that the next one is taken.

    Comparable is: of the same sector and in the same area on the same date; where that is too few, of the same sector on the same date.

    Parameters
    ----------
    around
        `KEYS_COMPARED` of the rows of the same date (or of the same test window): words, or numbers that stand for them.
    position
        Of the place's own row in it.
    """
    keys = {name: np.asarray(around[name]) for name in KEYS_COMPARED}
    same = {name: of == of[position] for name, of in keys.items()}
    sector = same["sector"] & ~same["unit_id"]
    groups = [
        Comparison("area", np.flatnonzero(sector & same["area_code"])),
        Comparison("sector", np.flatnonzero(sector)),
    ]
    return tuple(group for group in groups if len(group.rows) >= at_least)


def typical(values: Floats, comparisons: Sequence[Comparison], measure: Measure, *, at_least: int) -> Typical:
    """What is typical in the first group in which `at_least` places have a value.

    Parameters
    ----------
    values
        The column over the rows around.
    """
    is_mean = measure in ("count", "share", "signed", "yes_no")
    for group in comparisons:
        known = values[group.rows]
        known = known[np.isfinite(known)]
        if len(known) >= at_least:
            middle = float(known.mean() if is_mean else np.median(known))
            low, high = np.quantile(known, [0.25, 0.75]).tolist()
            return Typical(middle, len(known), group.scope, is_mean, (low, high))
    return Typical(None, 0, "sector", is_mean)


def says(told: Shown, beside: Typical, direction: int) -> bool:
    """Whether a value lies beyond what is typical, on the side that the dictionary declares as more reason to look.

    A band that holds the typical value says nothing; neither does a value that is not there, or that has nothing to stand beside. Nearly every value
    lies on one side or the other: where neither is declared, it must lie outside the middle half of comparable places.

    Parameters
    ----------
    direction
        1 when more is more reason to look, -1 when less is, 0 when neither is claimed.

    Examples
    --------
    >>> says(Shown("band", 0.0, 0.5), Typical(0.03, 40, "area", True), 1)
    False
    >>> berths = Typical(136.0, 40, "sector", False, (90.0, 200.0))
    >>> [says(Shown("band", low, low + 2), berths, 0) for low in (76.0, 100.0, 210.0)]
    [True, False, True]
    """
    if beside.value is None or told.low is None:
        return False
    below, above = (beside.value, beside.value) if direction else beside.half or (-np.inf, np.inf)
    more, less = told.low > above, told.high is not None and told.high < below
    return (more and direction >= 0) or (less and direction <= 0)
