"""Who is visited, with which exact chance, by whom, and what is found (methods D.6 and D.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tegenkracht.data.world.arrays import Days, Flags, Floats, Ints
from tegenkracht.data.world.clock import days_in, start_of
from tegenkracht.data.world.logistic import expit, level_of
from tegenkracht.data.world.mechanism import Mechanism
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.streams import Streams, settled
from tegenkracht.data.world.world import World

CHANNELS = ("random", "risk", "signal", "complaint", "programme")
_GROUP, _DEPRIVATION, _HITS, _TIPS, _LENIENCY = 0.8, 0.4, 0.8, 1.0, 0.5  # log-odds of a visit at full intensity
_GAP = 0.5  # of the detection gap between the groups
_DEEP = 0.9  # least sensitivity of a deep visit (Bibob, RIEC)
_LEAST = 1e-6


@dataclass(frozen=True)
class Known:
    """What those who choose visits know on the first day of a quarter.

    `indicators` (indicators by units) counts what became known, the older the less: by an eighth a quarter. `hits` are recent findings
    in the cluster, `visited` and `found` the visits and findings of the unit itself until now.
    """

    quarter: int
    is_open: Flags
    indicators: Floats
    hits: Floats
    visited: Ints
    found: Ints


Policy = Callable[[Known], Floats]
"""Chances of a visit by unit (0 where closed), their sum the budget: what a closed loop puts in the place of a world's own rule."""


@dataclass(frozen=True)
class Crew:
    """The inspectors of a sector: how much each finds (log), and how readily each goes (log-odds)."""

    finds: Floats
    goes: Floats


@dataclass(frozen=True)
class Chances:
    """By unit: the exact chance of a visit, the part of it that is by lot, the tip, who would come, whether the visit would be a deep
    one, the chance of a finding if they come, and (the same draws for visited or not) whether they would find something that stands
    after any appeal, or something that an appeal takes away.
    """

    visit: Floats
    lot: Floats
    tip: Floats
    inspector: Ints
    deep: Flags
    finding: Floats
    potential: Flags
    overturned: Flags


