"""What a model makes of one column, over all its values: accumulated local effects (Apley & Zhu 2020).

A row is only moved within the step of the curve in which it lies, so that no combination of values is invented that is far from the data, as partial
dependence does where columns are correlated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Margin = Callable[[pd.DataFrame], Floats]
"""From rows to scores."""


@dataclass(frozen=True)
class Curve:
    """The curve of one column.

    Parameters
    ----------
    edges
        Values of the column, rising, at least two.
    heights
        What the score is there above its mean over the rows, when nothing but this column's own effect counts.
    size
        Standard deviation of the height over the rows: how much the column moves scores by itself.
    rows
        How many rows have a value.
    """

    edges: Floats
    heights: Floats
    size: float
    rows: int


def edges_of(values: Floats, *, bins: int) -> Floats:
    """Where a curve has its steps: every value when there are few, else about `bins` quantiles of all values and of those above the least.

    Examples
    --------
    >>> edges_of(np.array([0.0, 0.0, 1.0, np.nan, 3.0]), bins=4).tolist()
    [0.0, 1.0, 3.0]
    """
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if distinct.size <= bins + 1:
        return np.asarray(distinct)
    grid = np.linspace(0, 1, bins // 2 + 1)
    return np.unique([np.quantile(part, grid, method="inverted_cdf") for part in (known, known[known > distinct[0]])])


def curves_of(margin: Margin, X: pd.DataFrame, edges: Mapping[str, Floats]) -> dict[str, Curve]:
    """The curve of each column of `edges` over the rows of `X`; all columns are asked of the model at once.

    Raises
    ------
    ValueError
        When a column has fewer than two edges, so that nothing can be moved.
    """
    if short := [name for name, at in edges.items() if at.size < 2]:
        raise ValueError(f"Columns {short} have one value only; a curve needs two.")
    known = {name: X[X[name].notna()] for name in edges}
    steps = {name: _step(known[name][name].to_numpy(np.float64), at) for name, at in edges.items()}
    moved = [known[name].assign(**{name: edges[name][steps[name] + end]}) for name in edges for end in (0, 1)]
    scores = np.split(margin(pd.concat(moved)), np.cumsum([len(table) for table in moved])[:-1])
    return {
        name: _accumulated(known[name][name].to_numpy(np.float64), at, steps[name], scores[2 * i + 1] - scores[2 * i])
        for i, (name, at) in enumerate(edges.items())
    }


def _step(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """The step (from 0) in which each value lies: above its lower edge, up to its upper one; the least value lies in the first."""
    return np.asarray(np.clip(np.searchsorted(edges, values, side="left") - 1, 0, edges.size - 2))


def _accumulated(values: Floats, edges: Floats, step: NDArray[np.int64], effect: Floats) -> Curve:
    """Mean effect of each step, added up, less the mean height over the rows. A step without rows (of a model's other rows) is flat."""
    size = edges.size - 1
    rows = np.bincount(step, minlength=size)
    means = np.bincount(step, weights=effect, minlength=size) / np.maximum(rows, 1)
    heights = np.concatenate([[0.0], np.cumsum(means)])
    of_rows = np.interp(values, edges, heights)
    return Curve(edges, heights - of_rows.mean(), float(of_rows.std()), len(values))
