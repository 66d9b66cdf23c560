"""Do labels mean the same in every group: equal scores beside what visits found, per inspector and channel, and two looks at one place.

The design of Obermeyer, Powers, Vogeli & Mullainathan (Science 2019): among places with the same score, does a visit find as much in one group as in
another? A difference says that either the model or the label is not the same thing in both; which of the two, only a second look can say. So the same is
asked of other outcomes of a visit too: a heavy finding, and a finding before any appeal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import attribute_of, value_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.answers import Answers, answers_of, share_of_answers, told_of_clusters
from tegenkracht.evaluation.bootstrap import (
    Draw,
    Resampled,
    Statistic,
    concatenated,
    resample,
    sum_of_parts,
    sum_statistic,
)
from tegenkracht.evaluation.contrast import Contrast, errors_of, seen_together
from tegenkracht.evaluation.equal_strata import Beside, beside
from tegenkracht.evaluation.estimates import About, estimate_of, exactly, nothing, smallest_seen
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.sight import seen_again
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.evaluation.visited import Visited

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

CODES: Mapping[str, str] = {
    "TK212": "Places with equal scores have different findings in different groups.",
    "TK216": "Two inspectors who see the same place do not agree.",
}
GAP, CHANCE, DETECTABLE = "found_gap", "found_gap_chance", "found_gap_detectable"
EVERYTHING, EQUAL, EQUAL_LOT = "visits=all", "visits=all,same=score", "visits=lot,same=score"
SEVERE, BEFORE_APPEAL = f"{EQUAL},outcome=severe", f"{EQUAL},outcome=before_appeal"
SAME_INSPECTOR, SAME_CHANNEL = "visits=all,same=inspector", "visits=all,same=channel"
CHOSEN, MARGIN = "visits=chosen", "visits=margin"
FEWEST = 5
"""Findings that a group must be expected to have before a gap is given: with fewer its interval cannot be trusted."""
AGREES = 0.6
"""Kappa from which two looks are said to agree well (Landis & Koch 1977)."""
PAIRS = 30
"""Pairs of looks below which nothing is said of how well they agree."""


@dataclass(frozen=True)
class Form:
    """One way to compare groups: which visits, what they have in common with those that they are compared with (a code per visit), and what they found."""

    at: str
    visits: Flags
    stratum: Codes
    found: Floats


def forms(sample: Sample, visited: Visited, *, model: str, capacity: int, bands: int) -> tuple[Form, ...]:
    """All visits as they are; with equal scores, also of those by lot and of other outcomes that the tables tell; of one inspector; by one channel; chosen visits; and
    at the end of the list.
    """
    everyone = np.ones(visited.row.size, bool)
    nothing_shared = np.zeros(visited.row.size, np.int64)
    place = _places(sample, sample.scores[model], visited.row)
    score = band_of(sample.scores[model][visited.row], sample.fold[visited.row], bands=bands)
    margin = (place > capacity / 2) & (place <= 1.5 * capacity)
    found = visited.positive
    others = [(SEVERE, visited.severe), (BEFORE_APPEAL, visited.before_appeal)]
    return (
        Form(EVERYTHING, everyone, nothing_shared, found),
        Form(EQUAL, everyone, score, found),
        Form(EQUAL_LOT, visited.by_lot, score, found),
        *(Form(at, everyone, score, outcome) for at, outcome in others if outcome is not None),
        Form(SAME_INSPECTOR, everyone, pd.factorize(visited.inspector)[0].astype(np.int64), found),
        Form(SAME_CHANNEL, everyone, pd.factorize(visited.channel)[0].astype(np.int64), found),
        Form(CHOSEN, ~visited.by_lot, nothing_shared, found),
        Form(MARGIN, margin, nothing_shared, found),
    )


def band_of(score: Floats, fold: NDArray[np.integer], *, bands: int) -> Codes:
    """Bands of equal numbers of visits within each fold, from low to high; equal scores share a band."""
    out = np.zeros(score.size, np.int64)
    for f in np.unique(fold):
        rows = fold == f
        share = pd.Series(score[rows]).rank(pct=True, method="min").to_numpy()
        out[rows] = f * bands + np.minimum(np.floor((share - 1e-12) * bands), bands - 1).astype(np.int64)
    return out


def _places(sample: Sample, score: Floats, rows: Codes) -> Floats:
    """Place of some rows on their list, from 1; equal scores share the middle of their places."""
    out, of_row = np.empty(rows.size), sample.lists[rows]
    for number, members in enumerate(sample.list_slices):
        asked = np.flatnonzero(of_row == number)
        ordered, own = np.sort(-score[members]), -score[rows[asked]]
        ends = [np.searchsorted(ordered, own, side=side) for side in ("left", "right")]
        out[asked] = (ends[0] + ends[1] + 1) / 2
    return out


def gap_statistic(
    positive: Floats, stratum: Codes, chosen: Sequence[Contrast], rows: Codes, cluster: NDArray[np.int32]
) -> Statistic:
    r"""Of each contrast: share found in the group, in the rest, and the difference at equal strata; shape (replicate, contrast, 3).

    The difference is Mantel & Haenszel's: :math:`\sum_b w_b (p_{1b} - p_{0b}) / \sum_b w_b` with
    :math:`w_b = n_{1b} n_{0b} / (n_{1b} + n_{0b})`, which holds when strata are many and thin (Greenland & Robins 1985).

    Parameters
    ----------
    positive, stratum, rows
        Per visit.
    chosen
        Groups, by row of the sample.
    """
    strata = np.unique(stratum, return_inverse=True)[1]
    count = int(strata.max(initial=-1)) + 1
    sides = [np.flatnonzero(side[rows]) for contrast in chosen for side in (contrast.member, contrast.rest)]
    together, starts = concatenated(sides)
    contrast, side = np.divmod(np.repeat(np.arange(len(sides)), np.diff(starts)), 2)
    sums = sum_of_parts(
        np.array([np.ones(together.size), positive[together]]).T,
        cluster=cluster[rows[together]],
        part=(contrast * count + strata[together]) * 2 + side,
        parts=len(sides) * count,
    )

    def statistic(draw: Draw) -> Floats:
        table = sums(draw).reshape(len(draw.counts), len(chosen), count, 2, 2)
        n, x = table[..., 0], table[..., 1]
        shares = over(x.sum(2), n.sum(2))
        both = n.sum(3)
        weighed = over(x[..., 0] * n[..., 1] - x[..., 1] * n[..., 0], both, none=0.0).sum(2)
        weight = over(n[..., 0] * n[..., 1], both, none=0.0).sum(2)
        return np.concatenate([shares, over(weighed, weight)[..., None]], axis=-1)

    return statistic


def gap_estimates(
    sample: Sample,
    visited: Visited,
    chosen: Sequence[Contrast],
    *,
    model: str,
    capacity: int,
    bands: int,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """Per form and group `found_share`, `found_gap` with the rest, the smallest gap that could be shown and its chance among all groups; per form that of the widest."""
    asked = [f for f in forms(sample, visited, model=model, capacity=capacity, bands=bands) if chosen]
    enough = {form.at: [c for c in chosen if not _why_not(form, visited, c, minimum)] for form in asked}
    statistics = {
        form.at: gap_statistic(
            form.found[form.visits],
            form.stratum[form.visits],
            enough[form.at],
            visited.row[form.visits],
            sample.cluster,
        )
        for form in asked
        if enough[form.at]
    }
    numbers = resample(
        statistics, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )
    for form in asked:
        of_model = model if form.at in (EQUAL, EQUAL_LOT, SEVERE, BEFORE_APPEAL, MARGIN) else ""
        method: Method = "audit" if form.at == EQUAL_LOT else "labelled"
        for contrast in chosen:
            if reason := _why_not(form, visited, contrast, minimum):
                about = About(of_model, group=contrast.group, at=form.at)
                yield nothing(reason, GAP, about, n=0, method=method)
        if enough[form.at]:
            both = [_beside(form, visited, contrast, sample.cluster) for contrast in enough[form.at]]
            yield from _told(form, numbers[form.at], both, enough[form.at], visited, of_model, method, level)


def _beside(form: Form, visited: Visited, contrast: Contrast, cluster: NDArray[np.int32]) -> Beside | None:
    """A group and the rest at equal strata; None when no stratum has visits of both."""
    on = np.flatnonzero(_on(form, visited, contrast.member | contrast.rest))
    row, stratum = visited.row[on], np.unique(form.stratum[on], return_inverse=True)[1].astype(np.int64)
    return beside(form.found[on], stratum, contrast.member[row], cluster[row].astype(np.int64))


def _on(form: Form, visited: Visited, side: Flags) -> Flags:
    """The visits of a form that are on one side."""
    return form.visits & side[visited.row]


def _why_not(form: Form, visited: Visited, contrast: Contrast, minimum: int) -> str:
    """Why a group is not compared: fewer visits than the minimum, or too few findings to be expected among them."""
    sides = [_on(form, visited, side) for side in (contrast.member, contrast.rest)]
    visits = [int(side.sum()) for side in sides]
    if not sum(visits):
        return "no_outcomes"
    expected = form.found[sides[0] | sides[1]].mean() * min(visits)
    return "base_under_minimum" if min(visits) < minimum or expected < FEWEST else ""


def _told(
    form: Form,
    number: Resampled,
    both: Sequence[Beside | None],
    chosen: Sequence[Contrast],
    visited: Visited,
    model: str,
    method: Method,
    level: float,
) -> Iterator[Estimate]:
    freedom = np.array([1.0 if b is None else b.freedom for b in both])
    errors = errors_of(number[:, 2], freedom).tolist()
    known = [None if b is None else b.at_least(error) for b, error in zip(both, errors, strict=True)]
    chances = np.array([1.0 if b is None else b.chance for b in known])
    together = seen_together(number[:, 2], freedom=freedom, level=level, chances=chances)
    why_not = "base_under_minimum"
    for j, (contrast, b) in enumerate(zip(chosen, known, strict=True)):
        about = About(model, group=contrast.group, at=form.at)
        n = int(_on(form, visited, contrast.member).sum())
        yield estimate_of(
            number[j, 0], "found_share", about, n=n, level=level, why_not=why_not, share=True, method=method
        )
        gap = estimate_of(number[j, 2], GAP, about, n=n, level=level, why_not=why_not, share=False, method=method)
        if b is None or gap.low is None:
            yield gap
            continue
        low, high = b.interval(level=level)
        yield replace(gap, low=low, high=high)
        yield smallest_seen(b.smallest(float(together.critical[j])), DETECTABLE, about, n=n, method=method)
        if math.isfinite(together.corrected[j]):
            yield exactly(float(together.corrected[j]), CHANCE, about, n=n, method=method)
    if math.isfinite(together.chance):
        yield exactly(together.chance, CHANCE, About(model, at=form.at), n=int(form.visits.sum()), method=method)


def by_whom(
    sample: Sample, visited: Visited, chosen: Sequence[Contrast], *, minimum: int, level: float
) -> Iterator[Estimate]:
    """`found_share` of each group per inspector and per channel, with Wilson's interval at what its visits are worth.

    Visits of one cluster are alike, as much in every cell (`answers_of`): an inspector with few strips says little of how much. That is known with as many degrees
    of freedom as clusters carry visits (Korn & Graubard 1998). Cells under the minimum are withheld, and with just one of an attribute the next smallest too: all
    visits of a channel are told elsewhere.
    """
    members = np.array([contrast.member[visited.row] for contrast in chosen]).reshape(len(chosen), -1)
    attributes = np.array([contrast.attribute for contrast in chosen])
    told = told_of_clusters(sample.cluster[visited.row[members.any(axis=0)]].astype(np.int64), level=level)
    for column, of_visit in (("inspector", visited.inspector), ("channel", visited.channel)):
        names, name = np.unique(of_visit, return_inverse=True)
        cells = _cells(members, name, len(names), visited, sample.cluster)
        sizes = cells.count.astype(np.int64).reshape(len(chosen), len(names))
        hidden = np.zeros(sizes.shape, bool)
        for attribute in np.unique(attributes):
            of = attributes == attribute
            hidden[of] = np.array([too_small(sizes[of, i], minimum=minimum) for i in range(len(names))]).T
        for i, j in np.ndindex(*sizes.T.shape):
            about, cell = About(group=chosen[j].group, at=f"{column}={names[i]}"), j * len(names) + i
            if hidden[j, i]:
                yield nothing("base_under_minimum", "found_share", about, n=0)
            elif not sizes[j, i]:
                yield nothing("no_outcomes", "found_share", about, n=0)
            else:
                yield share_of_answers(cells, cell, "found_share", about, told=told, level=level)


def _cells(members: Flags, name: Codes, names: int, visited: Visited, cluster: NDArray[np.int32]) -> Answers:
    """Visits of each group per inspector or channel (group and name, by number): a visit is one answer in a group of every attribute."""
    group, visit = np.nonzero(members)
    return answers_of(
        group=group * names + name[visit],
        groups=len(members) * names,
        cluster=cluster[visited.row[visit]].astype(np.int64),
        once=visit,
        yes=visited.positive[visit],
        weight=np.ones(visit.size),
    )


# ---------------------------------------------------------------- two looks at one place


@dataclass(frozen=True)
class Looks:
    """Pairs of visits to one place, close in time, by different inspectors: the row of the first, and what each found."""

    row: Codes
    first: Floats
    second: Floats


def second_looks(visited: Visited, sample: Sample, *, within_days: int) -> Looks:
    """Each visit with the next one to the same unit, when that is by somebody else and within so many days (`sight.seen_again`)."""
    unit = sample.unit[visited.row]
    order = np.lexsort((visited.on, unit))
    pairs = seen_again(unit[order], visited.on[order], visited.inspector[order], within_days=within_days)
    one, two = order[pairs], order[pairs + 1]
    return Looks(visited.row[one], visited.positive[one], visited.positive[two])


def agreement_statistic(looks: Looks, sides: Sequence[Flags], cluster: NDArray[np.int32]) -> Statistic:
    """Per side Cohen's kappa (1960), and how often one look finds something when the other did; shape (replicate, side, 2)."""
    slices = [np.flatnonzero(side[looks.row]) for side in sides]
    rows = np.concatenate(slices)
    a, b = looks.first[rows], looks.second[rows]
    sums = sum_statistic(np.column_stack([np.ones(rows.size), a, b, a * b]), cluster=cluster[looks.row], slices=slices)

    def statistic(draw: Draw) -> Floats:
        n, first, second, both = np.moveaxis(sums(draw), -1, 0)
        by_chance = over(first * second + (n - first) * (n - second), n**2)
        equal = over(n - first - second + 2 * both, n)
        kappa = over(equal - by_chance, 1 - by_chance)
        return np.stack([kappa, over(2 * both, first + second)], axis=-1)

    return statistic


