"""The compiled search for the width at which a smoothed line has as much error left as the kernel is wide."""

from __future__ import annotations

import math

import numpy as np

from tegenkracht.evaluation.kernel import Floats, compiled

_NOTHING_LEFT = 40.0
"""A cosine that is damped by `exp` of minus this adds less than the last bit of a sum."""
_GUESSES = 12
"""Looks along the slope, before halving what is left."""


def cosines(cells: int) -> Floats:
    """Cosine `k` at the middles of the first half of the cells, (k, cell / 2): the other half mirrors it, with the other sign for odd `k`.

    Examples
    --------
    >>> cosines(4).round(2).tolist()
    [[1.0, 1.0], [0.92, 0.38], [0.71, -0.71], [0.38, -0.92]]
    """
    middles = (np.arange(cells // 2) + 0.5) / cells
    return np.cos(np.pi * np.arange(cells)[:, None] * middles)


@compiled
def smooth_widths(waves: Floats, cosine: Floats, steps: int, out: Floats) -> None:
    """Into `out` (line): the smallest multiple of 1 / `steps` at which smoothing leaves no more error than the kernel is wide.

    `waves` (line, cell) are the cosine transforms (type 2) of the lines. What smoothing leaves falls as the kernel widens and the width
    rises, so that there is one crossing; lines that come after each other cross at about the same width, and the search starts there.
    NaN where a line is not finite.
    """
    even, odd = np.empty(cosine.shape[1]), np.empty(cosine.shape[1])
    guess, slope = steps // 16, -2.0 / steps
    for line in range(waves.shape[0]):
        if not np.isfinite(waves[line]).all():
            out[line] = np.nan
            continue
        low, high, at, looks = 0, steps, guess, 0
        before, left_before = -1, 0.0
        while high - low > 1:
            left = _left(waves[line], at / steps, cosine, even, odd) - at / steps
            if left > 0.0:
                low = at
            else:
                high = at
            if before >= 0 and before != at and left != left_before:
                slope = min((left - left_before) / (at - before), -1.0 / steps)
            before, left_before = at, left
            looks += 1
            at = (low + high) // 2 if looks > _GUESSES else math.floor(at - left / slope)
            at = min(max(at, low + 1), high - 1)
        out[line] = high / steps
        guess = min(max(high, 1), steps - 1)


@compiled
def _left(waves: Floats, width: float, cosine: Floats, even: Floats, odd: Floats) -> float:
    """Sum over cells of the absolute value that a line keeps when a Gaussian of this width smooths it.

    Two cells that mirror each other hold the sum and the difference of `even` and `odd`, and their absolute values add up to twice the larger.
    """
    cells = waves.size
    even[:], odd[:] = waves[0] / (2 * cells), 0.0
    rate = (width * math.pi) ** 2 / 2
    last = min(cells, int(math.sqrt(_NOTHING_LEFT / rate)) + 2)
    for k in range(1, last, 2):
        one = waves[k] * math.exp(-rate * k * k) / cells
        two = waves[k + 1] * math.exp(-rate * (k + 1) * (k + 1)) / cells if k + 1 < cells else 0.0
        above = cosine[k + 1] if k + 1 < cells else cosine[0]
        here = cosine[k]
        for x in range(even.size):
            odd[x] += one * here[x]
            even[x] += two * above[x]
    left = 0.0
    for x in range(even.size):
        left += max(abs(even[x]), abs(odd[x]))
    return 2.0 * left
