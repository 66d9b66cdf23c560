"""The level of onset at which all mechanisms of a world together give the wanted prevalence."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import yaml

from tegenkracht.core.identity import digest_of
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.sector import read_sector
from tegenkracht.data.world.clock import QUARTERS, is_written
from tegenkracht.data.world.country import MUNICIPALITIES, make_country
from tegenkracht.data.world.mechanism import read_mechanism
from tegenkracht.data.world.places import make_places
from tegenkracht.data.world.sector_run import Setting, run, set_up
from tegenkracht.data.world.state import balance_for, pressure_on, require_reachable
from tegenkracht.data.world.streams import Streams
from tegenkracht.data.world.world import World

_PILOTS = {"strips": (0.08, 42), "water": (6.0, 8), "towns": (3.0, 8), "areas": (0.6, 42), "councils": (12.0, 1)}
"""Scale of the pilot country (some thousands of units, whatever the scale of the world) and its neighbourhoods to a municipality."""
_SEED = 1_987_654
_CLOSE, _NEAR = 0.01, 0.15  # on the logit: good as it is; good after one more step along the chord
_UNNAMED = ',"name":"pilot","about":{"nl":"-","en":"-"},"must_show":{"nl":"-","en":"-"}}'
_LOW, _HIGH = -8.0, 8.0
_STEPS = 12


def prevalence_of(world: World, sector: str) -> float:
    """The prevalence that a world asks of a sector; without one of its own, the base rate of the sector."""
    rates = read_sector(sector).base_rates
    if isinstance(world.prevalence, str):
        return float(getattr(rates, world.prevalence))
    return world.prevalence.get(sector, rates.base)


def correction_for(world: World, sector: str) -> float:
    """What contagion, vacancy, distress and findings that end a state ask to be added to the level that balances the rest.

    For the named worlds it stands in `conf/world/sectors/corrections.yaml` under a digest of all that it depends on; for any other world it is
    found here, in a second or so.

    Raises
    ------
    InputError
        When no level gives the prevalence; it says what can be reached.
    """
    known = _on_record().get(digest_for(world, sector))
    return find_correction(world, sector) if known is None else known


def find_correction(world: World, sector: str) -> float:
    """The correction, by trying: chords and bisection in a pilot country that is the same for every seed and scale.

    So the level is a property of the world, and the chance in one made world is not tuned away.

    Raises
    ------
    InputError
        When no level gives the prevalence; it says what can be reached.
    """
    return _correction(_what_matters(world), sector)


def digest_for(world: World, sector: str) -> str:
    """Names everything that a correction depends on: the world's mechanisms and how the sector is made."""
    mechanism = read_mechanism(sector).model_dump(mode="json", exclude={"measures"})
    return digest_of([json.loads(_what_matters(world)), mechanism, prevalence_of(world, sector)])[:16]


def _what_matters(world: World) -> str:
    return world.model_dump_json(exclude={"name", "about", "must_show", "units"})


@cache
def _on_record() -> dict[str, float]:
    path = conf_folder() / "world" / "sectors" / "corrections.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.is_file() else {}


@lru_cache(maxsize=64)
def _correction(world_json: str, sector: str) -> float:
    world = World.model_validate_json(world_json[:-1] + _UNNAMED)
    pilot, wanted = _pilot(world, sector), prevalence_of(world, sector)
    tried: dict[float, float] = {}
    low, high, step = _LOW, _HIGH, 0.0
    for _ in range(_STEPS):
        tried[step] = _logit(_share(pilot, step)) - _logit(wanted)
        low, high = (step, high) if tried[step] < 0 else (low, step)
        following = _next(tried, low, high)
        if (abs(tried[step]) < _NEAR and len(tried) > 1) or abs(tried[step]) < _CLOSE:
            return round(following, 6)
        step = following
    require_reachable(wanted, _share(pilot, _LOW), _share(pilot, _HIGH), sector)
    return round(step, 6)


def _pilot(world: World, sector: str) -> Setting:
    mechanism, streams = read_mechanism(sector), Streams(_SEED)
    scale, neighbourhoods = _PILOTS[mechanism.layout]
    country = make_country(
        scale=scale, streams=streams, space=world.space, neighbourhoods=neighbourhoods * MUNICIPALITIES
    )
    places = make_places(mechanism, country, count=round(mechanism.count * scale), scale=scale, streams=streams)
    pressure = pressure_on(places, country.effect, world, streams)
    balance = balance_for(pressure, prevalence_of(world, sector), sector)
    return set_up(world, mechanism, places, pressure=pressure, balance=balance, correction=0.0, streams=streams)


def _share(pilot: Setting, correction: float) -> float:
    """Mean prevalence over the written quarters, among open units."""
    setting = replace(pilot, level=pilot.balance + correction)
    shares = [
        float((quarter.true.state > 0)[pilot.places.is_open(quarter.number)].mean())
        for quarter in run(setting, quarters=QUARTERS)
        if is_written(quarter.number)
    ]
    return float(np.mean(shares))


def _next(tried: dict[float, float], low: float, high: float) -> float:
    """Where the chord through the two nearest points crosses zero; half-way what is still possible when that lies outside."""
    (a, at_a), *others = sorted(tried.items(), key=lambda item: abs(item[1]))[:2]
    slope = (others[0][1] - at_a) / (others[0][0] - a) if others else 1.0
    guess = a - at_a / slope if slope > 0 else low
    return guess if low < guess < high else (low + high) / 2


def _logit(share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))
