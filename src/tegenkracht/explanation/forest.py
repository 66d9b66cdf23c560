"""LightGBM's trees as flat arrays, read from the model's own text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEFT, RIGHT = 1, 2
"""Sides of a split, as the states of a row."""

ZERO, NAN = 1, 2
"""LightGBM's kinds of missing value; 0 is none (then a NaN is read as zero)."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.uint8]


class Unreadable(ValueError):
    """Trees of a kind that is not read here; the message is its name."""


class Forest(NamedTuple):
    """All splits of all trees, one after the other; a parent always comes before its children.

    Parameters
    ----------
    starts
        First split of each tree, and one past the last. A tree of a single leaf has no splits.
    feature, threshold, missing, missing_goes
        Column, largest value that goes left, kind of missing value, and the side that a missing value takes.
    left, right
        Split below, counted from the tree's first one; -1 is a leaf.
    left_value, right_value
        Of the leaf, or 0.
    left_share, right_share
        Share of the split's training rows.
    above, above_state, above_share
        Nearest split on the same column further up (-1: none), the side of it that leads here, and the share of training rows that takes
        the path's side at all of them (1: none).
    points
        Quadrature points that each tree needs: half its largest number of columns on one path.
    abscissae, weights
        Of the rule with n points on [0, 1], in row n.
    """

    starts: Ints
    feature: Ints
    threshold: Floats
    missing: Small
    missing_goes: Small
    left: Ints
    right: Ints
    left_value: Floats
    right_value: Floats
    left_share: Floats
    right_share: Floats
    above: Ints
    above_state: Small
    above_share: Floats
    points: Ints
    abscissae: Floats
    weights: Floats


def read_forest(text: str) -> tuple[Forest, float]:
    """The forest of a model's text, and what its trees say of a row of which nothing is known (the mean over training rows).

    Raises
    ------
    Unreadable
        For categorical splits, linear trees, averaged or multi-class models, and trees without training counts.
    """
    header, *blocks = text.partition("\nend of trees")[0].split("\nTree=")
    lines = header.splitlines()
    if "average_output" in lines:
        raise Unreadable("averaged_trees")
    if "num_tree_per_iteration=1" not in lines:
        raise Unreadable("more_classes")
    trees = [_read_tree(dict(line.split("=", 1) for line in block.splitlines()[1:] if line)) for block in blocks]
    points = np.array([_points(tree) for tree in trees], dtype=np.int64)
    abscissae, weights = _quadrature(int(points.max(initial=0)))
    forest = Forest(
        starts=np.cumsum([0, *(tree["feature"].size for tree in trees)]),
        **{name: np.concatenate([tree[name] for tree in trees]) for name in _PER_SPLIT},
        points=points,
        abscissae=abscissae,
        weights=weights,
    )
    return forest, float(sum(tree["mean"] for tree in trees))


def leaves_of(forest: Forest) -> int:
    """How many leaves there are in all."""
    return int(forest.feature.size + forest.points.size)


_PER_SPLIT = tuple(name for name in Forest._fields if name not in ("starts", "points", "abscissae", "weights"))


def _read_tree(fields: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Columns of one tree by name, `mean` over its training rows, and `columns` on the path to each split."""
    if fields["num_cat"] != "0":
        raise Unreadable("categorical_splits")
    if fields["is_linear"] != "0":
        raise Unreadable("linear_trees")
    kind, threshold = _numbers(fields, "decision_type").astype(np.uint8), _numbers(fields, "threshold")
    tree = {
        "feature": _numbers(fields, "split_feature").astype(np.int64),
        "threshold": threshold,
        "missing": kind >> 2 & 3,
        "missing_goes": _missing_goes(kind, threshold),
    }
    tree |= _sides(fields)
    tree |= _paths(tree)
    return tree | {"mean": _mean(tree, _numbers(fields, "leaf_value"))}


def _numbers(fields: Mapping[str, str], key: str) -> Floats:
    return np.array(fields[key].split(), dtype=np.float64)


def _missing_goes(kind: Small, threshold: Floats) -> Small:
    """The side of a missing value: the default side, or that of zero for a split that knows no missing values."""
    as_zero = np.where(threshold >= 0.0, LEFT, RIGHT)
    return np.where(kind >> 2 & 3 == 0, as_zero, np.where(kind & 2, LEFT, RIGHT)).astype(np.uint8)


def _sides(fields: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """What lies below each split. LightGBM numbers the leaves -1, -2, …: positions from the end, when leaves follow splits in reverse."""
    splits = _numbers(fields, "internal_count")
    values = np.concatenate([np.zeros(splits.size), _numbers(fields, "leaf_value")[::-1]])
    counts = np.concatenate([splits, _numbers(fields, "leaf_count")[::-1]])
    sides: dict[str, NDArray[Any]] = {}
    for side in ("left", "right"):
        child = _numbers(fields, f"{side}_child").astype(np.int64)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = counts[child] / splits
        if not np.isfinite(share).all():
            raise Unreadable("no_training_counts")
        sides |= {side: np.maximum(child, -1), f"{side}_value": values[child], f"{side}_share": share}
    return sides


def _paths(tree: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """For each split: the nearest one above on the same column, how many columns its path has, and the share of rows that reach it."""
    size = tree["feature"].size
    parent, side = np.full(size, -1), np.zeros(size, np.uint8)
    for state, name in ((LEFT, "left"), (RIGHT, "right")):
        inner = np.flatnonzero(tree[name] >= 0)
        parent[tree[name][inner]], side[tree[name][inner]] = inner, state
    above, above_state, above_share = np.full(size, -1), np.zeros(size, np.uint8), np.ones(size)
    columns, reach = np.ones(size, np.int64), np.ones(size)
    share = {LEFT: tree["left_share"], RIGHT: tree["right_share"]}
    for split in range(1, size):
        before, state = parent[split], side[split]
        reach[split] = reach[before] * share[state][before]
        while before >= 0 and tree["feature"][before] != tree["feature"][split]:
            before, state = parent[before], side[before]
        columns[split] = columns[parent[split]] + (before < 0)
        if before >= 0:
            above[split], above_state[split] = before, state
            above_share[split] = above_share[before] * share[state][before]
    return {
        "above": above,
        "above_state": above_state,
        "above_share": above_share,
        "columns": columns,
        "reach": reach,
    }


def _mean(tree: Mapping[str, NDArray[Any]], values: Floats) -> NDArray[Any]:
    """Mean of a tree over its training rows."""
    if not tree["feature"].size:
        return np.asarray(values[0])
    left, right = (tree[f"{side}_share"] * tree[f"{side}_value"] for side in ("left", "right"))
    return np.asarray(tree["reach"] @ (left + right))


def _points(tree: Mapping[str, NDArray[Any]]) -> int:
    """A rule of n points is exact up to degree 2n - 1; the integrand of d columns has degree d - 1."""
    return (int(tree["columns"].max(initial=0)) + 1) // 2


def _quadrature(most: int) -> tuple[Floats, Floats]:
    """Gauss and Legendre's rules with 0 … `most` points on [0, 1], a row each."""
    abscissae, weights = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for points in range(1, most + 1):
        x, w = np.polynomial.legendre.leggauss(points)
        abscissae[points, :points], weights[points, :points] = (x + 1) / 2, w / 2
    return abscissae, weights
