"""What a list of limited length finds, and what it misses.

People can look at `capacity` places; a list is the top of the scores on one as-of date (or in one test window). Places with the same score
compete by lot, so an estimate is what is expected over those orders. Outcomes exist only where somebody looked, so figures come twice:
among visited places only, and as the lowest and highest value that the unvisited places allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic, concatenated, sum_statistic
from tegenkracht.evaluation.bounds import Bounds, Ends, bounds_of, lot_bounds
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.estimates import About, band_between, bounds_between, count_of, estimate_of, with_interval
from tegenkracht.evaluation.kernel import walk_lists
from tegenkracht.evaluation.sample import Sample, by_score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BY_LOT = ""
"""The order that knows nothing: every place has the same score. Its estimates are about the data, not about a model."""
_LARGE_BLOCK = 8
"""Rows of equal score, on average, from which it pays to take them together."""
EVERYONE = 2**40
"""Size of a list on which everybody fits, also in a resample."""
LENGTH, VISITS, FINDINGS = 0, 1, 2


def curve_sizes(capacity: int, *, longest: int) -> tuple[int, ...]:
    """Lengths of a list for the curves: from a tenth of the capacity to ten times it, and the capacity; no longer than the longest list.

    Examples
    --------
    >>> curve_sizes(100, longest=1637)
    (10, 17, 28, 46, 77, 100, 129, 215, 359, 599, 1000)
    """
    top = max(1, min(10 * capacity, longest))
    steps = np.geomspace(min(max(1, capacity // 10), top), top, 10).round().astype(int)
    return tuple(sorted({int(step) for step in steps} | {capacity}))


@dataclass(frozen=True)
class Lists:
    """What the tops of the lists hold: `totals` (split, size, 3) and `groups` (group, 3), each length, visits and findings."""

    totals: Resampled
    groups: Resampled


def list_statistic(sample: Sample, scores: Floats, *, sizes: Sequence[int], capacity: int) -> Statistic:
    """Length, visits and findings of the lists per fold and size, and per audit group at `capacity`, as `unpacked` reads them."""
    rows, starts, new_score, times = _alike(sample, *by_score(scores, sample.list_slices))
    at, folds, groups = np.array(sizes, np.int64), len(sample.folds), sample.group_count
    cluster, visited, finding, of_group = (
        sample.cluster[rows],
        sample.visited[rows],
        sample.finding[rows],
        sample.group_of_row[:, rows].copy(),
    )
    audited = list(sizes).index(capacity)

    def statistic(draw: Draw) -> Floats:
        n = len(draw.counts)
        out, by_group = np.zeros((n, folds, at.size, 3)), np.zeros((n, groups, 3))
        walk_lists(
            draw.by_cluster,
            cluster,
            visited,
            finding,
            times,
            new_score,
            starts,
            sample.list_fold,
            at,
            of_group,
            audited,
            out,
            by_group,
        )
        return np.concatenate([out.reshape(n, -1), by_group.reshape(n, -1)], axis=1)

    return statistic


def _alike(
    sample: Sample, rows: Ints, starts: Ints, new_score: NDArray[np.uint8]
) -> tuple[Ints, Ints, NDArray[np.uint8], NDArray[np.int32]]:
    """The same walk with rows that are alike in all that it looks at taken together, where blocks of equal scores are large; and how many each row is.

    A model with few different scores has thousands of rows in a block, of which the walk sees the cluster, the groups, and what was found.
    """
    block = np.cumsum(new_score, dtype=np.int64) - 1
    if rows.size < _LARGE_BLOCK * (block.max(initial=-1) + 1) or not rows.size:
        return rows, starts, new_score, np.ones(rows.size, np.int32)
    key = (block * sample.clusters + sample.cluster[rows]) * 4 + 2 * sample.visited[rows] + sample.finding[rows]
    for grouping in sample.groupings:
        key = key * len(grouping.values) + grouping.of_row[rows]
    _, first, times = np.unique(key, return_index=True, return_counts=True)
    begins = np.diff(block[first], prepend=-1) > 0
    new_starts = np.r_[np.searchsorted(block[first], block[starts[:-1]]), first.size]
    return rows[first], new_starts, begins.astype(np.uint8), times.astype(np.int32)


def lot_statistic(sample: Sample, *, sizes: Sequence[int]) -> Statistic:
    """The same counts when every place has the same score: each list has its cohort's shares. Without groups; no walk is needed."""
    rows, _ = concatenated(sample.list_slices)
    columns = np.column_stack([np.ones(rows.size), sample.visited[rows], sample.finding[rows]]).astype(np.float64)
    totals = sum_statistic(columns, cluster=sample.cluster, slices=sample.list_slices)
    at = np.array(sizes, np.float64)
    member = (np.arange(len(sample.folds))[:, None] == sample.list_fold).astype(np.float64)

    def statistic(draw: Draw) -> Floats:
        cohort = totals(draw)
        length = cohort[..., :1]
        part = np.minimum(at, length) / np.maximum(length, 1)
        by_fold: Floats = np.einsum("fl,blk,blc->bfkc", member, part, cohort)
        return by_fold.reshape(len(draw.counts), -1)

    return statistic


