"""The lowest and highest value that figures over all places can have when nobody knows what was to be found at unseen ones.

Area under the ROC curve, Brier score, expected over observed, and rates by group. All bounds are sharp: some assignment of the unseen outcomes reaches them
(Manski, Partial Identification of Probability Distributions, 2003, chapter 1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, bounds_between, nothing, rounded
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


def bounds_over_everyone(
    sample: Sample, *, capacity: int, probability_models: Collection[str], minimum: int
) -> tuple[Estimate, ...]:
    """Per model the bounds of `auc`, and for probabilities of `brier` and `expected_observed_ratio`; per group those of precision and both kinds of error.

    Parameters
    ----------
    minimum
        Groups of fewer rows than this are withheld.
    """
    return tuple(
        rounded(estimate)
        for model in sample.models
        for estimate in (
            *_of_model(sample, model, probability=model in probability_models),
            *_of_groups(sample, model, capacity=capacity, minimum=minimum),
        )
    )


def _of_model(sample: Sample, model: str, *, probability: bool) -> Iterator[Estimate]:
    scores, about, n = sample.scores[model], About(model), len(sample.rows)
    seen, finding = sample.visited == 1, sample.finding == 1
    yield bounds_between(*area_bounds(scores, seen, finding), "auc", about, n=n, why_not="one_class")
    if probability:
        yield bounds_between(*brier_bounds(scores, seen, finding), "brier", about, n=n, why_not="no_outcomes")
        ends = ratio_bounds(scores, seen, finding)
        yield bounds_between(*ends, "expected_observed_ratio", about, n=n, why_not="no_findings")


def area_bounds(scores: Floats, seen: Flags, finding: Flags) -> tuple[float, float]:
    r"""Ends of the area under the ROC curve over every assignment of the unseen outcomes; NaN when no assignment has both classes.

    With a given number of findings among the unseen, the area is largest when these are the unseen with the highest scores: exchanging a finding with an unseen
    negative above it never loses a pair, and the number of pairs stays. So only as many assignments as there are unseen rows are to be looked at, and each
    follows from the one before. Ties count half.

    Examples
    --------
    >>> area_bounds(np.array([3.0, 2.0, 1.0]), np.array([True, False, True]), np.array([True, False, False]))
    (1.0, 1.0)
    """
    unseen = np.sort(scores[~seen])
    hits, misses = np.sort(scores[seen & finding]), np.sort(scores[seen & ~finding])
    high = _largest_area(unseen, hits, misses)
    low = 1 - _largest_area(np.sort(-unseen), np.sort(-hits), np.sort(-misses))
    return low, high


def _largest_area(unseen: Floats, hits: Floats, misses: Floats) -> float:
    """All arrays ascend. Unseen rows turn into findings one by one, the highest first; the largest area on the way."""
    score = unseen[::-1]
    taken = np.arange(score.size)
    negatives_before = np.sort(np.concatenate([misses, unseen]))
    start = _won(hits, negatives_before)
    against_misses = _below_each(misses, unseen)[::-1]
    # of the unseen that are still negative, itself left out: all later ones, of which those with the same score are tied
    begins = np.flatnonzero(np.r_[True, score[1:] != score[:-1]][: score.size])
    lengths = np.diff(begins, append=score.size)
    first, last = np.repeat(begins, lengths), np.repeat(begins + lengths, lengths)
    later_tied = last - 1 - taken
    against_unseen = (score.size - last) + 0.5 * later_tied
    beaten_by_hits = hits.size - _below_each(hits, unseen)[::-1]
    beaten_by_taken = first + 0.5 * (taken - first)
    won = start + np.concatenate([[0.0], np.cumsum(against_misses + against_unseen - beaten_by_hits - beaten_by_taken)])
    positives = hits.size + np.arange(score.size + 1.0)
    pairs = positives * (hits.size + misses.size + score.size - positives)
    return float(np.max(won[pairs > 0] / pairs[pairs > 0])) if (pairs > 0).any() else float("nan")


def _won(hits: Floats, others: Floats) -> float:
    """Pairs in which a finding stands above another row, ties half; `others` ascend."""
    return float(_below(others, hits).sum())


def _below(ascending: Floats, score: Floats) -> Floats:
    """How many stand below each score, ties half."""
    both = np.searchsorted(ascending, score, side="left") + np.searchsorted(ascending, score, side="right")
    return both.astype(np.float64) / 2


def _below_each(few: Floats, ascending: Floats) -> Floats:
    """The same for many scores that ascend: each of the few is looked up among them, and then counted on."""
    both = np.zeros(ascending.size + 1, np.int64)
    for side in SIDES:
        both += np.bincount(np.searchsorted(ascending, few, side=side), minlength=both.size)
    return np.cumsum(both)[:-1] / 2


def brier_bounds(scores: Floats, seen: Flags, finding: Flags) -> tuple[float, float]:
    """Ends of the mean squared error over all rows: each unseen row is as near to its score as it can be, or as far.

    Examples
    --------
    >>> area = brier_bounds(np.array([0.5, 0.2]), np.array([True, False]), np.array([True, False]))
    >>> [round(end, 3) for end in area]
    [0.145, 0.445]
    """
    known = float(((scores[seen] - finding[seen]) ** 2).sum())
    open_ = scores[~seen]
    near, far = np.minimum(open_, 1 - open_), np.maximum(open_, 1 - open_)
    n = scores.size
    return (known + float((near**2).sum())) / n, (known + float((far**2).sum())) / n


def ratio_bounds(scores: Floats, seen: Flags, finding: Flags) -> tuple[float, float]:
    """Ends of the sum of scores over the findings of all rows; NaN where there may be no finding at all, for then it has no upper end."""
    found, unseen = int(finding.sum()), int((~seen).sum())
    if found == 0:
        return float("nan"), float("nan")
    return float(scores.sum()) / (found + unseen), float(scores.sum()) / found


def _of_groups(sample: Sample, model: str, *, capacity: int, minimum: int) -> Iterator[Estimate]:
    r"""With findings :math:`F`, negatives :math:`N` and unseen :math:`U`, on the list (L) and off it (O): the false positive rate lies in
    :math:`[N_L/(N + U_O), (N_L + U_L)/(N + U_L)]`, and the share of findings that is missed in
    :math:`[F_O/(F + U_L), (F_O + U_O)/(F + U_O)]`; a tied row stands for the part of it that a lot puts on the list.
    """
    share = listed_share(sample, sample.scores[model], capacity=capacity)
    seen, finding = sample.visited.astype(np.float64), sample.finding.astype(np.float64)
    kinds = {"F": finding, "N": seen - finding, "U": 1 - seen}
    for grouping in sample.groupings:
        sums = {
            kind + where: np.bincount(grouping.of_row, part * of, minlength=len(grouping.values))
            for kind, of in kinds.items()
            for where, part in (("L", share), ("O", 1 - share))
        }
        hidden = too_small(grouping.sizes, minimum=minimum)
        for value in range(len(grouping.values)):
            about = About(model, at=f"capacity={capacity}", group=grouping.name(value))
            n = int(grouping.sizes[value])
            for metric, (low, high) in _rates(**{key: float(of[value]) for key, of in sums.items()}).items():
                if hidden[value]:
                    yield nothing("group_under_minimum", metric, about, n=0, method="bounds")
                else:
                    yield bounds_between(low, high, metric, about, n=n, why_not="no_outcomes")


def _rates(
    *, FL: float, FO: float, NL: float, NO: float, UL: float, UO: float
) -> dict[str, tuple[float, float]]:  # the letters of the formulas
    """Ends of each rate; NaN where no assignment gives one."""
    listed, negatives, findings = FL + NL + UL, NL + NO, FL + FO
    return {
        "precision_at_capacity": (_part(FL, listed), _part(FL + UL, listed)),
        "false_positive_rate": _both(_part(NL, negatives + UO), _part(NL + UL, negatives + UL)),
        "false_negative_rate": _both(_part(FO, findings + UL), _part(FO + UO, findings + UO)),
    }


def _part(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _both(low: float, high: float) -> tuple[float, float]:
    """Where one end has no rows, every assignment that gives a rate gives the other."""
    return (high if np.isnan(low) else low), (low if np.isnan(high) else high)
