"""Numbers and dates as readers of Dutch and English write them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Literal

from tegenkracht.core.text import Language

MINUS = "−"
MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

Style = Literal[
    "per_hundred",
    "per_hundred_fine",
    "points",
    "points_whole",
    "days",
    "days_fine",
    "two",
    "three",
    "three_signed",
    "one",
    "count",
    "times",
]
"""How a number is written.

`per_hundred` a share as a count of 100, `per_hundred_fine` with one decimal; `points` a gap between shares in signed points of 100, `points_whole` without
decimals; `days` signed, one decimal; `days_fine` the same with two; `one`, `two`, `three` decimals, `three_signed` for
differences; `count` whole, with thousands apart; `times` one decimal.
"""

DECIMALS: dict[Style, int] = {
    "per_hundred": 0,
    "per_hundred_fine": 1,
    "points": 1,
    "points_whole": 0,
    "days": 1,
    "days_fine": 2,
    "one": 1,
    "two": 2,
    "three": 3,
    "three_signed": 3,
    "count": 0,
    "times": 1,
}

SIGNED = frozenset({"points", "points_whole", "days", "days_fine", "three_signed"})
"""Styles of differences, written with their sign."""


def factor(style: Style) -> float:
    """What a stored number is multiplied by before it is shown: shares are stored as fractions."""
    return 100.0 if style in ("per_hundred", "per_hundred_fine", "points", "points_whole") else 1.0


def written(
    x: float, style: Style, language: Language, *, towards: Literal["nearest", "down", "up"] = "nearest"
) -> str:
    """A stored number in its style.

    `towards` rounds a bound outwards, so that "at least" and "at most" stay true.

    Examples
    --------
    >>> written(0.276, "per_hundred", "nl"), written(-0.0153, "points", "nl"), written(12345, "count", "en")
    ('28', '−1,5', '12,345')
    >>> written(0.276, "per_hundred", "nl", towards="down")
    '27'
    """
    decimals = DECIMALS[style]
    shown = _rounded(x * factor(style), decimals, towards)
    return separated(shown, decimals, language, sign=style in SIGNED)


def _rounded(x: float, decimals: int, towards: Literal["nearest", "down", "up"]) -> float:
    if towards == "nearest":
        return round(x, decimals)
    step = 10.0**decimals
    whole = round(x * step, 6)  # 0.29 * 100 is 28.999999999999996: a bound that is whole must stay whole
    return (math.floor(whole) if towards == "down" else math.ceil(whole)) / step


def separated(x: float, decimals: int, language: Language, *, sign: bool) -> str:
    """A rounded number with the language's separators and a true minus sign.

    Examples
    --------
    >>> separated(-1234.5, 1, "nl", sign=True), separated(0.0, 1, "en", sign=True)
    ('−1.234,5', '0.0')
    """
    text = f"{abs(x):,.{decimals}f}"
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    mark = "" if x == 0 else MINUS if x < 0 else "+" if sign else ""
    return mark + text


def spelled_date(day: date, language: Language) -> str:
    """A date in words.

    Examples
    --------
    >>> spelled_date(date(2024, 3, 1), "nl")
    '1 maart 2024'
    """
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def tick_texts(values: Sequence[float], style: Style, language: Language) -> list[str]:
    """Labels of an axis, with as few decimals as tell them apart.

    Examples
    --------
    >>> tick_texts([-0.01, 0.0, 0.01], "points", "nl"), tick_texts([0.0, 0.05], "two", "en")
    (['−1', '0', '+1'], ['0.00', '0.05'])
    """
    shown = [value * factor(style) for value in values]
    decimals = next((d for d in range(4) if all(abs(round(x, d) - x) < 1e-9 for x in shown)), 4)
    return [separated(round(x, decimals), decimals, language, sign=style in SIGNED) for x in shown]
