r"""The outcome test and the threshold test: is one group visited at a lower chance of a finding than another?

The outcome test compares how often a visit finds something. It errs when groups differ in how much there is to find, even if the threshold for a visit
is the same for all (infra-marginality; Ayres 2002). The threshold test estimates the thresholds themselves, from how often each group is visited and how
often a visit finds something, over several areas: Simoiu, Corbett-Davies & Goel, Annals of Applied Statistics 2017; with the discriminant
distributions of Pierson, Corbett-Davies & Goel, AISTATS 2018. `threshold_posterior` has the model, `thresholds` the fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from tegenkracht.core.conditions import at_of, attribute_of, value_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.bootstrap import numbered
from tegenkracht.evaluation.estimates import About, exactly, nothing, smallest_seen
from tegenkracht.evaluation.label_audit import CHOSEN, GAP
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.thresholds import Decisions, Thresholds, fit_thresholds
from tegenkracht.evaluation.visited import Visited

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CODES: Mapping[str, str] = {
    "TK213": "Groups are not visited at the same chance of a finding.",
    "TK214": "Hit rates and thresholds point different ways.",
}
THRESHOLD, THRESHOLD_GAP, THRESHOLD_Z = "visit_threshold", "visit_threshold_gap", "visit_threshold_errors"
THRESHOLD_DETECTABLE, THRESHOLD_CHANCE = "visit_threshold_detectable", "visit_threshold_gap_chance"
FEWEST = 10
"""Findings per group below which no threshold is fitted."""
SIGNAL = 0.2
"""Part of what the prior leaves open about the signal that decisions must have taken away in both groups, before their thresholds are set side by side."""


def decisions_of(sample: Sample, visited: Visited, grouping: Grouping, groups: Ints, *, areas: int) -> Decisions:
    """Rows of some groups as decisions to visit: chosen visits only, for visits by lot have no threshold.

    Areas are cut, in order of their code, into bands of about as many rows.

    Parameters
    ----------
    groups
        Numbers of the groups, as in the grouping; they become 0, 1, …
    """
    place = np.full(len(grouping.values), -1, np.int64)
    place[groups] = np.arange(groups.size)
    kept = np.flatnonzero(place[grouping.of_row] >= 0)
    keys = place[grouping.of_row[kept]], _bands_of_area(sample, areas)[kept], sample.cluster[kept]
    numbers, line = numbered(np.ravel_multi_index(keys, (groups.size, areas, sample.clusters)))
    lines = np.unravel_index(numbers, (groups.size, areas, sample.clusters))
    found, came = (column[kept] for column in _came(sample, visited))
    counts = [np.bincount(line, column, minlength=numbers.size) for column in (found, came - found, 1 - came)]
    return Decisions(np.array(counts, np.float64).T, lines[0], lines[1], np.unique(lines[2], return_inverse=True)[1])


def _came(sample: Sample, visited: Visited) -> tuple[Floats, Floats]:
    """Of each row, whether a chosen visit found something, and whether there was one."""
    chosen = visited.row[~visited.by_lot]
    found, came = np.zeros(len(sample.rows)), np.zeros(len(sample.rows))
    found[chosen[visited.positive[~visited.by_lot] > 0]] = 1
    came[chosen] = 1
    return found, came


@lru_cache(maxsize=2)
def _bands_of_area(sample: Sample, areas: int) -> Ints:
    """The band of areas that each row lies in, as `decisions_of` cuts them; those of the last two samples are kept."""
    code = np.asarray(pd.factorize(sample.rows["area_code"].astype(str), sort=True)[0], np.int64)
    before = np.cumsum(np.bincount(code)) - np.bincount(code)
    return numbered(np.floor(before[code] / code.size * areas).astype(np.int64))[1]


def threshold_estimates(
    sample: Sample,
    visited: Visited | None,
    *,
    areas: int,
    minimum: int,
    level: float,
    unknown: str,
) -> Iterator[Estimate]:
    """`visit_threshold` of each group; its distance to the largest group, in points and in standard errors of log-odds, with its chance among all of them (Bonferroni);
    the smallest distance that would show either way.

    `visited` is None when every row was scheduled: then nobody chose whom to visit, and there is no threshold.
    """
    fits: list[tuple[Thresholds, Grouping, Ints]] = []
    for grouping in sample.groupings:
        hidden = grouping.withheld(minimum=minimum)
        known = [v for v, name in enumerate(grouping.values) if name != unknown and not hidden[v]]
        if visited is None:
            yield nothing("scheduled", THRESHOLD, About(group=f"{grouping.attribute}="), n=0)
            continue
        of_visit = grouping.of_row[visited.row[~visited.by_lot]]
        found = np.bincount(of_visit, visited.positive[~visited.by_lot], minlength=len(grouping.values))
        groups = np.array([v for v in known if found[v] >= FEWEST], np.int64)
        for value in known:
            if value not in groups:
                about = About(group=grouping.name(value))
                yield nothing("base_under_minimum", THRESHOLD, about, n=0)
        if groups.size >= 2:
            fits.append(
                (fit_thresholds(decisions_of(sample, visited, grouping, groups, areas=areas)), grouping, groups)
            )
    needed = needed_errors(sum(groups.size - 1 for _, _, groups in fits), level=level)
    told = [e for fit, grouping, groups in fits for e in _told(fit, grouping, groups, level, needed)]
    yield from told
    yield from chances_of_gaps(told)


def chances_of_gaps(estimates: Iterable[Estimate]) -> Iterator[Estimate]:
    """How often chance alone gives a difference of so many standard errors, corrected for how many are looked at (Bonferroni), as TK213 counts."""
    errors = [(e.value, e) for e in estimates if e.metric == THRESHOLD_Z and e.value is not None]
    for far, e in errors:
        chance = min(len(errors) * math.erfc(abs(far) / math.sqrt(2)), 1.0)
        yield exactly(chance, THRESHOLD_CHANCE, About(group=e.group, at=e.at), n=e.n, method="labelled")


def needed_errors(gaps: int, *, level: float) -> float:
    """How many standard errors a gap must be from zero when so many are looked at (Bonferroni)."""
    return reach_of(1 - (1 - level) / max(gaps, 1))


def _told(fit: Thresholds, grouping: Grouping, groups: Ints, level: float, needed: float) -> Iterator[Estimate]:
    z = reach_of(level)
    reference = int(np.argmax(grouping.sizes[groups]))
    share = expit(fit.value)
    for g, value in enumerate(groups):
        name, n = grouping.name(int(value)), int(grouping.sizes[value])
        about = About(group=name, at=f"versus={grouping.values[groups[reference]]}")
        if min(fit.signal[g], fit.signal[reference]) < SIGNAL:
            yield nothing("signal_not_known", THRESHOLD, About(group=name), n=n)
            if g != reference:
                yield nothing("signal_not_known", THRESHOLD_GAP, about, n=n)
            continue
        own = fit.alone(g, errors=z)
        low, high = float(expit(own.low)), float(expit(own.high))
        yield Estimate("", THRESHOLD, float(share[g]), low, high, n=n, method="labelled", level=level, group=name)
        if g == reference:
            continue
        gap = fit.gap(g, reference, errors=z)
        low, high = (float(expit(fit.value[reference] + by) - share[reference]) for by in (gap.low, gap.high))
        point = float(share[g] - share[reference])
        yield Estimate(
            "", THRESHOLD_GAP, point, low, high, n=n, method="labelled", level=level, group=name, at=about.at
        )
        yield exactly(gap.errors, THRESHOLD_Z, about, n=n, method="labelled")
        yield _smallest(fit, g, reference, about, n, needed)


def _smallest(fit: Thresholds, group: int, reference: int, about: About, n: int, needed: float) -> Estimate:
    """The smallest difference that would show whichever way it points; the reason where none would."""
    ends = fit.detectable(group, reference, errors=needed)
    at, widest = float(fit.value[reference]), None
    if all(math.isfinite(end) for end in ends):
        widest = max(abs(float(expit(at + end) - expit(at))) for end in ends)
    return smallest_seen(widest, THRESHOLD_DETECTABLE, about, n=n)


def check_thresholds(estimates: Iterable[Estimate], *, level: float) -> Iterator[Finding]:
    """TK213: the clearest difference in threshold of all groups together. TK214: whether hit rates and thresholds point the same way."""
    estimates = tuple(estimates)
    errors = [(e.value, e) for e in estimates if e.metric == THRESHOLD_Z and e.value is not None]
    gaps = {(e.group, e.at): e for e in estimates if e.metric == THRESHOLD_GAP}
    if not errors:
        reasons = [e.note for e in estimates if e.metric == THRESHOLD and e.note]
        reason = "signal_not_known" if "signal_not_known" in reasons else next(iter(reasons), "no_audit_attributes")
        for code in CODES:
            yield Finding(code, "not_applicable", facts={"reason": reason})
        return
    needed = needed_errors(len(errors), level=level)
    far, clearest = max(errors, key=lambda pair: abs(pair[0]))
    gap = gaps[clearest.group, clearest.at]
    facts: dict[str, str | int | float] = {
        "attribute": attribute_of(clearest.group),
        "group": value_of(clearest.group),
        "reference_group": at_of(clearest, "versus"),
        "gap": points(gap.value),
        "low": points(gap.low),
        "high": points(gap.high),
        "looked_at": len(errors),
    }
    yield Finding("TK213", "found" if abs(far) > needed else "not_found", "", facts, (gap.id, clearest.id))
    yield from _disagree(estimates, errors, level)


def _disagree(estimates: tuple[Estimate, ...], errors: list[tuple[float, Estimate]], level: float) -> Iterator[Finding]:
    """TK214: hit rates differ and thresholds do not, or they differ the other way; the clearest hit rate of all groups that are looked at."""
    hits = {e.group: e for e in estimates if e.metric == GAP and e.at == CHOSEN and e.low is not None}
    both = [(z, e, hits[e.group]) for z, e in errors if e.group in hits]
    if not both:
        yield Finding("TK214", "not_applicable", facts={"reason": "base_under_minimum"})
        return
    needed = {"hit": needed_errors(len(both), level=level), "threshold": needed_errors(len(errors), level=level)}
    clearest_first = sorted(both, key=lambda of: -abs(_errors(of[2])))
    apart = [
        (z, e, hit)
        for z, e, hit in clearest_first
        if (way := _way(_errors(hit), needed["hit"])) and way != _way(z, needed["threshold"])
    ]
    _, e, hit = (apart or clearest_first)[0]
    facts: dict[str, str | int | float] = {
        "attribute": attribute_of(e.group),
        "group": value_of(e.group),
        "gap": points(hit.value),
        "low": points(hit.low),
        "high": points(hit.high),
        "looked_at": len(both),
    }
    yield Finding("TK214", "found" if apart else "not_found", "", facts, (hit.id, e.id))


def _errors(gap: Estimate) -> float:
    """How many standard errors a gap is from zero, by how far its interval reaches towards zero."""
    if gap.value is None or gap.low is None or gap.high is None or gap.level is None:
        return 0.0
    reach = gap.value - gap.low if gap.value > 0 else gap.high - gap.value
    return reach_of(gap.level) * gap.value / reach if reach > 0 else 0.0


def _way(errors: float, needed: float) -> int:
    """Which way a gap so many standard errors from zero points; 0 when it is not shown."""
    return int(np.sign(errors)) if abs(errors) > needed else 0
