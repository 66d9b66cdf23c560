"""Two shares beside each other: their gap with an interval, the chance of such a gap when there is none, and the smallest gap that could be seen.

What is not said here is how many answers a share rests on: visits of one strip are alike, so that a thousand rows can be worth a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.parts import difference_interval, share_known

_TINY = 1e-12


def newcombe_interval(share: float, n: float, other: float, other_n: float, *, level: float) -> tuple[float, float]:
    r"""Interval for the difference of two independent shares, from Wilson's interval of each.

    :math:`d - \sqrt{(p_1-l_1)^2 + (u_2-p_2)^2}` to :math:`d + \sqrt{(u_1-p_1)^2 + (p_2-l_2)^2}` (Newcombe 1998, Statistics in Medicine 17,
    873-890, method 10): it stays within -1 and 1, and keeps its coverage where groups are small.

    Parameters
    ----------
    n, other_n
        How many answers either share rests on.

    Examples
    --------
    >>> low, high = newcombe_interval(56 / 70, 70, 48 / 80, 80, level=0.95)  # Newcombe's table II, example a
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    return difference_interval(share_known(share, n, level=level), share_known(other, other_n, level=level))


def score_of_gap(share: float, n: float, other: float, other_n: float) -> float:
    r"""How many errors two groups lie apart, with the error that they have when their rate is the same; 0 when nothing differs.

    :math:`z = (p_1-p_2)/\sqrt{\bar p(1-\bar p)(1/n_1+1/n_2)}` (Fleiss, Levin & Paik 2003, section 3.1, without the continuity correction).

    Examples
    --------
    >>> round(score_of_gap(0.8, 70, 0.6, 80), 3)
    2.65
    """
    together = (share * n + other * other_n) / (n + other_n)
    spread = together * (1 - together) * (1 / n + 1 / other_n)
    return 0.0 if spread <= 0 else (share - other) / math.sqrt(spread)


def chance_of_gap(share: float, n: float, other: float, other_n: float) -> float:
    """How often two groups with one and the same rate are at least this far apart, both ways: the score test. 1 when nothing differs.

    Examples
    --------
    >>> round(chance_of_gap(0.8, 70, 0.6, 80), 4)
    0.008
    """
    return math.erfc(abs(score_of_gap(share, n, other, other_n)) / math.sqrt(2))


def smallest_visible_gap(
    rate: float, n: float, reference_n: float, *, level: float, power: float, up: bool
) -> float | None:
    r"""How far another group must lie above (`up`) or below a reference group with this rate, for a test at this level to show it with this chance.

    None when no gap that way would be: groups of few answers, or a rate so low that not even a rate of nought would be told from it.

    The :math:`d` that solves :math:`d = z_{1-\alpha/2}\sqrt{\bar p\bar q(1/n_1+1/n_2)} + z_{power}\sqrt{p_1q_1/n_1 + p_2q_2/n_2}` with
    :math:`p_2` the rate, :math:`p_1 = p_2 \pm d` and :math:`\bar p` their mean over all answers (Fleiss, Levin & Paik 2003, section 4.2).
    Away from a half shares vary less, so that a smaller gap is enough; but there is also less room.

    Examples
    --------
    >>> round(smallest_visible_gap(0.26, 335, 335, level=0.95, power=0.8, up=True), 3)
    0.1
    """
    return smallest_gap_beyond(reach_of(level), NormalDist().inv_cdf(power), rate, n, reference_n, up=up)


def smallest_gap_beyond(
    critical: float, reach: float, rate: float, n: float, reference_n: float, *, up: bool
) -> float | None:
    """The same for a test that shows a gap of so many errors, and so many more that it is to lie away from there."""
    sign, most = (1.0, 1 - rate) if up else (-1.0, rate)

    def short(d: float) -> float:
        other = rate + sign * d
        together = (other * n + rate * reference_n) / (n + reference_n)
        none = math.sqrt(max(together * (1 - together), 0.0) * (1 / n + 1 / reference_n))
        some = math.sqrt(max(other * (1 - other), 0.0) / n + rate * (1 - rate) / reference_n)
        return d - critical * none - reach * some

    if most <= _TINY or short(most) < 0:
        return None
    return float(brentq(short, _TINY, most)) if short(_TINY) < 0 else 0.0


def answers_behind(share: float, low: float, high: float, *, level: float) -> float:
    r"""How many answers a share with this interval rests on, when it is Wilson's: :math:`z^2 e(1-e)/(e-p)^2` at either end; the lesser of both when it is not.

    Examples
    --------
    >>> round(answers_behind(0.1, 0.0552285, 0.1743657, level=0.95))
    100
    """
    ends = [(end * (1 - end), (end - share) ** 2) for end in (low, high) if 0 < end < 1 and end != share]
    return min((reach_of(level) ** 2 * spread / off for spread, off in ends), default=1.0)


def holm(chances: Sequence[float]) -> NDArray[np.float64]:
    """Chances corrected for looking as often as there are chances (Holm 1979): at most `alpha` of all looks is wrong when none differs.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(chances, np.float64)
    order = np.argsort(given, kind="stable")
    corrected = np.maximum.accumulate(given[order] * (given.size - np.arange(given.size)))
    out = np.empty(given.size)
    out[order] = np.minimum(corrected, 1.0)
    return out
