"""The chance that somebody looks: estimated from what was known of a place, and whether that estimate can be leaned on.

A row (a place on an as-of date) is seen when a visit within its horizon gave it an outcome. Where that chance is known by design (everybody on a
schedule is visited) nothing is estimated. Elsewhere it is learnt from the panel's columns and the place's surroundings, by rows of other clusters, and
calibrated by rows of other clusters; audit attributes never take part. Whatever a visitor knew and the tables do not hold is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, concatenated, resample, sum_statistic
from tegenkracht.evaluation.calibration import Calibration, calibration_statistic, recalibration
from tegenkracht.evaluation.discrimination import AUC, rank_statistic
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, rounded
from tegenkracht.evaluation.isotonic import isotonic
from tegenkracht.evaluation.sample import Sample, places_in
from tegenkracht.evaluation.worth import equal_answers
from tegenkracht.models.cross_fitted import Learner, cross_fitted, deal_out, prepared

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CODES: Mapping[str, str] = {
    "TK114": "Part of the places has practically no chance of a visit.",
    "TK115": "The estimated chances of a visit do not come true.",
}
NO_OVERLAP = 0.05
"""Share of rows whose chance is under the limit, from which overlap is missing (TK114)."""
FAR_OFF, CROOKED = 0.05, 0.2
"""How far seen rows over their chances may be from all rows, and the slope of the chances from one (TK115)."""
SLICES, SMALLEST_SLICE = 100, 200
"""At most so many steps in the calibration of chances, and at least so many rows on each."""
ENOUGH = 30_000
"""Rows that the chance is learnt from, drawn by lot where there are more: a few dozen coefficients are not better known from a million."""
EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Bands of the chance of a visit, for the overlap."""
ROWS, SEEN, CHANCE, WEIGHT = 0, 1, 2, 3
SLOPE = 5
"""Where the slope stands in what `calibration_statistic` gives."""


@dataclass(frozen=True)
class Chances:
    """How the chance of a visit is learnt.

    Parameters
    ----------
    learner
        `logistic` or `boosted` (trees).
    parts
        In how many parts the clusters are dealt out for learning.
    limit
        A chance below this is called practically none.
    """

    learner: Learner
    parts: int
    limit: float


@dataclass(frozen=True)
class Propensities:
    """Per test row the chance that somebody looks, and what is expected there; rows in the order of the sample.

    Parameters
    ----------
    row
        Position in the sample.
    chance
        That the row is seen: (0, 1].
    observed
        Whether it was.
    outcome
        Share of the row's visits that found something, NaN where nobody looked.
    expected
        What a visit to the row is expected to find, learnt from seen rows of other clusters.
    limit
        A chance below this is called practically none.
    """

    row: Ints
    chance: Floats
    observed: Flags
    outcome: Floats
    expected: Floats
    limit: float

    @property
    def weight(self) -> Floats:
        """For how many rows each seen row stands; 0 for the others."""
        return np.where(self.observed, 1 / self.chance, 0.0)


def propensities_of(
    panel: Panel,
    sample: Sample,
    visits: pd.DataFrame | None,
    asked: Chances,
    *,
    seed: int,
    threads: int,
) -> Propensities | None:
    """The chance of every test row of a calendar; None for scheduled visits, where there is nothing to estimate.

    Parameters
    ----------
    visits
        `row_id, positive`, a line per test row and visit (`assembly.visits_of_rows`); None for scheduled visits. The recorded chance of a visit is not
        that of a row: it belongs to one moment, and a row's horizon holds several.
    """
    if visits is None:
        return None
    columns = prepared(covariates(panel, sample), asked.learner)
    part = deal_out(sample.cluster, parts=asked.parts, seed=seed)
    row = sample.row_of(visits)
    positive = visits["positive"].to_numpy(dtype=np.float64)
    count = np.bincount(row, minlength=len(columns))
    observed = count > 0
    found = np.bincount(row, positive, minlength=len(columns))
    everyone = np.arange(len(columns))
    taught = np.sort(np.random.default_rng(seed).permutation(everyone)[:ENOUGH])
    settings = {"part": part, "learner": asked.learner, "seed": seed, "threads": threads}
    raw = cross_fitted(
        columns,
        learn_from=taught,
        positive=observed[taught].astype(np.float64),
        weight=np.ones(taught.size),
        **settings,  # type: ignore[arg-type]  # one word for each of four settings
    )
    expected = (
        cross_fitted(columns, learn_from=row, positive=positive, weight=1 / count[row], **settings)  # type: ignore[arg-type]  # as above
        if row.size
        else np.zeros(len(columns))
    )
    return Propensities(
        row=everyone,
        chance=_calibrated(raw, observed, part),
        observed=observed,
        outcome=np.divide(found, count, out=np.full(len(columns), np.nan), where=observed),
        expected=expected,
        limit=asked.limit,
    )


