"""The unit that the values of one column are told in: the same on the axis of its curve and in the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tegenkracht.explanation.shown import MONTH, YEAR, unit_of_days
from tegenkracht.features.telling import Measure
from tegenkracht.reporting.wording import Words, say

Name = Literal["count", "days", "months", "years", "metres", "of_hundred", "yes_no", "bare"]

_DAYS: dict[float, Name] = {1.0: "days", MONTH: "months", YEAR: "years"}
_DIGITS = 3  # of the distance between the least and the largest value: finer than a drawing shows


@dataclass(frozen=True)
class Unit:
    """What a number is called, what it is divided by before it is shown, and how many decimals it then has."""

    name: Name
    size: float
    decimals: int

    def of(self, value: float) -> float | int:
        """The value in this unit, rounded; a whole number without decimals.

        Examples
        --------
        >>> [Unit("of_hundred", 0.01, 1).of(x) for x in (0.0, 0.0473, 0.125, 1.0)]
        [0, 4.7, 12.5, 100]
        """
        shown = round(value / self.size, self.decimals)
        return int(shown) if shown == int(shown) else shown


def unit_for(measure: Measure | None, values: Sequence[float]) -> Unit:
    """The unit for all values of a column: spans in the one that suits the longest, shares of a hundred.

    Parameters
    ----------
    measure
        What the number counts; None is a number of no known kind.
    values
        As the column has them, two or more that differ.

    Examples
    --------
    >>> unit_for("days", [12.5, 800.0, 5000.0])
    Unit(name='years', size=365.25, decimals=1)
    >>> unit_for(None, [0.0002, 0.0031])
    Unit(name='bare', size=1.0, decimals=5)
    """
    named: dict[Measure, Name] = {"count": "count", "metres": "metres", "yes_no": "yes_no", "share": "of_hundred"}
    name, size = "bare" if measure is None else named.get(measure, "bare"), 1.0
    if measure == "days":
        size = unit_of_days(max(values))
        name = _DAYS[size]
    elif measure == "share":
        size = 0.01
    span = (max(values) - min(values)) / size
    return Unit(name, size, max(0, _DIGITS - 1 - math.floor(math.log10(span))))


def unit_of_one(measure: Measure | None, value: float) -> Unit:
    """The unit for a single value of a column, with at most the three decimals that a sentence can show.

    Examples
    --------
    >>> unit_of_one("share", 0.0225).of(0.0225), unit_of_one("count", 1.5).of(1.5), unit_of_one(None, 0.0).of(0.0)
    (2.25, 1.5, 0)
    """
    unit = unit_for(measure, [0.0, abs(value) or 1.0])
    return replace(unit, decimals=min(unit.decimals, _DIGITS))


def told_in(unit: Unit, told: Words, *, yes: bool) -> Words:
    """A value with its unit: so many of a hundred, days, or yes or no; `told` is the fact that holds it."""
    if unit.name == "yes_no":
        return say(f"places.values.{'yes_word' if yes else 'no_word'}")
    return told if unit.name in ("count", "bare") else say(f"places.values.{unit.name}", value=told)
