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
from tegenkracht.evaluation.bounds_of_groups import BoundsOfGroups
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.crossings import Groups
from tegenkracht.evaluation.estimates import About, bounds_between, rounded
from tegenkracht.evaluation.expected_ratio import ratio_bounds
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


def bounds_over_everyone(
    sample: Sample, *, capacity: int, probability_models: Collection[str], versus: Versus, minimum: int
) -> tuple[Estimate, ...]:
    """Per model the bounds of `auc` and of `precision_difference`, for probabilities of `brier` and `expected_observed_ratio`; per group those of what is
    found, of precision and of both kinds of error, and of their gaps to the largest group.

    Parameters
    ----------
    versus
        Which models are compared.
    minimum
        Groups of fewer places, and figures that rest on fewer rows than this, are withheld.
    """
    groups = BoundsOfGroups(sample, Groups(sample.groupings, {}, minimum))
    of_models = (
        estimate
        for model in sample.models
        for estimate in (
            *_of_model(sample, model, probability=model in probability_models),
            *_of_lists(sample, model, versus.get(model, ()), capacity=capacity),
            *groups.of_list(lists_of(sample, capacity=capacity)[model], About(model, at=f"capacity={capacity}")),
        )
    )
    return tuple(rounded(estimate) for estimate in (*groups.found(), *of_models))


def _of_model(sample: Sample, model: str, *, probability: bool) -> Iterator[Estimate]:
    scores, about, n = sample.scores[model], About(model), len(sample.rows)
    seen, finding = sample.visited == 1, sample.finding == 1
    yield bounds_between(*area_bounds(scores, seen, finding), "auc", about, n=n, why_not="one_class")
    if probability:
        yield bounds_between(*brier_bounds(scores, seen, finding), "brier", about, n=n, why_not="no_outcomes")
        ends = ratio_bounds(float(scores.sum()), float(finding.sum()), float((~seen).sum()))
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
    sides = tuple(np.sort(scores[side]) for side in (~seen, seen & finding, seen & ~finding))
    return 1 - _largest_area(*(-side[::-1] for side in sides)), _largest_area(*sides)


def _largest_area(unseen: Floats, hits: Floats, misses: Floats) -> float:
    """All arrays ascend. Unseen rows turn into findings one by one, the highest first; the largest area on the way."""
    n = unseen.size
    taken = np.arange(n, dtype=np.float64)
    # Each that turns into a finding wins from the misses below it, and findings no longer win from it.
    won = _below_each(np.concatenate([hits, misses]), unseen)[::-1]
    # It wins from those that are still unseen, and those that turned before no longer win from it; equal scores count half.
    begins = np.flatnonzero(np.diff(unseen[::-1], prepend=np.inf))
    lengths = np.diff(begins, append=n)
    won -= np.repeat(begins + lengths / 2, lengths)
    won -= taken
    won += n - 0.5 - hits.size
    np.cumsum(won, out=won)
    start = _won(hits, misses) + _won(hits, unseen)
    won += start
    positives = taken + (hits.size + 1)
    pairs = positives * ((hits.size + misses.size + n) - positives)
    if n and not pairs[-1]:
        won, pairs = won[:-1], pairs[:-1]
    none = hits.size * (misses.size + n)
    areas = ([start / none] if none else []) + ([float(np.max(won / pairs))] if won.size else [])
    return max(areas, default=float("nan"))


def _won(hits: Floats, others: Floats) -> float:
    """Pairs in which a finding stands above another row, ties half; `others` ascend."""
    return float(_below(others, hits).sum())


def _below(ascending: Floats, score: Floats) -> Floats:
    """How many stand below each score, ties half."""
    both = np.searchsorted(ascending, score, side="left") + np.searchsorted(ascending, score, side="right")
    return both.astype(np.float64) / 2


def _below_each(few: Floats, ascending: Floats) -> Floats:
    """The same for many scores that ascend: each of the few is looked up among them, and then counted on."""
    places = np.concatenate([np.searchsorted(ascending, few, side=side) for side in SIDES])
    return np.cumsum(np.bincount(places, minlength=ascending.size + 1))[:-1] / 2


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
    return (known + float(near @ near)) / n, (known + float(far @ far)) / n


def _of_lists(sample: Sample, model: str, others: Collection[str], *, capacity: int) -> Iterator[Estimate]:
    shares, seen = lists_of(sample, capacity=capacity), sample.visited == 1
    for other in others:
        mine, theirs = shares[model], shares[other]
        ends = difference_bounds(mine / mine.sum(), theirs / theirs.sum(), seen, sample.finding == 1)
        about = About(model, at=f"capacity={capacity},versus={other}")
        n = int(((mine > 0) | (theirs > 0)).sum())
        yield bounds_between(*ends, "precision_difference", about, n=n, why_not="no_outcomes")


def difference_bounds(mine: Floats, theirs: Floats, seen: Flags, finding: Flags) -> tuple[float, float]:
    """Ends of what one list finds more than another, over all rows, of which each list holds parts that add up to one: what lies on both cancels.

    Examples
    --------
    >>> seen, finding = np.array([True, False, False]), np.array([True, False, False])
    >>> difference_bounds(np.array([0.5, 0.5, 0]), np.array([0, 0.5, 0.5]), seen, finding)
    (0.0, 0.5)
    """
    more = mine - theirs
    known, unseen = float(more[seen & finding].sum()), more[~seen]
    return known + float(unseen[unseen < 0].sum()), known + float(unseen[unseen > 0].sum())
