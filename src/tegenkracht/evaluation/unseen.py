"""How well a score orders places in a region or sector that its model did not learn from: each left out once, and a next one foretold.

A split that leaves regions or sectors out one at a time has fitted the model without each of them; nothing is fitted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import ANSWERED, Resampled, resample
from tegenkracht.evaluation.discrimination import AUC, rank_statistic
from tegenkracht.evaluation.estimates import About, estimate_of, nothing
from tegenkracht.evaluation.sample import Grouping, Sample

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK143": "In a region or sector that the model does not know, its score may order places no better than a lot."
}
METRIC = "auc_unseen"
PLACE = "unseen"
"""Attribute under which places that were left out are named."""
FEW = 10
"""Findings, and visits without one, below which a place has no area under the curve."""
_FEWEST = 3
_GRID, _WIDEST = 200, 1.0


@dataclass(frozen=True)
class Together:
    """Areas under the curve of places that come from one distribution: their mean with an interval, and the interval of a next place."""

    mean: float
    interval: tuple[float, float]
    foretold: tuple[float, float]


def taken_together(value: Floats, variance: Floats, *, level: float) -> Together:
    r"""Mean of areas on the log-odds with an interval for the mean, and one for a next place.

    Log-odds are normal within places and between them, with every mean alike beforehand. The spread :math:`\tau` between places is laid out on a grid, so that its
    own doubt counts (Gelman et al., Bayesian Data Analysis, 3rd edition, 2013, section 5.4); beforehand it is uniform up to 1, at which a model of area 0.7 has 0.46 in
    one place and 0.86 in another. A fixed spread gives an interval for a next place that is too narrow (Partlett & Riley 2017, Statistics in Medicine 36). On the
    log-odds as in Snell, Ensor, Debray, Moons & Riley 2018 (Statistical Methods in Medical Research 27).

    Parameters
    ----------
    value, variance
        Per place the area, between 0 and 1, and the variance of its log-odds; three places or more.

    Examples
    --------
    >>> one = taken_together(np.full(30, 0.7), np.full(30, 0.01), level=0.95)
    >>> round(one.mean, 3), [round(end, 2) for end in one.interval]
    (0.7, [0.69, 0.71])
    """
    y = logit(value)
    spread = ((np.arange(_GRID) + 0.5) / _GRID * _WIDEST) ** 2
    weight = 1 / (variance + spread[:, None])
    doubt = 1 / weight.sum(axis=1)
    mean = doubt * (weight * y).sum(axis=1)
    log = (np.log(doubt) + np.log(weight).sum(axis=1) - (weight * (y - mean[:, None]) ** 2).sum(axis=1)) / 2
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    ends = [
        tuple(_area(_quantile(chance, mean, np.sqrt(of), share)) for share in ((1 - level) / 2, (1 + level) / 2))
        for of in (doubt, doubt + spread)
    ]
    return Together(_area(float((chance * mean).sum())), (ends[0][0], ends[0][1]), (ends[1][0], ends[1][1]))


def _quantile(chance: Floats, mean: Floats, spread: Floats, share: float) -> float:
    """The value below which this share of a mixture of normal distributions lies."""
    low, high = float((mean - 12 * spread).min()), float((mean + 12 * spread).max())
    return float(brentq(lambda x: float((chance * ndtr((x - mean) / spread)).sum()) - share, low, high))


def _area(log_odds: float) -> float:
    return float(expit(log_odds))


def unseen_estimates(
    sample: Sample,
    places: Grouping,
    model: str,
    *,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """`auc_unseen` of every place that was left out, over visited rows; `_common` and `_new` when three places or more have one.

    Parameters
    ----------
    places
        Which place each row lies in, so that its score comes from a model that did not learn from that place.
    """
    slices = [np.flatnonzero((places.of_row == value) & (sample.visited == 1)) for value in range(len(places.values))]
    statistic = rank_statistic(sample.scores[model], cluster=sample.cluster, finding=sample.finding, slices=slices)
    number = resample(
        {"": statistic},
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )[""]
    areas, variances = [], []
    for value, rows in enumerate(slices):
        about, own = About(model, group=places.name(value)), number[value, AUC]
        found = int(sample.finding[rows].sum())
        if min(found, rows.size - found) < FEW:
            yield nothing("few_findings", METRIC, about, n=rows.size)
            continue
        yield estimate_of(own, METRIC, about, n=rows.size, level=level, why_not="few_findings", share=False)
        if (variance := _variance(own)) > 0:
            areas.append(float(own.point))
            variances.append(variance)
    yield from _together(np.array(areas), np.array(variances), model, level=level)


def _variance(area: Resampled) -> float:
    """Variance of the log-odds over replicates; 0 where it is not known."""
    inside = area.replicates[(area.replicates > 0) & (area.replicates < 1)]
    known = 0 < float(area.point) < 1 and inside.size >= ANSWERED * area.replicates.size
    return float(np.var(logit(inside))) if known else 0.0


def _together(areas: Floats, variances: Floats, model: str, *, level: float) -> Iterator[Estimate]:
    parts = ("common", "new")
    if areas.size < _FEWEST:
        for part in parts:
            yield nothing("too_few_groups", f"{METRIC}_{part}", About(model), n=areas.size, method="pooled")
        return
    told = taken_together(areas, variances, level=level)
    for part, (low, high) in zip(parts, (told.interval, told.foretold), strict=True):
        yield Estimate(model, f"{METRIC}_{part}", told.mean, low, high, n=areas.size, method="pooled", level=level)


def check_unseen(estimates: Sequence[Estimate], *, model: str, left_out: bool) -> Finding:
    """TK143: the interval of a next place reaches what a lot gives."""
    new = next((e for e in estimates if e.metric == f"{METRIC}_new"), None)
    if not left_out or new is None:
        return Finding("TK143", "not_applicable", model, {"reason": "nothing_left_out"})
    if new.low is None or new.high is None:
        return Finding("TK143", "not_applicable", model, {"reason": new.note})
    facts = {"places": new.n, "low": round(new.low, 2), "high": round(new.high, 2)}
    ids = (new.id, *(e.id for e in estimates if e.metric == METRIC and e.is_known))
    return Finding("TK143", "found" if new.low <= 0.5 else "not_found", model, facts, ids)
