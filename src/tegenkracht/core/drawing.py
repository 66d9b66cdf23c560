"""What a list is made of, what an interval draws and how: words that a study chooses from."""

from __future__ import annotations

from typing import Literal

import pandas as pd

Lists = Literal["per_as_of", "whole_window"]
"""One list on every as-of date, or one of all rows of the window."""
ClusterBy = Literal["unit_id", "cluster_id"]
"""Units are drawn, or clusters of units."""
VisitsBy = Literal["inspection_id", "unit_id", "cluster_id"]
"""Each visit is drawn by itself, or all those to one unit or cluster together."""
Draws = Literal["multinomial", "poisson"]
"""Counts of draws that add up to what there is, or independent ones."""
Interval = Literal["percentile", "bca"]
"""The two ways in which an interval is read off replicates."""


def cluster_names(rows: pd.DataFrame, cluster_by: ClusterBy) -> pd.Series:
    """What the bootstrap draws: the unit, or its cluster where it has one; a unit and a cluster of one name are two."""
    unit = "unit " + rows["unit_id"].astype(str)
    if cluster_by == "unit_id":
        return unit
    return ("cluster " + rows["cluster_id"].astype(str)).where(rows["cluster_id"].notna(), unit)
