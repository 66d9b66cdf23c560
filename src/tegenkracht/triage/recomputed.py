"""Measures of triage from its own predictions: what equal scores and unlabelled places leave open comes with each.

triage measures a list among the labelled places on it. Here that is the number too, as it is expected when places with equal scores compete by
lot; its worst and best over their orders; and, for precision and recall, the lowest and highest value that the unlabelled places allow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from tegenkracht.evaluation.bounds import BEST, NEGATIVE, POSITIVE, UNSEEN, WORST, Cut, bounds_of, cut_of
from tegenkracht.evaluation.sample import Sample

BEST_THERE, WORST_THERE = (POSITIVE, NEGATIVE, UNSEEN), (UNSEEN, NEGATIVE, POSITIVE)
"""The orders in which triage sorts equal scores: an empty label first in its worst case, last in its best.

Neither is an extreme of precision: an unlabelled place takes the room of a labelled one that would have counted.
"""
_PART = re.compile(r"^(?P<value>-?\d+(?:\.\d+)?(?:e-?\d+)?)_(?P<key>[a-z]+)$")
Counts = tuple[float, float, float, float]
"""Positives and negatives on the list, positives and negatives in all: labelled places only."""


@dataclass(frozen=True)
class Cutoff:
    """What a parameter says: a length, a percentage (None: everybody), and beta."""

    size: float | None
    is_percentage: bool
    beta: float

    def length(self, places: int) -> int:
        """Places on the list: triage cuts a percentage down to a whole number."""
        if self.size is None:
            return places
        return min(places, int(places * (self.size / 100.0)) if self.is_percentage else int(self.size))


@dataclass(frozen=True)
class Recomputed:
    """One measure.

    Parameters
    ----------
    worst, expected, best
        Over orders of equal scores; NaN where there is no number. For a measure of what goes wrong, the worst is the largest.
    there
        The worst and the best that triage's own orders give.
    unseen
        Lowest and highest value that unlabelled places allow; NaN for measures for which it is not worked out.
    listed_labelled, labelled, places
        Labelled places on the list as expected, labelled places and places in all.
    tied_unseen
        Unlabelled places among those with the score at which the list is cut.
    """

    worst: float
    expected: float
    best: float
    there: tuple[float, float]
    unseen: tuple[float, float]
    listed_labelled: float
    labelled: int
    places: int
    tied_unseen: int


def read_parameter(text: str) -> Cutoff | None:
    """A parameter as triage writes it; None when it says something else.

    Examples
    --------
    >>> read_parameter("100_abs"), read_parameter("0.75_beta/10_pct").length(15)
    (Cutoff(size=100.0, is_percentage=False, beta=1.0), 1)
    """
    size, is_percentage, beta = None, False, 1.0
    for part in filter(None, text.split("/")):
        found = _PART.match(part)
        if found is None or found["key"] not in ("abs", "pct", "beta"):
            return None
        value = float(found["value"])
        if value < 0:
            return None
        if found["key"] == "beta":
            beta = value
        else:
            size, is_percentage = value, found["key"] == "pct"
    return Cutoff(size, is_percentage, beta)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _f_beta(c: Counts, beta: float) -> float:
    weight = beta * beta
    return _ratio((1 + weight) * c[0], (1 + weight) * c[0] + weight * (c[2] - c[0]) + c[1])


_OF_LIST: Mapping[str, Callable[[Counts, float], float]] = {
    "precision@": lambda c, _: _ratio(c[0], c[0] + c[1]),
    "recall@": lambda c, _: _ratio(c[0], c[2]),
    "fbeta@": _f_beta,
    "f1": lambda c, _: _f_beta(c, 1.0),
    "accuracy": lambda c, _: _ratio(c[0] + c[3] - c[1], c[2] + c[3]),
    "true positives@": lambda c, _: c[0],
    "false positives@": lambda c, _: c[1],
    "false negatives@": lambda c, _: c[2] - c[0],
    "true negatives@": lambda c, _: c[3] - c[1],
    "fpr@": lambda c, _: _ratio(c[1], c[3]),
}
_OF_ORDER = ("roc_auc", "average precision score")
MEASURES = (*_OF_LIST, *_OF_ORDER)
SHARES = ("precision@", "recall@", "fbeta@", "f1", "accuracy", "fpr@")
"""Measures that have no number when their denominator is nothing; triage writes 0."""


@dataclass(frozen=True)
class Predictions:
    """The predictions of one model on one matrix: scores, and labels with NaN where nobody looked."""

    sample: Sample
    scores: NDArray[np.float64]
    labels: NDArray[np.float64]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Predictions:
        """From rows with `score` and `label`; all of them compete for one list."""
        labels, scores = rows["label"].to_numpy(np.float64), rows["score"].to_numpy(np.float64)
        nothing = np.zeros(len(rows), np.int64)
        sample = Sample(
            rows=rows.reset_index(drop=True),
            scores={},
            visited=(~np.isnan(labels)).astype(np.uint8),
            finding=(labels == 1).astype(np.uint8),
            cluster=nothing.astype(np.int32),
            clusters=1,
            folds=("all",),
            fold=nothing,
            lists=nothing,
            list_fold=np.zeros(1, np.int64),
            groupings=(),
        )
        return cls(sample, scores, labels)

    def measures(self, asked: Sequence[tuple[str, Cutoff]]) -> list[Recomputed]:
        """Each measure at its cutoff, all cut in one pass."""
        lengths = sorted({cutoff.length(len(self.scores)) for _, cutoff in asked} - {0})
        cut = cut_of(self.sample, self.scores, sizes=lengths) if lengths else None
        bounds = bounds_of(self.sample, self.scores, sizes=lengths) if lengths else None
        unseen = {"precision@": bounds.precision, "recall@": bounds.recall} if bounds else {}
        out = []
        for metric, cutoff in asked:
            length = cutoff.length(len(self.scores))
            place = lengths.index(length) if length else None
            if metric in _OF_ORDER:
                out.append(self._of_order(metric))
                continue
            ends = unseen.get(metric)
            found = (
                (math.nan, math.nan)
                if place is None or ends is None
                else (float(ends[0][-1, place]), float(ends[1][-1, place]))
            )
            out.append(self._of_list(metric, cutoff.beta, cut, place, found))
        return out

    def _of_list(
        self, metric: str, beta: float, cut: Cut | None, place: int | None, unseen: tuple[float, float]
    ) -> Recomputed:
        positives, labelled = int(self.sample.finding.sum()), int(self.sample.visited.sum())

        def value(listed: NDArray[np.float64]) -> float:
            counts = (float(listed[POSITIVE]), float(listed[NEGATIVE]), float(positives), float(labelled - positives))
            return float(_OF_LIST[metric](counts, beta))

        nobody = np.zeros(3)
        if cut is None or place is None:
            chosen, expected, tied = dict.fromkeys((WORST, BEST, WORST_THERE, BEST_THERE), nobody), nobody, nobody
        else:
            chosen = {o: cut.chosen(o)[0, place].astype(np.float64) for o in (WORST, BEST, WORST_THERE, BEST_THERE)}
            tied = cut.tied[0, place].astype(np.float64)
            expected = cut.above[0, place] + tied * cut.room[0, place] / tied.sum()
        ends = sorted_by_order(value(chosen[WORST]), value(chosen[BEST]))
        return Recomputed(
            worst=ends[0],
            expected=value(expected),
            best=ends[1],
            there=(value(chosen[WORST_THERE]), value(chosen[BEST_THERE])),
            unseen=unseen,
            listed_labelled=float(expected[POSITIVE] + expected[NEGATIVE]),
            labelled=labelled,
            places=len(self.scores),
            tied_unseen=int(tied[UNSEEN]),
        )

    def _of_order(self, metric: str) -> Recomputed:
        seen = self.sample.visited.astype(bool)
        found, scores = self.labels[seen] == 1, self.scores[seen]
        worst = middle = best = math.nan
        if found.any() and (metric != "roc_auc" or not found.all()):
            measure = roc_auc_score if metric == "roc_auc" else average_precision_score
            worst, best = (float(measure(found, _untied(scores, found, first))) for first in (False, True))
            middle = float(measure(found, scores))
        return Recomputed(
            worst, middle, best, (middle, middle), (math.nan, math.nan), float(seen.sum()), int(seen.sum()), len(seen), 0
        )  # fmt: skip


def sorted_by_order(worst: float, best: float) -> tuple[float, float]:
    """Where only one order gives a number, every order that gives one gives that."""
    return (best if math.isnan(worst) else worst), (worst if math.isnan(best) else best)


def _untied(scores: NDArray[np.float64], found: NDArray[np.bool_], first: bool) -> NDArray[np.float64]:
    """Ranks that keep the order of the scores and put findings first (or last) among equals."""
    order = np.lexsort((found if first else ~found, scores))
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(len(scores), dtype=np.float64)
    return ranks
