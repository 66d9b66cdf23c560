r"""The outcome test and the threshold test: is one group visited at a lower chance of a finding than another?

The outcome test compares how often a visit finds something. It errs when groups differ in how much there is to find, even if the threshold for a visit
is the same for all (infra-marginality; Ayres 2002). The threshold test estimates the thresholds themselves, from how often each group is visited and how
often a visit finds something, over several areas: Simoiu, Corbett-Davies & Goel, Annals of Applied Statistics 2017; with the discriminant
distributions of Pierson, Corbett-Davies & Goel, AISTATS 2018.

Of a place in group g and area d, what a visitor sees is :math:`x \sim N(\delta, 1)` when there is something to find (a share :math:`\phi`) and
:math:`x \sim N(0, 1)` when not. The visitor goes when the chance that follows from x is above a threshold t. So
:math:`x_t = (\mathrm{logit}\,t - \mathrm{logit}\,\phi)/\delta + \delta/2`, a visit that finds something has the chance
:math:`\phi\,\bar\Phi(x_t - \delta)`, and one that finds nothing :math:`(1 - \phi)\,\bar\Phi(x_t)`. Logit of :math:`\phi` and of t, and log of :math:`\delta`,
are a part of the group plus a part of the area. The fit is the posterior mode; no sampler is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtr

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.contrast import POWER
from tegenkracht.evaluation.estimates import About, exactly, nothing
from tegenkracht.evaluation.label_audit import CHOSEN, GAP
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.visited import Visited

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CODES: Mapping[str, str] = {
    "TK213": "Groups are not visited at the same chance of a finding.",
    "TK214": "Hit rates and thresholds point different ways.",
}
THRESHOLD, THRESHOLD_GAP, THRESHOLD_Z = "visit_threshold", "visit_threshold_gap", "visit_threshold_errors"
THRESHOLD_DETECTABLE = "visit_threshold_detectable"
FEWEST = 10
"""Findings per group below which no threshold is fitted."""
CENTRE = (math.log(0.05 / 0.95), 0.0, math.log(0.05 / 0.95))
"""Middle of the prior of a group: one in twenty has something, x shifts by one, and a visit pays from one in twenty."""
OF_GROUP = (2.0, 0.5, 2.0)
"""Spread of the prior of a group's part: wide for share and threshold, a factor 1.6 for the shift."""
OF_AREA = (1.0, 0.1, 1.0)
"""Spread of the prior of an area's part: areas differ in how much there is to find and in threshold, hardly in how well it can be seen."""
Loss = Callable[[Floats], tuple[float, Floats]]
_SMALL = 1e-12
_NORMAL = 1 / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Decisions:
    """How often places were visited, and what was found, per cluster, group and area.

    Parameters
    ----------
    counts
        Per line: visits that found something, visits that found nothing, and times that nobody came.
    group, area, cluster
        Of each line, numbered from 0.
    """

    counts: Floats
    group: Ints
    area: Ints
    cluster: Ints

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max()) + 1

    @property
    def areas(self) -> int:
        """How many areas there are."""
        return int(self.area.max()) + 1


@dataclass(frozen=True)
class Thresholds:
    """Log-odds of the threshold of each group in an average area, and their covariance."""

    value: Floats
    covariance: Floats

    def gap(self, group: int, other: int) -> tuple[float, float]:
        """Difference of log-odds between two groups, and its standard error."""
        c = self.covariance
        return (
            float(self.value[group] - self.value[other]),
            math.sqrt(max(float(c[group, group] + c[other, other] - 2 * c[group, other]), 0.0)),
        )


