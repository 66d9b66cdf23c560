"""The audit with intervals of 12 groups and all their combinations, against one fit of LightGBM on the same rows, in one process.

    python experiments/speed/groups.py [--rows 100000] [--columns 60] [--trees 300] [--replicates 1000] [--threads 1] [--turns 3]

Three attributes of four groups, so 12 groups and 48 combinations; ten dates with a list of 1 in 100 places each, in 1,000 clusters; three of ten
rows visited. Audited at four list lengths: levels with bootstrap intervals, bounds, pooled figures and gaps, areas. Both are timed in turns and the
medians divided, in seconds of processor time: on a machine with other work, threads of LightGBM wait for each other, and seconds on the clock would
flatter the audit. The first audit, which compiles or loads the compiled code, stands on its own line.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import lightgbm as lgb
import numpy as np
import pandas as pd

from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.evaluation.audit import audit_estimates

DATES, CLUSTERS = 10, 1_000
ATTRIBUTES = ("a", "b", "c")


def table(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns, and an outcome of about five in a hundred."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(rows, columns))
    odds = 0.8 * X[:, 0] + 0.6 * X[:, 1] * X[:, 2] - 0.3 * X[:, 3] ** 2 + rng.logistic(size=rows)
    return X, (odds > np.quantile(odds, 0.95)).astype(int)


def fit(X: np.ndarray, y: np.ndarray, *, trees: int, threads: int) -> lgb.Booster:
    parameters = {"objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 50}
    exactly = {"verbosity": -1, "num_threads": threads, "seed": 1, "deterministic": True, "force_row_wise": True}
    return lgb.train(parameters | exactly, lgb.Dataset(X, y), trees)


def scored(score: np.ndarray, y: np.ndarray) -> Scores:
    """The scores of one model with audit attributes."""
    rng, n = np.random.default_rng(4), y.size
    observed = rng.random(n) < 0.3
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:07d}" for i in range(n)],
            "unit_id": [f"u{i % (n // DATES):06d}" for i in range(n)],
            "as_of": pd.Timestamp(2024, 1, 1) + pd.to_timedelta(90 * (np.arange(n) // (n // DATES)), unit="D"),
            "model": "m",
            "fold": "f",
            "score": score,
            "rank": 1,
            "outcome": np.where(observed, y, np.nan),
            "observed": observed,
        }
    )
    unit = np.arange(n) % (n // DATES)
    context = pd.DataFrame(
        {
            "cluster_id": [f"s{u % CLUSTERS}" for u in unit],
            "area_code": [f"a{u % 100}" for u in unit],
            "sector": "s",
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            **{name: rng.choice(["k", "l", "m", "n"], n // DATES)[unit] for name in ATTRIBUTES},
        },
        index=rows["row_id"],
    )
    return Scores(rows[list(COLUMNS)], context, ATTRIBUTES, ("m",))


def audit(scores: Scores, *, replicates: int, threads: int) -> int:
    """Number of estimates."""
    estimates = audit_estimates(
        scores,
        model="m",
        probability=True,
        capacity=len(scores.rows) // DATES // 100,
        lists="per_as_of",
        cluster_by="cluster_id",
        intersections=[("a", "b"), ("a", "c"), ("b", "c")],
        minimum=10,
        replicates=replicates,
        level=0.95,
        seed=1,
        threads=threads,
        progress=silent,
    )
    return len(estimates)


def seconds(work: object) -> tuple[float, object]:
    """Processor seconds of all threads, and what was made."""
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (
        ("rows", 100_000),
        ("columns", 60),
        ("trees", 300),
        ("replicates", 1_000),
        ("threads", 1),
        ("turns", 3),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    X, y = table(asked.rows, asked.columns)
    fits, audits = [], []
    first = None
    for _ in range(asked.turns):
        spent, booster = seconds(lambda: fit(X, y, trees=asked.trees, threads=asked.threads))
        fits.append(spent)
        scores = scored(booster.predict(X, num_threads=asked.threads), y)
        if first is None:
            first, _ = seconds(lambda s=scores: audit(s, replicates=asked.replicates, threads=asked.threads))
        spent, count = seconds(lambda s=scores: audit(s, replicates=asked.replicates, threads=asked.threads))
        audits.append(spent)
    print(
        f"{asked.rows:,} rows x {asked.columns}, {asked.trees} trees, {asked.replicates:,} replicates, {asked.threads} threads"
    )
    print(f"first audit (compiles or loads)  {first:7.2f} s")
    print(f"audit of {count:,} estimates      {median(audits):7.2f} s")
    print(f"one fit                          {median(fits):7.2f} s")
    print(f"audit / fit                      {median(audits) / median(fits):7.2f}")


if __name__ == "__main__":
    main()
