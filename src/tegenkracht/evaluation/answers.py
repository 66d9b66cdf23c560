"""How many independent answers the shares of groups are worth, when answers have weights and those of one strip are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.contrast import freedom_of
from tegenkracht.evaluation.estimates import About, with_interval
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.worth import part_told

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
    alike
        How alike any two answers of one cluster are, from all groups together: 0 not at all and 1 the same.
    """

    share: Floats
    worth: Floats
    count: Floats
    alike: float = 0.0

    @property
    def found(self) -> Floats:
        """How many of the independent answers are yes."""
        return self.share * self.worth

    def only(self, groups: Ints) -> Answers:
        """Some of the groups."""
        return Answers(self.share[groups], self.worth[groups], self.count[groups], self.alike)


def told_of_clusters(cluster: Ints, *, level: float) -> float:
    """What a worth that is told by answers of these clusters is to be multiplied by: as many degrees of freedom as clusters carry answers (Korn & Graubard 1998)."""
    return float(part_told(freedom_of(np.bincount(cluster).astype(np.float64)), level=level)) if cluster.size else 1.0


def share_of_answers(answers: Answers, group: int, metric: str, about: About, *, told: float, level: float) -> Estimate:
    """The share of one group, with Wilson's interval at what its answers are worth, as far as clusters tell that (`told_of_clusters`)."""
    share, n = float(answers.share[group]), int(answers.count[group])
    ends = wilson_interval(share, told * float(answers.worth[group]), level=level)
    return with_interval(share, ends, metric, about, n=n, level=level, method="labelled")


def answers_of(*, group: Ints, groups: int, cluster: Ints, once: Ints, yes: Floats, weight: Floats) -> Answers:
    r"""Shares of groups with what they are worth.

    Answers of one cluster are alike: with :math:`\rho` how alike any two are, the variance of a weighted share is
    :math:`p(1-p)\,[\sum w^2 + \rho(\sum_c W_c^2 - \sum w^2)]/W^2`, with :math:`W_c` the weight of cluster `c` (Kish 1965, sections 5.4 and 11.7; with equal
    weights and clusters of `m` this is his :math:`1+(m-1)\rho`). One :math:`\rho` is estimated from all groups together, since one group of a few strips
    says little of it: what clusters move, :math:`\frac{c}{c-1}\sum_c z_c^2` with :math:`z_c=\sum_{i\in c} w_i(y_i-p)` (Cochran 1977, section 11.9), above
    what independent answers would. A group with large strips is then worth less than one of single places.

    Parameters
    ----------
    group, cluster, once
        Of each line the number of its group, of its cluster, and of what was looked at: lines of a group with the same `once` are one answer.
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
    pair, first, place = np.unique(_paired(group, once), return_index=True, return_inverse=True)
    group, cluster = group[first], cluster[first]
    stands_for = _sums(place, weight, pair.size)
    yes, weight = over(_sums(place, weight * yes, pair.size), stands_for, none=0.0), stands_for
    total, count = _sums(group, weight, groups), _sums(group, np.ones(len(group)), groups)
    share = over(_sums(group, weight * yes, groups), total, none=0.0)
    of_group, inside, moved = _clusters(group, cluster, weight, weight * (yes - share[group]))
    clusters = _sums(of_group, np.ones(len(of_group)), groups)
    alone, together = _sums(group, weight**2, groups), _sums(of_group, inside**2, groups)
    several, spread = clusters > 1, share * (1 - share)
    measured = _sums(of_group, moved**2, groups) * over(clusters, clusters - 1, none=0.0)
    above = (measured - spread * alone * over(count, count - 1, none=0.0))[several].sum()
    possible = (spread * (together - alone))[several].sum()
    alike = float(np.clip(above / possible, 0, 1)) if possible > 0 else 0.0
    return Answers(share, over(total**2, alone + alike * (together - alone), none=0.0), count, alike)


def _clusters(group: Ints, cluster: Ints, weight: Floats, off: Floats) -> tuple[Ints, Floats, Floats]:
    """Of each cluster within a group: the group, the weight, and what its answers move the share."""
    pair, first, place = np.unique(_paired(group, cluster), return_index=True, return_inverse=True)
    inside, moved = (_sums(place, values, pair.size) for values in (weight, off))
    return group[first], inside, moved


def _paired(first: Ints, second: Ints) -> Ints:
    """One number for each pair of numbers, in order of the first and then of the second."""
    return first * (int(second.max(initial=0)) + 1) + second


def _sums(of: Ints, values: Floats, length: int) -> Floats:
    return np.bincount(of, values, minlength=length).astype(np.float64)
