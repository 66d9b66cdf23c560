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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
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
_SMALL = 1e-12
SIGNAL = 0.2
"""Part of what the prior leaves open about the signal that decisions must have taken away in both groups, before their thresholds are set side by side."""
_STEPS, _STILL = 200, 1e-5
_GRID = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Log-odds at which the end of an interval is sought first; it is open where it lies beyond the last one."""
_APART, _WORSE = 0.1, 8.0
"""Modes that lie nearer are one; a mode this much worse than the best plays no part in any interval."""
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
class Posterior:
    """How well figures fit decisions and priors: what is lowest at the mode.

    Parameters
    ----------
    table
        Per cell of a group and an area: visits that found something, that found nothing, and times that nobody came; (cell, 3).
    layout
        Which parts add up to each figure of each cell (`_layout`).
    middle, scale
        Of the prior of each part.
    """

    table: Floats
    layout: Floats
    middle: Floats
    scale: Floats

    def at(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Loss, its slope, and its expected curvature."""
        cells = len(self.table)
        log_chance, slope = _log_chances(self.layout @ theta, cells)
        step = (theta - self.middle) / self.scale
        loss = -float((self.table * log_chance).sum()) + 0.5 * float((step**2).sum())
        down = -self.layout.T @ np.einsum("ck,ckp->pc", self.table, slope).ravel() + step / self.scale
        told = np.einsum("c,ck,ckp,ckq->cpq", self.table.sum(1), np.exp(log_chance), slope, slope)
        moved = np.einsum("cpq,qcj->pcj", told, self.layout.reshape(3, cells, -1)).reshape(3 * cells, -1)
        return loss, down, self.layout.T @ moved + np.diag(self.scale**-2.0)

    def expected(self, theta: Floats) -> Posterior:
        """The same with the decisions that figures lead to on average."""
        log_chance = _log_chances(self.layout @ theta, len(self.table))[0]
        return replace(self, table=self.table.sum(1, keepdims=True) * np.exp(log_chance))

    def lowest(self, start: Floats, held: Held | None = None) -> tuple[Floats, float]:
        """Where the loss is lowest, and how low: scoring with steps that are damped until they go down (Levenberg 1944)."""
        free, theta = _free(start.size, held), start if held is None else held.on(start, held.value)
        loss, down, curved = self.at(theta)
        damping = 1e-3
        for _ in range(_STEPS):
            slope, curve = free.T @ down, free.T @ curved @ free
            step = np.linalg.solve(curve + damping * np.diag(np.diag(curve)), -slope)
            there = theta + free @ np.clip(step, -2, 2)
            new = self.at(there)
            if new[0] > loss + _STILL:
                damping *= 6
            else:
                gain, theta = loss - new[0], there
                loss, down, curved = new
                damping = max(damping / 4, 1e-9)
                if gain < _STILL:
                    break
        return theta, loss


@dataclass(frozen=True)
class Held:
    """A part that is kept at a value, or at so much above another part."""

    part: int
    beside: int | None
    value: float

    def on(self, theta: Floats, value: float) -> Floats:
        """Parts with this one put to a value."""
        out = theta.copy()
        out[self.part] = value + (theta[self.beside] if self.beside is not None else 0.0)
        return out


def _free(size: int, held: Held | None) -> Floats:
    """How all parts move with those that are free."""
    out = np.eye(size)
    if held is None:
        return out
    if held.beside is not None:
        out[held.part, held.beside] = 1.0
    return np.delete(out, held.part, axis=1)


@dataclass(frozen=True)
class Between:
    """A threshold, or the difference of two, in log-odds: where the posterior is highest, its interval, and how many standard errors it is from zero."""

    value: float
    low: float
    high: float
    errors: float


