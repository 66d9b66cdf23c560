"""What a learner says of rows that it has not seen: learnt from the other parts, where a cluster is never cut in two."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tegenkracht.core.threads import limited

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Learner = Literal["logistic", "boosted"]
SETTLED = 1e-8
"""Slope of the loss at which a regression is done. With scikit-learn's own 1e-4 the least likely findings were up to four times too likely or too unlikely."""


def deal_out(cluster: NDArray[np.int32], *, parts: int, seed: int) -> Ints:
    """Which part each row falls in; the rows of a cluster stay together.

    Examples
    --------
    >>> sorted(set(deal_out(np.array([0, 0, 1, 2], np.int32), parts=2, seed=1)[:2].tolist())) in ([0], [1])
    True
    """
    order = np.random.default_rng(seed).permutation(int(cluster.max(initial=-1)) + 1)
    return (order % parts)[cluster].astype(np.int64)


def cross_fitted(
    columns: Floats,
    *,
    part: Ints,
    learn_from: Ints,
    positive: Floats,
    weight: Floats,
    learner: Learner,
    seed: int,
    threads: int,
) -> Floats:
    """Per row of `columns`, the chance of a positive as learnt from rows of the other parts.

    Parameters
    ----------
    columns
        Shape (rows, columns), as `prepared` gives them for this learner.
    part
        Of each row, the part that it is held out with.
    learn_from, positive, weight
        What is learnt from: positions of rows (a row may stand there more than once), whether it was positive, and for how much it counts.

    Notes
    -----
    Parts whose examples outside are all of one kind get that kind's share: there is nothing to tell apart (Chernozhukov et al. 2018, Double/debiased
    machine learning, for why the rows that a function is used on must not have taught it).
    """
    out = np.empty(len(columns))
    with limited(threads):
        for held_out in np.unique(part):
            other, own = part[learn_from] != held_out, part == held_out
            y, w = positive[other], weight[other]
            if y.min(initial=1) == y.max(initial=0) or not y.size:
                out[own] = np.average(y, weights=w) if y.size else np.average(positive, weights=weight)
                continue
            model = _learner(learner, seed, threads)
            model.fit(columns[learn_from[other]], y.astype(np.int64), sample_weight=w)
            out[own] = model.predict_proba(columns[own])[:, 1]
    return out


def _learner(learner: Learner, seed: int, threads: int) -> Any:
    """A fixed and modest one: it must be right on the whole, not sharp on single rows."""
    if learner == "boosted":
        return LGBMClassifier(
            n_estimators=60,
            num_leaves=8,
            learning_rate=0.1,
            min_child_samples=40,
            random_state=seed,
            n_jobs=threads,
            deterministic=True,
            force_row_wise=True,
            verbose=-1,
        )
    return LogisticRegression(C=1.0, solver="newton-cholesky", tol=SETTLED, max_iter=100)


def prepared(columns: Floats, learner: Learner) -> Floats:
    """Columns (NaN where missing) as a learner needs them, from all rows, for outcomes take no part in it.

    Trees take them as they are; the others with mean 0 and spread 1, missing values at the median and flagged.
    """
    if learner == "boosted":
        return columns
    out, used = np.empty((2 * columns.shape[1], len(columns))), 0
    for column in columns.T:
        missing = np.isnan(column)
        if missing.all():
            continue
        filled = np.where(missing, np.median(column[~missing]), column) if missing.any() else column
        for part in (filled, missing.astype(np.float64)) if missing.any() else (filled,):
            used += _scaled(part, out[used])
    return out[:used].T


def _scaled(column: Floats, out: Floats) -> bool:
    """A column with mean 0 and spread 1 into `out`; False where it does not vary."""
    np.subtract(column, column.mean(), out=out)
    spread = math.sqrt(float(out @ out) / column.size)
    if spread > 0:
        out /= spread
    return spread > 0
