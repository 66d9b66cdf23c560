"""Who owns and who runs: pseudonymous parties, many with one unit and few with more (methods D.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tegenkracht.data.world.arrays import Flags, Floats, Ints
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.streams import Streams

_SAME_BUYER = {"honest": 0.08, "criminal": 0.5}
_FILLED = 0.25  # chance a quarter that a vacancy is filled
_ROUNDS = 12
_POVERTY = 0.8
_ATTRACTION = 0.6
SEEN_BENEFICIAL = 0.6
SHARED_ADDRESS = 0.03
_SPLIT, _MERGED = 0.03, 0.005


@dataclass(frozen=True)
class Parties:
    """Positions of parties by unit: who owns the place, who ran the business at the start, who benefits, and the postal address."""

    owner: Ints
    director: Ints
    beneficial_owner: Ints
    address: Ints
    count: int


def make_parties(places: Places, streams: Streams) -> Parties:
    """Who holds what at the start: nine in ten directors run one unit of their own; the rest of the units goes to who holds more already."""
    director, directors = attach(places, 0.10, streams, "directors")
    owner, owners = attach(places, 0.45, streams, "owners")
    fronted = streams.uniform(places.count, "beneficial owners", places.sector) < 0.3
    other = _neighbour(places, streams.uniform(places.count, "behind", places.sector))
    shared = streams.uniform(places.count, "addresses", places.sector) < SHARED_ADDRESS
    return Parties(
        owner=owner + directors,
        director=director,
        beneficial_owner=np.where(fronted, director[other], director),
        address=np.where(shared, other, np.arange(places.count)),
        count=directors + owners,
    )


def attach(places: Places, extra: float, streams: Streams, name: str) -> tuple[Ints, int]:
    """A party for each unit, and how many parties there are.

    A share `extra` of the units goes to parties of the same municipality that hold a unit already, with weight
    (held + 1) ** 0.6; the others get a party of their own.
    """
    own = streams.uniform(places.count, name, "own", places.sector) >= extra
    order = np.lexsort([np.arange(places.count), places.municipality])
    own[order[np.r_[True, np.diff(places.municipality[order]) > 0]]] = (
        True  # each municipality has a party to begin with
    )
    party = np.full(places.count, -1, dtype=np.int64)
    first_own = order[own[order]]
    party[first_own] = np.arange(len(first_own))
    held = np.ones(len(first_own))
    bounds = np.searchsorted(places.municipality[first_own], np.arange(places.municipality.max() + 2))
    rest = np.flatnonzero(~own)
    place = streams.uniform(places.count, name, "which", places.sector)
    turn = np.floor(streams.uniform(places.count, name, "when", places.sector)[rest] * _ROUNDS)
    for round_ in range(_ROUNDS):
        unit = rest[turn == round_]
        weight = np.concatenate([[0.0], np.cumsum((held + 1) ** _ATTRACTION)])
        low, high = weight[bounds[places.municipality[unit]]], weight[bounds[places.municipality[unit] + 1]]
        chosen = np.searchsorted(weight, low + place[unit] * (high - low), side="right") - 1
        party[unit] = np.minimum(chosen, len(held) - 1)
        held += np.bincount(party[unit], minlength=len(held))
    return party, len(held)


def hand_over(
    places: Places, party: Ints, leaves: Flags, infiltrated: Flags, new: Ints, streams: Streams, quarter: int
) -> Ints:
    """Who runs each unit after a change: often a stranger (`new`), sometimes somebody of the same network.

    An honest unit goes to a party of its cluster with chance 0.08; an infiltrated one to a party of another infiltrated unit in the
    municipality with chance 0.5, with weight exp(0.8 x deprivation): front men are found where people are poor, whatever their group.
    """
    who = streams.uniform(places.count, "buyers", places.sector, quarter)
    where = streams.uniform(places.count, "networks", places.sector, quarter)
    poor = np.exp(_POVERTY * places.deprivation)
    honest, criminal = _neighbour(places, where), _other_of(places.municipality, infiltrated, poor, where)
    taken = np.where(infiltrated, who < _SAME_BUYER["criminal"], who < _SAME_BUYER["honest"])
    source = np.where(infiltrated, criminal, honest)
    return np.where(leaves, np.where(taken & (source >= 0), party[source], new), party)


def vacant_for(places: Places, streams: Streams, quarter: int) -> Ints:
    """Quarters until somebody new comes: geometric with mean 4."""
    uniform = streams.uniform(places.count, "vacancies", places.sector, quarter)
    return np.asarray(1 + np.floor(np.log1p(-uniform) / np.log(1 - _FILLED)), dtype=np.int64)


def as_recorded(party: Ints, count: int, uniform: Floats, intensity: float) -> Ints:
    """Parties as a register has them: with `er_noise` 3 % appear under a second number (count + own) and 0.5 % under another's."""
    split, merged = _SPLIT * intensity, _MERGED * intensity
    other = (party + 1 + np.floor(uniform * 1e6).astype(np.int64) % 97) % max(count, 1)
    return np.where(uniform < split, party + count, np.where(uniform > 1 - merged, other, party))


def _neighbour(places: Places, uniform: Floats) -> Ints:
    """Some unit of the same cluster, for each unit."""
    order = np.argsort(places.cluster, kind="stable")
    bounds = np.searchsorted(places.cluster[order], np.arange(places.cluster.max() + 2))
    low, high = bounds[places.cluster], bounds[places.cluster + 1]
    return np.asarray(order[low + np.floor(uniform * (high - low)).astype(np.int64)])


def _other_of(by: Ints, chosen: Flags, weight: Floats, uniform: Floats) -> Ints:
    """Some chosen unit with the same `by`, drawn by weight, for each unit; -1 where there is none."""
    members = np.flatnonzero(chosen)
    members = members[np.argsort(by[members], kind="stable")]
    bounds = np.searchsorted(by[members], np.arange(by.max() + 2))
    heights = np.concatenate([[0.0], np.cumsum(weight[members])])
    first, last = bounds[by], bounds[by + 1]
    asked = heights[first] + uniform * (heights[last] - heights[first])
    position = np.clip(np.searchsorted(heights, asked, side="right") - 1, first, np.maximum(last - 1, first))
    return np.where(last > first, members[np.minimum(position, max(len(members) - 1, 0))] if len(members) else -1, -1)
