"""Whether groups of places are treated alike: how often flagged, visited, and rightly or wrongly so.

Groups come from audit attributes, which no model sees. Values are fairlearn's `MetricFrame`; intervals come from the study's own bootstrap
(clusters, same draws for all models). Whether a place is flagged needs no outcome, so selection is over all rows; precision and error rates
rest on visited rows only, and `n` says on how many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, mean_prediction, selection_rate
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, concatenated, sum_statistic
from tegenkracht.evaluation.capacity import FINDINGS, LENGTH, VISITS, listed_share
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, nothing
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]

NEEDS_NO_OUTCOME = ("selection_rate", "inspected_share")


def group_statistic(sample: Sample) -> Statistic:
    """Per group (group, 3 + models): rows, visits, findings, and the sum of each model's scores over visited rows."""
    everyone = [
        np.flatnonzero(grouping.of_row == value)
        for grouping in sample.groupings
        for value in range(len(grouping.values))
    ]
    visited = [rows[sample.visited[rows] == 1] for rows in everyone]
    counted = np.column_stack(
        [np.ones(len(sample.rows)), sample.visited.astype(np.float64), sample.finding.astype(np.float64)]
    )
    scored = np.column_stack([*sample.scores.values()])
    parts = [
        sum_statistic(columns[concatenated(slices)[0]], cluster=sample.cluster, slices=slices)
        for columns, slices in ((counted, everyone), (scored, visited))
    ]
    return lambda draw: np.concatenate([part(draw) for part in parts], axis=-1)


@dataclass(frozen=True)
class Rate:
    """One figure of every group of an attribute: as resampled, and how many rows it rests on per group."""

    number: Resampled
    base: Floats


