"""Precision and both kinds of error per audit group, of visits that have weights: of all lists and groups at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.bootstrap import Resampled, Statistic
from tegenkracht.evaluation.crossings import sum_of_groups
from tegenkracht.evaluation.estimates import About, estimate_of, nothing, with_interval
from tegenkracht.evaluation.parts import Known, part_interval, weight_known
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.evaluation.weighed import FEW, FEW_FOUND, NONE, Drawn, Weighed
from tegenkracht.evaluation.worth import worth_of_shares

Floats = NDArray[np.float64]

FIGURES = ("precision_at_capacity", "false_positive_rate", "false_negative_rate")


@dataclass(frozen=True)
class GroupFigures:
    """Visits in one form with the lists that they went to.

    Parameters
    ----------
    drawn
        What the bootstrap draws.
    shares
        How much of each row is on each list (row, list).
    """

    sample: Sample
    weighed: Weighed
    form: Method
    drawn: Drawn
    shares: Floats

    def statistic(self) -> Statistic:
        """Per group (group, 2 lists + 2): weight of findings on each list, of all visits on each list, and both everywhere."""
        lines = self.weighed.with_weight(self.form)
        anywhere, row = self.weighed.of_lines(self.form)[lines], self.weighed.row[lines]
        listed = self.shares[row]
        columns = np.column_stack([listed * anywhere[:, :1], listed * anywhere[:, 1:], anywhere])
        groupings = [replace(grouping, of_row=grouping.of_row[row]) for grouping in self.sample.groupings]
        return sum_of_groups(columns, cluster=self.drawn.of_line[lines], groupings=groupings)

    def visits(self) -> Floats:
        """Different visits of each group (group, 2 lists + 2): to each list, elsewhere for each list, and anywhere with and without a finding."""
        on_list, found = self.shares[self.weighed.row], self.weighed.positive[:, None] > 0
        share = np.column_stack([on_list, 1 - on_list, found, ~found])
        return np.concatenate(
            [
                self.weighed.visits_by(
                    self.form, share, grouping.of_row[self.weighed.row].astype(np.int64), len(grouping.values)
                )
                for grouping in self.sample.groupings
            ]
        )


@dataclass(frozen=True)
class ToldOfGroups:
    """What `GroupFigures` gave, as estimates.

    Parameters
    ----------
    sums
        Its statistic, resampled.
    visits
        Its visits.
    """

    figures: GroupFigures
    sums: Resampled
    visits: Floats
    at: str
    minimum: int
    level: float

    def estimates(self, place: int, model: str) -> Iterator[Estimate]:
        """Three figures of each group, for the list that stands in this place."""
        form, lists = self.figures.form, self._lists
        for group, (name, hidden) in enumerate(self._groups):
            about = About(model, at=self.at, group=name)
            if hidden:
                yield from (nothing("group_under_minimum", metric, about, n=0, method=form) for metric in FIGURES)
                continue
            yield self._precision(group, place, about)
            listed, off = self.on_list.known(group, place), self.elsewhere.known(group, place)
            found, clear = (float(self.visits[group, 2 * lists + column]) for column in range(2))
            yield self._error("false_positive_rate", about, listed.clear, off.clear, n=clear, fewest=FEW)
            yield self._error("false_negative_rate", about, off.found, listed.found, n=found, fewest=FEW_FOUND)

    @property
    def _lists(self) -> int:
        return int(self.figures.shares.shape[1])

    @cached_property
    def _groups(self) -> list[tuple[str, bool]]:
        """Names, and whether they are withheld."""
        groupings = self.figures.sample.groupings
        hidden = [bool(gone) for g in groupings for gone in too_small(g.sizes, minimum=self.minimum)]
        names = [g.name(value) for g in groupings for value in range(len(g.values))]
        return list(zip(names, hidden, strict=True))

    @cached_property
    def on_list(self) -> _Visits:
        """Visits to each list."""
        lists = self._lists
        return _Visits(self.sums[:, :lists], self.sums[:, lists : 2 * lists], self.visits[:, :lists], self.level)

    @cached_property
    def elsewhere(self) -> _Visits:
        """Visits to what is not on each list."""
        lists = self._lists
        hits, weight = self.sums[:, -2:-1], self.sums[:, -1:]
        n = self.visits[:, lists : 2 * lists]
        return _Visits(hits - self.on_list.hits, weight - self.on_list.weight, n, self.level)

    def _precision(self, group: int, place: int, about: About) -> Estimate:
        form, n = self.figures.form, float(self.visits[group, place])
        if n < FEW:
            return nothing("few_visits" if n else NONE[form], FIGURES[0], about, n=n, method=form)
        share = self.on_list.share[group, place]
        return estimate_of(share, FIGURES[0], about, n=n, level=self.level, why_not=NONE[form], share=True, method=form)

    def _error(self, metric: str, about: About, part: Known, rest: Known, *, n: float, fewest: int) -> Estimate:
        """The part that is wrong of a whole, with the interval that follows from both parts."""
        form, whole = self.figures.form, part.value + rest.value
        if n < fewest:
            return nothing("few_visits" if n else NONE[form], metric, about, n=n, method=form)
        if not whole:
            return nothing(NONE[form], metric, about, n=n, method=form)
        ends = part_interval(part, rest)
        return with_interval(part.value / whole, ends, metric, about, n=n, level=self.level, method=form)


class _Weights(NamedTuple):
    """Weight with and without a finding."""

    found: Known
    clear: Known


@dataclass(frozen=True)
class _Visits:
    """Some visits of each group, for each list: the weight of those with a finding and of all, and how many there are (group, list)."""

    hits: Resampled
    weight: Resampled
    n: Floats
    level: float

    @cached_property
    def share(self) -> Resampled:
        """What they find."""
        return self.hits / self.weight

    @cached_property
    def _worth(self) -> Floats:
        return worth_of_shares(self.share, self.n, level=self.level)

    def known(self, group: int, place: int) -> _Weights:
        """Weights of one group and list, from Wilson's interval of the share at what the visits are worth; zero without visits."""
        weight = float(self.weight.point[group, place])
        if not weight:
            return _Weights(Known(0.0, 0.0, 0.0), Known(0.0, 0.0, 0.0))
        hits, worth = float(self.hits.point[group, place]), float(self._worth[group, place])
        return _Weights(
            *(weight_known(part / weight, weight, worth, level=self.level) for part in (hits, weight - hits))
        )
