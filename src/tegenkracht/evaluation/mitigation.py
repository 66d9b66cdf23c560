"""What a mitigation does to a gap between groups, what it costs, and whether it holds in the next period.

A mitigated model is compared with the model without it on the same draws, with both lists as they are; for a gap and its change some lists are made
anew in every draw (`mitigation_lists`). The *pair* of groups that a gap is measured between is chosen once, by the model without mitigation and on the
earlier periods only: the group that is hit most and the one that is hit least there. So a gap keeps its sign, and the last period was not used to choose.
Another gap may turn round, or turn in the last period alone, so that every pair of groups is looked at as well, over all periods and in the last one, at a
level that counts how many looks there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampled, Resampling, resample, together
from tegenkracht.evaluation.bootstrap_t import student_interval
from tegenkracht.evaluation.capacity import FINDINGS, LENGTH, VISITS, listed_share
from tegenkracht.evaluation.contrast import smallest_shown
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.estimates import (
    About,
    bounds_between,
    estimate_of,
    nothing,
    rounded,
    smallest_seen,
    with_interval,
)
from tegenkracht.evaluation.mitigation_forms import Form, bounds_of_shift, forms_of
from tegenkracht.evaluation.mitigation_lists import Divided, half_places, kept_divided, refilled_sums
from tegenkracht.evaluation.mitigation_sums import EXPOSED, WIDTH, by_period, list_statistic
from tegenkracht.evaluation.sample import Grouping, Sample, sample_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Harm = Literal["selection_rate", "false_positive_rate", "exposure"]

HARMS: tuple[Harm, ...] = ("selection_rate", "false_positive_rate", "exposure")
"""How often a place of a group is on a list; the same of visited places without a finding; and how many places are on a list at least once in a fold."""
LOOKED: tuple[str, ...] = ("all", "next")
"""Periods in which every pair of groups is looked at; a study that is tested in one period has the first alone."""
BY_DIVISION = "by_division"
"""Note of a gap that a list leaves out by its making: it is divided over the groups by how many places they have."""


@dataclass(frozen=True)
class Pair:
    """Two values of an attribute, by number: the one that is hit more by the model without mitigation, and the one that is hit less."""

    most: int
    least: int


def mitigation_estimates(
    scores: Scores,
    visits: pd.DataFrame | None,
    *,
    base_of: Mapping[str, str],
    divided: Mapping[str, Divided],
    refilled: Collection[str],
    last: Collection[str],
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    replicates: int,
    level: float,
    seed: int,
    min_group: int,
    threads: int,
    progress: Progress,
) -> tuple[Estimate, ...]:
    """Gaps, changes of gaps, and what is found, per mitigated model and the model that it is compared with.

    Parameters
    ----------
    visits
        Every visit of every test row with its recorded chance; None when visits were scheduled.
    base_of
        Per mitigated model, the model without mitigation.
    divided
        Models whose list is divided over groups.
    refilled
        Models with a threshold per group: in every draw their list, and the one that it is compared with, is filled anew to its length.
    last
        Names of the folds of the last test period; empty when there is only one.
    min_group
        Groups, and rates that rest on fewer rows than this, are left out of the choice of a pair.

    Per model and group `exposure`. Per model, harm, attribute and period (`period=all`, `earlier`, `next`): `<harm>_pair_gap`; per mitigated model also
    `<harm>_pair_shift` (its gap minus the other's; where the other's is above zero, below zero is towards no gap, or past it) and `findings_kept` (findings over the
    other's), and before the last period and in it `precision_change` (over all periods a study measures that as `precision_difference`).
    Beside each gap and shift stands `…_detectable`: the smallest true one that these data would show nine times in ten. `<harm>_pairs_gap` and
    `<harm>_pairs_shift` are the same of every pair of groups, over all periods and in the last (`LOOKED`), at a level that is corrected (Bonferroni) for how many
    pairs, harms, attributes and periods there are. What rests on outcomes (`false_positive_rate_…`) also comes `weighted` and by lot (`audit`), and the
    chosen pair's shift over all periods as `bounds` over places that nobody visited.
    """
    if not base_of:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    models = tuple(dict.fromkeys([*base_of.values(), *base_of]))
    listed = {model: listed_share(sample, sample.scores[model], capacity=capacity) for model in models}
    later = np.isin(np.array(sample.folds)[sample.fold], list(last))
    forms = forms_of(visits, sample)
    numbers = resample(
        {
            "": list_statistic(sample, listed, later, Counting.plain(sample)),
            **{form.method: list_statistic(sample, listed, later, form.counting) for form in forms},
            **{
                f"refilled {model}": refilled_sums(sample, sample.scores[model], later, capacity=capacity)
                for name in refilled
                for model in (name, base_of[name])
            },
        },
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=progress,
        how=Resampling("multinomial", "percentile", jackknife=True),
    )
    periods = by_period(numbers[""], one=not last)
    weighed = [(form, by_period(numbers[form.method], one=not last)) for form in forms]
    walked = {
        model: by_period(numbers[f"refilled {model}"], one=not last)
        for name in refilled
        for model in (name, base_of[name])
    }
    of_later = [later[rows[0]] for rows in sample.list_slices]
    list_counts = {"all": len(of_later), "earlier": of_later.count(False), "next": of_later.count(True)}
    told = _Told(
        sample,
        models,
        base_of,
        divided,
        refilled,
        walked,
        listed,
        list_counts,
        later,
        periods,
        weighed,
        capacity,
        min_group,
        level,
    )
    return tuple(rounded(estimate) for estimate in told.everything())


@dataclass(frozen=True)
class _Look:
    """One gap that is looked at: of the chosen pair (`pair`) or of one of all (`pairs`), in a period, and the level of its interval."""

    name: Literal["pair", "pairs"]
    pair: Pair
    period: str
    level: float


@dataclass(frozen=True)
class _Groups:
    """The groups of one attribute: where their sums stand."""

    attribute: str
    where: slice


@dataclass(frozen=True)
class _Told:
    """Sums as estimates."""

    sample: Sample
    models: Sequence[str]
    base_of: Mapping[str, str]
    divided: Mapping[str, Divided]
    refilled: Collection[str]
    walked: Mapping[str, Mapping[str, Resampled]]
    listed: Mapping[str, Floats]
    list_counts: Mapping[str, int]
    later: Flags
    periods: Mapping[str, Resampled]
    weighed: Sequence[tuple[Form, Mapping[str, Resampled]]]
    capacity: int
    minimum: int
    level: float

    def everything(self) -> Iterator[Estimate]:
        """By model: what is found, and per attribute and harm the gap and how it shifted."""
        for model in self.models:
            if model in self.base_of:
                yield from self._yield(model, self.base_of[model])
            for grouping, groups in self._groups:
                yield from self._exposed(model, grouping, groups)
                for harm in HARMS:
                    yield from self._harm(model, grouping, groups, harm)

    @cached_property
    def _groups(self) -> list[tuple[Grouping, _Groups]]:
        """Each attribute, and where the sums of its groups stand."""
        ends = 1 + np.cumsum([len(grouping.values) for grouping in self.sample.groupings])
        return [
            (grouping, _Groups(grouping.attribute, slice(int(end) - len(grouping.values), int(end))))
            for grouping, end in zip(self.sample.groupings, ends, strict=True)
        ]

    def _yield(self, model: str, base: str) -> Iterator[Estimate]:
        """What is found compared with the list of the model without mitigation: how much more before the last period and in it, and as a part."""
        for period, sums in self.periods.items():
            about = About(model, at=f"capacity={self.capacity},versus={base},period={period}")
            mine, theirs = self._of(sums, model)[0], self._of(sums, base)[0]
            if period != "all":
                n, change = mine.point[VISITS], mine[FINDINGS] / mine[VISITS] - theirs[FINDINGS] / theirs[VISITS]
                yield self._percentiles(change, "precision_change", about, n=n, why_not="nobody_visited")
            kept = mine[FINDINGS] / theirs[FINDINGS]
            yield self._percentiles(kept, "findings_kept", about, n=theirs.point[FINDINGS], why_not="no_findings")

    def _exposed(self, model: str, grouping: Grouping, groups: _Groups) -> Iterator[Estimate]:
        """Per group how many of its places are on a list at least once in a fold; the rates of the other harms are measured with all groups."""
        rates, places = self._rate(self.periods["all"], model, groups, "exposure")
        for value in range(len(grouping.values)):
            about, n = About(model, at=f"capacity={self.capacity}", group=grouping.name(value)), float(places[value])
            if n < self.minimum:
                yield nothing("base_under_minimum", "exposure", about, n=n, method="sample")
            else:
                why_not, rate = "base_under_minimum", rates[value]
                yield estimate_of(
                    rate, "exposure", about, n=n, level=self.level, why_not=why_not, share=True, method="sample"
                )

    def _harm(self, model: str, grouping: Grouping, groups: _Groups, harm: Harm) -> Iterator[Estimate]:
        base, method = self.base_of.get(model), _method(harm)
        pair = self._pair(base or model, grouping, groups, harm)
        if pair is None:
            about = About(model, at=f"capacity={self.capacity},attribute={grouping.attribute}")
            yield nothing("base_under_minimum", f"{harm}_pair_gap", about, n=0, method=method)
            return
        for period, sums in self.periods.items():
            looks = list(self._looked(base or model, groups, harm, pair, period))
            drawn = sums if model not in self.refilled else self._as_refilled(sums, model, period)
            told = dict(self._changes(sums, drawn, model, groups, harm))
            for look in looks:
                yield from self._of_pair(told, model, grouping, groups, harm, look)
            for form, periods in self.weighed if harm == "false_positive_rate" else ():
                told = dict(self._changes(periods[period], periods[period], model, groups, harm))
                for look in looks:
                    yield from self._in_form(told, form, model, grouping, look)
        if base is not None and harm == "false_positive_rate":
            yield self._bounds_of_shift(model, base, grouping, pair)

    def _looked(self, base: str, groups: _Groups, harm: Harm, pair: Pair, period: str) -> Iterator[_Look]:
        """The chosen pair; and over all periods and in the last one every pair, corrected for how many there are."""
        yield _Look("pair", pair, period, self.level)
        corrected = 1 - (1 - self.level) / self._looks[base]
        for each in self._pairs(base, groups, harm) if period in LOOKED else []:
            yield _Look("pairs", each, period, corrected)

    def _of_pair(
        self,
        told: Mapping[str, Resampled],
        model: str,
        grouping: Grouping,
        groups: _Groups,
        harm: Harm,
        look: _Look,
    ) -> Iterator[Estimate]:
        """The gap between two groups, of a mitigated model also how it shifted, and beside either the smallest that could be shown.

        Parameters
        ----------
        told
            As `_changes` gives it.
        """
        pair, method = look.pair, _method(harm)
        rows = self._rate(self.periods[look.period], model, groups, harm)[1]
        n = float(rows[pair.most] + rows[pair.least])
        about = self._about(model, grouping, look)
        rounding = self._rounding(model, groups, harm, pair, look.period)
        for what, rates in told.items():
            metric, number = f"{harm}_{look.name}_{what}", rates[pair.most] - rates[pair.least]
            least = smallest_shown(number, level=look.level)
            estimate = self._student(number, metric, about, n=n, method=method, level=look.level)
            if what == "gap":
                estimate = _wider(estimate, rounding)
                least = least + rounding if least is not None else rounding or None
                if rounding and self.divided[model].by_places:
                    estimate = replace(estimate, note=BY_DIVISION)
            yield estimate
            yield smallest_seen(least, f"{metric}_detectable", about, n=n, method=method)

    def _in_form(
        self, told: Mapping[str, Resampled], form: Form, model: str, grouping: Grouping, look: _Look
    ) -> Iterator[Estimate]:
        """The same of looks for nothing, with visits weighed or by lot."""
        pair, about = look.pair, self._about(model, grouping, look)
        rows = self._rows_of(look.period) & np.isin(grouping.of_row, (pair.most, pair.least))
        n = form.weighed.visits(form.method, rows.astype(np.float64), positive=False)
        for what, rates in told.items():
            metric, number = f"false_positive_rate_{look.name}_{what}", rates[pair.most] - rates[pair.least]
            estimate = form.change(number, metric, about, n=n, level=look.level)
            yield estimate
            least = smallest_shown(number, level=look.level) if estimate.is_known else None
            yield smallest_seen(least, f"{metric}_detectable", about, n=n, method=form.method)

    def _bounds_of_shift(self, model: str, base: str, grouping: Grouping, pair: Pair) -> Estimate:
        """What places that nobody visited leave possible of the shift of the chosen pair's gap in looks for nothing."""
        most, least = (grouping.of_row == value for value in (pair.most, pair.least))
        low, high = bounds_of_shift(self.listed[model], self.listed[base], self.sample, most=most, least=least)
        about = self._about(model, grouping, _Look("pair", pair, "all", self.level))
        n, metric = float((most | least).sum()), "false_positive_rate_pair_shift"
        return bounds_between(low, high, metric, about, n=n, why_not="base_under_minimum")

    def _about(self, model: str, grouping: Grouping, look: _Look) -> About:
        at = f"capacity={self.capacity},versus={grouping.values[look.pair.least]},period={look.period}"
        return About(model, at=at, group=grouping.name(look.pair.most))

    def _rows_of(self, period: str) -> Flags:
        """Rows of a period."""
        if period == "all":
            return np.ones(self.later.size, dtype=bool)
        return self.later if period == "next" else ~self.later

    def _percentiles(self, number: Resampled, metric: str, about: About, *, n: float, why_not: str) -> Estimate:
        """A number with the middle of its replicates."""
        return estimate_of(number, metric, about, n=n, level=self.level, why_not=why_not, share=False)

    def _student(
        self, number: Resampled, metric: str, about: About, *, n: float, method: Method, level: float
    ) -> Estimate:
        """A gap or its shift with Student's interval: with few clusters the middle of replicates is too narrow, and where lists are refilled lopsided."""
        value = float(number.point)
        if not np.isfinite(value):
            return nothing("base_under_minimum", metric, about, n=n, method=method)
        interval = student_interval(number, level=level)
        return with_interval(value, interval, metric, about, n=n, level=level, method=method)

    def _changes(
        self, sums: Resampled, drawn: Resampled, model: str, groups: _Groups, harm: Harm
    ) -> Iterator[tuple[str, Resampled]]:
        """Per group the rate, with a list that is divided over these groups divided so in every draw; and how it shifted, with lists as they would be drawn."""
        own = sums if harm == "exposure" else self._as_divided(sums, model, groups)
        yield "gap", self._rate(own, model, groups, harm)[0]
        if (base := self.base_of.get(model)) is not None:
            before, _ = self._rate(drawn, base, groups, harm)
            after, _ = self._rate(self._as_divided(drawn, model, groups), model, groups, harm)
            yield "shift", after - before

    def _as_refilled(self, sums: Resampled, model: str, period: str) -> Resampled:
        """The sums of two lists that are filled anew in every draw; how many places are ever on a list stays as it is."""
        for name in (model, self.base_of[model]):
            first = WIDTH * (1 + list(self.models).index(name))
            sums = together(partial(_put, rows=slice(1, None), first=first), sums, self.walked[name][period])
        return sums

    def _as_divided(self, sums: Resampled, model: str, groups: _Groups) -> Resampled:
        """The sums of a list that is divided over these groups, with the same division in every draw; those of another list as they are."""
        division = self._division(model, groups)
        if division is None:
            return sums
        first = WIDTH * (1 + list(self.models).index(model))
        top, whole = (sums[groups.where, at : at + WIDTH] for at in (first, 0))
        kept = kept_divided(top, whole, by_places=division.by_places)

        return together(partial(_put, rows=groups.where, first=first), sums, kept)

    def _division(self, model: str, groups: _Groups) -> Divided | None:
        """How a list is divided over these groups; None when it is not."""
        division = self.divided.get(model)
        return division if division is not None and division.attribute == groups.attribute else None

    def _rounding(self, model: str, groups: _Groups, harm: Harm, pair: Pair, period: str) -> float:
        """How far the gap of a list that is divided over these groups may be from what its division asks, as a list holds whole places."""
        if harm != "selection_rate" or self._division(model, groups) is None:
            return 0.0
        places = self.periods[period].point[groups.where, LENGTH]
        return half_places(places[[pair.most, pair.least]], self.list_counts[period])

    def _pair(self, base: str, grouping: Grouping, groups: _Groups, harm: Harm) -> Pair | None:
        """The groups that are hit most and least by the model without mitigation, before the last period; None when fewer than two can be told."""
        rates = self._rates_told(base, groups, harm, self.periods.get("earlier", self.periods["all"]))
        if np.isfinite(rates).sum() < 2:
            return None
        most, least = int(np.nanargmax(rates)), int(np.nanargmin(rates))
        return Pair(most, least if least != most else int(np.flatnonzero(np.isfinite(rates))[-1]))

    def _pairs(self, base: str, groups: _Groups, harm: Harm) -> list[Pair]:
        """Every two groups that can be told, each with the one first that is hit more by the model without mitigation over all periods."""
        rates = self._rates_told(base, groups, harm, self.periods["all"])
        told = np.flatnonzero(np.isfinite(rates)).tolist()
        return [Pair(b, a) if rates[b] > rates[a] else Pair(a, b) for a, b in combinations(told, 2)]

    def _rates_told(self, base: str, groups: _Groups, harm: Harm, sums: Resampled) -> Floats:
        """A harm per group (group), NaN for groups that rest on fewer rows than the minimum in any period."""
        enough = np.all(
            [
                self._rate(of, base, groups, harm)[1] >= self.minimum
                for period, of in self.periods.items()
                if period != "all" or len(self.periods) == 1
            ],
            axis=0,
        )
        return np.where(enough, self._rate(sums, base, groups, harm)[0].point, np.nan)

    @cached_property
    def _looks(self) -> dict[str, int]:
        """Per model without mitigation, how many gaps between two groups are looked at: over pairs, harms, attributes and periods."""
        periods = sum(period in LOOKED for period in self.periods)
        return {
            base: periods * sum(len(self._pairs(base, groups, harm)) for _, groups in self._groups for harm in HARMS)
            for base in dict.fromkeys(self.base_of.values())
        }

    def _rate(self, sums: Resampled, model: str, groups: _Groups, harm: Harm) -> tuple[Resampled, Floats]:
        """A harm per group (group), and on how many rows it rests."""
        top, whole = self._of(sums, model)[groups.where], sums[:, :WIDTH][groups.where]
        if harm == "false_positive_rate":
            above, below = top[:, VISITS] - top[:, FINDINGS], whole[:, VISITS] - whole[:, FINDINGS]
        else:
            column = LENGTH if harm == "selection_rate" else EXPOSED
            above, below = top[:, column], whole[:, column]
        return above / below, below.point

    def _of(self, sums: Resampled, model: str) -> Resampled:
        """The sums of one model's list (slice, 4)."""
        start = WIDTH * (1 + list(self.models).index(model))
        return sums[:, start : start + WIDTH]


def _wider(estimate: Estimate, by: float) -> Estimate:
    """The same with an interval that reaches so much further to either side."""
    if estimate.low is None or estimate.high is None:
        return estimate
    return replace(estimate, low=estimate.low - by, high=estimate.high + by)


def _put(every: Floats, own: Floats, *, rows: slice, first: int) -> Floats:
    """Sums with some of one list's replaced."""
    out = every.copy()
    out[..., rows, first : first + own.shape[-1]] = own
    return out


def _method(harm: Harm) -> Method:
    """A flag needs no outcome; whether it was for nothing does."""
    return "labelled" if harm == "false_positive_rate" else "sample"
