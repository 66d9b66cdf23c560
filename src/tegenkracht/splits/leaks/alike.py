"""What stands on both sides of a split, or twice in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.data.sources import Dataset

NEAR = 100.0
"""Metres within which a tested place has a neighbour that was learnt from."""
FEWEST = 3
"""Events that two units must have in common before they can look like one."""
CLOSE = 50.0
"""Metres within which two ids can be one place."""


def places_on_both_sides(dataset: Dataset, panel: Panel, folds: Sequence[Fold]) -> Finding:
    """TK009: when a split holds out places, tested units, clusters, close neighbours or parties that were also learnt from.

    A split in time alone tests the same places later; TK004 says how many.
    """
    held = [fold for fold in folds if fold.place]
    if not held:
        return Finding("TK009", "not_applicable", facts={"reason": "time_only"})
    sides = [(_units(panel, fold.train), _units(panel, fold.test)) for fold in held]
    tested = sum(len(test) for _, test in sides)
    clusters = panel.rows.drop_duplicates("unit_id").set_index("unit_id")["cluster_id"].dropna()
    links = dataset.tables.get("links")
    shared = {
        "same_unit": sum(len(train & test) for train, test in sides),
        "same_cluster": sum(_of_same(clusters, train, test) for train, test in sides),
        "near": sum(_near(dataset, train, test) for train, test in sides),
        "same_party": sum(_of_same_party(links, train, test) for train, test in sides) if links is not None else 0,
    }
    most = max(shared, key=lambda name: shared[name])
    facts: dict[str, str | int | float] = {
        "units": tested,
        **shared,
        "most": most,
        "share": round(100 * shared[most] / max(tested, 1), 1),
    }
    return Finding("TK009", "found" if shared[most] else "not_found", facts=facts)


def _units(panel: Panel, positions: np.ndarray) -> set[str]:
    return set(panel.rows["unit_id"].iloc[positions])


def _of_same(clusters: pd.Series, train: set[str], test: set[str]) -> int:
    """Tested units in a cluster that was learnt from."""
    learnt = set(clusters.reindex(list(train)).dropna())
    return int(clusters.reindex(list(test)).isin(learnt).sum())


def _near(dataset: Dataset, train: set[str], test: set[str]) -> int:
    """Tested units with a learnt one within `NEAR` metres."""
    units = dataset.tables["units"].dropna(subset=["x", "y"]).set_index("unit_id")[["x", "y"]]
    one, other = (units.loc[units.index.isin(side)].to_numpy(dtype=np.float64) for side in (train, test))
    if not len(one) or not len(other):
        return 0
    distance, _ = cKDTree(one).query(other, distance_upper_bound=NEAR)
    return int(np.isfinite(distance).sum())


def _of_same_party(links: pd.DataFrame, train: set[str], test: set[str]) -> int:
    """Tested units that share a party with one that was learnt from."""
    learnt = set(links.loc[links["unit_id"].isin(train), "party_id"])
    return int(links.loc[links["unit_id"].isin(test) & links["party_id"].isin(learnt), "unit_id"].nunique())


def duplicate_units(dataset: Dataset, panel: Panel) -> Finding:
    """TK010: two ids of one sector with the same history of events, and (where it is known) on the same spot.

    A history is every event's kind, day and value; it must hold at least `FEWEST` events.
    """
    units = dataset.tables["units"]
    units = units[units["unit_id"].isin(panel.rows["unit_id"].unique())].set_index("unit_id")
    events = dataset.tables["events"]
    events = events[events["unit_id"].isin(units.index)]
    hashed = pd.util.hash_pandas_object(events[["kind", "occurred_on", "value"]], index=False)
    of_unit = hashed.groupby(events["unit_id"])
    history = pd.DataFrame({"count": of_unit.size(), "sum": of_unit.sum(), "product": of_unit.prod()})
    history = history[history["count"] >= FEWEST].join(units[["sector", "x", "y"]])
    pairs = _pairs(history)
    facts: dict[str, str | int | float] = {"units": len(units), "pairs": len(pairs)}
    if pairs:
        facts["named"] = " = ".join(pairs[0])
    return Finding("TK010", "found" if pairs else "not_found", facts=facts)


def _pairs(history: pd.DataFrame) -> list[tuple[str, str]]:
    """Neighbours in order of history that are the same, and not known to be far apart."""
    alike = history[history.duplicated(["sector", "count", "sum", "product"], keep=False)]
    pairs = []
    for _, group in alike.groupby(["sector", "count", "sum", "product"], sort=True):
        ids = list(group.index)
        for one, other in pairwise(ids):
            apart = float(
                np.hypot(*(group.loc[one, ["x", "y"]].to_numpy(float) - group.loc[other, ["x", "y"]].to_numpy(float)))
            )
            if np.isnan(apart) or apart <= CLOSE:
                pairs.append((str(one), str(other)))
    return pairs