def covariates(panel: Panel, sample: Sample) -> Floats:
    """What may decide who is visited and stands in the tables (row, column): the panel's columns, earlier visits, moment, sector, and surroundings.

    Surroundings are how often other and own units of the area and of the cluster had been visited by then. Audit attributes are not looked at.
    """
    place, rows = places_in(panel, sample), panel.rows
    earlier = rows["earlier_visits"].to_numpy(dtype=np.float64)[place]
    moment = rows["as_of"].to_numpy()[place]
    days = (moment - moment.min()) / np.timedelta64(1, "D")
    when, dates = pd.factorize(moment)
    around = [
        _mean_of_equals(earlier, (pd.factorize(rows[key])[0][place] + 1) * len(dates) + when)
        for key in ("area_code", "cluster_id")
    ]
    number, sectors = pd.factorize(rows["sector"], sort=True)
    of_row = number[place]
    others = [of_row == code for code in np.flatnonzero(np.bincount(of_row, minlength=len(sectors)))[1:]]
    more = [earlier, np.floor(days), *around, *others]
    out = np.empty((len(panel.feature_names) + len(more), place.size))
    for i, name in enumerate(panel.feature_names):
        out[i] = rows[name].to_numpy(dtype=np.float64)[place]
    for i, column in enumerate(more, len(panel.feature_names)):
        out[i] = column
    return out.T


