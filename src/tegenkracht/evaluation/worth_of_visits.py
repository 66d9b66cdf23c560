r"""What shares of weighed visits are worth, also where few of them found something.

What a share is worth follows from its variance, and that hangs on how heavy the visits with a finding are. With ten findings that is hardly known: when no heavy
one happens to be among them, the share seems to be known better than it is. So the variance is also taken from a model, in which the odds of a finding go with
the chance of a visit: visits without a finding then tell how heavy the findings could have been.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.worth import worth_of_shares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW_FOUND = 20
"""Visits with a finding under which their own spread is not looked at."""
_CELLS = 64
"""Cells of like weights in which visits are taken together."""
_STEPS = 40


@dataclass(frozen=True)
class VisitsWorth:
    """Of some figures, what they are worth by the model, and visits with a finding that each rests on; of the same shape."""

    modelled: Floats
    found: Floats

    def of(self, shares: Resampled, n: Floats | np.float64, place: tuple[int | slice, ...], *, level: float) -> Floats:
        """What shares of `n` visits are worth: by the model; with twenty findings or more also by their own variance (`worth_of_shares`), whichever is less."""
        own = worth_of_shares(shares, n, level=level)
        modelled, few = self.modelled[place], self.found[place] < FEW_FOUND
        return np.asarray(np.where(np.isnan(modelled), own, np.where(few, modelled, np.fmin(own, modelled))))


def visits_worth(weight: Floats, found: Floats, moves: Floats) -> VisitsWorth:
    r"""What shares of visits with a finding are worth by a model.

    With :math:`w_i` the weight of a visit, :math:`m_i` the part of it that goes with the draws (`Drawn`), :math:`p` the share and :math:`\pi_i` the modelled
    chance of a finding, the variance is :math:`V = \sum m_i^2 w_i^2 (\pi_i (1-p)^2 + (1-\pi_i) p^2) / (\sum w_i)^2` and the worth :math:`p(1-p)/V`. The log-odds of
    :math:`\pi_i` are a line in :math:`\log w_i`, of which the slope has a normal prior with mean 0 and standard deviation 1: with few findings weight says nothing
    of them (then the worth is Kish's), with many they say how heavy they are.

    Parameters
    ----------
    weight
        Of each visit in each figure (visit, figure); zero where it has no part in it.
    found
        Whether a visit found something (visit,).
    moves
        Part of its weight that goes with the draws (visit,).

    Returns
    -------
    VisitsWorth
        Shape (figure,); NaN where no visit found something, or every one did.
    """
    visit, figure = np.nonzero(weight > 0)
    w, y = weight[visit, figure], found[visit] > 0
    figures = weight.shape[1]
    total = np.bincount(figure, w, minlength=figures)
    findings = np.bincount(figure, y, minlength=figures).astype(np.float64)
    visits = np.bincount(figure, minlength=figures)
    if not w.size:
        return VisitsWorth(np.full(figures, np.nan), findings)
    cell = figure * _CELLS + _cells(np.log(w))
    size = figures * _CELLS

    def per_cell(column: Floats) -> Floats:
        return np.bincount(cell, column, minlength=size).reshape(figures, _CELLS).astype(np.float64)

    n = per_cell(np.ones(w.size))
    middle = np.divide(per_cell(np.log(w)), n, out=np.zeros_like(n), where=n > 0)
    chance = _chances(n, per_cell(y.astype(np.float64)), middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (np.bincount(figure, w * y, minlength=figures) / total)[:, None]
        squares = per_cell((moves[visit] * w) ** 2) * (chance * (1 - p) ** 2 + (1 - chance) * p**2)
        worth = (p * (1 - p))[:, 0] * total**2 / squares.sum(axis=1)
    return VisitsWorth(np.where((findings > 0) & (findings < visits), worth, np.nan), findings)


def _cells(values: Floats) -> Ints:
    """Number of the cell of each value, of equal width from the lowest to the highest."""
    low, high = values.min(), values.max()
    width = (high - low) / _CELLS
    return (
        np.minimum((values - low) / width, _CELLS - 1).astype(np.int64)
        if width > 0
        else np.zeros(values.size, np.int64)
    )


def _chances(n: Floats, found: Floats, middle: Floats) -> Floats:
    """Modelled chance of a finding (figure, cell), from visits, findings and the mean logarithm of the weight in each cell: Newton's method, all figures at once."""
    visits = np.maximum(n.sum(axis=1), 1.0)
    x = middle - ((n * middle).sum(axis=1) / visits)[:, None]
    start = (found.sum(axis=1) + 0.5) / (visits + 1)
    level, slope = np.log(start / (1 - start)), np.zeros(len(n))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(level[:, None] + slope[:, None] * x)))
        off, spread = found - n * chance, n * chance * (1 - chance)
        pull, pull_slope = off.sum(axis=1), (off * x).sum(axis=1) - slope
        a, b, c = spread.sum(axis=1) + 1e-9, (spread * x).sum(axis=1), (spread * x * x).sum(axis=1) + 1.0
        determinant = a * c - b * b
        step = np.clip((c * pull - b * pull_slope) / determinant, -1, 1)
        step_slope = np.clip((a * pull_slope - b * pull) / determinant, -1, 1)
        level, slope = level + step, slope + step_slope
        if max(np.abs(step).max(), np.abs(step_slope).max()) < 1e-9:
            break
    return np.asarray(1 / (1 + np.exp(-(level[:, None] + slope[:, None] * x))))
