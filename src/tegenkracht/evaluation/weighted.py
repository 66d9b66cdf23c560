"""What a visit would find, weighed by the chance of a visit; and the same from visits by lot alone.

What visits stand for is `weighed`. The forms `adjusted` and `doubly_robust` rest on an estimated chance: they hold only if nothing unseen decides who is
visited.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.drawing import Lists, VisitsBy
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import PLAIN, Resampled, Resampling, Statistic, resample, sum_statistic
from tegenkracht.evaluation.bootstrap_t import freedom_of_few, freedom_of_pulls, student_interval
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.estimates import (
    DESIGNED,
    About,
    count_of,
    estimate_of,
    exactly,
    nothing,
    rounded,
    with_interval,
)
from tegenkracht.evaluation.expected_ratio import ratio_interval
from tegenkracht.evaluation.part_of_whole import Weight, each_of_share, part_interval
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.weighed import (
    ALL,
    ERROR,
    FEW,
    FEW_FOUND,
    FORMS,
    HITS,
    NONE,
    SCORE,
    Drawn,
    Weighed,
)
from tegenkracht.evaluation.weighted_area import AreaOfVisits
from tegenkracht.evaluation.weighted_groups import GroupFigures, ToldOfGroups
from tegenkracht.evaluation.weighted_pairs import Pairs, ToldOfPairs
from tegenkracht.evaluation.worth_of_visits import VisitsWorth, worth_of

Floats = NDArray[np.float64]

_OF_FINDINGS = ("recall_at_capacity", "auc", "auc_difference")
"""Figures that rest on visits with a finding."""


def weighted_estimates(
    scores: Scores,
    weighed: Weighed | None,
    *,
    propensities: Propensities | None,
    probability_models: Collection[str],
    versus: Versus,
    capacity: int,
    lists: Lists,
    visits_by: VisitsBy,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    how: Resampling = PLAIN,
) -> tuple[Estimate, ...]:
    r"""Every headline figure in the forms `weighted`, `audit`, and with estimated chances `adjusted` and `doubly_robust`.

    Of the data `prevalence` and `precision_by_lot`; per model `precision_at_capacity` and what it is above a lot and above another model's
    (`precision_difference`), `recall_at_capacity`, `auc` and `auc_difference`, for probabilities `brier` and `expected_observed_ratio`; per audit group
    `finding_rate`, precision and both kinds of error, and how far each lies from that of the largest group.

    Hájek's ratio of weighted sums; the interval draws what visits were drawn by, the list and the chances stay as they are. Shares and areas have Wilson's
    interval at what their visits are worth, and so has the Brier score by what a visit finds; differences of shares have one that is made of what lists do not
    share, recall and kinds of error that of a part of a whole, and expected over found that of a ratio of counts; differences of areas have Student's, with the
    degrees of freedom that what is drawn is worth. A difference rests on the same draws of visits, and its `n` is that of the list with the fewest visits.
    `doubly_robust` adds to the mean of what is expected of all rows the weighted mean of what seen rows differ from it (Robins, Rotnitzky & Zhao 1994), for
    prevalence and precision. `effective_visits` is :math:`(\sum w)^2/\sum w^2` (Kish 1965). Nothing when rows are visits that were scheduled: then everybody on
    a list was visited.

    Parameters
    ----------
    weighed
        Visits of the rows of these scores, as `weigh` weighs them with the same `propensities`; None when rows are visits that were scheduled.
    propensities
        Estimated chances of rows; None when they were not asked.
    versus
        Which models are compared.
    visits_by
        What had a chance of its own and so is drawn: each visit, all visits to a unit, or all to a cluster. An estimated chance is one of a row, so that
        forms that rest on it draw units where visits are drawn one by one.
    minimum
        Groups of fewer places than this are withheld.
    """
    if weighed is None:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by="unit_id" if visits_by == "inspection_id" else visits_by)
    study = _Study(
        sample,
        weighed,
        visits_by,
        propensities,
        tuple(model for model in sample.models if model in probability_models),
        versus,
        {"": np.ones(len(sample.rows))} | lists_of(sample, capacity=capacity),
    )
    numbers: dict[Key, Resampled] = {}
    for count, statistics in study.statistics().items():
        numbers |= resample(
            statistics,
            clusters=count,
            replicates=replicates,
            seed=seed,
            threads=threads,
            progress=silent,
            how=replace(how, jackknife=True),
        )
    told = _Told(study, numbers, f"capacity={capacity}", minimum, level)
    n = study.weighed.visits("weighted", study.shares[""])
    effective = exactly(study.weighed.effective("weighted"), "effective_visits", About(), n=n, method="sample")
    found = (count_of(n, "visits_with_chance", About()), effective, *told.of_data(), *told.of_models())
    return tuple(rounded(estimate) for estimate in found)


Ends = Callable[[], tuple[float, float] | None]
"""What gives the interval of a figure, asked only where the figure is told."""
Key = tuple[str, str, Method]
"""What is resampled: kind (`sums`, `pairs`, `area`, `groups`), model (where a form has one for each) and form."""


@dataclass(frozen=True)
class _Study:
    """What is to be resampled. `shares` says how much of each row is on a model's list; under "" all of it."""

    sample: Sample
    weighed: Weighed
    visits_by: VisitsBy
    propensities: Propensities | None
    probabilities: tuple[str, ...]
    versus: Versus
    shares: Mapping[str, Floats]

    @property
    def forms(self) -> tuple[Method, ...]:
        """Forms that visits have weights in."""
        return tuple(form for form in FORMS if form in self.weighed.weight)

    @cached_property
    def drawn(self) -> dict[Method, Drawn]:
        """What is drawn, per form."""
        return {form: self.weighed.drawn(form, self.sample, self.visits_by) for form in self.forms}

    def statistics(self) -> dict[int, dict[Key, Statistic]]:
        """Sums of every list and form, areas, and sums by group, by how many things are drawn for them; what draws as many sees the same draws."""
        out: dict[int, dict[Key, Statistic]] = {drawn.things: {} for drawn in self.drawn.values()}
        for form, drawn in self.drawn.items():
            statistics = out[drawn.things]
            statistics["sums", "", form] = self._sums(form)
            statistics["pairs", "", form] = self.pairs.statistic(form, drawn)
            statistics |= {("area", model, form): self.areas[model, form].statistic() for model in self.sample.models}
            if self.sample.groupings:
                statistics["groups", "", form] = self.groups[form].statistic()
        if self.propensities is not None:
            for model, share in self.shares.items():
                out[self.sample.clusters]["sums", model, "doubly_robust"] = doubly_robust(
                    self.sample, share, self.propensities
                )
        return out

    @cached_property
    def areas(self) -> dict[tuple[str, Method], AreaOfVisits]:
        """The area of each model, per form."""
        scores, drawn = self.sample.scores, self.drawn
        return {
            (model, form): AreaOfVisits(self.weighed, form, drawn[form], scores[model])
            for model in scores
            for form in drawn
        }

    @cached_property
    def pairs(self) -> Pairs:
        """Every model's list beside a visit anywhere, and beside the lists that it is compared with."""
        lot = [(model, "") for model in self.sample.models]
        others = [(model, other) for model in self.sample.models for other in self.versus.get(model, ())]
        return Pairs(self.weighed, (*lot, *others), self.shares)

    @cached_property
    def places(self) -> dict[str, slice]:
        """Which columns of `sums` are of which list."""
        widths = [4 if model in self.probabilities else 2 for model in self.shares]
        ends = np.cumsum(widths).tolist()
        return {model: slice(end - width, end) for model, width, end in zip(self.shares, widths, ends, strict=True)}

    def _sums(self, form: Method) -> Statistic:
        """Per list the weight of visits with a finding and of all; for probabilities also squared errors and scores, everywhere."""
        anywhere, parts = self.weighed.of_lines(form), []
        for model, share in self.shares.items():
            parts.append(anywhere * share[self.weighed.row, None])
            if model in self.probabilities:
                parts.append(self.weighed.errors(form, self.sample.scores[model]))
        lines, drawn = self.weighed.with_weight(form), self.drawn[form]
        build = partial(sum_statistic, cluster=drawn.of_line, slices=[lines])
        return drawn.sums(build, np.column_stack(parts)[lines], lines)

    @cached_property
    def groups(self) -> dict[Method, GroupFigures]:
        """Figures by group, per form, of the lists of all models."""
        lists = np.column_stack([self.shares[model] for model in self.sample.models])
        return {
            form: GroupFigures(self.sample.groupings, self.weighed, form, self.drawn[form], lists)
            for form in self.forms
        }

    @cached_property
    def worths(self) -> dict[Method, VisitsWorth | None]:
        """What visits to each list, and elsewhere for each list, are worth by the model, per form."""
        listed = np.column_stack([share[self.weighed.row] for share in self.shares.values()])
        share = np.column_stack([listed, 1 - listed])
        return {form: self.weighed.worth(form, drawn, share) for form, drawn in self.drawn.items()}

    @cached_property
    def visits(self) -> dict[tuple[str, Method], _Visits]:
        """How many different visits each list had, per form."""
        shares = np.column_stack([share[self.weighed.row] for share in self.shares.values()])
        found = shares * (self.weighed.positive[:, None] > 0)
        out: dict[tuple[str, Method], _Visits] = {}
        for form in self.forms:
            counted = self.weighed.visits_by(form, np.column_stack([shares, found])).reshape(2, -1)
            out |= {(model, form): _Visits(*map(float, counted[:, i])) for i, model in enumerate(self.shares)}
        return out


