"""What visits find, precision and both kinds of error per audit group, and gaps to the largest group, of visits that have weights: all lists and groups at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.bootstrap import Resampled, Statistic
from tegenkracht.evaluation.crossings import sum_of_groups
from tegenkracht.evaluation.estimates import About, estimate_of, nothing, with_interval
from tegenkracht.evaluation.expected_ratio import ratio_interval
from tegenkracht.evaluation.part_of_whole import (
    Weight,
    at_least_as_if_unseen,
    each_of_share,
    part_interval,
    worth_of_part,
)
from tegenkracht.evaluation.parts import Known, correlation_of, difference_interval
from tegenkracht.evaluation.sample import Grouping
from tegenkracht.evaluation.score_interval import Counted, score_interval
from tegenkracht.evaluation.weighed import FEW, FEW_FOUND, NONE, Drawn, Weighed
from tegenkracht.evaluation.worth_of_visits import VisitsWorth, worth_of

Floats = NDArray[np.float64]

FIGURES = ("precision_at_capacity", "false_positive_rate", "false_negative_rate")
"""Of a list."""
OF_DATA = "finding_rate"
"""Of all visits to a group."""
_UNSEEN: Mapping[str, str] = {
    OF_DATA: "group_not_visited",
    "precision_at_capacity": "nobody_visited",
    "false_positive_rate": "no_clear_visits",
    "false_negative_rate": "no_findings",
}
"""Why there is no figure of a group when there was no visit that it could rest on."""


@dataclass(frozen=True)
class GroupFigures:
    """Visits in one form with the lists that they went to.

    Parameters
    ----------
    groupings
        Attributes, crossings or sectors.
    drawn
        What the bootstrap draws.
    shares
        How much of each row is on each list (row, list).
    """

    groupings: Sequence[Grouping]
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
        groupings = [grouping.only(row) for grouping in self.groupings]
        build = partial(sum_of_groups, cluster=self.drawn.of_line[lines], groupings=groupings)
        return self.drawn.sums(build, columns, lines)

    def visits(self) -> Floats:
        """Different visits of each group (group, 2 lists + 2): to each list, elsewhere for each list, and anywhere with and without a finding."""
        share = self._kinds()
        return np.concatenate(
            [
                self.weighed.visits_by(
                    self.form, share, grouping.of_row[self.weighed.row].astype(np.int64), len(grouping.values)
                )
                for grouping in self.groupings
            ]
        )

    def visited(self) -> NDArray[np.bool_]:
        """Whether there was a visit of each such kind to each group (group, 2 lists + 2), also one without a weight."""
        share = self._kinds()
        of_line = [(grouping.of_row[self.weighed.row], len(grouping.values)) for grouping in self.groupings]
        return np.concatenate(
            [np.stack([(share[own == value] > 0).any(axis=0) for value in range(groups)]) for own, groups in of_line]
        )

    def _kinds(self) -> Floats:
        """How much of each line is a visit to each list, elsewhere for each list, and anywhere with and without a finding (line, 2 lists + 2)."""
        on_list, found = self.shares[self.weighed.row], self.weighed.positive[:, None] > 0
        return np.column_stack([on_list, 1 - on_list, found, ~found])

    def worth(self) -> VisitsWorth | None:
        """What visits of each group are worth by the model (group, 2 lists + 1): to each list, elsewhere for each list, and anywhere.

        None when more than single visits is drawn.
        """
        on_list = self.shares[self.weighed.row]
        share = np.column_stack([on_list, 1 - on_list, np.ones(len(on_list))])
        of_line = [grouping.of_row[self.weighed.row] for grouping in self.groupings]
        members = [
            np.flatnonzero(own == value)
            for own, grouping in zip(of_line, self.groupings, strict=True)
            for value in range(len(grouping.values))
        ]
        each = [self.weighed.worth(self.form, self.drawn, share, lines=lines) for lines in members]
        known = [one for one in each if one is not None]
        if not known:
            return None
        return VisitsWorth(
            np.stack([one.modelled for one in known]),
            np.stack([one.found for one in known]),
            np.stack([one.each for one in known], axis=1),
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
    hidden
        Per grouping, which of its groups are withheld (group,).
    """

    figures: GroupFigures
    sums: Resampled
    visits: Floats
    hidden: Sequence[NDArray[np.bool_]]
    level: float

    def of_data(self) -> Iterator[Estimate]:
        """What a visit to each group would find, and the gaps to the largest group."""
        told = [(self._found_anywhere(group),) for group in range(len(self._groups))]
        yield from (figure for figures in told for figure in figures)
        yield from self._gaps(told, {OF_DATA: self.anywhere.replicates}, {OF_DATA: self._worth_anywhere}, at="")

    def of_list(self, place: int, about: About, *, gaps: bool = True) -> Iterator[Estimate]:
        """Three figures of each group and their gaps to the largest group, for the list that stands in this place."""
        told = [tuple(self._of_group(group, place, about)) for group in range(len(self._groups))]
        yield from (figure for figures in told for figure in figures)
        if gaps:
            replicates = {metric: rates[:, :, place] for metric, rates in self._rates.items()}
            yield from self._gaps(told, replicates, self._worths(place), at=about.at)

    def expected(self, scores: Floats, about: About) -> Iterator[Estimate]:
        """Findings that scores (row,) expect of each group over those that there were; told where ten were to be expected, and there was one."""
        weighed, form, metric, lists = self.figures.weighed, self.figures.form, "expected_observed_ratio", self._lists
        weight, totals, hoped = weighed.weight[form] * scores[weighed.row], [], []
        for grouping in self.figures.groupings:
            of_row, groups = grouping.of_row.astype(np.int64), len(grouping.values)
            totals += np.bincount(of_row[weighed.row], weight, minlength=groups).tolist()
            hoped += weighed.expected_by(form, scores, of_row, groups).tolist()
        for group, (name, hidden) in enumerate(self._groups):
            anywhere = slice(2 * lists, None)
            own, n = replace(about, group=name), float(self.visits[group, anywhere].sum())
            found = self._found_weight(group)
            if hidden:
                yield nothing("group_under_minimum", metric, own, n=0, method=form)
            elif n < FEW or hoped[group] < FEW_FOUND:
                yield nothing(
                    "few_visits" if n else self._none(group, OF_DATA, anywhere), metric, own, n=0, method=form
                )
            elif not found.value > 0:
                yield nothing("no_findings", metric, own, n=n, method=form)
            else:
                ends = ratio_interval(totals[group], found, level=self.level)
                yield with_interval(totals[group] / found.value, ends, metric, own, n=n, level=self.level, method=form)

    def _found_weight(self, group: int) -> Weight:
        """Weight of visits to a group with a finding, and what one of them weighs."""
        value = float(self.sums.point[group, -2])
        if self.worth is not None:
            return Weight(value, float(self.worth.each[0, group, 2 * self._lists]))
        n = np.float64(self.visits[group, 2 * self._lists :].sum())
        return Weight(value, float(each_of_share(self.sums[group, -2], self.sums[group, -1], n, level=self.level)))

    def _worths(self, place: int) -> dict[str, Floats]:
        """What each figure of a list is worth (group,)."""
        on, off, groups = self.on_list, self.elsewhere, range(len(self._groups))
        for_nothing = [worth_of_part(*self._clear(group, place)) for group in groups]
        missed = [worth_of_part(off.found(group, place), on.found(group, place)) for group in groups]
        return dict(zip(FIGURES, (on.worth[:, place], np.array(for_nothing), np.array(missed)), strict=True))

    def _gaps(
        self,
        told: Sequence[tuple[Estimate, ...]],
        replicates: Mapping[str, Floats],
        worth: Mapping[str, Floats],
        *,
        at: str,
    ) -> Iterator[Estimate]:
        """Every figure of a group less that of the largest group of its attribute.

        Parameters
        ----------
        replicates
            Of each figure (replicate, group).
        worth
            How many answers each figure is worth (group,).
        """
        first = 0
        for grouping in self.figures.groupings:
            reference = int(np.argmax(grouping.sizes))
            versus = joined(at, f"versus={grouping.values[reference]}")
            for value in range(len(grouping.values)):
                if value != reference:
                    pair = (first + value, first + reference)
                    for one, other in zip(*(told[group] for group in pair), strict=True):
                        yield self._gap(one, other, versus, replicates[one.metric][:, pair], worth[one.metric][[*pair]])
            first += len(grouping.values)

    def _found_anywhere(self, group: int) -> Estimate:
        form, lists, (name, hidden) = self.figures.form, self._lists, self._groups[group]
        if hidden:
            return nothing("group_under_minimum", OF_DATA, About(group=name), n=0, method=form)
        n = float(self.visits[group, 2 * lists :].sum())
        worth, none = float(self._worth_anywhere[group]), self._none(group, OF_DATA, slice(2 * lists, None))
        return self._share(self.anywhere[group], OF_DATA, About(group=name), n=n, worth=worth, none=none)

    @cached_property
    def _worth_anywhere(self) -> Floats:
        """What the visits to each group are worth for what they find (group,)."""
        anywhere, visits, place = self.sums[:, -2:], self.visits[:, 2 * self._lists :].sum(axis=1), 2 * self._lists
        return np.array(
            [
                worth_of(anywhere[group, 0], anywhere[group, 1], n, self.worth, (group, place), level=self.level)
                for group, n in enumerate(visits)
            ]
        )

    def _of_group(self, group: int, place: int, about: About) -> Iterator[Estimate]:
        form, lists, (name, hidden) = self.figures.form, self._lists, self._groups[group]
        about = replace(about, group=name)
        if hidden:
            yield from (nothing("group_under_minimum", metric, about, n=0, method=form) for metric in FIGURES)
            return
        found, clear = (float(self.visits[group, 2 * lists + column]) for column in range(2))
        yield self._share(
            self.on_list.share[group, place],
            FIGURES[0],
            about,
            n=float(self.visits[group, place]),
            worth=float(self.on_list.worth[group, place]),
            none=self._none(group, FIGURES[0], slice(place, place + 1)),
        )
        yield self._for_nothing(group, place, about, n=clear)
        yield self._missed(group, place, about, n=found)

    def _gap(self, one: Estimate, other: Estimate, at: str, replicates: Floats, worth: Floats) -> Estimate:
        """How far a group lies from another.

        The interval is the score interval of two shares that are worth so much; where more than single visits is drawn, it is made of those of both and of how they
        go together in the draws (replicate, 2).
        """
        metric, about, form = f"{one.metric}_gap", About(one.model, at=at, group=one.group), self.figures.form
        mine, theirs = _known(one), _known(other)
        if mine is None or theirs is None:
            missing = one if mine is None else other
            return nothing(missing.note, metric, about, n=missing.n, method=form)
        gap, n = mine.value - theirs.value, min(one.n, other.n)
        if self.figures.drawn.visits:
            shares = Counted(1.0, mine.value, float(worth[0])), Counted(-1.0, theirs.value, float(worth[1]))
            ends = score_interval(shares, level=self.level)
        else:
            ends = difference_interval(mine, theirs, correlation=correlation_of(*replicates.T))
        return with_interval(gap, ends, metric, about, n=n, level=self.level, method=form)

    @cached_property
    def _rates(self) -> dict[str, Floats]:
        """Replicates of each figure (replicate, group, list)."""
        on, off = self.on_list, self.elsewhere
        rates = (on.share, self.on_list_of_clear, off.hits / (on.hits + off.hits))
        return {metric: rate.replicates for metric, rate in zip(FIGURES, rates, strict=True)}

    @property
    def _lists(self) -> int:
        return int(self.figures.shares.shape[1])

    @cached_property
    def _groups(self) -> list[tuple[str, bool]]:
        """Names, and whether they are withheld."""
        names = [g.name(value) for g in self.figures.groupings for value in range(len(g.values))]
        return list(zip(names, (bool(gone) for hidden in self.hidden for gone in hidden), strict=True))

    @cached_property
    def on_list(self) -> _Visits:
        """Visits to each list."""
        lists = self._lists
        return self._visits(self.sums[:, :lists], self.sums[:, lists : 2 * lists], slice(lists))

    @cached_property
    def elsewhere(self) -> _Visits:
        """Visits to what is not on each list."""
        lists = self._lists
        hits, weight = self.sums[:, -2:-1], self.sums[:, -1:]
        return self._visits(hits - self.on_list.hits, weight - self.on_list.weight, slice(lists, 2 * lists))

    def _visits(self, hits: Resampled, weight: Resampled, columns: slice) -> _Visits:
        n = self.visits[:, columns]
        worth = worth_of(hits, weight, n, self.worth, (slice(None), columns), level=self.level)
        return _Visits(hits, weight, hits / weight, worth, self._each(hits, weight, columns))

    def _each(self, hits: Resampled, weight: Resampled, columns: slice) -> Floats:
        """What a visit with a finding weighs and one without (2, group, list): by the model, or from how their part of all weight varies over the draws."""
        if self.worth is not None:
            return self.worth.each[:, :, columns]
        everywhere, n = self.sums[:, -1:], self.visits[:, 2 * self._lists :].sum(axis=1)[:, None]
        return np.stack([each_of_share(kind, everywhere, n, level=self.level) for kind in (hits, weight - hits)])

    @cached_property
    def worth(self) -> VisitsWorth | None:
        """What visits are worth by the model."""
        return self.figures.worth()

    @cached_property
    def anywhere(self) -> Resampled:
        """What visits to each group find, on a list or not."""
        return self.sums[:, -2] / self.sums[:, -1]

    @cached_property
    def on_list_of_clear(self) -> Resampled:
        """Of visits without a finding, the share that went to each list (group, list)."""
        listed, off = (visits.weight - visits.hits for visits in (self.on_list, self.elsewhere))
        return listed / (listed + off)

    def _none(self, group: int, metric: str, kinds: slice) -> str:
        """Why a figure rests on no visit at all: nobody went, or those who did have no weight in this form."""
        form = self.figures.form
        if form == "audit" or self._visited[group, kinds].any():
            return NONE[form]
        return _UNSEEN[metric]

    @cached_property
    def _visited(self) -> NDArray[np.bool_]:
        """Whether each group was visited in each way, also without a weight."""
        return self.figures.visited()

    def _share(self, share: Resampled, metric: str, about: About, *, n: float, worth: float, none: str) -> Estimate:
        """A share of visits, with Wilson's interval at what they are worth; `none` is the reason when there are no visits."""
        form, level = self.figures.form, self.level
        if n < FEW:
            return nothing("few_visits" if n else none, metric, about, n=0, method=form)
        return estimate_of(share, metric, about, n=n, level=level, why_not=none, share=True, method=form, worth=worth)

    def _for_nothing(self, group: int, place: int, about: About, *, n: float) -> Estimate:
        """Of visits without a finding, the part that went to the list."""
        form, metric, clear = self.figures.form, FIGURES[1], 2 * self._lists + 1
        if n < FEW:
            none = self._none(group, metric, slice(clear, clear + 1))
            return nothing("few_visits" if n else none, metric, about, n=0, method=form)
        return self._part(*self._clear(group, place), metric, about, n=n)

    def _clear(self, group: int, place: int) -> tuple[Weight, Weight]:
        """Weight of visits without a finding, on the list and elsewhere.

        What a visit with a finding weighs is expected from all visits to the list; that of one without rests on these alone, and they may be one or two.
        """
        on, off = (visits.clear(group, place) for visits in (self.on_list, self.elsewhere))
        level = self.level
        return at_least_as_if_unseen(on, off, level=level), at_least_as_if_unseen(off, on, level=level)

    def _missed(self, group: int, place: int, about: About, *, n: float) -> Estimate:
        """Of what there is to find, the part that is not on the list."""
        form, metric, found = self.figures.form, FIGURES[2], 2 * self._lists
        if n < FEW_FOUND:
            none = self._none(group, metric, slice(found, found + 1))
            return nothing("few_visits" if n else none, metric, about, n=0, method=form)
        part, rest = (visits.found(group, place) for visits in (self.elsewhere, self.on_list))
        return self._part(part, rest, metric, about, n=n)

    def _part(self, part: Weight, rest: Weight, metric: str, about: About, *, n: float) -> Estimate:
        whole, form = part.value + rest.value, self.figures.form
        if not whole:
            return nothing(NONE[form], metric, about, n=n, method=form)
        ends = part_interval(part, rest, level=self.level)
        return with_interval(part.value / whole, ends, metric, about, n=n, level=self.level, method=form)


def _known(estimate: Estimate) -> Known | None:
    """A figure with the ends of its interval, when it has them."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return Known(estimate.value, estimate.low, estimate.high)


@dataclass(frozen=True)
class _Visits:
    """Visits of each group, for each list.

    Parameters
    ----------
    hits, weight, share, worth
        The weight of those with a finding and of all, what they find, and how many visits that is worth (group, list).
    each
        What a visit with a finding weighs and one without (2, group, list).
    """

    hits: Resampled
    weight: Resampled
    share: Resampled
    worth: Floats
    each: Floats

    def found(self, group: int, place: int) -> Weight:
        """Weight of visits with a finding of one group and list."""
        return Weight(float(self.hits.point[group, place]), float(self.each[0, group, place]))

    def clear(self, group: int, place: int) -> Weight:
        """The same without a finding."""
        return Weight(
            float(self.weight.point[group, place] - self.hits.point[group, place]), float(self.each[1, group, place])
        )
