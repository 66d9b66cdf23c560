"""Binomial numbers: those that NumPy draws, in less time where few are expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    few = _Few.of(number, chance)
    if few is None:
        return rng.binomial(number, chance, shape)
    live, out = (number > 0) & (chance > 0), np.zeros(shape, np.int64)
    if live.all():
        out[...] = few.over(shape).drawn(rng).reshape(shape)
    else:
        live = np.broadcast_to(live, shape)
        out[live] = few.over(shape, live).drawn(rng)
    return out


def binomials(number: Ints, chance: Floats, rng: np.random.Generator) -> Iterator[Ints]:
    """Again and again the numbers of `rng.binomial(number, chance)`; what to look up is worked out once.

    Each is overwritten by the next.
    """
    live, out = (number > 0) & (chance > 0), np.zeros(number.shape, np.int64)
    few = _Few.of(number[live], chance[live])
    while True:
        if few is None:
            yield rng.binomial(number, chance)
        else:
            out[live] = few.drawn(rng)
            yield out


@dataclass(frozen=True)
class _Few:
    """Numbers that are looked up.

    Parameters
    ----------
    number, often
        Of how many, and whether the chance is above a half: then what does not come out is looked up.
    rarer, nothing
        The chance of what is looked up, and that of none of it.
    """

    number: Ints
    often: NDArray[np.bool_]
    rarer: Floats
    nothing: Floats

    @classmethod
    def of(cls, number: Ints, chance: Floats) -> _Few | None:
        """None where more are expected than NumPy looks up."""
        rarer = np.minimum(chance, 1 - chance)
        if (number * rarer).max(initial=0) > _LOOKED_UP:
            return None
        return cls(number, chance > 0.5, rarer, np.exp(number * np.log(1 - rarer)))

    def over(self, shape: tuple[int, ...], places: NDArray[np.bool_] | None = None) -> _Few:
        """The same repeated over a larger table: all of it, or some of its places."""

        def over(of: NDArray[Any]) -> NDArray[Any]:
            wide = np.broadcast_to(of, shape)
            return wide.ravel() if places is None else wide[places]

        return _Few(over(self.number), over(self.often), over(self.rarer), over(self.nothing))

    def drawn(self, rng: np.random.Generator) -> Floats:
        """One number of each."""
        found = np.empty(self.number.size)
        draw_findings(rng.random(self.number.size), self.number, self.rarer, self.nothing, found)
        return np.where(self.often, self.number - found, found)