@dataclass(frozen=True)
class Thresholds:
    """Log-odds of the threshold of each group in an average area.

    An interval holds the values at which the posterior, highest over everything else, is not far under its top (a profile; Venzon & Moolgavkar
    1988). It may be lopsided, as what is known here is: a threshold that lies lower is known less well.

    Parameters
    ----------
    posterior, theta, loss
        What was fitted, the mode and how low the loss is there.
    others
        More modes: a strong signal with little to find may fit about as well as a weak one with more.
    groups
        How many there are.
    wider
        How many times wider than the curvature says the variance of clusters is, per group and pair of groups (1 where it is not).
    signal
        Of each group, how much of what the prior leaves open about the signal the decisions have taken away: 0 nothing, 1 everything. Modes that
        do not agree leave it open.
    """

    posterior: Posterior
    theta: Floats
    loss: float
    others: tuple[Floats, ...]
    groups: int
    wider: Floats
    signal: Floats

    @property
    def value(self) -> Floats:
        """Of each group."""
        return np.asarray(self.theta[2 * self.groups : 3 * self.groups])

    def alone(self, group: int, *, errors: float) -> Between:
        """The threshold of a group, with an interval so many standard errors wide."""
        return self._profiled(group, None, errors)

    def gap(self, group: int, other: int, *, errors: float) -> Between:
        """How far the threshold of a group is above that of another."""
        return self._profiled(group, other, errors)

    def _profiled(self, group: int, other: int | None, errors: float) -> Between:
        value = float(self.value[group] - (self.value[other] if other is not None else 0.0))
        modes = (self.theta, *self.others)

        def root(at: float) -> float:
            return self._root(self.posterior, modes, self.loss, group, other, at)

        low = _last_under(lambda by: abs(root(value - by)), errors)
        high = _last_under(lambda by: abs(root(value + by)), errors)
        return Between(value, value - low, value + high, root(0.0))

    def _root(
        self, posterior: Posterior, modes: Sequence[Floats], loss: float, group: int, other: int | None, at: float
    ) -> float:
        """How many standard errors the mode is above a value: the signed root of twice the loss that keeping it there costs."""
        first = 2 * self.groups
        held = Held(first + group, None if other is None else first + other, at)
        cost = min(posterior.lowest(mode, held)[1] for mode in modes)
        now = modes[0][held.part] - (modes[0][held.beside] if held.beside is not None else 0.0)
        wider = self.wider[group, group if other is None else other]
        return float(np.sign(now - at) * math.sqrt(max(2 * (cost - loss), 0.0) / wider))

    def detectable(self, group: int, other: int, *, errors: float) -> tuple[float, float]:
        """The smallest differences below and above zero that would be so many standard errors from zero nine times in ten; infinite where none would.

        Decisions are put to what they would be on average with such a difference, and the fit is done again: a difference is not as easy to see downwards
        as upwards, and priors pull. What else these data leave open counts too: it is done with everything else as fits best, and as fits best with
        the difference one standard error lower or higher; the largest answer counts.
        """
        needed = errors + NormalDist().inv_cdf(POWER)
        held = Held(2 * self.groups + group, 2 * self.groups + other, 0.0)
        near = self.gap(group, other, errors=1.0)
        ends = [end for end in (near.low, near.high) if math.isfinite(end)]
        around = [self.theta, *(self.posterior.lowest(self.theta, replace(held, value=end))[0] for end in ends)]

        def seen(sign: int, others: Floats, by: float) -> float:
            put = held.on(others, sign * by)
            drawn = self.posterior.expected(put)
            top, loss = drawn.lowest(put)
            return abs(self._root(drawn, (top,), loss, group, other, 0.0))

        down, up = (max(_first_over(partial(seen, sign, others), needed) for others in around) for sign in (-1, 1))
        return -down, up


def _last_under(height: Callable[[float], float], wanted: float) -> float:
    """How far out something is still under a height; infinite when it is at the end of the grid."""
    under = [far for far in _GRID if height(far) < wanted]
    if not under:
        return _between(height, wanted, 0.0, _GRID[0])
    place = _GRID.index(under[-1])
    return math.inf if place + 1 == len(_GRID) else _between(height, wanted, *_GRID[place : place + 2])


def _first_over(height: Callable[[float], float], wanted: float) -> float:
    """How far out something first reaches a height; infinite when it does not within the grid."""
    near = 0.0
    for far in _GRID:
        if height(far) >= wanted:
            return _between(height, wanted, near, far)
        near = far
    return math.inf


def _between(height: Callable[[float], float], wanted: float, near: float, far: float) -> float:
    """Where a height is reached, to a hundredth."""
    return float(brentq(lambda by: (height(by) if by else 0.0) - wanted, near, far, xtol=0.01))


