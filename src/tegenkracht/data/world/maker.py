"""A world made and written: the dataset in one folder, its truth in another."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.progress import Progress
from tegenkracht.data.folder import require_room
from tegenkracht.data.sector import read_sector
from tegenkracht.data.sources import write_dataset
from tegenkracht.data.world.clock import STARTS
from tegenkracht.data.world.country import Country, make_country
from tegenkracht.data.world.dictionary import describe
from tegenkracht.data.world.places import make_places
from tegenkracht.data.world.signals import known_counts, make_events
from tegenkracht.data.world.state import STATES, make_state
from tegenkracht.data.world.tables import Made, tables_of
from tegenkracht.data.world.visits import make_visits
from tegenkracht.data.world.world import World


@dataclass(frozen=True)
class WorldSummary:
    """What was made: where it is, rows by table, and by sector the share of open unit-quarters in a true state."""

    world: str
    folder: Path
    truth: Path
    rows: Mapping[str, int]
    prevalence: Mapping[str, float]

    def __str__(self) -> str:
        rows = ", ".join(f"{name} {count:,}" for name, count in self.rows.items())
        shares = ", ".join(f"{name} {share:.1%}" for name, share in self.prevalence.items())
        return f"{self.folder}: {rows}\nworld {self.world}; truth, kept apart in {self.truth}: {shares} positive"


def make_world(
    world: World, *, scale: float, seed: int, sectors: Sequence[str], to: Path, force: bool, progress: Progress
) -> WorldSummary:
    """Make some sectors of a world and write them: the dataset to `to`, the truth beside it to `<to>.truth`.

    The same arguments give the same bytes; a sector is the same whichever others are made with it.

    Raises
    ------
    InputError
        When scale, seed or sectors are wrong, or something stands in a folder and `force` is not given; nothing is
        written then.
    """
    if problems := _problems(world, scale, seed, sectors):
        raise InputError(problems)
    truth = to.with_name(f"{to.name}.truth")
    _require_room(to, truth, force=force)
    country = make_country(scale=scale, seed=seed)
    made = []
    for done, name in enumerate(sectors):
        progress(f"make the sector {name}", done, len(sectors))
        made.append(_make_sector(name, world, country, scale=scale, seed=seed))
    tables = tables_of(country, made)
    progress("write the world", 0, 0)
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=f".{truth.name}.") as aside:
        _write_truth(made, Path(aside) / "truth")
        write_dataset(tables, describe(world, [one.sector for one in made]), to, force=force)
        if truth.exists():
            shutil.rmtree(truth)
        (Path(aside) / "truth").rename(truth)
    rows = {name: len(table) for name, table in tables.items()}
    return WorldSummary(world.name, to, truth, rows, {one.sector.sector: _prevalence(one) for one in made})


def _problems(world: World, scale: float, seed: int, sectors: Sequence[str]) -> list[Problem]:
    problems = []
    if not 0 < scale <= 1:
        problems.append(Problem("scale", f"{scale:g} is not above 0 and at most 1.", "Write for example scale=0.05."))
    if seed < 0:
        problems.append(Problem("seed", f"{seed} is below 0.", "Write for example seed=1."))
    known = ", ".join(sorted(world.prevalence))
    if not sectors:
        problems.append(Problem("sectors", "no sector is named.", f"Choose from: {known}."))
    if len(set(sectors)) < len(sectors):
        problems.append(Problem("sectors", "a sector stands here twice.", "Name each once."))
    for name in sorted(set(sectors) - set(world.prevalence)):
        problems.append(Problem("sectors", f"the world {world.name} has no sector `{name}`.", f"Choose from: {known}."))
    return problems


def _require_room(to: Path, truth: Path, *, force: bool) -> None:
    require_room(to, force=force)
    if not truth.exists():
        return
    if not force:
        raise wrong(
            str(truth), "there is a truth here already.", "Choose another folder, or add --force to replace it."
        )
    if not truth.is_dir() or {path.name for path in truth.iterdir()} - {"truth.parquet"}:
        raise wrong(
            str(truth),
            "this holds other things than a truth, so --force does not replace it.",
            "Choose another folder.",
        )


def _make_sector(name: str, world: World, country: Country, *, scale: float, seed: int) -> Made:
    places = make_places(name, country, scale=scale, seed=seed)
    state = make_state(places, country, prevalence=world.prevalence[name], seed=seed)
    events = make_events(places, country, state, proxies=world.proxies, seed=seed)
    visits = make_visits(places, country, state, known_counts(events, places.count), world=world, seed=seed)
    return Made(read_sector(name), places, state, events, visits)


def _write_truth(made: Sequence[Made], folder: Path) -> None:
    """One row for each quarter in which a unit is open."""
    frame = pd.concat([_truth_of(one) for one in made], ignore_index=True)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    folder.mkdir()
    pq.write_table(table, folder / "truth.parquet", compression="zstd", store_schema=False)


def _truth_of(made: Made) -> pd.DataFrame:
    unit, quarter = np.nonzero(made.places.is_open)
    return pd.DataFrame(
        {
            "unit_id": made.places.unit_id[unit],
            "quarter": STARTS[quarter].astype("datetime64[s]"),
            "state": np.array(STATES)[made.state[unit, quarter]],
            "propensity": made.visits.propensity[unit, quarter],
        }
    )


def _prevalence(made: Made) -> float:
    return float((made.state[made.places.is_open] > 0).mean())
