"""How many independent answers a share is worth: fewer than there are, when answers have unequal weights or hang together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.bootstrap_t import jackknife_of

Floats = NDArray[np.float64]


def equal_answers(weight: Floats) -> float:
    """How many answers of equal weight these are worth (Kish 1965); none without any weight.

    Examples
    --------
    >>> equal_answers(np.array([2.0, 2.0, 0.0])), equal_answers(np.array([3.0, 1.0]))
    (2.0, 1.6)
    """
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def effective_size(share: Resampled, n: float, *, level: float) -> float:
    """What one share of `n` answers is worth for an interval at this level, as `worth_of_shares` counts it; of none or of all it is all `n`.

    Examples
    --------
    >>> share = Resampled(np.array(0.5), np.array([0.4, 0.6, 0.4, 0.6]))
    >>> round(effective_size(share, 100, level=0.95), 6)
    25.0
    """
    return float(worth_of_shares(share, np.float64(n), np.float64(n), level=level))


def worth_of_shares(shares: Resampled, n: Floats | np.float64, still: Floats | np.float64, *, level: float) -> Floats:
    r"""What shares of `n` answers are worth (…): what their variance says, and never more than there are (Kish 1965).

    A share of none or of all is the same in every replicate, which says nothing of what it is worth: that is `still` then.

    How much the variance is above that of equal answers is itself estimated, from few answers when a few carry most of the weight. With the jackknife
    that is counted too: what they are worth times :math:`(z/t_\nu)^2`, with Student's quantile for :math:`\nu` degrees of freedom (Korn & Graubard 1998,
    Survey Methodology 24) as `freedom_of_worth` gives them, in place of those of a design.
    """
    p, variance = shares.point, variance_of(shares.replicates)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = p * (1 - p) / variance
        if shares.left_out is not None:
            worth = worth * part_told(freedom_of_worth(shares), level=level)
    return np.asarray(np.where(variance == 0, still, np.fmin(n, worth)))


def equal_draws(weight: Resampled, n: Floats | np.float64) -> Floats:
    r"""How many answers of equal weight `n` of them are worth (…), by how their weight varies: :math:`T^2/V`, and never more than there are.

    Of things with weight :math:`W_c` that are drawn with replacement, :math:`V = \sum W_c^2 - T^2/C`, so that this is :math:`T^2/\sum W_c^2` (Kish 1965) where
    few of the :math:`C` have any weight. Nothing is asked of how answers of one thing go together: they count as one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.fmin(n, weight.point**2 / variance_of(weight.replicates)))


def part_told(freedom: Floats | float, *, level: float) -> Floats:
    r"""What a worth that is known with so many degrees of freedom is to be multiplied by (…): :math:`(z/t_\nu)^2` (Korn & Graubard 1998)."""
    return np.asarray((reach_of(level) / stdtrit(freedom, (1 + level) / 2)) ** 2)


def freedom_of_worth(shares: Resampled) -> Floats:
    r"""Degrees of freedom of what shares are worth, :math:`p(1-p)/V`, from its own jackknife (…): infinite when all answers are alike, and at least one.

    With :math:`a_c` what cluster :math:`c` pulls the share and :math:`V = \sum a_c^2`, it pulls :math:`\log(V/p(1-p))` by
    :math:`a_c^2/V - a_c(1-2p)/p(1-p)`, which is the same for every cluster when weights are equal and each answers for itself. A variance that is known
    with :math:`\nu` degrees of freedom has a logarithm with variance :math:`2/\nu` (Satterthwaite 1946).

    Raises
    ------
    ValueError
        When the jackknife was not taken.
    """
    left_out = jackknife_of(shares)
    p, pulls = shares.point, left_out.mean(axis=0) - left_out
    with np.errstate(divide="ignore", invalid="ignore"):
        of_log = pulls**2 / (pulls**2).sum(axis=0) - pulls * (1 - 2 * p) / (p * (1 - p))
        freedom = 2 / ((of_log - of_log.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.where(np.isnan(freedom), np.inf, np.maximum(freedom, 1.0)))


def variance_of(replicates: Floats) -> Floats:
    """Variance over the replicates (replicate, …) that have an answer; NaN where none has."""
    there = ~np.isnan(replicates)
    if there.all():
        return np.asarray(replicates.var(axis=0))
    count = there.sum(axis=0)
    least = np.maximum(count, 1)
    mean = np.where(there, replicates, 0.0).sum(axis=0) / least
    squares = np.where(there, (replicates - mean) ** 2, 0.0).sum(axis=0) / least
    return np.asarray(np.where(count > 0, squares, np.nan))
