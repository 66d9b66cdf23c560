"""What declared directions cost: the list of a model with them against the list of the same model without, on the same draws."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from tegenkracht.core.drawing import ClusterBy, Lists, VisitsBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampled, Resampling, resample
from tegenkracht.evaluation.capacity import FINDINGS, VISITS, list_statistic, unpacked
from tegenkracht.evaluation.estimates import About, estimate_of, exactly
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighted import weighted_estimates


def constraint_cost(
    scores: Scores,
    *,
    main: str,
    free: str,
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """`constraint_gain`: precision at capacity with directions less precision without, among visited places; and the same in interval units.

    `constraint_gain_units` divides the difference by half the width of its own interval: beyond 1 either way the data show a difference.

    Parameters
    ----------
    scores
        Of the models `main` (with directions) and `free` (without), on the same rows.
    """
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by).only(main, free)
    statistics = {
        m: list_statistic(sample, sample.scores[m], sizes=[capacity], capacity=capacity) for m in (main, free)
    }
    numbers = resample(
        statistics, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )

    def precision(model: str) -> tuple[Resampled, float]:
        top = unpacked(numbers[model], sample, sizes=1).totals[len(sample.folds), 0]
        return top[FINDINGS] / top[VISITS], float(top.point[VISITS])

    (own, n), (other, _) = precision(main), precision(free)
    about = About(main, at=f"capacity={capacity}")
    gain = estimate_of(own - other, "constraint_gain", about, n=n, level=level, why_not="nobody_visited", share=False)
    without = estimate_of(
        other, "precision_without_directions", about, n=n, level=level, why_not="nobody_visited", share=True
    )
    return without, gain, *_in_units(gain)


def weighed_cost(
    scores: Scores,
    visits: pd.DataFrame,
    *,
    main: str,
    free: str,
    capacity: int,
    lists: Lists,
    visits_by: VisitsBy,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
    how: Resampling,
) -> tuple[Estimate, ...]:
    """The same of visits weighed by their recorded chance (method `weighted`), as `weighted_estimates` compares two lists.

    Parameters
    ----------
    visits
        Every visit of every test row, as `assembly.visits_of_rows` gives them.
    """
    pair = scores.only(main, free)
    sample = sample_of(pair, lists=lists, cluster_by="unit_id" if visits_by == "inspection_id" else visits_by)
    told = weighted_estimates(
        pair,
        weigh(visits, sample),
        propensities=None,
        probability_models=(),
        versus={main: (free,)},
        capacity=capacity,
        lists=lists,
        visits_by=visits_by,
        minimum=1,
        replicates=replicates,
        level=level,
        seed=seed,
        threads=threads,
        how=how,
    )
    at = f"capacity={capacity}"
    by = {(e.model, e.metric, e.at): e for e in told if e.method == "weighted"}
    gain = replace(by[main, "precision_difference", f"{at},versus={free}"], metric="constraint_gain", at=at)
    without = replace(by[free, "precision_at_capacity", at], model=main, metric="precision_without_directions")
    return without, gain, *_in_units(gain)


def _in_units(gain: Estimate) -> tuple[Estimate, ...]:
    """The difference over half the width of its interval; nothing where it has none."""
    if gain.value is None or gain.low is None or gain.high is None or math.isclose(gain.low, gain.high):
        return ()
    units = gain.value / ((gain.high - gain.low) / 2)
    about = About(gain.model, at=gain.at)
    return (exactly(units, "constraint_gain_units", about, n=gain.n, method=gain.method),)
