"""What can be seen of the true state: indicator events, on what they depend, when they are known, and what is missed (methods D.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from tegenkracht.data.world.arrays import Days, Flags, Floats, Ints
from tegenkracht.data.world.clock import QUARTERS, days_in
from tegenkracht.data.world.logistic import expit, in_a_quarter
from tegenkracht.data.world.mechanism import Mechanism, Signal
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.streams import Streams, settled
from tegenkracht.data.world.world import World

_LOST = 0.03  # of the events, by chance and whatever they are
_FADED = 0.7  # how much of their meaning indicators lose by the last quarter, when drift is fully on
_HIDES, _HIDDEN = 0.5, 3  # share of the cases that hide, and how many indicators they can hide


@dataclass(frozen=True)
class Events:
    """Arrays by event: unit, kind (position among the sector's kinds), the days it occurred and was known, its value (NaN: none)."""

    unit: Ints
    kind: Ints
    occurred: Days
    known: Days
    value: Floats

    def taken(self, rows: Flags | Ints) -> Events:
        """Some of the events."""
        return Events(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def together(cls, parts: Sequence[Events]) -> Events:
        """All events of several."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @classmethod
    def none(cls) -> Events:
        """No events."""
        whole, day = np.zeros(0, dtype=np.int64), np.zeros(0, dtype="datetime64[D]")
        return cls(whole, whole, day, day, np.zeros(0))


@dataclass(frozen=True)
class Seen:
    """How a sector's indicators work in one world; rows of the matrices are indicators, columns units.

    `quiet` is the chance in a quarter at a unit without a state, `log_odds` that of eight quarters; `cover` decides whether it can be
    known at all; `hidden` says which indicators an adversary hides, `hides` at which units.
    """

    kinds: tuple[str, ...]
    signals: tuple[Signal, ...]
    log_odds: Floats
    quiet: Floats
    cover: Floats
    hidden: Flags
    hides: Flags


def seen_at(
    places: Places, mechanism: Mechanism, world: World, manipulability: Mapping[str, int], streams: Streams
) -> Seen:
    """The indicators of a sector at each unit, before anything has happened."""
    signals, sector = tuple(mechanism.signals.values()), places.sector
    deprivation = (places.deprivation + places.context) / 2
    group = places.group - places.group.mean()
    proxies = world.switches.proxies
    log_odds = np.array([one.level + proxies * (one.deprivation * deprivation + one.group * group) for one in signals])
    order = sorted(mechanism.signals, key=lambda name: -manipulability[name])
    return Seen(
        kinds=tuple(mechanism.signals),
        signals=signals,
        log_odds=settled(log_odds),
        quiet=settled(in_a_quarter(expit(log_odds))),
        cover=np.array([streams.uniform(places.count, "coverage", sector, name) for name in mechanism.signals]),
        hidden=np.isin(list(mechanism.signals), order[:_HIDDEN]),
        hides=streams.uniform(places.count, "adversary", sector) < _HIDES * world.switches.adversary,
    )


def events_in(
    quarter: int,
    seen: Seen,
    places: Places,
    state: Ints,
    *,
    visited_before: Flags,
    just_visited: Flags,
    world: World,
    streams: Streams,
) -> Events:
    """What happens at open units in a quarter, known at once or later.

    Every signal has its own stream. What an adversary hides after a first visit, what nobody could know, and 3 % of the rest, is left out.
    """
    with_state = np.flatnonzero(state > 0)
    silent = seen.hides & visited_before & (state > 0)
    is_open = places.is_open(quarter)
    made = [Events.none()]
    for place, (name, signal) in enumerate(zip(seen.kinds, seen.signals, strict=True)):
        chance = _chance(seen, place, signal, state, with_state, quarter, world)
        happens = streams.uniform(places.count, "events", places.sector, name, quarter) < chance
        happens &= is_open & _is_shown(seen.cover[place], signal, just_visited, world)
        if seen.hidden[place]:
            happens &= ~silent
        made.append(_told(np.flatnonzero(happens), place, name, signal, chance, quarter, places.sector, streams))
    return Events.together(made)


def sizes_in(year_start: int, places: Places, size: Floats, kind: int) -> Events:
    """The yearly count of a unit's size, on the first day of the second quarter, known a month later."""
    unit = np.flatnonzero(places.is_open(year_start + 1))
    day = np.full(len(unit), days_in(year_start + 1, np.zeros(1))[0])
    return Events(
        unit,
        np.full(len(unit), kind),
        day,
        np.asarray(day + np.timedelta64(30, "D"), dtype="datetime64[D]"),
        size[unit],
    )


def fading(world: World, quarter: int) -> float:
    """What is left of the meaning of indicators: 1 at the start, with full drift 0.3 at the end."""
    return 1 - _FADED * world.switches.drift * min(max(quarter, 0) / (QUARTERS - 1), 1.0)


def _chance(
    seen: Seen, place: int, signal: Signal, state: Ints, with_state: Ints, quarter: int, world: World
) -> Floats:
    """The chance of an event this quarter, by unit; only units with a state need work."""
    chance: Floats = seen.quiet[place].copy()
    by_type = world.signal * fading(world, quarter) * np.array([0.0, *signal.by_type])
    log_odds = seen.log_odds[place, with_state] + by_type[state[with_state]]
    chance[with_state] = settled(in_a_quarter(expit(log_odds)))
    if signal.season:
        chance = np.minimum(chance * round(float(np.exp(signal.season * (1, -1, -1, 1)[quarter % 4])), 6), 1.0)
    return chance


def _is_shown(cover: Floats, signal: Signal, just_visited: Flags, world: World) -> Flags:
    """Whether an indicator can be known: it is covered, or (with `missing_by_inspection`) somebody was there a quarter ago."""
    on = world.switches.missing_by_inspection
    if not signal.on_sight or on == 0:
        return np.asarray(cover < signal.coverage)
    return np.asarray((cover < (1 - on) * signal.coverage) | (just_visited & (cover >= 1 - on)))


def _told(
    unit: Ints, place: int, name: str, signal: Signal, chance: Floats, quarter: int, sector: str, streams: Streams
) -> Events:
    """The events of one signal with their dates and values, less those that got lost."""
    unit = unit[streams.at(unit, "lost", sector, name, quarter) >= _LOST]
    occurred = days_in(quarter, streams.at(unit, "day", sector, name, quarter))
    wait = 91 * signal.lag * (0.5 + streams.at(unit, "lag", sector, name, quarter))
    paper = 14 * streams.at(unit, "paper", sector, name, quarter)
    known = occurred + np.floor(wait + paper).astype("timedelta64[D]")
    value = _value(signal, streams.at(unit, "value", sector, name, quarter), chance[unit])
    return Events(unit, np.full(len(unit), place), occurred, known, value)


def _value(signal: Signal, uniform: Floats, chance: Floats) -> Floats:
    """What an event's value counts."""
    if signal.value == "number":
        return _number(uniform, chance)
    if signal.value == "days":
        return np.asarray(np.ceil(-60 * np.log1p(-uniform) + 1))
    if signal.value == "share":
        return np.asarray(np.round(0.1 + 0.8 * uniform**2, 2))
    if signal.value == "percent":
        return np.where(uniform < 0.5, -1, 1) * np.round(30 + 60 * np.abs(2 * uniform - 1), 0)
    return np.full(len(uniform), np.nan)


def _number(uniform: Floats, chance: Floats) -> Floats:
    """A negative binomial number (k = 2) that is at least 1, where the chance of at least 1 is given."""
    q = np.sqrt(1 - np.minimum(chance, 0.999))
    number, below = np.ones(len(q)), np.zeros(len(q))
    for n in range(1, 9):
        below = below + (n + 1) * q**2 * (1 - q) ** n / (1 - q**2)
        number += uniform >= settled(below)
    return number
