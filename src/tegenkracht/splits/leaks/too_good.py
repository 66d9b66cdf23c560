"""Features that know too much: means of the outcome, one column that does it alone, and what only holds on the same dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel

Floats = NDArray[np.float64]

ENCODED = 0.999
"""Correlation with a group's mean outcome from which a column counts as made from it."""
GROUPS = 10
TOO_GOOD = 0.90
"""A column whose AUC is above this beyond its interval predicts too well alone."""
FLATTERED = 0.10
_Z = 1.96
_MOST = 20_000  # rows that the small model of the time probe learns from


def encoded_outcome(panel: Panel) -> Finding:
    """TK012: a column that is, per cluster, area, unit or inspector, the mean outcome of that group over all rows."""
    rows = panel.rows[panel.rows["observed"]]
    found = []
    for by in ("cluster_id", "area_code", "unit_id", "inspector"):
        outcomes = rows.groupby(by)["outcome"]
        means = outcomes.mean()[outcomes.count() >= 2]
        if len(means) < GROUPS or means.nunique() < 3:
            continue
        for name in panel.feature_names:
            if _is_mean(rows, name, by, means):
                found.append((name, by))
    facts: dict[str, str | int | float] = {"features": len(panel.features), "near": len(found)}
    if found:
        facts["named"] = ", ".join(dict.fromkeys(name for name, _ in found[:5]))
    return Finding("TK012", "found" if found else "not_found", facts=facts)


def _is_mean(rows: pd.DataFrame, name: str, by: str, means: pd.Series) -> bool:
    """Whether a column hardly varies within groups, and between them goes with the mean outcome."""
    of_group = rows.groupby(by)[name].agg(["mean", "std"]).reindex(means.index)
    between = of_group["mean"].std()
    if not between > 0 or not of_group["std"].fillna(0.0).median() <= 1e-9:
        return False
    known = of_group["mean"].notna()
    if known.sum() < GROUPS or means[known].nunique() < 2:
        return False
    return bool(abs(np.corrcoef(of_group["mean"][known], means[known])[0, 1]) >= ENCODED)


def predicts_alone(panel: Panel, folds: Sequence[Fold]) -> Finding:
    """TK013: the largest AUC of one column on rows that were learnt from, with Hanley & McNeil's standard error (1982)."""
    rows = panel.rows.iloc[np.unique(np.concatenate([fold.train for fold in folds]))]
    outcome = rows["outcome"].to_numpy(dtype=np.float64)
    scored = [(name, *_auc(rows[name].to_numpy(dtype=np.float64), outcome)) for name in panel.feature_names]
    best = max(scored, key=lambda entry: abs(entry[1] - 0.5) - _Z * entry[2])
    area = max(best[1], 1 - best[1])
    facts: dict[str, str | int | float] = {
        "features": len(scored),
        "feature": best[0],
        "auc_ratio": round(area, 2),
        "low_ratio": round(area - _Z * best[2], 2),
    }
    return Finding("TK013", "found" if area - _Z * best[2] > TOO_GOOD else "not_found", facts=facts)


def _auc(score: Floats, outcome: Floats) -> tuple[float, float]:
    """AUC (missing values lowest) and its standard error; 0.5 and no certainty when there is one class."""
    positive = outcome == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return 0.5, 1.0
    filled = np.where(np.isnan(score), -np.inf, score)
    area = float((rankdata(filled)[positive].sum() - n * (n + 1) / 2) / (n * m))
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / (n * m)
    return area, math.sqrt(max(variance, 1 / (4 * n * m)))


def flattered_by_time(panel: Panel, folds: Sequence[Fold], *, seed: int) -> Finding:
    """TK015, the shuffled-time probe: does a small model do much better on other units of the same dates than on later dates?

    A logistic model is learnt from half of the units that were learnt from, and tested on the other half (dates shuffled) and on the fold's own
    later rows. What does well only among rows of the same dates knows the date, or something that was written down afterwards.
    """
    if panel.scheduled:
        return Finding("TK015", "not_applicable", facts={"reason": "scheduled"})
    rng = np.random.default_rng(seed)
    same, later = [], []
    for fold in folds:
        found = _both_ways(panel, fold, rng)
        if found is not None:
            same.append(found[0])
            later.append(found[1])
    if not same:
        return Finding("TK015", "not_applicable", facts={"reason": "no_findings"})
    shuffled, forward = (np.mean([area for area, _ in areas]) for areas in (same, later))
    error = math.sqrt(sum(e**2 for areas in (same, later) for _, e in areas)) / len(same)
    gap = float(shuffled - forward)
    facts: dict[str, str | int | float] = {
        "shuffled_ratio": round(float(shuffled), 2),
        "forward_ratio": round(float(forward), 2),
    }
    return Finding("TK015", "found" if gap > FLATTERED and gap > _Z * error else "not_found", facts=facts)


def _both_ways(
    panel: Panel, fold: Fold, rng: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """AUC and error on other units of the same dates, and on later dates; None where a side has one class."""
    rows, names = panel.rows, list(panel.feature_names)
    codes, units = pd.factorize(rows["unit_id"].iloc[fold.train])
    half = rng.uniform(size=len(units)) < 0.5
    learnt, held = fold.train[half[codes]][:_MOST], fold.train[~half[codes]]
    tested = fold.test[rows["observed"].to_numpy()[fold.test]]
    outcomes = [rows["outcome"].to_numpy(dtype=np.float64)[part] for part in (learnt, held, tested)]
    if any(len(np.unique(outcome)) < 2 for outcome in outcomes):
        return None
    model = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=300),
    )
    tables = [rows[names].iloc[part].to_numpy(dtype=np.float64) for part in (learnt, held, tested)]
    model.fit(tables[0], outcomes[0])
    one, other = (
        _auc(model.decision_function(table), outcome) for table, outcome in zip(tables[1:], outcomes[1:], strict=True)
    )
    return one, other
