"""What a learner says of rows that it has not seen: learnt from the other parts, where a cluster is never cut in two."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Learner = Literal["logistic", "boosted"]


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
    with threadpool_limits(threads):  # linear algebra that takes every core waits for itself on a busy machine
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
    return LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=100)


def prepared(columns: Floats, learner: Learner) -> Floats:
    """Columns (NaN where missing) as a learner needs them, from all rows, for outcomes take no part in it.

    Trees take them as they are; the others with mean 0 and spread 1, missing values at the median and flagged.
    """
    if learner == "boosted":
        return columns
    missing = np.isnan(columns)
    there = ~missing.all(axis=0)
    columns, missing = columns[:, there], missing[:, there]
    columns = np.where(missing, np.nanmedian(columns, axis=0), columns) if missing.any() else columns
    wide = np.column_stack([columns, missing[:, missing.any(axis=0)]])
    spread = wide.std(axis=0)
    wide, spread = wide[:, spread > 0], spread[spread > 0]
    return np.asarray((wide - wide.mean(axis=0)) / spread)
