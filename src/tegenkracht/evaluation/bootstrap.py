"""Numbers under resampling: which clusters are drawn how often, what a statistic then is, and the interval that follows.

A statistic is a function of a draw: how often each cluster (a unit, or a strip of units) was drawn. When each is drawn once it gives the
point estimate, so point and interval cannot come from different code; and because all statistics of all models see the same draws, a
difference between two models is resampled as a pair. Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 (clusters) and 13 (percentiles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.drawing import Draws, Interval
from tegenkracht.core.progress import Progress
from tegenkracht.evaluation.kernel import count_draws, sum_rows
from tegenkracht.evaluation.ratio import over

Floats = NDArray[np.float64]
Counts = NDArray[np.uint8]

Key = TypeVar("Key")

BLOCK = 32
"""Replicates that come from one random stream. Part of what a seed means: changing it changes every interval."""
ANSWERED = 0.95
"""Share of replicates that must have an answer before an interval is given."""
_KEPT_CLUSTERS, _KEPT_BLOCKS = 16_384, 128
"""The stages of a study ask for the same draws: so many runs of replicates are kept, where there are no more clusters than this."""
MOST_LEFT_OUT = 200
"""Points of the jackknife at most."""


@dataclass(frozen=True)
class Resampling:
    """How clusters are drawn, and which interval follows.

    Parameters
    ----------
    jackknife
        Take the jackknife also where the interval does not ask for it: to know how far each cluster pulls a number.
    """

    draws: Draws
    interval: Interval
    jackknife: bool = False


PLAIN = Resampling("multinomial", "percentile")


@dataclass(frozen=True)
class Draw:
    """Some replicates.

    Parameters
    ----------
    counts
        How often each cluster was drawn: (replicate, cluster).
    seed
        For a statistic that needs a lottery of its own (which of two equal scores comes first); None when everything is drawn once.
    """

    counts: Counts
    seed: int | None

    @cached_property
    def by_cluster(self) -> Counts:
        """The same counts as (cluster, replicate), for walks that serve all replicates with one row."""
        return np.ascontiguousarray(self.counts.T)


Statistic = Callable[[Draw], Floats]
"""From some replicates to numbers (replicate, …)."""


@dataclass(frozen=True)
class Resampled:
    """A number (or an array of them) and what it is in every replicate.

    Division by zero gives NaN: no answer, neither in the point nor in that replicate.

    Parameters
    ----------
    point
        Shape (…).
    replicates
        Shape (replicate, …).
    left_out
        The number at each point of the jackknife, shape (left out, …); None when it was not taken.
    interval
        The interval that is asked.
    """

    point: Floats
    replicates: Floats
    left_out: Floats | None = None
    interval: Interval = "percentile"

    def __getitem__(self, key: Any) -> Resampled:
        """Part of the array, by the indices of `point`."""
        key = key if isinstance(key, tuple) else (key,)
        return self.each(lambda numbers: numbers[(slice(None), *key)])

    def __add__(self, other: Resampled) -> Resampled:
        return self._with(np.add, other)

    def __sub__(self, other: Resampled) -> Resampled:
        return self._with(np.subtract, other)

    def __mul__(self, other: Resampled) -> Resampled:
        return self._with(np.multiply, other)

    def __truediv__(self, other: Resampled) -> Resampled:
        return self._with(over, other)

    def sum(self, axis: int) -> Resampled:
        """Sum over an axis of `point`."""
        return self.each(lambda numbers: numbers.sum(axis + 1))

    def each(self, change: Callable[[Floats], Floats]) -> Resampled:
        """What a function of numbers (replicate, …) makes of the point, of every replicate and of every point of the jackknife."""
        left_out = None if self.left_out is None else change(self.left_out)
        return Resampled(change(self.point[None])[0], change(self.replicates), left_out, self.interval)

    def _with(self, combine: Callable[[Floats, Floats], Floats], other: Resampled) -> Resampled:
        return together(combine, self, other)


def together(function: Callable[..., Floats], *numbers: Resampled) -> Resampled:
    """What a function of several numbers makes of their points, of every replicate and, where all have one, of every point of the jackknife.

    The interval is the one that is asked of the first.
    """
    left_out = [n.left_out for n in numbers if n.left_out is not None]
    return Resampled(
        function(*(n.point for n in numbers)),
        function(*(n.replicates for n in numbers)),
        function(*left_out) if len(left_out) == len(numbers) else None,
        numbers[0].interval,
    )


def resample(
    statistics: Mapping[Key, Statistic],
    *,
    clusters: int,
    replicates: int,
    seed: int,
    threads: int,
    progress: Progress,
    how: Resampling = PLAIN,
) -> dict[Key, Resampled]:
    """Every statistic on the same draws; the same seed gives the same bytes, whatever the number of threads.

    Parameters
    ----------
    statistics
        By name. Each must give the same shape whatever the counts.
    clusters
        How many there are to draw from; as many are drawn, with replacement (multinomial counts), or each on its own (Poisson).
    how
        Which of the two, whether the jackknife is taken, and the interval that is asked.
    """
    points = {name: statistic(everything_once(clusters))[0] for name, statistic in statistics.items()}
    tables = {name: np.empty((replicates, *point.shape)) for name, point in points.items()}
    blocks = [slice(cut, min(cut + BLOCK, replicates)) for cut in range(0, replicates, BLOCK)]
    drawn_by = _kept_block if clusters <= _KEPT_CLUSTERS else _block

    def fill(rows: slice) -> None:
        drawn = drawn_by(how.draws, seed, rows.start // BLOCK, clusters, rows.stop - rows.start)
        for name, statistic in statistics.items():
            tables[name][rows] = statistic(drawn)

    for done, _ in enumerate(_each(fill, blocks, threads), 1):
        progress("bootstrap", done, len(blocks))
    left_out = _left_out(statistics, clusters, seed) if how.jackknife or how.interval == "bca" else {}
    return {name: Resampled(point, tables[name], left_out.get(name), how.interval) for name, point in points.items()}


def _each(fill: Callable[[slice], None], blocks: Sequence[slice], threads: int) -> Iterator[None]:
    """Every block filled; one at a time without a pool, which costs more than most statistics."""
    if threads == 1:
        yield from map(fill, blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(fill, blocks)


def _left_out(statistics: Mapping[Key, Statistic], clusters: int, seed: int) -> dict[Key, Floats]:
    """Every statistic at the same points of the jackknife."""
    counts = jackknife_counts(np.random.default_rng([seed, MOST_LEFT_OUT]), clusters=clusters)
    return {name: statistic(Draw(counts, seed=None)) for name, statistic in statistics.items()}


def everything_once(clusters: int) -> Draw:
    """The data as they are, as a draw: what gives a point estimate."""
    return Draw(np.ones((1, clusters), np.uint8), seed=None)


def draw(rng: np.random.Generator, *, clusters: int, replicates: int) -> Draw:
    """As many clusters as there are, each equally likely, with replacement.

    Examples
    --------
    >>> draw(np.random.default_rng(1), clusters=4, replicates=3).counts.sum(axis=1).tolist()
    [4, 4, 4]
    """
    counts = np.zeros((replicates, clusters), np.uint8)
    for row in counts:
        count_draws(rng.integers(clusters, size=clusters), row)
    return Draw(counts, seed=int(rng.integers(2**63)))


def poisson_draw(rng: np.random.Generator, *, clusters: int, replicates: int) -> Draw:
    """Each cluster as often as a Poisson number of mean 1 says, independently of the others.

    The number of draws then varies too. For shares and ranks it comes to the same as multinomial draws; a total gets a wider interval.
    """
    counts = np.minimum(rng.poisson(1.0, (replicates, clusters)), 255).astype(np.uint8)
    return Draw(counts, seed=int(rng.integers(2**63)))


_DRAWS: Mapping[Draws, Callable[..., Draw]] = {"multinomial": draw, "poisson": poisson_draw}


def jackknife_counts(rng: np.random.Generator, *, clusters: int) -> Counts:
    """Everything without one cluster, or without one of 200 groups of clusters drawn by lot: (left out, cluster)."""
    groups = min(clusters, MOST_LEFT_OUT)
    group = rng.permutation(clusters) % groups
    return np.asarray(group != np.arange(groups)[:, None], dtype=np.uint8)


def _block(draws: Draws, seed: int, number: int, clusters: int, replicates: int) -> Draw:
    """One run of replicates: each has a random stream of its own, so that threads do not matter."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    return _DRAWS[draws](rng, clusters=clusters, replicates=replicates)


