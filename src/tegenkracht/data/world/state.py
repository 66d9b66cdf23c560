"""The true state of every unit: none, functional, competitive or relational, quarter after quarter (methods D.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tegenkracht.core.errors import wrong
from tegenkracht.data.world.arrays import Flags, Floats, Ints
from tegenkracht.data.world.logistic import bisect, expit
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.streams import Streams, settled
from tegenkracht.data.world.world import World

STATES = ("none", "functional", "competitive", "relational")
ENDS = 0.04  # chance a quarter: 25 quarters on average
_MIX, _HIDDEN_MIX = np.array([0.60, 0.25, 0.15]), np.array([0.25, 0.15, 0.60])
_COMES_BACK, _WITHIN_M, _WITHIN_QUARTERS, _TRIES = 0.3, 5_000.0, 4, 12
_NEVER = np.int64(10_000)


@dataclass(frozen=True)
class Pressure:
    """What pushes each unit towards a state, apart from what changes from quarter to quarter: log-odds, without the level."""

    fixed: Floats
    controlled: Flags


@dataclass(frozen=True)
class TrueState:
    """Arrays by unit: the state, the quarter in which it began, whether the business is in distress, and the quarter in which a
    displaced group moves in.
    """

    state: Ints
    began: Ints
    distressed: Flags
    moves_in: Ints


def pressure_on(places: Places, effect: Floats, world: World, streams: Streams) -> Pressure:
    """0.3 deprivation + area effect + 0.7 group 1 (if there is a true gap) - 0.5 where the cluster has controls."""
    on = world.switches
    deprivation = places.deprivation + (1 - on.ecological) * places.context
    controls = streams.uniform(int(places.cluster.max()) + 1, "controls", places.sector) < 0.4
    fixed = 0.30 * deprivation + on.spatial * effect[places.area] + 0.7 * on.true_gap * places.group
    return Pressure(settled(fixed - 0.5 * controls[places.cluster]), controls[places.cluster])


def balance_for(pressure: Pressure, prevalence: float, sector: str) -> float:
    """The level of onset at which the expected share in balance, onset / (onset + end), is the prevalence.

    Raises
    ------
    InputError
        When no level gives it; it says what can be reached.
    """

    def share(level: float) -> float:
        onset = expit(pressure.fixed + level)
        return float((onset / (onset + ENDS)).mean())

    require_reachable(prevalence, share(-30.0), share(30.0), sector)
    return bisect(share, prevalence, low=-30.0, high=30.0)


def require_reachable(prevalence: float, low: float, high: float, sector: str) -> None:
    """InputError when a prevalence lies outside what the mechanisms of a world can give."""
    if not low < prevalence < high:
        what = f"no chance of onset gives a prevalence of {prevalence:g}: states also end. It can be from {low:.4f} to {high:.4f}."
        raise wrong(f"world, prevalence.{sector}", what, "Choose a prevalence in that range.")


def first_state(places: Places, pressure: Pressure, level: float, world: World, streams: Streams) -> TrueState:
    """A state in balance, before anything has happened."""
    onset = expit(pressure.fixed + level)
    present = streams.uniform(places.count, "state", places.sector, "first") < onset / (onset + ENDS)
    kind = _types(world, streams.uniform(places.count, "type", places.sector, "first"))
    return TrueState(
        state=np.where(present, kind, 0),
        began=np.full(places.count, -_NEVER),
        distressed=streams.uniform(places.count, "distress", places.sector, "first") < 0.12,
        moves_in=np.full(places.count, _NEVER),
    )


def next_state(
    before: TrueState,
    places: Places,
    *,
    log_odds: Floats,
    caught: Flags,
    world: World,
    streams: Streams,
    quarter: int,
) -> TrueState:
    """One quarter on: new states begin with `log_odds`, old ones end, sooner after a finding, and some groups move in elsewhere."""
    sector, count = places.sector, places.count
    is_open, had = places.is_open(quarter), before.state > 0
    ends = np.where(caught, np.maximum(world.end_after_finding, ENDS), ENDS)
    begins = (streams.uniform(count, "onset", sector, quarter) < expit(log_odds)) | (before.moves_in == quarter)
    stops = (streams.uniform(count, "end", sector, quarter) < ends) | ~is_open
    kind = _types(world, streams.uniform(count, "type", sector, quarter))
    starts, stops = begins & ~had & is_open, stops & had
    shock = streams.uniform(count, "distress", sector, quarter)
    moved = stops & caught & (world.end_after_finding > 0)
    return TrueState(
        state=np.where(starts, kind, np.where(stops, 0, before.state)),
        began=np.where(starts, quarter, np.where(stops, -_NEVER, before.began)),
        distressed=np.where(before.distressed, shock >= 0.15, shock < 0.02),
        moves_in=_displaced(before.moves_in, moved, before.state, places, streams, quarter),
    )


def _types(world: World, uniform: Floats) -> Ints:
    """The type of a state that begins: 60, 25 and 15 in a hundred, or more relational."""
    share = world.switches.relational_share
    edges = np.cumsum((1 - share) * _MIX + share * _HIDDEN_MIX)
    return 1 + np.minimum(np.searchsorted(edges, uniform, side="right"), 2)


def _displaced(moves_in: Ints, ended: Flags, state: Ints, places: Places, streams: Streams, quarter: int) -> Ints:
    """When a finding ends a state, the group tries again within 5 km and four quarters, three times in ten."""
    draws = streams.uniform(3 * places.count, "displacement", places.sector, quarter).reshape(3, -1)
    leavers = np.flatnonzero(ended & (draws[0] < _COMES_BACK))
    planned = np.where(moves_in <= quarter, _NEVER, moves_in)
    if not len(leavers):
        return planned
    target = _nearby(places, leavers, state, draws[1][leavers])
    soon = quarter + 1 + np.floor(draws[2][leavers] * _WITHIN_QUARTERS).astype(np.int64)
    found = target >= 0
    planned[target[found]] = soon[found]
    return planned


def _nearby(places: Places, leavers: Ints, state: Ints, uniform: Floats) -> Ints:
    """For each leaver a unit without a state within 5 km, among a dozen candidates of its municipality; -1 when none is."""
    order = np.argsort(places.municipality, kind="stable")
    bounds = np.searchsorted(places.municipality[order], np.arange(places.municipality.max() + 2))
    low, high = bounds[places.municipality[leavers]], bounds[places.municipality[leavers] + 1]
    step = (np.floor(uniform * (high - low)).astype(np.int64)[:, None] + 7 * np.arange(_TRIES)) % (high - low)[:, None]
    candidate = order[low[:, None] + step]
    far = np.hypot(places.x[candidate] - places.x[leavers][:, None], places.y[candidate] - places.y[leavers][:, None])
    fits = (far <= _WITHIN_M) & (candidate != leavers[:, None]) & (state[candidate] == 0)
    return np.where(fits.any(axis=1), candidate[np.arange(len(leavers)), fits.argmax(axis=1)], -1)
