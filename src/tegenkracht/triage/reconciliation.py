"""Every stored measure of triage beside the recomputed one, with what explains a difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, bounds_between, exactly, nothing
from tegenkracht.triage.recomputed import MEASURES, SHARES, Cutoff, Predictions, Recomputed, read_parameter
from tegenkracht.triage.results import Results

Verdict = Literal["equal", "ties", "unlabelled", "undefined there", "not explained", "not recomputed"]
VERDICTS: dict[Verdict, str] = {
    "equal": "the stored and the recomputed number are the same",
    "ties": "equal scores: the number depends on their order, expected, worst and best are given",
    "unlabelled": "places without a label make the stored number differ",
    "undefined there": "triage has no number, or one where there is none",
    "not explained": "the numbers differ and nothing here says why",
    "not recomputed": "what it needs is not here",
}
TOLERANCE = 1e-6
"""Differences below this are none: exports round."""


@dataclass(frozen=True)
class Stored:
    """One row of triage's evaluations: NaN where it stored nothing."""

    model: str
    matrix: str
    period: str
    metric: str
    parameter: str
    worst: float
    stochastic: float
    best: float
    labelled: float
    listed_labelled: float

    @property
    def values(self) -> tuple[float, ...]:
        """The stored numbers that are there."""
        return tuple(x for x in (self.worst, self.stochastic, self.best) if not math.isnan(x))


@dataclass(frozen=True)
class Line:
    """One measure.

    Parameters
    ----------
    value
        Recomputed, as expected when places with equal scores compete by lot; or the reason why there is none.
    ties, unseen
        Lowest and highest over orders of equal scores; and over what unlabelled places may be. None where not worked out.
    """

    stored: Stored
    verdict: Verdict
    why: str
    value: Estimate | None
    ties: Estimate | None
    unseen: Estimate | None
    labelled: int | None
    places: int | None


def reconcile(results: Results) -> tuple[Line, ...]:
    """A line for every stored evaluation, in the order of the table."""
    lines: dict[int, Line] = {}
    keys = ["model_id", "matrix_uuid", "evaluation_start_time", "evaluation_end_time"]
    of_model = results.predictions.groupby("model_id").indices
    for _, rows in results.evaluations.groupby(keys, sort=False):
        model, matrix, start, end = rows[keys].iloc[0]
        predictions = _predictions_of(results.predictions.iloc[of_model.get(model, [])], matrix, start, end)
        lines |= dict(zip(rows.index, _lines([*_stored(rows)], rows, predictions), strict=True))
    return tuple(lines[place] for place in sorted(lines))


