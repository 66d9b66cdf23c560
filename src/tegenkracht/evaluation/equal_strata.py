"""A group beside the rest at equal strata: the share of each, what it is worth, and what that says of the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, stdtr, stdtrit

from tegenkracht.evaluation.answers import answers_of
from tegenkracht.evaluation.contrast import POWER, freedom_of
from tegenkracht.evaluation.proportions import newcombe_interval, score_of_gap, smallest_gap_beyond
from tegenkracht.evaluation.worth import equal_answers, part_told

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

_SURE = 0.05
"""How often the error that a smallest difference rests on may be larger than is reckoned with."""


@dataclass(frozen=True)
class Beside:
    """Two shares, standardised to the same strata.

    Parameters
    ----------
    share, other
        Of the group, and of the rest; their difference is Mantel & Haenszel's (`label_audit.gap_statistic`).
    worth, other_worth
        How many independent answers each is worth.
    freedom
        Degrees of freedom of the error of the difference.
    together
        How far both shares go up and down together, as clusters have visits of both: the correlation of two visits, one of each side, that are picked by weight;
        no more than leaves the difference as uncertain as single answers do.
    """

    share: float
    other: float
    worth: float
    other_worth: float
    freedom: float
    together: float = 0.0

    @property
    def spread(self) -> float:
        """The variance of one answer of the group."""
        return self.share * (1 - self.share)

    @property
    def other_spread(self) -> float:
        """The variance of one answer of the rest."""
        return self.other * (1 - self.other)

    @property
    def apart(self) -> float:
        """The variance of the difference if the two shares did not move together."""
        return self.spread / self.worth + self.other_spread / self.other_worth

    def at_least(self, error: float) -> Beside:
        """The same, worth no more than this error of the difference says; NaN says nothing.

        What shares are worth tells how far answers of one cluster are alike, in both groups together, and what clusters move in both shares drops out of the
        difference; draws of clusters also know what they do to one group. Where few clusters hold most of what is found, either may be too low by itself
        (decision 38).
        """
        likely = self.apart - 2 * self.together * math.sqrt(self.spread * self.other_spread)
        likely = max(likely, error**2)  # in this order: a number is kept where the other is NaN
        factor = likely / self.apart if likely > 0 and self.apart > 0 else 1.0
        return replace(self, worth=self.worth / factor, other_worth=self.other_worth / factor)

    def interval(self, *, level: float) -> tuple[float, float]:
        """Newcombe's, with Student's quantile for Wilson's normal one (Korn & Graubard 1998)."""
        known = float(part_told(self.freedom, level=level))
        return newcombe_interval(self.share, self.worth * known, self.other, self.other_worth * known, level=level)

    @property
    def chance(self) -> float:
        """How often two equal shares lie so far apart, both ways: the score test, with Student's distribution."""
        score = abs(score_of_gap(self.share, self.worth, self.other, self.other_worth))
        return 2 * float(stdtr(self.freedom, -score))

    def smallest(self, critical: float) -> float | None:
        """The smallest difference that is shown nine times in ten, whichever way it points; None when no difference would be.

        It rests on the share of the rest and not on the difference that was seen: a group in which little happened to be found has a small error, and a
        difference that such an error promises to show is missed. An error is itself estimated; it may be as large as its upper limit, or what is stated would be too
        little just where the error came out small.

        Parameters
        ----------
        critical
            How many errors the difference must be away from zero.
        """
        reach = float(stdtrit(self.freedom, POWER))
        least = float(chdtri(self.freedom, 1 - _SURE)) / self.freedom
        each = [
            smallest_gap_beyond(critical, reach, self.other, self.worth * least, self.other_worth * least, up=up)
            for up in (True, False)
        ]
        return max((gap for gap in each if gap is not None), default=None)


def beside(positive: Floats, stratum: Codes, member: Flags, cluster: Codes) -> Beside | None:
    r"""The shares of a group and of all other visits at equal strata; None when no stratum has visits of both.

    A visit of the group counts with :math:`w_b/n_{1b}` and one of the rest with :math:`w_b/n_{0b}`, where :math:`w_b = n_{1b} n_{0b}/(n_{1b} + n_{0b})`.

    Parameters
    ----------
    positive, stratum, member, cluster
        Per visit of the group or of the rest: what was found, the number of its stratum from 0, whether it is one of the group, and the number of its cluster.
    """
    side, length = member.astype(np.int64), int(stratum.max()) + 1
    of_side = np.array([np.bincount(stratum[side == s], minlength=length) for s in (0, 1)]).astype(np.float64)
    weight = of_side.prod(axis=0) / np.maximum(of_side.sum(axis=0), 1)
    on = np.flatnonzero(weight[stratum] > 0)
    if not on.size:
        return None
    side, stratum, cluster = side[on], stratum[on], cluster[on]
    counts = weight[stratum] / of_side[side, stratum]
    answers = answers_of(
        group=side,
        groups=2,
        cluster=cluster,
        once=np.arange(on.size),
        yes=positive[on],
        weight=counts,
    )
    (other, share), (other_worth, worth) = answers.share.tolist(), answers.worth.tolist()
    of_cluster = [np.bincount(cluster, counts * (side == s), minlength=int(cluster.max()) + 1) for s in (0, 1)]
    together = answers.alike * float(of_cluster[0] @ of_cluster[1]) / float(of_cluster[0].sum() * of_cluster[1].sum())
    both = Beside(share, other, worth, other_worth, freedom_of(_carried(side, stratum, cluster)))
    alone = replace(both, worth=equal_answers(counts[side == 1]), other_worth=equal_answers(counts[side == 0]))
    spread = 2 * math.sqrt(both.spread * both.other_spread)
    return replace(both, together=min(together, (both.apart - alone.apart) / spread) if spread else 0.0)


def _carried(side: Codes, stratum: Codes, cluster: Codes) -> Floats:
    """How much of the difference each cluster carries.

    Mantel & Haenszel's difference is the slope on being in the group when every stratum has a level of its own: a visit counts with the square of how far it is
    from the group's part of its stratum.
    """
    part = np.bincount(stratum, side) / np.maximum(np.bincount(stratum), 1)
    carried: Floats = np.bincount(cluster, (side - part[stratum]) ** 2).astype(np.float64)
    return carried
