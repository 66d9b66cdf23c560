"""Which groups are set beside all other rows, and how surprising the widest of several differences is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.sample import Grouping

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

POWER = 0.90
"""How often a gap of the smallest size that data can show would be shown."""


@dataclass(frozen=True)
class Contrast:
    """One group beside the rest: which rows belong to it. Rows of which the attribute is not known are on neither side."""

    group: str
    member: Flags
    rest: Flags

    @property
    def attribute(self) -> str:
        """The attribute of the group."""
        return self.group.partition("=")[0]


def contrasts(groupings: Sequence[Grouping], *, minimum: int, unknown: str) -> Iterator[Contrast]:
    """Every group beside the rest of its attribute; of two groups only the smaller one, for the other says the same.

    Groups under the minimum are not set apart; they count with the rest.
    """
    for grouping in groupings:
        known = [value for value, name in enumerate(grouping.values) if name != unknown]
        large = [value for value in known if grouping.sizes[value] >= minimum]
        if len(known) == 2 and len(large) == 2:
            large = [min(large, key=lambda value: (grouping.sizes[value], value))]
        of_known = np.isin(grouping.of_row, known)
        for value in large:
            member = grouping.of_row == value
            rest = of_known & ~member
            if rest.any():
                yield Contrast(grouping.name(value), member, rest)


@dataclass(frozen=True)
class Simultaneous:
    """Several differences seen together.

    Parameters
    ----------
    error
        Standard error of each: the spread of its replicates.
    critical
        How many standard errors the widest of them strays by chance, at the level.
    chance
        How often chance alone gives a widest difference as wide as the one that was seen.
    """

    error: Floats
    critical: float
    chance: float

    @property
    def detectable(self) -> Floats:
        """The smallest true differences that these data would show nine times in ten."""
        return (self.critical + NormalDist().inv_cdf(POWER)) * self.error


def seen_together(number: Resampled, *, level: float) -> Simultaneous:
    """How the widest of several differences compares with what chance gives (the max-t bootstrap of Romano & Wolf 2005).

    Parameters
    ----------
    number
        Differences, shape (difference,). Those without an answer, or without spread, take no part.
    """
    error = np.full(number.point.shape, np.nan)
    answered = np.isfinite(number.point) & np.isfinite(number.replicates).all(0)
    error[answered] = number.replicates[:, answered].std(0, ddof=1)
    takes_part = answered & (error > 0)
    if not takes_part.any():
        return Simultaneous(error, float("nan"), float("nan"))
    point, scale = number.point[takes_part], error[takes_part]
    strays = np.abs((number.replicates[:, takes_part] - point) / scale).max(1)
    widest = np.abs(point / scale).max()
    return Simultaneous(
        error, float(np.quantile(strays, level)), float((1 + (strays >= widest).sum()) / (1 + strays.size))
    )
