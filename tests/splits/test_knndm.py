"""kNNDM against its definition, point by point."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tegenkracht.splits.knndm import held_out_distances, knndm, to_nearest


def _wasserstein(a, b):
    """The area between two empirical distribution functions, summed step by step."""
    steps = sorted([*a, *b])
    gaps = pairwise(steps)
    return sum((right - left) * abs(np.mean(a <= left) - np.mean(b <= left)) for left, right in gaps)


def _nearest(point, others):
    return min(np.hypot(*(point - other)) for other in others)


@pytest.fixture
def towns():
    """Five towns of twelve points with 100 m between neighbours, 6 km from town to town, and places of use 5.9 km from them."""
    rng = np.random.default_rng(4)
    centres = np.array([[0, 0], [6, 1], [12, 0], [18, 1], [24, 0]]) * 1000.0
    north = np.array([0, 5900])
    train = np.concatenate([centre + rng.normal(scale=100, size=(12, 2)) for centre in centres])
    return train, np.concatenate([centres + north, centres - north])


def test_distances_are_those_of_the_definition(towns):
    """From each point to the nearest of another fold, and from each place of use to the nearest point."""
    train, predict = towns
    fold = np.random.default_rng(1).integers(0, 3, len(train))
    expected = [_nearest(point, train[fold != one]) for point, one in zip(train, fold, strict=True)]
    assert held_out_distances(train, fold) == pytest.approx(expected)
    assert to_nearest(predict, train) == pytest.approx([_nearest(place, train) for place in predict])


def test_the_kept_folds_have_the_smallest_wasserstein_distance(towns):
    """Recomputed by hand for the folds that came out; no candidate lies closer, and folds by lot are one of them."""
    train, predict = towns
    matched = knndm(train, predict, folds=5, largest=0.5, seed=1)
    inside = np.array([_nearest(p, train[matched.fold != f]) for p, f in zip(train, matched.fold, strict=True)])
    wanted = np.array([_nearest(place, train) for place in predict])
    assert matched.distance == pytest.approx(_wasserstein(inside, wanted))
    assert matched.distance == min(candidate.distance for candidate in matched.candidates)
    by_lot = next(c for c in matched.candidates if c.clusters is None)
    assert matched.distance < 0.7 * by_lot.distance


def test_places_of_use_far_away_hold_out_whole_towns(towns):
    """Five folds and five towns: the folds are the towns."""
    train, predict = towns
    fold = knndm(train, predict, folds=5, largest=0.5, seed=1).fold
    assert [len(set(fold[town * 12 : town * 12 + 12])) for town in range(5)] == [1] * 5
    assert len(set(fold)) == 5


def test_places_of_use_among_the_points_give_folds_by_lot():
    """When places of use lie where training lies, clustered folds would be too far away."""
    rng = np.random.default_rng(7)
    train, predict = rng.uniform(0, 10_000, (300, 2)), rng.uniform(0, 10_000, (300, 2))
    matched = knndm(train, predict, folds=5, largest=0.5, seed=1)
    assert matched.distance < 60  # the mean distance between neighbours is about 290
    sizes = np.bincount(matched.fold)
    assert sizes.max() <= 150


def test_close_to_the_best_of_all_partitions():
    """Seven points in two folds: the heuristic does no worse than folds by lot, and no partition that it weighed beats it."""
    rng = np.random.default_rng(3)
    train, predict = rng.uniform(0, 100, (7, 2)), rng.uniform(0, 200, (9, 2))
    wanted = to_nearest(predict, train)
    every = [np.array([(code >> i) & 1 for i in range(7)]) for code in range(1, 2**6)]
    best = min(_wasserstein(held_out_distances(train, fold), wanted) for fold in every if 2 <= fold.sum() <= 5)
    matched = knndm(train, predict, folds=2, largest=0.75, seed=1)
    assert best - 1e-9 <= matched.distance <= max(c.distance for c in matched.candidates)


def test_the_same_seed_gives_the_same_folds(towns):
    """Also when points are thinned."""
    train = np.random.default_rng(2).uniform(0, 50_000, (4_000, 2))
    one, two = (knndm(train, towns[1], folds=4, largest=0.5, seed=9) for _ in range(2))
    assert (one.fold == two.fold).all()
    assert len(one.fold) == 4_000
