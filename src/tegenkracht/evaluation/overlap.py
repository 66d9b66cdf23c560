"""How much two lists are the same list: of two models on the same day, and of one model on two days after each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import Lists
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, sum_statistic
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, nothing
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK125": "From one date to the next the list changes much, or hardly.",
}
OF_LISTS = "describes_lists"
"""Note of a number that describes the lists that were made."""
MUCH, HARDLY = 0.5, 0.95
"""Shares of a list that stay: below the first it changes much, above the second hardly."""


def jaccard(one: Floats, other: Floats) -> float:
    """Places on both lists as a share of places on either; a place that is on a list by lot counts for its chance.

    Examples
    --------
    >>> jaccard(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])) == 1 / 3
    True
    """
    either = np.maximum(one, other).sum()
    return float(np.minimum(one, other).sum() / either) if either else float("nan")


def overlaps(sample: Sample, *, capacity: int, versus: Mapping[str, Sequence[str]]) -> Iterator[Estimate]:
    """Overlap of each model's lists with those of other models, and the share of a list that is also on the next one.

    `list_kept` stands there over all pairs of lists, and at `from=<date>` for each pair apart: of the places on that list that are in the next
    cohort too, the share that is on the next list.
    """
    listed = lists_of(sample, capacity=capacity)
    order = _in_time(sample)
    for model, mine in listed.items():
        for other in versus[model]:
            about = About(model, at=f"capacity={capacity},versus={other}")
            yield exactly(jaccard(mine, listed[other]), "list_overlap", about, n=mine.sum(), method="sample")
        yield from _kept(sample, mine, model, f"capacity={capacity}", order)


def _kept(sample: Sample, listed: Floats, model: str, at: str, order: Sequence[tuple[str, int]]) -> Iterator[Estimate]:
    """The share that stays, over all pairs of lists and for each pair."""
    sums = [stayed(before, after) for before, after in pairwise(_by_unit(sample, listed, order))]
    both, kept = sum(pair[0] for pair in sums), sum(pair[1] for pair in sums)
    about = About(model, at=at)
    if both == 0:
        yield nothing("one_list", "list_kept", about, n=0, method="sample")
        return
    yield replace(exactly(kept / both, "list_kept", about, n=both, method="sample"), note=OF_LISTS)
    for (day, _), (on_both, still) in zip(order[:-1], sums, strict=True):
        pair = About(model, at=f"{at},from={day}")
        if on_both:
            yield replace(exactly(still / on_both, "list_kept", pair, n=on_both, method="sample"), note=OF_LISTS)


def stayed(before: Floats, after: Floats) -> tuple[float, float]:
    """Of the units that compete for two lists: how much of them is on the first, and how much of that on the second as well.

    Parameters
    ----------
    before, after
        How much of each unit is on the list (unit); NaN where it does not compete.

    Examples
    --------
    >>> stayed(np.array([1.0, 0.5, 1.0, 0.0]), np.array([0.0, 1.0, np.nan, 1.0]))
    (1.5, 0.5)
    """
    both = ~np.isnan(before) & ~np.isnan(after)
    return float(before[both].sum()), float(np.minimum(before, after)[both].sum())


def _by_unit(sample: Sample, listed: Floats, order: Sequence[tuple[str, int]]) -> Iterator[Floats]:
    """Per list how much of each unit is on it (at most 1); NaN for units that do not compete."""
    units = int(sample.unit.max()) + 1
    for _, number in order:
        rows = sample.list_slices[number]
        competing = np.bincount(sample.unit[rows], minlength=units) > 0
        on = np.bincount(sample.unit[rows], listed[rows], minlength=units)
        yield np.where(competing, np.minimum(on, 1.0), np.nan)


def _in_time(sample: Sample) -> list[tuple[str, int]]:
    """First day and number of each list, in order of time."""
    days = sample.rows["as_of"].to_numpy()
    first = [days[rows].min() for rows in sample.list_slices]
    return [(f"{pd.Timestamp(first[i]):%Y-%m-%d}", i) for i in sorted(range(len(first)), key=lambda i: first[i])]


def check_kept(estimates: Iterable[Estimate], *, lists: Lists, main: str, capacity: int) -> Finding:
    """TK125: of the card's list less than half, or nearly all, is on the next one. A schedule has other visits in each window, and says nothing."""
    if lists == "whole_window":
        return Finding("TK125", "not_applicable", main, {"reason": "scheduled"})
    kept = next((e for e in estimates if e.id == f"{main}/list_kept//capacity={capacity}/all/sample"), None)
    if kept is None or kept.value is None:
        return Finding("TK125", "not_applicable", main, {"reason": "one_list"})
    by = "much" if kept.value < MUCH else "hardly" if kept.value > HARDLY else "some"
    facts: dict[str, str | int | float] = {"by": by, "kept": round(100 * kept.value)}
    return Finding("TK125", "not_found" if by == "some" else "found", main, facts, (kept.id,))


def disagreement_statistics(
    sample: Sample, *, capacity: int, versus: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], Statistic]:
    """Per model and other: visits and findings on its list only, then on the other's only (1, 4); the lists themselves are held fixed."""
    listed = lists_of(sample, capacity=capacity)
    return {(m, o): _only(sample, listed[m], listed[o]) for m in listed for o in versus[m]}


def _only(sample: Sample, one: Floats, other: Floats) -> Statistic:
    mine, theirs = one * (1 - other), other * (1 - one)
    rows = np.flatnonzero((mine + theirs > 0) & (sample.visited == 1))
    columns = [share[rows] * what[rows] for share in (mine, theirs) for what in (sample.visited, sample.finding)]
    return sum_statistic(np.column_stack(columns), cluster=sample.cluster, slices=[rows])


def disagreements(numbers: Mapping[tuple[str, str], Resampled], *, capacity: int, level: float) -> Iterator[Estimate]:
    """How much more is found where only a model's list goes than where only the other's goes: what they share says nothing about it.

    Parameters
    ----------
    numbers
        Resampled `disagreement_statistics`.
    """
    for (model, other), sums in numbers.items():
        visits, found, their_visits, their_found = (sums[0, i] for i in range(4))
        gap, n = found / visits - their_found / their_visits, float(visits.point + their_visits.point)
        about = About(model, at=f"capacity={capacity},versus={other}")
        yield estimate_of(
            gap, "disagreement_difference", about, n=n, level=level, why_not="nobody_visited", share=False
        )
