"""How many independent answers the shares of groups are worth, when answers have weights and those of one strip are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """Per group, the share of answers that are yes.

    Parameters
    ----------
    share
        Weighted share; 0 where there are no answers.
    worth
        How many independent answers of equal weight would be as sure; 0 where there are no answers.
    count
        Answers as they were counted.
    """

    share: Floats
    worth: Floats
    count: Floats

    @property
    def found(self) -> Floats:
        """How many of the independent answers are yes."""
        return self.share * self.worth

    def only(self, groups: Ints) -> Answers:
        """Some of the groups."""
        return Answers(self.share[groups], self.worth[groups], self.count[groups])


def answers_of(*, group: Ints, groups: int, cluster: Ints, once: Ints, yes: Floats, weight: Floats) -> Answers:
    r"""Shares of groups with what they are worth.

    The variance of a weighted share is that of a ratio with clusters drawn (Cochran 1977, Sampling Techniques, section 11.9):
    :math:`\frac{c}{c-1}\sum_c z_c^2/W^2` with :math:`z_c=\sum_{i\in c} w_i(y_i-p)`. What this is above the variance of independent answers with the same
    weights, :math:`\frac{n}{n-1}p(1-p)\sum w^2/W^2` (Kish 1965), is taken over all groups together, since one group of a few strips says little of it.
    A group is never worth more than the `n` different things that were looked at.

    Parameters
    ----------
    group, cluster, once
        Of each line the number of its group, of its cluster, and of what was looked at: lines with the same `once` are one answer.
    groups
        How many groups there are.
    yes, weight
        Of each line the answer, 0 to 1, and what it stands for, above 0.

    Examples
    --------
    Two visits to each of two places, which say the same: the group is worth two answers.

    >>> line = np.array([0, 0, 1, 1])
    >>> one = answers_of(group=0 * line, groups=1, cluster=line, once=line, yes=np.array([1.0, 1, 0, 0]), weight=np.ones(4))
    >>> one.share.tolist(), one.worth.tolist(), one.count.tolist()
    ([0.5], [2.0], [2.0])
    """
    total: Floats = np.bincount(group, weight, minlength=groups).astype(np.float64)
    share = _over(np.bincount(group, weight * yes, minlength=groups).astype(np.float64), total)
    squares: Floats = np.bincount(group, weight**2, minlength=groups).astype(np.float64)
    count = _different(group, once, groups)
    off = weight * (yes - share[group])
    pair, place = np.unique(np.column_stack([group, cluster]), axis=0, return_inverse=True)
    moved = np.bincount(place.ravel(), off, minlength=len(pair)) ** 2
    clusters = np.bincount(pair[:, 0], minlength=groups).astype(np.float64)
    several = clusters > 1
    seen = np.bincount(pair[:, 0], moved, minlength=groups)
    measured = (seen * _over(clusters, clusters - 1.0))[several].sum()
    independent = (share * (1 - share) * squares * _over(count, count - 1.0))[several].sum()
    design = max(1.0, measured / independent) if independent > 0 else 1.0
    return Answers(share, np.minimum(_over(total**2, squares) / design, count), count)


def _over(part: Floats, whole: Floats) -> Floats:
    out: Floats = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return out


def _different(group: Ints, once: Ints, groups: int) -> Floats:
    """Different things that were looked at, per group."""
    pairs = np.unique(np.column_stack([group, once]), axis=0)
    return np.bincount(pairs[:, 0], minlength=groups).astype(np.float64)