def fit_thresholds(decisions: Decisions) -> Thresholds:
    """Thresholds at the mode of the posterior, with the covariance of its curvature, or of the clusters where that is wider.

    The curvature knows what the priors leave open; the sandwich over clusters knows that places in one strip look alike. Neither alone knows both, so for
    each group and difference the wider one counts.
    """
    groups, areas = decisions.groups, decisions.areas
    cell = decisions.group * areas + decisions.area
    table = np.zeros((groups * areas, 3))
    np.add.at(table, cell, decisions.counts)
    layout = _layout(groups, areas)
    scale = np.concatenate([np.repeat(OF_GROUP, groups), np.repeat(OF_AREA, areas)])
    middle = np.concatenate([np.repeat(CENTRE, groups), np.zeros(3 * areas)])

    def loss(theta: Floats) -> tuple[float, Floats]:
        log_chance, slope = _log_chances(layout @ theta, groups * areas)
        step = (theta - middle) / scale
        value = -float((table * log_chance).sum()) + 0.5 * float((step**2).sum())
        return value, -layout.T @ np.einsum("ck,ckp->pc", table, slope).ravel() + step / scale

    theta = _lowest(loss, _start(table, groups, middle, scale), scale)
    curvature = _derivative(lambda at: loss(at)[1], theta)
    posterior = np.asarray(np.linalg.inv((curvature + curvature.T) / 2), np.float64)
    slope = _log_chances(layout @ theta, groups * areas)[1]
    own = np.einsum("lk,lkp->lp", decisions.counts, slope[cell])
    clusters = int(decisions.cluster.max()) + 1
    pulls = np.zeros((clusters, theta.size))
    for p in range(3):
        part = layout[p * groups * areas : (p + 1) * groups * areas]
        np.add.at(pulls, decisions.cluster, own[:, p, None] * part[cell])
    spread = posterior @ (pulls.T @ pulls) @ posterior
    of_threshold = slice(2 * groups, 3 * groups)
    return Thresholds(
        theta[of_threshold], _wider(posterior[of_threshold, of_threshold], spread[of_threshold, of_threshold])
    )


def _start(table: Floats, groups: int, middle: Floats, scale: Floats) -> Floats:
    """Where to begin: a share and a threshold a little under the hit rate of each group."""
    found, empty = table.reshape(groups, -1, 3)[:, :, :2].sum(1).T
    hit = logit(np.clip(found / np.maximum(found + empty, 1), 1e-4, 1 - 1e-4))
    out = middle.copy()
    out[:groups], out[2 * groups : 3 * groups] = hit - 1, hit - 0.5
    return np.asarray(np.clip(out, middle - 3 * scale, middle + 3 * scale))


