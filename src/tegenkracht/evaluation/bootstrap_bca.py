"""Intervals that correct for bias and for a spread that changes with the value (BCa).

Efron, J. Amer. Stat. Assoc. 1987; Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 14. The acceleration comes from
leaving out clusters, in groups of equal size when there are many: one point of the jackknife then leaves out a group.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from tegenkracht.evaluation.bootstrap import ANSWERED

Floats = NDArray[np.float64]


def bca_interval(point: float, replicates: Floats, left_out: Floats, *, level: float) -> tuple[float, float] | None:
    """Ends of the bias-corrected and accelerated interval of one number; None where the correction does not exist.

    Parameters
    ----------
    left_out
        The number at each point of the jackknife.

    Notes
    -----
    Replicates that equal the point count half below it, so that a number with few values has no bias of its own making.
    """
    answered = replicates[np.isfinite(replicates)]
    if answered.size == 0 or answered.size < ANSWERED * replicates.size or not np.isfinite(left_out).all():
        return None
    below = float((answered < point).mean() + (answered == point).mean() / 2)
    if not 0 < below < 1:
        return None
    bias, pull = float(norm.ppf(below)), left_out.mean() - left_out
    spread = float((pull**2).sum())
    acceleration = float((pull**3).sum()) / (6 * spread**1.5) if spread else 0.0
    ends = [_adjusted(float(norm.ppf(at)), bias, acceleration) for at in ((1 - level) / 2, (1 + level) / 2)]
    if any(math.isnan(end) for end in ends):
        return None
    low, high = np.quantile(answered, ends)
    return float(low), float(high)


def _adjusted(z: float, bias: float, acceleration: float) -> float:
    """Which quantile of the replicates to take; NaN where the acceleration is too strong."""
    stretch = 1 - acceleration * (bias + z)
    return float(norm.cdf(bias + (bias + z) / stretch)) if stretch > 0 else math.nan
