"""The tables of a made world in the shape of the contract, without anything of the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tegenkracht.data.legal_form import is_sole_trader
from tegenkracht.data.sector import Sector
from tegenkracht.data.world.country import YEARS, Country
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.visits import Visits

_FROM = pd.Timestamp("2014-01-01")


@dataclass(frozen=True)
class Made:
    """One sector of a world: what is seen of it, and its truth."""

    sector: Sector
    places: Places
    state: np.ndarray
    events: pd.DataFrame
    visits: Visits


def tables_of(country: Country, made: Sequence[Made]) -> dict[str, pd.DataFrame]:
    """Units, events, areas, inspections and groups of the sectors together."""
    return {
        "units": pd.concat([_units(one, country) for one in made], ignore_index=True),
        "events": pd.concat([one.events for one in made], ignore_index=True).drop(columns=["unit", "quarter_known"]),
        "areas": _areas(country, {name for one in made for name, _ in _measures(one.sector)}),
        "inspections": pd.concat([one.visits.table for one in made], ignore_index=True),
        "groups": pd.concat([_deprivation(country), *(_unit_groups(one.places) for one in made)], ignore_index=True),
    }


def _measures(sector: Sector) -> list[tuple[str, object]]:
    return [(name, entry) for name, entry in sector.indicators.items() if entry.table == "measure"]


def _units(made: Made, country: Country) -> pd.DataFrame:
    places = made.places
    return pd.DataFrame(
        {
            "unit_id": places.unit_id,
            "sector": made.sector.sector,
            "kind": made.sector.unit,
            "area_code": country.code[places.area],
            "x": places.x,
            "y": places.y,
            "opened_on": places.opened_on.astype("datetime64[s]"),
            "closed_on": places.closed_on.astype("datetime64[s]"),
            "legal_form": places.legal_form,
            "cluster_id": places.cluster_id,
        }
    )


def _areas(country: Country, measures: set[str]) -> pd.DataFrame:
    """A value at the end of each year, known one year later; what would be known after the last day is left out."""
    by_year = {
        "vacancy": country.vacancy,
        "deprivation_index": country.deprivation_by_year,
        "road_distance": np.repeat(country.road_distance[:, None], len(YEARS), axis=1),
    }
    areas = len(country.code)
    frames = [
        pd.DataFrame(
            {
                "area_code": country.code,
                "measure": measure,
                "period_end": pd.Timestamp(f"{year - 1}-12-31"),
                "known_on": pd.Timestamp(f"{year}-12-31"),
                "value": by_year[measure][:, place],
            },
            index=range(areas),
        )
        for measure in sorted(measures)
        for place, year in enumerate(YEARS)
    ]
    return pd.concat(frames, ignore_index=True)


def _deprivation(country: Country) -> pd.DataFrame:
    """Each area's third of deprivation."""
    third = np.searchsorted(np.quantile(country.deprivation, [1 / 3, 2 / 3]), country.deprivation)
    return _group_rows("deprivation", np.array(["low", "middle", "high"])[third], area_code=country.code)


def _unit_groups(places: Places) -> pd.DataFrame:
    sole = is_sole_trader(pd.Series(places.legal_form, dtype="str")).to_numpy()
    group = np.array(["group 0", "group 1"])[places.group]
    kind = np.where(sole, "sole_trader", "other")
    return pd.concat(
        [
            _group_rows("group", group, unit_id=places.unit_id),
            _group_rows("legal_kind", kind, unit_id=places.unit_id),
        ]
    )


def _group_rows(
    attribute: str, value: np.ndarray, *, unit_id: np.ndarray | None = None, area_code: np.ndarray | None = None
) -> pd.DataFrame:
    empty = pd.Series([None] * len(value), dtype="str")
    return pd.DataFrame(
        {
            "unit_id": empty if unit_id is None else unit_id,
            "area_code": empty if area_code is None else area_code,
            "attribute": attribute,
            "value": value,
            "from_on": _FROM,
        }
    )