@dataclass(frozen=True)
class GroupMeasures:
    """Audits by group.

    Parameters
    ----------
    totals
        Resampled `group_statistic`.
    listed
        Per model, what of each group is on the lists (group, 3): length, visits, findings.
    minimum
        Groups, and figures that rest on fewer rows than this, are withheld; a group from which the only small one could be worked out too.
    """

    sample: Sample
    totals: Resampled
    listed: Mapping[str, Resampled]
    capacity: int
    minimum: int
    level: float

    def of_data(self) -> Iterator[Estimate]:
        """Per group, before any model is looked at: size, how much was visited, and what was found there."""
        visited, finding = self.sample.visited.astype(np.float64), self.sample.finding.astype(np.float64)
        asked: dict[str, tuple[Floats, Floats | None]] = {
            "inspected_share": (visited, None),
            "finding_rate": (finding, visited),
        }
        all_points = _shares(
            {
                name: [_cells(g.of_row, finding, answer, only=only, first=own.start) for g, own in self._attributes()]
                for name, (answer, only) in asked.items()
            },
            groups=self.sample.group_count,
        )
        for grouping, groups in self._attributes():
            whole, points = self.totals[groups], all_points[groups].reset_index(drop=True)
            for value in range(len(grouping.values)):
                yield from self._sizes(grouping, value, whole.point[value])
            rates = {
                "inspected_share": Rate(whole[:, VISITS] / whole[:, LENGTH], whole.point[:, LENGTH]),
                "finding_rate": Rate(whole[:, FINDINGS] / whole[:, VISITS], whole.point[:, VISITS]),
            }
            yield from self._rates(grouping, _with_points(rates, points), About())

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Per group at capacity: how often flagged, how often rightly, and both kinds of error among visited rows."""
        all_points = self._points[model]
        for grouping, groups in self._attributes():
            rates, points = self._at_capacity(model, groups), all_points[groups].reset_index(drop=True)
            at_capacity = {name: rate for name, rate in rates.items() if name != "mean_score"}
            yield from self._rates(
                grouping, _with_points(at_capacity, points), About(model, at=f"capacity={self.capacity}")
            )
            yield from self._rates(grouping, _with_points({"mean_score": rates["mean_score"]}, points), About(model))

    def _attributes(self) -> Iterator[tuple[Grouping, slice]]:
        """Each attribute with where its groups stand among all groups."""
        start = 0
        for grouping in self.sample.groupings:
            yield grouping, slice(start, start + len(grouping.values))
            start += len(grouping.values)

    def _at_capacity(self, model: str, groups: slice) -> dict[str, Rate]:
        top, whole, score = self.listed[model][groups], self.totals[groups], 3 + self.sample.models.index(model)
        visits, findings = whole[:, VISITS], whole[:, FINDINGS]
        return {
            "selection_rate": Rate(top[:, LENGTH] / whole[:, LENGTH], whole.point[:, LENGTH]),
            "precision_at_capacity": Rate(top[:, FINDINGS] / top[:, VISITS], top.point[:, VISITS]),
            "false_positive_rate": Rate(
                (top[:, VISITS] - top[:, FINDINGS]) / (visits - findings), (visits - findings).point
            ),
            "false_negative_rate": Rate((findings - top[:, FINDINGS]) / findings, findings.point),
            "mean_score": Rate(whole[:, score] / visits, visits.point),
        }

    @cached_property
    def _points(self) -> dict[str, pd.DataFrame]:
        """What fairlearn says of each group of every attribute, per model; a tied row counts as partly flagged and partly not.

        Groups of all models go through `MetricFrame` at once, each under a number of its own: a frame costs far more than a group in it. Error
        rates and precision are shares of the rows with one outcome, or one answer: as such they need no confusion matrix for each group.
        """
        sample, groups = self.sample, self.sample.group_count
        visited, finding = sample.visited.astype(np.float64), sample.finding.astype(np.float64)
        seen = sample.visited == 1
        everyone, looked_at, means = [], [], []
        for m, model in enumerate(sample.models):
            flagged = listed_share(sample, sample.scores[model], capacity=self.capacity)
            for grouping, own in self._attributes():
                first = m * groups + own.start
                everyone.append(_cells(grouping.of_row, finding, flagged, first=first))
                looked_at.append(_cells(grouping.of_row, finding, flagged, only=visited, first=first))
                means.append(_means(grouping.of_row[seen], finding[seen], sample.scores[model][seen], first=first))
        shares = {
            "selection_rate": everyone,
            "false_positive_rate": [part[part["truth"] == 0] for part in looked_at],
            "false_negative_rate": [_turned(part[part["truth"] == 1]) for part in looked_at],
            "precision_at_capacity": [_as_answers(part[part["answer"] == 1]) for part in looked_at],
        }
        numbers = len(sample.models) * groups
        points = _shares(shares, groups=numbers).assign(mean_score=_by_number(means, mean_prediction, numbers))
        return {
            model: points[m * groups : (m + 1) * groups].reset_index(drop=True) for m, model in enumerate(sample.models)
        }

    def _sizes(self, grouping: Grouping, value: int, counts: Floats) -> Iterator[Estimate]:
        about = About(group=grouping.name(value))
        for metric, which in (("rows", LENGTH), ("observed", VISITS)):
            small = too_small(grouping.sizes, minimum=self.minimum)[value]
            yield (
                nothing("group_under_minimum", metric, about, n=0, method="count")
                if small
                else count_of(counts[which], metric, about)
            )

    def _rates(self, grouping: Grouping, rates: Mapping[str, Rate], about: About) -> Iterator[Estimate]:
        """Each figure of each group, and its distance to the largest group."""
        reference = int(np.argmax(grouping.sizes))
        for metric, rate in rates.items():
            why = [self._why_withheld(grouping, value, rate) for value in range(len(grouping.values))]
            method: Method = "sample" if metric in NEEDS_NO_OUTCOME else "labelled"
            share = metric != "mean_score"
            for value, reason in enumerate(why):
                group, n = replace(about, group=grouping.name(value)), rate.base[value]
                yield self._one(rate.number[value], metric, group, n=n, reason=reason, share=share, method=method)
            for value, reason in enumerate(why):
                if value != reference:
                    at = ",".join(part for part in (about.at, f"versus={grouping.values[reference]}") if part)
                    group, gap = (
                        replace(about, group=grouping.name(value), at=at),
                        rate.number[value] - rate.number[reference],
                    )
                    reason = reason or why[reference]
                    yield self._one(
                        gap, f"{metric}_gap", group, n=rate.base[value], reason=reason, share=False, method=method
                    )

    def _one(
        self, number: Resampled, metric: str, about: About, *, n: float, reason: str, share: bool, method: Method
    ) -> Estimate:
        if reason:
            return nothing(reason, metric, about, n=0, method=method)
        return estimate_of(
            number, metric, about, n=n, level=self.level, why_not="base_under_minimum", share=share, method=method
        )

    def _why_withheld(self, grouping: Grouping, value: int, rate: Rate) -> str:
        if too_small(grouping.sizes, minimum=self.minimum)[value]:
            return "group_under_minimum"
        return "base_under_minimum" if rate.base[value] < self.minimum else ""


def _cells(
    group: NDArray[np.int32], truth: Floats, share: Floats, only: Floats | None = None, first: int = 0
) -> pd.DataFrame:
    """How many rows of each group have each outcome and answer: all that a rate needs, and a row may be partly the one and partly the other.

    Groups are numbered from `first` on.

    `MetricFrame` visits its rows one by one in Python, so that these few weighted rows are a thousand times faster than the places themselves.
    """
    weight = np.ones(group.size) if only is None else only
    place = 2 * group.astype(np.int64) + (truth == 1)
    cells = 2 * (int(group.max(initial=-1)) + 1)
    sums = [np.bincount(place, weights=weight * part, minlength=cells) for part in (1 - share, share)]
    numbers = np.tile(np.arange(cells), 2)
    table = pd.DataFrame(
        {
            "group": first + numbers // 2,
            "truth": (numbers % 2).astype(np.float64),
            "answer": np.repeat([0.0, 1.0], cells),
            "weight": np.concatenate(sums),
        }
    )
    return table[table["weight"] > 0]


def _means(group: NDArray[np.int32], truth: Floats, score: Floats, *, first: int) -> pd.DataFrame:
    """Mean score and number of rows of each group with each outcome, groups numbered from `first` on."""
    place = 2 * group.astype(np.int64) + (truth == 1)
    number, total = np.bincount(place), np.bincount(place, weights=score)
    there = np.flatnonzero(number)
    return pd.DataFrame(
        {
            "group": first + there // 2,
            "truth": (there % 2).astype(np.float64),
            "answer": total[there] / number[there],
            "weight": number[there].astype(np.float64),
        }
    )


def _turned(cells: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the other answer."""
    return cells.assign(answer=1 - cells["answer"])


