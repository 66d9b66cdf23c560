"""How strong tips would be if they mattered as much as something that is known: how far each family of columns moves the odds of a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.core.panel import Panel
from tegenkracht.evaluation.sample import UNKNOWN, Sample, places_in
from tegenkracht.models.cross_fitted import SETTLED

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COMPARED = 5_000
"""Rows, drawn by lot, on which families are compared: more move the figures little and cost seconds."""
REACH = 0.95
"""Share of rows at which a family moves the odds of a visit by no more than its strength."""
PENALTY = 1.0
"""scikit-learn's `C`: little, for there are many more rows than columns."""


@dataclass(frozen=True)
class Known:
    """What the tables know of each row, as numbers.

    Parameters
    ----------
    columns
        (row, column), missing filled with the median and told by a column of its own; each with mean 0 and spread 1.
    family
        Of each column, what it is made from.
    """

    columns: Floats
    family: tuple[str, ...]


def known_of(panel: Panel, sample: Sample, chosen: NDArray[np.int64]) -> Known:
    """Features, earlier visits and audit attributes of some rows of the sample.

    Audit attributes take part because those who choose visits may look at them; nothing is scored with this.
    """
    rows = panel.rows.iloc[places_in(panel, sample)[chosen]]
    numbers = {f.name: f.family or f.name for f in panel.features} | {"earlier_visits": "earlier_visits"}
    parts: list[Floats] = []
    family: list[str] = []
    for name, kind in numbers.items():
        column = rows[name].to_numpy(dtype=np.float64)
        missing = np.isnan(column)
        parts += [column, missing.astype(np.float64)] if missing.any() and not missing.all() else [column]
        family += [kind] * (len(parts) - len(family))
    for name in panel.audit:
        dummies = pd.get_dummies(rows[name].astype(object).where(rows[name].notna(), UNKNOWN), dtype=np.float64)
        parts += [dummies[value].to_numpy() for value in dummies.columns[1:]]
        family += [name] * (len(parts) - len(family))
    scaled = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    return Known(np.asarray(scaled.fit_transform(np.column_stack(parts)), np.float64), tuple(family))


def strength_of_families(panel: Panel, sample: Sample, visited: Flags, *, seed: int) -> Mapping[str, float]:
    """By family: how many times the odds of a visit move, up or down, when it is left out; at all but one in twenty of the rows.

    Nothing when everybody or nobody was visited. After Hsu & Small 2013, Calibrating sensitivity analyses to observed covariates, Biometrics 69.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(len(visited))[:COMPARED])
    visited = visited[chosen]
    if visited.all() or not visited.any():
        return {}
    known = known_of(panel, sample, chosen)
    family = np.array(known.family)

    def log_odds(kept: Flags) -> Floats:
        columns = known.columns[:, kept]
        fitted = LogisticRegression(C=PENALTY, solver="newton-cholesky", tol=SETTLED).fit(columns, visited)
        return np.asarray(fitted.decision_function(columns), np.float64)

    whole = log_odds(np.ones(len(family), bool))
    return {
        str(name): float(np.exp(np.quantile(np.abs(whole - log_odds(family != name)), REACH)))
        for name in dict.fromkeys(known.family)
        if (family != name).any()
    }