class _Visits(NamedTuple):
    """Different visits to a list, and those of them with a finding."""

    listed: float
    found: float


def doubly_robust(sample: Sample, share: Floats, found: Propensities) -> Statistic:
    """What `shown_doubly_robust` reads, of rows that each count for their share: what is expected and rows; what seen rows differ from it, weighed, and their weight."""
    used = np.flatnonzero(share > 0)
    part, seen, expected = share[used], found.observed[used], found.expected[used]
    off = np.where(seen, np.nan_to_num(found.outcome[used]) - expected, 0.0)
    weight = part * np.where(seen, 1 / found.chance[used], 0.0)
    columns = np.column_stack([part * expected, part, weight * off, weight])
    return sum_statistic(columns, cluster=sample.cluster, slices=[used])


def shown_doubly_robust(sums: Resampled) -> Resampled:
    """What is expected on average, plus what seen rows differ from it on average, weighed."""
    return sums[0] / sums[1] + sums[2] / sums[3]


@dataclass(frozen=True)
class _Told:
    """Sums of every list and form, as estimates."""

    study: _Study
    numbers: Mapping[Key, Resampled]
    at: str
    minimum: int
    level: float

    @property
    def _forms(self) -> tuple[Method, ...]:
        return self.study.forms if self.study.propensities is None else (*self.study.forms, "doubly_robust")

    def of_data(self) -> Iterator[Estimate]:
        """What a visit anywhere would find."""
        for form in self._forms:
            for metric, at in (("prevalence", ""), ("precision_by_lot", self.at)):
                yield self._estimate("", form, metric, About(at=at), self._found("", form))

    def of_models(self) -> Iterator[Estimate]:
        """What a visit to a list would find and how much more than a visit anywhere; what the list misses; ranks, probabilities, groups."""
        groups = self._groups()
        for told in groups.values():
            yield from told.of_data()
        for place, model in enumerate(self.study.sample.models):
            about = About(model, at=self.at)
            for form in self._forms:
                yield self._estimate(model, form, "precision_at_capacity", about, self._found(model, form))
                yield self._more(model, "", form, "precision_above_random", about)
            for other in self.study.versus.get(model, ()):
                yield from self._differences(model, other)
            for form in self.study.forms:
                yield from self._everywhere(model, form)
                if groups:
                    yield from groups[form].of_list(place, about)

    def _differences(self, model: str, other: str) -> Iterator[Estimate]:
        """What a visit to its list finds more than one to another model's list, and how much better it orders."""
        for form in self._forms:
            about = About(model, at=f"{self.at},versus={other}")
            yield self._more(model, other, form, "precision_difference", about)
        for form in self.study.forms:
            gap = (self.numbers["area", model, form] - self.numbers["area", other, form])[0]
            about, ends = About(model, at=f"versus={other}"), partial(self._on_student, gap, form)
            yield self._estimate("", form, "auc_difference", about, gap, ends=ends)

    def _more(self, model: str, other: str, form: Method, metric: str, about: About) -> Estimate:
        """What a visit to a list finds more than one to another, or anywhere.

        The interval is made of those of visits to the one list alone, to the other alone and to both (`weighted_pairs`): findings are few, so that one that is
        as long to both sides was too long (experiments/validity).
        """
        gap = self._found(model, form) - self._found(other, form)
        n = min(self._visits(name, form).listed for name in (model, other))
        ends = partial(self._ends_of_pair, model, other, form) if form in DESIGNED else None
        return self._one(gap, metric, about, form, n=n, found=0, ends=ends)

    def _ends_of_pair(self, model: str, other: str, form: Method) -> tuple[float, float]:
        """Nothing around the difference of a list and itself."""
        if np.array_equal(self.study.shares[model], self.study.shares[other]):
            return 0.0, 0.0
        names = (model, other)
        return self._pairs[form].interval(names, *(self._sums(name, form)[:ERROR] for name in names))

    @cached_property
    def _pairs(self) -> dict[Method, ToldOfPairs]:
        """Pairs of lists, per form."""
        study = self.study
        return {
            form: ToldOfPairs(study.pairs, form, drawn, self.numbers["pairs", "", form][0], self.level)
            for form, drawn in study.drawn.items()
        }

    def _groups(self) -> dict[Method, ToldOfGroups]:
        """What is told of groups, per form; nothing without audit attributes."""
        if not self.study.sample.groupings:
            return {}
        hidden = [grouping.withheld(minimum=self.minimum) for grouping in self.study.sample.groupings]
        return {
            form: ToldOfGroups(figures, self.numbers["groups", "", form], figures.visits(), hidden, self.level)
            for form, figures in self.study.groups.items()
        }

    def _sums(self, model: str, form: Method) -> Resampled:
        """Weights of a list, by `HITS, ALL, ERROR, SCORE`."""
        return self.numbers["sums", "", form][0, self.study.places[model]]

    def _everywhere(self, model: str, form: Method) -> Iterator[Estimate]:
        """Figures that rest on visits to all places, not only to the list."""
        whole, own = self._sums("", form), self._sums(model, form)
        yield self._recall(model, form, own, whole)
        yield self._area(model, form)
        if model in self.study.probabilities:
            ends = partial(self._ends_of_brier, model, form)
            yield self._estimate("", form, "brier", About(model), own[ERROR] / whole[ALL], ends=ends)
            yield self._expected(model, form, own[SCORE] / whole[HITS], whole)

    def _expected(self, model: str, form: Method, ratio: Resampled, whole: Resampled) -> Estimate:
        """Findings that the scores expect over those that there were; told where ten were to be expected, for to wait for ten would be to wait for many."""
        metric, about, n = "expected_observed_ratio", About(model), self._visits("", form).listed
        hoped = self.study.weighed.expected(form, self.study.sample.scores[model])
        if n >= FEW and hoped < FEW_FOUND:
            return nothing("few_visits", metric, about, n=n, method=form)
        if n >= FEW and not self._visits("", form).found:
            return nothing("no_findings", metric, about, n=n, method=form)
        found = self._weight_found(whole[HITS], whole[ALL], "", form)
        ends = partial(ratio_interval, float(ratio.point) * found.value, found, level=self.level)
        return self._estimate("", form, metric, about, ratio, ends=ends)

    def _area(self, model: str, form: Method) -> Estimate:
        """How well a model orders."""
        area, visits = self.numbers["area", model, form][0], self._visits("", form)
        interval = self.study.areas[model, form].interval
        ends = partial(interval, area, n=visits.listed, found=visits.found, level=self.level)
        return self._estimate("", form, "auc", About(model), area, ends=ends)

    def _recall(self, model: str, form: Method, own: Resampled, whole: Resampled) -> Estimate:
        """What the list has of all that there is to find.

        Findings on the list weigh little, because places on it are visited often; those elsewhere weigh much (`part_of_whole`).
        """
        about, metric = About(model, at=self.at), "recall_at_capacity"
        if not self.study.visits[model, form].listed:
            return nothing("few_visits", metric, about, n=0, method=form)
        part = self._weight_found(own[HITS], whole[ALL], model, form)
        rest = self._weight_found(whole[HITS] - own[HITS], whole[ALL], model, form, elsewhere=True)
        ends = partial(part_interval, part, rest, level=self.level)
        return self._estimate("", form, metric, about, own[HITS] / whole[HITS], ends=ends)

    def _weight_found(
        self, found: Resampled, everywhere: Resampled, model: str, form: Method, *, elsewhere: bool = False
    ) -> Weight:
        """Weight of visits with a finding on a list, or elsewhere."""
        value, known = float(found.point), self.study.worths[form]
        if known is not None:
            return Weight(value, float(known.each[0, self._place(model, elsewhere=elsewhere)]))
        n = np.float64(self.study.visits["", form].listed)
        return Weight(value, float(each_of_share(found, everywhere, n, level=self.level)))

    def _worth(self, n: float, model: str, form: Method) -> float:
        """What the visits to a list are worth for the share of their weight with a finding."""
        sums, known = self._sums(model, form), self.study.worths[form]
        return float(worth_of(sums[HITS], sums[ALL], np.float64(n), known, self._place(model), level=self.level))

    def _place(self, model: str, *, elsewhere: bool = False) -> int:
        """Where visits to a list, or elsewhere, stand among `worths`."""
        return list(self.study.shares).index(model) + (len(self.study.shares) if elsewhere else 0)

    def _estimate(
        self, model: str, form: Method, metric: str, about: About, number: Resampled, *, ends: Ends | None = None
    ) -> Estimate:
        """A figure that rests on visits to a model's list, or under "" on all visits."""
        visits = self._visits(model, form)
        share = metric in _OF_A_LIST and form != "doubly_robust"
        worth = self._worth(visits.listed, model, form) if share else None
        return self._one(number, metric, about, form, n=visits.listed, found=visits.found, worth=worth, ends=ends)

    def _visits(self, model: str, form: Method) -> _Visits:
        """Visits that a form counts."""
        weighs: Method = "adjusted" if form == "doubly_robust" else form
        return self.study.visits[model, weighs]

    def _one(
        self,
        number: Resampled,
        metric: str,
        about: About,
        form: Method,
        *,
        n: float,
        found: float,
        worth: float | None = None,
        ends: Ends | None = None,
    ) -> Estimate:
        """A figure, where enough visits carry it; `ends` gives its interval where that is not the one of a share, or of the draws."""
        if n < FEW:
            return nothing("few_visits" if n else NONE[form], metric, about, n=n, method=form)
        if metric in _OF_FINDINGS and found < FEW_FOUND:
            return nothing("few_findings" if found else "no_findings", metric, about, n=found, method=form)
        base = found if metric == "recall_at_capacity" else n
        if ends is not None and np.isfinite(number.point):
            return with_interval(float(number.point), ends(), metric, about, n=base, level=self.level, method=form)
        return estimate_of(
            number,
            metric,
            about,
            n=base,
            level=self.level,
            why_not=NONE[form],
            share=metric in _OF_A_LIST and form != "doubly_robust",
            method=form,
            worth=worth,
        )

    def _ends_of_brier(self, model: str, form: Method) -> tuple[float, float] | None:
        """The Brier score at either end of what a visit finds: visits with a finding and those without keep the mean squared error that they have.

        What is not known of it is nearly all how much there is to find: a finding that was not expected costs nearly one, a visit without one next to nothing.
        """
        prevalence = self._estimate("", form, "prevalence", About(), self._found("", form))
        if prevalence.low is None or prevalence.high is None:
            return None
        found, clear = self.study.weighed.mean_errors(form, self.study.sample.scores[model])
        ends = [share * found + (1 - share) * clear for share in (prevalence.low, prevalence.high)]
        return min(ends), max(ends)

    def _on_student(self, number: Resampled, form: Method) -> tuple[float, float] | None:
        """Student's interval of a difference of shares: a few visits that were unlikely carry most of the error."""
        freedom = freedom_of_few if self.study.drawn[form].visits else freedom_of_pulls
        interval = student_interval(number, level=self.level, freedom=freedom)
        return None if interval is None else (max(interval[0], -1.0), min(interval[1], 1.0))

    def _found(self, model: str, form: Method) -> Resampled:
        """What a visit to a list finds; under "" a visit anywhere."""
        if form == "doubly_robust":
            return shown_doubly_robust(self.numbers["sums", model, form][0])
        sums = self._sums(model, form)
        return sums[HITS] / sums[ALL]


_OF_A_LIST = ("prevalence", "precision_by_lot", "precision_at_capacity")
"""Shares of visits to a list, or of all visits, that find something."""
