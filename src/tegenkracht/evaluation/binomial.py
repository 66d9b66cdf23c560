"""Binomial numbers: those that NumPy draws, in less time where few are expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.isotonic import draw_findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LOOKED_UP = 30
"""Expected findings up to which NumPy looks a uniform number up in the distribution; beyond it throws away."""


def binomial(number: Ints, chance: Floats, rng: np.random.Generator, *, shape: tuple[int, ...]) -> Ints:
    """The numbers of `rng.binomial(number, chance, shape)`.

    NumPy prepares for throwing away before it finds that it may look up, for each number anew; and it takes no uniform number where nothing can come out.

    Examples
    --------
    >>> number, chance = np.array([9, 0, 40]), np.array([0.1, 0.5, 0.7])
    >>> own = binomial(number, chance, np.random.default_rng(1), shape=(5, 3))
    >>> (own == np.random.default_rng(1).binomial(number, chance, (5, 3))).all()
    np.True_
    """
    rarer = np.minimum(chance, 1 - chance)
    if (number * rarer).max(initial=0) > _LOOKED_UP:
        return rng.binomial(number, chance, shape)
    live = np.broadcast_to((number > 0) & (chance > 0), shape)
    nothing = np.exp(number * np.log(1 - rarer))
    of, rarer, nothing, often = (np.broadcast_to(part, shape)[live] for part in (number, rarer, nothing, chance > 0.5))
    found = np.empty(of.size)
    draw_findings(rng.random(of.size), of, rarer, nothing, found)
    out = np.zeros(shape, np.int64)
    out[live] = np.where(often, of - found, found)
    return out
