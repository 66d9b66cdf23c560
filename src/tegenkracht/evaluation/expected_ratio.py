"""How many findings scores expect over how many there were: its interval when findings are weighed, and its ends when outcomes are not all seen."""

from __future__ import annotations

import math

from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.part_of_whole import Weight


def ratio_interval(expected: float, found: Weight, *, level: float) -> tuple[float, float]:
    r"""Interval of expected over found: the inverse of a standardised ratio of what was found to what was expected, by its score test.

    The weight of findings :math:`H` is taken for a count of findings that weigh :math:`c` each, :math:`H/c` of a Poisson distribution (Breslow & Day 1987, Statistical
    Methods in Cancer Research II, section 2.3, for counts; Fay & Feuer 1997, Statistics in Medicine 16, for weights). With :math:`E` expected of the same
    visits, the ratio :math:`\rho` of found to expected is not rejected where :math:`(H - \rho E)^2 \le z^2 c \rho E`. What a visit is expected to find varies much
    less than whether it does, so :math:`E` goes with the visits that there were.

    Parameters
    ----------
    expected
        Weighted sum of scores.
    found
        Weight of the findings, more than nought, and what one of them weighs.

    Examples
    --------
    >>> low, high = ratio_interval(10.0, Weight(10.0, 1.0), level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.543, 1.841)
    """
    half = reach_of(level) ** 2 * found.each / 2
    off = math.sqrt(half * (2 * found.value + half))
    most = found.value + half + off
    return expected / most, expected * most / found.value**2


def ratio_bounds(expected: float, findings: float, unseen: float) -> tuple[float, float]:
    """Ends of the sum of scores over the findings of all rows; NaN where there may be no finding at all, for then it has no upper end."""
    if findings <= 0:
        return float("nan"), float("nan")
    return expected / (findings + unseen), expected / findings
