"""Which columns are explained together: families of the dictionary, and families that turn out to move together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.explanation.summary import families_of

CODES: Mapping[str, str] = {"TK307": "Families that the dictionary keeps apart move together."}
ALIKE = 0.7
"""Rank correlation from which two families are explained together: half of what one says, the other says too."""
_LEAST = 100  # rows that a correlation needs
_MOST = 5_000  # rows that it is counted over, spread evenly


@dataclass(frozen=True)
class Together:
    """Sets of columns whose contributions are read as one.

    Parameters
    ----------
    members
        Columns of each set, under the name of its first family.
    families
        Names of the families in each set, in the order of the columns.
    alike
        Pairs of families that correlate by `ALIKE` or more, with the largest absolute rank correlation between their columns.
    """

    members: Mapping[str, tuple[str, ...]]
    families: Mapping[str, tuple[str, ...]]
    alike: Mapping[tuple[str, str], float]


def explained_together(table: pd.DataFrame, columns: Sequence[str], features: Sequence[Feature]) -> Together:
    """The declared families of `columns`, and those that correlate by `ALIKE` or more taken together.

    A model divides its weight between two columns that say the same by chance, whatever the dictionary calls them. Families are joined when any of
    their columns do (single linkage), so that what is apart is really apart.

    Parameters
    ----------
    table
        Rows of the panel with these columns; columns of words do not correlate.
    """
    declared = families_of(columns, features)
    names = list(declared)
    alike = _alike(table, declared)
    places = {name: i for i, name in enumerate(names)}
    ends = np.array([(places[one], places[other]) for one, other in alike], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(names), len(names)))
    _, sets = connected_components(graph, directed=False)
    families: dict[int, tuple[str, ...]] = {}
    for name, one in zip(names, sets.tolist(), strict=True):
        families[one] = (*families.get(one, ()), name)
    return Together(
        members={f[0]: tuple(c for name in f for c in declared[name]) for f in families.values()},
        families={f[0]: f for f in families.values()},
        alike=alike,
    )


def _alike(table: pd.DataFrame, declared: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], float]:
    """Pairs of families with their largest absolute rank correlation, where it is `ALIKE` or more."""
    if len(table) < _LEAST:
        return {}
    some = table.iloc[np.unique(np.linspace(0, len(table) - 1, min(_MOST, len(table))).round().astype(np.int64))]
    numeric = [c for c in some if pd.api.types.is_numeric_dtype(some[c]) and some[c].nunique() > 1]
    owner = {column: name for name, columns in declared.items() for column in columns}
    numeric = [column for column in numeric if column in owner]
    size = np.abs(some[numeric].corr("spearman", min_periods=_LEAST).to_numpy())
    found: dict[tuple[str, str], float] = {}
    for i, j in zip(*_above(size), strict=True):
        pair = (owner[numeric[i]], owner[numeric[j]])
        if pair[0] != pair[1]:
            found[pair] = max(found.get(pair, 0.0), round(float(size[i, j]), 6))
    return found


def _above(size: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of columns, each once, that correlate enough; where too few rows have both, nothing is known."""
    upper = np.triu(np.nan_to_num(size) >= ALIKE, 1)
    one, other = np.nonzero(upper)
    return one, other


def family_estimates(model: str, together: Together, *, n: int) -> tuple[Estimate, ...]:
    """`family_correlation` of each pair that is explained together (`at` is `families=one+other`)."""
    return tuple(
        Estimate(model, "family_correlation", size, n=n, method="sample", at=f"families={one}+{other}")
        for (one, other), size in together.alike.items()
    )


def check_families(model: str, together: Together) -> Finding:
    """TK307: families that the dictionary keeps apart, and that are explained together because they correlate."""
    if not together.alike:
        return Finding("TK307", "not_found", model, {"families": len(together.families)})
    (one, other), size = max(together.alike.items(), key=lambda item: item[1])
    facts: dict[str, str | int | float] = {
        "pairs": len(together.alike),
        "family": one,
        "other_family": other,
        "correlation_ratio": round(size, 2),
    }
    ids = tuple(e.id for e in family_estimates(model, together, n=0))
    return Finding("TK307", "found", model, facts, ids)
