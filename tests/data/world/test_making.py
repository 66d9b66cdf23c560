"""A made-up world keeps the contract, is the same for a seed, and keeps its truth apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tegenkracht.core.identity import digest_of_file
from tegenkracht.core.progress import silent
from tegenkracht.data.sector import read_sector
from tegenkracht.data.sources import Dataset, read_dataset, write_dataset
from tegenkracht.data.world import make_world, read_world, worlds
from tegenkracht.data.world.mechanism import made_sectors, read_mechanism
from tegenkracht.data.world.truth import read_truth

SECTORS = ("football_club", "local_council", "marina", "neighbourhood", "shopping_strip")


def make(
    to: Path, world: str = "clean", *, seed: int = 1, sectors: tuple[str, ...] = ("marina",), scale: float = 0.01
) -> Path:
    """A world with little in it."""
    make_world(read_world(world), scale=scale, seed=seed, sectors=sectors, to=to, force=False, progress=silent)
    return to


def files(folder: Path) -> dict[str, str]:
    """Digest of every file of a world, its truth included."""
    places = (folder, folder.with_name(f"{folder.name}.truth"))
    return {f"{place.suffix}/{path.name}": digest_of_file(path) for place in places for path in place.iterdir()}


def test_there_are_ten_worlds_and_each_says_what_it_is_for() -> None:
    """In two languages, with what a good tool must show on it."""
    assert len(worlds()) == 10
    for name in worlds():
        world = read_world(name)
        texts = [getattr(text, language) for text in (world.about, world.must_show) for language in ("nl", "en")]
        assert min(len(text) for text in texts) > 60, name


@pytest.mark.parametrize("sector", SECTORS)
def test_every_sector_has_at_least_eight_working_indicators(dataset: Dataset, sector: str) -> None:
    """Each is in the dictionary and is told at least once in ten years; everything that the dictionary promises is there."""
    described = {name for name, entry in read_sector(sector).indicators.items() if entry.table}
    mechanism = read_mechanism(sector)
    working = {*mechanism.signals, *(name for name, one in mechanism.measures.items() if one.of == "state")}
    told = {*dataset.tables["events"]["kind"], *dataset.tables["areas"]["measure"], *dataset.tables["links"]["role"]}
    assert len(working) >= 8
    assert working <= described <= told
    assert made_sectors() == ("football_club", "local_council", "marina", "neighbourhood", "shopping_strip")


def test_the_dataset_has_the_counts_of_a_twentieth(dataset: Dataset) -> None:
    """193,300 premises in 2,600 strips, 1,100 marinas, 2,950 clubs, 14,500 neighbourhoods and 342 councils, times 0.05."""
    units = dataset.tables["units"]
    assert units["sector"].value_counts().to_dict() == {
        "shopping_strip": 9_665,
        "neighbourhood": 725,
        "football_club": 148,
        "marina": 55,
        "local_council": 17,
    }
    assert units.loc[units["sector"] == "shopping_strip", "cluster_id"].nunique() == 130
    assert units.loc[units["sector"] == "neighbourhood", "kind"].eq("area").all()
    assert units.loc[units["sector"] == "local_council", "kind"].eq("public_body").all()
    assert dataset.description.synthetic


def test_streamed_tables_are_what_the_ordinary_writer_writes(folder: Path, dataset: Dataset, tmp_path: Path) -> None:
    """Same columns, types and order: the pieces behind each other are the table in canonical order."""
    write_dataset(dataset.tables, dataset.description, tmp_path / "again", force=False)
    assert dict(read_dataset(tmp_path / "again").digests) == dict(dataset.digests)
    for name in dataset.tables:
        streamed, whole = (pq.read_table(path / f"{name}.parquet") for path in (folder, tmp_path / "again"))
        assert streamed.equals(whole), name


def test_the_truth_is_in_no_file_of_the_dataset(folder: Path, dataset: Dataset) -> None:
    """It stands in a folder of its own; no column of the dataset is one of the truth."""
    geometry = {"municipalities.geojson", "neighbourhoods.geojson", "water.geojson"}
    tables = {f"{name}.parquet" for name in dataset.tables}
    assert {path.name for path in folder.iterdir()} == {"dataset.yaml", *tables, *geometry}
    apart = folder.with_name("selected.truth")
    assert {path.name for path in apart.iterdir()} == {"truth.yaml", "units.parquet", "quarters.parquet"}
    columns = {column for table in dataset.tables.values() for column in table}
    assert not {"state", "tip", "potential", "area_effect", "finding_chance"} & columns


@pytest.mark.parametrize(
    "layer", ["features", "assembly", "splits", "models", "evaluation", "explanation", "experiment", "reporting"]
)
def test_no_layer_that_estimates_names_the_truth(layer: str) -> None:
    """The import contract checks imports; this looks at the words, so that no path to the folder is built either."""
    source = Path(__file__).parents[3] / "src" / "tegenkracht"
    paths = [source / f"{layer}.py"] if (source / f"{layer}.py").exists() else sorted((source / layer).rglob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "world.truth" not in text
        assert '.truth"' not in text
        assert ".truth/" not in text


def test_groups_serve_audits_only(dataset: Dataset) -> None:
    """Thirds by area, two made-up groups and a kind of legal form by unit; none is also an indicator."""
    groups = dataset.tables["groups"]
    assert set(groups["attribute"]) == {"deprivation", "group", "legal_kind", "second_group"}
    assert groups.loc[groups["attribute"] == "deprivation", "unit_id"].isna().all()
    thirds = groups.loc[groups["attribute"] == "deprivation", "value"].value_counts(normalize=True)
    assert thirds.to_numpy() == pytest.approx(1 / 3, abs=0.01)
    assert not set(dataset.description.attributes) & {*dataset.description.event_kinds, *dataset.description.measures}


def test_a_second_look_is_by_somebody_else_within_two_weeks(dataset: Dataset) -> None:
    """A quarter of a unit has one first visit at most; a second look has no chance of its own."""
    visits = dataset.tables["inspections"].assign(quarter=lambda table: table["inspected_on"].dt.to_period("Q"))
    first, second = visits[visits["propensity"].notna()], visits[visits["propensity"].isna()]
    pairs = second.merge(first, on=["unit_id", "quarter"], suffixes=("", "_first"))
    assert not first.duplicated(["unit_id", "quarter"]).any()
    assert len(second) > 100
    assert len(pairs) > 0.8 * len(second)  # the result of a first visit can come too late to be in the table
    assert (pairs["inspected_on"] - pairs["inspected_on_first"]).dt.days.between(0, 14).all()
    assert (pairs["inspector"] != pairs["inspector_first"]).all()
    assert set(visits["channel"]) == {"random", "risk", "signal", "complaint", "programme"}


def test_links_follow_each_other(dataset: Dataset) -> None:
    """The next director comes after the last one left; about one in ten directors runs more than one unit."""
    links = dataset.tables["links"].query("role == 'shop_director'").sort_values(["unit_id", "from_on"])
    followed = links["unit_id"].eq(links["unit_id"].shift(-1))
    assert (links["until_on"][followed] <= links["from_on"].shift(-1)[followed]).all()
    held = links[links["from_on"] < "2012-01-01"].groupby("party_id")["unit_id"].nunique()
    assert 0.05 < (held > 1).mean() < 0.15


def test_a_vacant_shop_is_a_shop_whose_director_left(dataset: Dataset) -> None:
    """At the end of 2022 the mean of published vacancy, weighted by shops, is the share of units without a director then."""
    day = pd.Timestamp("2022-12-31")
    units, areas, links = (dataset.tables[name] for name in ("units", "areas", "links"))
    units = units[units["sector"] == "shopping_strip"]
    areas = areas[(areas["measure"] == "vacancy") & (areas["period_end"] == day)]
    shops = units["area_code"].value_counts()
    published = float(np.average(areas["value"], weights=shops[areas["area_code"]]))
    links = links[(links["role"] == "shop_director") & (links["from_on"] <= day)]
    held = links[links["until_on"].isna() | (links["until_on"] > day)]["unit_id"].nunique()
    assert published == pytest.approx(1 - held / len(units), abs=1e-4)
    assert 0.02 < published < 0.12


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    """Every file, the truth included."""
    first, second = files(make(tmp_path / "first")), files(make(tmp_path / "second"))
    other = files(make(tmp_path / "other", seed=2))
    assert first == second
    assert all(first[name] != other[name] for name in first if name != ".truth/truth.yaml")


def test_a_sector_is_the_same_whichever_others_are_made(tmp_path: Path) -> None:
    """Streams are seeded by sector."""
    both = read_dataset(make(tmp_path / "both", "selected", sectors=("marina", "football_club")))
    one = read_dataset(make(tmp_path / "one", "selected"))
    for table in ("units", "events", "inspections", "links"):
        of_both = both.tables[table]
        marinas = of_both[of_both["unit_id"].str.startswith("M")].reset_index(drop=True)
        pd.testing.assert_frame_equal(marinas, one.tables[table])


@pytest.mark.parametrize("sector", SECTORS)
def test_each_sector_stands_by_itself(tmp_path: Path, sector: str) -> None:
    """Made alone, its dataset keeps the contract and describes everything that is in it; and something is found somewhere."""
    dataset = read_dataset(
        make(tmp_path / "w", "selected", sectors=(sector,), scale=0.02 if sector == "shopping_strip" else 0.1)
    )
    assert set(dataset.tables["units"]["sector"]) == {sector}
    assert len(dataset.tables["inspections"]) > 0
    assert len(dataset.description.event_kinds) + len(dataset.description.measures) >= 8


def test_the_geometry_covers_every_neighbourhood(folder: Path) -> None:
    """One closed polygon for each, in degrees, inside the Netherlands' box."""
    towns, areas = (
        json.loads((folder / f"{name}.geojson").read_text())["features"]
        for name in ("municipalities", "neighbourhoods")
    )
    rings = [feature["geometry"]["coordinates"][0] for feature in (*towns, *areas)]
    corners = np.concatenate([np.array(ring) for ring in rings])
    assert (len(towns), len(areas)) == (17, 725)
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings)
    assert (corners >= [3, 50]).all()
    assert (corners <= [8, 54]).all()


def test_a_tiny_sector_is_tiny_whatever_the_scale(tmp_path: Path) -> None:
    """Sixty marinas in a world of a hundredth."""
    assert len(read_truth(make(tmp_path / "w", "tiny_sector")).units) == 60
