"""A shared scale with round numbers on it, chosen from what it must hold."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.tree import Axis
from tegenkracht.reporting.words.numbers import Style

MOST_STEPS = 7

HUNDRED = Axis(low=0, high=1, ticks=(0, 0.2, 0.4, 0.6, 0.8, 1), style="per_hundred")
"""All of a hundred: the axis of the first page, which flatters nothing."""


def axis_for(estimates: Iterable[Estimate], style: Style, *, zero: bool = False, most: float | None = None) -> Axis:
    """An axis from zero (or below) that holds every value and interval.

    Examples
    --------
    >>> axis = axis_for([Estimate("m", "days_earlier", 7.4, -1.2, 10.3)], "days", zero=True)
    >>> axis.low, axis.high, axis.ticks
    (-2.0, 12.0, (-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0))
    """
    numbers = [x for e in estimates for x in (e.value, e.low, e.high) if x is not None]
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    if low == high:
        high = 1.0
    first, last, step = _steps(low, high)
    ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
    if most is not None:
        ticks = tuple(tick for tick in ticks if tick <= most)
    return Axis(low=ticks[0], high=ticks[-1], ticks=ticks, style=style, zero=zero)


def axis_between(low: float, high: float, style: Style) -> Axis:
    """An axis that ends where the values end, with round numbers between.

    Examples
    --------
    >>> axis_between(3, 27, "count").ticks
    (5.0, 10.0, 15.0, 20.0, 25.0)
    """
    first, last, step = _steps(low, high)
    inside = tuple(round(i * step, 10) for i in range(first, last + 1) if low <= round(i * step, 10) <= high)
    return Axis(low=low, high=high, ticks=inside, style=style)


def _steps(low: float, high: float) -> tuple[int, int, float]:
    """First and last tick in steps of the smallest round number that needs at most seven: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / MOST_STEPS))
    for step in (power * m for m in (1, 2, 5, 10, 20)):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= MOST_STEPS:
            break
    return first, last, step
