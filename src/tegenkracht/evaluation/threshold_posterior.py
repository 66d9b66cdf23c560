r"""How well shares, signals and thresholds of groups fit where visitors went and what they found: the model of the threshold test.

Of a place in group g and area d, what a visitor sees is :math:`x \sim N(\delta, 1)` when there is something to find (a share :math:`\phi`) and
:math:`x \sim N(0, 1)` when not. The visitor goes when the chance that follows from x is above a threshold t. So
:math:`x_t = (\mathrm{logit}\,t - \mathrm{logit}\,\phi)/\delta + \delta/2`, a visit that finds something has the chance
:math:`\phi\,\bar\Phi(x_t - \delta)`, and one that finds nothing :math:`(1 - \phi)\,\bar\Phi(x_t)`. Logit of :math:`\phi` and of t, and log of :math:`\delta`,
are a part of the group plus a part of the area. Simoiu, Corbett-Davies & Goel, Annals of Applied Statistics 2017; with the discriminant
distributions of Pierson, Corbett-Davies & Goel, AISTATS 2018.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]
_SMALL = 1e-12
_STEPS, _STILL = 200, 1e-5
_NORMAL = 1 / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Posterior:
    """How well figures fit decisions and priors: what is lowest at the mode.

    Parameters
    ----------
    table
        Per cell of a group and an area: visits that found something, that found nothing, and times that nobody came; (cell, 3).
    layout
        Which parts add up to each figure of each cell (`layout_of`).
    middle, scale
        Of the prior of each part.
    """

    table: Floats
    layout: Floats
    middle: Floats
    scale: Floats

    def at(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Loss, its slope, and its expected curvature, of as many figures as there are: theta (…, part)."""
        cells = len(self.table)
        log_chance, slope = log_chances(theta @ self.layout.T, cells)
        step = (theta - self.middle) / self.scale
        loss = 0.5 * (step**2).sum(-1) - (self.table * log_chance).sum((-1, -2))
        of_cell = np.swapaxes((self.table[:, None] @ slope)[..., 0, :], -1, -2)
        down = step / self.scale - of_cell.reshape(*theta.shape[:-1], 3 * cells) @ self.layout
        weighed = (self.table.sum(1, keepdims=True) * np.exp(log_chance))[..., None] * slope
        told = np.swapaxes(weighed, -1, -2) @ slope
        moved = np.einsum("...cpq,qcj->...pcj", told, self.layout.reshape(3, cells, -1))
        moved = moved.reshape(*theta.shape[:-1], 3 * cells, -1)
        return loss, down, self.layout.T @ moved + np.diag(self.scale**-2.0)

    def expected(self, theta: Floats) -> Posterior:
        """The same with the decisions that figures lead to on average."""
        log_chance = log_chances(self.layout @ theta, len(self.table))[0]
        return replace(self, table=self.table.sum(1, keepdims=True) * np.exp(log_chance))

    def lowest(self, start: Floats, held: Held | None = None) -> tuple[Floats, float]:
        """Where the loss is lowest, and how low."""
        theta, loss = self.lowest_each(start[None], held)
        return theta[0], float(loss[0])

    def lowest_each(self, starts: Floats, held: Held | None = None) -> tuple[Floats, Floats]:
        """Where the loss is lowest from each start (start, part), and how low: scoring with steps that are damped until they go down (Levenberg 1944)."""
        free, theta = _free(starts.shape[1], held), starts.copy()
        if held is not None:
            theta = np.array([held.on(start, held.value) for start in starts])
        loss, down, curved = self.at(theta)
        damping, going = np.full(len(theta), 1e-3), np.arange(len(theta))
        for _ in range(_STEPS):
            slope, curve = down[going] @ free, free.T @ curved[going] @ free
            stiff = damping[going, None] * np.diagonal(curve, axis1=1, axis2=2)
            step = np.linalg.solve(curve + stiff[..., None] * np.eye(free.shape[1]), -slope[..., None])[..., 0]
            there = theta[going] + np.clip(step, -2, 2) @ free.T
            new = self.at(there)
            down_hill = new[0] <= loss[going] + _STILL
            damping[going[~down_hill]] *= 6
            moved = going[down_hill]
            still = loss[moved] - new[0][down_hill] < _STILL
            theta[moved], loss[moved], down[moved], curved[moved] = (x[down_hill] for x in (there, *new))
            damping[moved] = np.maximum(damping[moved] / 4, 1e-9)
            going = np.setdiff1d(going, moved[still], assume_unique=True)
            if not going.size:
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


def layout_of(groups: int, areas: int) -> Floats:
    """Which parts add up to each of the three figures of each cell: (3 x cells, 3 x (groups + areas))."""
    cells = groups * areas
    out = np.zeros((3 * cells, 3 * (groups + areas)))
    g, d = np.divmod(np.arange(cells), areas)
    for p in range(3):
        out[p * cells + np.arange(cells), p * groups + g] = 1
        out[p * cells + np.arange(cells), 3 * groups + p * areas + d] = 1
    return out


def log_chances(figures: Floats, cells: int) -> tuple[Floats, Floats]:
    """Of each cell the logs of the chances (found, nothing found, nobody came), and how they change with the three figures: (…, cell, 3, 3)."""
    a, b, c = np.moveaxis(figures.reshape(*figures.shape[:-1], 3, cells), -2, 0)
    share, shift = expit(a), np.exp(np.clip(b, -3, 3))
    far = (c - a) / shift
    x, none = far + shift / 2, np.zeros_like(a)
    dx = np.array([-1 / shift, shift / 2 - far, 1 / shift])
    upper, lower = ndtr(shift - x), ndtr(-x)
    d_upper = -_NORMAL * np.exp(-((x - shift) ** 2) / 2) * (dx - np.array([none, shift, none]))
    d_lower = -_NORMAL * np.exp(-(x**2) / 2) * dx
    d_share = np.array([share * (1 - share), none, none])
    found, empty = share * upper, (1 - share) * lower
    d_found, d_empty = d_share * upper + share * d_upper, -d_share * lower + (1 - share) * d_lower
    chances = np.maximum(np.array([found, empty, 1 - found - empty]), _SMALL)
    slopes = np.array([d_found, d_empty, -d_found - d_empty]) / chances[:, None]
    return np.moveaxis(np.log(chances), 0, -1), np.moveaxis(slopes, (0, 1), (-2, -1))
