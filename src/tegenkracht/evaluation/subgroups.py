"""The subgroup that stands out most, and whether it still does once it is counted how many were looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tegenkracht.core.conditions import at_of
from tegenkracht.core.difference import points
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

    `gap` with all other rows, `low` and `high` an interval that holds for all subgroups that were searched together, above zero just when `chance`
    is rare enough; `chance` how often chance alone gives one that stands out so far.
    """

    name: str
    n: int
    gap: float
    low: float
    high: float
    chance: float


def subgroups(groupings: Sequence[Grouping], *, minimum: int, unknown: str) -> Iterator[Subgroup]:
    """Every value and every pair of values of two attributes, of at least `minimum` places."""
    single = [
        [(g.name(v), g.of_row == v) for v, name in enumerate(g.values) if name != unknown and g.places[v] >= minimum]
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
            places = np.count_nonzero(np.bincount(groupings[0].unit[both]))
            if places >= minimum and both.sum() < min(member.sum(), others.sum()):
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
    What a cluster adds is taken as it is when there is no gap (Cameron, Gelbach & Miller 2008, who impose it too): with a mean fitted to each
    subgroup errors were too small, and 25 clusters raised 8 alarms in a hundred. The mean of all rows is fitted, for which what a cluster with a share
    `h` of the rows adds is divided by the root of :math:`1-h` (Bell & McCaffrey 2002). Turning signs takes what clusters add to go up and down alike, which
    few large clusters do not: a gap in standard errors is first freed of their skewness (`unskewed`).

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
    whole = np.bincount(own, minlength=codes.size), np.bincount(own, y, minlength=codes.size).astype(np.float64)
    for subgroup in found:
        inside = np.flatnonzero(subgroup.member[rows])
        of_inside = own[inside]
        count = np.bincount(of_inside, minlength=codes.size)
        fewest = min(np.count_nonzero(count), np.count_nonzero(whole[0] - count))
        if min(inside.size, rows.size - inside.size) < minimum or fewest < CLUSTERS:
            continue
        total = np.bincount(of_inside, y[inside], minlength=codes.size).astype(np.float64)
        gap = _gap_of(count, total, *whole)
        if gap.error > 0:
            searched.append((subgroup, inside.size, gap))
            parts.append(gap.pulls / gap.error)
    if not searched:
        return None, 0
    signs, pulls = (
        np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(draws, codes.size)),
        np.array(parts).T,
    )
    largest = unskewed(signs @ pulls, signs @ pulls**3).max(1)
    subgroup, n, gap = max(searched, key=lambda one: one[2].errors)
    low, high = gap.interval(float(np.quantile(largest, level)))
    chance = float((1 + (largest >= gap.errors).sum()) / (1 + draws))
    return Worst(subgroup.name, n, gap.value, low, high, chance), len(searched)


def unskewed(errors: Floats | np.float64, skewness: Floats | np.float64) -> Floats:
    r"""A mean in standard errors (…) with the skewness of what it is the mean of (…) taken out: :math:`t + at^2/3 + a^2t^3/27 + a/6`.

    With :math:`a = \sum_c x_c^3/(\sum_c x_c^2)^{3/2}`. It always rises with the mean (Hall 1992, Journal of the Royal Statistical Society B 54).

    Examples
    --------
    >>> unskewed(np.array([-2.0, 0.0, 2.0]), np.array([0.3, 0.3, 0.3])).round(2).tolist()
    [-1.58, 0.05, 2.48]
    """
    return np.asarray(errors + skewness * errors**2 / 3 + skewness**2 * errors**3 / 27 + skewness / 6)


