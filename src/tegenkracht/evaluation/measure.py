"""Every number of a study, from its scores, in one fixed order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import Progress
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import PLAIN, Resampled, Resampling, Statistic, resample
from tegenkracht.evaluation.calibration import Calibration, CalibrationMeasures, calibration_of, calibration_statistic
from tegenkracht.evaluation.calibration_curve import CurveMeasures, Slice, curve_slices, curve_statistic
from tegenkracht.evaluation.capacity import BY_LOT, CapacityMeasures, curve_sizes, list_statistics, unpacked
from tegenkracht.evaluation.compared import Pair, Versus, compared
from tegenkracht.evaluation.discrimination import RankMeasures, rank_statistics
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.groups import GroupMeasures, group_statistic
from tegenkracht.evaluation.overlap import disagreement_statistics, disagreements, overlaps
from tegenkracht.evaluation.process_share import process_shares
from tegenkracht.evaluation.regret import regret_estimates
from tegenkracht.evaluation.replay import Replay, ReplayMeasures, Schedule, replay_statistics, schedule_of
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.selection import selection_ledger

Numbers = Mapping[tuple[str, str], Resampled]
"""What was resampled, by kind and model."""
_APART = "apart from "
"""With another model's name: the kind of what only one of two lists has."""


def measure(
    scores: Scores,
    *,
    main_model: str,
    reference_model: str,
    capacity: int,
    lists: Lists,
    probability_models: Collection[str],
    cluster_by: ClusterBy,
    replicates: int,
    level: float,
    seed: int,
    min_group: int,
    replay: Replay | None,
    visits: pd.DataFrame | None,
    threads: int,
    progress: Progress,
    how: Resampling = PLAIN,
    also: Sequence[Pair] = (),
) -> tuple[Estimate, ...]:
    """All estimates of a study. The same scores, parameters and seed give the same bytes, whatever the number of threads.

    Parameters
    ----------
    main_model, reference_model
        The main model is compared with every other model, every other model with the reference; always on the same draws.
    capacity, lists
        How many places people can look at, on each as-of date or in each test window.
    probability_models
        Models whose scores are meant as probabilities; only these get calibration: the main model's curve also per split and group, of others one
        figure over all rows.
    cluster_by
        What the bootstrap draws: units, or the clusters that they belong to.
    replicates, level, seed
        Of the bootstrap.
    min_group
        Groups, and figures by group or date that rest on fewer rows than this, are withheld.
    replay
        How to re-order the slots of scheduled visits; None when rows are not visits.
    visits
        One row per visit that gave a test row its outcome (`channel`, `inspector`, `finding`): for scheduled visits
        `selection.scheduled_visits(scores)`; None when it is not known.
    threads
        Replicates that are worked on at a time.
    how
        How clusters are drawn, and which interval follows.
    also
        Pairs of models that are compared besides.

    Raises
    ------
    ValueError
        When models were not scored on the same rows, a score is not a finite number, or a score that is meant as a probability is none.
    """
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    longest = int(np.bincount(sample.lists).max())
    study = _Study(
        sample=sample,
        capacity=capacity,
        sizes=curve_sizes(capacity, longest=longest),
        versus=compared(sample.models, main=main_model, reference=reference_model, also=also),
        calibrations={
            m: calibration_of(sample, sample.scores[m], smallest=min_group)
            for m in sample.models
            if m in probability_models
        },
        curves={
            m: curve_slices(sample, sample.scores[m], m, apart=m == main_model)
            for m in sample.models
            if m in probability_models
        },
        schedules=_schedules(sample, replay),
        min_group=min_group,
        level=level,
    )
    numbers = resample(
        study.statistics(),
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=progress,
        how=how,
    )
    orders = replay.random_orders if replay else 0
    estimates = study.estimates(numbers, visits, random_orders=orders, seed=seed)
    return tuple(rounded(estimate) for estimate in estimates)


def _schedules(sample: Sample, replay: Replay | None) -> dict[str, Schedule]:
    """The slots to re-order: all of them freely, and inside each round when the study asks for it."""
    columns = [] if replay is None else [""] if replay.within is None else ["", replay.within]
    return {within: schedule_of(sample, within=within or None) for within in columns}


