"""Links with their dates, and which of them were known and open at a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.span import Span
from tegenkracht.data.sources import Dataset
from tegenkracht.features.space.position import positions

Flags = NDArray[np.bool_]
Index = NDArray[np.int64]
Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Links:
    """Ties from one thing to another, sorted by both: unit to party, or address to operator; shapes (n_links,).

    `until_on` may lie in the future of any date that is asked about, so that it is only ever compared with dates that have passed: an end
    after the date is no end yet. The contract has no date on which an end became known, so that it counts from the day itself.
    """

    one: Index
    other: Index
    from_on: Dates
    until_on: Dates
    known_on: Dates
    size: tuple[int, int]

    def open_on(self, date: pd.Timestamp) -> Flags:
        """Known, begun, and not ended by a date."""
        return self._since(date, date)

    def during(self, date: pd.Timestamp, window: Span | None) -> Flags:
        """Known and begun by a date, and not ended before the window that ends then; without a window also those that ended."""
        return self._since(date, None if window is None else window.before(date))

    def _since(self, date: pd.Timestamp, start: pd.Timestamp | None) -> Flags:
        begun = (self.known_on <= date.to_datetime64()) & (self.from_on <= date.to_datetime64())
        if start is None:
            return np.asarray(begun)
        return np.asarray(begun & (np.isnat(self.until_on) | (self.until_on > start.to_datetime64())))


def links_of(dataset: Dataset, roles: Sequence[str]) -> Links:
    """The links of the units in some roles; units and parties by their position in `units` and in the sorted parties."""
    table = dataset.tables["links"]
    units = dataset.tables["units"]["unit_id"]
    party, parties = pd.factorize(table["party_id"], sort=True)
    unit = positions(table["unit_id"], units)
    kept = np.flatnonzero(table["role"].isin(list(roles)).to_numpy() & (unit >= 0))
    dates = [table[name].to_numpy(dtype="datetime64[us]")[kept] for name in ("from_on", "until_on", "known_on")]
    return _sorted(unit[kept], np.asarray(party, dtype=np.int64)[kept], *dates, size=(len(units), len(parties)))


def operators_at(addresses: Links, operators: Links) -> Links:
    """Ties from an address to the operators of the units there, while the unit was there and they ran it."""
    columns = ("one", "other", "from_on", "until_on", "known_on")
    there, run = (pd.DataFrame({name: getattr(links, name) for name in columns}) for links in (addresses, operators))
    both = there.merge(run, on="one", suffixes=("", "_run"))
    dates = {
        name: both[name].to_numpy(dtype="datetime64[us]") for name in both.columns if name.endswith(("_on", "_on_run"))
    }
    begun = np.maximum(dates["from_on"], dates["from_on_run"])
    ended = np.fmin(dates["until_on"], dates["until_on_run"])
    known = np.maximum(dates["known_on"], dates["known_on_run"])
    met = np.isnat(ended) | (begun < ended)
    address, operator = both["other"].to_numpy()[met], both["other_run"].to_numpy()[met]
    return _sorted(address, operator, begun[met], ended[met], known[met], size=(addresses.size[1], operators.size[1]))


def _sorted(
    one: Index, other: Index, from_on: Dates, until_on: Dates, known_on: Dates, *, size: tuple[int, int]
) -> Links:
    order = np.lexsort((other, one))
    return Links(one[order], other[order], from_on[order], until_on[order], known_on[order], size)
