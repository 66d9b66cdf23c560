"""The country of a world: municipalities, neighbourhoods, water, and what differs between neighbourhoods (methods D.2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from tegenkracht.data.world.arrays import Flags, Floats, Ints, Words
from tegenkracht.data.world.logistic import expit
from tegenkracht.data.world.streams import Streams, settled
from tegenkracht.data.world.world import Space

MUNICIPALITIES, NEIGHBOURHOODS, REGIONS = 342, 14_500, 10  # at scale 1 (methods D.1)
EXTENT = (0.0, 300_000.0, 280_000.0, 625_000.0)
_CENTRE, _SIDES = (142_000.0, 462_000.0), (250_000.0, 300_000.0)
_CONTEXT_RANGE = 1_500.0  # metres over which deprivation and the like are alike
_WATER_SHARE = 0.2


@dataclass(frozen=True)
class Municipalities:
    """Arrays by municipality; `water` are pairs of municipalities that a waterway joins."""

    code: Words
    x: Floats
    y: Floats
    population: Floats
    region: Ints
    on_water: Flags
    water: Ints


@dataclass(frozen=True)
class Country:
    """Municipalities, and arrays by neighbourhood, sorted by municipality.

    `effect` (standard deviation `Space.effect_sd`) is in no table; `group_share` is the share of units in `group 1`, a made-up
    group that stands for no real one. `first[m]` to `first[m + 1]` are the neighbourhoods of municipality m.
    """

    municipalities: Municipalities
    code: Words
    x: Floats
    y: Floats
    municipality: Ints
    first: Ints
    population: Floats
    urbanity: Floats
    deprivation: Floats
    group_share: Floats
    effect: Floats
    road_distance: Floats


def make_country(*, scale: float, streams: Streams, space: Space, neighbourhoods: int = NEIGHBOURHOODS) -> Country:
    """A country at a scale: the same density of everything, on a smaller or larger piece of land."""
    towns = _municipalities(max(4, round(MUNICIPALITIES * scale)), scale, streams)
    x, y, town = _neighbourhoods(towns, max(len(towns.code), round(neighbourhoods * scale)), streams)
    first = np.searchsorted(town, np.arange(len(towns.code) + 1))
    urbanity = _urbanity(x, y)
    points = np.column_stack([x, y])
    deprivation, other = fields_on(points, first, _CONTEXT_RANGE, streams, "deprivation", "composition")
    (effect,) = fields_on(points, first, space.range_km * 1_000, streams, "effect")
    return Country(
        municipalities=towns,
        code=np.array([f"BU{number:05d}" for number in range(1, len(x) + 1)]),
        x=x,
        y=y,
        municipality=town,
        first=first,
        population=_population(towns, town, streams),
        urbanity=urbanity,
        deprivation=deprivation,
        group_share=settled(expit(-1.8 + 0.6 * deprivation + 0.8 * other + 0.7 * urbanity)),
        effect=settled(space.effect_sd * effect),
        road_distance=np.round(0.3 - 4.0 * np.log1p(-streams.uniform(len(x), "country", "road")), 1),
    )


def fields_on(points: Floats, first: Ints, reach: float, streams: Streams, *names: str) -> list[Floats]:
    """Independent standard Gaussian fields with covariance exp(-distance / reach) (Matérn 1/2) on the neighbourhoods.

    Each municipality by itself: they lie many times `reach` apart, so what is left out is next to nothing, and the work grows with their
    number and not with its cube.
    """
    noise = np.column_stack([streams.normal(len(points), "country", "field", name) for name in names])
    values = np.empty_like(noise)
    for start, end in pairwise(first):
        inside = points[start:end]
        covariance = np.exp(-cdist(inside, inside) / reach) + 1e-6 * np.eye(len(inside))
        values[start:end] = np.linalg.cholesky(covariance) @ noise[start:end]
    return list(settled(values).T)


def _municipalities(count: int, scale: float, streams: Streams) -> Municipalities:
    """Centres on a shaken grid, lognormal populations (mean 52,000, sigma 0.85), one in five on the water."""
    columns = int(np.ceil(np.sqrt(count * _SIDES[0] / _SIDES[1])))
    rows = int(np.ceil(count / columns))
    cell = np.sort(np.argsort(streams.uniform(rows * columns, "country", "cells"), kind="stable")[:count])
    step_x, step_y = np.array(_SIDES) * np.sqrt(scale) / (columns, rows)
    shake = 0.7 * (streams.uniform(2 * count, "country", "centres").reshape(2, count) - 0.5)
    x = np.round(_CENTRE[0] + (cell % columns - (columns - 1) / 2 + shake[0]) * step_x)
    y = np.round(_CENTRE[1] + (cell // columns - (rows - 1) / 2 + shake[1]) * step_y)
    spread = streams.normal(count, "country", "population")
    wet = np.sort(
        np.argsort(streams.uniform(count, "country", "water"), kind="stable")[: max(2, round(_WATER_SHARE * count))]
    )
    return Municipalities(
        code=np.array([f"GM{number:04d}" for number in range(1, count + 1)]),
        x=x,
        y=y,
        population=np.round(np.exp(np.log(52_000) - 0.85**2 / 2 + 0.85 * spread)),
        region=_regions(x, y, bands=max(1, round(REGIONS / 2 * scale))),
        on_water=np.isin(np.arange(count), wet),
        water=_waterways(x, y, wet),
    )


def _regions(x: Floats, y: Floats, *, bands: int) -> Ints:
    """Regions, ten at scale 1: bands from south to north, each cut in a west and an east."""
    band = np.argsort(np.argsort(y, kind="stable"), kind="stable") * bands // len(y)
    return np.asarray(np.unique(2 * band + (x > np.median(x)), return_inverse=True)[1], dtype=np.int64)


def _waterways(x: Floats, y: Floats, wet: Ints) -> Ints:
    """The shortest network that joins all municipalities on the water: pairs of municipalities."""
    points = np.column_stack([x[wet], y[wet]])
    tree = minimum_spanning_tree(np.round(cdist(points, points))).tocoo()
    return np.column_stack([wet[tree.row], wet[tree.col]]).astype(np.int64)


def _neighbourhoods(towns: Municipalities, count: int, streams: Streams) -> tuple[Floats, Floats, Ints]:
    """A Thomas process: settlements around each centre, neighbourhoods around each settlement; each belongs to the nearest centre."""
    cores = 1 + np.floor(-2.0 * np.log1p(-streams.uniform(len(towns.x), "country", "cores"))).astype(int)
    home = np.repeat(np.arange(len(towns.x)), cores)
    away = streams.normal(2 * len(home), "country", "settlements").reshape(2, -1) * 3_000
    is_first = np.r_[True, home[1:] != home[:-1]]
    core_x, core_y = towns.x[home] + away[0] * ~is_first, towns.y[home] + away[1] * ~is_first
    weight = towns.population[home] / cores[home] * np.where(is_first, 2.0, 1.0)
    extra = count - len(towns.x)
    place = (np.arange(extra) + streams.uniform(1, "country", "offspring")[0]) / extra * weight.sum()
    core = np.r_[np.flatnonzero(is_first), np.minimum(np.searchsorted(np.cumsum(weight), place), len(home) - 1)]
    offset = streams.normal(2 * count, "country", "neighbourhoods").reshape(2, -1) * np.where(
        np.arange(count) < len(towns.x), 50, 1_300
    )
    x, y = np.round(core_x[core] + offset[0]), np.round(core_y[core] + offset[1])
    town = cKDTree(np.column_stack([towns.x, towns.y])).query(np.column_stack([x, y]))[1]
    order = np.lexsort([y, x, town])
    return x[order], y[order], np.asarray(town[order], dtype=np.int64)


def _urbanity(x: Floats, y: Floats) -> Floats:
    """The log of the number of neighbourhoods within 2 km, as a standard score."""
    tree = cKDTree(np.column_stack([x, y]))
    near = np.log(tree.query_ball_point(np.column_stack([x, y]), 2_000, return_length=True))
    return settled((near - near.mean()) / (near.std() or 1.0))


def _population(towns: Municipalities, town: Ints, streams: Streams) -> Floats:
    """Each municipality's population spread over its neighbourhoods, unevenly."""
    share = np.exp(0.6 * streams.normal(len(town), "country", "spread"))
    whole = np.bincount(town, weights=share, minlength=len(towns.code))
    return np.maximum(5.0, np.round(towns.population[town] * share / whole[town]))
