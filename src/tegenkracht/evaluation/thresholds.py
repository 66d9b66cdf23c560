"""The chance of a finding at which each group is visited, with intervals that may be lopsided and the smallest difference that would show.

The fit is the mode of the posterior in `threshold_posterior`; no sampler is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import logit

from tegenkracht.evaluation.contrast import POWER
from tegenkracht.evaluation.threshold_posterior import Held, Posterior, layout_of, log_chances

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CENTRE = (math.log(0.05 / 0.95), 0.0, math.log(0.05 / 0.95))
"""Middle of the prior of a group: one in twenty has something, x shifts by one, and a visit pays from one in twenty."""
OF_GROUP = (2.0, 0.5, 2.0)
"""Spread of the prior of a group's part: wide for share and threshold, a factor 1.6 for the shift."""
OF_AREA = (1.0, 0.1, 1.0)
"""Spread of the prior of an area's part: areas differ in how much there is to find and in threshold, hardly in how well it can be seen."""
_GRID = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Log-odds at which the end of an interval is sought first; it is open where it lies beyond the last one."""
_AWAY = NormalDist().inv_cdf(0.95)
"""Standard errors to either side at which everything else is put to state a smallest difference: an upper limit of about 95 in 100."""
_APART, _WORSE = 0.1, 8.0
"""Modes that lie nearer are one; a mode this much worse than the best plays no part in any interval."""


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
        the difference at either end of an interval of nine in ten; the largest answer counts, which is about its upper limit of 95 in 100.
        """
        needed = errors + NormalDist().inv_cdf(POWER)
        held = Held(2 * self.groups + group, 2 * self.groups + other, 0.0)
        near = self.gap(group, other, errors=_AWAY)
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
    table = np.array([np.bincount(cell, count, minlength=groups * areas) for count in decisions.counts.T]).T
    posterior = Posterior(
        table,
        layout_of(groups, areas),
        middle=np.concatenate([np.repeat(CENTRE, groups), np.zeros(3 * areas)]),
        scale=np.concatenate([np.repeat(OF_GROUP, groups), np.repeat(OF_AREA, areas)]),
    )
    (theta, loss), *others = _modes(posterior, groups)
    curvature = _derivative(lambda at: posterior.at(at)[1], theta)
    covariance = np.asarray(np.linalg.inv((curvature + curvature.T) / 2), np.float64)
    slope = log_chances(posterior.layout @ theta, groups * areas)[1]
    own = np.einsum("lk,lkp->pl", decisions.counts, slope[cell])
    cells, clusters = groups * areas, int(decisions.cluster.max()) + 1
    place = decisions.cluster * cells + cell
    pulls = np.zeros((clusters, theta.size))
    for p, pull in enumerate(own):
        of_cell = np.bincount(place, pull, minlength=clusters * cells).reshape(clusters, cells)
        pulls += of_cell @ posterior.layout[p * cells : (p + 1) * cells]
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


def _derivative(slope: Callable[[Floats], Floats], at: Floats) -> Floats:
    step = 1e-4
    rows = []
    for i in range(at.size):
        shift = np.zeros(at.size)
        shift[i] = step
        rows.append((slope(at + shift) - slope(at - shift)) / (2 * step))
    return np.array(rows)


# ---------------------------------------------------------------- of a study
