"""Audit attributes of rows: for audits only, and never seen by a model."""

from __future__ import annotations

import pandas as pd

from tegenkracht.data.sources import Dataset


def group_of(dataset: Dataset, rows: pd.DataFrame, attribute: str) -> pd.Series:
    """Value of an audit attribute that held on the as-of date: the unit's own, else its area's."""
    groups = dataset.tables["groups"]
    groups = groups[groups["attribute"] == attribute]
    found = [_valid(rows, groups.dropna(subset=[key]), key) for key in ("unit_id", "area_code")]
    return found[0].where(found[0].notna(), found[1])


def _valid(rows: pd.DataFrame, groups: pd.DataFrame, key: str) -> pd.Series:
    pairs = rows[[key, "as_of"]].reset_index().merge(groups[[key, "from_on", "value"]], on=key)
    pairs = pairs[pairs["from_on"] <= pairs["as_of"]].sort_values("from_on", kind="stable")
    return pairs.groupby("index")["value"].last().reindex(rows.index)
