"""The logistic curve, and the shift along it that gives a wanted total."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def expit(log_odds: np.ndarray) -> np.ndarray:
    """Chances from log-odds.

    Examples
    --------
    >>> expit(np.array([0.0])).tolist()
    [0.5]
    """
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def shift_for(total: Callable[[float], float], wanted: float) -> float:
    """The shift at which a rising function reaches a value, by bisection between -40 and 40.

    Examples
    --------
    >>> round(shift_for(lambda shift: shift**3, 8.0), 6)
    2.0
    """
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) < wanted else (low, middle)
    return (low + high) / 2
