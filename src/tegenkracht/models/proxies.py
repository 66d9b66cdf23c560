"""How much a column tells of the group of a place."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.panel import Panel
from tegenkracht.models.mitigation import RISKS, DropProxies


def correlation_ratio(values: pd.Series, groups: NDArray[np.str_]) -> float:
    """Correlation ratio of the ranks of a column with the groups: 0 tells nothing, 1 everything.

    Missing values take the lowest rank, so that being missing counts as well. Corrected for the number of groups (Kelley 1935), so that
    groups by lot come out at 0, whatever their number.

    Examples
    --------
    >>> correlation_ratio(pd.Series([1.0, 2.0, 8.0, 9.0]), np.array(["a", "a", "b", "b"])) > 0.8
    True
    """
    ranks = values.rank(na_option="top").to_numpy(np.float64)
    _, of_row, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0 or sizes.size < 2 or ranks.size <= sizes.size:
        return 0.0
    means = np.bincount(of_row, weights=ranks) / sizes
    unexplained = float(((ranks - means[of_row]) ** 2).sum()) / total
    return math.sqrt(max(0.0, 1 - unexplained * (ranks.size - 1) / (ranks.size - sizes.size)))


def proxies(
    panel: Panel,
    columns: tuple[str, ...],
    *,
    train: NDArray[np.int64],
    groups: NDArray[np.str_],
    rule: DropProxies,
) -> tuple[str, ...]:
    """The columns that a rule leaves out, in order.

    Among training rows without a finding, so that what the column tells of the outcome is not held against it; columns of the inspection
    process have no declared risk and are held to `strength` alone, when they hold numbers.

    Parameters
    ----------
    train
        Positions of the training rows.
    groups
        Their value of the attribute.
    """
    declared = {feature.name: feature.proxy_risk for feature in panel.features}
    from_risk = len(RISKS) if rule.declared_risk is None else RISKS.index(rule.declared_risk)
    clean = panel.rows["outcome"].to_numpy()[train] == 0
    rows = panel.rows.iloc[train[clean]]
    told = {
        column: correlation_ratio(rows[column], groups[clean])
        for column in columns
        if rule.strength is not None and pd.api.types.is_numeric_dtype(rows[column])
    }
    least = 1.0 if rule.strength is None else rule.strength
    return tuple(
        column
        for column in columns
        if (column in declared and RISKS.index(declared[column]) >= from_risk) or told.get(column, -1.0) >= least
    )
