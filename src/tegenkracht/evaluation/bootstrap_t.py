"""Intervals of a difference that a few clusters carry: Student's, with as many degrees of freedom as the clusters are worth.

With few clusters the middle of the replicates is too narrow: it takes their spread for the true one, which is itself hardly known.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from tegenkracht.evaluation.bootstrap import ANSWERED, Resampled

Floats = NDArray[np.float64]


def jackknife_of(number: Resampled) -> Floats:
    """The number at each point of the jackknife.

    Raises
    ------
    ValueError
        When the jackknife was not taken.
    """
    if number.left_out is None:
        raise ValueError("How far each cluster pulls is read from the jackknife: resample with jackknife=True.")
    return number.left_out


def freedom_of_pulls(pulls: Floats) -> float:
    r"""Degrees of freedom of an error from how far each cluster pulls the number: :math:`3 (\sum p^2)^2/\sum p^4 - 2`, at most one less than there are clusters.

    Satterthwaite's (1946, Biometrics Bulletin 2) :math:`(\sum \sigma_c^2)^2/\sum \sigma_c^4`, where pulls that are normal have
    :math:`E \sum p^4 = 3 \sum \sigma_c^4` and :math:`E (\sum p^2)^2 = (\sum \sigma_c^2)^2 + 2 \sum \sigma_c^4`. At least one.

    Examples
    --------
    >>> freedom_of_pulls(np.array([1.0, -1.0, 1.0, -1.0]))
    3.0
    >>> freedom_of_pulls(np.array([5.0, 0.0, 0.0, 0.0]))
    1.0
    """
    fourth = float((pulls**4).sum())
    if not fourth or math.isnan(fourth):
        return max(pulls.size - 1.0, 1.0)
    return min(max(3 * float((pulls**2).sum()) ** 2 / fourth - 2, 1.0), max(pulls.size - 1.0, 1.0))


def freedom_of_few(pulls: Floats) -> float:
    r"""The same where pulls are those of things that were seen or not, few of which count: :math:`2 / \sum (p^2/\sum p^2 - 1/n)^2`, at least one.

    The sum of squares then varies as its terms are there or not, and a variance that is known with :math:`\nu` degrees of freedom has a logarithm with variance
    :math:`2/\nu` (Satterthwaite 1946).

    Examples
    --------
    >>> freedom_of_few(np.array([1.0, -1.0, 0.0, 0.0]))
    8.0
    >>> freedom_of_few(np.array([1.0, -1.0]))
    inf
    """
    squares = pulls**2
    if not squares.sum():
        return np.inf
    parts = squares / squares.sum()
    spread = float(((parts - parts.mean()) ** 2).sum())
    return max(2 / spread, 1.0) if spread else np.inf


def student_interval(
    number: Resampled, *, level: float, freedom: Callable[[Floats], float] = freedom_of_pulls
) -> tuple[float, float] | None:
    """The number, plus and minus Student's quantile times the spread of its replicates; None when too many replicates have no answer.

    Parameters
    ----------
    number
        One number, with its jackknife.
    freedom
        Degrees of freedom from how far each cluster pulls the number.

    Raises
    ------
    ValueError
        When the jackknife was not taken.
    """
    left_out = jackknife_of(number)
    answered = number.replicates[np.isfinite(number.replicates)]
    if answered.size < max(2, ANSWERED * number.replicates.size) or not np.isfinite(left_out).all():
        return None
    reach = float(stdtrit(freedom(left_out.mean() - left_out), (1 + level) / 2) * answered.std(ddof=1))
    value = float(number.point)
    return value - reach, value + reach


def student_interval_of_odds(share: Resampled, *, nearest: float, level: float) -> tuple[float, float] | None:
    """Student's interval on the scale of log-odds, so that it stays between zero and one and is wider on the side where there is more room.

    None also when every replicate is the same: then nothing tells how far the share may be off.

    Parameters
    ----------
    share
        A number between zero and one, with its jackknife.
    nearest
        How near to zero or one a number is taken to be at most: the odds of a share of one are not known.

    Examples
    --------
    >>> share = Resampled(np.array(0.5), np.array([0.4, 0.5, 0.6]), np.array([0.4, 0.5, 0.6]))
    >>> low, high = student_interval_of_odds(share, nearest=0.01, level=0.5)
    >>> round(low + high, 6)
    1.0
    """
    ends = student_interval(share.each(lambda p: logit(np.clip(p, nearest, 1 - nearest))), level=level)
    if ends is None or ends[0] == ends[1]:
        return None
    value, low, high = float(share.point), float(expit(ends[0])), float(expit(ends[1]))
    return min(value, low), max(value, high)
