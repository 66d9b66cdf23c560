"""What a visit would find, weighed by the chance of a visit; and the same from visits by lot alone.

Places were visited with a chance that somebody wrote down, or that can be estimated. A visit that had one chance in fifty stands for fifty; so visits stand
for all places and moments at which somebody could have gone. Visits without a recorded chance (a second look, a tip that nobody planned) stand for nothing
in the form `weighted`. The forms `adjusted` and `doubly_robust` rest on an estimated chance: they hold only if nothing unseen decides who is visited.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import (
    PLAIN,
    Draw,
    Resampled,
    Resampling,
    Statistic,
    concatenated,
    resample,
    sum_statistic,
)
from tegenkracht.evaluation.bootstrap_t import student_interval, student_interval_of_odds
from tegenkracht.evaluation.capacity import listed_share
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
from tegenkracht.evaluation.kernel import walk_weighted_area
from tegenkracht.evaluation.parts import Known, WeighedVisits, part_interval
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import ClusterBy, Lists, Sample, sample_of
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW, FEW_FOUND = 30, 10
"""Visits below which no form is given, and visits with a finding below which no share of findings is."""
FORMS: tuple[Method, ...] = ("weighted", "audit", "adjusted")
"""Forms in which visits have weights."""
HITS, ALL, ERROR, SCORE = 0, 1, 2, 3
_OF_FINDINGS = ("recall_at_capacity", "auc", "false_negative_rate", "expected_observed_ratio")
"""Figures that rest on visits with a finding."""


@dataclass(frozen=True)
class Weighed:
    """Visits of test rows with their weights; one visit stands on a line for each as-of date whose horizon it lies in.

    Parameters
    ----------
    row, visit
        Of each line, the row (its place in the sample) and the number of the visit.
    positive
        Whether something was found.
    weight
        Per form, what each line stands for.
    """

    row: Ints
    visit: Ints
    positive: Floats
    weight: Mapping[Method, Floats]

    @cached_property
    def rows(self) -> Ints:
        """Rows that a visit stands for, each once."""
        return np.unique(self.row)

    def sums(self, form: Method, rows: int, scores: Floats | None = None) -> Floats:
        """Per row, the weight of visits with a finding and of all visits (rows, 2); with scores also of squared errors and of scores (rows, 4)."""
        return self._sums_by(self.row, form, rows, scores)

    def sums_of_rows(self, form: Method, scores: Floats | None = None) -> Floats:
        """The same for each of `rows` alone."""
        return self._sums_by(np.searchsorted(self.rows, self.row), form, self.rows.size, scores)

    def _sums_by(self, place: Ints, form: Method, places: int, scores: Floats | None) -> Floats:
        weight = self.weight[form]
        parts = [weight * self.positive, weight]
        if scores is not None:
            score = scores[self.row]
            parts += [weight * (score - self.positive) ** 2, weight * score]
        return np.column_stack([np.bincount(place, part, minlength=places) for part in parts]).astype(np.float64)

    def visits(self, form: Method, share: Floats, *, positive: bool | None = None) -> float:
        """How many different visits went to a list, of which each row has its share; all, or those with (without) a finding."""
        most = np.zeros(int(self.visit.max(initial=-1)) + 1)
        counts = self.weight[form] > 0
        if positive is not None:
            counts = counts & ((self.positive > 0) == positive)
        np.maximum.at(most, self.visit[counts], share[self.row[counts]])
        return float(most.sum())

    def effective(self, form: Method) -> float:
        """How many visits of equal weight the different visits are worth (Kish 1965)."""
        weight = self.weight[form][np.unique(self.visit, return_index=True)[1]]
        return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0

    def area(self, form: Method, sample: Sample, scores: Floats) -> Statistic:
        """Area under the ROC curve of weighted visits (1,): the chance that a visit that finds something had the higher score."""
        used = np.flatnonzero(self.weight[form] > 0)
        order = used[np.argsort(-scores[self.row[used]], kind="stable")]
        score = scores[self.row[order]]
        new_score = np.ones(order.size, np.uint8)
        new_score[1:] = np.diff(score) != 0
        cluster, positive, weight = sample.cluster[self.row[order]], self.positive[order], self.weight[form][order]

        def statistic(draw: Draw) -> Floats:
            out = np.empty(len(draw.counts))
            walk_weighted_area(draw.by_cluster, cluster, positive, weight, new_score, out)
            return out[:, None]

        return statistic


def weigh(visits: pd.DataFrame, sample: Sample, propensities: Propensities | None = None) -> Weighed:
    """Weights of visits: one over the recorded chance for `weighted`, one for visits by lot for `audit`.

    With estimated chances of rows also `adjusted`: one over the chance of the row, shared by its visits.

    Parameters
    ----------
    visits
        `row_id, inspection_id, channel, propensity, positive`, a line per row and visit.

    Raises
    ------
    ValueError
        When a line is of a row that is not in the sample.
    """
    row = sample.row_of(visits)
    if (row < 0).any():
        raise ValueError(f"{int((row < 0).sum()):,} lines are visits of rows that are not tested.")
    chance = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    weight: dict[Method, Floats] = {
        "weighted": np.divide(1.0, chance, out=np.zeros(len(chance)), where=chance > 0),
        "audit": np.where(visits["channel"] == "random", 1.0, 0.0),
    }
    if propensities is not None:
        weight["adjusted"] = propensities.weight[row] / np.bincount(row, minlength=len(sample.rows))[row]
    return Weighed(
        row=row,
        visit=pd.factorize(visits["inspection_id"])[0].astype(np.int64),
        positive=visits["positive"].to_numpy(dtype=np.float64),
        weight=weight,
    )


def weighted_estimates(
    scores: Scores,
    visits: pd.DataFrame | None,
    *,
    propensities: Propensities | None,
    probability_models: Collection[str],
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    how: Resampling = PLAIN,
) -> tuple[Estimate, ...]:
    r"""Every headline figure in the forms `weighted`, `audit`, and with estimated chances `adjusted` and `doubly_robust`.

    Of the data `prevalence` and `precision_by_lot`; per model `precision_at_capacity` and what it is above a lot, `recall_at_capacity`, `auc`, for
    probabilities `brier` and `expected_observed_ratio`, and per audit group precision and both kinds of error.

    Hájek's ratio of weighted sums; the interval draws clusters, the list and the chances stay as they are. Shares have Wilson's interval, the area, the Brier
    score and the distance to a lot Student's, with the degrees of freedom that the clusters are worth. `doubly_robust` adds to the mean of what is expected
    of all rows the weighted mean of what seen rows differ from it (Robins, Rotnitzky & Zhao 1994), for prevalence and precision. `effective_visits` is
    :math:`(\sum w)^2/\sum w^2` (Kish 1965). Nothing when rows are visits that were scheduled: then everybody on a list was visited.

    Parameters
    ----------
    propensities
        Estimated chances of rows; None when they were not asked.
    minimum
        Groups of fewer rows than this are withheld.
    """
    if visits is None:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    study = _Study(
        sample,
        weigh(visits, sample, propensities),
        propensities,
        tuple(model for model in sample.models if model in probability_models),
        {"": np.ones(len(sample.rows))}
        | {model: listed_share(sample, sample.scores[model], capacity=capacity) for model in sample.models},
    )
    numbers = resample(
        study.statistics(),
        clusters=sample.clusters,
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


Key = tuple[str, str, Method]
"""What is resampled: kind (`sums`, `area`, `groups`), model and form."""


@dataclass(frozen=True)
class _Study:
    """What is to be resampled. `shares` says how much of each row is on a model's list; under "" all of it."""

    sample: Sample
    weighed: Weighed
    propensities: Propensities | None
    probabilities: tuple[str, ...]
    shares: Mapping[str, Floats]

    @property
    def forms(self) -> tuple[Method, ...]:
        """Forms that visits have weights in."""
        return tuple(form for form in FORMS if form in self.weighed.weight)

    def statistics(self) -> dict[Key, Statistic]:
        """Sums of every list and form, areas, and sums by group; all on the same draws."""
        out: dict[Key, Statistic] = {}
        for model in self.shares:
            for form in self.forms:
                out["sums", model, form] = self._sums(model, form)
                if model:
                    out["area", model, form] = self.weighed.area(form, self.sample, self.sample.scores[model])
                    out["groups", model, form] = self._groups(model, form)
            if self.propensities is not None:
                out["sums", model, "doubly_robust"] = doubly_robust(self.sample, self.shares[model], self.propensities)
        return out

    def _sums(self, model: str, form: Method) -> Statistic:
        """Weight on the list of visits with a finding and of all; for probabilities also squared errors and scores, everywhere."""
        scores = self.sample.scores[model] if model in self.probabilities else None
        columns, rows = self.weighed.sums_of_rows(form, scores), self.weighed.rows
        columns[:, :ERROR] *= self.shares[model][rows, None]
        return sum_statistic(columns, cluster=self.sample.cluster, slices=[rows])

    def _groups(self, model: str, form: Method) -> Statistic:
        """Per group: weight of findings and of all visits, on the list and everywhere (group, 4)."""
        anywhere, rows = self.weighed.sums_of_rows(form), self.weighed.rows
        columns = np.column_stack([self.shares[model][rows, None] * anywhere, anywhere])
        slices = [np.flatnonzero(own[rows]) for own in self.groups()]
        return sum_statistic(columns[concatenated(slices)[0]], cluster=self.sample.cluster[rows], slices=slices)

    def groups(self) -> Iterator[NDArray[np.bool_]]:
        """Which rows are in each group, over all attributes."""
        for grouping in self.sample.groupings:
            for value in range(len(grouping.values)):
                yield grouping.of_row == value


