"""Which groups are set beside all other rows, and how surprising the widest of several differences is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from tegenkracht.core.conditions import attribute_of
from tegenkracht.evaluation.bootstrap import Resampled, enough_answered
from tegenkracht.evaluation.bootstrap_t import freedom_of_pulls, jackknife_of
from tegenkracht.evaluation.sample import Grouping
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

POWER = 0.90
"""How often a gap of the smallest size that data can show would be shown."""


@dataclass(frozen=True)
class Contrast:
    """One group beside the rest: which rows belong to it. Rows of which the attribute is not known are on neither side."""

    group: str
    member: Flags
    rest: Flags

    @property
    def attribute(self) -> str:
        """The attribute of the group."""
        return attribute_of(self.group)


def contrasts(groupings: Sequence[Grouping], *, minimum: int, unknown: str) -> Iterator[Contrast]:
    """Every group beside the rest of its attribute; of two groups only the smaller one, for the other says the same.

    Groups of fewer places than the minimum are not set apart, nor one from which the only such group could be worked out; they count with the rest.
    """
    for grouping in groupings:
        known = [value for value, name in enumerate(grouping.values) if name != unknown]
        large = [
            v for v, gone in zip(known, too_small(grouping.places[known], minimum=minimum), strict=True) if not gone
        ]
        if len(known) == 2 and len(large) == 2:
            large = [min(large, key=lambda value: (grouping.sizes[value], value))]
        of_known = np.isin(grouping.of_row, known)
        for value in large:
            member = grouping.of_row == value
            rest = of_known & ~member
            if rest.any():
                yield Contrast(grouping.name(value), member, rest)


@dataclass(frozen=True)
class Simultaneous:
    """Several differences seen together.

    Parameters
    ----------
    error
        Standard error of each, as `errors_of` gives it; NaN for those that take no part.
    freedom
        Degrees of freedom of each error.
    critical
        How many standard errors each may stray before the widest of all strays by chance, at the level.
    corrected
        How often chance alone gives, among all of them, a difference as rare as each; NaN for those that take no part.
    """

    error: Floats
    freedom: Floats
    critical: Floats
    corrected: Floats

    @property
    def chance(self) -> float:
        """How often chance alone gives a widest difference as wide as the one that was seen; NaN where none takes part."""
        taking = self.corrected[np.isfinite(self.corrected)]
        return float(taking.min()) if taking.size else math.nan

    @property
    def detectable(self) -> Floats:
        """The smallest true differences that these data would show nine times in ten."""
        return np.asarray((self.critical + t.ppf(POWER, self.freedom)) * self.error)


def freedom_of(parts: Floats) -> float:
    r"""Degrees of freedom of an error over clusters, from how much of a difference each cluster carries: :math:`(\sum_c h_c)^2/\sum_c h_c^2 - 1`.

    As many as there are clusters less one when all carry as much, and few when few carry most. With few, normal quantiles raise too many alarms
    (Bell & McCaffrey 2002, Survey Methodology 28; the effective number of clusters of Carter, Schnepel & Steigerwald 2017, Review of Economics and
    Statistics 99). At least one.

    Examples
    --------
    >>> freedom_of(np.ones(20))
    19.0
    """
    together = float((parts**2).sum())
    return max(float(parts.sum()) ** 2 / together - 1, 1.0) if together else 1.0


def errors_of(number: Resampled, freedom: Floats) -> Floats:
    """The standard error of each difference; NaN without spread, or where too few replicates have an answer for an interval.

    Clusters that are drawn from themselves spread as if each knew its mean: of n that carry as much the variance is (n - 1) / n of what it should be, and
    freedom is n - 1 (Bell & McCaffrey 2002).
    """
    answered = np.isfinite(number.point) & np.array([enough_answered(column) for column in number.replicates.T], bool)
    error = np.full(number.point.shape, np.nan)
    error[answered] = np.nanstd(number.replicates[:, answered], axis=0, ddof=1)
    return np.where(error > 0, error * np.sqrt(1 + 1 / freedom), np.nan)


def seen_together(number: Resampled, *, freedom: Floats, level: float, chances: Floats | None = None) -> Simultaneous:
    """How the widest of several differences compares with what chance gives (the smallest chance of Romano & Wolf 2005, and Westfall & Young 1993).

    Each difference gets the chance that Student's distribution gives it; replicates tell how differences go together.

    Parameters
    ----------
    number
        Differences, shape (difference,). Those without an error (`errors_of`) take no part; a replicate without an answer does not stray.
    freedom
        Degrees of freedom of the error of each.
    chances
        How often chance alone gives each as large as it is, where something else than its error says that.
    """
    error = errors_of(number, freedom)
    takes_part = np.isfinite(error)
    if not takes_part.any():
        return Simultaneous(error, freedom, np.full(error.shape, np.nan), np.full(error.shape, np.nan))
    replicates = number.replicates[:, takes_part]
    spread = np.nanstd(replicates, axis=0, ddof=1)
    strays = np.nan_to_num(np.abs((replicates - np.nanmean(replicates, axis=0)) / spread)).max(1)
    if chances is None:
        chances = 2 * t.sf(np.abs(number.point / error), freedom)
    rare = 2 * norm.sf(strays)
    critical = t.isf(np.quantile(rare, 1 - level) / 2, freedom)
    as_rare = (1 + np.searchsorted(np.sort(rare), chances, side="right")) / (1 + rare.size)
    return Simultaneous(error, freedom, critical, np.where(takes_part, as_rare, np.nan))


def smallest_shown(number: Resampled, *, level: float) -> float | None:
    """The smallest true difference whose interval would leave zero out nine times in ten; None when this one never moves, or has no answer.

    Parameters
    ----------
    number
        One difference, with its jackknife: the error's degrees of freedom are what the clusters are worth.

    Raises
    ------
    ValueError
        When the jackknife was not taken.
    """
    left_out = jackknife_of(number)
    freedom = np.array([freedom_of_pulls(left_out.mean() - left_out)])
    least = float(seen_together(number[None], freedom=freedom, level=level).detectable[0])
    return least if math.isfinite(least) else None
