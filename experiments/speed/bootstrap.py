"""Seven figures by group with intervals: our bootstrap against `fairlearn.MetricFrame(n_boot=…)`, on the same table and in one process.

    python experiments/speed/bootstrap.py [--rows 200000] [--replicates 1000] [--threads 2] [--fairlearn-replicates 2]

The table is 8 groups of 2 to 40 % of the rows, of which about 4 in 100 are positive. The figures, per group and over all rows: area under the
ROC curve, precision among the top 5 %, true and false positive rate and share selected at a threshold, Brier score, and mean score minus mean
outcome. fairlearn is timed on a few replicates and scaled (its cost per replicate is constant); ours is timed in full, sorting included, after
a first call that compiles or loads the compiled code (printed on its own). The last lines resample clusters of eight rows instead of rows.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame
from sklearn.metrics import brier_score_loss, roc_auc_score

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, percentile_interval, resample, sum_statistic
from tegenkracht.evaluation.capacity import list_statistic, unpacked
from tegenkracht.evaluation.discrimination import rank_statistic
from tegenkracht.evaluation.sample import Sample

GROUPS, TOP, THRESHOLD = 8, 0.05, 0.12
FIGURES = ("auc", "precision", "true_positive_rate", "false_positive_rate", "selection_rate", "brier", "calibration")


def table(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, score (rounded, so that some are equal) and group of each row."""
    rng = np.random.default_rng(3)
    group = rng.choice(GROUPS, rows, p=[0.4, 0.2, 0.12, 0.1, 0.08, 0.05, 0.03, 0.02])
    outcome = (rng.random(rows) < 0.04 + 0.01 * group / GROUPS).astype(np.uint8)
    score = 1 / (1 + np.exp(3 - rng.standard_normal(rows) - 1.2 * outcome))
    return outcome, np.round(score, 6), group


def figures_of_fairlearn() -> dict[str, Callable[..., float]]:
    """The same seven figures as functions of outcomes and scores."""

    def precision(y: Any, s: Any) -> float:
        best = np.argsort(-np.asarray(s), kind="stable")[: max(1, int(np.ceil(TOP * len(s))))]
        return float(np.asarray(y)[best].mean())

    return {
        "auc": lambda y, s: float(roc_auc_score(y, s)),
        "precision": precision,
        "true_positive_rate": lambda y, s: float((np.asarray(s)[np.asarray(y) == 1] >= THRESHOLD).mean()),
        "false_positive_rate": lambda y, s: float((np.asarray(s)[np.asarray(y) == 0] >= THRESHOLD).mean()),
        "selection_rate": lambda y, s: float((np.asarray(s) >= THRESHOLD).mean()),
        "brier": lambda y, s: float(brier_score_loss(y, s)),
        "calibration": lambda y, s: float(np.mean(s) - np.mean(y)),
    }


def fairlearn_seconds(
    outcome: np.ndarray, score: np.ndarray, group: np.ndarray, replicates: int
) -> tuple[float, pd.DataFrame]:
    """Seconds for one replicate, and the point estimates. A first call of all, which loads what it needs, is not timed."""

    def frame(n_boot: int) -> tuple[float, MetricFrame]:
        start = time.perf_counter()
        made = MetricFrame(
            metrics=figures_of_fairlearn(),
            y_true=outcome,
            y_pred=score,
            sensitive_features=group,
            n_boot=n_boot or None,
            ci_quantiles=[0.025, 0.975] if n_boot else None,
            random_state=0,
        )
        return time.perf_counter() - start, made

    frame(0)
    once, made = frame(0)
    several, _ = frame(replicates)
    points = pd.concat([made.by_group, made.overall.to_frame().T], ignore_index=True)[list(FIGURES)].astype(float)
    return (several - once) / replicates, points


def statistics_of(
    outcome: np.ndarray, score: np.ndarray, group: np.ndarray, cluster: np.ndarray
) -> dict[str, Statistic]:
    """What is resampled: ranks, lists and sums of each group, and of all rows."""
    everything = np.arange(score.size)
    slices = [np.flatnonzero(group == g) for g in range(GROUPS)] + [everything]
    selected = (score >= THRESHOLD).astype(float)
    columns = np.column_stack(
        [np.ones(score.size), outcome, score, (score - outcome) ** 2, selected, selected * outcome]
    )
    ranks = rank_statistic(score, cluster=cluster, finding=outcome, slices=slices)
    sums = sum_statistic(columns[np.concatenate(slices)], cluster=cluster, slices=slices)
    by_group, together = (_sample(outcome, score, cluster, of) for of in (group, np.zeros_like(group)))
    sizes = [_top(part.size) for part in slices]
    return {
        "ranks": ranks,
        "sums": sums,
        "by group": list_statistic(by_group, score, sizes=sorted(set(sizes[:-1])), capacity=sizes[0]),
        "together": list_statistic(together, score, sizes=sizes[-1:], capacity=sizes[-1]),
    }


