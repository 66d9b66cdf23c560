"""The compiled search for the width at which a smoothed line has as much error left as the kernel is wide."""

from __future__ import annotations

import math

import numpy as np

from tegenkracht.evaluation.kernel import Floats, Ints, compiled

_NOTHING_LEFT = 40.0
"""A cosine that is damped by `exp` of minus this adds less than the last bit of a sum."""
_AFRESH = 16
"""Damping of so many cosines follows from the first of them by multiplication; then it is computed afresh, before rounding adds up."""
_LOOKS = 12
"""Looks along the slope, before what is left is halved."""


def cosines(cells: int) -> tuple[Floats, Floats]:
    """Even and odd cosines at the middles of the first half of the cells, (k / 2, cell / 2); the other half mirrors them, odd ones with minus.

    Examples
    --------
    >>> [part.round(2).tolist() for part in cosines(4)]
    [[[1.0, 1.0], [0.71, -0.71]], [[0.92, 0.38], [0.38, -0.92]]]
    """
    middles = (np.arange(cells // 2) + 0.5) / cells
    table = np.cos(np.pi * np.arange(cells)[:, None] * middles)
    return np.ascontiguousarray(table[::2]), np.ascontiguousarray(table[1::2])


@compiled
def smooth_widths(waves: Floats, even: Floats, odd: Floats, steps: int, out: Floats) -> None:
    """Into `out` (line): the smallest multiple of 1 / `steps` at which smoothing leaves no more error than the kernel is wide.

    `waves` (line, cell) are the cosine transforms (type 2) of the lines, all finite, and `even` and `odd` the `cosines` of as many cells. What
    smoothing leaves falls as the kernel widens and the width rises, so that there is one crossing. Lines that are searched together cross at
    about the same width: the first goes ahead, the others start where it ended, and each follows the slope between its last two widths until
    two neighbouring widths lie on either side.
    """
    at, slope, high = np.full(len(waves), steps // 16), np.full(len(waves), -2.0 / steps), np.full(len(waves), steps)
    _search(waves[:1], even, odd, steps, at[:1], slope[:1], high[:1])
    at[1:], slope[1:] = min(high[0], steps - 1), slope[0]
    _search(waves[1:], even, odd, steps, at[1:], slope[1:], high[1:])
    for line in range(len(waves)):
        out[line] = high[line] / steps


@compiled
def _search(waves: Floats, even: Floats, odd: Floats, steps: int, at: Ints, slope: Floats, high: Ints) -> None:
    """Narrow down `high` (line), beginning at `at` with `slope`; both are moved along."""
    low, before, left_before = np.zeros_like(high), np.zeros_like(high), np.zeros(high.size)
    waiting, looks = np.arange(high.size), 0
    while waiting.size:
        left = _left(waves, at / steps, waiting, even, odd)
        looks += 1
        still = 0
        for i in range(waiting.size):
            line = waiting[i]
            here = at[line]
            if left[i] > 0.0:
                low[line] = here
            else:
                high[line] = here
            if looks > 1 and left[i] != left_before[line]:
                slope[line] = min((left[i] - left_before[line]) / (here - before[line]), -1.0 / steps)
            before[line], left_before[line] = here, left[i]
            if high[line] - low[line] > 1:
                following = math.floor(here - left[i] / slope[line])
                middle = (low[line] + high[line]) // 2
                at[line] = middle if looks > _LOOKS else min(max(following, low[line] + 1), high[line] - 1)
                waiting[still] = line
                still += 1
        waiting = waiting[:still]


@compiled
def _left(waves: Floats, width: Floats, lines: Ints, even: Floats, odd: Floats) -> Floats:
    """How much more each of some lines keeps, when a Gaussian of its width smooths it, than the kernel is wide.

    What a line keeps is the sum over its cells of absolute values. Two cells that mirror each other hold the sum and the difference of the even
    and of the odd cosines, and their absolute values add up to twice the larger.
    """
    cells = waves.shape[1]
    last = int(math.sqrt(2.0 * _NOTHING_LEFT) / (math.pi * width[lines].min())) + 2
    last = min(cells, last + last % 2)
    damped = np.empty((2, lines.size, last // 2))
    for i in range(lines.size):
        _damp(waves[lines[i]], width[lines[i]], damped[:, i])
    one, other = np.dot(damped[0], even[: last // 2]), np.dot(damped[1], odd[: last // 2])
    left = np.empty(lines.size)
    for i in range(lines.size):
        kept = 0.0
        for x in range(one.shape[1]):
            kept += max(abs(one[i, x]), abs(other[i, x]))
        left[i] = 2.0 * kept - width[lines[i]]
    return left


@compiled
def _damp(wave: Floats, width: float, damped: Floats) -> None:
    """The first cosines, (even and odd; k / 2), as a Gaussian of this width leaves them, ready to be summed (the inverse of the transform)."""
    rate = (width * math.pi) ** 2 / 2
    closer, last = math.exp(-2.0 * rate), 2 * damped.shape[1]
    for start in range(0, last, _AFRESH):
        damping, fall = math.exp(-rate * start * start), math.exp(-rate * (2 * start + 1))
        for k in range(start, min(start + _AFRESH, last)):
            damped[k % 2, k // 2] = wave[k] * damping / wave.size
            damping *= fall
            fall *= closer
    damped[0, 0] /= 2.0
