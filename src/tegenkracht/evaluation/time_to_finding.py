"""Does the order of a list agree with the order in which things were found?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array

from tegenkracht.core.clusters import cluster_names
from tegenkracht.core.drawing import ClusterBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.panel import DAYS, Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import PLAIN, Draw, Resampled, Resampling, Statistic, resample
from tegenkracht.evaluation.estimates import About, estimate_of, nothing, rounded

Floats = NDArray[np.float64]
_BLOCK = 512  # findings that are compared with everybody at a time


def concordance_estimates(
    panel: Panel,
    scores: Scores,
    *,
    cluster_by: ClusterBy,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    how: Resampling = PLAIN,
) -> tuple[Estimate, ...]:
    """Per model the concordance of scores with days to a finding; empty when the panel holds no days, and a reason when nobody was visited.

    Among visited rows of the same as-of date, every row with a finding is compared with every row where nothing was found until then: the
    share of pairs in which the first has the higher score, ties for half (Harrell, Evaluating the yield of medical tests, 1982). When something
    is found depends on when somebody went, so this is about findings, not about how long something had been there.
    """
    if DAYS not in panel.rows:
        return ()
    days = panel.rows.set_index("row_id")[DAYS]
    statistics: dict[str, Statistic] = {}
    n, clusters = 0, 0
    for model in scores.models:
        rows = scores.of(model)
        rows = rows[rows["observed"]]
        if rows.empty:
            return tuple(nothing("nobody_visited", "concordance", About(name), n=0) for name in scores.models)
        codes, names = pd.factorize(cluster_names(rows, cluster_by), sort=True)
        time = days.loc[rows["row_id"]].to_numpy(dtype=np.float64)
        statistics[model] = _statistic(rows, time, codes.astype(np.int64), len(names))
        n, clusters = int(np.isfinite(time).sum()), len(names)
    numbers = resample(
        statistics,
        clusters=clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
        how=how,
    )
    return tuple(rounded(_estimate(model, numbers[model], n=n, level=level)) for model in scores.models)


def _estimate(model: str, sums: Resampled, *, n: int, level: float) -> Estimate:
    share = sums[0] / sums[1]
    return estimate_of(share, "concordance", About(model), n=n, level=level, why_not="no_findings", share=False)


def _statistic(rows: pd.DataFrame, time: Floats, cluster: NDArray[np.int64], clusters: int) -> Statistic:
    """Weighted numbers of concordant and of comparable pairs: quadratic forms in how often each cluster was drawn."""
    parts = [_pairs(rows.iloc[at], time[at], cluster[at]) for at in rows.groupby(["fold", "as_of"]).indices.values()]
    one, other, concordant, comparable = np.hstack(parts)
    where = (one.astype(np.int64), other.astype(np.int64))
    forms = [coo_array((pairs, where), (clusters, clusters)).tocsr() for pairs in (concordant, comparable)]

    def statistic(draw: Draw) -> Floats:
        counts = draw.counts.astype(np.float64)
        return np.column_stack([(counts * (form @ counts.T).T).sum(axis=1) for form in forms])

    return statistic


def _pairs(rows: pd.DataFrame, time: Floats, cluster: NDArray[np.int64]) -> Floats:
    """Shape (4, n): cluster of the earlier finding, cluster of the other row, sum of concordance and number of comparable pairs."""
    score = rows["score"].to_numpy(dtype=np.float64)
    later = np.where(np.isfinite(time), time, np.inf)
    found = np.flatnonzero(np.isfinite(time))
    sums: list[Floats] = [np.empty((4, 0))]
    for start in range(0, len(found), _BLOCK):
        first = found[start : start + _BLOCK]
        i, j = np.nonzero(later[None, :] > time[first][:, None])
        agrees = 0.5 * (1 + np.sign(score[first][i] - score[j]))
        keys, place = np.unique(np.stack([cluster[first][i], cluster[j]]), axis=1, return_inverse=True)
        sums.append(np.vstack([keys, np.bincount(place, agrees), np.bincount(place)]).astype(np.float64))
    return np.hstack(sums)
