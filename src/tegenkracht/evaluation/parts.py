"""Intervals of a difference and of a sum, from the intervals of what they are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.wilson import wilson_interval

Floats = NDArray[np.float64]


class Known(NamedTuple):
    """A number that is not negative, with the ends of its interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Known:
        """The number in another unit."""
        return Known(self.value * factor, self.low * factor, self.high * factor)


def difference_interval(one: Known, other: Known, *, correlation: float = 0.0) -> tuple[float, float]:
    r"""Interval of the difference of two numbers, from the interval of each (MOVER: Zou & Donner, Statistics in Medicine 27, 2008).

    :math:`d - \sqrt{a^2 + b^2 - 2 \rho a b}` with :math:`a = \theta_1 - l_1` and :math:`b = u_2 - \theta_2`, and upwards with :math:`a = u_1 - \theta_1` and
    :math:`b = \theta_2 - l_2`; :math:`\rho` is the correlation of the two estimates (Zou, Psychological Methods 12, 2007).

    Examples
    --------
    >>> one, other = Known(0.5, 0.2, 0.9), Known(0.3, 0.1, 0.7)
    >>> tuple(round(end, 3) for end in difference_interval(one, other))
    (-0.3, 0.647)
    >>> tuple(round(end, 3) for end in difference_interval(one, other, correlation=1.0))
    (0.1, 0.4)
    """
    return interval_of_sum((1.0, -1.0), (one, other), correlations=np.array([[1.0, correlation], [correlation, 1.0]]))


def interval_of_sum(factors: Sequence[float], parts: Sequence[Known], *, correlations: Floats) -> tuple[float, float]:
    r"""Interval of :math:`\sum f_i \theta_i` from the interval of each part (MOVER for a linear combination: Zou, Huang & Zhang, Computational Statistics & Data
    Analysis 53, 2009).

    Downwards :math:`\sqrt{\sum_{ij} \rho_{ij} a_i a_j}` with :math:`a_i` what :math:`f_i \theta_i` reaches down, signed as its factor; upwards the same.

    Parameters
    ----------
    correlations
        Of the estimates (part, part).

    Examples
    --------
    >>> one, other = Known(0.5, 0.2, 0.9), Known(0.3, 0.1, 0.7)
    >>> tuple(round(end, 3) for end in interval_of_sum((1.0, -1.0), (one, other), correlations=np.eye(2)))
    (-0.3, 0.647)
    """
    value = sum(factor * part.value for factor, part in zip(factors, parts, strict=True))
    down, up = [], []
    for factor, part in zip(factors, parts, strict=True):
        below, above = part.value - part.low, part.high - part.value
        down.append(factor * (below if factor > 0 else above))
        up.append(factor * (above if factor > 0 else below))
    reach = [math.sqrt(max(float(np.array(side) @ correlations @ np.array(side)), 0.0)) for side in (down, up)]
    return value - reach[0], value + reach[1]


def correlation_of(one: Floats, other: Floats) -> float:
    """How two numbers go together over the replicates in which both have an answer; nought where one of them never moves.

    Examples
    --------
    >>> round(correlation_of(np.array([1.0, 2.0, 3.0, np.nan]), np.array([2.0, 4.0, 6.0, 1.0])), 6)
    1.0
    """
    there = np.isfinite(one) & np.isfinite(other)
    if not there.any():
        return 0.0
    a, b = one[there] - one[there].mean(), other[there] - other[there].mean()
    spread = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / spread if spread > 0 else 0.0


def share_known(share: float, worth: float, *, level: float) -> Known:
    """A share, with Wilson's interval at what its visits are worth."""
    return Known(share, *wilson_interval(share, worth, level=level))


def weight_known(share: float, weight: float, worth: float, *, level: float) -> Known:
    """A share of a weight, with Wilson's interval at what its visits are worth."""
    return share_known(share, worth, level=level).times(weight)


@dataclass(frozen=True)
class WeighedVisits:
    """Some visits: the weight of those with a finding and of all, how many there are, and how many the share of the weight is worth."""

    findings: float
    weight: float
    n: float
    worth: float

    def found(self, level: float) -> Known:
        """The weight with a finding, from Wilson's interval of its share at what the visits are worth; zero without visits."""
        if not self.n or self.weight <= 0:  # what is left of a weight when all of it is taken off may be a last digit
            return Known(0.0, 0.0, 0.0)
        return weight_known(self.findings / self.weight, self.weight, self.worth, level=level)
