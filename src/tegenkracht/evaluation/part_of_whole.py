"""Intervals of a part of a whole that is known from weighed visits: of what there is to find, what is on a list; of what is clear, what is flagged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.worth import equal_draws, worth_of_shares

Floats = NDArray[np.float64]

_LAST_DIGIT = 1e-12
"""A weight is none when it is less than this part of the whole: what is left when all of it is taken off may be a last digit."""


class Weight(NamedTuple):
    """What visits of a kind weigh together, and what one of them weighs: the variance of their weight per unit of it; NaN where no such visit was made."""

    value: float
    each: float


def each_of_share(kind: Resampled, everywhere: Resampled, n: Floats | np.float64, *, level: float) -> Floats:
    """What a visit of a kind weighs (…), where more than single visits is drawn: so much that the weight varies as its share of all `n` visits does.

    All of the weight varies as its visits do.
    """
    worth = worth_of_shares(kind / everywhere, n, equal_draws(everywhere, n), level=level)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.where(kind.point < everywhere.point, everywhere.point - kind.point, everywhere.point)
        return np.asarray(left / worth)


def worth_of_part(part: Weight, rest: Weight) -> float:
    """How many answers a part of a whole is worth: its variance under `part_interval` is that of a share of so many. Nought without any weight."""
    (one, other), whole = _each(part, rest), part.value + rest.value
    return whole * whole / (rest.value * one + part.value * other) if whole > 0 else 0.0


def at_least_as_if_unseen(part: Weight, rest: Weight, *, level: float) -> Weight:
    r"""The part with visits that weigh so much that its upper end is no lower than if none of them had been seen.

    One visit that weighs little, or is on a list for a small part, says nothing of how heavy others would have been; taken at its word it would say that hardly
    anything is on the list. With nothing of the part seen, a visit weighs what one of the rest does, :math:`c_2`, and the upper end of the weight of the part is
    :math:`U = z^2 c_2`. With :math:`X_1` seen it is as high where a visit weighs :math:`c_2 (1 - X_1/U)^2` (both where the part is small beside the rest). So the
    upper end never falls as more of the part is seen, and visits count with their own weights where these reach as high by themselves.

    Examples
    --------
    >>> one = at_least_as_if_unseen(Weight(0.3, 0.3), Weight(400.0, 4.0), level=0.95)
    >>> round(one.each, 2), at_least_as_if_unseen(Weight(40.0, 1.0), Weight(400.0, 4.0), level=0.95).each
    (3.85, 1.0)
    """
    if not (part.each > 0 and rest.each > 0):
        return part
    unseen = reach_of(level) ** 2 * rest.each
    return Weight(part.value, max(part.each, rest.each * max(1 - part.value / unseen, 0.0) ** 2))


def part_interval(part: Weight, rest: Weight, *, level: float) -> tuple[float, float]:
    r"""Interval of a part of the whole that it makes with the rest: the shares that a score test at this level does not reject.

    Each weight is taken for a count of visits that weigh as much as each other, :math:`X/c` of a Poisson distribution, as Fay & Feuer (1997, Statistics in Medicine
    16) do for one such sum. Under a share :math:`r` the whole is :math:`T = (X_1/c_1 + X_2/c_2) / (r/c_1 + (1-r)/c_2)`, and an end is where
    :math:`((1-r) X_1 - r X_2)^2 = z^2 r (1-r) ((1-r) c_1 + r c_2) T`. With equal weights this is Wilson's (1927) interval of a share of as many visits.

    How many visits there happened to be is not taken for known, as it would be in the ratio of two shares of visits: of a list with two visits, the
    weight of which is little more than chance.

    Parameters
    ----------
    part, rest
        Together more than nought. Where only one of the two knows what a visit weighs, that serves for both.

    Examples
    --------
    >>> low, high = part_interval(Weight(30.0, 3.0), Weight(270.0, 3.0), level=0.95)  # Wilson's, 10 of 100
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    one, other = _each(part, rest)
    least = _LAST_DIGIT * (part.value + rest.value)
    x, y = (0.0 if weight.value < least else weight.value for weight in (part, rest))
    z, counted, share = reach_of(level), x / one + y / other, x / (x + y)

    def outside(share: float) -> float:
        whole = counted / (share / one + (1 - share) / other)
        off, spread = (1 - share) * x - share * y, ((1 - share) * one + share * other) * whole
        return off * off - z * z * share * (1 - share) * spread

    low = brentq(outside, 0.0, min(share, 1 - _LAST_DIGIT), xtol=_LAST_DIGIT) if x else 0.0
    high = brentq(outside, max(share, _LAST_DIGIT), 1.0, xtol=_LAST_DIGIT) if y else 1.0
    return float(low), float(high)


def _each(part: Weight, rest: Weight) -> tuple[float, float]:
    """What one visit weighs, of the part and of the rest; where only one of the two knows, that serves for both."""
    return (part.each if part.each > 0 else rest.each), (rest.each if rest.each > 0 else part.each)
