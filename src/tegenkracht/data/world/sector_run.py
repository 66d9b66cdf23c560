"""One sector of a world, quarter after quarter: what is true, what is seen, who is visited, what changes hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tegenkracht.data.sector import read_sector
from tegenkracht.data.world.arrays import Days, Flags, Floats, Ints
from tegenkracht.data.world.clock import BURN_IN, QUARTERS, days_in, start_of
from tegenkracht.data.world.learner import Weights, learn, no_weights
from tegenkracht.data.world.mechanism import Mechanism
from tegenkracht.data.world.parties import Parties, hand_over, make_parties, vacant_for
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.signals import Events, Seen, events_in, seen_at, sizes_in
from tegenkracht.data.world.state import Pressure, TrueState, first_state, next_state
from tegenkracht.data.world.streams import Streams, settled
from tegenkracht.data.world.visits import Chances, Crew, Known, Policy, Visits, chances_in, make_crew, make_visits
from tegenkracht.data.world.world import World

_LONG_AGO = -10_000
_FORGETS = (
    7 / 8
)  # what visitors keep of an indicator from quarter to quarter: as much as a window of eight quarters holds


@dataclass(frozen=True)
class Setting:
    """A sector before its first quarter: everything that does not change.

    `balance` is the level of onset at which the unit's own pressure alone gives the wanted prevalence, `level` that at which all
    mechanisms together do.
    """

    world: World
    mechanism: Mechanism
    places: Places
    parties: Parties
    pressure: Pressure
    seen: Seen
    crew: Crew
    size: Floats | None
    budget: float
    manner: Floats
    balance: float
    level: float
    streams: Streams


@dataclass(frozen=True)
class Standing:
    """A sector on the first day of a quarter: everything that does change. Arrays are by unit unless said otherwise."""

    true: TrueState
    party: Ints
    parties: int
    vacant_until: Ints
    caught: Flags
    just_visited: Flags
    visited: Ints
    found: Ints
    hits: Floats  # by cluster
    indicators: Floats  # by indicator and unit
    pending: Events
    weights: Weights


@dataclass(frozen=True)
class Handovers:
    """Units whose director left on a day, and units where a new one (`party`) came on a day."""

    left: Ints
    left_on: Days
    came: Ints
    party: Ints
    came_on: Days


@dataclass(frozen=True)
class Quarter:
    """What a quarter brought: events that became known in it, visits, hand-overs, and the truth."""

    number: int
    told: Events
    visits: Visits
    handovers: Handovers
    true: TrueState
    chances: Chances
    vacant: Flags


def set_up(
    world: World,
    mechanism: Mechanism,
    places: Places,
    *,
    pressure: Pressure,
    balance: float,
    correction: float,
    streams: Streams,
) -> Setting:
    """A sector of a world, ready to run."""
    sector = read_sector(mechanism.sector)
    budget = world.budget.get(mechanism.sector, mechanism.budget)
    size = None
    if mechanism.size is not None:
        spread = mechanism.size.sigma * streams.normal(places.count, "size", places.sector)
        size = np.maximum(10.0, np.round(mechanism.size.mean * np.exp(spread - mechanism.size.sigma**2 / 2)))
    return Setting(
        world=world,
        mechanism=mechanism,
        places=places,
        parties=make_parties(places, streams),
        pressure=pressure,
        seen=seen_at(places, mechanism, world, {n: i.manipulability for n, i in sector.indicators.items()}, streams),
        crew=make_crew(mechanism, places, budget, world, streams),
        size=size,
        budget=budget,
        manner=np.array([-1.0 if sector.indicators[name].direction == "-" else 1.0 for name in mechanism.signals]),
        balance=balance,
        level=balance + correction,
        streams=streams,
    )


def run(
    setting: Setting, *, quarters: int = QUARTERS, burn_in: int = BURN_IN, policy: Policy | None = None
) -> Iterator[Quarter]:
    """Quarter after quarter, those before the first that is written included."""
    standing = start(setting)
    for number in range(-burn_in, quarters):
        quarter, standing = advance(setting, standing, number, policy=policy)
        yield quarter


def start(setting: Setting) -> Standing:
    """A sector in balance, in which nobody has been visited and nothing is known."""
    count = setting.places.count
    nothing, no = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    return Standing(
        true=first_state(setting.places, setting.pressure, setting.balance, setting.world, setting.streams),
        party=setting.parties.director,
        parties=setting.parties.count,
        vacant_until=np.full(count, _LONG_AGO),
        caught=no,
        just_visited=no,
        visited=nothing,
        found=nothing,
        hits=np.zeros(int(setting.places.cluster.max()) + 1),
        indicators=np.zeros((len(setting.seen.kinds), count)),
        pending=Events.none(),
        weights=no_weights(len(setting.seen.kinds)),
    )


def advance(setting: Setting, now: Standing, quarter: int, *, policy: Policy | None) -> tuple[Quarter, Standing]:
    """One quarter: the state moves, indicators show it, some units are visited, and everyone knows a little more."""
    world, places, streams = setting.world, setting.places, setting.streams
    true = next_state(
        now.true,
        places,
        log_odds=onset_log_odds(setting, now, quarter),
        caught=now.caught,
        world=world,
        streams=streams,
        quarter=quarter,
    )
    new = events_in(
        quarter,
        setting.seen,
        places,
        true.state,
        visited_before=now.visited > 0,
        just_visited=now.just_visited,
        world=world,
        streams=streams,
    )
    told, pending = _told_by(Events.together([now.pending, new, *_sizes(setting, quarter)]), quarter)
    known = Known(quarter, places.is_open(quarter), now.indicators, now.hits[places.cluster], now.visited, now.found)
    chances = chances_in(
        known,
        true.state,
        places,
        setting.crew,
        budget=setting.budget,
        deep=setting.mechanism.deep,
        score=_score(setting, now),
        policy=policy,
        world=world,
        streams=streams,
    )
    visits = make_visits(
        chances,
        known,
        places,
        len(setting.crew.finds),
        complained=_complained(setting, new),
        world=world,
        streams=streams,
    )
    handovers, held = _hand_over(setting, now, true, new, quarter)
    after = _learned(setting, replace(held, true=true, pending=pending), told, visits, known)
    return Quarter(quarter, told, visits, handovers, true, chances, held.vacant_until > quarter), after


def onset_log_odds(setting: Setting, now: Standing, quarter: int) -> Floats:
    """Log-odds that a state begins: the level, the unit's own pressure, vacancy around it, distress, and contagion (methods D.4)."""
    places, network = setting.places, setting.world.switches.network
    vacant = (now.vacant_until > quarter).astype(float)
    around = np.bincount(places.cluster, weights=vacant) / np.maximum(np.bincount(places.cluster), 1)
    vacancy = np.clip((around[places.cluster] - 0.06) / 0.08, -1.0, 3.0)
    log_odds = setting.level + setting.pressure.fixed + 0.5 * vacancy + 0.6 * now.true.distressed
    if network:
        infiltrated = (now.true.state > 0).astype(float)
        in_network = np.bincount(now.party, weights=infiltrated)[now.party] - infiltrated > 0
        in_cluster = np.bincount(places.cluster, weights=infiltrated)[places.cluster] - infiltrated
        log_odds = log_odds + network * (0.9 * in_network + 0.4 * np.log1p(in_cluster))
    return settled(log_odds)