def _as_answers(cells: pd.DataFrame) -> pd.DataFrame:
    """The same rows with their outcome for an answer."""
    return cells.assign(answer=cells["truth"])


def _shares(figures: Mapping[str, Sequence[pd.DataFrame]], *, groups: int) -> pd.DataFrame:
    """Share of rows with a positive answer (group, figure) as fairlearn gives it, all figures in one frame."""
    numbered = [
        part.assign(group=i * groups + part["group"]) for i, parts in enumerate(figures.values()) for part in parts
    ]
    values = _by_number(numbered, selection_rate, len(figures) * groups)
    return pd.DataFrame(values.reshape(len(figures), groups).T, columns=list(figures))


def _by_number(cells: Sequence[pd.DataFrame], metric: Callable[..., float], numbers: int) -> Floats:
    """A metric of each group by its number, as fairlearn gives it; NaN for a group without rows."""
    together = pd.concat(cells, ignore_index=True) if cells else pd.DataFrame({"group": []})
    if together.empty:
        return np.full(numbers, np.nan)
    frame = MetricFrame(
        metrics=metric,
        y_true=together["truth"],
        y_pred=together["answer"],
        sensitive_features=together["group"],
        sample_params={"sample_weight": together["weight"]},
    )
    return np.asarray(frame.by_group.reindex(range(numbers)), np.float64)


def _with_points(rates: Mapping[str, Rate], points: pd.DataFrame) -> dict[str, Rate]:
    """The same figures with fairlearn's values; where a figure has no base, there is none (fairlearn says 0)."""
    out = {}
    for name, rate in rates.items():
        values = points[name].reindex(range(rate.base.size)).to_numpy(np.float64)
        number = replace(rate.number, point=np.where(rate.base > 0, values, np.nan))
        out[name] = Rate(number, rate.base)
    return out