@dataclass(frozen=True)
class Visits:
    """Arrays by visit. A `finding` stands after any appeal; one that does not is `overturned`.

    `propensity` is NaN for a second look, whose chance is that of the first times `seen_twice`.
    """

    unit: Ints
    day: Days
    known: Days
    channel: Ints
    inspector: Ints
    finding: Flags
    overturned: Flags
    severity: Floats
    propensity: Floats
    is_second: Flags

    @classmethod
    def together(cls, parts: Sequence[Visits]) -> Visits:
        """All visits of several."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


def make_crew(mechanism: Mechanism, places: Places, budget: float, world: World, streams: Streams) -> Crew:
    """Inspectors, one for so many visits a quarter, at least three."""
    count = max(3, round(places.count * budget / mechanism.visits_per_inspector))
    on, sector = world.switches.inspector_effect, places.sector
    finds = on * world.detection.inspector_sd * streams.normal(count, "inspectors find", sector)
    return Crew(settled(finds), settled(on * _LENIENCY * streams.normal(count, "inspectors go", sector)))


def chances_in(
    known: Known,
    state: Ints,
    places: Places,
    crew: Crew,
    *,
    budget: float,
    deep: float,
    score: Floats,
    policy: Policy | None,
    world: World,
    streams: Streams,
) -> Chances:
    """The chance of a visit and of a finding at every unit, visited or not.

    `score` is what the indicators say. A `policy` takes the place of the world's own rule, its draws by lot included.
    """
    count, here = places.count, (places.sector, known.quarter)
    inspector = _caseload(places, crew, world, streams, known.quarter)
    tip = settled(streams.normal(count, "tip", *here) + (state > 0))
    lot = np.where(known.is_open, world.visits.lot_share * budget, 0.0)
    if policy is not None:
        lot, visit = np.zeros(count), settled(policy(known))
    elif world.visits.by == "lot":
        lot = visit = np.where(known.is_open, budget, 0.0)
    else:
        pull = score + _pull(places, known, tip, crew.goes[inspector], world)
        visit = settled(lot + (1 - lot) * _solved(pull, known.is_open, (budget - lot.max()) / (1 - lot.max())))
    is_deep = streams.uniform(count, "deep", *here) < deep
    finding = _finding_chance(state, places, crew.finds[inspector], is_deep, world)
    found = streams.uniform(count, "finding", *here) < finding
    stands = streams.at(np.arange(count), "appeal", *here) >= world.detection.overturned
    return Chances(
        visit=np.where(known.is_open & (visit > 0), np.maximum(visit, _LEAST), 0.0),
        lot=lot,
        tip=tip,
        inspector=inspector,
        deep=is_deep,
        finding=finding,
        potential=found & stands,
        overturned=found & ~stands,
    )


def make_visits(
    chances: Chances,
    known: Known,
    places: Places,
    inspectors: int,
    *,
    complained: Flags,
    world: World,
    streams: Streams,
) -> Visits:
    """The visits that are drawn, and a second look by somebody else at a few of them."""
    here = (places.sector, known.quarter)
    unit = np.flatnonzero(_drawn(chances.visit, places.sector, known.quarter, world, streams))
    by_lot = streams.at(unit, "lot", *here) * chances.visit[unit] < chances.lot[unit]
    channel = np.where(chances.deep[unit], 4, np.where(known.found[unit] > 0, 2, np.where(complained[unit], 3, 1)))
    day = days_in(known.quarter, streams.at(unit, "visit day", *here))
    first = Visits(
        unit=unit,
        day=day,
        known=day + _wait(unit, "wait", here, world, streams),
        channel=np.where(by_lot, 0, channel),
        inspector=chances.inspector[unit],
        finding=chances.potential[unit],
        overturned=chances.overturned[unit],
        severity=1 + np.floor(3 * streams.at(unit, "severity", *here)),
        propensity=chances.visit[unit],
        is_second=np.zeros(len(unit), dtype=bool),
    )
    again = np.flatnonzero(streams.at(unit, "second look", *here) < world.detection.seen_twice)
    return Visits.together([first, _second_look(first, again, chances, inspectors, here, world, streams)])


def _second_look(
    first: Visits, again: Ints, chances: Chances, inspectors: int, here: tuple[str, int], world: World, streams: Streams
) -> Visits:
    """Another inspector, within two weeks and the same quarter, who does not know the first result."""
    unit = first.unit[again]
    later = first.day[again] + np.floor(1 + 13 * streams.at(unit, "second day", *here)).astype("timedelta64[D]")
    day = np.minimum(later, start_of(here[1] + 1) - np.timedelta64(1, "D"))
    found = streams.at(unit, "second finding", *here) < chances.finding[unit]
    stands = streams.at(unit, "second appeal", *here) >= world.detection.overturned
    return Visits(
        unit=unit,
        day=day,
        known=day + _wait(unit, "second wait", here, world, streams),
        channel=np.full(len(unit), CHANNELS.index("programme")),
        inspector=(first.inspector[again] + 1) % inspectors,
        finding=found & stands,
        overturned=found & ~stands,
        severity=first.severity[again],
        propensity=np.full(len(unit), np.nan),
        is_second=np.ones(len(unit), dtype=bool),
    )


def _wait(unit: Ints, name: str, here: tuple[str, int], world: World, streams: Streams) -> NDArray[np.timedelta64]:
    """Days until a result is known: one to four weeks, and with `label_lag` a gamma (2, 1.5 quarters) more."""
    office = 7 + 21 * streams.at(unit, name, *here)
    one, two = streams.at(unit, name, "gamma one", *here), streams.at(unit, name, "gamma two", *here)
    lag = -1.5 * 91 * (np.log1p(-one) + np.log1p(-two))
    return np.asarray(np.floor(settled(office + world.switches.label_lag * lag)).astype("timedelta64[D]"))


def _drawn(visit: Floats, sector: str, quarter: int, world: World, streams: Streams) -> Flags:
    """Who is visited: each by their own chance, or as many as their sum along a random order (systematic sampling)."""
    draw = streams.uniform(len(visit), "visit", sector, quarter)
    if world.visits.draw == "poisson":
        return np.asarray(draw < visit)
    order = np.argsort(draw, kind="stable")
    total = np.cumsum(visit[order]) + streams.uniform(1, "visit start", sector, quarter)[0]
    drawn = np.zeros(len(visit), dtype=bool)
    drawn[order] = np.diff(np.floor(total), prepend=0.0) > 0
    return drawn


def _solved(pull: Floats, is_open: Flags, share: float) -> Floats:
    """Chances of being chosen that add up to a share of the open units."""
    among = pull[is_open]
    if share <= 0 or not len(among):
        return np.zeros(len(pull))
    return np.where(is_open, expit(pull + level_of(among, share)), 0.0)


def _pull(places: Places, known: Known, tip: Floats, goes: Floats, world: World) -> Floats:
    """Log-odds of a visit by group, deprivation, earlier findings in the cluster, tips, and who would have to go."""
    on = world.switches
    bias = _GROUP * places.group + _DEPRIVATION * (places.deprivation + places.context)
    hits = on.feedback * _HITS * np.log1p(known.hits)
    return np.asarray(on.selection_bias * bias + hits + on.hidden_tips * _TIPS * tip + goes)


def _caseload(places: Places, crew: Crew, world: World, streams: Streams, quarter: int) -> Ints:
    """Who would visit each unit this quarter."""
    if world.visits.inspectors == "area":
        return np.asarray(places.municipality % len(crew.finds))
    uniform = streams.uniform(places.count, "caseload", places.sector, quarter)
    return np.floor(uniform * len(crew.finds)).astype(np.int64)


def _finding_chance(state: Ints, places: Places, finds: Floats, is_deep: Flags, world: World) -> Floats:
    """The chance that a visit finds something: sensitivity by type, inspector and group; one minus specificity without a state."""
    se = world.detection
    by_type = np.array([0.0, se.functional, se.competitive, se.relational])[state]
    by_type = np.where(is_deep & (state > 0), np.maximum(by_type, _DEEP), by_type)
    gap = 1 + _GAP * world.switches.detection_gap * (places.group - 0.5)
    return settled(np.where(state > 0, np.minimum(by_type * np.exp(finds) * gap, 1.0), 1 - se.specificity))
