r"""Bounds under a stated assumption about places that nobody visited: narrower than what is possible, and no better than the assumption.

*At most so many times.* Among places with like scores, something would be found at unvisited ones at most :math:`c` times as often as it was found at
visited ones. With :math:`c = 1` visitors went, within each slice, to places that are at least as risky as the ones they left: monotone selection
(Manski & Pepper 2000, Econometrica 68). *Ceiling.* Something would be found at no more than this share of unvisited places. Nothing in the data
can prove either; visits by lot can contradict them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, resample, sum_statistic
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.estimates import About, band_between, rounded
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

SLICES = 5
"""Slices of like scores: as many of the list as of the rest."""
LISTED, REST = 0, 1
ROWS, VISITS, FINDINGS = 0, 1, 2


@dataclass(frozen=True)
class Assumed:
    """What is assumed of unvisited places; see the module. At least one of the two is there."""

    unvisited_at_most: float | None
    unvisited_ceiling: float | None

    @property
    def named(self) -> str:
        """The assumption as estimates name it in `at`."""
        parts = (("unvisited_at_most", self.unvisited_at_most), ("unvisited_ceiling", self.unvisited_ceiling))
        return "+".join(f"{name}:{value:g}" for name, value in parts if value is not None)


def assumed_estimates(
    sample: Sample,
    assumed: Assumed,
    *,
    main: str,
    capacity: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """Prevalence, and precision of the card's model and its distance to a lot: bounds if the assumption holds (`assumed`), and an interval for the figure."""
    columns = np.column_stack([np.ones(len(sample.rows)), sample.visited, sample.finding]).astype(np.float64)
    share = lists_of(sample, capacity=capacity)[main]
    part = _slices(sample.scores[main], share)
    wide = np.zeros((sample.clusters, 2, SLICES, 3))
    for i, own in enumerate((share, 1 - share)):
        np.add.at(wide[:, i], (sample.cluster, part[i]), own[:, None] * columns)
    clusters = np.arange(sample.clusters)
    statistic = sum_statistic(wide.reshape(sample.clusters, -1), cluster=clusters.astype(np.int32), slices=[clusters])
    number = resample(
        {"": statistic}, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )[""]
    sums = Resampled(number.point.reshape(2, SLICES, 3), number.replicates.reshape(-1, 2, SLICES, 3))
    told = _bands(sums, assumed, main, capacity)
    found = (
        estimate
        for metric, about, low, high, n in told
        for estimate in band_between(
            low,
            high,
            metric,
            about,
            n=n,
            level=level,
            why_not="nobody_visited",
            method="assumed",
            interval="assumed_interval",
            one_sided=True,
        )
    )
    return tuple(rounded(estimate) for estimate in found)


def _slices(scores: Floats, share: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Per row its slice among the list, and among the rest: equally many rows each, by score."""
    order = np.argsort(scores, kind="stable")
    made = []
    for own in (share, 1 - share):
        below = np.empty(len(scores))
        below[order] = np.cumsum(own[order])
        made.append(np.clip(np.ceil(SLICES * below / max(own.sum(), 1.0)) - 1, 0, SLICES - 1).astype(np.int64))
    return made[0], made[1]


def _last(number: Resampled) -> Resampled:
    """Sum over the last axis."""
    return number.sum(number.point.ndim - 1)


def _bands(
    sums: Resampled, assumed: Assumed, main: str, capacity: int
) -> Iterator[tuple[str, About, Resampled, Resampled, float]]:
    """Metric, what it is about, both ends, and the rows that it is about."""
    place, named = f"capacity={capacity}", f"if={assumed.named}"
    low, high = _both_ends(sums, assumed)
    rows = _last(sums[..., ROWS])
    total = _last(rows)
    yield "prevalence", About(at=named), _last(low) / total, _last(high) / total, float(total.point)
    listed, rest = ([end[..., i] / rows[..., i] for end in (low, high)] for i in (LISTED, REST))
    about, n = About(main, f"{place},{named}"), float(rows.point[LISTED])
    yield "precision_at_capacity", about, listed[0], listed[1], n
    share = rows[..., REST] / total
    yield "precision_above_random", about, share * (listed[0] - rest[1]), share * (listed[1] - rest[0]), n


def _both_ends(sums: Resampled, assumed: Assumed) -> tuple[Resampled, Resampled]:
    """Least and most findings of the list and of the rest (2)."""
    rows, visits, findings = (sums[..., i] for i in (ROWS, VISITS, FINDINGS))
    unseen = rows - visits
    rate = findings / visits
    most = Resampled(_most(rate.point, assumed), _most(rate.replicates, assumed))
    return _last(findings), _last(findings + unseen * most)


def _most(rate: Floats, assumed: Assumed) -> Floats:
    """The highest share among unvisited places of a slice; all of them where nobody was visited to compare with."""
    ceiling = 1.0 if assumed.unvisited_ceiling is None else assumed.unvisited_ceiling
    if assumed.unvisited_at_most is None:
        return np.full(rate.shape, ceiling)
    return np.minimum(np.where(np.isnan(rate), np.inf, rate * assumed.unvisited_at_most), ceiling)
