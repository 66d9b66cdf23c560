"""What is there behind what inspections record, when they miss cases and record some that are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.estimates import rounded
from tegenkracht.evaluation.imperfect import FIGURES, check_inspections, corrected_estimates
from tegenkracht.evaluation.sight import sight_estimates, sight_of
from tegenkracht.experiment.tested import Tested, Told

FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit", "adjusted")
"""Forms in which a share is corrected: those that count findings of visits."""


def imperfect(tested: Tested, estimates: Sequence[Estimate]) -> Told:
    """Prevalence and precision of the card's model corrected for how well inspections see; nothing when a study does not ask."""
    asked = tested.questions.inspections
    if asked is None:
        return Told()
    level = tested.questions.level
    sight, source = sight_of(asked, tested.looked_twice)
    shares = _shares(tested, estimates)
    told = (
        *sight_estimates(asked, tested.looked_twice, level=level),
        *corrected_estimates(shares, sight, source, _looks(tested), level=level, seed=tested.seed),
    )
    return Told(tuple(rounded(e) for e in told), tuple(check_inspections(told, shares, source)))


def _shares(tested: Tested, estimates: Sequence[Estimate]) -> list[Estimate]:
    """Recorded prevalence and precision at capacity, in every form that is there."""
    asked = tested.questions
    by = {e.id: e for e in estimates}
    wanted = (("", FIGURES[0], ""), (asked.main, FIGURES[1], f"capacity={asked.capacity}"))
    keys = (f"{model}/{metric}//{at}/all/{form}" for model, metric, at in wanted for form in FORMS)
    return [by[key] for key in keys if key in by]


def _looks(tested: Tested) -> dict[str, Mapping[int, float]]:
    """Per figure, the part of visited rows by number of visits within the horizon."""
    sample, asked = tested.sample, tested.questions
    if tested.visits is None:
        return {figure: {1: 1.0} for figure in FIGURES}
    visits = sample.rows["row_id"].map(tested.visits["row_id"].value_counts()).fillna(0).to_numpy().astype(np.int64)
    listed = lists_of(sample, capacity=asked.capacity)[asked.main]
    everyone = np.ones(len(visits))
    return {figure: _parts(visits, weight) for figure, weight in zip(FIGURES, (everyone, listed), strict=True)}


def _parts(visits: NDArray[np.int64], weight: NDArray[np.float64]) -> dict[int, float]:
    """Part of the weight of visited rows by number of visits; one visit where none is listed."""
    sums = np.bincount(visits, weight)
    sums[0] = 0.0
    return {int(k): float(sums[k] / sums.sum()) for k in np.flatnonzero(sums)} or {1: 1.0}