def agreement_estimates(
    looks: Looks,
    sample: Sample,
    chosen: Sequence[Contrast],
    *,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """`kappa` and `found_again` of all pairs and of each group, and the gap in `found_again` with the rest.

    `found_again` follows how much a visit detects and hardly how much there is to find: a gap in it points to the label, not to the places.
    """
    everyone = np.ones(len(sample.rows), bool)
    sides = [("", everyone)] + [(c.group, c.member) for c in chosen]
    others = [everyone, *(c.rest for c in chosen)]
    pairs = [int(side[looks.row].sum()) for _, side in sides]
    if looks.row.size < PAIRS:
        yield nothing("few_second_looks", "kappa", About(), n=looks.row.size)
        return
    flags = [side for _, side in sides] + others
    number = resample(
        {"": agreement_statistic(looks, flags, sample.cluster)},
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )[""]
    found = looks.first + looks.second > 0
    for j, (group, side) in enumerate(sides):
        about, n = About(group=group), pairs[j]
        again = int(found[side[looks.row]].sum())
        rest = int(found[others[j][looks.row]].sum())
        for which, metric in ((0, "kappa"), (1, "found_again")):
            if min(n, again) < minimum:
                yield nothing("base_under_minimum", metric, about, n=0)
            else:
                yield estimate_of(number[j, which], metric, about, n=n, level=level, why_not="one_class", share=False)
        if group:
            gap = number[j, 1] - number[len(sides) + j, 1]
            if min(again, rest) < minimum:
                yield nothing("base_under_minimum", "found_again_gap", about, n=0)
            else:
                yield estimate_of(gap, "found_again_gap", about, n=n, level=level, why_not="one_class", share=False)


# ---------------------------------------------------------------- what it says


def check_labels(estimates: Iterable[Estimate], *, model: str, level: float) -> Iterator[Finding]:
    """TK212 on all visits and on visits by lot, and TK216."""
    estimates = tuple(estimates)
    for at, by in ((EQUAL, "every_visit"), (EQUAL_LOT, "lot")):
        yield _gap(estimates, at, by, model, level)
    kappa = next((e for e in estimates if e.metric == "kappa" and not e.group), None)
    if kappa is None or kappa.value is None or kappa.low is None or kappa.high is None:
        yield Finding("TK216", "not_applicable", facts={"reason": kappa.note if kappa is not None else "no_outcomes"})
        return
    facts: dict[str, str | int | float] = {
        "pairs": kappa.n,
        "kappa": round(kappa.value, 2),
        "low": round(kappa.low, 2),
        "high": round(kappa.high, 2),
    }
    yield Finding("TK216", "found" if kappa.high < AGREES else "not_found", "", facts, (kappa.id,))


def _gap(estimates: Sequence[Estimate], at: str, by: str, model: str, level: float) -> Finding:
    """The widest gap at equal scores, found when chance alone gives one so wide in fewer than 1 - level of all draws."""
    gaps = [e for e in estimates if e.metric == GAP and e.at == at and e.value is not None and e.low is not None]
    chance = next((e for e in estimates if e.metric == CHANCE and e.at == at and not e.group), None)
    if not gaps or chance is None or chance.value is None:
        return Finding("TK212", "not_applicable", model, {"by": by, "reason": _reason(estimates, at)})
    detectable = {e.group: e for e in estimates if e.metric == DETECTABLE and e.at == at}
    widest = max(gaps, key=lambda e: abs(e.value or 0.0) / (detectable[e.group].value or 1.0))
    seen, smallest = chance.value < 1 - level, detectable[widest.group].value
    facts: dict[str, str | int | float] = {
        "by": by if seen or smallest is not None else f"{by}_none",
        "attribute": attribute_of(widest.group),
        "group": value_of(widest.group),
        "gap": points(widest.value),
        "low": points(widest.low),
        "high": points(widest.high),
        "looked_at": len(gaps),
    }
    if smallest is not None:
        facts["smallest"] = points(smallest)
    ids = (widest.id, chance.id, detectable[widest.group].id)
    return Finding("TK212", "found" if seen else "not_found", model, facts, ids)


def _reason(estimates: Sequence[Estimate], at: str) -> str:
    return next((e.note for e in estimates if e.metric == GAP and e.at == at and e.note), "no_outcomes")