@dataclass(frozen=True)
class _Gap:
    """What each cluster adds to a gap, what it would add to a gap of 1 that is nothing but membership, and its share of all rows (cluster)."""

    added: Floats
    carried: Floats
    share: Floats

    @property
    def value(self) -> float:
        """The gap."""
        return float(self.added.sum())

    @property
    def pulls(self) -> Floats:
        """What each cluster would add if the mean of all rows were known."""
        return self.added / np.sqrt(1 - self.share)

    @property
    def error(self) -> float:
        """Its standard error when there is no gap: nothing is fitted to the subgroup, so that few clusters do not make it too small."""
        return math.sqrt(float((self.pulls**2).sum()))

    @property
    def errors(self) -> float:
        """How many standard errors it is above zero, freed of skewness; 0 where it has no error."""
        if not self.error:
            return 0.0
        each = self.pulls / self.error
        return float(unskewed(np.float64(self.value / self.error), np.float64((each**3).sum())))

    def less(self, gap: float) -> _Gap:
        """What is left of it when so much is taken away."""
        return replace(self, added=self.added - gap * self.carried)

    def interval(self, most: float) -> tuple[float, float]:
        """The gaps that could be taken away so that what is left is within so many of its own standard errors; -1 or 1 where that is any gap on a side.

        As Fieller (1954) does for the ratio of two sums.
        """

        def beyond(gap: float, limit: float) -> float:
            return self.less(gap).errors - limit

        low, high = (beyond(end, limit) for end, limit in ((-1.0, most), (1.0, -most)))
        return (
            float(brentq(beyond, -1.0, self.value, args=(most,))) if low > 0 else -1.0,
            float(brentq(beyond, self.value, 1.0, args=(-most,))) if high < 0 else 1.0,
        )


def _gap_of(count: NDArray[np.int64], total: Floats, count_of_all: NDArray[np.int64], total_of_all: Floats) -> _Gap:
    """The mean inside minus the mean of all other rows, cluster by cluster, from rows and sums of each cluster inside and in all."""
    n, rows = count.sum(), count_of_all.sum()
    mean, part = total_of_all.sum() / rows, n / rows
    count_of_rest, total_of_rest = count_of_all - count, total_of_all - total
    added = (total - mean * count) / n - (total_of_rest - mean * count_of_rest) / (rows - n)
    carried = (1 - part) * count / n + part * count_of_rest / (rows - n)
    return _Gap(added, carried, count_of_all / rows)


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
    """Per rate the worst subgroup with its gap and corrected interval, the chance that searching gives one, and how many were searched.

    Intervals and chances are also corrected for the number of rates (Bonferroni): where nothing stands out in any, one of all that is said is wrong in
    at most one minus the level.
    """
    each = 1 - (1 - level) / max(len(rates), 1)
    for name, (rate, asked) in rates.items():
        about = About(model, at=f"rate={name},capacity={capacity}")
        worst, searched = worst_of(
            rate, asked, found, cluster=cluster, minimum=minimum, draws=draws, level=each, seed=seed
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
        yield exactly(min(len(rates) * worst.chance, 1.0), CHANCE, about, n=int(asked.sum()), method="labelled")


def check_subgroups(estimates: Iterable[Estimate], *, model: str, level: float) -> Iterator[Finding]:
    """TK215 for each rate."""
    estimates = tuple(estimates)
    chances = [e for e in estimates if e.metric == CHANCE and e.model == model]
    if not chances:
        yield Finding("TK215", "not_applicable", model, {"reason": "no_audit_attributes"})
    for chance in chances:
        rate = at_of(chance, "rate")
        gap = next((e for e in estimates if e.metric == GAP and e.at == chance.at), None)
        searched = next((e for e in estimates if e.metric == SEARCHED and e.at == chance.at), None)
        if chance.value is None or gap is None or searched is None:
            yield Finding("TK215", "not_applicable", model, {"metric": rate, "reason": chance.note})
            continue
        facts: dict[str, str | int | float] = {
            "metric": rate,
            "subgroup": gap.group,
            "gap": points(gap.value),
            "low": points(gap.low),
            "looked_at": searched.n,
        }
        yield Finding("TK215", "found" if chance.value < 1 - level else "not_found", model, facts, (gap.id, chance.id))