def fit_thresholds(decisions: Decisions) -> Thresholds:
    """Thresholds at the mode of the posterior, with what is needed to tell how well they are known.

    The profile of the posterior knows what the priors leave open; a sandwich over clusters knows that places in one strip look alike. Neither alone
    knows both, so that intervals are widened where the sandwich is wider than the curvature at the mode.
    """
    groups, areas = decisions.groups, decisions.areas
    cell = decisions.group * areas + decisions.area
    table = np.zeros((groups * areas, 3))
    np.add.at(table, cell, decisions.counts)
    posterior = Posterior(
        table,
        _layout(groups, areas),
        middle=np.concatenate([np.repeat(CENTRE, groups), np.zeros(3 * areas)]),
        scale=np.concatenate([np.repeat(OF_GROUP, groups), np.repeat(OF_AREA, areas)]),
    )
    (theta, loss), *others = _modes(posterior, groups)
    curvature = _derivative(lambda at: posterior.at(at)[1], theta)
    covariance = np.asarray(np.linalg.inv((curvature + curvature.T) / 2), np.float64)
    slope = _log_chances(posterior.layout @ theta, groups * areas)[1]
    own = np.einsum("lk,lkp->lp", decisions.counts, slope[cell])
    clusters = int(decisions.cluster.max()) + 1
    pulls = np.zeros((clusters, theta.size))
    for p in range(3):
        part = posterior.layout[p * groups * areas : (p + 1) * groups * areas]
        np.add.at(pulls, decisions.cluster, own[:, p, None] * part[cell])
    spread = covariance @ (pulls.T @ pulls) @ covariance
    of = slice(2 * groups, 3 * groups)
    seen = np.array([theta, *(mode for mode, _ in others)])[:, groups : 2 * groups]
    open_still = np.maximum(np.diag(covariance)[groups : 2 * groups], (np.ptp(seen, axis=0) / 2) ** 2)
    signal = np.clip(1 - open_still / OF_GROUP[1] ** 2, 0, 1)
    wider = _wider(covariance[of, of], spread[of, of])
    return Thresholds(posterior, theta, loss, tuple(mode for mode, _ in others), groups, wider, signal)


def _modes(posterior: Posterior, groups: int) -> list[tuple[Floats, float]]:
    """Modes that are found from a strong or a weak signal in all groups, or in one of them; the best first, and those apart from it."""
    start = _start(posterior.table, groups, posterior.middle, posterior.scale)
    found: list[tuple[Floats, float]] = []
    ways = [np.zeros(groups), *(side * sign for side in (np.ones(groups), *np.eye(groups)[:-1]) for sign in (-1, 1))]
    for way in ways:
        begin = start.copy()
        begin[groups : 2 * groups] += 1.5 * OF_GROUP[1] * way
        found.append(posterior.lowest(begin))
    found.sort(key=lambda mode: mode[1])
    kept = found[:1]
    for mode in found[1:]:
        if (
            all(np.abs(mode[0] - other[0])[: 3 * groups].max() > _APART for other in kept)
            and mode[1] < kept[0][1] + _WORSE
        ):
            kept.append(mode)
    return kept


def _start(table: Floats, groups: int, middle: Floats, scale: Floats) -> Floats:
    """Where to begin: a share and a threshold a little under the hit rate of each group."""
    found, empty = table.reshape(groups, -1, 3)[:, :, :2].sum(1).T
    hit = logit(np.clip(found / np.maximum(found + empty, 1), 1e-4, 1 - 1e-4))
    out = middle.copy()
    out[:groups], out[2 * groups : 3 * groups] = hit - 1, hit - 0.5
    return np.asarray(np.clip(out, middle - 3 * scale, middle + 3 * scale))


def _wider(own: Floats, spread: Floats) -> Floats:
    """How many times the second variance is the first, of every value (on the diagonal) and every difference of two; 1 where it is smaller."""
    out = np.ones_like(own)
    for i, j in np.ndindex(own.shape):
        one, two = (c[i, i] if i == j else c[i, i] + c[j, j] - 2 * c[i, j] for c in (own, spread))
        out[i, j] = max(float(two / one), 1.0) if one > 0 else 1.0
    return out


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
    """`visit_threshold` of each group; its distance to the largest group, in points and in standard errors of log-odds; the smallest distance that would show either way.

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
        yield from _smallest(fit, g, reference, about, n, needed)


def _smallest(fit: Thresholds, group: int, reference: int, about: About, n: int, needed: float) -> Iterator[Estimate]:
    """The smallest difference that would show whichever way it points; the reason where none would."""
    ends = fit.detectable(group, reference, errors=needed)
    if not all(math.isfinite(end) for end in ends):
        yield nothing("no_gap_visible", THRESHOLD_DETECTABLE, about, n=n)
        return
    at = float(fit.value[reference])
    widest = max(abs(float(expit(at + end) - expit(at))) for end in ends)
    yield exactly(widest, THRESHOLD_DETECTABLE, about, n=n, method="labelled")


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
