"""The lowest and highest value that figures over all places can have when nobody knows what was to be found at unseen ones.

Area under the ROC curve, Brier score, expected over observed, and rates by group. All bounds are sharp: some assignment of the unseen outcomes reaches them
(Manski, Partial Identification of Probability Distributions, 2003, chapter 1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.estimates import About, bounds_between, nothing, rounded
from tegenkracht.evaluation.expected_ratio import ratio_bounds
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.evaluation.weighed import lists_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
KINDS = "FNU"
"""Rows with a finding, visited without one, and not visited."""
KINDS_OF = np.array([[2, 2], [1, 0]])
"""Which of them a row is, by whether it was visited and whether something was found."""
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
        Groups of fewer rows than this are withheld.
    """
    of_models = (
        estimate
        for model in sample.models
        for estimate in (
            *_of_model(sample, model, probability=model in probability_models),
            *_of_lists(sample, model, versus.get(model, ()), capacity=capacity),
            *_of_groups(sample, model, capacity=capacity, minimum=minimum),
        )
    )
    return tuple(rounded(estimate) for estimate in (*_found_in_groups(sample, minimum=minimum), *of_models))


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


def _of_groups(sample: Sample, model: str, *, capacity: int, minimum: int) -> Iterator[Estimate]:
    r"""With findings :math:`F`, negatives :math:`N` and unseen :math:`U`, on the list (L) and off it (O): the false positive rate lies in
    :math:`[N_L/(N + U_O), (N_L + U_L)/(N + U_L)]`, and the share of findings that is missed in
    :math:`[F_O/(F + U_L), (F_O + U_O)/(F + U_O)]`; a tied row stands for the part of it that a lot puts on the list.
    """
    share = lists_of(sample, capacity=capacity)[model]
    on_list = np.flatnonzero(share)
    kind = KINDS_OF[sample.visited[on_list], sample.finding[on_list]]
    for grouping, everywhere in zip(sample.groupings, _counted(sample), strict=True):
        cell = grouping.of_row[on_list].astype(np.int64) * len(KINDS) + kind
        listed = (
            np.bincount(cell, share[on_list], minlength=everywhere.size).astype(np.float64).reshape(everywhere.shape)
        )
        parts = (("L", listed), ("O", everywhere - listed))
        sums = {name + where: part[:, i] for where, part in parts for i, name in enumerate(KINDS)}
        ends = [_rates(**{key: float(of[value]) for key, of in sums.items()}) for value in range(len(grouping.values))]
        yield from _with_gaps(grouping, ends, About(model, at=f"capacity={capacity}"), minimum=minimum)


def _found_in_groups(sample: Sample, *, minimum: int) -> Iterator[Estimate]:
    """What is found in each group: at least the findings there are, at most those and all unseen rows."""
    for grouping, everywhere in zip(sample.groupings, _counted(sample), strict=True):
        ends = [
            {"finding_rate": (_part(F, F + N + U), _part(F + U, F + N + U))}
            for F, N, U in everywhere.tolist()  # the letters of the formulas
        ]
        yield from _with_gaps(grouping, ends, About(), minimum=minimum)


def _with_gaps(
    grouping: Grouping, ends: Sequence[Mapping[str, tuple[float, float]]], about: About, *, minimum: int
) -> Iterator[Estimate]:
    """Bounds of every group, then those of its gap to the largest one: two groups share no row, so that each may be at either end whatever the other is."""
    hidden, reference = too_small(grouping.sizes, minimum=minimum), int(np.argmax(grouping.sizes))
    versus = ",".join(part for part in (about.at, f"versus={grouping.values[reference]}") if part)
    for value, rates in enumerate(ends):
        own = replace(about, group=grouping.name(value))
        yield from _between(rates, own, n=int(grouping.sizes[value]), hidden=bool(hidden[value]))
    for value, rates in enumerate(ends):
        if value != reference:
            gaps = {
                f"{metric}_gap": (low - ends[reference][metric][1], high - ends[reference][metric][0])
                for metric, (low, high) in rates.items()
            }
            own, n = (
                replace(about, group=grouping.name(value), at=versus),
                int(grouping.sizes[[value, reference]].min()),
            )
            yield from _between(gaps, own, n=n, hidden=bool(hidden[[value, reference]].any()))


def _between(ends: Mapping[str, tuple[float, float]], about: About, *, n: int, hidden: bool) -> Iterator[Estimate]:
    for metric, (low, high) in ends.items():
        if hidden:
            yield nothing("group_under_minimum", metric, about, n=0, method="bounds")
        else:
            yield bounds_between(low, high, metric, about, n=n, why_not="no_outcomes")


@lru_cache(maxsize=1)
def _counted(sample: Sample) -> tuple[Floats, ...]:
    """Per attribute the rows of each group and kind (group, kind)."""
    kind = KINDS_OF[sample.visited, sample.finding]
    cells = (
        (grouping.of_row.astype(np.int64) * len(KINDS) + kind, len(grouping.values)) for grouping in sample.groupings
    )
    return tuple(
        np.bincount(cell, minlength=groups * len(KINDS)).reshape(groups, -1).astype(np.float64)
        for cell, groups in cells
    )


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
