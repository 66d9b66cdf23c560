"""Routine food inspections in Chicago, 2011-2014, from the city's own repository.

`Chicago/food-inspections-evaluation` holds the tables of the study that the city published in 2014 and refreshed in 2017. `30_xgboost_data.Rds` has one row per
scheduled inspection with the features as the city made them, its published score and the group of the inspector.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tegenkracht.data.adapters.source_files import described, read_rds, require_columns, whole_numbers
from tegenkracht.data.dictionary import Description
from tegenkracht.data.unknown import no_dates, no_texts

GET_IT = "Clone the public repository Chicago/food-inspections-evaluation and name its folder (or its folder DATA)."
MAIN, PLACES = "30_xgboost_data.Rds", "23_food_insp_features.Rds"
GIVEN = {
    "past_serious": "pastSerious",
    "past_critical": "pastCritical",
    "time_since_last": "timeSinceLast",
    "age_at_inspection": "ageAtInspection",
    "consumption_on_premises": "consumption_on_premises_incidental_activity",
    "tobacco": "tobacco_retail_over_counter",
    "temperature_max": "temperatureMax",
    "heat_burglary": "heat_burglary",
    "heat_garbage": "heat_garbage",
    "heat_sanitation": "heat_sanitation",
    "city_xgb_score": "score",
}
"""Our names of the city's ready-made columns."""
NEEDED = ["Inspection_Date", "License", "Inspection_ID", "criticalCount", "seriousCount", "minorCount", "Facility_Type"]


def import_chicago_food(source: Path) -> tuple[dict[str, pd.DataFrame], Description]:
    """Tables in contract form, and their description.

    Parameters
    ----------
    source
        The repository's folder, its folder `DATA`, or a folder that holds `DATA`.

    Raises
    ------
    InputError
        When a file is missing or cannot be read: which one, and where it can be had.
    """
    folder = source / "DATA" if (source / "DATA").is_dir() else source
    visits = read_rds(folder / MAIN, get_it=GET_IT)
    require_columns(visits, [*NEEDED, *GIVEN.values(), "Inspector_Assigned"], folder / MAIN, get_it=GET_IT)
    visits = visits.assign(
        unit_id=whole_numbers(visits["License"]),
        inspection_id=whole_numbers(visits["Inspection_ID"]),
        day=pd.to_datetime(visits["Inspection_Date"].astype("int64"), unit="D").astype("datetime64[us]"),
    )
    places = _places(folder)
    tables = {
        "units": _units(visits, places),
        "events": _events(visits),
        "inspections": _inspections(visits),
        "given": _given(visits),
        "groups": _groups(visits),
    }
    return tables, described("chicago_food")


def _places(folder: Path) -> pd.DataFrame:
    """Last known coordinates and postcode of each licence; nothing when that file was not cloned."""
    if not (folder / PLACES).is_file():
        return pd.DataFrame({"unit_id": [], "x": [], "y": [], "zip": []}).astype({"unit_id": "str", "zip": "str"})
    table = read_rds(folder / PLACES, get_it=GET_IT)
    table = table.dropna(subset=["License"]).sort_values(["Inspection_Date", "Inspection_ID"], kind="stable")
    places = pd.DataFrame(
        {
            "unit_id": whole_numbers(table["License"]),
            "x": table["Longitude"].astype("float64"),
            "y": table["Latitude"].astype("float64"),
            "zip": table["Zip"].map(lambda zip_code: f"{zip_code:.0f}", na_action="ignore").astype("str"),
        }
    )
    return places.drop_duplicates("unit_id", keep="last")


def _units(visits: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    units = visits[["unit_id"]].drop_duplicates().merge(places, on="unit_id", how="left")
    both = units["x"].notna() & units["y"].notna()
    return pd.DataFrame(
        {
            "unit_id": units["unit_id"],
            "sector": "food",
            "kind": "business",
            "area_code": units["zip"].fillna("unknown"),
            "x": units["x"].where(both),
            "y": units["y"].where(both),
            "opened_on": no_dates(len(units)),
            "closed_on": no_dates(len(units)),
            "legal_form": no_texts(len(units)),
            "cluster_id": no_texts(len(units)),
        }
    )


def _events(visits: pd.DataFrame) -> pd.DataFrame:
    """Serious and minor violations that an inspection found, with their number."""
    parts = []
    for kind, column in (("serious_violations", "seriousCount"), ("minor_violations", "minorCount")):
        found = visits[visits[column] > 0]
        parts.append(
            found[["unit_id"]].assign(
                kind=kind, occurred_on=found["day"], known_on=found["day"], value=found[column].astype("float64")
            )
        )
    return pd.concat(parts, ignore_index=True)


def _inspections(visits: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "inspection_id": visits["inspection_id"],
            "unit_id": visits["unit_id"],
            "inspected_on": visits["day"],
            "known_on": visits["day"],
            "channel": "programme",
            "inspector": visits["Inspector_Assigned"].astype("str"),
            "finding": (visits["criticalCount"] > 0).astype(bool),
            "severity": visits["criticalCount"].astype("float64"),
            "propensity": np.full(len(visits), np.nan),
        }
    )


def _given(visits: pd.DataFrame) -> pd.DataFrame:
    given = visits[["unit_id", "inspection_id"]].assign(as_of=visits["day"], known_on=no_dates(len(visits)))
    return given.assign(**{ours: visits[theirs].astype("float64") for ours, theirs in GIVEN.items()})


def _groups(visits: pd.DataFrame) -> pd.DataFrame:
    """Kind of food business; only for audits."""
    kinds = visits.sort_values(["day", "inspection_id"], kind="stable").drop_duplicates("unit_id", keep="first")
    rows = len(kinds)
    return pd.DataFrame(
        {
            "unit_id": kinds["unit_id"].reset_index(drop=True),
            "area_code": no_texts(rows),
            "attribute": "facility",
            "value": kinds["Facility_Type"].astype("str").str.lower().reset_index(drop=True),
            "from_on": pd.Series(pd.Timestamp("2011-01-01"), index=range(rows), dtype="datetime64[us]"),
        }
    )
