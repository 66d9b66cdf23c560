"""Whether groups of places are treated alike: how often flagged, visited, and rightly or wrongly so.

Groups come from audit attributes, which no model sees. Values are fairlearn's `MetricFrame`; intervals come from the study's own bootstrap
(clusters, same draws for all models). Whether a place is flagged needs no outcome, so selection is over all rows; precision and error rates
rest on visited rows only, and `n` says on how many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from fairlearn.metrics import MetricFrame
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, concatenated, sum_statistic
from tegenkracht.evaluation.capacity import FINDINGS, LENGTH, VISITS, lists_of
from tegenkracht.evaluation.crossings import Groups
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, nothing
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.sample import Grouping, Sample

Floats = NDArray[np.float64]

NEEDS_NO_OUTCOME = ("selection_rate", "inspected_share")
AT_CAPACITY = ("selection_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
FIGURES = ("inspected_share", "finding_rate", *AT_CAPACITY, "mean_score")
"""What fairlearn is asked of every group, in the order of `_figures`; the first two are the same for all models."""


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
        Groups of fewer places, and figures that rest on fewer rows than this, are withheld; a group from which the only such one could be worked out too.
    """

    sample: Sample
    totals: Resampled
    listed: Mapping[str, Resampled]
    capacity: int
    minimum: int
    level: float

    def of_data(self) -> Iterator[Estimate]:
        """Per group, before any model is looked at: size, how much was visited, and what was found there."""
        for grouping, groups in self._attributes():
            whole = self.totals[groups]
            for value in range(len(grouping.values)):
                yield from self._sizes(grouping, value, whole.point[value])
            rates = {
                "inspected_share": Rate(whole[:, VISITS] / whole[:, LENGTH], whole.point[:, LENGTH]),
                "finding_rate": Rate(whole[:, FINDINGS] / whole[:, VISITS], whole.point[:, VISITS]),
            }
            yield from self._rates(grouping, self._with_points(rates, groups, model=0), About())

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Per group at capacity: how often flagged, how often rightly, and both kinds of error among visited rows."""
        number, at = self.sample.models.index(model), About(model, at=f"capacity={self.capacity}")
        for grouping, groups in self._attributes():
            rates = self._with_points(self._at_capacity(model, groups), groups, model=number)
            yield from self._rates(grouping, {name: rates[name] for name in AT_CAPACITY}, at)
            yield from self._rates(grouping, {"mean_score": rates["mean_score"]}, About(model))

    @cached_property
    def _groups(self) -> Groups:
        """Which groups are withheld."""
        return Groups(self.sample.groupings, {}, self.minimum)

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
    def _points(self) -> Floats:
        """What fairlearn says of each group of every attribute (group, figure, model); a tied row counts as partly flagged and partly not.

        All figures of all models go through one `MetricFrame`, which may be given an answer in several columns: it costs milliseconds a group.
        """
        sample, cells = self.sample, 3 * self.sample.group_count
        listed = lists_of(sample, capacity=self.capacity).values()
        kind = np.where(sample.visited == 1, sample.finding, 2)
        place = (3 * sample.group_of_row.astype(np.int64) + kind).ravel()
        rows = np.bincount(place, minlength=cells).astype(np.float64)
        sums = [
            np.bincount(place, np.tile(column, len(sample.groupings)), minlength=cells)
            for column in (*listed, *sample.scores.values())
        ]
        frame = MetricFrame(
            metrics=_figures,
            y_true=np.tile([0.0, 1.0, np.nan], sample.group_count),
            y_pred=np.column_stack(sums) / np.maximum(rows, 1.0)[:, None],
            sensitive_features=np.arange(cells) // 3,
            sample_params={"sample_weight": rows},
        )
        return np.stack(frame.by_group.to_numpy())

    def _with_points(self, rates: Mapping[str, Rate], groups: slice, *, model: int) -> dict[str, Rate]:
        """The same figures with fairlearn's values; where a figure has no base, there is none."""
        out = {}
        for name, rate in rates.items():
            values = self._points[groups, FIGURES.index(name), model]
            number = replace(rate.number, point=np.where(rate.base > 0, values, np.nan))
            out[name] = Rate(number, rate.base)
        return out

    def _sizes(self, grouping: Grouping, value: int, counts: Floats) -> Iterator[Estimate]:
        about = About(group=grouping.name(value))
        for metric, which in (("rows", LENGTH), ("observed", VISITS)):
            yield (
                nothing("group_under_minimum", metric, about, n=0, method="count")
                if self._groups.hidden(grouping)[value]
                else count_of(counts[which], metric, about)
            )

    def _rates(self, grouping: Grouping, rates: Mapping[str, Rate], about: About) -> Iterator[Estimate]:
        """Each figure of each group, and its distance to the largest group."""
        reference = int(np.argmax(grouping.sizes))
        for metric, rate in rates.items():
            why = self._groups.why(grouping, rate.base)
            method: Method = "sample" if metric in NEEDS_NO_OUTCOME else "labelled"
            share = metric != "mean_score"
            for value, reason in enumerate(why):
                group, n = replace(about, group=grouping.name(value)), rate.base[value]
                yield self._one(rate.number[value], metric, group, n=n, reason=reason, share=share, method=method)
            for value, reason in enumerate(why):
                if value != reference:
                    at = joined(about.at, f"versus={grouping.values[reference]}")
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


def _figures(y_true: Floats, y_pred: Floats, sample_weight: Floats) -> Floats:
    """The figures of one group (figure, model), of cells: rows with the same outcome (none where nobody looked), and how many they are.

    Parameters
    ----------
    y_pred
        Of each cell, the mean share on the list by each model, and then the mean score of each.
    """
    truth, weight = y_true[:, None], sample_weight[:, None]
    flagged, score = np.split(y_pred, 2, axis=1)
    seen, found = ~np.isnan(truth), truth == 1
    parts = (
        (seen, weight),
        (found, weight * seen),
        (flagged, weight),
        (found, weight * seen * flagged),
        (flagged, weight * (truth == 0)),
        (1 - flagged, weight * found),
        (score, weight * seen),
    )
    return np.stack([_mean(values, of, models=flagged.shape[1]) for values, of in parts])


def _mean(values: NDArray[Any], weight: Floats, *, models: int) -> Floats:
    """Weighted mean over cells (model); NaN without weight."""
    total = np.broadcast_to(weight.sum(axis=0), models)
    return over((weight * values).sum(axis=0), total)
