"""Whether groups are treated alike, for every group, crossing of two attributes and sector: at several list lengths, small groups pooled.

Two kinds of numbers. Figures as they were counted, with the bootstrap's interval. The same figures of all groups of one attribute at once
(`pooled`): small groups lean on the others; their gaps (`apart`) do not lean, and each comes with the smallest gap that these data could show and with
how often chance alone gives as much. The same figures of weighed visits, and as bounds, are `audit_forms`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.areas import area_estimates
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, resample
from tegenkracht.evaluation.capacity import FINDINGS, LENGTH, VISITS
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.crossings import SECTOR, Groups, groups_of, sum_of_groups
from tegenkracht.evaluation.estimates import About, estimate_of, nothing, rounded
from tegenkracht.evaluation.families import Family, Share, gaps_by_chance, untold, worth_of_groups
from tegenkracht.evaluation.kernel_groups import walk_groups
from tegenkracht.evaluation.pooling import pooled_rates
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.sample import Grouping, Sample, by_score, sample_of

Floats = NDArray[np.float64]

TIMES = (0.5, 1, 2, 4)
"""List lengths that are looked at, as multiples of the capacity."""
OF_DATA = ("inspected_share", "finding_rate")
OF_LIST = ("selection_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
NEEDS_NO_OUTCOME = ("inspected_share", "selection_rate")
SEEN_SCORE, SCORE = 3, 4
"""Columns after `LENGTH, VISITS, FINDINGS`: scores of visited rows, and of all."""


def lengths(capacity: int, *, longest: int) -> tuple[int, ...]:
    """List lengths that are looked at: a half of the capacity to four times it, and no longer than the longest list.

    Examples
    --------
    >>> lengths(100, longest=250)
    (50, 100, 200, 250)
    """
    return tuple(sorted({max(1, min(round(times * capacity), longest)) for times in TIMES} | {capacity}))


def listed_statistic(
    sample: Sample, scores: Floats, groups: Groups, counting: Counting, *, sizes: Sequence[int]
) -> Statistic:
    """What lists of each size hold of each group, in one walk: (size, group, 3)."""
    rows, starts, new_score = by_score(scores, sample.list_slices)
    columns, cluster = counting.columns[rows], sample.cluster[rows]
    of_group, at = groups.of_row[:, rows].copy(), np.array(sizes, np.int64)
    count = int(groups.starts[-1])

    def statistic(draw: Draw) -> Floats:
        out = np.zeros((len(draw.counts), at.size, count, 3))
        walk_groups(draw.by_cluster, cluster, columns, new_score, starts, at, of_group, out)
        return out

    return statistic


def whole_statistic(sample: Sample, scores: Floats, groups: Groups, counting: Counting) -> Statistic:
    """Everything of each group: (group, 5), the last two the scores of rows that were visited, and of all."""
    columns = np.column_stack([counting.columns, scores * counting.seen, scores * counting.everyone])
    return sum_of_groups(columns, cluster=sample.cluster, groupings=groups.groupings)


def audit_estimates(
    scores: Scores,
    *,
    model: str,
    probability: bool,
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    intersections: Sequence[tuple[str, str]],
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    progress: Progress,
) -> tuple[Estimate, ...]:
    """Audits of one model; nothing when the study has no audit attributes.

    Parameters
    ----------
    intersections
        Pairs of audit attributes whose combinations are groups of their own.
    probability
        Whether scores are meant as chances, so that expected over found means something.
    """
    if not scores.audit:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    groups = groups_of(sample, intersections=intersections, minimum=minimum)
    sizes = lengths(capacity, longest=int(np.bincount(sample.lists).max()))
    counting, own = Counting.plain(sample), sample.scores[model]
    numbers = resample(
        {
            "listed": listed_statistic(sample, own, groups, counting, sizes=sizes),
            "whole": whole_statistic(sample, own, groups, counting),
        },
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    audit = Audit(groups, numbers["listed"], numbers["whole"], sizes, model, capacity, level, seed)
    found = [
        *audit.counted(probability=probability),
        *audit.pooled(),
        *area_estimates(sample, model, capacity=capacity, sizes=sizes, minimum=minimum, level=level, seed=seed),
    ]
    return tuple(rounded(estimate) for estimate in found)


@dataclass(frozen=True)
class Audit:
    """Counts of every group, as estimates.

    Parameters
    ----------
    listed, whole
        Resampled (size, group, 3) and (group, 5).
    """

    groups: Groups
    listed: Resampled
    whole: Resampled
    sizes: tuple[int, ...]
    model: str
    capacity: int
    level: float
    seed: int

    def counted(self, *, probability: bool) -> Iterator[Estimate]:
        """Figures as counted: of crossings and sectors at every length, of attributes at the lengths that are not the capacity."""
        for grouping in self.groups.groupings:
            known = grouping.attribute in self._attributes
            if not known:
                for metric in OF_DATA:
                    yield from self._levels(grouping, metric, self._share(grouping, metric, 0), About())
                yield from self._means(grouping, "labelled", SEEN_SCORE, VISITS)
            yield from self._means(grouping, "sample", SCORE, LENGTH)
            for k, size in enumerate(self.sizes):
                if not (known and size == self.capacity):
                    for metric in OF_LIST:
                        about = About(self.model, at=f"capacity={size}")
                        yield from self._levels(grouping, metric, self._share(grouping, metric, k), about)
            if probability:
                yield from self._expected(grouping)

    def pooled(self) -> Iterator[Estimate]:
        """Figures of all groups of a grouping at once, their gaps to the largest group, and what chance and these data can do; else why not."""
        families = []
        for g, grouping in enumerate(self.groups.groupings):
            for m, metric in enumerate((*OF_DATA, *OF_LIST)):
                family = self._family(grouping, metric, np.random.default_rng([self.seed, g, m]))
                if isinstance(family, Family):
                    families.append(family)
                else:
                    yield from family
        chances = holm([chance for family in families for chance in family.chances.values()])
        widest = holm([family.largest.chance for family in families])
        at = 0
        for family, beyond in zip(families, widest, strict=True):
            corrected = dict(zip(family.chances, chances[at : at + len(family.chances)], strict=True))
            at += len(family.chances)
            yield from family.estimates(corrected, float(beyond), looks=len(chances))

    def _family(self, grouping: Grouping, metric: str, rng: np.random.Generator) -> Family | Iterator[Estimate]:
        """One figure of one grouping; estimates without a number when fewer than two groups can be shown, or the largest cannot."""
        share = self._share(grouping, metric, self.sizes.index(self.capacity))
        hidden = self.groups.hidden(grouping)
        reasons = self.groups.why(grouping, share.base.point)
        shown = np.flatnonzero([not reason for reason in reasons])
        reference = int(np.argmax(grouping.sizes))
        about = About() if metric in OF_DATA else About(self.model, at=f"capacity={self.capacity}")
        if shown.size < 2 or reasons[reference]:
            return untold(grouping, metric, about, reasons=reasons, reference=reference)
        usable = np.flatnonzero(~hidden & (share.base.point > 0))
        worth, p = worth_of_groups(share, usable, reference), share.number.point
        return Family(
            grouping=grouping,
            metric=metric,
            about=about,
            share=share.number.point,
            base=share.base.point,
            worth=worth,
            usable=usable,
            reasons=tuple(reasons),
            reference=reference,
            level=self.level,
            rates=pooled_rates(p[usable] * worth.alone[usable], worth.alone[usable], rng),
            by_chance=gaps_by_chance(p[shown], worth.apart[shown], rng),
        )

    @property
    def _attributes(self) -> set[str]:
        """Groupings that are attributes by themselves."""
        crossed = set(self.groups.crossings)
        return {g.attribute for g in self.groups.groupings if g.attribute not in crossed and g.attribute != SECTOR}

    def _share(self, grouping: Grouping, metric: str, k: int) -> Share:
        part = self.groups.part(grouping)
        top, whole = self.listed[k, part], self.whole[part]
        return {
            "inspected_share": lambda: Share(whole[:, VISITS], whole[:, LENGTH]),
            "finding_rate": lambda: Share(whole[:, FINDINGS], whole[:, VISITS]),
            "selection_rate": lambda: Share(top[:, LENGTH], whole[:, LENGTH]),
            "precision_at_capacity": lambda: Share(top[:, FINDINGS], top[:, VISITS]),
            "false_positive_rate": lambda: Share(
                top[:, VISITS] - top[:, FINDINGS], whole[:, VISITS] - whole[:, FINDINGS]
            ),
            "false_negative_rate": lambda: Share(whole[:, FINDINGS] - top[:, FINDINGS], whole[:, FINDINGS]),
        }[metric]()

    def _levels(self, grouping: Grouping, metric: str, share: Share, about: About) -> Iterator[Estimate]:
        method: Method = "sample" if metric in NEEDS_NO_OUTCOME else "labelled"
        base = share.base.point
        yield from self._of_groups(
            grouping, metric, share.number, about, base=base, n=base, why_not="base_under_minimum", method=method
        )

    def _means(self, grouping: Grouping, method: Method, score: int, base: int) -> Iterator[Estimate]:
        """Average score, of visited rows or of all."""
        whole, about = self.whole[self.groups.part(grouping)], About(self.model)
        mean, n = whole[:, score] / whole[:, base], whole.point[:, base]
        yield from self._of_groups(
            grouping, "mean_score", mean, about, base=n, n=n, why_not="nobody_visited", method=method, share=False
        )

    def _expected(self, grouping: Grouping) -> Iterator[Estimate]:
        """Findings that the scores expect over those that there were, among visited rows."""
        whole, about = self.whole[self.groups.part(grouping)], About(self.model)
        ratio, (found, n) = whole[:, SEEN_SCORE] / whole[:, FINDINGS], whole.point[:, [FINDINGS, VISITS]].T
        metric = "expected_observed_ratio"
        yield from self._of_groups(
            grouping, metric, ratio, about, base=found, n=n, why_not="no_findings", method="labelled", share=False
        )

    def _of_groups(
        self,
        grouping: Grouping,
        metric: str,
        number: Resampled,
        about: About,
        *,
        base: Floats,
        n: Floats,
        why_not: str,
        method: Method,
        share: bool = True,
    ) -> Iterator[Estimate]:
        """A figure of every group (group,), or why it is withheld.

        Parameters
        ----------
        base
            What it may not have too few of (group,).
        n
            On how many rows it rests (group,).
        why_not
            The reason where there is no number.
        """
        for value, reason in enumerate(self.groups.why(grouping, base)):
            own = replace(about, group=grouping.name(value))
            if reason:
                yield nothing(reason, metric, own, n=0, method=method)
            else:
                yield estimate_of(
                    number[value],
                    metric,
                    own,
                    n=n[value],
                    level=self.level,
                    why_not=why_not,
                    share=share,
                    method=method,
                )
