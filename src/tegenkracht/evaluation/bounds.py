"""The lowest and highest value that a figure of a list can have: over orders of tied places, and over outcomes that nobody saw.

Manski, Partial Identification of Probability Distributions, 2003, chapter 1. All bounds are sharp: some order and some assignment of the
unseen outcomes reaches them, so nothing narrower holds without assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.sample import Sample, by_score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ends = tuple[Floats, Floats]
"""Lowest and highest, both (split, size); NaN where there is no figure."""

POSITIVE, NEGATIVE, UNSEEN = 0, 1, 2
BEST, WORST = (POSITIVE, UNSEEN, NEGATIVE), (NEGATIVE, UNSEEN, POSITIVE)
"""Which of the tied places come first.

The same two orders are the extremes of precision, recall and distance to a list by lot: exchanging a place on the list for a tied one of a
kind that stands earlier in `BEST` never lowers any of them, and the reverse for `WORST`.
"""


@dataclass(frozen=True)
class Cut:
    """Where lists of each size are cut.

    Parameters
    ----------
    above
        Places above the block of equal scores that the cut goes through: (list, size, kind), kinds positive, negative, unseen.
    tied
        Places in that block, likewise.
    room
        How many of the block fit on the list: (list, size).
    everyone
        Places that compete: (list, 1, kind).
    """

    above: Ints
    tied: Ints
    room: Ints
    everyone: Ints

    def chosen(self, order: tuple[int, int, int]) -> Ints:
        """Places on each list (list, size, kind) when tied places come in this order of kinds."""
        room, taken = self.room.copy(), np.zeros_like(self.tied)
        for kind in order:
            taken[..., kind] = np.minimum(self.tied[..., kind], room)
            room -= taken[..., kind]
        return self.above + taken


def cut_of(sample: Sample, scores: Floats, *, sizes: Sequence[int]) -> Cut:
    """Where the lists are cut; a list longer than its cohort is the whole cohort."""
    rows, starts, new_score = by_score(scores, sample.list_slices)
    kinds = np.stack(
        [sample.finding[rows], sample.visited[rows] - sample.finding[rows], 1 - sample.visited[rows]], axis=1
    ).astype(np.int64)
    parts = [_cut(kinds[a:b], new_score[a:b], sizes) for a, b in pairwise(starts)]
    return Cut(*(np.stack(part) for part in zip(*parts, strict=True)))


def _cut(kinds: Ints, new_score: NDArray[np.uint8], sizes: Sequence[int]) -> tuple[Ints, Ints, Ints, Ints]:
    """The cuts of one list."""
    blocks = np.add.reduceat(kinds, np.flatnonzero(new_score), axis=0)
    before = np.vstack([np.zeros((1, 3), np.int64), np.cumsum(blocks, axis=0)])
    lengths = before.sum(axis=1)
    at = np.minimum(np.array(sizes, np.int64), lengths[-1])
    block = np.searchsorted(lengths, at, side="left") - 1
    return before[block], blocks[block], at - lengths[block], before[-1:]


@dataclass(frozen=True)
class Bounds:
    """Ends of every figure of a list, per split and size.

    `…_ties` only over orders of tied places, among visited places; the others over those orders and over unseen outcomes.
    `length` is the number of places on the lists (split, size).
    """

    precision_ties: Ends
    recall_ties: Ends
    precision: Ends
    recall: Ends
    above_lot: Ends
    length: Floats


def bounds_of(sample: Sample, scores: Floats, *, sizes: Sequence[int]) -> Bounds:
    r"""The sharp bounds of every figure of the lists that these scores give.

    With :math:`F` findings and :math:`U` unseen places, of which :math:`F_L, U_L` on a list of :math:`k` out of :math:`N` and the rest
    :math:`F_O, U_O` off it: precision lies in :math:`[F_L/k, (F_L + U_L)/k]`; recall in
    :math:`[F_L/(F + U_O), (F_L + U_L)/(F + U_L)]`, because it rises with every positive among the unseen on the list and falls with
    every one off it; precision minus that of a list by lot in
    :math:`[F_L/k - (F + U_O)/N, (F_L + U_L)/k - (F + U_L)/N]`, because an unseen positive on the list adds :math:`1/k - 1/N \ge 0`.
    Over several lists, numerators and denominators are added up first.
    """
    cut = cut_of(sample, scores, sizes=sizes)
    worst, best, everyone, add = cut.chosen(WORST), cut.chosen(BEST), cut.everyone, _over_splits(sample)
    length, cohort = worst.sum(axis=-1), everyone.sum(axis=-1)
    low, high = worst[..., POSITIVE], best[..., POSITIVE] + best[..., UNSEEN]
    most = everyone[..., POSITIVE] + everyone[..., UNSEEN] - worst[..., UNSEEN]
    least = everyone[..., POSITIVE] + best[..., UNSEEN]
    lot_most, lot_least = length * most / cohort, length * least / cohort
    return Bounds(
        precision_ties=_labelled_precision(worst, best, add),
        recall_ties=(
            over(add(low), add(everyone[..., POSITIVE])),
            over(add(best[..., POSITIVE]), add(everyone[..., POSITIVE])),
        ),
        precision=(over(add(low), add(length)), over(add(high), add(length))),
        recall=one_for_both(over(add(low), add(most)), over(add(high), add(least))),
        above_lot=(over(add(low - lot_most), add(length)), over(add(high - lot_least), add(length))),
        length=add(length),
    )


def lot_bounds(sample: Sample, *, size: int) -> tuple[Floats, Floats]:
    """Ends, per split, of what lists of this size find when they are drawn by lot: the prevalence, weighted by list."""
    cut, add = cut_of(sample, np.zeros(len(sample.rows)), sizes=[size]), _over_splits(sample)
    everyone, length = cut.everyone[:, 0], cut.room[:, 0]
    known = length * everyone[:, POSITIVE] / everyone.sum(axis=-1)
    open_ = length * everyone[:, UNSEEN] / everyone.sum(axis=-1)
    return over(add(known), add(length)), over(add(known + open_), add(length))


def _labelled_precision(worst: Ints, best: Ints, add: Callable[[NDArray[Any]], Floats]) -> Ends:
    low, high = (
        over(add(chosen[..., POSITIVE]), add(chosen[..., POSITIVE] + chosen[..., NEGATIVE])) for chosen in (worst, best)
    )
    return one_for_both(low, high)


def _over_splits(sample: Sample) -> Callable[[NDArray[Any]], Floats]:
    """Sums over the lists of each fold, and over all lists."""
    folds = [sample.list_fold == f for f in range(len(sample.folds))]
    member = np.vstack([*folds, np.ones_like(sample.list_fold, bool)]).astype(np.float64)
    return lambda per_list: np.tensordot(member, per_list.astype(np.float64), axes=1)


def one_for_both(low: Floats, high: Floats) -> Ends:
    """Where only one end is defined, every order and assignment that gives a figure at all gives that one."""
    return np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)
