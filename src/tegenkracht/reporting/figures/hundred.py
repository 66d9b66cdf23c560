"""A hundred places as small fronts: where something was found, where nobody went, and where nothing was found."""

from __future__ import annotations

import math

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.figures.canvas import BLUE, BLUE_MID, BLUE_PALE, EDGE, Canvas
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Hundred


def hundred(spec: Hundred, speaker: Speaker, width: float) -> Canvas:
    """Filled: found. Pale with a dashed edge: possible, nobody went. Empty: nothing found."""
    found, possible = counts(speaker.estimate(spec.estimate))
    canvas, step = Canvas(width), width / 10
    for i in range(100):
        x, y, side = i % 10 * step + 2, i // 10 * step + 2, step - 5
        if i < found:
            canvas.rect(x, y, side, side, BLUE)
            canvas.rect(x + side * 0.3, y + side * 0.42, side * 0.4, side * 0.58, "#fff")
        elif i < possible:
            canvas.rect(x, y, side, side, BLUE_PALE)
            canvas.path(f"M{x:.1f} {y + side:.1f}L{x + side:.1f} {y:.1f}", stroke=BLUE_MID)
        else:
            canvas.rect(x + 0.5, y + 0.5, side - 1, side - 1, "#fff", EDGE)
    canvas.height = width
    return canvas


def counts(estimate: Estimate) -> tuple[int, int]:
    """How many of a hundred are found for certain, and at most; bounds are rounded outwards.

    Examples
    --------
    >>> counts(Estimate("m", "precision_at_capacity", None, 0.155, 0.8, n=400, method="bounds"))
    (15, 80)
    """
    if estimate.value is not None:
        return round(100 * estimate.value), round(100 * estimate.value)
    low, high = estimate.low or 0.0, estimate.high or 0.0
    return math.floor(round(100 * low, 6)), math.ceil(round(100 * high, 6))
