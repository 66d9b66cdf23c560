"""Which place of a split each unit lies in."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tegenkracht.core.errors import wrong
from tegenkracht.splits.ground import Ground, Ints
from tegenkracht.splits.knndm import knndm
from tegenkracht.splits.place import Blocks, ByCluster, ByComponent, ByUnit, Knndm, LeaveOneOut, Place

_DEGREES = 400
"""Coordinates that all lie below this are no metres."""
_MOST = 0.5
"""The largest share of units that one component may hold."""


@dataclass(frozen=True)
class Places:
    """Names of the places that are held out in turn, and for each unit the number of its place; -1 takes no part."""

    names: tuple[str, ...]
    number: Ints


def changes_over_time(place: Place) -> bool:
    """Whether places depend on the day of the fit: links become known, and other units have been learnt from."""
    return isinstance(place, ByComponent | Knndm)


def places_of(
    place: Place, ground: Ground, *, split_on: pd.Timestamp, settled: NDArray[np.bool_], tested: NDArray[np.bool_]
) -> Places:
    """The places of one fit.

    Parameters
    ----------
    place
        The declaration.
    ground
        The units.
    split_on
        Links known later are not used.
    settled, tested
        Rows of the panel that could be learnt from and that are tested; only kNNDM looks at them.

    Raises
    ------
    InputError
        When coordinates, links or areas that the kind needs are not there, or there are fewer groups than folds.
    """
    match place:
        case ByUnit():
            return _dealt(np.arange(len(ground.unit_id)), place, "unit")
        case ByCluster():
            return _dealt(ground.clusters(), place, "cluster")
        case ByComponent():
            return _dealt(_small_enough(ground.components(known=split_on, roles=place.roles)), place, "component")
        case Blocks():
            return _blocks(place, ground)
        case LeaveOneOut():
            return _one_by_one(place, ground)
        case Knndm():
            return _matched(place, ground, settled=settled, tested=tested)


def _dealt(group: Ints, place: ByUnit | ByCluster | ByComponent | Blocks, word: str) -> Places:
    """Groups over folds, the largest first and each to the smallest fold so far; equal ones by lot."""
    known = group >= 0
    sizes = np.bincount(group[known])
    there = np.flatnonzero(sizes)
    if len(there) < place.folds:
        raise wrong(
            "split.place.folds",
            f"there are {len(there):,} groups of kind {word}, fewer than {place.folds} folds.",
            "Take fewer folds, or smaller groups.",
        )
    by_lot = np.random.default_rng(place.seed).permutation(there)
    order = by_lot[np.argsort(-sizes[by_lot], kind="stable")]
    fold_of = np.full(len(sizes), -1, np.int64)
    fold_of[order] = _smallest_first(sizes[order], place.folds)
    number = np.full(len(group), -1, np.int64)
    number[known] = fold_of[group[known]]
    return Places(_named(word, place.folds), number)


def _small_enough(component: Ints) -> Ints:
    """The components themselves, unless one holds most units: holding it out would leave little to learn from."""
    share = np.bincount(component).max() / len(component)
    if share > _MOST:
        raise wrong(
            "split.place.roles",
            f"one component holds {100 * share:.0f} of 100 units, so a fold would have to be that large.",
            "Name fewer `roles`, such as addresses only, or take `cluster`.",
        )
    return component


def _smallest_first(sizes: Ints, folds: int) -> Ints:
    """Fold of each group, when each goes to the fold that is smallest by then."""
    heap, chosen = [(0, fold) for fold in range(folds)], np.empty(len(sizes), np.int64)
    for i, size in enumerate(sizes.tolist()):
        held, chosen[i] = heap[0]
        heapq.heapreplace(heap, (held + size, int(chosen[i])))
    return chosen


def _named(word: str, folds: int) -> tuple[str, ...]:
    return tuple(f"{word}-{fold + 1}" for fold in range(folds))


def _blocks(place: Blocks, ground: Ground) -> Places:
    at = _located(ground, place)
    known = ~np.isnan(at[:, 0])
    group = np.full(len(at), -1, np.int64)
    corner = np.floor(at[known] / place.size).astype(np.int64)
    group[known] = np.unique(corner, axis=0, return_inverse=True)[1].ravel()
    return _dealt(group, place, "block")


def _located(ground: Ground, place: Blocks | Knndm) -> NDArray[np.float64]:
    """Coordinates in metres, or an error that says what is missing."""
    at = ground.coordinates()
    missing = np.isnan(at[:, 0])
    if missing.all() or (missing.any() and place.without_coordinates == "refuse"):
        shown = ", ".join(str(unit) for unit in ground.unit_id[missing][:5])
        raise wrong(
            "split.place",
            f"{int(missing.sum()):,} of {len(at):,} units have no coordinates, such as {shown}.",
            "Fill in x and y, take `cluster` instead"
            + ("." if missing.all() else ", or write `without_coordinates: left_out`."),
        )
    if np.nanmax(np.abs(at)) <= _DEGREES:
        raise wrong(
            "split.place",
            "the coordinates look like degrees, and distances are in metres.",
            "Project x and y, for example to EPSG:28992.",
        )
    return at


def _one_by_one(place: LeaveOneOut, ground: Ground) -> Places:
    label = _labels(place, ground)
    count = label.value_counts()
    label = label.where(label.isna() | label.isin(count[count >= place.at_least].index), "other")
    number, names = pd.factorize(label, sort=True)
    if len(names) < 2:
        raise wrong(
            "split.place",
            f"there are {len(names)} places with at least {place.at_least:,} units by this rule, and one at a time needs two.",
            "Lower `at_least`, or take a longer `prefix` or other `regions`.",
        )
    return Places(tuple(str(name) for name in names), number.astype(np.int64))


def _labels(place: LeaveOneOut, ground: Ground) -> pd.Series:
    """The place of each unit by name, missing where it has none."""
    code = ground.facts[place.by].astype("str")
    if place.prefix is not None:
        return code.str.slice(0, place.prefix)
    if not place.regions:
        return code
    label = pd.Series(pd.NA, index=code.index, dtype="str")
    for name, begins in place.regions.items():
        inside = code.str.startswith(begins).fillna(False).astype(bool)
        if not inside.any():
            raise wrong(
                f"split.place.regions.{name}",
                f"no unit lies in an area whose code begins with {' or '.join(begins)}.",
                "Look at `area_code` in units.",
            )
        label = label.mask(inside, name)
    return label


def _matched(place: Knndm, ground: Ground, *, settled: NDArray[np.bool_], tested: NDArray[np.bool_]) -> Places:
    at = _located(ground, place)
    known = ~np.isnan(at[:, 0])
    learnt, asked = (np.isin(np.arange(len(at)), ground.of_row[rows]) & known for rows in (settled, tested))
    use = asked & ~learnt if place.predict == "unseen" else asked
    if learnt.sum() < place.folds or not use.any():
        raise wrong("split.place", *_why_unmatched(place, int(learnt.sum())))
    matched = knndm(at[learnt], at[use], folds=place.folds, largest=place.largest, seed=place.seed)
    number = np.full(len(at), -1, np.int64)
    number[known] = matched.fold[cKDTree(at[learnt]).query(at[known])[1]]
    number[learnt] = matched.fold
    return Places(_named("knndm", place.folds), number)


def _why_unmatched(place: Knndm, learnt: int) -> Iterator[str]:
    if learnt < place.folds:
        yield f"{learnt:,} units can be learnt from, fewer than {place.folds} folds."
        yield "Take fewer folds, or test later."
    else:
        yield "every tested unit was learnt from, so there is no unseen place to match."
        yield "Write `predict: all`."