def unpacked(packed: Resampled, sample: Sample, *, sizes: int) -> Lists:
    """The counts of `list_statistic` by name, with all folds together as the last split."""
    folds = len(sample.folds)
    width = folds * sizes * 3

    def totals(flat: Floats) -> Floats:
        by_fold = flat[..., :width].reshape(*flat.shape[:-1], folds, sizes, 3)
        return np.concatenate([by_fold, by_fold.sum(axis=-3, keepdims=True)], axis=-3)

    def groups(flat: Floats) -> Floats:
        return flat[..., width:].reshape(*flat.shape[:-1], -1, 3)

    return Lists(*(packed.each(part) for part in (totals, groups)))


def list_statistics(sample: Sample, *, sizes: Sequence[int], capacity: int) -> dict[str, Statistic]:
    """The statistic of every model's lists, and under `BY_LOT` that of lists by lot, which also has everybody as its last size."""
    by_lot = {BY_LOT: lot_statistic(sample, sizes=[*sizes, EVERYONE])}
    return by_lot | {
        model: list_statistic(sample, scores, sizes=sizes, capacity=capacity) for model, scores in sample.scores.items()
    }


def listed_share(sample: Sample, scores: Floats, *, capacity: int) -> Floats:
    """How much of each row is on a list: 1, 0, or for places that tie at the cut the chance that a lot puts them there."""
    share = np.zeros(len(scores))
    for rows in sample.list_slices:
        own, length = scores[rows], min(capacity, rows.size)
        cut = np.partition(own, rows.size - length)[rows.size - length]
        above, tied = own > cut, own == cut
        room = length - np.count_nonzero(above)
        share[rows] = np.where(above, 1.0, np.where(tied, room / np.count_nonzero(tied), 0.0))
    return share


@lru_cache(maxsize=2)
def lists_of(sample: Sample, *, capacity: int) -> dict[str, Floats]:
    """How much of each row is on the list of each model, as `listed_share` says; all that looks at lists asks for the same, so that the last two are kept."""
    return {model: listed_share(sample, scores, capacity=capacity) for model, scores in sample.scores.items()}


