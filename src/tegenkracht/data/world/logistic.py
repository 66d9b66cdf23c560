"""The logistic curve, and the shift along it that gives a wanted total."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tegenkracht.data.world.arrays import Floats

_SPAN = 8  # quarters over which the log-odds of a signal give the chance of at least one event


def expit(log_odds: Floats) -> Floats:
    """Chances from log-odds.

    Examples
    --------
    >>> expit(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50.0, 50.0))))


def in_a_quarter(in_span: Floats) -> Floats:
    """The chance of an event in one quarter, from the chance of at least one in eight.

    Examples
    --------
    >>> in_a_quarter(np.array([1 - 0.9**8])).round(6).tolist()
    [0.1]
    """
    return np.asarray(1.0 - (1.0 - in_span) ** (1 / _SPAN))


def level_of(log_odds: Floats, share: float) -> float:
    """What must be added to log-odds so that the chances have a mean of `share`; to six digits.

    Newton's method, kept inside the bracket that it has narrowed so far.

    Examples
    --------
    >>> level_of(np.array([1.0, 1.0]), 0.5)
    -1.0
    """
    low, high = -50.0 - float(log_odds.max()), 50.0 - float(log_odds.min())
    level = float(np.log(share / (1 - share)) - log_odds.mean())
    for _ in range(100):
        chance = expit(log_odds + level)
        excess, slope = float(chance.mean()) - share, float((chance * (1 - chance)).mean())
        low, high = (low, level) if excess > 0 else (level, high)
        newton = level - excess / slope if slope > 0 else low
        following = newton if low < newton < high else (low + high) / 2
        if abs(following - level) < 1e-9:
            break
        level = following
    return round(level, 6)


def bisect(total: Callable[[float], float], wanted: float, *, low: float, high: float) -> float:
    """The point at which a rising function reaches a value, to six digits; an end when it lies outside.

    Examples
    --------
    >>> bisect(lambda x: x**3, 8.0, low=-40, high=40)
    2.0
    """
    while high - low > 1e-8:
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) < wanted else (low, middle)
    return round((low + high) / 2, 6)