def _predictions_of(rows: pd.DataFrame, matrix: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Those rows of a model that an evaluation was made of: by matrix where both tables name it, else by date."""
    named = rows["matrix_uuid"] == matrix
    return rows[named] if matrix and named.any() else rows[rows["as_of"].between(start, end)]


def _stored(rows: pd.DataFrame) -> Iterator[Stored]:
    for row in rows.to_dict("records"):
        period = f"{row['evaluation_start_time']:%Y-%m-%d}/{row['evaluation_end_time']:%Y-%m-%d}"
        numbers = (row["worst_value"], row["stochastic_value"], row["best_value"])
        counts = (row["num_labeled_examples"], row["num_labeled_above_threshold"])
        words = (row["model_id"], row["matrix_uuid"], period, row["metric"], row["parameter"])
        yield Stored(*words, *numbers, *counts)


def _lines(stored: Sequence[Stored], rows: pd.DataFrame, predictions: pd.DataFrame) -> Iterator[Line]:
    cutoffs = [_cutoff(one, subset, predictions) for one, subset in zip(stored, rows["subset_hash"], strict=True)]
    asked = [(one.metric, cutoff) for one, cutoff in zip(stored, cutoffs, strict=True) if isinstance(cutoff, Cutoff)]
    found = iter(Predictions.of(predictions).measures(asked)) if asked else iter(())
    for one, cutoff in zip(stored, cutoffs, strict=True):
        if isinstance(cutoff, Cutoff):
            yield _line(one, next(found))
        else:
            yield Line(one, "not recomputed", cutoff, None, None, None, None, None)


def _cutoff(stored: Stored, subset: str, predictions: pd.DataFrame) -> Cutoff | str:
    """What to recompute, or why that cannot be done."""
    if subset:
        return "It is about a subset, and who is in it is not stored with the predictions."
    if stored.metric not in MEASURES:
        return "This measure is not one of triage's own."
    if predictions.empty:
        return "There are no predictions of this model and period."
    return read_parameter(stored.parameter) or "The parameter says more than a length, a percentage and beta."


def _line(stored: Stored, ours: Recomputed) -> Line:
    verdict, why = _verdict(stored, ours)
    about = About(f"triage {stored.model}", at=stored.parameter, split=stored.matrix or stored.period)
    reason = _reason(stored.metric, ours)
    metric, n = stored.metric, ours.labelled
    value = (
        nothing(reason, metric, about, n=n)
        if math.isnan(ours.expected)
        else exactly(ours.expected, metric, about, n=n, method="labelled")
    )
    low, high = sorted((ours.worst, ours.best))
    ties = bounds_between(low, high, metric, about, n=n, why_not=reason, method="tie_bounds")
    unseen = None
    if not math.isnan(ours.unseen[0]):
        unseen = bounds_between(*ours.unseen, metric=metric, about=about, n=ours.places, why_not=reason)
    return Line(stored, verdict, why, value, ties, unseen, ours.labelled, ours.places)


def _reason(metric: str, ours: Recomputed) -> str:
    """Key of the sentence why a measure has no number."""
    if ours.labelled == 0:
        return "no_outcomes"
    if metric == "roc_auc":
        return "one_class"
    return "no_findings" if metric in ("recall@", "average precision score") else "nobody_visited"


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE


def _verdict(stored: Stored, ours: Recomputed) -> tuple[Verdict, str]:
    """The first explanation that holds, the strongest first."""
    if not stored.values:
        return "undefined there", _no_number(stored, ours)
    if math.isnan(ours.expected):
        return _number_where_none(stored)
    pinned = _same(ours.worst, ours.best)
    ends = (stored.worst, stored.best)
    if pinned and all(_same(x, ours.expected) for x in stored.values):
        return "equal", ""
    if ours.tied_unseen and _are(ends, ours.there) and not _are(ends, (ours.worst, ours.best)):
        what = f"Places without a label ({ours.tied_unseen:,}) tie at the cut; triage puts them first in its worst and last in its best case, "
        crossed = (
            "so its worst is better than its best."
            if _is_crossed(stored, ours)
            else "so its ends are not the worst and the best."
        )
        return "unlabelled", what + crossed
    low, high = sorted((ours.worst, ours.best))
    if all(low - TOLERANCE <= x <= high + TOLERANCE for x in stored.values):
        return "ties", _of_ties(stored, ours, ends)
    if not math.isnan(stored.labelled) and stored.labelled != ours.labelled:
        return "unlabelled", f"triage counted {stored.labelled:,.0f} labels, the predictions hold {ours.labelled:,}."
    if stored.metric.endswith(("positives@", "negatives@")) and set(stored.values) <= {0.0, 1.0}:
        return "undefined there", "With one kind of label triage writes 0 or 1 whatever the count is."
    return "not explained", f"Recomputed {ours.expected:.6g}, from {low:.6g} to {high:.6g} over orders of equal scores."


def _are(stored: tuple[float, float], ours: tuple[float, float]) -> bool:
    return all((math.isnan(o) and s == 0) or _same(s, o) for s, o in zip(stored, ours, strict=True))


def _is_crossed(stored: Stored, ours: Recomputed) -> bool:
    """Whether the stored worst lies on the better side of the stored best."""
    better_is_more = ours.best >= ours.worst
    return stored.worst > stored.best + TOLERANCE if better_is_more else stored.worst < stored.best - TOLERANCE


def _of_ties(stored: Stored, ours: Recomputed, ends: tuple[float, float]) -> str:
    if _are(ends, (ours.worst, ours.best)):
        return "Places tie at the cut; worst and best are the same, and expected replaces an average of random orders."
    return "Scores are stored with five decimals; among those that became equal triage knew an order that is gone."


def _no_number(stored: Stored, ours: Recomputed) -> str:
    if math.isnan(ours.expected):
        return "There is no number here either."
    unlabelled = ours.places - ours.labelled
    if unlabelled and stored.metric in ("roc_auc", "average precision score"):
        return f"triage passes {unlabelled:,} empty labels on and stores nothing; among the labelled places there is a number."
    return "triage stored nothing; there is a number."


def _number_where_none(stored: Stored) -> tuple[Verdict, str]:
    if stored.metric in SHARES and all(x == 0 for x in stored.values):
        return "undefined there", "There is nothing to divide by, and triage writes 0."
    return "not explained", "There is no number to recompute, yet triage has one."
