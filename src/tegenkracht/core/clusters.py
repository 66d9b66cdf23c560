"""The name of each row's cluster: rows of one name are drawn together."""

from __future__ import annotations

import pandas as pd

from tegenkracht.core.drawing import ClusterBy


def cluster_names(rows: pd.DataFrame, cluster_by: ClusterBy) -> pd.Series:
    """What the bootstrap draws: the unit, or its cluster where it has one; a unit and a cluster of one name are two."""
    unit = "unit " + rows["unit_id"].astype(str)
    if cluster_by == "unit_id":
        return unit
    return ("cluster " + rows["cluster_id"].astype(str)).where(rows["cluster_id"].notna(), unit)
