"""The score interval of a sum of shares, each with a factor of its own: Wilson's, for more than one share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scipy.optimize import brentq

from tegenkracht.core.normal import reach_of

_FAR = 2.0**60
"""So large a multiplier that the shares are as good as at the ends of what is possible."""
_HALVINGS = 60
"""Steps at most to a multiplier at which something moves."""


class Counted(NamedTuple):
    """A share of answers that stand by themselves, what it counts for in the sum, and how many answers it is worth."""

    factor: float
    share: float
    worth: float


def score_interval(parts: Sequence[Counted], *, level: float) -> tuple[float, float]:
    r"""Ends of :math:`\sum f_i p_i`: the values that a score test at this level does not reject (Miettinen & Nurminen 1985, Statistics in Medicine 4, for a
    difference of two; Martín Andrés, Álvarez Hernández & Herranz Tejedor 2011, Statistical Methods in Medical Research 20, for a sum).

    With the sum held at :math:`\delta`, the likeliest shares solve :math:`n_i (\hat p_i - p_i) = \lambda f_i p_i (1 - p_i)` for one multiplier; an end is
    where :math:`(\hat\delta - \delta)^2 = z^2 \sum f_i^2 p_i (1-p_i)/n_i`. Without its bias correction of the variance, so that one share has Wilson's interval.

    Parameters
    ----------
    parts
        Independent of each other; those that are worth nothing are taken as they are.

    Examples
    --------
    >>> low, high = score_interval([Counted(1.0, 0.1, 40)], level=0.95)  # Wilson's
    >>> round(low, 4), round(high, 4)
    (0.0396, 0.2305)
    >>> low, high = score_interval([Counted(1.0, 0.8, 70), Counted(-1.0, 0.6, 80)], level=0.95)
    >>> round(low, 4), round(high, 4)
    (0.0533, 0.3377)
    """
    known = [part for part in parts if part.factor and part.worth > 0]
    value = sum(part.factor * part.share for part in parts)
    if not known:
        return value, value
    z = reach_of(level)
    down, up = (_reach(known, z, towards) for towards in (1.0, -1.0))
    return value - down, value + up


def _reach(parts: Sequence[Counted], z: float, towards: float) -> float:
    """How far the sum may move down (1) or up (-1)."""

    def short(multiplier: float) -> float:
        moved, error = _at(parts, towards * multiplier)
        return towards * moved - z * error

    far = 1.0
    while short(far) <= 0 and far < _FAR:
        far *= 2
    near = far / 2 if far > 1 else 0.0
    for _ in range(_HALVINGS):
        if short(far) <= 0 or short(near) < 0:
            break
        # Shares of none or of all stay where they are up to some multiplier.
        middle = (near + far) / 2
        near, far = (near, middle) if short(middle) > 0 else (middle, far)
    end = brentq(short, near, far, xtol=1e-12) if short(far) > 0 else far
    return float(towards * _at(parts, towards * end)[0])


def _at(parts: Sequence[Counted], multiplier: float) -> tuple[float, float]:
    """What the sum falls at this multiplier, and its standard error there."""
    moved = variance = 0.0
    for factor, share, worth in parts:
        p = _share_at(share, worth, multiplier * factor)
        moved += factor * (share - p)
        variance += factor * factor * p * (1 - p) / worth
    return moved, math.sqrt(variance)


def _share_at(share: float, worth: float, pull: float) -> float:
    """The root of `worth (share - p) = pull p (1 - p)` between 0 and 1, in the form that loses no digits."""
    middle = worth + pull
    root = math.sqrt(max(middle * middle - 4 * pull * worth * share, 0.0))
    p = 2 * worth * share / (middle + root) if middle > 0 else (middle - root) / (2 * pull)
    return min(max(p, 0.0), 1.0)