@dataclass(frozen=True)
class _Study:
    """What is to be resampled, and how its numbers become estimates."""

    sample: Sample
    capacity: int
    sizes: tuple[int, ...]
    versus: Versus
    calibrations: Mapping[str, Calibration]
    curves: Mapping[str, tuple[Slice, ...]]
    schedules: Mapping[str, Schedule]
    min_group: int
    level: float

    def statistics(self) -> dict[tuple[str, str], Statistic]:
        """By kind and model; `BY_LOT` is about the data."""
        sample = self.sample
        kinds = {
            "lists": list_statistics(sample, sizes=self.sizes, capacity=self.capacity),
            "ranks": rank_statistics(sample),
            "sums": {m: calibration_statistic(sample, sample.scores[m], c) for m, c in self.calibrations.items()},
            "curves": {m: curve_statistic(sample, slices) for m, slices in self.curves.items()},
            "groups": {BY_LOT: group_statistic(sample)},
            **{f"replay {within}": replay_statistics(sample, schedule) for within, schedule in self.schedules.items()},
        }
        of_models = {(kind, model): part for kind, models in kinds.items() for model, part in models.items()}
        apart = disagreement_statistics(sample, capacity=self.capacity, versus=self.versus)
        return {**of_models, **{(f"{_APART}{other}", model): part for (model, other), part in apart.items()}}

    def estimates(
        self, numbers: Numbers, visits: pd.DataFrame | None, *, random_orders: int, seed: int
    ) -> Iterator[Estimate]:
        """Everything, about the data first and then model by model."""
        capacity, groups, replays = (
            self._capacity(numbers),
            self._groups(numbers),
            self._replays(numbers, random_orders),
        )
        yield from selection_ledger(self.sample, visits, minimum=self.min_group, level=self.level)
        yield from process_shares(visits, minimum=self.min_group, level=self.level)
        yield from capacity.of_data()
        yield from groups.of_data()
        for i, measures in enumerate(replays):
            yield from measures.of_orders(np.random.default_rng([seed, i]))
        ranks = RankMeasures(self.sample, _of_kind(numbers, "ranks"), self.versus, self.level)
        calibration = CalibrationMeasures(self.sample, self.calibrations, _of_kind(numbers, "sums"), self.level)
        curves = CurveMeasures(self.sample, self.curves, _of_kind(numbers, "curves"), self.min_group, self.level, seed)
        for model in self.sample.models:
            yield from capacity.of_model(model)
            yield from ranks.of_model(model)
            yield from calibration.of_model(model)
            yield from curves.of_model(model)
            for measures in replays:
                yield from measures.of_model(model)
            yield from groups.of_model(model)
        yield from self._choices(capacity, numbers)

    def _choices(self, capacity: CapacityMeasures, numbers: Numbers) -> Iterator[Estimate]:
        """How alike lists are, what differs between them, and what choosing a model by precision would have cost."""
        at = self.capacity
        yield from overlaps(self.sample, capacity=at, versus=self.versus)
        apart = {
            (model, other): numbers[f"{_APART}{other}", model]
            for model, others in self.versus.items()
            for other in others
        }
        yield from disagreements(apart, capacity=at, level=self.level)
        by_split = {model: capacity.precision_by_split(model) for model in self.sample.models}
        n = int(self.sample.visited.sum())
        yield from regret_estimates(by_split, metric="precision_at_capacity", n=n, level=self.level)

    def _capacity(self, numbers: Numbers) -> CapacityMeasures:
        packed = _of_kind(numbers, "lists")
        lists = {m: unpacked(n, self.sample, sizes=len(self.sizes) + (m == BY_LOT)) for m, n in packed.items()}
        return CapacityMeasures(self.sample, lists, self.sizes, self.capacity, self.versus, self.level)

    def _groups(self, numbers: Numbers) -> GroupMeasures:
        listed = {
            m: unpacked(n, self.sample, sizes=len(self.sizes)).groups
            for m, n in _of_kind(numbers, "lists").items()
            if m != BY_LOT
        }
        return GroupMeasures(self.sample, numbers["groups", BY_LOT], listed, self.capacity, self.min_group, self.level)

    def _replays(self, numbers: Numbers, random_orders: int) -> list[ReplayMeasures]:
        return [
            ReplayMeasures(
                self.sample,
                schedule,
                within or None,
                _of_kind(numbers, f"replay {within}"),
                self.versus,
                random_orders,
                self.level,
            )
            for within, schedule in self.schedules.items()
        ]


def _of_kind(numbers: Numbers, kind: str) -> dict[str, Resampled]:
    return {model: number for (of, model), number in numbers.items() if of == kind}
