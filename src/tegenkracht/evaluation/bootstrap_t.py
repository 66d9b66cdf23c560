"""Intervals of a difference that a few clusters carry: Student's, with as many degrees of freedom as the clusters are worth.

With few clusters the middle of the replicates is too narrow: it takes their spread for the true one, which is itself hardly known.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from tegenkracht.evaluation.bootstrap import ANSWERED, Resampled

Floats = NDArray[np.float64]


def student_interval(number: Resampled, *, level: float) -> tuple[float, float] | None:
    """The number, plus and minus Student's quantile times the spread of its replicates; None when too many replicates have no answer.

    Parameters
    ----------
    number
        One number, with its jackknife.

    Raises
    ------
    ValueError
        When the jackknife was not taken.
    """
    if number.left_out is None:
        raise ValueError("Student's interval reads the jackknife: resample with jackknife=True.")
    answered = number.replicates[np.isfinite(number.replicates)]
    if answered.size < max(2, ANSWERED * number.replicates.size) or not np.isfinite(number.left_out).all():
        return None
    freedom = freedom_of_pulls(number.left_out.mean() - number.left_out)
    reach = float(t.ppf((1 + level) / 2, freedom) * answered.std(ddof=1))
    value = float(number.point)
    return value - reach, value + reach


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
