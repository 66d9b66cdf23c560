"""Numbers as they are written down: sums differ in their last bits between machines and threads, what a reader sees does not."""

from __future__ import annotations

_DIGITS = 12


def written(number: float) -> float:
    """The number with twelve significant digits, and zero without a sign.

    Examples
    --------
    >>> written(0.1 + 0.2), written(-0.0)
    (0.3, 0.0)
    """
    return float(f"{number:.{_DIGITS}g}") + 0.0
