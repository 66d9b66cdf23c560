"""How a check tells a difference: in points of a hundred, and whether its interval leaves zero out."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate, verdict_of


def points(share: float | None) -> float:
    """A share, or a difference of shares, in points of a hundred.

    Examples
    --------
    >>> points(0.1234)
    12.3
    """
    return round(100 * (share or 0.0), 1) + 0.0


def leaves_zero_out(difference: Estimate) -> bool:
    """Whether there is an interval, and zero lies outside it."""
    return verdict_of(difference) != "not_shown"
