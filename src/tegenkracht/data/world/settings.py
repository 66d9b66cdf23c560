"""`key=value` settings of a world to make, as they are typed on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.progress import Progress
from tegenkracht.data.world.maker import WorldSummary, make_world
from tegenkracht.data.world.mechanism import made_sectors
from tegenkracht.data.world.world import World, read_world, worlds

_KEYS = {
    "world": "world=selected",
    "scale": "scale=0.05",
    "seed": "seed=1",
    "sectors": "sectors=shopping_strip,marina",
    "prevalence": "prevalence=high",
}


_RATES = ("low", "base", "high")


def make_from_settings(settings: Sequence[str], *, to: Path, force: bool, progress: Progress) -> WorldSummary:
    """Make the world that `world=… scale=… seed=… sectors=a,b prevalence=high` asks for.

    Without `sectors` all five are made; without `prevalence` (low, base or high: base rates of each sector) it is the world's own.

    Raises
    ------
    InputError
        With every setting that is unknown, missing, twice there or not a number.
    """
    given, problems = _parse(settings)
    problems += [
        Problem(key, "this setting is missing.", f"Write for example {_KEYS[key]}.")
        for key in ("world", "scale", "seed")
        if key not in given
    ]
    scale, seed = _number(given, "scale", float, problems), _number(given, "seed", int, problems)
    if "world" in given and given["world"] not in worlds():
        what = f"there is no world `{given['world']}`."
        problems.append(Problem("world", what, f"Choose one of: {', '.join(worlds())}."))
    if given.get("prevalence", "base") not in _RATES:
        what = f"`{given['prevalence']}` is not one of the base rates."
        problems.append(Problem("prevalence", what, f"Choose one of: {', '.join(_RATES)}."))
    if problems:
        raise InputError(problems)
    world = at_base_rate(read_world(given["world"]), given.get("prevalence"))
    sectors = given["sectors"].split(",") if "sectors" in given else list(made_sectors())
    return make_world(world, scale=scale, seed=int(seed), sectors=sectors, to=to, force=force, progress=progress)


def at_base_rate(world: World, rate: str | None) -> World:
    """The world with the low, middle or high base rate of every sector; None leaves it as it is."""
    return world if rate is None else world.model_copy(update={"prevalence": rate})


def _parse(settings: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    given: dict[str, str] = {}
    problems = []
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not value:
            problems.append(Problem(setting, "this is not `key=value`.", f"Write for example {_KEYS['world']}."))
        elif key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            way_out = f"Did you mean `{close[0]}`?" if close else f"Choose from: {', '.join(_KEYS)}."
            problems.append(Problem(key, "this setting is not known.", way_out))
        elif key in given:
            problems.append(Problem(key, "this setting stands here twice.", "Remove one."))
        given.setdefault(key, value)
    return given, problems


def _number(given: dict[str, str], key: str, kind: type[float] | type[int], problems: list[Problem]) -> float:
    """The number of a setting; when it is none, one more problem."""
    try:
        return kind(given.get(key, "1"))
    except ValueError:
        what = f"`{given[key]}` is not a {'whole ' if kind is int else ''}number."
        problems.append(Problem(key, what, f"Write for example {_KEYS[key]}."))
        return 1