def _top(rows: int) -> int:
    return max(1, int(np.ceil(TOP * rows)))


def _sample(outcome: np.ndarray, score: np.ndarray, cluster: np.ndarray, lists: np.ndarray) -> Sample:
    """All rows visited, with one list for each value of `lists`."""
    names = np.arange(int(lists.max()) + 1)
    return Sample(
        rows=pd.DataFrame(index=range(score.size)),
        scores={"m": score},
        visited=np.ones(score.size, np.uint8),
        finding=outcome,
        cluster=cluster,
        clusters=int(cluster.max()) + 1,
        folds=tuple(map(str, names)),
        fold=lists,
        lists=lists,
        list_fold=names,
        groupings=(),
    )


def figures_of(
    numbers: dict[str, Resampled], outcome: np.ndarray, group: np.ndarray, samples: dict[str, Sample]
) -> Resampled:
    """The seven figures (group, figure) from what was resampled; the last group is all rows."""
    sums = numbers["sums"]
    rows, positives, scores, squared, selected, hits = (sums[:, i] for i in range(6))
    sizes = [_top(int((group == g).sum())) for g in range(GROUPS)]
    lists = unpacked(numbers["by group"], samples["by group"], sizes=len(set(sizes))).totals
    tops = [lists[g, sorted(set(sizes)).index(size)] for g, size in enumerate(sizes)]
    tops.append(unpacked(numbers["together"], samples["together"], sizes=1).totals[0, 0])
    precisions = [top[2] / top[1] for top in tops]
    parts = [
        numbers["ranks"][:, 0],
        Resampled(np.stack([p.point for p in precisions]), np.stack([p.replicates for p in precisions], axis=1)),
        hits / positives,
        (selected - hits) / (rows - positives),
        selected / rows,
        squared / rows,
        (scores - positives) / rows,
    ]
    return Resampled(np.stack([p.point for p in parts], axis=-1), np.stack([p.replicates for p in parts], axis=-1))


def ours(
    outcome: np.ndarray, score: np.ndarray, group: np.ndarray, cluster: np.ndarray, *, replicates: int, threads: int
) -> tuple[float, Resampled]:
    """Seconds for everything (sorting, resampling, intervals), and the figures."""
    start = time.perf_counter()
    statistics = statistics_of(outcome, score, group, cluster)
    numbers = resample(
        statistics, clusters=int(cluster.max()) + 1, replicates=replicates, seed=1, threads=threads, progress=silent
    )
    samples = {
        "by group": _sample(outcome, score, cluster, group),
        "together": _sample(outcome, score, cluster, np.zeros_like(group)),
    }
    figures = figures_of(numbers, outcome, group, samples)
    for g in range(GROUPS + 1):
        for f in range(len(FIGURES)):
            percentile_interval(figures.replicates[:, g, f], level=0.95)
    return time.perf_counter() - start, figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fairlearn-replicates", type=int, default=2)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    outcome, score, group = table(asked.rows)
    each = np.arange(asked.rows, dtype=np.int32)
    first, _ = ours(outcome[:2000], score[:2000], group[:2000], each[:2000], replicates=2, threads=1)
    seconds, figures = ours(outcome, score, group, each, replicates=asked.replicates, threads=asked.threads)
    by_cluster, _ = ours(outcome, score, group, each // 8, replicates=asked.replicates, threads=asked.threads)
    replicate, points = fairlearn_seconds(outcome, score, group, asked.fairlearn_replicates)
    theirs = replicate * asked.replicates
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{asked.rows:,} rows, {GROUPS} groups, {len(FIGURES)} figures, {asked.replicates:,} replicates, {asked.threads} threads"
    )
    print(
        f"largest difference of a point estimate from fairlearn's: {np.abs(figures.point - points.to_numpy()).max():.1e}"
    )
    print(f"first call (compile, or load what was compiled)  {first:10.2f} s")
    print(f"ours, rows                                       {seconds:10.2f} s")
    print(f"ours, clusters of eight rows                     {by_cluster:10.2f} s   {by_cluster / seconds:.2f} x rows")
    print(
        f"fairlearn, {asked.fairlearn_replicates} replicates scaled                   {theirs:10.0f} s   {replicate:.2f} s a replicate"
    )
    print(f"ratio                                            {theirs / seconds:10.0f} x")
    print(f"peak memory of the process                       {peak:10.2f} GiB")


if __name__ == "__main__":
    main()
