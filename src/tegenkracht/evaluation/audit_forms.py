"""Figures of the audit in the forms that do not stop at where somebody went: of visits weighed by their recorded chance, of visits by lot, and as bounds.

Of one model, at every list length that the audit looks at, for attributes, their crossings and sectors. What attributes by themselves have at capacity is a
headline figure and is not said again: `weighted`, `bounds_everyone`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import attribute_of
from tegenkracht.core.drawing import Lists, VisitsBy
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import at_of_rates
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.audit import lengths
from tegenkracht.evaluation.bootstrap import PLAIN, Resampling, resample
from tegenkracht.evaluation.bounds_of_groups import BoundsOfGroups
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.crossings import Groups, groups_of
from tegenkracht.evaluation.estimates import About, rounded
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.weighed import Weighed
from tegenkracht.evaluation.weighed_gaps import FORMS
from tegenkracht.evaluation.weighted_groups import GroupFigures, ToldOfGroups

Floats = NDArray[np.float64]


def audit_forms(
    scores: Scores,
    weighed: Weighed | None,
    *,
    model: str,
    probability: bool,
    capacity: int,
    lists: Lists,
    visits_by: VisitsBy,
    intersections: Sequence[tuple[str, str]],
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    how: Resampling = PLAIN,
) -> tuple[Estimate, ...]:
    """What a visit finds, precision and both kinds of error per group, and at capacity their gaps to the largest group; for probabilities expected over found.

    Nothing when the study has no audit attributes, and only bounds when rows are visits that were scheduled.

    Parameters
    ----------
    weighed, visits_by
        As `weighted_estimates` takes them.
    intersections
        Pairs of audit attributes whose combinations are groups of their own.
    """
    if not scores.audit:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by="unit_id" if visits_by == "inspection_id" else visits_by)
    sizes = lengths(capacity, longest=int(np.bincount(sample.lists).max()))
    own = sample.scores[model]
    asked = _Asked(
        sample,
        groups_of(sample, intersections=intersections, minimum=minimum),
        {size: listed_share(sample, own, capacity=size) for size in sizes},
        model,
        capacity,
        own if probability else None,
    )
    found = [*asked.bounds()]
    if weighed is not None:
        for form in FORMS:
            figures = asked.figures(weighed, form, visits_by)
            sums = resample(
                {"groups": figures.statistic()},
                clusters=figures.drawn.things,
                replicates=replicates,
                seed=seed,
                threads=threads,
                progress=silent,
                how=replace(how, jackknife=True),
            )["groups"]
            found += asked.told(ToldOfGroups(figures, sums, figures.visits(), asked.hidden, level))
    return tuple(rounded(estimate) for estimate in found)


@dataclass(frozen=True)
class _Asked:
    """Groups and lists of one model.

    Parameters
    ----------
    shares
        How much of each row is on the list, by its length.
    chances
        Scores, where they are meant as chances.
    """

    sample: Sample
    groups: Groups
    shares: dict[int, Floats]
    model: str
    capacity: int
    chances: Floats | None

    @property
    def hidden(self) -> list[NDArray[np.bool_]]:
        """Per grouping, which of its groups are withheld."""
        return [self.groups.hidden(grouping) for grouping in self.groups.groupings]

    @property
    def _attributes(self) -> set[str]:
        """Attributes by themselves."""
        return {grouping.attribute for grouping in self.sample.groupings}

    def bounds(self) -> Iterator[Estimate]:
        """What outcomes that nobody saw allow."""
        all_groups = BoundsOfGroups(self.sample, self.groups)
        yield from self._new(all_groups.found())
        for size, share in self.shares.items():
            yield from self._new(all_groups.of_list(share, self._at(size), gaps=size == self.capacity))
        if self.chances is not None:
            yield from all_groups.expected(self.chances, About(self.model))

    def figures(self, weighed: Weighed, form: Method, visits_by: VisitsBy) -> GroupFigures:
        """Visits in one form."""
        drawn = weighed.drawn(form, self.sample, visits_by)
        return GroupFigures(self.groups.groupings, weighed, form, drawn, np.column_stack([*self.shares.values()]))

    def told(self, of: ToldOfGroups) -> Iterator[Estimate]:
        """What one form says."""
        yield from self._new(of.of_data())
        for place, size in enumerate(self.shares):
            yield from self._new(of.of_list(place, self._at(size), gaps=size == self.capacity))
        if self.chances is not None:
            yield from of.expected(self.chances, About(self.model))

    def _at(self, size: int) -> About:
        return About(self.model, at=f"capacity={size}")

    def _new(self, estimates: Iterator[Estimate]) -> Iterator[Estimate]:
        """Those that are not a headline figure: of crossings and sectors, or of a list of another length."""
        headline = ("", f"capacity={self.capacity}")
        for estimate in estimates:
            if attribute_of(estimate.group) not in self._attributes or at_of_rates(estimate.at) not in headline:
                yield estimate
