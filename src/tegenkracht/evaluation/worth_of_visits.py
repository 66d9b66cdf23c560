r"""What shares of weighed visits are worth, also where few of them found something.

What a share is worth follows from its variance, and that hangs on how heavy the visits with a finding are. With ten findings that is hardly known: when no heavy
one happens to be among them, the share seems to be known better than it is. So the variance is also taken from a model, in which the odds of a finding go with
the chance of a visit: visits without a finding then tell how heavy the findings could have been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.worth import equal_draws, worth_of_shares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPREAD_TOLD_FROM = 20
"""Visits with a finding from which on their own spread is looked at."""
_CELLS = 64
"""Cells of like weights in which visits are taken together."""
_STEPS = 40


@dataclass(frozen=True)
class VisitsWorth:
    """Of some figures, what they are worth by the model, visits with a finding that each rests on, and what one visit weighs.

    Parameters
    ----------
    modelled, found
        Of the same shape.
    each
        What a visit with a finding weighs and one without (2, …): the sum of squared weights of such visits over the sum of their weights.
    """

    modelled: Floats
    found: Floats
    each: Floats


Place = int | slice | tuple[int | slice, ...]


def worth_of(
    found: Resampled,
    weight: Resampled,
    n: Floats | np.float64,
    visits: VisitsWorth | None,
    place: Place,
    *,
    level: float,
) -> Floats:
    """What shares of `n` visits are worth, from the weight of those with a finding and of all.

    By the model, where single visits are drawn; with twenty findings or more also by their own variance (`worth_of_shares`), whichever is less. By that variance
    alone where more than single visits is drawn (None), and where the model says nothing.

    Parameters
    ----------
    place
        Where the shares stand among the figures of the model.
    """
    own = worth_of_shares(found / weight, n, equal_draws(weight, n), level=level)
    if visits is None:
        return own
    modelled, few = visits.modelled[place], visits.found[place] < SPREAD_TOLD_FROM
    return np.asarray(np.where(np.isnan(modelled), own, np.where(few, modelled, np.fmin(own, modelled))))


def slope_of(weight: Floats, found: Floats) -> float:
    """How the log-odds of a finding go with the logarithm of the weight of all visits (visit,); nought where no visit has any weight."""
    there = weight > 0
    if not there.any():
        return 0.0
    one_figure = np.zeros(int(there.sum()), np.int64)
    return float(_fitted(_in_cells(weight[there], found[there] > 0, one_figure, 1), 0.0).slope[0])


def visits_worth(weight: Floats, found: Floats, moves: Floats, *, slope: float = 0.0) -> VisitsWorth:
    r"""What shares of visits with a finding are worth by a model.

    With :math:`w_i` the weight of a visit, :math:`m_i` the part of it that goes with the draws (`Drawn`), :math:`p` the share and :math:`\pi_i` the modelled
    chance of a finding, the variance is :math:`V = \sum m_i^2 w_i^2 (\pi_i (1-p)^2 + (1-\pi_i) p^2) / (\sum w_i)^2` and the worth :math:`p(1-p)/V`. The log-odds of
    :math:`\pi_i` are a line in :math:`\log w_i`, of which the slope has a normal prior with standard deviation 1 around that of all visits (which has one around
    nought): with few findings these are as heavy as findings are elsewhere, with many they say so themselves. Where no visit found something, or every one did,
    the line has that slope, the chance is that of half a finding (half a visit without one) and :math:`p` is what it makes of it; they are then worth no more
    than there are.

    Parameters
    ----------
    weight
        Of each visit in each figure (visit, figure); zero where it has no part in it.
    found
        Whether a visit found something (visit,).
    moves
        Part of its weight that goes with the draws (visit,).
    slope
        Of all visits, as `slope_of` gives it.

    Returns
    -------
    VisitsWorth
        Shape (figure,); NaN without any visit. What a visit weighs is what the model expects; with twenty such visits or more also their own weights are looked
        at, and it is the larger.
    """
    visit, figure = np.nonzero(weight > 0)
    w, y = weight[visit, figure], found[visit] > 0
    figures = weight.shape[1]
    total, findings = (np.bincount(figure, column, minlength=figures).astype(np.float64) for column in (w, y))
    if not w.size:
        return VisitsWorth(np.full(figures, np.nan), findings, np.full((2, figures), np.nan))
    cells = _in_cells(w, y, figure, figures)
    chance = _fitted(cells, slope).chance(cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.bincount(figure, w * y, minlength=figures) / total
        p = np.where(cells.mixed, seen, (cells.sums * chance).sum(axis=1) / total)[:, None]
        squares = cells.sums_of((moves[visit] * w) ** 2) * (chance * (1 - p) ** 2 + (1 - chance) * p**2)
        worth = (p * (1 - p))[:, 0] * total**2 / squares.sum(axis=1)
    each = [_weight_of_one(cells, part, w[own], figure[own]) for own, part in ((y, chance), (~y, 1 - chance))]
    return VisitsWorth(np.where(cells.mixed, worth, np.minimum(worth, cells.n.sum(axis=1))), findings, np.stack(each))


def _weight_of_one(cells: _Cells, chance: Floats, w: Floats, figure: Ints) -> Floats:
    """What a visit of a kind weighs (figure,), from the chance that a visit is of that kind (figure, cell) and from the visits that are."""
    figures = len(chance)
    sums, squares, visits = (np.bincount(figure, column, minlength=figures) for column in (w, w * w, np.ones(w.size)))
    with np.errstate(divide="ignore", invalid="ignore"):
        modelled = (cells.squares * chance).sum(axis=1) / (cells.sums * chance).sum(axis=1)
        return np.asarray(np.where(visits < SPREAD_TOLD_FROM, modelled, np.fmax(modelled, squares / sums)))


@dataclass(frozen=True)
class _Cells:
    """Visits of like weight taken together.

    How to sum a column of lines; and per figure and cell the sum of weights and of their squares, visits, findings, and the mean logarithm of the weight less that of
    the figure.
    """

    sums_of: Callable[[Floats], Floats]
    sums: Floats
    squares: Floats
    n: Floats
    found: Floats
    x: Floats

    @property
    def mixed(self) -> NDArray[np.bool_]:
        """Of each figure, whether some visits found something and others did not."""
        found = self.found.sum(axis=1)
        return np.asarray((found > 0) & (found < self.n.sum(axis=1)))


def _in_cells(w: Floats, y: NDArray[np.bool_], figure: Ints, figures: int) -> _Cells:
    """Lines of weight, finding and figure, in cells of equal width of the logarithm of the weight."""
    logs = np.log(w)
    low, width = logs.min(), (logs.max() - logs.min()) / _CELLS
    within = np.minimum((logs - low) / width, _CELLS - 1).astype(np.int64) if width > 0 else np.zeros(w.size, np.int64)
    cell = figure * _CELLS + within

    def sums_of(column: Floats) -> Floats:
        return np.bincount(cell, column, minlength=figures * _CELLS).reshape(figures, _CELLS).astype(np.float64)

    n, found, total = (sums_of(column) for column in (np.ones(w.size), y.astype(np.float64), logs))
    mean = total.sum(axis=1) / np.maximum(n.sum(axis=1), 1.0)
    x = np.where(n > 0, total / np.maximum(n, 1.0) - mean[:, None], 0.0)
    return _Cells(sums_of, sums_of(w), sums_of(w * w), n, found, x)


@dataclass(frozen=True)
class _Line:
    """The log-odds of a finding per figure: at the mean logarithm of the weight, and their slope."""

    level: Floats
    slope: Floats

    def chance(self, cells: _Cells) -> Floats:
        """Of a finding (figure, cell)."""
        return np.asarray(expit(self.level[:, None] + self.slope[:, None] * cells.x))


def _fitted(cells: _Cells, centre: float) -> _Line:
    """The likeliest lines under the prior of the slope, around `centre`: Newton's method, all figures at once.

    Where all visits are of one kind no line is likeliest: it stays where it begins, at half a visit of the other kind.
    """
    n, found, x, mixed = cells.n, cells.found, cells.x, cells.mixed
    start = (found.sum(axis=1) + 0.5) / (n.sum(axis=1) + 1)
    line = _Line(logit(start), np.full(len(n), centre))
    for _ in range(_STEPS):
        chance = line.chance(cells)
        off, spread = found - n * chance, n * chance * (1 - chance)
        pull, pull_slope = off.sum(axis=1), (off * x).sum(axis=1) - (line.slope - centre)
        a, b, c = spread.sum(axis=1) + 1e-9, (spread * x).sum(axis=1), (spread * x * x).sum(axis=1) + 1.0
        determinant = a * c - b * b
        step = np.where(mixed, np.clip((c * pull - b * pull_slope) / determinant, -1, 1), 0.0)
        step_slope = np.where(mixed, np.clip((a * pull_slope - b * pull) / determinant, -1, 1), 0.0)
        line = _Line(line.level + step, line.slope + step_slope)
        if max(np.abs(step).max(), np.abs(step_slope).max()) < 1e-9:
            break
    return line
