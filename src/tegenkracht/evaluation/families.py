"""One figure of all groups of an attribute at once: small groups pooled, gaps, and what chance and these data can do.

Figures of groups lean on each other; gaps do not. Leaning pulls a group that differs towards the others: intervals of gaps then held zero in 99.4 % where
groups were alike, and gaps that were there in 91.0 to 95.0 % per figure (`experiments/validity/README.md`). A gap is asked about one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import SMALLEST
from tegenkracht.evaluation.bootstrap import ANSWERED, Resampled
from tegenkracht.evaluation.estimates import About, exactly, nothing, sampled, with_interval
from tegenkracht.evaluation.pooling import largest_gap_by_chance
from tegenkracht.evaluation.proportions import chance_of_gap, newcombe_interval
from tegenkracht.evaluation.sample import Grouping
from tegenkracht.evaluation.visible_gaps import smallest_gaps
from tegenkracht.evaluation.worth import variance_of

Floats = NDArray[np.float64]

OF_GAP = ("gap", *SMALLEST, "gap_chance")
"""What is told of a gap: itself, the smallest that could be seen each way, and how often chance gives as much."""
_BY_CHANCE = 4_000_000  # answers that are drawn for one largest gap: fewer draws when there are thousands of groups


@dataclass(frozen=True)
class Share:
    """A figure of every group of a grouping: part over base, as counted and as resampled."""

    part: Resampled
    base: Resampled

    @cached_property
    def number(self) -> Resampled:
        """The share."""
        return self.part / self.base


@dataclass(frozen=True)
class Worth:
    """How many independent answers figures are worth.

    Parameters
    ----------
    alone
        Per group, its figure by itself.
    apart, reference
        Per group, its figure and that of the reference group in the gap between the two.
    """

    alone: Floats
    apart: Floats
    reference: Floats


def worth_of_groups(share: Share, usable: NDArray[np.int64], reference: int) -> Worth:
    """Answers that would give the variance of the bootstrap: `p(1-p)/variance`, no more than there are rows.

    Visits to one strip are alike, so that groups are worth less than their rows (Chen, Wakefield & Lumley 2014, Spatial and Spatio-temporal
    Epidemiology 11, on complex samples in hierarchical models). In a gap, what moves both groups the same way drops out, and what moves them
    against each other counts twice: both groups are scaled until the variance of the gap is that of the bootstrap. Groups in which all answers are
    alike have no variance of their own, and get the middle of the others.
    """
    p, n = share.number.point, share.base.point
    spread, variance = np.where(np.isfinite(p), p * (1 - p), 0.0), _variance(share.number.replicates)
    own = (spread > 0) & (variance > 0) & (n > 0)
    design = np.full(p.size, np.nan)
    design[own] = np.maximum(variance[own] * n[own] / spread[own], 1.0)
    design = _filled(design, usable)
    alone = np.maximum(n / design, 1e-9)
    between = _variance(share.number.replicates - share.number.replicates[:, [reference]])
    factor = np.full(p.size, np.nan)
    pairs = own & (between > 0) & own[reference]
    both = spread / alone + spread[reference] / alone[reference]
    factor[pairs] = between[pairs] / both[pairs]
    factor[reference] = np.nan
    factor = _filled(factor, usable)
    return Worth(alone, np.minimum(alone / factor, n), np.minimum(alone[reference] / factor, n[reference]))


def _variance(replicates: Floats) -> Floats:
    """Variance of each column over the replicates that have an answer; NaN where too few have one."""
    enough = np.isfinite(replicates).mean(axis=0) >= ANSWERED
    return np.where(enough, variance_of(replicates), np.nan)


def _filled(values: Floats, usable: NDArray[np.int64]) -> Floats:
    """Values, and the middle of those of usable groups where there is none; 1 when no group has one."""
    known = values[usable][np.isfinite(values[usable])]
    return np.where(np.isfinite(values), values, np.median(known) if known.size else 1.0)


@dataclass(frozen=True)
class Largest:
    """The largest gap between any two groups, as counted, and draws of it when all groups have one rate."""

    gap: float
    by_chance: Floats

    @property
    def chance(self) -> float:
        """How often chance alone gives as much (one draw is added, so that it is never zero: Davison & Hinkley 1997, section 4.2)."""
        return float((1 + np.count_nonzero(self.by_chance >= self.gap - 1e-12)) / (1 + self.by_chance.size))

    def estimates(
        self, metric: str, about: About, *, n: float, level: float, chance: float, method: Method = "sample"
    ) -> Iterator[Estimate]:
        """The gap, the one that chance exceeds rarely, and how often chance gives as much, corrected as the caller says."""
        most = float(np.quantile(self.by_chance, level))
        for name, value in (("", self.gap), ("_by_chance", most), ("_chance", chance)):
            yield exactly(value, f"{metric}_largest_gap{name}", about, n=n, method=method)


def untold(
    grouping: Grouping, metric: str, about: About, *, reasons: Sequence[str], reference: int
) -> Iterator[Estimate]:
    """A figure and its gaps of groups that cannot be compared, without numbers: the group's own reason, or that the other side of the comparison has one."""
    other = "reference_withheld" if reasons[reference] else "no_other_group"
    versus = joined(about.at, f"versus={grouping.values[reference]}")
    for value, own in enumerate(reasons):
        group = replace(about, group=grouping.name(value))
        yield nothing(own or other, metric, group, n=0, method="pooled")
        if value != reference:
            for part in OF_GAP:
                yield nothing(own or other, f"{metric}_{part}", replace(group, at=versus), n=0, method="apart")


