"""What visits find in each area, precision and both kinds of error, at every list length: of visited places, weighed, by lot and as bounds.

There are many areas and few visits to most. So shares lean on each other (`pooling`), each for as many answers as it is worth (`answers`): visits to one
strip are alike. Small areas help to say what areas have in common and are not shown. Of each share `…_areas` says how many areas have enough answers. Why
one has not is told of each area at capacity; with fewer than two that have, the share is refused once and not for every area.

Weighed and by lot, a share is one of all places of the area, of which most were not seen. So after the rate with which such places turn out one way the places
themselves are drawn (`_Share.foretold`): of thirty places with a rate of two in a hundred mostly none has anything to find. An interval of the
rate alone leaves those areas out (decision 38).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.answers import Answers, answers_of
from tegenkracht.evaluation.areas import draws_for, units_of
from tegenkracht.evaluation.audit import lengths
from tegenkracht.evaluation.binomial import binomial
from tegenkracht.evaluation.bootstrap import ends_of, resample, sum_of_parts
from tegenkracht.evaluation.bounds_of_groups import BoundsOfGroups
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.crossings import AREA, Groups, areas_of
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, nothing, rounded, with_interval
from tegenkracht.evaluation.expected_ratio import ratio_interval
from tegenkracht.evaluation.families import Largest, gaps_by_chance
from tegenkracht.evaluation.part_of_whole import Weight
from tegenkracht.evaluation.pooling import common_to
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.sample import Grouping, Sample, sample_of
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.evaluation.weighed import Weighed
from tegenkracht.evaluation.weighed_gaps import FORMS
from tegenkracht.evaluation.weighted_groups import FIGURES, OF_DATA

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

TOO_FEW = "areas_under_minimum"
"""Why a figure is refused for all areas at once."""


def area_forms(
    scores: Scores,
    weighed: Weighed | None,
    *,
    model: str,
    probability: bool,
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """Figures of areas that need an outcome, in every form, and the average score; nothing when the study has no audit attributes or one area.

    A share of the data is `finding_rate` at `form=…`, and one of a list at `capacity=…,form=…`, both `pooled`; the bounds of both have no form. At
    capacity and of the data each comes with the largest gap between two areas that are shown, beside what chance gives.

    Parameters
    ----------
    weighed
        Visits of the rows of these scores, as `weigh` weighs them; None when rows are visits that were scheduled.
    cluster_by
        Answers of one such cluster may be alike.
    """
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    areas = areas_of(sample)
    if not scores.audit or len(areas.values) < 2:
        return ()
    hidden = too_small(units_of(sample, areas).astype(np.int64), minimum=minimum)
    sizes = lengths(capacity, longest=int(np.bincount(sample.lists).max()))
    own = sample.scores[model]
    asked = _Asked(
        sample,
        areas,
        hidden,
        {size: listed_share(sample, own, capacity=size) for size in sizes},
        model,
        capacity,
        minimum,
        level,
        seed,
    )
    looks = _looks(sample, weighed)
    shares = [share for form, look in looks.items() for share in asked.shares_of(form, look)]
    found = [
        *asked.pooled(shares),
        *asked.mean_scores(own, replicates=replicates, threads=threads),
        *asked.bounds(own if probability else None),
    ]
    if probability:
        found += [estimate for form, look in looks.items() for estimate in asked.expected(form, look, own)]
    return tuple(rounded(estimate) for estimate in found)


def _looks(sample: Sample, weighed: Weighed | None) -> dict[Method, Weighed]:
    """What was looked at, per form: places that were visited, once each, and visits with what they stand for."""
    seen = np.flatnonzero(sample.visited).astype(np.int64)
    place = np.unique(sample.unit[seen], return_inverse=True)[1].astype(np.int64)
    plain = Weighed(seen, place, sample.finding[seen].astype(np.float64), {"labelled": np.ones(seen.size)})
    looks: dict[Method, Weighed] = {"labelled": plain}
    return looks if weighed is None else looks | dict.fromkeys(FORMS, weighed)


@dataclass(frozen=True)
class _Share:
    """One share of every area, in one form.

    Parameters
    ----------
    places
        How many places each area has of which it is a share (area,); None where it is of places that were visited.
    compared
        Whether it is of the data, or of the list at capacity.
    """

    metric: str
    about: About
    answers: Answers
    places: Floats | None
    compared: bool

    def foretold(self, rates: Floats, shown: Ints, rng: np.random.Generator) -> Floats:
        """What of the places of some areas turns out so, at rates that are draws (draw, area): the rate itself where all places were seen.

        Which of them were seen is not counted: a visit sees a place in one quarter, and the share is of all of them.
        """
        if self.places is None:
            return rates
        places = np.maximum(self.places[shown], 1).astype(np.int64)
        return binomial(places, rates, rng, shape=rates.shape) / places


@dataclass(frozen=True)
class _Asked:
    """Areas and the lists of one model.

    Parameters
    ----------
    hidden
        Areas with too few units, and one from which the only such area could be worked out (area,).
    lists
        How much of each row is on the list, by its length.
    """

    sample: Sample
    areas: Grouping
    hidden: Flags
    lists: dict[int, Floats]
    model: str
    capacity: int
    minimum: int
    level: float
    seed: int

    def shares_of(self, form: Method, look: Weighed) -> Iterator[_Share]:
        """What is found of all visits, and per list: found of those on it, on it of those where nothing was found, and off it of those where something was."""
        lines, own = look.with_weight(form), form == "labelled"
        of_data = self._answers(form, look, lines, look.positive[lines])
        everything = units_of(self.sample, self.areas)
        something = np.round(everything * of_data.share)
        yield _Share(OF_DATA, About(at=f"form={form}"), of_data, None if own else everything, True)
        for size, listed in self.lists.items():
            share, found = listed[look.row], look.positive > 0
            on, clear, some = (lines[of[lines]] for of in (share > 0, ~found, found))
            of_list = (
                self._answers(form, look, on, look.positive[on], share[on]),
                self._answers(form, look, clear, share[clear]),
                self._answers(form, look, some, 1 - share[some]),
            )
            about = About(self.model, at=f"capacity={size},form={form}")
            places = (units_of(self.sample, self.areas, listed), everything, something)
            for metric, answers, of in zip(FIGURES, of_list, places, strict=True):
                yield _Share(metric, about, answers, None if own else of, size == self.capacity)

    def _answers(self, form: Method, look: Weighed, lines: Ints, yes: Floats, part: Floats | float = 1.0) -> Answers:
        """Answers of areas, of some lines of which each counts for a part of its weight."""
        row = look.row[lines]
        return answers_of(
            group=self.areas.of_row[row].astype(np.int64),
            groups=len(self.areas.values),
            cluster=self.sample.cluster[row].astype(np.int64),
            once=look.visit[lines],
            yes=yes,
            weight=look.weight[form][lines] * part,
        )

    def pooled(self, shares: Sequence[_Share]) -> Iterator[Estimate]:
        """Every share of the areas that have enough answers, and of those that are compared the largest gap; chances are corrected for all of these (Holm)."""
        gaps: list[tuple[_Share, Largest, float]] = []
        for number, share in enumerate(shares):
            rng = np.random.default_rng([self.seed, 1_001, number])
            shown = self._shown(share.answers)
            together = replace(share.about, at=joined(share.about.at, f"by={AREA}"))
            if len(shown) < 2:
                yield nothing(TOO_FEW, share.metric, together, n=len(shown), method="pooled")
                continue
            yield exactly(len(shown), f"{share.metric}_areas", together, n=len(self.areas.values), method="count")
            yield from self._levels(share, shown, rng)
            if share.compared:
                yield from self._withheld(share.metric, share.about, shown, method="pooled")
                of, worth = share.answers.share[shown], share.answers.worth[shown]
                n = float(share.answers.count[shown].sum())
                gaps.append((share, Largest(float(np.ptp(of)), gaps_by_chance(of, worth, rng)), n))
        chances = holm([largest.chance for _, largest, _ in gaps])
        for (share, largest, n), chance in zip(gaps, chances, strict=True):
            about = replace(share.about, at=joined(share.about.at, f"by={AREA}"))
            yield from largest.estimates(
                share.metric, about, n=n, level=self.level, chance=float(chance), method="pooled"
            )

    def _shown(self, answers: Answers) -> Ints:
        return np.flatnonzero(~self.hidden & (answers.count >= self.minimum))

    def _levels(self, share: _Share, shown: Ints, rng: np.random.Generator) -> Iterator[Estimate]:
        """The share of each area that is shown; the others say what areas have in common too."""
        answers = share.answers
        found, worth = answers.found[shown], answers.worth[shown]
        drawn = common_to(answers.found, answers.worth).drawn(rng, draws=draws_for(shown.size))
        rates = drawn.rates(found, worth, rng)
        draws, middle = share.foretold(rates, shown, rng), rates.mean(axis=0)
        for place, value in enumerate(shown.tolist()):
            about = replace(share.about, group=self.areas.name(value))
            low, high = ends_of(draws[:, place], level=self.level)
            ends = (min(low, float(middle[place])), max(high, float(middle[place])))
            yield with_interval(
                float(middle[place]),
                ends,
                share.metric,
                about,
                n=float(answers.count[value]),
                level=self.level,
                method="pooled",
            )

    def _withheld(self, metric: str, about: About, shown: Ints, *, method: Method) -> Iterator[Estimate]:
        """Why the other areas are not shown."""
        for value in np.setdiff1d(np.arange(len(self.areas.values)), shown).tolist():
            why = "group_under_minimum" if self.hidden[value] else "base_under_minimum"
            yield nothing(why, metric, replace(about, group=self.areas.name(value)), n=0, method=method)

    @cached_property
    def _large(self) -> Ints:
        """Areas that have enough units."""
        return np.flatnonzero(~self.hidden)

    def mean_scores(self, scores: Floats, *, replicates: int, threads: int) -> Iterator[Estimate]:
        """The average score of each area's rows; units are what is drawn."""
        unit = self.sample.unit
        sums = resample(
            {
                "areas": sum_of_parts(
                    np.column_stack([scores, np.ones(scores.size)]),
                    cluster=unit.astype(np.int32),
                    part=self.areas.of_row.astype(np.int64),
                    parts=len(self.areas.values),
                )
            },
            clusters=int(unit.max()) + 1,
            replicates=replicates,
            seed=self.seed,
            threads=threads,
            progress=silent,
        )["areas"]
        mean, units, about = sums[:, 0] / sums[:, 1], units_of(self.sample, self.areas), About(self.model)
        for value in self._large.tolist():
            yield estimate_of(
                mean[value],
                "mean_score",
                replace(about, group=self.areas.name(value)),
                n=units[value],
                level=self.level,
                why_not="group_under_minimum",
                share=False,
                method="sample",
            )
        yield from self._withheld("mean_score", about, self._large, method="sample")

    def bounds(self, chances: Floats | None) -> Iterator[Estimate]:
        """What outcomes that nobody saw allow, of areas with enough units; of scores that are meant as chances also expected over found."""
        of_areas = BoundsOfGroups(self.sample, Groups((self.areas,), {}, self.minimum))
        found = [*of_areas.found(gaps=False)]
        for size, share in self.lists.items():
            found += of_areas.of_list(share, About(self.model, at=f"capacity={size}"), gaps=False)
        if chances is not None:
            found += of_areas.expected(chances, About(self.model))
        large = {self.areas.name(value) for value in self._large.tolist()}
        yield from (e for e in found if e.group in large)

    def expected(self, form: Method, look: Weighed, scores: Floats) -> Iterator[Estimate]:
        """Findings that scores expect of each area over those that there were; told where enough were to be expected, and there was one."""
        metric, areas = "expected_observed_ratio", self.areas.of_row.astype(np.int64)
        count = len(self.areas.values)
        lines = look.with_weight(form)
        answers = self._answers(form, look, lines, look.positive[lines])
        weight = look.weight[form]
        total, hoped = (np.bincount(areas[look.row], of, minlength=count) for of in (weight, weight * scores[look.row]))
        enough = ~self.hidden & (look.expected_by(form, scores, areas, count) >= self.minimum)
        about = About(self.model)
        if enough.sum() < 2:
            yield nothing(TOO_FEW, metric, replace(about, at=f"by={AREA}"), n=int(enough.sum()), method=form)
            return
        for value in np.flatnonzero(enough).tolist():
            own, n = replace(about, group=self.areas.name(value)), float(answers.count[value])
            found = Weight(total[value] * answers.share[value], total[value] / answers.worth[value])
            if not found.value > 0:
                yield nothing("no_findings", metric, own, n=n, method=form)
                continue
            ends = ratio_interval(hoped[value], found, level=self.level)
            yield with_interval(hoped[value] / found.value, ends, metric, own, n=n, level=self.level, method=form)
        yield from self._withheld(metric, about, np.flatnonzero(enough), method=form)