def _lowest(loss: Loss, start: Floats, scale: Floats) -> Floats:
    """Where the loss is lowest, sought in units of the prior so that no first step jumps past what is likely."""

    def in_units(step: Floats) -> tuple[float, Floats]:
        value, slope = loss(start + scale * step)
        return value / 1e3, scale * slope / 1e3

    found = minimize(in_units, np.zeros(start.size), jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    return np.asarray(start + scale * found.x, np.float64)


def _wider(one: Floats, two: Floats) -> Floats:
    """A covariance that is as wide as the wider of two for every value and every difference of two groups."""
    variance = np.maximum(np.diag(one), np.diag(two))
    gaps = np.maximum(*(np.add.outer(np.diag(c), np.diag(c)) - 2 * c for c in (one, two)))
    return np.asarray((np.add.outer(variance, variance) - gaps) / 2 * (1 - np.eye(len(one))) + np.diag(variance))


def _layout(groups: int, areas: int) -> Floats:
    """Which parts add up to each of the three figures of each cell: (3 x cells, 3 x (groups + areas))."""
    cells = groups * areas
    out = np.zeros((3 * cells, 3 * (groups + areas)))
    g, d = np.divmod(np.arange(cells), areas)
    for p in range(3):
        out[p * cells + np.arange(cells), p * groups + g] = 1
        out[p * cells + np.arange(cells), 3 * groups + p * areas + d] = 1
    return out


def _log_chances(figures: Floats, cells: int) -> tuple[Floats, Floats]:
    """Of each cell the logs of the chances (found, nothing found, nobody came), and how they change with the three figures: (cell, 3, 3)."""
    a, b, c = figures.reshape(3, cells)
    share, shift = expit(a), np.exp(np.clip(b, -3, 3))
    x = (c - a) / shift + shift / 2
    dx = np.stack([-1 / shift, -(c - a) / shift + shift / 2, 1 / shift])
    upper, lower = ndtr(shift - x), ndtr(-x)
    d_upper = -_NORMAL * np.exp(-((x - shift) ** 2) / 2) * (dx - np.stack([0 * shift, shift, 0 * shift]))
    d_lower = -_NORMAL * np.exp(-(x**2) / 2) * dx
    d_share = np.stack([share * (1 - share), 0 * share, 0 * share])
    found, empty = share * upper, (1 - share) * lower
    d_found, d_empty = d_share * upper + share * d_upper, -d_share * lower + (1 - share) * d_lower
    chances = np.stack([found, empty, 1 - found - empty])
    slopes = np.stack([d_found, d_empty, -d_found - d_empty])
    chances = np.maximum(chances, _SMALL)
    return np.log(chances).T, np.moveaxis(slopes / chances[:, None], -1, 0)


def _derivative(slope: Callable[[Floats], Floats], at: Floats) -> Floats:
    step = 1e-4
    rows = []
    for i in range(at.size):
        shift = np.zeros(at.size)
        shift[i] = step
        rows.append((slope(at + shift) - slope(at - shift)) / (2 * step))
    return np.array(rows)


# ---------------------------------------------------------------- of a study


def decisions_of(sample: Sample, visited: Visited, grouping: Grouping, groups: Ints, *, areas: int) -> Decisions:
    """Rows of some groups as decisions to visit: chosen visits only, for visits by lot have no threshold.

    Areas are cut, in order of their code, into bands of about as many rows.

    Parameters
    ----------
    groups
        Numbers of the groups, as in the grouping; they become 0, 1, …
    """
    chosen = visited.row[~visited.by_lot]
    found = np.zeros(len(sample.rows))
    np.maximum.at(found, chosen, visited.positive[~visited.by_lot])
    came = np.zeros(len(sample.rows))
    came[chosen] = 1
    place = np.full(len(grouping.values), -1, np.int64)
    place[groups] = np.arange(groups.size)
    kept = place[grouping.of_row] >= 0
    code = sample.rows["area_code"].astype(str).to_numpy()
    rank = np.searchsorted(np.sort(code), code, side="left") / code.size
    area = np.floor(rank * areas).astype(np.int64)
    keys = np.stack([place[grouping.of_row], np.unique(area, return_inverse=True)[1], sample.cluster])[:, kept]
    lines, line = np.unique(keys, axis=1, return_inverse=True)
    counts = np.zeros((lines.shape[1], 3))
    np.add.at(counts, line, np.column_stack([found, came - found, 1 - came])[kept])
    return Decisions(counts, lines[0], lines[1], np.unique(lines[2], return_inverse=True)[1])


def threshold_estimates(
    sample: Sample,
    visited: Visited | None,
    *,
    areas: int,
    minimum: int,
    level: float,
    unknown: str,
) -> Iterator[Estimate]:
    """`visit_threshold` of each group; its distance to the largest group, in points and in standard errors of log-odds; the smallest distance upwards that would show.

    `visited` is None when every row was scheduled: then nobody chose whom to visit, and there is no threshold.
    """
    fits: list[tuple[Thresholds, Grouping, Ints]] = []
    for grouping in sample.groupings:
        known = [v for v, name in enumerate(grouping.values) if name != unknown and grouping.sizes[v] >= minimum]
        if visited is None:
            yield nothing("scheduled", THRESHOLD, About(group=f"{grouping.attribute}="), n=0)
            continue
        of_visit = grouping.of_row[visited.row[~visited.by_lot]]
        found = np.bincount(of_visit, visited.positive[~visited.by_lot], minlength=len(grouping.values))
        groups = np.array([v for v in known if found[v] >= FEWEST], np.int64)
        for value in known:
            if value not in groups:
                about = About(group=grouping.name(value))
                yield nothing("base_under_minimum", THRESHOLD, about, n=int(grouping.sizes[value]))
        if groups.size >= 2:
            fits.append(
                (fit_thresholds(decisions_of(sample, visited, grouping, groups, areas=areas)), grouping, groups)
            )
    needed = needed_errors(sum(groups.size - 1 for _, _, groups in fits), level=level)
    for fit, grouping, groups in fits:
        yield from _told(fit, grouping, groups, level, needed)


def needed_errors(gaps: int, *, level: float) -> float:
    """How many standard errors a gap must be from zero when so many are looked at (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - level) / (2 * max(gaps, 1)))


def _told(fit: Thresholds, grouping: Grouping, groups: Ints, level: float, needed: float) -> Iterator[Estimate]:
    z = NormalDist().inv_cdf((1 + level) / 2)
    reference = int(np.argmax(grouping.sizes[groups]))
    share = expit(fit.value)
    for g, value in enumerate(groups):
        name, n = grouping.name(int(value)), int(grouping.sizes[value])
        reach = z * math.sqrt(float(fit.covariance[g, g]))
        low, high = (float(expit(fit.value[g] + sign * reach)) for sign in (-1, 1))
        yield Estimate("", THRESHOLD, float(share[g]), low, high, n=n, method="labelled", level=level, group=name)
        if g == reference:
            continue
        about = About(group=name, at=f"versus={grouping.values[groups[reference]]}")
        gap, error = fit.gap(g, reference)
        seen = (needed + NormalDist().inv_cdf(POWER)) * error
        low, high, up = (
            float(expit(fit.value[reference] + by) - share[reference])
            for by in (gap - z * error, gap + z * error, seen)
        )
        point = float(share[g] - share[reference])
        yield Estimate(
            "", THRESHOLD_GAP, point, low, high, n=n, method="labelled", level=level, group=name, at=about.at
        )
        yield exactly(gap / error, THRESHOLD_Z, about, n=n, method="labelled")
        yield exactly(up, THRESHOLD_DETECTABLE, about, n=n, method="labelled")


def check_thresholds(estimates: Iterable[Estimate], *, level: float) -> Iterator[Finding]:
    """TK213: the clearest difference in threshold of all groups together. TK214: whether hit rates and thresholds point the same way."""
    estimates = tuple(estimates)
    errors = [(e.value, e) for e in estimates if e.metric == THRESHOLD_Z and e.value is not None]
    gaps = {(e.group, e.at): e for e in estimates if e.metric == THRESHOLD_GAP}
    if not errors:
        reason = next((e.note for e in estimates if e.metric == THRESHOLD and e.note), "no_audit_attributes")
        for code in CODES:
            yield Finding(code, "not_applicable", facts={"reason": reason})
        return
    needed = needed_errors(len(errors), level=level)
    far, clearest = max(errors, key=lambda pair: abs(pair[0]))
    gap = gaps[clearest.group, clearest.at]
    facts: dict[str, str | int | float] = {
        "attribute": clearest.group.partition("=")[0],
        "group": clearest.group.partition("=")[2],
        "reference_group": clearest.at.partition("=")[2],
        "gap": _points(gap.value),
        "low": _points(gap.low),
        "high": _points(gap.high),
        "looked_at": len(errors),
    }
    yield Finding("TK213", "found" if abs(far) > needed else "not_found", "", facts, (gap.id, clearest.id))
    yield from _disagree(estimates, errors, needed)


def _disagree(
    estimates: tuple[Estimate, ...], errors: list[tuple[float, Estimate]], needed: float
) -> Iterator[Finding]:
    """TK214: hit rates differ and thresholds do not, or they differ the other way."""
    hits = {e.group: e for e in estimates if e.metric == GAP and e.at == CHOSEN and e.low is not None}
    both = [(z, e, hits[e.group]) for z, e in errors if e.group in hits]
    if not both:
        yield Finding("TK214", "not_applicable", facts={"reason": "base_under_minimum"})
        return
    apart = [(z, e, hit) for z, e, hit in both if _sign(hit) and _sign(hit) != (np.sign(z) if abs(z) > needed else 0)]
    _, e, hit = (apart or both)[0]
    facts: dict[str, str | int | float] = {
        "attribute": e.group.partition("=")[0],
        "group": e.group.partition("=")[2],
        "gap": _points(hit.value),
        "low": _points(hit.low),
        "high": _points(hit.high),
        "looked_at": len(both),
    }
    yield Finding("TK214", "found" if apart else "not_found", "", facts, (hit.id, e.id))


def _sign(gap: Estimate) -> int:
    """Which way a gap points whose interval leaves zero out; 0 when it does not."""
    if gap.low is None or gap.high is None:
        return 0
    return 1 if gap.low > 0 else -1 if gap.high < 0 else 0


def _points(share: float | None) -> float:
    return round(100 * (share or 0.0), 1) + 0.0
