"""Visits to childcare sites in Amsterdam, 2012-2016, with the colour that the inspectorate gave.

The colour is the inspectorate's own risk profile, not a proven offence; visits are themselves steered by risk. Neighbourhood figures are
of 2020, later than every visit: they serve audits only and can never be a feature. Visits without a site number are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tegenkracht.data.adapters.source_files import described, read_parquet, require_columns, whole_numbers
from tegenkracht.data.dictionary import Description
from tegenkracht.data.unknown import no_dates, no_texts

GET_IT = "Name the folder with visits.parquet and kwb_amsterdam_2020_2024.parquet."
VISITS, FIGURES = "visits.parquet", "kwb_amsterdam_2020_2024.parquet"
COLOURS = {"groen": 0.0, "geel": 1.0, "oranje": 2.0, "rood": 3.0}
AUDIT_YEAR, LOW_INCOME = 2020, "Pct_Low_Income_Households"
_THIRDS = ("high", "middle", "low")


def import_amsterdam_childcare(source: Path) -> tuple[dict[str, pd.DataFrame], Description]:
    """Tables in contract form, and their description.

    Raises
    ------
    InputError
        When a file is missing or cannot be read: which one, and where it can be had.
    """
    visits = read_parquet(source / VISITS, get_it=GET_IT)
    figures = read_parquet(source / FIGURES, get_it=GET_IT)
    needed = [
        "lrknummer",
        "type",
        "visit_date",
        "kleur",
        "high_risk",
        "holder_ref",
        "holder_since",
        "Longitude",
        "Latitude",
        "buurt_cbs_2015",
    ]
    require_columns(visits, needed, source / VISITS, get_it=GET_IT)
    require_columns(figures, ["Area_Code", "year", LOW_INCOME], source / FIGURES, get_it=GET_IT)
    visits = visits.dropna(subset=["lrknummer"])
    visits = visits.assign(
        unit_id="lrk-" + whole_numbers(visits["lrknummer"]),
        day=visits["visit_date"].astype("datetime64[us]").dt.normalize(),
    )
    visits = visits.sort_values(["day", "unit_id"], kind="stable").reset_index(drop=True)
    nth = visits.groupby(["unit_id", "day"]).cumcount() + 1
    visits = visits.assign(
        inspection_id=visits["unit_id"] + "@" + visits["day"].dt.strftime("%Y-%m-%d") + "/" + nth.astype("str")
    )
    tables = {
        "units": _units(visits),
        "events": _events(visits),
        "inspections": _inspections(visits),
        "links": _links(visits),
        "groups": _groups(visits, figures),
    }
    return tables, described("amsterdam_childcare")


def _units(visits: pd.DataFrame) -> pd.DataFrame:
    """One row per site, as it was last seen; when it opened is not known."""
    sites = visits.drop_duplicates("unit_id", keep="last").reset_index(drop=True)
    return pd.DataFrame(
        {
            "unit_id": sites["unit_id"],
            "sector": "childcare",
            "kind": "place",
            "area_code": sites["buurt_cbs_2015"].fillna("unknown"),
            "x": sites["Longitude"],
            "y": sites["Latitude"],
            "opened_on": no_dates(len(sites)),
            "closed_on": no_dates(len(sites)),
            "legal_form": no_texts(len(sites)),
            "cluster_id": no_texts(len(sites)),
        }
    )


def _events(visits: pd.DataFrame) -> pd.DataFrame:
    """The colour after each visit, known on the day itself."""
    return pd.DataFrame(
        {
            "unit_id": visits["unit_id"],
            "kind": "colour",
            "occurred_on": visits["day"],
            "known_on": visits["day"],
            "value": visits["kleur"].map(COLOURS),
        }
    )


def _inspections(visits: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "inspection_id": visits["inspection_id"],
            "unit_id": visits["unit_id"],
            "inspected_on": visits["day"],
            "known_on": visits["day"],
            "channel": "unknown",
            "inspector": no_texts(len(visits)),
            "finding": visits["high_risk"] == 1,
            "severity": visits["kleur"].map(COLOURS),
            "propensity": np.full(len(visits), np.nan),
        }
    )


def _links(visits: pd.DataFrame) -> pd.DataFrame:
    """Holders of sites, where they are known; known from the first visit that names them."""
    named = visits[visits["holder_ref"] >= 0].drop_duplicates(["unit_id", "holder_ref"], keep="first")
    since = named["holder_since"].astype("datetime64[us]").dt.normalize()
    return pd.DataFrame(
        {
            "unit_id": named["unit_id"],
            "party_id": "holder " + named["holder_ref"].astype("str"),
            "role": "holder",
            "from_on": since.fillna(named["day"]).where(since.isna() | (since <= named["day"]), named["day"]),
            "until_on": pd.Series(pd.NaT, index=named.index, dtype="datetime64[us]"),
            "known_on": named["day"],
        }
    ).reset_index(drop=True)


def _groups(visits: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Type of care per site, and thirds of neighbourhoods by low incomes; only for audits."""
    start = pd.Timestamp("2012-01-01")
    care = visits.drop_duplicates("unit_id", keep="last")
    types = pd.DataFrame(
        {"unit_id": care["unit_id"], "attribute": "type_of_care", "value": care["type"].str.lower()}
    ).dropna()
    share = figures[(figures["year"] == AUDIT_YEAR) & figures["Area_Code"].isin(visits["buurt_cbs_2015"])].dropna(
        subset=[LOW_INCOME]
    )
    thirds = pd.qcut(share[LOW_INCOME], 3, labels=list(_THIRDS)).astype("str")
    areas = pd.DataFrame({"area_code": share["Area_Code"], "attribute": "district_income", "value": thirds})
    groups = pd.concat([types, areas], ignore_index=True).assign(from_on=start)
    text = dict.fromkeys(("unit_id", "area_code", "attribute", "value"), "str")
    return groups.astype({**text, "from_on": "datetime64[us]"})[
        ["unit_id", "area_code", "attribute", "value", "from_on"]
    ]