@dataclass(frozen=True)
class CapacityMeasures:
    """Estimates of what the lists hold.

    Parameters
    ----------
    lists
        Per model at `sizes`, and under `BY_LOT` at `sizes` and `EVERYONE`.
    versus
        Per model, the models that it is compared with.
    """

    sample: Sample
    lists: Mapping[str, Lists]
    sizes: tuple[int, ...]
    capacity: int
    versus: Versus
    level: float

    def of_data(self) -> Iterator[Estimate]:
        """Prevalence among visited places and its bounds, and what a list by lot finds, per split."""
        lowest, highest = lot_bounds(self.sample, size=self.capacity)
        for s, split in enumerate(self.sample.splits):
            everyone, about = self._everyone(s), About(split=split)
            length, visits, findings = everyone.point
            yield self._share(everyone, "prevalence", about)
            ends = findings / length, (findings + length - visits) / length
            yield from self._outer(ends, _possible(everyone), "prevalence", about, n=length)
            top, at = self._top(BY_LOT, s), About(at=self._at(), split=split)
            yield self._share(top, "precision_by_lot", at)
            ends = lowest[s], highest[s]
            yield from self._outer(ends, _possible(top), "precision_by_lot", at, n=top.point[LENGTH])

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Everything about one model's lists: at capacity per split, compared with other orders, and curves over sizes."""
        bounds, together = bounds_of(self.sample, self.sample.scores[model], sizes=self.sizes), len(self.sample.folds)
        for s in range(len(self.sample.splits)):
            yield from self._size_of_list(model, s)
            yield from self._precision_and_recall(model, s, self.sizes.index(self.capacity), bounds)
            yield from self._ties(model, s, bounds)
            yield from self._against_lot(model, s, bounds)
        yield from self._differences(model)
        for k, size in enumerate(self.sizes):
            if size != self.capacity:
                yield from self._precision_and_recall(model, together, k, bounds)

    def _size_of_list(self, model: str, s: int) -> Iterator[Estimate]:
        length, visits, _ = self._top(model, s).point
        yield count_of(length, "list_length", self._about(model, s))
        yield count_of(length - visits, "listed_unobserved", self._about(model, s), n=length)

    def _precision_and_recall(self, model: str, s: int, k: int, bounds: Bounds) -> Iterator[Estimate]:
        about = About(model, at=self._at(self.sizes[k]), split=self.sample.splits[s])
        top, whole = self.lists[model].totals[s, k], self._everyone(s)
        yield self._share(top, "precision_at_capacity", about)
        yield from self._bounds(
            bounds.precision, s, k, _possible(top), "precision_at_capacity", about, n=bounds.length[s, k]
        )
        recall, n, all_listed = (
            top[FINDINGS] / whole[FINDINGS],
            whole.point[FINDINGS],
            top.point[LENGTH] == whole.point[LENGTH],
        )
        yield estimate_of(
            recall, "recall_at_capacity", about, n=n, level=self.level, why_not="no_findings", share=not all_listed
        )
        yield from self._bounds(
            bounds.recall, s, k, _possible_recall(top, whole), "recall_at_capacity", about, n=whole.point[LENGTH]
        )

    def _ties(self, model: str, s: int, bounds: Bounds) -> Iterator[Estimate]:
        about, k, findings = self._about(model, s), self.sizes.index(self.capacity), self._everyone(s).point[FINDINGS]
        visits = self._top(model, s).point[VISITS]
        ends = (
            (bounds.precision_ties, "precision_at_capacity", visits),
            (bounds.recall_ties, "recall_at_capacity", findings),
        )
        for (low, high), metric, n in ends:
            yield bounds_between(
                low[s, k], high[s, k], metric, about, n=n, why_not=_why_not(metric), method="tie_bounds"
            )

    def _against_lot(self, model: str, s: int, bounds: Bounds) -> Iterator[Estimate]:
        about, n = self._about(model, s), self._top(model, s).point[VISITS]
        mine, lot = self._precision(model, s), self._precision(BY_LOT, s)
        yield estimate_of(
            mine / lot, "lift_over_random", about, n=n, level=self.level, why_not="nobody_visited", share=False
        )
        yield estimate_of(
            mine - lot, "precision_above_random", about, n=n, level=self.level, why_not="nobody_visited", share=False
        )
        k = self.sizes.index(self.capacity)
        moves = _possible_above(self._top(model, s), self._everyone(s))
        yield from self._bounds(bounds.above_lot, s, k, moves, "precision_above_random", about, n=bounds.length[s, k])

    def _differences(self, model: str) -> Iterator[Estimate]:
        together = len(self.sample.folds)
        for other in self.versus[model]:
            gap = self._precision(model, together) - self._precision(other, together)
            about, n = About(model, at=f"{self._at()},versus={other}"), self._top(model, together).point[VISITS]
            if n and self._same_list(model, other):
                for metric, value in (("precision_difference", 0.0), ("lift_over", 1.0)):
                    yield with_interval(value, (value, value), metric, about, n=n, level=self.level, method="labelled")
                continue
            yield estimate_of(
                gap, "precision_difference", about, n=n, level=self.level, why_not="nobody_visited", share=False
            )
            lift = self._precision(model, together) / self._precision(other, together)
            yield estimate_of(lift, "lift_over", about, n=n, level=self.level, why_not="nobody_visited", share=False)

    def _same_list(self, model: str, other: str) -> bool:
        """Whether two models put the same places on the list: then nothing is uncertain about how they compare, whatever is drawn."""
        listed = lists_of(self.sample, capacity=self.capacity)
        return np.array_equal(listed[model], listed[other])

    def _share(self, counts: Resampled, metric: str, about: About) -> Estimate:
        share, n = counts[FINDINGS] / counts[VISITS], counts.point[VISITS]
        return estimate_of(share, metric, about, n=n, level=self.level, why_not="nobody_visited", share=True)

    def _bounds(
        self, ends: Ends, s: int, k: int, moves: Moves, metric: str, about: About, *, n: float
    ) -> Iterator[Estimate]:
        yield from self._outer((ends[0][s, k], ends[1][s, k]), moves, metric, about, n=n)

    def _outer(
        self, ends: tuple[float, float], moves: Moves, metric: str, about: About, *, n: float
    ) -> Iterator[Estimate]:
        """Bounds, and at the study's capacity an interval that holds the figure (decision 0004)."""
        why_not = _why_not(metric)
        if about.at not in ("", self._at()):
            yield bounds_between(*ends, metric, about, n=n, why_not=why_not)
            return
        least = -1.0 if metric == "precision_above_random" else 0.0
        low, high = (_moved(move, end, least) for move, end in zip(moves, ends, strict=True))
        yield from band_between(
            low,
            high,
            metric,
            about,
            n=n,
            level=self.level,
            why_not=why_not,
            method="bounds",
            interval="bounds_interval",
            one_sided=True,
        )

    def precision_by_split(self, model: str) -> Resampled:
        """Precision at capacity of each fold (fold), among visited places."""
        top = self.lists[model].totals[: len(self.sample.folds), self.sizes.index(self.capacity)]
        return top[..., FINDINGS] / top[..., VISITS]

    def _precision(self, model: str, s: int) -> Resampled:
        top = self._top(model, s)
        return top[FINDINGS] / top[VISITS]

    def _top(self, model: str, s: int) -> Resampled:
        return self.lists[model].totals[s, self.sizes.index(self.capacity)]

    def _everyone(self, s: int) -> Resampled:
        return self.lists[BY_LOT].totals[s, len(self.sizes)]

    def _about(self, model: str, s: int) -> About:
        return About(model, at=self._at(), split=self.sample.splits[s])

    def _at(self, size: int | None = None) -> str:
        return f"capacity={size or self.capacity}"