def doubly_robust(sample: Sample, share: Floats, found: Propensities) -> Statistic:
    """What `shown_doubly_robust` reads, of rows that each count for their share: what is expected and rows; what seen rows differ from it, weighed, and their weight."""
    off = np.where(found.observed, np.nan_to_num(found.outcome) - found.expected, 0.0)
    columns = share[:, None] * np.column_stack([found.expected, np.ones_like(share), found.weight * off, found.weight])
    used = np.flatnonzero(share > 0)
    return sum_statistic(columns[used], cluster=sample.cluster, slices=[used])


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
        for model in self.study.sample.models:
            about = About(model, at=self.at)
            for form in self._forms:
                listed, anywhere = self._found(model, form), self._found("", form)
                yield self._estimate(model, form, "precision_at_capacity", about, listed)
                yield self._estimate(model, form, "precision_above_random", about, listed - anywhere)
            for form in self.study.forms:
                yield from self._everywhere(model, form)
                yield from self._of_groups(model, form)

    def _everywhere(self, model: str, form: Method) -> Iterator[Estimate]:
        """Figures that rest on visits to all places, not only to the list."""
        whole, own = self.numbers["sums", "", form][0], self.numbers["sums", model, form][0]
        yield self._recall(model, form, own, whole)
        yield self._estimate("", form, "auc", About(model), self.numbers["area", model, form][0])
        if model in self.study.probabilities:
            yield self._estimate("", form, "brier", About(model), own[ERROR] / whole[ALL])
            yield self._estimate("", form, "expected_observed_ratio", About(model), own[SCORE] / whole[HITS])

    def _recall(self, model: str, form: Method, own: Resampled, whole: Resampled) -> Estimate:
        """What the list has of all that there is to find.

        Findings on the list weigh little, because places on it are visited often; those elsewhere weigh much. So the interval is made of that of what a
        visit to the list finds and that of what a visit elsewhere finds, each at what its own visits are worth.
        """
        about, metric = About(model, at=self.at), "recall_at_capacity"
        share = self.study.shares[model]
        listed, elsewhere = (self.study.weighed.visits(form, rows) for rows in (share, 1 - share))
        if not listed:
            return nothing("few_visits", metric, about, n=0, method=form)
        part = WeighedVisits(own[HITS], own[ALL], listed)
        rest = WeighedVisits(whole[HITS] - own[HITS], whole[ALL] - own[ALL], elsewhere)
        recall = self._estimate("", form, metric, about, own[HITS] / whole[HITS])
        return self._as_part(recall, part.found(self.level), rest.found(self.level))

    def _as_part(self, estimate: Estimate, part: Known, rest: Known) -> Estimate:
        """A figure that is a part of a whole, with the interval that follows from what it is made of."""
        if estimate.value is None:
            return estimate
        about = About(estimate.model, at=estimate.at, group=estimate.group)
        ends = part_interval(part, rest)
        return with_interval(
            estimate.value, ends, estimate.metric, about, n=estimate.n, level=self.level, method=estimate.method
        )

    def _of_groups(self, model: str, form: Method) -> Iterator[Estimate]:
        """Precision and both kinds of error, per audit group."""
        share, sums = self.study.shares[model], self.numbers["groups", model, form]
        names = [
            grouping.name(value) for grouping in self.study.sample.groupings for value in range(len(grouping.values))
        ]
        groupings = self.study.sample.groupings
        hidden = [gone for g in groupings for gone in too_small(g.sizes, minimum=self.minimum)]
        for i, (name, own) in enumerate(zip(names, self.study.groups(), strict=True)):
            about, part = About(model, at=self.at, group=name), sums[i]
            listed_hits, listed, hits, all_ = (part[column] for column in range(4))
            visits = partial(self.study.weighed.visits, form)
            on_list = WeighedVisits(listed_hits, listed, visits(share * own))
            elsewhere = WeighedVisits(hits - listed_hits, all_ - listed, visits((1 - share) * own))
            rates = {
                "precision_at_capacity": (listed_hits / listed, share * own, None),
                "false_positive_rate": ((listed - listed_hits) / (all_ - hits), own, False),
                "false_negative_rate": ((hits - listed_hits) / hits, own, True),
            }
            for metric, (number, rows, positive) in rates.items():
                if hidden[i]:
                    yield nothing("group_under_minimum", metric, about, n=0, method=form)
                    continue
                n = visits(rows.astype(np.float64), positive=positive)
                rate = self._one(number, metric, about, form, n=n, found=n if positive else FEW_FOUND)
                if metric == "false_positive_rate":
                    rate = self._as_part(rate, on_list.clear(self.level), elsewhere.clear(self.level))
                elif metric == "false_negative_rate":
                    rate = self._as_part(rate, elsewhere.found(self.level), on_list.found(self.level))
                yield rate

    def _estimate(self, model: str, form: Method, metric: str, about: About, number: Resampled) -> Estimate:
        """A figure that rests on visits to a model's list, or under "" on all visits."""
        weighs: Method = "adjusted" if form == "doubly_robust" else form
        share = self.study.shares[model]
        n = self.study.weighed.visits(weighs, share)
        found = self.study.weighed.visits(weighs, share, positive=True)
        return self._one(number, metric, about, form, n=n, found=found)

    def _one(self, number: Resampled, metric: str, about: About, form: Method, *, n: float, found: float) -> Estimate:
        of_findings = metric in _OF_FINDINGS
        if n < (FEW_FOUND if metric == "false_negative_rate" else FEW):
            return nothing("few_visits" if n else NONE[form], metric, about, n=n, method=form)
        if of_findings and found < FEW_FOUND:
            return nothing("few_findings" if found else "no_findings", metric, about, n=found, method=form)
        base = found if metric == "recall_at_capacity" else n
        if metric in _ON_STUDENT and form in DESIGNED and np.isfinite(number.point):
            interval = self._on_student(number, metric, n=n, found=found)
            return with_interval(float(number.point), interval, metric, about, n=base, level=self.level, method=form)
        return estimate_of(
            number,
            metric,
            about,
            n=base,
            level=self.level,
            why_not=NONE[form],
            share=metric in _SHARES and form != "doubly_robust",
            method=form,
        )

    def _on_student(self, number: Resampled, metric: str, *, n: float, found: float) -> tuple[float, float] | None:
        """Student's interval inside what the figure lies between; of an area on the scale of log-odds, no nearer to its ends than half a pair of visits."""
        if metric == "auc":
            return student_interval_of_odds(number, nearest=0.5 / max(found * (n - found), 1.0), level=self.level)
        interval, (least, most) = student_interval(number, level=self.level), _ON_STUDENT[metric]
        return None if interval is None else (max(interval[0], least), min(interval[1], most))

    def _found(self, model: str, form: Method) -> Resampled:
        """What a visit to a list finds; under "" a visit anywhere."""
        sums = self.numbers["sums", model, form][0]
        if form == "doubly_robust":
            return shown_doubly_robust(sums)
        return sums[HITS] / sums[ALL]


_SHARES = (
    *("prevalence", "precision_by_lot", "precision_at_capacity", "recall_at_capacity"),
    *("false_positive_rate", "false_negative_rate"),
)
_ON_STUDENT: Mapping[str, tuple[float, float]] = {
    "auc": (0.0, 1.0),
    "brier": (0.0, 1.0),
    "precision_above_random": (-1.0, 1.0),
}
"""Figures of weighted visits that get Student's interval, and what they lie between: a few visits that were unlikely carry most of their error."""
NONE: Mapping[Method, str] = {
    "weighted": "no_chances",
    "audit": "no_visits_by_lot",
    "adjusted": "nobody_visited",
    "doubly_robust": "nobody_visited",
}
"""Per form, why there is no number at all."""
