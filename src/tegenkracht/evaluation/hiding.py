"""What a list still finds when places change what is easy to change (Hardt, Megiddo, Papadimitriou & Wootters 2016, strategic classification)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, resample, sum_statistic
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, estimate_of
from tegenkracht.evaluation.sample import Sample

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {"TK310": "Most of what the list finds rests on indicators that are easy to change."}
EASY = 2
"""Manipulability from which an indicator is easy to change: a form, a sign on the door, an address on paper."""
MOST = 0.5
"""Share of what the list finds from which TK310 is found."""


def best_hidden(scores: Floats) -> Floats:
    """Per row and number of columns (0, 1, …), the lowest score within reach: a place hides no more than helps it. Falls along each row."""
    return np.asarray(np.minimum.accumulate(scores, axis=1))


def hiding_estimates(
    sample: Sample,
    model: str,
    reachable: Floats,
    *,
    hidden: Sequence[int],
    easy: int,
    share: float,
    capacity: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    """Recall and precision at capacity while some found places hide, the recall that is lost, and `yield_at_risk`.

    Lists are made again with the changed scores; the bootstrap draws clusters and keeps those lists.

    Parameters
    ----------
    reachable
        `best_hidden` scores of the found rows, in order of the sample: (found row, number of columns hidden).
    hidden
        How many columns are hidden; more than there are means all.
    easy
        How many columns are easy to change, in the same order of columns; 0 gives no `yield_at_risk`.
    share
        Part of the units with a found row that hide, drawn once: the same units for every number of columns.
    """
    found = np.flatnonzero(sample.finding)
    units, of_row = np.unique(sample.rows["unit_id"].to_numpy(dtype=str)[found], return_inverse=True)
    hides = np.random.default_rng([seed, 3]).random(units.size)[of_row] < share
    everybody = np.ones(found.size, bool)
    cases = [(f"capacity={capacity},hidden={m}", min(m, reachable.shape[1] - 1), hides) for m in hidden]
    cases += [("", easy, everybody)]
    listed = [listed_share(sample, sample.scores[model], capacity=capacity)]
    listed += [
        listed_share(sample, _changed(sample.scores[model], found, who, reachable[:, m]), capacity=capacity)
        for _, m, who in cases
    ]
    visited = np.flatnonzero(sample.visited)
    finding = sample.finding[visited].astype(np.float64)
    columns = [finding, *(part for one in listed for part in (one[visited] * finding, one[visited]))]
    statistic = sum_statistic(np.column_stack(columns), cluster=sample.cluster, slices=[visited])
    sums = resample(
        {"": statistic}, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )[""][0]
    told: list[Estimate] = []
    for i, (at, _, _) in enumerate(cases[:-1], 1):
        told += _with_hiding(sums, i, About(model, at=at), level=level)
    if easy:
        caught = sums[1]
        lost = (caught - sums[1 + 2 * len(cases)]) / caught
        told.append(
            estimate_of(
                lost,
                "yield_at_risk",
                About(model, at=f"capacity={capacity}"),
                n=float(caught.point),
                level=level,
                why_not="no_findings",
                share=True,
            )
        )
    return tuple(told)


def _changed(scores: Floats, found: NDArray[np.int64], who: NDArray[np.bool_], reachable: Floats) -> Floats:
    changed = scores.copy()
    changed[found[who]] = np.minimum(changed[found[who]], reachable[who])
    return changed


def _with_hiding(sums: Resampled, i: int, about: About, *, level: float) -> list[Estimate]:
    findings, caught, hits, visits = sums[0], sums[1], sums[1 + 2 * i], sums[2 + 2 * i]
    n = float(findings.point)
    return [
        estimate_of(hits / findings, "recall_when_hiding", about, n=n, level=level, why_not="no_findings", share=True),
        estimate_of(
            (caught - hits) / findings, "recall_lost", about, n=n, level=level, why_not="no_findings", share=False
        ),
        estimate_of(
            hits / visits,
            "precision_when_hiding",
            about,
            n=float(visits.point),
            level=level,
            why_not="nobody_visited",
            share=True,
        ),
    ]


def check_hiding(estimates: Sequence[Estimate], model: str, *, easy: int, minimum: int) -> Finding:
    """TK310: how much of what the list finds goes when every found place hides what is easy to change; no verdict on fewer findings than `minimum`."""
    if easy == 0:
        return Finding("TK310", "not_applicable", model, {"reason": "nothing_easy_to_change"})
    risk = next((e for e in estimates if e.metric == "yield_at_risk" and e.value is not None), None)
    if risk is None or risk.value is None:
        return Finding("TK310", "not_applicable", model, {"reason": "no_findings"})
    if risk.n < minimum:
        return Finding("TK310", "not_applicable", model, {"reason": "few_caught"}, (risk.id,))
    facts: dict[str, str | int | float] = {"share": round(100 * risk.value, 1), "columns": easy, "caught": risk.n}
    return Finding("TK310", "found" if risk.value >= MOST else "not_found", model, facts, (risk.id,))
