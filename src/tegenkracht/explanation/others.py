"""Which other places a fact about one place's surroundings may be about: what happened there is theirs, and often one person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.data.sources import Dataset
from tegenkracht.features.column import Column, columns_of
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import EventRecipe, Recipe, VisitRecipe
from tegenkracht.features.space import SpaceRecipe
from tegenkracht.features.space.near import reach_of
from tegenkracht.features.space.places import Places, places_of

Floats = NDArray[np.float64]
By = Literal["cluster_id", "area_code", "ring", "reach", "nearest", "ties"]


@dataclass(frozen=True)
class Others:
    """Whom one column is about beside the place itself.

    Parameters
    ----------
    by
        Those of the same cluster or area; in the ring that is told (a distance); within reach; the nearest few; or tied by a party, who are not counted.
    size
        Metres of the reach, or the number of nearest ones.
    places
        The units that count, with coordinates; None where none are needed.
    """

    by: By
    size: float = 0.0
    places: Places | None = None

    @cached_property
    def _at(self) -> dict[str, int]:
        """Position of each unit with coordinates."""
        return {} if self.places is None else {unit: i for i, unit in enumerate(self.places.unit_id.tolist())}

    def distances(self, unit_id: str, date: pd.Timestamp) -> Floats:
        """Metres from a unit to every other one that counts and was there; none when it has no coordinates."""
        at = self._at.get(unit_id)
        if self.places is None or at is None:
            return np.zeros(0)
        there = self.places.there(date) & self.places.of_kind
        there[at] = False
        return np.asarray(np.hypot(*(self.places.at[there] - self.places.at[at]).T))

    def within(self, distances: Floats, low: float, high: float | None) -> int:
        """How many other places may be meant when the column is told to lie between two ends (equal when exact; None is no end).

        A nearest finding at 50 to 100 metres is at one of the places of that ring, not at one that lies closer.

        Examples
        --------
        >>> near = np.array([10.0, 60.0, 60.0, 99.0, 400.0])
        >>> Others("ring").within(near, 50.0, 100.0), Others("ring").within(near, 60.0, 60.0), Others("reach", 100).within(near, 2.0, None)
        (3, 2, 4)
        """
        if self.by == "ring":
            end = np.nextafter(low, np.inf) if high == low else np.inf if high is None else high
            return int(((distances >= low) & (distances < end)).sum())
        if self.by == "reach":
            return int((distances <= self.size).sum())
        return min(int(self.size), len(distances)) if self.by == "nearest" else 0


def others_of(recipes: Sequence[Recipe], dataset: Dataset) -> dict[str, Others]:
    """Every column that tells what happened at other places, by the kind of its recipe: findings, visits and events around, in the cluster or area, and by ties.

    Where other places are is no such fact, and neither is a figure of an area.
    """
    found = {column.name: _others(column, dataset) for column in columns_of(recipes) if column.statistic != "missing"}
    return {name: others for name, others in found.items() if others is not None}


def _others(column: Column, dataset: Dataset) -> Others | None:
    """Whom a column is about; None when it is about the place itself, or tells nothing that happened."""
    recipe = column.recipe
    if isinstance(recipe, EventRecipe | VisitRecipe):
        return {"unit": None, "cluster": Others("cluster_id"), "area": Others("area_code")}[recipe.scope]
    if isinstance(recipe, NetworkRecipe):
        return Others("ties") if column.statistic == "finding_distance" else None
    if not isinstance(recipe, SpaceRecipe) or recipe.of == "units":
        return None
    places = places_of(dataset, recipe)
    if column.statistic == "distance":
        return Others("ring", places=places)
    if column.statistic == "density" and recipe.kernel is not None and recipe.bandwidth is not None:
        return Others("reach", reach_of(recipe.kernel, recipe.bandwidth), places)
    return Others("reach", recipe.within, places) if recipe.within else Others("nearest", recipe.nearest or 0, places)
