"""Binomial numbers: those that NumPy draws, in less time where few are expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.isotonic import draw_findings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LOOKED_UP = 30
"""Expected findings up to which NumPy looks a uniform number up in the distribution; beyond it throws away."""


def binomial(number: Ints, chance: Floats, rng: np.random.Generator) -> Ints:
    """The numbers of `rng.binomial(number, chance)`, of arrays of one shape.

    NumPy prepares for throwing away before it finds that it may look up, for each number anew; and it takes no uniform number where nothing can come out.

    Examples
    --------
    >>> number, chance = np.array([[9, 0, 40]]), np.array([[0.1, 0.5, 0.7]])
    >>> own, theirs = binomial(number, chance, np.random.default_rng(1)), np.random.default_rng(1).binomial(number, chance)
    >>> own.tolist() == theirs.tolist()
    True
    """
    rarer = np.minimum(chance, 1 - chance)
    if (number * rarer).max(initial=0) > _LOOKED_UP:
        return rng.binomial(number, chance)
    live = (number > 0) & (chance > 0)
    of, rarer, often = number[live], rarer[live], chance[live] > 0.5
    found = np.empty(of.size)
    draw_findings(rng.random(of.size), of, rarer, np.exp(of * np.log(1 - rarer)), found)
    out = np.zeros(number.shape, np.int64)
    out[live] = np.where(often, of - found, found)
    return out
