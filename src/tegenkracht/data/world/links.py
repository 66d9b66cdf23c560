"""The links table: who held what, from when until when, as the registers have it (methods D.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tegenkracht.data.world.arrays import Days, Ints
from tegenkracht.data.world.clock import KNOWN_UNTIL
from tegenkracht.data.world.parties import SEEN_BENEFICIAL, as_recorded
from tegenkracht.data.world.sector_run import Handovers, Setting
from tegenkracht.data.world.store import Columns, taken, words

_BEGIN = np.datetime64("2012-01-01")
_REGISTERED = np.timedelta64(14, "D")  # days until a change stands in the register
_OPEN = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class _Rows:
    """Arrays by row of one role: unit, number of the party, first and last day."""

    unit: Ints
    party: Ints
    from_on: Days
    until_on: Days
    role: str
    prefix: str


def link_rows(setting: Setting, handovers: Sequence[Handovers], first: int) -> Columns:
    """All links of a sector: `order` is what the rows of several sectors are sorted by, `unit` counts among all units."""
    parts = [part for part in _roles(setting, handovers) if part is not None]
    if not parts:
        return {}
    known = np.concatenate([part.from_on for part in parts]) + _REGISTERED
    kept = known <= KNOWN_UNTIL
    until = np.concatenate([part.until_on for part in parts])
    until[until > KNOWN_UNTIL] = _OPEN
    letter = setting.mechanism.letter
    party = np.concatenate(
        [np.char.add(f"{part.prefix}-{letter}", np.char.zfill(part.party.astype(str), 7)) for part in parts]
    )
    return {
        "unit": np.concatenate([part.unit for part in parts])[kept] + first,
        "party_id": party[kept],
        "role": np.repeat([part.role for part in parts], [len(part.unit) for part in parts])[kept],
        "from_on": np.concatenate([part.from_on for part in parts])[kept],
        "until_on": until[kept],
        "known_on": known[kept],
    }


def in_order(parts: Sequence[Columns], unit_id: pa.Array) -> Columns:
    """The links of several sectors in the table's own order."""
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort([rows["role"], rows["party_id"], rows["unit"], rows["known_on"]])
    return {
        "unit_id": taken(unit_id, rows["unit"][order]),
        "party_id": words(rows["party_id"][order]),
        "role": words(rows["role"][order]),
        **{name: rows[name][order] for name in ("from_on", "until_on", "known_on")},
    }


def _roles(setting: Setting, handovers: Sequence[Handovers]) -> list[_Rows | None]:
    roles, parties, count = setting.mechanism.roles, setting.parties, setting.places.count
    everyone, begun = np.arange(count), _first_days(setting)
    open_end = np.full(count, _OPEN)
    run = _director_rows(setting, handovers, begun)
    seen = (
        setting.streams.at(run.unit * 1_000 + _turn(run.unit), "beneficial seen", setting.places.sector)
        < SEEN_BENEFICIAL
    )
    behind = np.where(np.arange(len(run.unit)) < count, parties.beneficial_owner[run.unit], run.party)
    return [
        _Rows(everyone, _noted(setting, parties.owner, everyone, "owner"), begun, open_end, roles.owner, "party")
        if roles.owner
        else None,
        _Rows(
            run.unit,
            _noted(setting, run.party, run.unit, "director"),
            run.from_on,
            run.until_on,
            roles.director,
            "party",
        )
        if roles.director
        else None,
        _Rows(
            run.unit[seen],
            _noted(setting, behind, run.unit, "ubo")[seen],
            run.from_on[seen],
            run.until_on[seen],
            roles.beneficial_owner,
            "party",
        )
        if roles.beneficial_owner
        else None,
        _Rows(everyone, parties.address, begun, open_end, roles.address, "address") if roles.address else None,
    ]


def _director_rows(setting: Setting, handovers: Sequence[Handovers], begun: Days) -> _Rows:
    """One row for each director in turn; the end of each is the day on which the unit was left."""
    count = setting.places.count
    unit = np.concatenate([np.arange(count), *(one.came for one in handovers)])
    party = np.concatenate([setting.parties.director, *(one.party for one in handovers)])
    from_on = np.concatenate([begun, *(one.came_on for one in handovers)])
    left = np.concatenate([np.zeros(0, dtype=np.int64), *(one.left for one in handovers)])
    left_on = np.concatenate([np.zeros(0, dtype="datetime64[D]"), *(one.left_on for one in handovers)])
    until_on = np.full(len(unit), _OPEN)
    came, gone = np.lexsort([from_on, unit]), np.lexsort([left_on, left])
    turn_left = _turn(left[gone])
    place = np.searchsorted(unit[came], left[gone], side="left") + turn_left  # the n-th to leave is the n-th that came
    until_on[came[place]] = np.maximum(left_on[gone], from_on[came[place]])
    return _Rows(unit, party, from_on, until_on, "", "party")


def _turn(unit: Ints) -> Ints:
    """For each row the how-manieth of its unit it is, in the order of the rows."""
    order = np.argsort(unit, kind="stable")
    sorted_ = unit[order]
    starts = np.flatnonzero(np.r_[True, sorted_[1:] != sorted_[:-1]]) if len(unit) else np.zeros(0, dtype=np.int64)
    turn = np.empty(len(unit), dtype=np.int64)
    turn[order] = np.arange(len(unit)) - np.repeat(starts, np.diff(np.r_[starts, len(unit)]))
    return turn


def _first_days(setting: Setting) -> Days:
    """The day on which the first party came: when the unit opened, or some day in the twelve years before."""
    places = setting.places
    back = np.floor(4_000 * setting.streams.uniform(places.count, "first party", places.sector)).astype(
        "timedelta64[D]"
    )
    return np.where(np.isnat(places.opened_on), _BEGIN - back, np.minimum(places.opened_on, KNOWN_UNTIL))


def _noted(setting: Setting, party: Ints, unit: Ints, role: str) -> Ints:
    """Parties as the register of a role has them."""
    uniform = setting.streams.at(unit * 1_000 + _turn(unit), "register", role, setting.places.sector)
    return as_recorded(party, setting.parties.count, uniform, setting.world.switches.er_noise)
