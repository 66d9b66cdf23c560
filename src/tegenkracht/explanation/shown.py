"""A value as a page may show it: as it is when enough places share it, else in a band that enough places share, else not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tegenkracht.features.telling import Measure

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Sharers = NDArray[np.str_] | NDArray[np.float64]
State = Literal["exact", "band", "or_more", "withheld", "missing", "left_out"]

DAYS = 60
"""Days below which a span is told in days; below `MONTHS` months in months; above in years."""
MONTHS = 24
MONTH, YEAR = 30.4375, 365.25
_METRES = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
_SHARES = (0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of one value.

    Parameters
    ----------
    state
        `exact` the value; `band` between two ends; `or_more` the value or more; `withheld` too few places share even a wide band; `missing` there is
        no value; `left_out` the study does not use this fact here.
    low, high
        The ends, equal when exact; `high` is None for `or_more`, both are None when nothing is shown. In the column's own units.
    """

    state: State
    low: float | None = None
    high: float | None = None


def shown(
    value: float,
    all_values: Floats,
    measure: Measure,
    *,
    at_least: int,
    shared_by: Sharers | None = None,
    allowed: Callable[[Shown], bool] | None = None,
) -> Shown:
    """The narrowest form of `value` that `at_least` of the places share, itself included.

    A page without a name still tells a place apart when a number on it is the place's alone (small-cell rule; k-anonymity, Samarati & Sweeney 1998).
    Whoever gives as `all_values` those of the places that fit what a page told before, keeps the whole page to it (`Teller.shown`).

    Parameters
    ----------
    value
        Of the place; missing when not finite, and told as missing when enough places miss it.
    all_values
        The same column for every place that the page could be about, this one included.
    shared_by
        What is counted instead of rows, as words or numbers for each of them: areas when the value is of the surroundings, which places of one area
        share; units where one unit has more rows than one.
    allowed
        What else a form that tells a value must meet, when something: it is then widened until it does.

    Examples
    --------
    >>> counts = np.array([0.0] * 50 + [1.0] * 12 + [2.0] * 9 + [5.0] * 2)
    >>> shown(1.0, counts, "count", at_least=10)
    Shown(state='exact', low=1.0, high=1.0)
    >>> shown(5.0, counts, "count", at_least=10)
    Shown(state='or_more', low=2.0, high=None)
    """

    def enough(share: Flags) -> bool:
        """Whether enough places, or areas, share it."""
        return int(share.sum() if shared_by is None else np.unique(shared_by[share]).size) >= at_least

    if not np.isfinite(value):
        return Shown("missing") if enough(~np.isfinite(all_values)) else Shown("withheld")
    for form, holders in _forms(value, all_values, measure, at_least, shared_by):
        if enough(holders) and (allowed is None or allowed(form)):
            return form
    return Shown("withheld")


def _forms(
    value: float, all_values: Floats, measure: Measure, at_least: int, shared_by: Sharers | None
) -> Iterator[tuple[Shown, Flags]]:
    """Ever wider forms of a value, and which values each holds."""
    yield (exact := Shown("exact", float(value), float(value))), holds(exact, all_values)
    if measure in ("count", "steps"):
        if (least := _least(value, all_values, at_least, shared_by)) is not None:
            yield (more := Shown("or_more", least, None)), holds(more, all_values)
    elif measure != "yes_no":
        for low, high in _bands(value, measure):
            yield (band := Shown("band", low, high)), holds(band, all_values)


def holds(told: Shown, values: Floats) -> Flags:
    """Which values a reader may think of when this is told: all of them when nothing is.

    Examples
    --------
    >>> holds(Shown("or_more", 2.0), np.array([1.0, 2.0, np.nan, 7.0])).tolist()
    [False, True, False, True]
    """
    if told.state == "missing":
        return ~np.isfinite(values)
    if told.low is None:
        return np.ones(len(values), dtype=bool)
    if told.high is None:
        return values >= told.low
    return values == told.low if told.state == "exact" else (values >= told.low) & (values < told.high)


def overlap(one: Shown, other: Shown) -> bool:
    """Whether some value fits both, when both tell one: then the one is not told to be in place of the other.

    Examples
    --------
    >>> overlap(Shown("band", 4.0, 5.0), Shown("band", 0.0, 5.0)), overlap(Shown("band", 4.0, 5.0), Shown("band", 5.0, 6.0))
    (True, False)
    """
    if one.low is None or other.low is None:
        return False
    first, last = sorted((one, other), key=lambda shown: shown.low or 0.0)
    start = np.array([last.low])
    return bool(holds(first, start).any() and holds(last, start).any())


def _least(value: float, all_values: Floats, at_least: int, shared_by: Sharers | None) -> float | None:
    """The largest count, not above the place's own and above nought, that enough places, or areas, have or exceed; None when there is none."""
    known = ~np.isnan(all_values)
    most = all_values[known] if shared_by is None else _most_of_each(all_values[known], shared_by[known])
    if len(most) < at_least:
        return None
    least = float(np.floor(min(value, float(np.partition(most, -at_least)[-at_least]))))
    return least if least > 0 else None


def _most_of_each(values: Floats, areas: Sharers) -> Floats:
    """The largest value in each area."""
    named, codes = np.unique(areas, return_inverse=True)
    most = np.full(len(named), -np.inf)
    np.maximum.at(most, codes, values)
    return most


def unit_of_days(days: float) -> float:
    """Days in the unit that a span of so many days is told in: a day, a month or a year."""
    return 1.0 if days < DAYS else MONTH if days < MONTHS * MONTH else YEAR


def _bands(value: float, measure: Measure) -> Iterator[tuple[float, float]]:
    """Ever wider bands of round ends that hold the value."""
    if measure == "days":
        unit = unit_of_days(value)
        widths: tuple[float, ...] = tuple(
            unit * n for n in {1.0: (1, 10, 30, 60), MONTH: (1, 3, 6, 12)}.get(unit, (1, 2, 5, 10, 20))
        )
    elif measure == "metres":
        widths = tuple(float(width) for width in _METRES)
    elif measure == "share":
        widths = _SHARES
    else:
        size = 10.0 ** np.floor(np.log10(max(abs(value), 1e-9)))
        widths = tuple(float(size * step) for step in (0.1, 0.2, 0.5, 1, 2, 5, 10))
        widths = tuple(max(width, 1.0) for width in widths) if measure == "signed" else widths
    for width in widths:
        low = float(np.floor(value / width + 1e-9) * width)
        yield round(low, 9), round(low + width, 9)
