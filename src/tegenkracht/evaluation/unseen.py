"""How well a score orders places in a region or sector that its model did not learn from: each left out once, and a next one foretold.

A split that leaves regions or sectors out one at a time has fitted the model without each of them; nothing is fitted here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import t as student

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


@dataclass(frozen=True)
class Together:
    """Areas under the curve of places that come from one distribution: their mean with an interval, and the interval of a next place."""

    mean: float
    interval: tuple[float, float]
    foretold: tuple[float, float]


def taken_together(value: Floats, variance: Floats, *, level: float) -> Together:
    r"""Mean of areas on the log-odds with an interval for the mean, and one for a next place.

    The spread between places :math:`\tau^2` is that of DerSimonian & Laird (1986); the interval of the mean is that of Hartung & Knapp (2001), with
    :math:`k-1` degrees of freedom, not narrower than without their factor; that of a next place is
    :math:`\hat\mu \pm t_{k-2}\sqrt{\hat\tau^2 + SE^2}` (Higgins, Thompson & Spiegelhalter 2009). On the log-odds as in Snell, Ensor, Debray, Moons & Riley
    2018 (Statistical Methods in Medical Research 27).

    Parameters
    ----------
    value, variance
        Per place the area, between 0 and 1, and the variance of its log-odds; three places or more.

    Examples
    --------
    >>> one = taken_together(np.array([0.7, 0.7, 0.7]), np.array([0.01, 0.01, 0.01]), level=0.95)
    >>> round(one.mean, 3), round(one.interval[0], 3), round(one.interval[1], 3)
    (0.7, 0.645, 0.749)
    """
    y, k = logit(value), value.size
    fixed = 1 / variance
    middle = float((fixed * y).sum() / fixed.sum())
    off = float((fixed * (y - middle) ** 2).sum())
    tau2 = max(0.0, (off - (k - 1)) / float(fixed.sum() - (fixed**2).sum() / fixed.sum()))
    weight = 1 / (variance + tau2)
    mean = float((weight * y).sum() / weight.sum())
    factor = max(1.0, float((weight * (y - mean) ** 2).sum()) / (k - 1))
    error = math.sqrt(factor / float(weight.sum()))
    reach = float(student.ppf((1 + level) / 2, k - 1)) * error
    ahead = float(student.ppf((1 + level) / 2, k - 2)) * math.sqrt(tau2 + error**2)
    return Together(_area(mean), (_area(mean - reach), _area(mean + reach)), (_area(mean - ahead), _area(mean + ahead)))


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