def gaps_by_chance(share: Floats, worth: Floats, rng: np.random.Generator) -> Floats:
    """Largest gaps when all groups have the rate that they have together."""
    together = float((share * worth).sum() / worth.sum())
    draws = int(np.clip(_BY_CHANCE // share.size, 500, 4_000))
    return largest_gap_by_chance(worth, min(max(together, 0.0), 1.0), rng, draws=draws)


@dataclass(frozen=True)
class Family:
    """One figure of all groups of a grouping: the set within which gaps are compared.

    Parameters
    ----------
    share, base
        As counted, and on how many rows, per group.
    worth
        How many independent answers that is.
    usable
        Groups that lean on each other; those without a reason in `reasons` are shown.
    rates
        Posterior draws of the usable groups' figures (draw, group).
    by_chance
        Draws of the largest gap when all rates are the same.
    """

    grouping: Grouping
    metric: str
    about: About
    share: Floats
    base: Floats
    worth: Worth
    usable: NDArray[np.int64]
    reasons: tuple[str, ...]
    reference: int
    level: float
    rates: Floats
    by_chance: Floats

    @cached_property
    def shown(self) -> list[int]:
        """Groups whose figure is shown."""
        return [value for value, reason in enumerate(self.reasons) if not reason]

    @cached_property
    def chances(self) -> dict[int, float]:
        """Per group that is shown, how often chance alone gives a gap as large as its own."""
        r = self.reference
        return {
            value: chance_of_gap(self.share[value], self.worth.apart[value], self.share[r], self.worth.reference[value])
            for value in self.shown
            if value != r
        }

    @cached_property
    def largest(self) -> Largest:
        """The largest gap between two groups that are shown."""
        return Largest(float(np.ptp(self.share[self.shown])), self.by_chance)

    def estimates(self, corrected: Mapping[int, float], beyond: float, *, looks: int) -> Iterator[Estimate]:
        """Levels, gaps, smallest visible gaps, chances of gaps, and the largest gap.

        The smallest visible gaps count all `looks` (`smallest_gaps`), so that what is stated and what is called shown are the same.
        """
        for value in range(len(self.reasons)):
            yield self._level(value)
        for value in range(len(self.reasons)):
            if value != self.reference:
                yield from self._gap(value, corrected.get(value), looks)
        about = replace(self.about, at=self._at(f"by={self.grouping.attribute}"))
        n = float(self.base[self.shown].sum())
        yield from self.largest.estimates(self.metric, about, n=n, level=self.level, chance=beyond)

    def _level(self, value: int) -> Estimate:
        about = replace(self.about, group=self.grouping.name(value))
        if self.reasons[value]:
            return nothing(self.reasons[value], self.metric, about, n=0, method="pooled")
        draws = self.rates[:, self._place(value)]
        return sampled(draws, self.metric, about, n=self.base[value], level=self.level, method="pooled")

    def _gap(self, value: int, chance: float | None, looks: int) -> Iterator[Estimate]:
        versus = self._at(f"versus={self.grouping.values[self.reference]}")
        about = replace(self.about, group=self.grouping.name(value), at=versus)
        names = [f"{self.metric}_{part}" for part in OF_GAP]
        if chance is None:
            yield from (nothing(self.reasons[value], name, about, n=0, method="apart") for name in names)
            return
        n, share, other = self.base[value], self.share[value], self.share[self.reference]
        worth, reference = self.worth.apart[value], self.worth.reference[value]
        interval = newcombe_interval(share, worth, other, reference, level=self.level)
        yield with_interval(share - other, interval, names[0], about, n=n, level=self.level, method="apart")
        answers, level = (float(worth), float(reference)), self.level
        yield from smallest_gaps(
            float(other), answers, self.metric, about, n=n, level=level, looks=looks, method="apart"
        )
        yield exactly(chance, names[-1], about, n=n, method="apart")

    def _place(self, value: int) -> int:
        return int(np.flatnonzero(self.usable == value)[0])

    def _at(self, more: str) -> str:
        return joined(self.about.at, more)
