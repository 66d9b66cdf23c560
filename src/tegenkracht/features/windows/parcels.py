"""Facts that a finite window may still need apart: one parcel for every lot of facts that came in together, dealt out by bin (block of entities and kind) and bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Kind = TypeVar("Kind", bound=np.generic)

_SPARE = 1.25  # how much larger the room becomes when it is full


@dataclass(frozen=True)
class Parcel:
    """Where the facts of one lot are.

    Parameters
    ----------
    oldest
        Number of the first bucket that was open when they came.
    starts
        (bin, bucket): where the facts start that are older than every open bucket, then where those of bucket `oldest + j - 1` do; the last column is
        where those of the bin end.
    """

    oldest: int
    starts: Positions

    @property
    def newest(self) -> int:
        """Number of the last bucket."""
        return self.oldest + int(self.starts.shape[1]) - 3

    def from_bucket(self, bucket: int) -> Positions:
        """Per bin, where the facts of this open bucket and of later ones start."""
        at: Positions = self.starts[:, min(max(bucket - self.oldest, 0) + 1, self.starts.shape[1] - 1)]
        return at


@dataclass
class Parcels:
    """Room for facts, the oldest parcel first: the places of their entities and their values. The arrays move when they grow."""

    _kept: list[Parcel] = field(default_factory=list)
    _place: NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, np.uint16))
    _worth: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    _used: int = 0

    @property
    def arrays(self) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
        """Places of entities in their block, and values."""
        return self._place, self._worth

    def room_for(self, size: int) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
        """Room for so many facts more."""
        if self._used + size > self._place.size:
            self._make_room(size)
        free = slice(self._used, self._used + size)
        return self._place[free], self._worth[free]

    def keep(self, oldest: int, starts: Positions, size: int) -> None:
        """Keep what was written in the places given last: `starts` are counted from the first of them."""
        self._kept.append(Parcel(oldest, starts + self._used))
        self._used += size

    def forget(self, before: int) -> None:
        """Drop parcels, the oldest first, that hold nothing from bucket `before` on."""
        while self._kept and self._kept[0].newest < before:
            del self._kept[0]

    def cuts(self, firsts: Positions, bins: int) -> Positions:
        """(parcel, window + 1, bin): where the facts of a bin end, and per finite window where its own start; `firsts` are the windows' first buckets."""
        cuts = np.empty((len(self._kept), firsts.size + 1, bins), np.int64)
        for p, parcel in enumerate(self._kept):
            cuts[p, 0] = parcel.starts[:, -1]
            for w, bucket in enumerate(firsts):
                cuts[p, w + 1] = parcel.from_bucket(int(bucket))
        return cuts

    def _make_room(self, size: int) -> None:
        """Move what is kept to the front, and to larger arrays when that is not enough."""
        head = int(self._kept[0].starts[0, 0]) if self._kept else self._used
        live = slice(head, self._used)
        wanted, room = self._used - head + size, self._place.size
        if wanted > room or 2 * head < self._used:  # a move that frees little comes back soon
            room = max(int(_SPARE * room), wanted)
        self._place, self._worth = _moved(self._place, live, room), _moved(self._worth, live, room)
        self._kept = [Parcel(parcel.oldest, parcel.starts - head) for parcel in self._kept]
        self._used -= head


def _moved(array: NDArray[Kind], live: slice, room: int) -> NDArray[Kind]:
    """The live part at the front of an array of this size: the same one when it has it."""
    moved = array if room == array.size else np.empty(room, array.dtype)
    moved[: live.stop - live.start] = array[live]
    return moved
