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
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from tegenkracht.evaluation.kernel import compiled

Floats = NDArray[np.float64]
_SMALL = 1e-12
_STEPS, _STILL = 200, 1e-5
_NORMAL, _HALF = 1 / math.sqrt(2 * math.pi), math.sqrt(0.5)


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

    def at(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Loss, its slope, and its expected curvature."""
        step = (theta - self.middle) / self.scale
        down, curved = step / self.scale, np.diag(self.scale**-2.0)
        loss = walk_cells(self.layout @ theta, self.table, self.parts, down, curved)
        return loss + 0.5 * float((step**2).sum()), down, curved

    @cached_property
    def parts(self) -> NDArray[np.int64]:
        """Which parts add up to each figure of each cell: (3 x cells, as many as there are)."""
        return np.nonzero(self.layout)[1].reshape(len(self.layout), -1)

    def expected(self, theta: Floats) -> Posterior:
        """The same with the decisions that figures lead to on average."""
        log_chance = log_chances(self.layout @ theta, len(self.table))[0]
        return replace(self, table=self.table.sum(1, keepdims=True) * np.exp(log_chance))

    def lowest(self, start: Floats, held: Held | None = None) -> tuple[Floats, float]:
        """Where the loss is lowest, and how low: scoring with steps that are damped until they go down (Levenberg 1944)."""
        free, theta = _free(start.size, held), start if held is None else held.on(start, held.value)
        loss, down, curved = self.at(theta)
        damping = 1e-3
        for _ in range(_STEPS):
            slope, curve = free.T @ down, free.T @ curved @ free
            curve.flat[:: slope.size + 1] *= 1 + damping  # its diagonal
            step = np.linalg.solve(curve, -slope)
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


@compiled
def walk_cells(figures: Floats, table: Floats, parts: NDArray[np.int64], down: Floats, curved: Floats) -> float:
    """The loss of all cells; adds its slope to `down` and its expected curvature to `curved`, with the chances of `log_chances`."""
    cells, loss, chance, slope = table.shape[0], 0.0, np.empty(3), np.empty((3, 3))
    for cell in range(cells):
        a, c = figures[cell], figures[2 * cells + cell]
        share, shift = 1 / (1 + math.exp(-a)), math.exp(min(max(figures[cells + cell], -3.0), 3.0))
        far = (c - a) / shift
        x = far + shift / 2
        upper, lower = math.erfc((x - shift) * _HALF) / 2, math.erfc(x * _HALF) / 2
        d_upper, d_lower = -_NORMAL * math.exp(-((x - shift) ** 2) / 2), -_NORMAL * math.exp(-(x**2) / 2)
        chance[0], chance[1] = share * upper, (1 - share) * lower
        chance[2] = 1 - chance[0] - chance[1]
        for p, (dx, d_shift, d_share) in enumerate(
            ((-1 / shift, 0.0, share * (1 - share)), (shift / 2 - far, shift, 0.0), (1 / shift, 0.0, 0.0))
        ):
            slope[0, p] = d_share * upper + share * d_upper * (dx - d_shift)
            slope[1, p] = -d_share * lower + (1 - share) * d_lower * dx
            slope[2, p] = -slope[0, p] - slope[1, p]
        rows = table[cell].sum()
        for k in range(3):
            chance[k] = max(chance[k], _SMALL)
            loss -= table[cell, k] * math.log(chance[k])
            for p in range(3):
                slope[k, p] /= chance[k]
        for p in range(3):
            pull = 0.0
            for k in range(3):
                pull += table[cell, k] * slope[k, p]
            for i in parts[p * cells + cell]:
                down[i] -= pull
            for q in range(3):
                told = 0.0
                for k in range(3):
                    told += rows * chance[k] * slope[k, p] * slope[k, q]
                for i in parts[p * cells + cell]:
                    for j in parts[q * cells + cell]:
                        curved[i, j] += told
    return loss