Moves = tuple[Resampled, Resampled]
"""How both ends of bounds move from draw to draw, when tied places come by lot."""


def _possible(counts: Resampled) -> Moves:
    """Ends of the share with a finding, of the rows that are counted."""
    found, unseen = counts[FINDINGS], counts[LENGTH] - counts[VISITS]
    return found / counts[LENGTH], (found + unseen) / counts[LENGTH]


def _possible_recall(listed: Resampled, everyone: Resampled) -> Moves:
    """Ends of recall: unseen places off the list are all positive, or those on it are."""
    found, unseen = listed[FINDINGS], listed[LENGTH] - listed[VISITS]
    off = everyone[LENGTH] - everyone[VISITS] - unseen
    return found / (everyone[FINDINGS] + off), (found + unseen) / (everyone[FINDINGS] + unseen)


def _possible_above(listed: Resampled, everyone: Resampled) -> Moves:
    """Ends of precision minus that of a lot, lists taken together."""
    found, unseen = listed[FINDINGS], listed[LENGTH] - listed[VISITS]
    off = everyone[LENGTH] - everyone[VISITS] - unseen
    return (
        found / listed[LENGTH] - (everyone[FINDINGS] + off) / everyone[LENGTH],
        (found + unseen) / listed[LENGTH] - (everyone[FINDINGS] + unseen) / everyone[LENGTH],
    )


def _moved(move: Resampled, end: float, least: float) -> Resampled:
    """Draws around an end that ties make a little lower or higher than the expected one; never beyond what a share, or a difference, can be."""
    return Resampled(np.array(end), np.clip(move.replicates + (end - move.point), least, 1.0))


def _why_not(metric: str) -> str:
    """Why a figure has no bounds either."""
    return "no_findings" if metric == "recall_at_capacity" else "nobody_visited"
