"""A world made and written: the dataset in one folder, its truth in another, neither ever whole in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.identity import digest_of_file
from tegenkracht.core.progress import Progress
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.data.aside import aside_of, put_in_place
from tegenkracht.data.dictionary import Made, TableName
from tegenkracht.data.folder import require_room
from tegenkracht.data.sector import read_sector
from tegenkracht.data.world.calibrate import correction_for, prevalence_of
from tegenkracht.data.world.clock import BURN_IN, QUARTERS, is_written
from tegenkracht.data.world.country import Country, make_country
from tegenkracht.data.world.dictionary import describe
from tegenkracht.data.world.geometry import write_geometry
from tegenkracht.data.world.links import in_order, link_rows
from tegenkracht.data.world.made import made_of
from tegenkracht.data.world.measures import Figures, area_rows, figures_of
from tegenkracht.data.world.mechanism import made_sectors, read_mechanism
from tegenkracht.data.world.places import make_places
from tegenkracht.data.world.sector_run import Handovers, Quarter, Setting, run, set_up
from tegenkracht.data.world.state import balance_for, pressure_on
from tegenkracht.data.world.store import Store, contract_schema, opened
from tegenkracht.data.world.streams import Streams
from tegenkracht.data.world.tables import (
    TRUTH,
    TRUTH_UNITS,
    Cast,
    event_rows,
    group_rows,
    truth_rows,
    truth_unit_rows,
    unit_rows,
    visit_rows,
)
from tegenkracht.data.world.world import World

_TABLES: tuple[TableName, ...] = ("units", "events", "links", "areas", "inspections", "groups")


@dataclass(frozen=True)
class WorldSummary:
    """What was made: where it is, rows by table, and how long each stage took."""

    world: str
    folder: Path
    truth: Path
    rows: Mapping[str, int]
    seconds: Mapping[str, float]

    def __str__(self) -> str:
        rows = ", ".join(f"{name} {count:,}" for name, count in self.rows.items())
        return f"{self.folder}: {rows}\nworld {self.world}; what is true in it is kept apart, in {self.truth}"


def make_world(
    world: World, *, scale: float, seed: int, sectors: Sequence[str], to: Path, force: bool, progress: Progress
) -> WorldSummary:
    """Make some sectors of a world and write them: the dataset to `to`, the truth beside it to `<to>.truth`.

    The same arguments give the same bytes; a sector is the same whichever others are made with it. Everything is written aside and
    then renamed, so an interruption leaves what was there before (see `aside_of`).

    Raises
    ------
    InputError
        When scale, seed or sectors are wrong, a prevalence cannot be reached, something stands in a folder and `force` is not
        given, or it cannot be written; nothing is written then.
    """
    if problems := _problems(world, scale, seed, sectors):
        raise InputError(problems)
    truth = to.with_name(f"{to.name}.truth")
    _require_room(to, truth, force=force)
    watch = Stopwatch()
    with watch.stage("set up"):
        country, settings = set_up_sectors(world, scale=scale, seed=seed, sectors=sectors, progress=progress)
    cast = Cast.of([read_sector(setting.mechanism.sector) for setting in settings], settings)
    try:
        with aside_of(to) as aside:
            new, apart = aside / "new" / to.name, aside / "new" / truth.name
            rows = _write(cast, country, new, apart, watch, progress)
            _describe(world, cast, rows, made_of(world, scale=scale, seed=seed, sectors=sectors), new)
            _write_about(world, cast, scale, seed, apart)
            put_in_place(aside, [to, truth])
    except OSError as error:
        raise wrong(
            str(to), f"the world cannot be written ({error.strerror}).", "Choose another folder, or make room."
        ) from None
    return WorldSummary(world.name, to, truth, rows, watch.seconds)


def set_up_sectors(
    world: World, *, scale: float, seed: int, sectors: Sequence[str], progress: Progress
) -> tuple[Country, tuple[Setting, ...]]:
    """The country and each sector before its first quarter, in the order of their unit ids."""
    streams = Streams(seed)
    country = make_country(scale=scale, streams=streams, space=world.space)
    settings: list[Setting] = []
    for name in sorted(sectors, key=lambda sector: read_mechanism(sector).letter):
        progress(f"set up {name}", len(settings), len(sectors))
        settings.append(_set_up(world, name, country, scale, streams))
    return country, tuple(settings)


def _set_up(world: World, name: str, country: Country, scale: float, streams: Streams) -> Setting:
    mechanism = read_mechanism(name)
    count = world.units.get(name, mechanism.units_at(scale))
    places = make_places(mechanism, country, count=count, scale=scale, streams=streams)
    pressure = pressure_on(places, country.effect, world, streams)
    balance = balance_for(pressure, prevalence_of(world, name), name)
    correction = correction_for(world, name)
    return set_up(world, mechanism, places, pressure=pressure, balance=balance, correction=correction, streams=streams)


def _write(
    cast: Cast, country: Country, folder: Path, truth: Path, watch: Stopwatch, progress: Progress
) -> dict[str, int]:
    """Every table, quarter after quarter, and the geometry."""
    folder.mkdir()
    truth.mkdir()
    tables = [name for name in _TABLES if any(_has(name, setting) for setting in cast.settings)]
    schemas: dict[str, pa.Schema] = {name: contract_schema(name) for name in tables}
    with ExitStack() as stack:
        store = stack.enter_context(opened(folder, schemas))
        apart = stack.enter_context(opened(truth, {"quarters": TRUTH, "units": TRUTH_UNITS}))
        with watch.stage("places"):
            store.add("units", unit_rows(cast))
            for rows in group_rows(cast, country):
                store.add("groups", rows)
            apart.add("units", truth_unit_rows(cast, country))
            write_geometry(country, folder)
        figures, handovers = _write_quarters(cast, country, store, apart, watch, progress)
        with watch.stage("links and areas"):
            if "areas" in tables:
                store.add("areas", area_rows(figures))
            if "links" in tables:
                links = [
                    link_rows(one, passed, first)
                    for one, passed, first in zip(cast.settings, handovers, cast.first, strict=True)
                ]
                store.add("links", in_order([rows for rows in links if rows], cast.unit_id))
    return {name: store.rows.get(name, 0) for name in tables}


def _write_quarters(
    cast: Cast, country: Country, store: Store, apart: Store, watch: Stopwatch, progress: Progress
) -> tuple[list[Figures], list[list[Handovers]]]:
    """Events, visits and truth, a quarter at a time; what is small is kept for the tables that are sorted by another date."""
    runs = [run(setting) for setting in cast.settings]
    figures: list[Figures] = []
    handovers: list[list[Handovers]] = [[] for _ in runs]
    for number in range(-BURN_IN, QUARTERS):
        progress("live through the quarters", number + BURN_IN, BURN_IN + QUARTERS)
        with watch.stage("quarters"):
            quarters = [next(one) for one in runs]
        for place, quarter in enumerate(quarters):
            handovers[place].append(quarter.handovers)
            figures += figures_of(cast.settings[place], country, quarter)
        if is_written(number):
            _write_quarter(cast, quarters, store, apart, watch)
    return figures, handovers


def _write_quarter(cast: Cast, quarters: Sequence[Quarter], store: Store, apart: Store, watch: Stopwatch) -> None:
    with watch.stage("write events"):
        store.add("events", event_rows(cast, [quarter.told for quarter in quarters]))
    with watch.stage("write visits"):
        store.add("inspections", visit_rows(cast, quarters[0].number, [quarter.visits for quarter in quarters]))
    with watch.stage("write truth"):
        apart.add("quarters", truth_rows(cast, quarters))


def _has(table: TableName, setting: Setting) -> bool:
    """Whether a sector has rows in a table: not every sector has parties or figures of areas."""
    if table == "links":
        return any(role is not None for role in setting.mechanism.roles.model_dump().values())
    return table != "areas" or bool(setting.mechanism.measures)


def _describe(world: World, cast: Cast, rows: Mapping[str, int], made: Made, folder: Path) -> None:
    tables: list[TableName] = [name for name in _TABLES if name in rows]
    digests = {name: digest_of_file(folder / f"{name}.parquet") for name in tables}
    text = yaml.safe_dump(
        describe(world, cast.sectors, tables, digests, made).as_plain(), sort_keys=False, allow_unicode=True, width=140
    )
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")


def _write_about(world: World, cast: Cast, scale: float, seed: int, folder: Path) -> None:
    """How the world was made: with this its truth can be made again."""
    about = {
        "world": world.model_dump(mode="json"),
        "scale": scale,
        "seed": seed,
        "sectors": {
            one.mechanism.sector: {
                "prevalence": prevalence_of(world, one.mechanism.sector),
                "level": one.level,
                "budget": one.budget,
            }
            for one in cast.settings
        },
    }
    (folder / "truth.yaml").write_text(
        yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=140), encoding="utf-8"
    )


def _problems(world: World, scale: float, seed: int, sectors: Sequence[str]) -> list[Problem]:
    problems = []
    if not 0 < scale <= 1:
        problems.append(Problem("scale", f"{scale:g} is not above 0 and at most 1.", "Write for example scale=0.05."))
    if seed < 0:
        problems.append(Problem("seed", f"{seed} is below 0.", "Write for example seed=1."))
    known = made_sectors()
    if not sectors:
        problems.append(Problem("sectors", "no sector is named.", f"Choose from: {', '.join(known)}."))
    if len(set(sectors)) < len(sectors):
        problems.append(Problem("sectors", "a sector stands here twice.", "Name each once."))
    for name in sorted(set(sectors) - set(known)):
        problems.append(Problem("sectors", f"there is no sector `{name}`.", f"Choose from: {', '.join(known)}."))
    for key in ("budget", "units"):
        for name in sorted(set(getattr(world, key)) - set(known)):
            problems.append(
                Problem(f"world, {key}.{name}", "there is no such sector.", f"Choose from: {', '.join(known)}.")
            )
    return problems


def _require_room(to: Path, truth: Path, *, force: bool) -> None:
    require_room(to, force=force)
    if not truth.exists():
        return
    if not force:
        raise wrong(
            str(truth), "there is a truth here already.", "Choose another folder, or add --force to replace it."
        )
    if not (truth / "truth.yaml").is_file():
        raise wrong(
            str(truth),
            "this holds other things than a truth, so --force does not replace it.",
            "Choose another folder.",
        )
