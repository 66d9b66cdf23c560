"""How much two columns do together that neither does alone.

For a row x and another row z, the part of the score that hangs on both columns j and k at once is

    d = f(x) - f(x with z_j) - f(x with z_k) + f(x with z_j and z_k),

which is zero for every pair exactly when the model adds up one curve per column. A quarter of the mean of d² is the total of all variance components
that hold both columns (superset importance: Liu & Owen 2006; total interaction index: Fruth, Roustant & Kuhnt 2014). Its root is in the scale of the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.explanation.ale import Margin

Floats = NDArray[np.float64]
Pair = tuple[str, str]

CODES: Mapping[str, str] = {"TK311": "Two columns do more together than either does alone."}


def pairs_of(columns: Sequence[str]) -> list[Pair]:
    """Every pair, in order of columns."""
    return list(combinations(columns, 2))


def interactions_of(margin: Margin, X: pd.DataFrame, Z: pd.DataFrame, pairs: Sequence[Pair]) -> dict[Pair, float]:
    """Root of the superset importance of each pair, in the scale of the score.

    Parameters
    ----------
    X, Z
        As many rows each, of the same columns; row i of `Z` lends its values to row i of `X`.
    """
    if not pairs:
        return {}
    columns = list(dict.fromkeys(name for pair in pairs for name in pair))
    sets: list[tuple[str, ...]] = [(), *((name,) for name in columns), *pairs]
    tables = [X.assign(**{name: Z[name].to_numpy() for name in names}) for names in sets]
    scores = dict(zip(sets, np.split(margin(pd.concat(tables)), len(sets)), strict=True))
    parts = {(j, k): scores[()] - scores[(j,)] - scores[(k,)] + scores[(j, k)] for j, k in pairs}
    return {pair: float(np.sqrt((part**2).mean() / 4)) for pair, part in parts.items()}


def check_interactions(model: str, estimates: Iterable[Estimate], sizes: Mapping[str, float]) -> Finding:
    """TK311: whether a pair's interaction is surely larger than what each of its columns does alone.

    Parameters
    ----------
    estimates
        Of `interaction`, `at` is `feature=…,with=…`.
    sizes
        Per column, the standard deviation of its own curve.
    """
    shown = [e for e in estimates if e.metric == "interaction"]
    if not shown:
        return Finding("TK311", "not_applicable", model, {"reason": "no_pairs"})
    larger = [
        (e, *pair_in(e))
        for e in shown
        if (e.low if e.low is not None else e.value or 0.0) > max(sizes[name] for name in pair_in(e))
    ]
    facts: dict[str, str | int | float] = {"pairs": len(shown), "larger": len(larger)}
    if not larger:
        return Finding("TK311", "not_found", model, facts, tuple(e.id for e in shown))
    first, j, k = max(larger, key=lambda one: one[0].value or 0.0)
    return Finding("TK311", "found", model, facts | {"feature": j, "with": k}, (first.id,))


def pair_in(estimate: Estimate) -> Pair:
    """The two columns of an estimate of `interaction`."""
    return at_of(estimate, "feature"), at_of(estimate, "with")
