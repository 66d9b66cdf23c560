"""Chance: one seeded stream for each mechanism, sector and quarter."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tegenkracht.data.world.arrays import Floats, Ints

_DIGITS = 6
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Streams:
    """Common random numbers: what one mechanism draws never shifts what another draws.

    Every draw is for all units, whether it is used or not, so a world with one mechanism switched off differs only where that mechanism
    reaches. Only `Generator.random` is used, whose stream NumPy keeps the same between versions; everything else is made
    from it by inversion, and rounded, so that the last bit of a library's `exp` never decides anything.

    Examples
    --------
    >>> one = Streams(1)
    >>> bool((one.uniform(3, "tip", "marina", 4) == one.uniform(5, "tip", "marina", 4)[:3]).all())
    True
    >>> bool((one.uniform(3, "tip", "marina", 4) == one.uniform(3, "tip", "marina", 5)).any())
    False
    """

    seed: int

    def uniform(self, count: int, *path: str | int) -> Floats:
        """Numbers from 0 up to 1."""
        return np.random.Generator(np.random.PCG64(self._key(path))).random(count)

    def at(self, units: Ints, *path: str | int) -> Floats:
        """Numbers from 0 up to 1 for some units: the same number for a unit whichever others are asked for."""
        start = self._key(path).generate_state(1, np.uint64)[0]
        with np.errstate(over="ignore"):
            mixed = _mix(_mix(units.astype(np.uint64) * _GOLDEN + start) + _GOLDEN)
        return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def normal(self, count: int, *path: str | int) -> Floats:
        """Standard normal numbers, by inversion."""
        return np.asarray(settled(ndtri(self.uniform(count, *path) + 2.0**-54)))

    def _key(self, path: tuple[str | int, ...]) -> np.random.SeedSequence:
        words = [part if isinstance(part, int) else zlib.crc32(part.encode()) for part in path]
        return np.random.SeedSequence([self.seed, *(word + 1_000 for word in words)])


def settled(values: Floats) -> Floats:
    """Values to six digits: the same on every version of the libraries beneath."""
    return np.asarray(np.round(values, _DIGITS))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Steele, Lea and Flood's SplitMix64 finaliser (2014): every bit of the result depends on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))
