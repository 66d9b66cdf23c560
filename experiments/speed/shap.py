"""Exact contributions for every row: our walk against `shap.TreeExplainer`, on the same trees and rows and in one process.

    python experiments/speed/shap.py [--rows 100000] [--columns 60] [--trees 300] [--leaves 31 63] [--threads 2] [--explainer-rows 600]

A third of the columns are counts, a third normal, a third normal with three gaps in ten. Ours is timed in full, from the model's text to the last
contribution, with the comparison of 64 rows with `shap.TreeExplainer` that every study makes; the explainer is timed on `--explainer-rows` rows
and scaled (its cost per row is constant), without its construction. Both are timed three times in turns, so that a busy moment hits both, and the medians
are divided. The first call, which compiles or loads the compiled code, stands on its own line.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np

from tegenkracht.core.progress import silent
from tegenkracht.explanation.trees import TreeContributions, attribute_trees

# This file bears the library's name, and Python looks beside a script first: for every script of this folder.
sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
if __name__ == "shap":  # another script asked for the library: hand it that
    del sys.modules["shap"]
    importlib.import_module("shap")

TURNS = 3


def world(rows: int, columns: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns and an outcome of three in a hundred, with interactions."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    third = columns // 3
    X[:, :third] = rng.poisson(np.exp(0.7 * X[:, :third]))
    odds = 0.5 * X[:, 0] + 0.6 * X[:, 1] * (X[:, third] > 0) + 0.8 * X[:, third + 1] - 0.3 * X[:, third + 2] ** 2
    odds += 0.5 * X[:, -1] + rng.logistic(size=rows)
    X[:, 2 * third :][rng.random((rows, columns - 2 * third)) < 0.3] = np.nan
    return X, (odds > np.quantile(odds, 0.97)).astype(int)


def fit(X: np.ndarray, y: np.ndarray, *, trees: int, leaves: int, threads: int) -> lgb.Booster:
    parameters = {"objective": "binary", "learning_rate": 0.05, "num_leaves": leaves, "min_data_in_leaf": 50}
    exactly = {"verbosity": -1, "num_threads": threads, "seed": 1, "deterministic": True, "force_row_wise": True}
    return lgb.train(parameters | exactly, lgb.Dataset(X, y), trees)


def ours(booster: lgb.Booster, X: np.ndarray, *, threads: int) -> TreeContributions:
    return attribute_trees(booster, X, sample=64, little_work=0, threads=threads, progress=silent)


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds on the wall, seconds of processor, and what came out."""
    wall, cpu = time.perf_counter(), time.process_time()
    out = work()
    return time.perf_counter() - wall, time.process_time() - cpu, out


def compare(X: np.ndarray, y: np.ndarray, *, leaves: int, asked: argparse.Namespace) -> None:
    """Print one model's table."""
    import shap

    booster = fit(X, y, trees=asked.trees, leaves=leaves, threads=asked.threads)
    first, _, _ = timed(lambda: ours(booster, X[:64], threads=asked.threads))
    explainer = shap.TreeExplainer(booster)
    some = X[: asked.explainer_rows]
    mine, theirs = [], []
    for _ in range(TURNS):
        mine.append(timed(lambda: ours(booster, X, threads=asked.threads)))
        theirs.append(timed(lambda: explainer(some, check_additivity=False)))
    contributions, reference = mine[0][2], theirs[0][2]
    quarter, _, _ = timed(lambda: ours(booster, X[: len(X) // 4], threads=asked.threads))
    wall, cpu = (median(turn[i] for turn in mine) for i in (0, 1))
    scale = len(X) / len(some)
    their_wall, their_cpu = (scale * median(turn[i] for turn in theirs) for i in (0, 1))
    margin = contributions.base + contributions.values.sum(axis=1)
    print(f"\n{leaves} leaves (road: {contributions.road})")
    print(
        f"  largest difference from shap.TreeExplainer     {np.abs(contributions.values[: len(some)] - reference.values).max():.1e}"
    )
    print(
        f"  largest difference from the margin             {np.abs(margin - booster.predict(X, raw_score=True)).max():.1e}"
    )
    print(f"  first call (compile, or load what was compiled){first:8.2f} s")
    print(
        f"  ours, a quarter of the rows                    {quarter:8.2f} s   {wall / quarter:.2f} x for 4 x the rows"
    )
    print(f"  ours, all rows                                 {wall:8.2f} s   {cpu:.2f} s of processor")
    print(
        f"  shap.TreeExplainer, {len(some):,} rows scaled            {their_wall:8.1f} s   {their_cpu:.1f} s of processor"
    )
    print(
        f"  ratio                                          {their_wall / wall:8.1f} x   {their_cpu / cpu:.1f} x in processor"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--leaves", type=int, nargs="+", default=[31, 63])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--explainer-rows", type=int, default=600)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    X, y = world(asked.rows, asked.columns, seed=3)
    print(
        f"{asked.rows:,} rows x {asked.columns} columns, {asked.trees} trees, {asked.threads} threads, medians of {TURNS} turns"
    )
    for leaves in asked.leaves:
        compare(X, y, leaves=leaves, asked=asked)
    print(
        f"\npeak memory of the process, fits included        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:8.2f} GiB"
    )


if __name__ == "__main__":
    main()
