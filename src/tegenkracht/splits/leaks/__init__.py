"""Checks for leaks that no date can show: what is too close to the outcome, too alike, or too good. They find; a person judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe
from tegenkracht.splits.leaks.alike import duplicate_units, places_on_both_sides
from tegenkracht.splits.leaks.declared import immature_labels, label_adjacent, undated_attributes
from tegenkracht.splits.leaks.too_good import encoded_outcome, flattered_by_time, predicts_alone
from tegenkracht.splits.leaks.visits import made_by_visits

CODES: Mapping[str, str] = {
    "TK006": "A feature lies next to the outcome.",
    "TK007": "A feature has no date on which it was known, and may have changed after the outcome.",
    "TK008": "A feature is there because somebody went.",
    "TK009": "Neighbours, clusters or parties stand in training and in test.",
    "TK010": "Two ids look like one unit.",
    "TK012": "A feature is the mean outcome of a group, over all rows.",
    "TK013": "One feature alone predicts the outcome too well.",
    "TK014": "Outcomes are used that could not have been known.",
    "TK015": "Testing on the same dates flatters the model.",
}

__all__ = ["CODES", "look_for_leaks"]


def look_for_leaks(
    dataset: Dataset, panel: Panel, folds: Sequence[Fold], recipes: Sequence[Recipe], *, seed: int
) -> Iterator[Finding]:
    """One finding of each code, on every study."""
    yield label_adjacent(dataset, panel)
    yield undated_attributes(recipes)
    yield made_by_visits(dataset, recipes)
    yield places_on_both_sides(dataset, panel, folds)
    yield duplicate_units(dataset, panel)
    yield encoded_outcome(panel)
    yield predicts_alone(panel, folds)
    yield immature_labels(dataset, panel)
    yield flattered_by_time(panel, folds, seed=seed)
