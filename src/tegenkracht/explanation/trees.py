"""Contributions to the log-odds of boosted trees: exact, for every row, and compared with `shap.TreeExplainer` in every run."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.progress import Progress
from tegenkracht.explanation.forest import Forest, Unreadable, leaves_of, read_forest

Floats = NDArray[np.float64]
Table = pd.DataFrame | NDArray[Any]
Road = Literal["own", "lightgbm"]

TOLERANCE = 1e-9
"""Largest difference from `shap.TreeExplainer` that our own values may have: a million times what rounding explains."""

LITTLE_WORK = 1_000_000
"""Rows x leaves below which LightGBM's own road is taken. It needs 0.27 µs per row and leaf (trees of 31 leaves, one core; 0.39 at 63), so 0.3 s here;
reading our compiled code from disk takes 0.6 s, and compiling it, once per installation, 3.6 s."""

_CHUNK = 4096


class LinearTrees(ValueError):
    """Trees with a regression in each leaf: what a leaf adds depends on the row, so that neither LightGBM nor we can divide it among columns exactly."""


@dataclass(frozen=True)
class TreeContributions:
    """What each column added to the log-odds of each row.

    Parameters
    ----------
    base
        Mean log-odds over the training rows.
    values
        Shape (row, column); `base + values.sum(axis=1)` is the margin.
    road
        `own`: the walk in `kernel`. `lightgbm`: LightGBM's `pred_contrib`, which is also what `shap.TreeExplainer` calls.
    why
        Why not `own`: `little_work`, `differs`, or the kind of tree that it does not read.
    compared, difference
        Rows compared with `shap.TreeExplainer`, and the largest absolute difference found between it and the road first taken.
    """

    base: float
    values: Floats
    road: Road
    why: str
    compared: int
    difference: float


def attribute_trees(
    booster: Any, X: Table, *, sample: int, little_work: int, threads: int, progress: Progress
) -> TreeContributions:
    """Path-dependent TreeSHAP (Lundberg, Erion & Lee 2018) of a binary LightGBM model, by the fastest exact road.

    Parameters
    ----------
    booster
        A `lightgbm.Booster` with one class of trees.
    X
        Rows as the booster predicts them, shape (row, column).
    sample
        How many rows to compare with `shap.TreeExplainer`, spread evenly; where they differ by more than `TOLERANCE`, every row takes LightGBM's road.
    little_work
        Rows x leaves below which LightGBM's road is taken.
    threads
        The values do not depend on it.

    Raises
    ------
    ValueError
        When there are no rows, they have another number of columns than the booster, or the booster has more than one class.
    LinearTrees
        When its trees have a regression in each leaf.
    """
    if not len(X) or X.shape[1] != booster.num_feature():
        raise ValueError(f"The booster has {booster.num_feature()} columns; a table of {X.shape} cannot be explained.")
    if booster.num_model_per_iteration() != 1:
        raise ValueError(f"The booster has {booster.num_model_per_iteration()} classes; one is explained at a time.")
    read = _read(booster)
    if isinstance(read, Unreadable):
        if str(read) == "linear_trees":
            raise LinearTrees("Trees with a regression in each leaf have no exact contributions per column.")
        return _by_lightgbm(booster, X, why=str(read), sample=sample, threads=threads, progress=progress)
    forest, base = read
    if len(X) * leaves_of(forest) < little_work:
        return _by_lightgbm(booster, X, why="little_work", sample=sample, threads=threads, progress=progress)
    values = _walk(forest, X, threads=threads, progress=progress)
    compared, difference = _compare(booster, X, values, sample=sample)
    if difference > TOLERANCE:
        given = _by_lightgbm(booster, X, why="differs", sample=sample, threads=threads, progress=progress)
        return replace(given, difference=difference)
    return TreeContributions(base, values, "own", "", compared, difference)


def _read(booster: Any) -> tuple[Forest, float] | Unreadable:
    """The forest and its base, or why it cannot be read."""
    if booster.pandas_categorical:
        return Unreadable("categorical_splits")
    try:
        return read_forest(booster.model_to_string())
    except Unreadable as kind:
        return kind


def _walk(forest: Forest, X: Table, *, threads: int, progress: Progress) -> Floats:
    """Our own values, chunk by chunk; the compiled code lets other threads run."""
    from tegenkracht.explanation.kernel import explain_rows

    out = np.empty(X.shape)
    chunks = _chunks(len(X))

    def explain(chunk: slice) -> None:
        explain_rows(_as_compared(X[chunk]), forest, out[chunk])

    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(explain, chunks), 1):
            progress("explain trees", done, len(chunks))
    return out


def _by_lightgbm(
    booster: Any, X: Table, *, why: str, sample: int, threads: int, progress: Progress
) -> TreeContributions:
    """LightGBM's own values."""
    chunks, parts = _chunks(len(X)), []
    for done, chunk in enumerate(chunks, 1):
        parts.append(booster.predict(X[chunk], pred_contrib=True, num_threads=threads))
        progress("explain trees", done, len(chunks))
    given = np.concatenate(parts)
    compared, difference = _compare(booster, X, given[:, :-1], sample=sample)
    return TreeContributions(float(given[0, -1]), given[:, :-1], "lightgbm", why, compared, difference)


def _chunks(rows: int) -> list[slice]:
    return [slice(first, min(first + _CHUNK, rows)) for first in range(0, rows, _CHUNK)]


def _as_compared(X: Table) -> Floats:
    """Numbers as LightGBM compares them with a threshold: float64, an array of anything but floats by way of float32."""
    if isinstance(X, np.ndarray) and X.dtype not in (np.float32, np.float64):
        X = X.astype(np.float32)
    return np.ascontiguousarray(X, dtype=np.float64)


def _compare(booster: Any, X: Table, values: Floats, *, sample: int) -> tuple[int, float]:
    """Rows compared with `shap.TreeExplainer`, and the largest absolute difference."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", PendingDeprecationWarning
        )  # its plots use a function that matplotlib will retire
        import shap  # here, because it takes a second or more
    some = np.unique(np.linspace(0, len(X) - 1, min(sample, len(X))).round().astype(np.int64))
    rows = X.iloc[some] if isinstance(X, pd.DataFrame) else X[some]
    limit = booster.best_iteration if booster.best_iteration > 0 else -1
    theirs = shap.TreeExplainer(booster).shap_values(rows, tree_limit=limit, check_additivity=False, from_call=True)
    return some.size, float(np.abs(np.asarray(theirs) - values[some]).max(initial=0.0))
