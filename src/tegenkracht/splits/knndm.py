"""k-fold nearest-neighbour distance matching: folds that are as far from training as the places of use are.

Linnenbrink, Milà, Ludwig and Meyer (2024), kNNDM CV, Geoscientific Model Development 17, 5897-5912. Training points are clustered (Ward) into ever
more clusters, each clustering is dealt into k folds, and the one is kept whose distances from a held-out point to the nearest training point
lie closest to the distances from the places of use, by the Wasserstein-1 distance. Folds by lot are one of the candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree
from scipy.stats import wasserstein_distance

from tegenkracht.splits.between import between_groups

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CUTS = 50
_MOST = 3_000
"""Points that are clustered; more are thinned by lot, the places of use as well, and the others follow the nearest that was kept."""


@dataclass(frozen=True)
class Candidate:
    """One way to make folds: `clusters` is None for folds by lot; `distance` is Wasserstein-1 in the unit of the coordinates."""

    clusters: int | None
    distance: float


@dataclass(frozen=True)
class Matched:
    """Fold (0 … k-1) of each training point, the distance that was reached, and every candidate that was weighed."""

    fold: Ints
    distance: float
    candidates: tuple[Candidate, ...]


def knndm(train: Floats, predict: Floats, *, folds: int, largest: float, seed: int) -> Matched:
    """Folds of training points, matched to the places of use.

    Parameters
    ----------
    train, predict
        Coordinates in one projected system, shapes (n, 2) and (m, 2), without NaN; n at least `folds`.
    folds
        How many.
    largest
        Largest share of the points that one fold may hold.
    seed
        For thinning and for the folds by lot.
    """
    rng = np.random.default_rng(seed)
    points, places = _thinned(train, rng), _thinned(predict, rng)
    wanted = to_nearest(places, points)
    best, candidates, reached = None, [], np.inf
    for clusters, fold in _dealt(points, folds, rng):
        if np.bincount(fold, minlength=folds).max() > max(largest * len(points), np.ceil(len(points) / folds)):
            continue
        distance = float(wasserstein_distance(held_out_distances(points, fold), wanted))
        candidates.append(Candidate(clusters, distance))
        if distance < reached:
            best, reached = fold, distance
    if best is None:  # folds by lot are as equal as can be, so they always stay
        raise AssertionError("no candidate was left")
    nearest = cKDTree(points).query(train)[1]
    return Matched(best[nearest], reached, tuple(candidates))


def to_nearest(places: Floats, points: Floats) -> Floats:
    """Distance from each place to the nearest point."""
    return np.asarray(cKDTree(points).query(places)[0], dtype=np.float64)


def held_out_distances(points: Floats, fold: Ints) -> Floats:
    """Distance from each point to the nearest point of another fold."""
    return between_groups(points, fold, to_nearest)


def _thinned(points: Floats, rng: np.random.Generator) -> Floats:
    if len(points) <= _MOST:
        return points
    return points[np.sort(rng.choice(len(points), size=_MOST, replace=False))]


def _dealt(points: Floats, folds: int, rng: np.random.Generator) -> Iterator[tuple[int | None, Ints]]:
    """Folds by lot, and folds from clusters that are dealt along the first principal axis."""
    yield None, rng.permutation(np.arange(len(points)) % folds)
    tree = linkage(points, method="ward")
    axis = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][0]
    for asked in np.unique(np.geomspace(folds, len(points), _CUTS).round().astype(int)):
        cluster = fcluster(tree, asked, "maxclust") - 1
        count = int(cluster.max()) + 1
        if count >= folds:
            along = np.bincount(cluster, weights=points @ axis) / np.bincount(cluster)
            rank = np.empty(count, np.int64)
            rank[np.argsort(along, kind="stable")] = np.arange(count)
            yield count, rank[cluster] % folds
