"""A second, independent look at time: does training know what came later, and do features?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.errors import TegenkrachtError
from tegenkracht.core.finding import Finding
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe, build
from tegenkracht.features.recipe import GivenRecipe

_DATES = 4


class LeakageError(TegenkrachtError):
    """A model would have learnt from the future; nothing is reported."""


def require_no_leakage(panel: Panel, folds: Sequence[Fold]) -> tuple[Finding, ...]:
    """Findings TK001, TK003 and TK004, row by row and without the splitter's own arithmetic.

    TK001 training knows an outcome that was settled after the fit; TK003 a row stands in training and test; TK004 units that were learnt from
    are tested again (expected over time; a fact for the card).

    Raises
    ------
    LeakageError
        When TK001 or TK003 is found: the message names the fold and the number of rows.
    """
    faults = [fault for fold in folds for fault in _faults(panel.rows, fold)]
    if faults:
        raise LeakageError("\n".join(faults))
    clean = [Finding(code, "not_found", facts={"folds": len(folds)}) for code in ("TK001", "TK003")]
    return (*clean, _known_units(panel.rows, folds))


def _faults(rows: pd.DataFrame, fold: Fold) -> Iterator[str]:
    train = rows.iloc[fold.train]
    late = [
        known
        for known, at in zip(train["outcome_known_on"], train["as_of"], strict=True)
        if known > fold.split_on or at >= fold.split_on
    ]
    if late:
        yield f"TK001: fold {fold.name} learns from {len(late):,} outcomes that were not settled on {fold.split_on:%Y-%m-%d}. Widen the gap of the split."
    if unseen := int(train["outcome"].isna().sum()):
        yield f"TK001: fold {fold.name} learns from {unseen:,} rows whose outcome nobody observed. Take them out of training."
    if shared := set(train["row_id"]) & set(rows.iloc[fold.test]["row_id"]):
        yield f"TK003: fold {fold.name} has {len(shared):,} rows in training and in test. Split them."


def _known_units(rows: pd.DataFrame, folds: Sequence[Fold]) -> Finding:
    """Share of tested units that the same fold learnt from."""
    tested = sum(rows.iloc[fold.test]["unit_id"].nunique() for fold in folds)
    again = sum(len(set(rows.iloc[fold.test]["unit_id"]) & set(rows.iloc[fold.train]["unit_id"])) for fold in folds)
    return Finding(
        "TK004",
        "found" if again else "not_found",
        facts={"units": tested, "again": again, "share": round(100 * again / tested, 1)},
    )


def probe_future_facts(
    dataset: Dataset, panel: Panel, recipes: Sequence[Recipe], *, seed: int, n: int, threads: int
) -> tuple[Finding, ...]:
    """Findings TK002 and TK005: rebuild `n` random rows of a few dates from tables without anything that was known later, and demand the same columns.

    Given columns that carry no date on which they were known cannot be checked: TK005.

    Raises
    ------
    LeakageError
        When a column changes: it used what was not known yet. The message names the columns.
    """
    rows = _asked(panel, _chosen(panel.rows, seed=seed, n=n))
    changed: set[str] = set()
    for until in sorted(rows["known_until"].unique()):
        part = rows[rows["known_until"] == until]
        columns, _ = build(_as_known(dataset, pd.Timestamp(until)), part, recipes, threads=threads)
        changed |= _changed(panel, part, columns)
    if changed:
        raise LeakageError(
            f"TK002: the columns {', '.join(sorted(changed))} use facts that were known later. Check `known_on` of their tables."
        )
    return (
        Finding("TK002", "not_found", facts={"rows": len(rows), "columns": len(panel.features)}),
        _undated(dataset, recipes),
    )


def _chosen(rows: pd.DataFrame, *, seed: int, n: int) -> np.ndarray:
    """Positions of `n` random rows on a few random dates: every date asks for its own rebuilt tables."""
    rng = np.random.default_rng(seed)
    dates = rows["known_until"].unique()
    dates = rng.choice(dates, size=min(_DATES, len(dates)), replace=False)
    on_them = np.flatnonzero(rows["known_until"].isin(dates))
    return np.sort(rng.choice(on_them, size=min(n, len(on_them)), replace=False))


def _asked(panel: Panel, positions: np.ndarray) -> pd.DataFrame:
    """Rows as `build` wants them; their index keeps the position in the panel."""
    rows = panel.rows.iloc[positions][["row_id", "unit_id", "as_of", "known_until", "cluster_id", "area_code"]]
    visit = rows["row_id"] if panel.scheduled else pd.array([None] * len(rows), dtype="str")
    return rows.assign(inspection_id=visit)


def _as_known(dataset: Dataset, until: pd.Timestamp) -> Dataset:
    """The dataset without any row that became known after a date."""
    dated = {
        name: table[~(table["known_on"] > until)] if "known_on" in table and name != "given" else table
        for name, table in dataset.tables.items()
    }
    return Dataset(dataset.name, dataset.location, dataset.description, dated, dataset.digests)


def _changed(panel: Panel, part: pd.DataFrame, columns: pd.DataFrame) -> set[str]:
    """Columns of other units in a cluster need all rows of the panel, so sums are compared with a tolerance of 1e-9 relative."""
    before, after = panel.rows.loc[part.index, list(columns)].to_numpy(), columns.to_numpy()
    same = np.isclose(before, after, rtol=1e-9, atol=1e-9, equal_nan=True) | np.isnan(before)
    return {str(name) for i, name in enumerate(columns) if not same[:, i].all()}


def _undated(dataset: Dataset, recipes: Sequence[Recipe]) -> Finding:
    """Given columns without a date on which they were known."""
    used = sorted({name for recipe in recipes if isinstance(recipe, GivenRecipe) for name in recipe.columns})
    if not used:
        return Finding("TK005", "not_applicable", facts={"reason": "no_given_columns"})
    missing = int(dataset.tables["given"]["known_on"].isna().sum())
    return Finding("TK005", "found" if missing else "not_found", facts={"columns": len(used), "rows": missing})