def _score(setting: Setting, now: Standing) -> Floats:
    """What the indicators say to those who choose visits: their sum, or with `model_in_loop` a model of earlier findings."""
    share = setting.world.switches.model_in_loop
    rule = setting.world.visits.on_indicators * (setting.manner @ now.indicators)
    if not share:
        return settled(rule)
    return settled((1 - share) * rule + share * now.weights.score(now.indicators))


def _sizes(setting: Setting, quarter: int) -> list[Events]:
    if setting.size is None or quarter % 4 or quarter < 0:
        return []
    return [sizes_in(quarter, setting.places, setting.size, len(setting.seen.kinds))]


def _told_by(events: Events, quarter: int) -> tuple[Events, Events]:
    """What is known before the next quarter begins, and what is not yet."""
    is_known = events.known < start_of(quarter + 1)
    return events.taken(is_known), events.taken(~is_known)


def _complained(setting: Setting, new: Events) -> Flags:
    complained = np.zeros(setting.places.count, dtype=bool)
    if setting.mechanism.complaint is not None:
        complained[new.unit[new.kind == setting.seen.kinds.index(setting.mechanism.complaint)]] = True
    return complained


def _hand_over(
    setting: Setting, now: Standing, true: TrueState, new: Events, quarter: int
) -> tuple[Handovers, Standing]:
    """Businesses that leave at an event of the sector's turnover kind, and the new ones that come after a while."""
    places, streams = setting.places, setting.streams
    comes = now.vacant_until == quarter
    leaves, left_on = np.zeros(places.count, dtype=bool), start_of(np.full(places.count, quarter))
    if setting.mechanism.turnover is not None:
        turnover = new.kind == setting.seen.kinds.index(setting.mechanism.turnover)
        leaves[new.unit[turnover]] = True
        left_on[new.unit[turnover]] = new.occurred[turnover]
    leaves &= now.vacant_until < quarter
    strangers = now.parties + np.cumsum(leaves) - 1
    party = hand_over(places, now.party, leaves, true.state > 0, strangers, streams, quarter)
    vacant_until = np.where(leaves, quarter + vacant_for(places, streams, quarter), now.vacant_until)
    came = np.flatnonzero(comes)
    came_on = days_in(quarter, streams.at(came, "arrival", places.sector, quarter))
    handovers = Handovers(np.flatnonzero(leaves), left_on[leaves], came, now.party[came], came_on)
    return handovers, replace(now, party=party, parties=now.parties + int(leaves.sum()), vacant_until=vacant_until)


def _learned(setting: Setting, now: Standing, told: Events, visits: Visits, known: Known) -> Standing:
    """What visitors know at the end of a quarter; once a year a model in the loop is fitted again."""
    kinds, count = len(setting.seen.kinds), setting.places.count
    told = told.taken(told.kind < kinds)
    fresh = np.bincount(told.kind * count + told.unit, minlength=kinds * count).reshape(kinds, count)
    first = ~visits.is_second
    finding = np.zeros(count, dtype=bool)
    finding[visits.unit[visits.finding]] = True
    visited = np.zeros(count, dtype=bool)
    visited[visits.unit] = True
    weights = now.weights
    if setting.world.switches.model_in_loop:
        weights = learn(
            weights, now.indicators[:, visits.unit[first]], visits.finding[first], refit=known.quarter % 4 == 3
        )
    return replace(
        now,
        caught=finding,
        just_visited=visited,
        visited=now.visited + visited,
        found=now.found + finding,
        hits=_FORGETS * now.hits + np.bincount(setting.places.cluster, weights=finding.astype(float)),
        indicators=_FORGETS * now.indicators + fresh,
        weights=weights,
    )
