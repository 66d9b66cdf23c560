"""Yearly figures of areas: of the state of an area itself, of vacancy among its shops, and of the country (methods A.4, A.5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tegenkracht.data.world.arrays import Days, Floats, Ints, Words
from tegenkracht.data.world.clock import KNOWN_UNTIL, QUARTERS, start_of
from tegenkracht.data.world.country import Country
from tegenkracht.data.world.mechanism import Measure
from tegenkracht.data.world.sector_run import Quarter, Setting
from tegenkracht.data.world.signals import fading
from tegenkracht.data.world.store import Columns, numbers, taken, words
from tegenkracht.data.world.streams import Streams

_WEEK = 91  # days in a quarter of lag


@dataclass(frozen=True)
class Figures:
    """Arrays by figure of one measure: area (position among `codes`), last day of the period, day on which it was known, value."""

    measure: str
    codes: Words
    area: Ints
    period_end: Days
    known_on: Days
    value: Floats


_LASTING = 0.75
"""Share of the unexplained variance of an area's figure that is the same each year (an assumption: areas change slowly)."""


def figures_of(setting: Setting, country: Country, quarter: Quarter) -> list[Figures]:
    """The figures of the year that ends with a quarter; none in other quarters."""
    if quarter.number % 4 != 3 or quarter.number >= QUARTERS:
        return []
    return [_figures(name, measure, setting, country, quarter) for name, measure in setting.mechanism.measures.items()]


def _figures(name: str, measure: Measure, setting: Setting, country: Country, quarter: Quarter) -> Figures:
    end = start_of(quarter.number + 1) - np.timedelta64(1, "D")
    known = end + np.timedelta64(_WEEK * measure.lag, "D")
    if measure.of == "state":
        codes, value = setting.places.area_code, _of_state(name, measure, setting, quarter)
    else:
        codes, value = country.code, _OF_COUNTRY[measure.of](setting, country, quarter)
    area = np.flatnonzero(~np.isnan(value))
    return Figures(name, codes, area, np.full(len(area), end), np.full(len(area), known), np.round(value[area], 4))


def _of_state(name: str, measure: Measure, setting: Setting, quarter: Quarter) -> Floats:
    """A figure of units that are areas: centre * exp(spread * score), where most of what is not explained stays from year to year."""
    places, world, streams = setting.places, setting.world, setting.streams
    by_type = world.signal * fading(world, quarter.number) * np.array([0.0, *measure.by_type])
    proxy = measure.deprivation * (places.deprivation + places.context) / 2 + measure.group * (
        places.group - places.group.mean()
    )
    lasting = streams.normal(places.count, "measure lasting", places.sector, name)
    yearly = streams.normal(places.count, "measure", places.sector, name, quarter.number)
    noise = math.sqrt(_LASTING) * lasting + math.sqrt(1 - _LASTING) * yearly
    covered = streams.uniform(places.count, "measure coverage", places.sector, name) < measure.coverage
    score = by_type[quarter.true.state] + world.switches.proxies * proxy + noise
    return np.where(covered, measure.centre * np.exp(measure.spread * score), np.nan)


def _vacancy(setting: Setting, country: Country, quarter: Quarter) -> Floats:
    """The share of premises that stand empty, in areas with any."""
    area = setting.places.area
    there = np.bincount(area, minlength=len(country.code))
    empty = np.bincount(area, weights=quarter.vacant.astype(float), minlength=len(country.code))
    return np.where(there > 0, empty / np.maximum(there, 1), np.nan)


def _deprivation(setting: Setting, country: Country, quarter: Quarter) -> Floats:
    """Deprivation as it is published, with a little noise each year; the same whichever sector asks."""
    return country.deprivation + 0.15 * _noise(setting.streams, country, "deprivation", quarter.number)


def _residents(setting: Setting, country: Country, quarter: Quarter) -> Floats:
    """How many people live there: the same each year, and it takes no draw of its own."""
    return country.population


def _road_distance(setting: Setting, country: Country, quarter: Quarter) -> Floats:
    return country.road_distance


def _noise(streams: Streams, country: Country, name: str, quarter: int) -> Floats:
    return streams.normal(len(country.code), "published", name, quarter)


_OF_COUNTRY = {
    "vacancy": _vacancy,
    "deprivation": _deprivation,
    "residents": _residents,
    "road_distance": _road_distance,
}


def area_rows(figures: Sequence[Figures]) -> Columns:
    """The areas table in its own order; a measure that two sectors tell stands there once, and what is not yet known is left out."""
    once = list({(one.measure, one.period_end[0]): one for one in figures if len(one.area)}.values())
    codes, names = np.unique(np.concatenate([one.codes for one in once])), sorted({one.measure for one in once})
    code = np.concatenate([np.searchsorted(codes, one.codes[one.area]) for one in once])
    name = np.repeat([names.index(one.measure) for one in once], [len(one.area) for one in once])
    known, end = np.concatenate([one.known_on for one in once]), np.concatenate([one.period_end for one in once])
    kept = np.flatnonzero(known <= KNOWN_UNTIL)
    order = kept[np.lexsort([end[kept], name[kept], code[kept], known[kept]])]
    return {
        "area_code": taken(words(codes), code[order]),
        "measure": taken(words(names), name[order]),
        "period_end": end[order],
        "known_on": known[order],
        "value": numbers(np.concatenate([one.value for one in once])[order]),
    }