def _mean_of_equals(values: Floats, key: Ints) -> Floats:
    """Of each row the mean of the rows that have the same key."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.bincount(key, values) / np.bincount(key))[key])


def _calibrated(raw: Floats, observed: Flags, part: Ints) -> Floats:
    """Chances as the rows of the other parts say that they come true; equal steps of the curve hold equally many rows."""
    out, order = np.empty_like(raw), np.argsort(raw, kind="stable")
    ordered, seen, of_part = raw[order], observed[order].astype(np.float64), part[order]
    for held_out in np.unique(part):
        own = of_part == held_out
        other = ~own if not own.all() else own
        out[order[own]] = np.interp(ordered[own], *_curve(ordered[other], seen[other]))
    return out


def _curve(ordered: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Where the curve has its steps, and the chance there: isotonic over slices, so that no handful of rows says never or always.

    Each slice gets half a seen and half an unseen row on top (Jeffreys): a chance of nothing would leave a row that was seen after all without a weight.

    Parameters
    ----------
    ordered, seen
        Scores from low to high, and whether the row was seen.
    """
    slices = max(1, min(SLICES, ordered.size // SMALLEST_SLICE))
    begins = np.array([part[0] for part in np.array_split(np.arange(ordered.size), slices)])
    size = np.diff(np.append(begins, ordered.size)).astype(np.float64)
    hits = np.add.reduceat(seen, begins)
    return isotonic(np.add.reduceat(ordered, begins) / size, (hits + 0.5) / (size + 1), size)


# ---------------------------------------------------------------- can it be leaned on?


def chance_estimates(
    found: Propensities | None, sample: Sample, *, replicates: int, level: float, seed: int, threads: int
) -> tuple[Estimate, ...]:
    r"""Overlap and fit of the estimated chances; intervals draw clusters, the chances stay as they are.

    `inspection_auc`: how well the chances tell who is visited. `chance_total`: :math:`\sum S/\pi` over the number of rows, one when the
    chances are right. `chance_slope`: slope of the log-odds of being seen on those of the chance (Cox 1958). `chance_under_limit`: share of rows that have
    practically no chance. `effective_rows`: :math:`(\sum w)^2/\sum w^2` of the seen rows (Kish 1965). Per band of the chance: `chance_band` share of all rows,
    `chance_band_seen` share of the seen ones, `chance_mean` and `chance_seen` (what was foretold, and what came true).
    """
    if found is None:
        return ()
    answers = replace(
        sample, visited=np.ones(len(sample.rows), np.uint8), finding=found.observed.astype(np.uint8), groupings=()
    )
    everyone, bands = [np.arange(len(sample.rows))], _bands(found.chance)
    fit = Calibration(everyone, (recalibration(found.chance, answers.finding),))
    columns = np.column_stack([np.ones_like(found.chance), found.observed, found.chance, found.weight])
    slices = [*everyone, *bands.values()]
    statistics: dict[str, Statistic] = {
        "ranks": rank_statistic(found.chance, cluster=sample.cluster, finding=answers.finding, slices=everyone),
        "fit": calibration_statistic(answers, found.chance, fit),
        "sums": sum_statistic(columns[concatenated(slices)[0]], cluster=sample.cluster, slices=slices),
    }
    numbers = resample(
        statistics, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )
    told = [*_of_fit(numbers, found, level), *_of_bands(numbers["sums"], tuple(bands), level)]
    return tuple(rounded(estimate) for estimate in told)


def _bands(chance: Floats) -> dict[str, Ints]:
    """Rows per band of the chance, bands without rows left out."""
    band = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
    names = [f"{low:g}-{high:g}" for low, high in pairwise(EDGES)]
    return {name: np.flatnonzero(band == i) for i, name in enumerate(names) if (band == i).any()}


def _of_fit(numbers: Mapping[str, Resampled], found: Propensities, level: float) -> Iterator[Estimate]:
    rows, seen = found.chance.size, int(found.observed.sum())
    why = "nobody_visited" if seen == 0 else "all_visited"
    figures = {
        "inspection_auc": numbers["ranks"][0, AUC],
        "chance_total": numbers["sums"][0, WEIGHT] / numbers["sums"][0, ROWS],
        "chance_slope": numbers["fit"][0, SLOPE],
    }
    for metric, number in figures.items():
        yield estimate_of(number, metric, About(), n=rows, level=level, why_not=why, share=False, method="sample")
    under = float((found.chance < found.limit).mean())
    yield exactly(under, "chance_under_limit", About(at=f"limit={found.limit:g}"), n=rows, method="sample")
    yield exactly(float(found.chance.min()), "chance_smallest", About(), n=rows, method="sample")
    if seen:
        yield exactly(equal_answers(found.weight), "effective_rows", About(), n=seen, method="sample")


def _of_bands(sums: Resampled, names: tuple[str, ...], level: float) -> Iterator[Estimate]:
    whole = sums[0]
    for i, name in enumerate(names, 1):
        band, about = sums[i], About(at=f"chance={name}")
        rows = band.point[ROWS]
        figures = {
            "chance_band": (band[ROWS] / whole[ROWS], whole.point[ROWS], True),
            "chance_band_seen": (band[SEEN] / whole[SEEN], whole.point[SEEN], True),
            "chance_mean": (band[CHANCE] / band[ROWS], rows, False),
            "chance_seen": (band[SEEN] / band[ROWS], rows, True),
        }
        for metric, (number, n, share) in figures.items():
            yield estimate_of(
                number, metric, about, n=n, level=level, why_not="nobody_visited", share=share, method="sample"
            )


def check_chances(estimates: tuple[Estimate, ...]) -> Iterator[Finding]:
    """TK114 and TK115, on the figures of `chance_estimates`."""
    by = {estimate.metric: estimate for estimate in estimates}
    under, total, slope = (by.get(metric) for metric in ("chance_under_limit", "chance_total", "chance_slope"))
    if under is None or under.value is None:
        yield Finding("TK114", "not_applicable", facts={"reason": "nothing_estimated"})
    else:
        facts: dict[str, str | int | float] = {
            "share": round(100 * under.value, 1) + 0.0,
            "limit": round(100 * float(at_of(under, "limit")), 2),
            "rows": under.n,
        }
        yield Finding("TK114", "found" if under.value >= NO_OVERLAP else "not_found", "", facts, (under.id,))
    if total is None or total.value is None or slope is None or slope.value is None:
        reason = "nothing_estimated" if total is None else total.note or "nobody_visited"
        yield Finding("TK115", "not_applicable", facts={"reason": reason})
        return
    facts = {"rows": total.n, "stand_for": round(total.value * total.n), "slope_ratio": round(slope.value, 2)}
    found = _off(total, FAR_OFF) or (_tells(by.get("inspection_auc")) and _off(slope, CROOKED))
    yield Finding("TK115", "found" if found else "not_found", "", facts, (total.id, slope.id))


def _tells(auc: Estimate | None) -> bool:
    """Whether the chances tell who is visited at all; where they do not, they hardly differ and their slope is noise."""
    return auc is not None and auc.low is not None and auc.low > 0.5


def _off(ratio: Estimate, margin: float) -> bool:
    """Whether a figure that should be one is not, beyond its interval and by more than a margin."""
    return (
        ratio.value is not None
        and ratio.low is not None
        and ratio.high is not None
        and abs(ratio.value - 1) > margin
        and not ratio.low <= 1 <= ratio.high
    )