_kept_block = lru_cache(maxsize=_KEPT_BLOCKS)(_block)


def sum_statistic(columns: Floats, *, cluster: NDArray[np.int32], slices: Sequence[NDArray[np.int64]]) -> Statistic:
    """Sums of columns over the rows of each slice (slice, column), each row as often as its cluster was drawn.

    Parameters
    ----------
    columns
        One row per row of the slices, one after the other.
    slices
        Positions in `cluster`.
    """
    rows, starts = concatenated(slices)
    part = np.repeat(np.arange(len(slices)), np.diff(starts))
    return sum_of_parts(columns, cluster=cluster[rows], part=part, parts=len(slices))


def sum_of_parts(columns: Floats, *, cluster: NDArray[np.int32], part: NDArray[np.int64], parts: int) -> Statistic:
    """The same sums (part, column) where each row lies in one part, which is given by its number: columns, clusters and parts are in one order."""
    width = int(cluster.max(initial=0)) + 1
    pairs, place = numbered(part * width + cluster)
    sums = np.zeros((pairs.size, columns.shape[1]))
    for j, column in enumerate(columns.T):
        sums[:, j] = np.bincount(place, column, minlength=pairs.size)
    of_pair = (pairs % width).astype(np.int32)
    pair_starts = np.searchsorted(pairs // width, np.arange(parts + 1))

    def statistic(draw: Draw) -> Floats:
        out = np.zeros((len(draw.counts), parts, columns.shape[1]))
        sum_rows(draw.by_cluster, of_pair, sums, pair_starts, out)
        return out

    return statistic


def numbered(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct numbers, ascending, and where each stands among them; without sorting where they are dense."""
    if numbers.max(initial=0) > 4 * numbers.size:
        distinct, place = np.unique(numbers, return_inverse=True)
        return distinct, place
    there = np.bincount(numbers) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[numbers]


def concatenated(slices: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slices one after the other, and where each starts (one more than there are slices)."""
    starts = np.cumsum([0, *(part.size for part in slices)])
    return (np.concatenate(slices) if slices else np.empty(0, np.int64)), starts


def percentile_interval(replicates: Floats, *, level: float) -> tuple[float, float] | None:
    """Ends of the middle `level` of the replicates; None when too many replicates have no answer.

    Examples
    --------
    >>> percentile_interval(np.arange(101.0), level=0.5)
    (25.0, 75.0)
    """
    answered = replicates[np.isfinite(replicates)]
    return ends_of(answered, level=level) if _enough(answered.size, replicates.size) else None


def enough_answered(replicates: Floats) -> bool:
    """Whether so many replicates have an answer that an interval may be given."""
    return _enough(int(np.count_nonzero(np.isfinite(replicates))), replicates.size)


def _enough(answered: int, replicates: int) -> bool:
    return answered > 0 and answered >= ANSWERED * replicates


def ends_of(numbers: Floats, *, level: float) -> tuple[float, float]:
    """Ends of the middle `level` of some numbers: numpy's `quantile` (linear) without what it prepares, which costs more than sorting a thousand.

    Examples
    --------
    >>> ends_of(np.array([4.0, 0.0, 2.0]), level=0.5)
    (1.0, 3.0)
    """
    ordered = np.sort(numbers)
    return _at(ordered, (1 - level) / 2), _at(ordered, (1 + level) / 2)


def quantile_of(numbers: Floats, share: float) -> float:
    """The same for one end: what lies so far up among some numbers.

    Examples
    --------
    >>> quantile_of(np.array([4.0, 0.0, 2.0]), 0.25)
    1.0
    """
    return _at(np.sort(numbers), share)


def _at(ordered: Floats, share: float) -> float:
    last = ordered.size - 1
    place = share * last
    below = int(place)
    return _between(ordered[below], ordered[min(below + 1, last)], place - below)


def _between(one: float, other: float, share: float) -> float:
    """So far from one number to the other; from the nearer one, so that neither end is passed."""
    gap = other - one
    return float(one + gap * share if share < 0.5 else other - gap * (1 - share))
