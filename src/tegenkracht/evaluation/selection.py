"""Where people looked before any model was asked: who was visited, when, by whom and why, and what they found there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.answers import answers_of, share_of_answers, told_of_clusters
from tegenkracht.evaluation.crossings import SECTOR, areas_of
from tegenkracht.evaluation.estimates import About, count_of, nothing
from tegenkracht.evaluation.sample import UNKNOWN, Sample, grouping_of

CELLS = ("channel", "inspector")
"""What visits are counted by."""
FEW_AREAS = 10
RANKS = {"tenth": 0.1, "middle": 0.5, "ninetieth": 0.9}
"""Areas that are shown of a hundred, in order of how much of them is visited."""


def scheduled_visits(scores: Scores) -> pd.DataFrame:
    """The visits behind the outcomes when every row is a visit that was scheduled: `row_id`, `channel`, `inspector`, `finding`."""
    rows = scores.of(scores.models[0])
    seen = rows.loc[rows["observed"], ["row_id", "channel", "inspector", "outcome"]]
    return seen.assign(finding=seen["outcome"] == 1).drop(columns="outcome").reset_index(drop=True)


def selection_ledger(sample: Sample, visits: pd.DataFrame | None, *, minimum: int, level: float) -> Iterator[Estimate]:
    """Counts of rows, outcomes and findings: in all, per fold, per as-of date, and per channel and inspector of the visits.

    Shares found have Wilson's interval at what their visits are worth: those to one cluster are alike (`answers_of`), which is known with as many degrees of
    freedom as clusters carry visits (Korn & Graubard 1998).

    Parameters
    ----------
    visits
        One row per visit that gave a test row its outcome: `row_id`, `channel`, `inspector` (may be null) and `finding`; None when not known.
    minimum
        Findings and finding rates that rest on fewer outcomes than this are withheld.
    """
    yield from _units(sample)
    for s, split in enumerate(sample.splits):
        chosen = sample.fold == s if s < len(sample.folds) else np.ones(len(sample.rows), bool)
        yield from _counts(sample, chosen, About(split=split), minimum=1)
    dates, date = np.unique(sample.rows["as_of"].to_numpy(), return_inverse=True)
    seen = np.flatnonzero(sample.visited)
    abouts = [About(at=f"as_of={pd.Timestamp(day):%Y-%m-%d}") for day in dates]
    rates = list(_rates(sample, seen, date[seen], abouts, sample.finding[seen] == 1, minimum=minimum, level=level))
    for d, (about, rate) in enumerate(zip(abouts, rates, strict=True)):
        yield from _counts(sample, date == d, about, minimum=minimum)
        yield rate
    yield from _by_sector(sample, minimum=minimum)
    yield from _by_area(sample, minimum=minimum)
    if visits is not None:
        for column in CELLS:
            yield from _cells(sample, visits, column, minimum=minimum, level=level)


def _units(sample: Sample) -> Iterator[Estimate]:
    """How many units there are, how many the bootstrap draws, and how many nobody ever visited."""
    visited = sample.rows.groupby("unit_id")["observed"].any()
    yield count_of(visited.size, "units", About())
    yield count_of(sample.clusters, "clusters", About())
    yield count_of(float((~visited).mean()), "never_inspected", About(), n=visited.size)


def _counts(sample: Sample, chosen: NDArray[np.bool_], about: About, *, minimum: int) -> Iterator[Estimate]:
    rows, observed, positives = int(chosen.sum()), int(sample.visited[chosen].sum()), int(sample.finding[chosen].sum())
    yield count_of(rows, "rows", about)
    yield count_of(observed, "observed", about)
    yield (
        count_of(positives, "positives", about, n=observed)
        if observed >= minimum
        else _withheld("positives", about, observed, method="count")
    )
    yield count_of(observed / rows, "inspected_share", about, n=rows)


def _by_sector(sample: Sample, *, minimum: int) -> Iterator[Estimate]:
    """Share of rows that somebody went to, per sector of enough places."""
    sectors = grouping_of(sample.rows, SECTOR, sample.unit)
    hidden = sectors.withheld(minimum=minimum)
    visits = np.bincount(sectors.of_row, sample.visited, minlength=len(sectors.values))
    for value, (seen, n) in enumerate(zip(visits, sectors.sizes, strict=True)):
        about = About(group=sectors.name(value))
        if hidden[value]:
            yield nothing("group_under_minimum", "inspected_share", about, n=0, method="count")
        else:
            yield count_of(float(seen / n), "inspected_share", about, n=n)


def _by_area(sample: Sample, *, minimum: int) -> Iterator[Estimate]:
    """How unequal areas are visited: the share of rows that somebody went to in the area at each of some ranks, and areas where nobody went.

    Areas of fewer places than the minimum are left out: their share says little and could name a place.
    """
    areas = areas_of(sample)
    known = [v for v, name in enumerate(areas.values) if name != UNKNOWN and areas.places[v] >= minimum]
    shares = np.sort(np.bincount(areas.of_row, sample.visited, minlength=len(areas.values))[known] / areas.sizes[known])
    if shares.size < FEW_AREAS:
        reason = "few_areas" if shares.size else "base_under_minimum"
        yield nothing(reason, "inspected_share", About(at="area=middle"), n=shares.size, method="count")
        return
    for name, rank in RANKS.items():
        share = float(np.quantile(shares, rank, method="nearest"))
        yield count_of(share, "inspected_share", About(at=f"area={name}"), n=shares.size)
    yield count_of(float((shares == 0).mean()), "areas_without_visits", About(), n=shares.size)


def _cells(sample: Sample, visits: pd.DataFrame, column: str, *, minimum: int, level: float) -> Iterator[Estimate]:
    """Visits and finding rate per value of a column of the visits."""
    named = visits[column].astype(object).where(visits[column].notna(), UNKNOWN)
    names, name = np.unique(named.to_numpy(dtype=str), return_inverse=True)
    abouts = [About(group=f"{column}={value}") for value in names]
    rows = pd.Index(sample.rows["row_id"]).get_indexer(visits["row_id"])
    found = visits["finding"].to_numpy(dtype=bool)
    rates = _rates(sample, rows, name, abouts, found, minimum=minimum, level=level)
    for about, rate, n in zip(abouts, rates, np.bincount(name), strict=True):
        yield count_of(float(n), "visits", about)
        yield rate


def _rates(
    sample: Sample,
    rows: NDArray[np.int64],
    part: NDArray[np.int64],
    abouts: Sequence[About],
    found: NDArray[np.bool_],
    *,
    minimum: int,
    level: float,
) -> Iterator[Estimate]:
    """Finding rate of each part of the visits.

    Parameters
    ----------
    rows, part, found
        Per visit the row of the sample that it is about, the number of its part, and whether something was found.
    """
    cluster = sample.cluster[rows].astype(np.int64)
    answers = answers_of(
        group=part,
        groups=len(abouts),
        cluster=cluster,
        once=np.arange(rows.size),
        yes=found.astype(float),
        weight=np.ones(rows.size),
    )
    told = told_of_clusters(cluster, level=level)
    for i, about in enumerate(abouts):
        if (n := int(answers.count[i])) < minimum:
            yield _withheld("finding_rate", about, n, method="labelled")
        else:
            yield share_of_answers(answers, i, "finding_rate", about, told=told, level=level)


def _withheld(metric: str, about: About, n: int, *, method: Method) -> Estimate:
    return nothing("base_under_minimum" if n else "no_outcomes", metric, about, n=n, method=method)
