"""Facts of the open buckets, added up per bucket, kind and entity: one parcel for every lot of facts that came in together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]

_SPARE = 1.25  # how much larger the room becomes when it is full


@dataclass(frozen=True)
class Parcel:
    """Entries of one lot of facts.

    Parameters
    ----------
    oldest
        Number of the first bucket.
    starts
        (block, bucket): where the entries of bucket `oldest + j` start; the last column is where those of the block end.
    """

    oldest: int
    starts: Positions

    @property
    def newest(self) -> int:
        """Number of the last bucket."""
        return self.oldest + self.starts.shape[1] - 2

    def from_bucket(self, bucket: int) -> Positions:
        """Per block, where the entries of this bucket and of later ones start."""
        at: Positions = self.starts[:, min(max(bucket - self.oldest, 0), self.starts.shape[1] - 1)]
        return at


@dataclass
class Entries:
    """Room for entries, oldest parcel first; the arrays move when it grows.

    Parameters
    ----------
    kinds
        Type of every array that is kept; an array that nobody asked for has no room (it is one place long).
    """

    kinds: Mapping[str, tuple[np.dtype[Any], bool]]
    parcels: list[Parcel] = field(default_factory=list)
    _arrays: dict[str, NDArray[Any]] = field(init=False, repr=False)
    _room: int = 0
    _used: int = 0

    def __post_init__(self) -> None:
        self._arrays = {name: np.empty(1, kind) for name, (kind, _) in self.kinds.items()}

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All arrays, in the order of `kinds`."""
        return tuple(self._arrays.values())

    def room_for(self, size: int) -> tuple[NDArray[Any], ...]:
        """The free end of every array, at least `size` long (those that nobody asked for as they are)."""
        if self._used + size > self._room:
            self._make_room(self._used + size)
        return tuple(
            array[self._used : self._used + size] if self.kinds[name][1] else array
            for name, array in self._arrays.items()
        )

    def keep(self, oldest: int, starts: Positions, size: int) -> None:
        """Keep what was written in the last room that was given: `starts` are places in it, `size` how much of it was given."""
        self.parcels.append(Parcel(oldest, starts + self._used))
        self._used += size

    def forget(self, before: int) -> None:
        """Drop parcels, the oldest first, that hold nothing from bucket `before` on."""
        while self.parcels and self.parcels[0].newest < before:
            del self.parcels[0]

    def cuts(self, firsts: NDArray[np.int64], blocks: int) -> Positions:
        """(parcel, window + 1, block): the end of the entries, and per finite window where its entries start; `firsts` are the windows' first buckets."""
        cuts = np.empty((len(self.parcels), firsts.size + 1, blocks), np.int64)
        for p, parcel in enumerate(self.parcels):
            cuts[p, 0] = parcel.starts[:, -1]
            for w, bucket in enumerate(firsts):
                cuts[p, w + 1] = parcel.from_bucket(int(bucket))
        return cuts

    def _make_room(self, wanted: int) -> None:
        """Move what is kept to the front, and to larger arrays when that is not enough."""
        head = int(self.parcels[0].starts[0, 0]) if self.parcels else self._used
        live = self._used - head
        grows = wanted - head > self._room or head < live  # a move that frees little is not worth it
        room = max(int(_SPARE * self._room), wanted - head) if grows else self._room
        for name, (kind, asked) in self.kinds.items():
            if asked:
                moved = np.empty(room, kind) if grows else self._arrays[name]
                moved[:live] = self._arrays[name][head : self._used]
                self._arrays[name] = moved
        self.parcels = [Parcel(parcel.oldest, parcel.starts - head) for parcel in self.parcels]
        self._room, self._used = room, live
