"""Whether visits to one cluster, or to one unit, hang together: that decides what intervals of weighed visits must draw.

What counts is not whether places in a cluster are alike but whether they were drawn together (Abadie, Athey, Imbens & Wooldridge, Quarterly Journal of
Economics 138, 2023): where each place had its own chance, drawing places holds the truth about these places, and drawing clusters is too wide as soon as
findings spread from place to place. Likewise where each visit had its own chance and a place was visited more than once: what is found there stays the same for years.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.drawing import ClusterBy, Lists, VisitsBy
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampled, resample, sum_statistic
from tegenkracht.evaluation.estimates import NEVER_MOVES, About, estimate_of, nothing, rounded, with_interval
from tegenkracht.evaluation.sample import Sample, sample_of
from tegenkracht.evaluation.weighed import Weighed

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK117": "Visits to one cluster or unit hang together, though intervals draw what is smaller."
}
METRIC = "visits_together"
BY: Mapping[str, ClusterBy] = {"": "cluster_id", "of_units": "unit_id"}
"""What the visits that may hang together have in common, by the `at` of the estimate."""
SMALLER: Mapping[VisitsBy, Collection[ClusterBy]] = {
    "inspection_id": ["cluster_id", "unit_id"],
    "unit_id": ["cluster_id"],
    "cluster_id": [],
}
"""Where what is drawn is smaller than this, visits that hang together make intervals too narrow."""
FEWEST = 10
"""Clusters from which it can be told."""
WEIGHT, ROWS, APART = 0, 1, 5


def together_estimates(
    scores: Scores,
    weighed: Weighed | None,
    *,
    lists: Lists,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    r"""`visits_together`: how many times as much visits vary between clusters as if each place were drawn by itself; `of_units` as if each visit were.

    With :math:`W` the sum of one over the recorded chance and :math:`N` the number of rows, :math:`\sum_c (W_c - rN_c)^2 / \sum_u (W_u - rN_u)^2` over
    clusters :math:`c` and units :math:`u`, where :math:`r` is the ratio of the totals: about one where units are drawn one by one, whatever is found there.
    Between units and visits :math:`\sum_u (W_u - rN_u)^2 / \sum_v (1 - e_v) w_v^2`, where :math:`w_v` is what visit :math:`v` stands for in all its rows and
    :math:`e_v` its chance: below is how much the sum varies when each visit is drawn by itself (Horvitz & Thompson 1952).
    The interval draws clusters. Nothing when rows are visits that were scheduled.
    """
    if weighed is None:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by="cluster_id")
    about, rows = About(), len(sample.rows)
    if not weighed.weight["weighted"].any():
        return (nothing("no_chances", METRIC, about, n=0, method="sample"),)
    if sample.clusters < FEWEST:
        return (nothing("few_clusters", METRIC, about, n=sample.clusters, method="sample"),)
    weight = np.bincount(weighed.row, weighed.weight["weighted"], minlength=rows).astype(np.float64)
    of_unit, of_cluster = (_squares(weight, by) for by in (sample.unit, sample.cluster))
    first = np.unique(sample.unit, return_index=True)[1]
    each = np.arange(sample.clusters, dtype=np.int32)
    numbers = resample(
        {
            "units": sum_statistic(
                np.column_stack([of_unit, _apart(weighed, sample)]),
                cluster=sample.cluster[first],
                slices=[np.arange(first.size)],
            ),
            "clusters": sum_statistic(of_cluster, cluster=each, slices=[np.arange(each.size)]),
        },
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )
    units, clusters = (numbers[name][0].each(_spread) for name in ("units", "clusters"))
    ratios = {"": clusters / units, "of_units": units / numbers["units"][0, APART]}
    return tuple(rounded(_told(ratio, About(at=at), sample.clusters, level)) for at, ratio in ratios.items())


def _told(ratio: Resampled, about: About, clusters: int, level: float) -> Estimate:
    """A ratio with its interval; clusters that are all visited whole give the same one in every draw, and then it is as sure as how they were drawn."""
    told: dict[str, Any] = {"n": clusters, "level": level, "method": "sample"}
    estimate = estimate_of(ratio, METRIC, about, why_not="all_certain", share=False, **told)
    if estimate.note != NEVER_MOVES or estimate.value is None:
        return estimate
    return with_interval(estimate.value, (estimate.value, estimate.value), METRIC, about, **told)


def _apart(weighed: Weighed, sample: Sample) -> Floats:
    """Per unit, how much what its visits stand for varies when each is drawn by itself."""
    weight = weighed.weight["weighted"]
    stands_for = np.bincount(weighed.visit, weight)
    line = np.unique(weighed.visit, return_index=True)[1]
    not_drawn = np.where(weight[line] > 0, 1 - 1 / np.maximum(weight[line], 1.0), 0.0)
    varies = not_drawn * stands_for**2
    return np.bincount(sample.unit[weighed.row[line]], varies, minlength=int(sample.unit.max()) + 1).astype(np.float64)


def _squares(weight: Floats, by: NDArray[np.integer]) -> Floats:
    """Weight and rows of each part, and the products of which a sum of squared differences is made."""
    total, rows = np.bincount(by, weight), np.bincount(by).astype(np.float64)
    return np.column_stack([total, rows, total**2, total * rows, rows**2]).astype(np.float64)


def _spread(sums: Floats) -> Floats:
    """Sum over parts of the squared distance from what their rows would weigh on average."""
    ratio = sums[..., WEIGHT] / sums[..., ROWS]
    spread: Floats = sums[..., 2] - 2 * ratio * sums[..., 3] + ratio**2 * sums[..., 4]
    return spread


def check_together(estimates: tuple[Estimate, ...], *, drawn: VisitsBy) -> Iterator[Finding]:
    """TK117: found where visits hang together beyond chance and intervals of weighed visits draw what is smaller than what they have in common."""
    for estimate in estimates:
        by = BY[estimate.at]
        if by not in SMALLER[drawn] and by != "cluster_id":
            continue
        if estimate.value is None or estimate.low is None or estimate.high is None:
            yield Finding("TK117", "not_applicable", facts={"reason": estimate.note})
            continue
        facts: dict[str, str | int | float] = {
            "by": by,
            "ratio": round(estimate.value, 2),
            "low": round(estimate.low, 2),
            "high": round(estimate.high, 2),
            "drawn": drawn,
        }
        apart = by in SMALLER[drawn] and estimate.low > 1
        yield Finding("TK117", "found" if apart else "not_found", "", facts, (estimate.id,))
