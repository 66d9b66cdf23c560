"""The units of one sector: where they stand, when they opened, their legal form, and the made-up groups they fall in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from tegenkracht.data.world.arrays import Days, Flags, Floats, Ints, Words
from tegenkracht.data.world.clock import QUARTERS, start_of
from tegenkracht.data.world.country import Country
from tegenkracht.data.world.mechanism import Mechanism
from tegenkracht.data.world.streams import Streams, settled

_NEVER = np.datetime64("NaT", "D")
_WITHIN = 0.7  # spread of the deprivation of units around that of their neighbourhood


@dataclass(frozen=True)
class Places:
    """Arrays by unit, in order of `unit_id`; `area`, `municipality` and `cluster` are positions.

    `context` is how far the deprivation around the unit lies above that of its neighbourhood as a whole. `opens` and `closes` are the
    first quarter in which it is open from the first day, and the first in which it is not open until the last.
    """

    sector: str
    unit_id: Words
    area_code: Words
    cluster_id: Words
    cluster: Ints
    area: Ints
    municipality: Ints
    x: Floats
    y: Floats
    deprivation: Floats
    context: Floats
    group: Ints
    second_group: Ints
    legal_form: Words
    opened_on: Days
    closed_on: Days
    opens: Ints
    closes: Ints

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.unit_id)

    def is_open(self, quarter: int) -> Flags:
        """Whether each unit was open all of a quarter; those that were there at the start also before it."""
        return np.asarray((self.opens <= max(quarter, 0)) & (quarter < self.closes))


@dataclass(frozen=True)
class _Stand:
    """Where units stand: cluster, neighbourhood, coordinates, the words for a cluster, and the area whose figures they have."""

    cluster: Ints
    area: Ints
    x: Floats
    y: Floats
    word: str
    area_code: Words


def make_places(mechanism: Mechanism, country: Country, *, count: int, scale: float, streams: Streams) -> Places:
    """The units of a sector in a country."""
    stand = _LAYOUTS[mechanism.layout](mechanism, country, count, scale, streams)
    count, sector = len(stand.area), mechanism.sector
    opened, closed = (
        _life(sector, count, streams) if mechanism.comes_and_goes else (np.full(count, _NEVER), np.full(count, _NEVER))
    )
    group = streams.uniform(count, "group", sector) < country.group_share[stand.area]
    return Places(
        sector=sector,
        unit_id=np.array([f"{mechanism.letter}{number:06d}" for number in range(1, count + 1)]),
        area_code=stand.area_code,
        cluster_id=np.array([f"{stand.word} {number + 1}" for number in range(int(stand.cluster.max()) + 1)])[
            stand.cluster
        ],
        cluster=stand.cluster,
        area=stand.area,
        municipality=country.municipality[stand.area],
        x=np.round(stand.x, 1),
        y=np.round(stand.y, 1),
        deprivation=country.deprivation[stand.area],
        context=_context(sector, stand, streams),
        group=group.astype(np.int64),
        second_group=(streams.uniform(count, "second group", sector) < 0.3).astype(np.int64),
        legal_form=_pick(mechanism.legal_forms, streams.uniform(count, "legal form", sector)),
        opened_on=opened,
        closed_on=closed,
        opens=np.where(np.isnat(opened), 0, _quarter_after(opened)),
        closes=np.where(np.isnat(closed), QUARTERS + 1, _quarter_before(closed)),
    )


def _context(sector: str, stand: _Stand, streams: Streams) -> Floats:
    """What differs between units within an area: none where the unit is the area."""
    within = streams.normal(len(stand.area), "context", sector) * _WITHIN
    return settled(within * (np.bincount(stand.area)[stand.area] > 1))


def _pick(shares: dict[str, float], uniform: Floats) -> Words:
    """A word for each number, with the shares asked for."""
    edges = np.cumsum(list(shares.values()))
    return np.asarray(np.array(list(shares))[np.minimum(np.searchsorted(edges, uniform * edges[-1]), len(shares) - 1)])


def _sizes(mechanism: Mechanism, clusters: int, count: int, streams: Streams) -> Ints:
    """How many units each cluster has: at least five, the rest by lognormal weights."""
    weight = np.exp(mechanism.cluster_sigma * streams.normal(clusters, "cluster sizes", mechanism.sector))
    edges = np.round(np.cumsum(weight) / weight.sum() * (count - 5 * clusters)).astype(np.int64)
    return np.asarray(5 + np.diff(edges, prepend=0))


def _strips(mechanism: Mechanism, country: Country, count: int, scale: float, streams: Streams) -> _Stand:
    """Shops in strips; a strip stands in a neighbourhood with a chance that follows its population."""
    strips = max(1, min(round(mechanism.clusters * scale), count // 6))
    cluster = np.repeat(np.arange(strips), _sizes(mechanism, strips, count, streams))
    area = np.searchsorted(
        np.cumsum(country.population) / country.population.sum(), streams.uniform(strips, "strips", mechanism.sector)
    )
    area = np.sort(np.minimum(area, len(country.code) - 1))
    along, across = streams.normal(2 * count, "strip places", mechanism.sector).reshape(2, -1)
    angle = np.pi * streams.uniform(strips, "strip angles", mechanism.sector)[cluster]
    x = country.x[area[cluster]] + 120 * along * np.cos(angle) + 15 * across * np.sin(angle)
    y = country.y[area[cluster]] + 120 * along * np.sin(angle) - 15 * across * np.cos(angle)
    return _Stand(cluster, area[cluster], x, y, "strip", country.code[area[cluster]])


def _water(mechanism: Mechanism, country: Country, count: int, scale: float, streams: Streams) -> _Stand:
    """Marinas along the waterways, near the municipalities that they join; a cluster is one end of a waterway."""
    towns = country.municipalities
    ends = np.concatenate([towns.water, towns.water[:, ::-1]])
    cluster = np.sort(
        np.minimum((streams.uniform(count, "waters", mechanism.sector) * len(ends)).astype(np.int64), len(ends) - 1)
    )
    near, far = ends[cluster].T
    way = np.hypot(towns.x[far] - towns.x[near], towns.y[far] - towns.y[near])
    along = 5_000 * streams.uniform(count, "water places", mechanism.sector) / np.maximum(way, 10_000)
    aside = 150 * streams.normal(2 * count, "water sides", mechanism.sector).reshape(2, -1)
    x = towns.x[near] + along * (towns.x[far] - towns.x[near]) + aside[0]
    y = towns.y[near] + along * (towns.y[far] - towns.y[near]) + aside[1]
    area = cKDTree(np.column_stack([country.x, country.y])).query(np.column_stack([x, y]))[1].astype(np.int64)
    return _Stand(cluster, area, x, y, "water", country.code[area])


def _towns(mechanism: Mechanism, country: Country, count: int, scale: float, streams: Streams) -> _Stand:
    """Clubs at the edge of neighbourhoods, by population; a cluster is the municipality."""
    area = np.searchsorted(
        np.cumsum(country.population) / country.population.sum(), streams.uniform(count, "fields", mechanism.sector)
    )
    area = np.sort(np.minimum(area, len(country.code) - 1))
    offset = 500 * streams.normal(2 * count, "field places", mechanism.sector).reshape(2, -1)
    _, cluster = np.unique(country.municipality[area], return_inverse=True)
    return _Stand(cluster, area, country.x[area] + offset[0], country.y[area] + offset[1], "league", country.code[area])


def _areas(mechanism: Mechanism, country: Country, count: int, scale: float, streams: Streams) -> _Stand:
    """Every neighbourhood is a unit; a cluster is its municipality."""
    area = np.arange(len(country.code))
    return _Stand(country.municipality, area, country.x, country.y, "municipality", country.code)


def _councils(mechanism: Mechanism, country: Country, count: int, scale: float, streams: Streams) -> _Stand:
    """Every municipality is a unit, in the neighbourhood of its town hall; a cluster is its region."""
    towns = country.municipalities
    return _Stand(towns.region, country.first[:-1].astype(np.int64), towns.x, towns.y, "region", towns.code)


_LAYOUTS: dict[str, Callable[[Mechanism, Country, int, float, Streams], _Stand]] = {
    "strips": _strips,
    "water": _water,
    "towns": _towns,
    "areas": _areas,
    "councils": _councils,
}


def _life(sector: str, count: int, streams: Streams) -> tuple[Days, Days]:
    """Opening and closing days: one in eight opened within the ten years, one in sixteen closed."""
    when = streams.uniform(4 * count, "life", sector).reshape(4, count)
    early = np.datetime64("1985-01-01") + np.floor(when[0] * 10_500).astype("timedelta64[D]")
    late = np.datetime64("2014-01-01") + np.floor(when[0] * 3_200).astype("timedelta64[D]")
    opened = np.where(when[1] < 1 / 8, late, early)
    closing = np.maximum(
        opened + np.timedelta64(400, "D"),
        np.datetime64("2015-01-01") + np.floor(when[2] * 3_200).astype("timedelta64[D]"),
    )
    stays = (when[3] >= 1 / 16) | (closing > np.datetime64("2023-12-31"))
    return opened, np.where(stays, _NEVER, closing)


def _quarter_after(day: Days) -> Ints:
    """The first quarter, not below 0, that begins on or after each day."""
    starts = np.array([start_of(quarter) for quarter in range(QUARTERS + 1)])
    return np.asarray(np.searchsorted(starts, day, side="left"))


def _quarter_before(day: Days) -> Ints:
    """The first quarter that a unit with this last day did not see to its end."""
    ends = np.array([start_of(quarter + 1) - np.timedelta64(1, "D") for quarter in range(QUARTERS + 1)])
    return np.asarray(np.searchsorted(ends, day, side="left"))
