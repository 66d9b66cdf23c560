"""Shares of sectors and regions, alone and leaning on each other; whether each is as the others foretell, and what a model makes of one it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.all_places import AllPlaces, all_places_estimates
from tegenkracht.evaluation.answers import Answers, answers_of
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.crossings import areas_of
from tegenkracht.evaluation.estimates import About, rounded
from tegenkracht.evaluation.pooled import FIGURES, Groups, check_pooled, pooled_estimates
from tegenkracht.evaluation.sample import UNKNOWN, Grouping, Sample, grouping_of
from tegenkracht.evaluation.unseen import PLACE, check_unseen, unseen_estimates
from tegenkracht.experiment.questions import Pooled
from tegenkracht.experiment.tested import Tested, Told

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OF_ALL_PLACES: tuple[Method, ...] = ("weighted", "audit")
"""Forms of visits that tell of places that nobody visited."""


def pooled(tested: Tested) -> Told:
    """Finding rates in every form and precision of the card's list, per sector and region; nothing when the study does not ask."""
    asked = tested.questions.pooled
    if asked is None:
        return Told()
    estimates: list[Estimate] = []
    for place, by in enumerate(asked.by):
        grouping = _grouping(tested.sample, by, asked)
        if len(grouping.values) > 1:
            estimates += [rounded(e) for e in _of_grouping(tested, grouping, place)]
    checked = check_pooled(estimates, by=asked.by, level=tested.questions.level)
    unseen = _unseen(tested)
    return Told((*estimates, *unseen.estimates), (*checked, *unseen.findings))


def _unseen(tested: Tested) -> Told:
    """How the card's model orders places in regions or sectors that it did not learn from, when the split leaves them out in turn."""
    asked, sample = tested.questions, tested.sample
    place_of = {fold.name: fold.place for fold in tested.folds}
    left_out = all(place_of.values())
    estimates: list[Estimate] = []
    if left_out:
        places = grouping_of(pd.DataFrame({PLACE: sample.rows["fold"].map(place_of)}), PLACE, sample.unit)
        found = unseen_estimates(
            sample,
            places,
            asked.main,
            replicates=asked.replicates,
            level=asked.level,
            seed=tested.seed,
            threads=tested.threads,
        )
        estimates = [rounded(e) for e in found]
    return Told(tuple(estimates), (check_unseen(estimates, model=asked.main, left_out=left_out),))


def _grouping(sample: Sample, by: str, asked: Pooled) -> Grouping:
    """Which sector or region each row lies in; a region is the beginning of an area's code."""
    if by == "sector":
        return grouping_of(sample.rows, by, sample.unit)
    areas = areas_of(sample)
    regions = [area if area == UNKNOWN else area[: asked.region_prefix] for area in areas.values]
    names, of_area = np.unique(regions, return_inverse=True)
    return Grouping(by, tuple(names.tolist()), of_area.astype(np.int32)[areas.of_row], sample.unit)


def _of_grouping(tested: Tested, grouping: Grouping, place: int) -> Iterator[Estimate]:
    asked, sample = tested.questions, tested.sample
    names = [grouping.name(value) for value in range(len(grouping.values))]
    listed = _of_list(sample, grouping, asked.main, capacity=asked.capacity)
    at = f"capacity={asked.capacity}"
    visits = _visits(tested)
    told: list[tuple[str, About, Method, Answers]] = [
        *((FIGURES[0], About(), form, made.answers(sample, grouping)) for form, made in visits.items()),
        (FIGURES[1], About(asked.main, at=at), "labelled", listed),
    ]
    for number, (metric, about, form, answers) in enumerate(told):
        rng = np.random.default_rng([tested.seed, 1_400, place, number])
        groups = Groups(names, answers, asked.min_group)
        yield from pooled_estimates(groups, metric, about, form=form, level=asked.level, rng=rng)
        if metric == FIGURES[0] and form in OF_ALL_PLACES:
            places = _all_places(sample, grouping, visits[form])
            yield from all_places_estimates(groups, places, metric, about, form=form, level=asked.level, rng=rng)


@dataclass(frozen=True)
class _Visits:
    """Visits of one form: of each the row, its own number, whether it found something and what it stands for."""

    row: Ints
    number: Ints
    positive: Floats
    weight: Floats

    def answers(self, sample: Sample, grouping: Grouping) -> Answers:
        """Each visit once."""
        return _answers(sample, grouping, self.row, self.number, self.positive, self.weight)


def _visits(tested: Tested) -> dict[Method, _Visits]:
    """As they were made, weighed by their recorded chance, and by lot; without visits (rows are visits) as they were made."""
    sample = tested.sample
    if tested.visits is None:
        seen = np.flatnonzero(sample.visited)
        return {"labelled": _Visits(seen, seen, sample.finding[seen].astype(np.float64), np.ones(seen.size))}
    visits = tested.visits.drop_duplicates("inspection_id")
    row = sample.row_of(visits)
    chance = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    weights: dict[Method, Floats] = {
        "labelled": np.ones(row.size),
        "weighted": np.divide(1.0, chance, out=np.zeros(row.size), where=chance > 0),
        "audit": np.where(visits["channel"] == "random", 1.0, 0.0),
    }
    positive = visits["positive"].to_numpy(np.float64)
    used = {form: np.flatnonzero(weight) for form, weight in weights.items()}
    return {
        form: _Visits(row[made], made, positive[made], weights[form][made]) for form, made in used.items() if made.size
    }


def _all_places(sample: Sample, grouping: Grouping, visits: _Visits) -> AllPlaces:
    """Every place of the test rows once, in the group of its first row."""
    unit = sample.unit
    first = np.unique(unit, return_index=True)[1]
    return AllPlaces.of(
        group=grouping.of_row[first].astype(np.int64),
        groups=len(grouping.values),
        cluster=sample.cluster[first].astype(np.int64),
        visited=unit[visits.row],
        yes=visits.positive,
        weight=visits.weight,
    )


def _of_list(sample: Sample, grouping: Grouping, model: str, *, capacity: int) -> Answers:
    """Visited rows on the list; a place on several lists is one answer."""
    listed = lists_of(sample, capacity=capacity)[model]
    used = np.flatnonzero((listed > 0) & (sample.visited == 1))
    unit = sample.unit[used]
    return _answers(sample, grouping, used, unit, sample.finding[used], listed[used])


def _answers(
    sample: Sample, grouping: Grouping, row: Ints, once: Ints, yes: NDArray[np.uint8] | Floats, weight: Floats
) -> Answers:
    return answers_of(
        group=grouping.of_row[row].astype(np.int64),
        groups=len(grouping.values),
        cluster=sample.cluster[row].astype(np.int64),
        once=once.astype(np.int64),
        yes=yes.astype(np.float64),
        weight=weight,
    )
