"""The subgroup that stands out most, and whether it still does once it is counted how many were looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import About, count_of, exactly, nothing
from tegenkracht.evaluation.sample import Grouping

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CODES: Mapping[str, str] = {"TK215": "A subgroup stands out, also when it is counted how many were looked at."}
GAP, CHANCE, SEARCHED = "subgroup_gap", "subgroup_chance", "subgroups_searched"
JOINED = " & "
"""Between the two values of a subgroup."""
CLUSTERS = 10
"""Clusters that a subgroup, and what it is compared with, have at least: with fewer, chance cannot be told from a cluster."""


@dataclass(frozen=True)
class Subgroup:
    """Rows with one value, or two values of two attributes."""

    name: str
    member: Flags


@dataclass(frozen=True)
class Worst:
    """The subgroup that stands out most.

    `gap` with all other rows, `low` and `high` an interval that holds for all subgroups that were searched together; `chance` how often chance
    alone gives one that stands out so far.
    """

    name: str
    n: int
    gap: float
    low: float
    high: float
    chance: float


def subgroups(groupings: Sequence[Grouping], *, minimum: int, unknown: str) -> Iterator[Subgroup]:
    """Every value and every pair of values of two attributes, on at least `minimum` rows."""
    single = [
        [(g.name(v), g.of_row == v) for v, name in enumerate(g.values) if name != unknown and g.sizes[v] >= minimum]
        for g in groupings
    ]
    n = groupings[0].of_row.size if groupings else 0
    for values in single:
        for name, member in values:
            if member.sum() < n:
                yield Subgroup(name, member)
    for one, two in combinations(single, 2):
        for (name, member), (other, others) in ((a, b) for a in one for b in two):
            both = member & others
            if minimum <= both.sum() < min(member.sum(), others.sum()):
                yield Subgroup(f"{name}{JOINED}{other}", both)


def worst_of(
    rate: Floats,
    asked: Flags,
    found: Sequence[Subgroup],
    *,
    cluster: NDArray[np.integer],
    minimum: int,
    draws: int,
    level: float,
    seed: int,
) -> tuple[Worst | None, int]:
    """The subgroup whose mean rate is furthest above that of all other rows, in standard errors; and how many were searched.

    The correction for searching turns the sign of what each cluster adds to every gap, for all subgroups at once, and takes the largest gap each
    time: a permutation of signs (Westfall & Young 1993 for the largest of many; Chernozhukov, Chetverikov & Kato 2013 for why signs of clusters may do it).

    Parameters
    ----------
    rate
        What is averaged, per row; between 0 and 1.
    asked
        Rows on which the rate exists (for a false-positive rate: visited, nothing found).
    """
    rows = np.flatnonzero(asked)
    codes, own = np.unique(cluster[rows], return_inverse=True)
    searched, parts = [], []
    y = rate[rows]
    for subgroup in found:
        inside = subgroup.member[rows]
        n, others = int(inside.sum()), int((~inside).sum())
        fewest = min(np.unique(own[side]).size for side in (inside, ~inside))
        if n < minimum or others < minimum or fewest < CLUSTERS:
            continue
        gap = float(y[inside].mean() - y[~inside].mean())
        weight = np.where(inside, (y - y[inside].mean()) / n, -(y - y[~inside].mean()) / others)
        pull = np.bincount(own, weights=weight, minlength=codes.size)
        error = math.sqrt(float((pull**2).sum()) * codes.size / max(codes.size - 1, 1))
        if error > 0:
            searched.append((subgroup, n, gap, error))
            parts.append(pull / error)
    if not searched:
        return None, 0
    signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(draws, codes.size))
    largest = (signs @ np.array(parts).T).max(1)
    subgroup, n, gap, error = max(searched, key=lambda one: one[2] / one[3])
    reach = float(np.quantile(largest, level)) * error
    chance = float((1 + (largest >= gap / error).sum()) / (1 + draws))
    return Worst(subgroup.name, n, gap, gap - reach, min(gap + reach, 1.0), chance), len(searched)


def subgroup_estimates(
    rates: Mapping[str, tuple[Floats, Flags]],
    found: Sequence[Subgroup],
    *,
    cluster: NDArray[np.integer],
    model: str,
    capacity: int,
    minimum: int,
    draws: int,
    level: float,
    seed: int,
) -> Iterator[Estimate]:
    """Per rate the worst subgroup with its gap and corrected interval, the chance that searching gives one, and how many were searched."""
    for name, (rate, asked) in rates.items():
        about = About(model, at=f"rate={name},capacity={capacity}")
        worst, searched = worst_of(
            rate, asked, found, cluster=cluster, minimum=minimum, draws=draws, level=level, seed=seed
        )
        yield count_of(searched, SEARCHED, about)
        if worst is None:
            yield nothing("base_under_minimum", CHANCE, about, n=int(asked.sum()))
            continue
        yield Estimate(
            model,
            GAP,
            worst.gap,
            worst.low,
            worst.high,
            n=worst.n,
            method="sample" if name == "selection_rate" else "labelled",
            level=level,
            group=worst.name,
            at=about.at,
        )
        yield exactly(worst.chance, CHANCE, about, n=int(asked.sum()), method="labelled")


def check_subgroups(estimates: Iterable[Estimate], *, model: str, level: float) -> Iterator[Finding]:
    """TK215 for each rate."""
    estimates = tuple(estimates)
    chances = [e for e in estimates if e.metric == CHANCE and e.model == model]
    if not chances:
        yield Finding("TK215", "not_applicable", model, {"reason": "no_audit_attributes"})
    for chance in chances:
        rate = chance.at.partition("rate=")[2].partition(",")[0]
        gap = next((e for e in estimates if e.metric == GAP and e.at == chance.at), None)
        searched = next((e for e in estimates if e.metric == SEARCHED and e.at == chance.at), None)
        if chance.value is None or gap is None or searched is None:
            yield Finding("TK215", "not_applicable", model, {"metric": rate, "reason": chance.note})
            continue
        facts: dict[str, str | int | float] = {
            "metric": rate,
            "subgroup": gap.group,
            "gap": round(100 * (gap.value or 0.0), 1) + 0.0,
            "low": round(100 * (gap.low or 0.0), 1) + 0.0,
            "looked_at": searched.n,
        }
        yield Finding("TK215", "found" if chance.value < 1 - level else "not_found", model, facts, (gap.id, chance.id))
