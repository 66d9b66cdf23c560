"""Where the units of a panel are and what they belong to: one row per unit, for splits that hold out places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.panel import Panel

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """The units of a panel in order of `unit_id`, whatever the order of the tables.

    Parameters
    ----------
    unit_id
        Unique and sorted.
    of_row
        For each row of the panel, the position of its unit.
    facts
        Per unit: `cluster_id, area_code, sector, x, y`.
    links
        Unit positions and party of each link, with `role` and `known_on`; None when the dataset has no links.
    """

    unit_id: NDArray[Any]
    of_row: Ints
    facts: pd.DataFrame
    links: pd.DataFrame | None

    def coordinates(self) -> Floats:
        """Coordinates per unit, x and y, shape (units, 2); NaN where one of them is missing."""
        both = self.facts[["x", "y"]].to_numpy(np.float64, copy=True)
        both[np.isnan(both).any(axis=1)] = np.nan
        return both

    def clusters(self) -> Ints:
        """A number per unit, the same within a cluster; a unit without one stands alone."""
        code = pd.factorize(self.facts["cluster_id"], sort=True)[0].astype(np.int64)
        return np.where(code >= 0, code, code.max(initial=-1) + 1 + np.arange(len(code)))

    def components(self, *, known: pd.Timestamp, roles: tuple[str, ...] | None) -> Ints:
        """A number per unit, the same for units that links tie together, directly or through others.

        Raises
        ------
        InputError
            When there are no links, or none has a role that is asked for.
        """
        if self.links is None:
            raise wrong(
                "split.place.kind", "this dataset has no table `links`.", "Take `cluster` or `blocks`, or add links."
            )
        if roles is not None and (strange := sorted(set(roles) - set(self.links["role"]))):
            there = ", ".join(sorted(set(self.links["role"].dropna())))
            raise InputError(
                [
                    Problem("split.place.roles", f"no link has role `{role}`.", f"Roles are: {there}.")
                    for role in strange
                ]
            )
        of = self.links["known_on"] <= known
        if roles is not None:
            of &= self.links["role"].isin(roles)
        return _tied(self.links.loc[of, "unit"].to_numpy(), self.links.loc[of, "party_id"], len(self.unit_id))


def _tied(unit: Ints, party: pd.Series, units: int) -> Ints:
    """Connected components of the graph of units and parties."""
    number, names = pd.factorize(party)
    size = units + len(names)
    graph = coo_array((np.ones(len(unit), np.int8), (unit, units + number)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:units], dtype=np.int64)


def ground_of(panel: Panel, tables: Mapping[str, pd.DataFrame]) -> Ground:
    """The units of a panel, with their coordinates and links from the dataset's tables."""
    of_row, found = pd.factorize(panel.rows["unit_id"], sort=True)
    unit_id = np.asarray(found, dtype=object)
    first = pd.Series(np.arange(len(of_row))).groupby(of_row).first().to_numpy()
    facts = panel.rows.iloc[first][["cluster_id", "area_code", "sector"]].reset_index(drop=True)
    units = tables["units"].drop_duplicates("unit_id").set_index("unit_id").reindex(unit_id)
    facts = facts.assign(**{axis: units[axis].to_numpy(np.float64, na_value=np.nan) for axis in ("x", "y")})
    return Ground(unit_id, of_row.astype(np.int64), facts, _links(tables.get("links"), unit_id))


def _links(table: pd.DataFrame | None, unit_id: NDArray[Any]) -> pd.DataFrame | None:
    if table is None:
        return None
    unit = pd.Index(unit_id).get_indexer(pd.Index(table["unit_id"]))
    inside = (unit >= 0) & table["party_id"].notna().to_numpy()
    kept: pd.DataFrame = table.loc[inside, ["party_id", "role"]].assign(
        known_on=pd.to_datetime(table.loc[inside, "known_on"]), unit=unit[inside]
    )
    return kept.reset_index(drop=True)
