"""A made-up world keeps the contract, is the same for a seed, and its truth, chances and outcomes agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.identity import digest_of_file
from tegenkracht.core.progress import silent
from tegenkracht.data.sector import read_sector, sectors
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world import WorldSummary, make_from_settings, make_world, read_world
from tegenkracht.data.world.signals import SIGNALS
from tegenkracht.data.world.truth import read_truth

ALL = ("shopping_strip", "marina")


def make(
    to: Path, *, world: str = "selected", scale: float = 0.005, seed: int = 1, names: tuple[str, ...] = ALL
) -> WorldSummary:
    """A world with little in it."""
    return make_world(read_world(world), scale=scale, seed=seed, sectors=names, to=to, force=False, progress=silent)


def files(folder: Path) -> dict[str, str]:
    """Digest of every file of a world, its truth included."""
    truth = folder.with_name(f"{folder.name}.truth")
    return {path.name: digest_of_file(path) for place in (folder, truth) for path in sorted(place.iterdir())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world that `make study` makes, and marinas."""
    to = tmp_path_factory.mktemp("world") / "selected"
    make(to, scale=0.05)
    return to


@pytest.fixture(scope="module")
def dataset(folder: Path) -> Dataset:
    """The dataset of that world."""
    return read_dataset(folder)


@pytest.fixture(scope="module")
def truth(folder: Path) -> pd.DataFrame:
    """The truth of that world."""
    return read_truth(folder)


def test_the_dataset_keeps_the_contract_and_has_the_counts_of_a_twentieth(dataset: Dataset) -> None:
    """193,000 premises in 2,600 strips and 1,100 marinas, times 0.05."""
    units = dataset.tables["units"]
    shops = units[units["sector"] == "shopping_strip"]
    assert dataset.description.synthetic
    assert set(dataset.tables) == {"units", "events", "areas", "inspections", "groups"}
    assert len(shops) == 9_650
    assert shops["cluster_id"].nunique() == 130
    assert (units["sector"] == "marina").sum() == 55
    assert (shops["legal_form"] == "eenmanszaak").mean() == pytest.approx(0.40, abs=0.02)


@pytest.mark.parametrize("sector", ALL)
def test_every_indicator_of_a_sector_is_described_and_told(dataset: Dataset, sector: str) -> None:
    """Eight or more that say something of the state; the dictionary has no event kind without events."""
    described = {name for name, entry in read_sector(sector).indicators.items() if entry.table == "event"}
    assert len(SIGNALS[sector]) >= 8
    assert described - {"berths"} == set(SIGNALS[sector])
    assert described <= set(dataset.tables["events"]["kind"])
    assert set(ALL) <= set(sectors())


def test_measures_are_known_a_year_later(dataset: Dataset) -> None:
    """Vacancy at the end of 2022 is known at the end of 2023, and that of 2023 not yet."""
    areas = dataset.tables["areas"]
    assert (areas["known_on"].dt.year - areas["period_end"].dt.year == 1).all()
    assert areas["period_end"].max() == pd.Timestamp("2022-12-31")
    assert set(areas["measure"]) == {"vacancy", "deprivation_index", "road_distance"}


def test_visits_are_known_within_120_days_and_graded_when_something_is_found(dataset: Dataset) -> None:
    """A result is never told after the last day of the dataset."""
    visits = dataset.tables["inspections"]
    assert (visits["known_on"] - visits["inspected_on"]).dt.days.between(0, 120).all()
    assert visits["known_on"].max() <= pd.Timestamp("2023-12-31")
    assert (visits["severity"].notna() == visits["finding"]).all()
    assert set(visits["severity"].dropna()) == {1.0, 2.0, 3.0}
    assert set(visits["channel"]) == {"random", "risk", "signal", "complaint", "programme"}
    assert not visits.assign(quarter=visits["inspected_on"].dt.to_period("Q")).duplicated(["unit_id", "quarter"]).any()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    """Every file, the truth included."""
    for name, seed in (("first", 1), ("second", 1), ("other", 2)):
        make(tmp_path / name, seed=seed)
    first, other = files(tmp_path / "first"), files(tmp_path / "other")
    assert first == files(tmp_path / "second")
    assert all(first[name] != other[name] for name in first)


def test_a_sector_is_the_same_whichever_others_are_made(tmp_path: Path) -> None:
    """Streams are seeded by sector."""
    make(tmp_path / "both")
    make(tmp_path / "one", names=("shopping_strip",))
    both, one = (read_dataset(tmp_path / name).tables["inspections"] for name in ("both", "one"))
    shops = both[both["unit_id"].str.startswith("S")].reset_index(drop=True)
    pd.testing.assert_frame_equal(shops, one)


def test_selection_changes_who_is_visited_and_nothing_in_the_state(tmp_path: Path) -> None:
    """Common random numbers: the two worlds have the same units in the same states."""
    for world in ("clean", "selected"):
        make(tmp_path / world, world=world)
    clean, selected = (read_truth(tmp_path / world) for world in ("clean", "selected"))
    pd.testing.assert_frame_equal(clean.drop(columns="propensity"), selected.drop(columns="propensity"))
    assert clean[clean["unit_id"].str.startswith("S")]["propensity"].round(12).unique().tolist() == [0.03]
    assert selected["propensity"].nunique() > 100


def test_prevalence_is_near_its_target(truth: pd.DataFrame) -> None:
    """Target 3 %. A state lasts 25 quarters, so 40 quarters of 9,650 shops count as about 1.2 draws each: 4 SE is 0.0064."""
    shops = truth[truth["unit_id"].str.startswith("S")]
    assert (shops["state"] != "none").mean() == pytest.approx(0.03, abs=0.0064)
    types = shops.loc[shops["state"] != "none", "state"].value_counts(normalize=True)
    assert types["functional"] > types["competitive"] > types["relational"]


@pytest.mark.parametrize("letter", ["S", "M"])
def test_chances_of_a_visit_are_exact(dataset: Dataset, truth: pd.DataFrame, letter: str) -> None:
    """The sum of 1/chance over visits estimates the number of open unit-quarters; its variance is the sum of (1-p)/p."""
    visits, chance = (
        dataset.tables["inspections"]["unit_id"],
        truth.loc[truth["unit_id"].str.startswith(letter), "propensity"],
    )
    weight = 1 / dataset.tables["inspections"].loc[visits.str.startswith(letter), "propensity"]
    standard_error = np.sqrt(((1 - chance) / chance).sum())
    assert abs(weight.sum() - len(chance)) < 4 * standard_error


def test_selected_visits_find_more_than_there_is_and_weights_put_that_right(
    dataset: Dataset, truth: pd.DataFrame
) -> None:
    """The mean finding of visits is too high; weighted by 1/chance it is near what visits to all would find.

    Expected of visits to all: share by type times sensitivity, and 1 % of the rest; teams differ, so 0.01 is allowed.
    """
    visits = dataset.tables["inspections"]
    visits = visits[visits["unit_id"].str.startswith("S")]
    shares = truth[truth["unit_id"].str.startswith("S")]["state"].value_counts(normalize=True)
    expected = (
        shares @ pd.Series({"none": 0.01, "functional": 0.7, "competitive": 0.5, "relational": 0.3})[shares.index]
    )
    weighted = np.average(visits["finding"], weights=1 / visits["propensity"])
    assert visits["finding"].mean() > expected + 0.01
    assert weighted == pytest.approx(expected, abs=0.01)


def test_signals_point_to_the_state(dataset: Dataset, truth: pd.DataFrame) -> None:
    """Address reuse has a log-odds of 1.4 in a functional state: more than twice as many events to a quarter."""
    quarters = truth[truth["unit_id"].str.startswith("S")].assign(
        quarter=lambda frame: frame["quarter"].dt.to_period("Q")
    )
    events = dataset.tables["events"].query("kind == 'address_reuse'")
    events = events.assign(quarter=events["occurred_on"].dt.to_period("Q"))
    joined = events.merge(quarters, on=["unit_id", "quarter"])
    rate = joined["state"].value_counts() / quarters["state"].value_counts()
    assert len(joined) == len(events)
    assert rate["functional"] > 2 * rate["none"]


def test_the_truth_is_in_no_file_of_the_dataset(folder: Path, dataset: Dataset) -> None:
    """It stands in a folder of its own."""
    expected = {"dataset.yaml", *(f"{name}.parquet" for name in dataset.tables)}
    assert {path.name for path in folder.rglob("*")} == expected
    assert {path.name for path in folder.with_name("selected.truth").iterdir()} == {"truth.parquet"}
    assert not {"state", "tip"} & {column for table in dataset.tables.values() for column in table}


def test_groups_serve_audits_only(dataset: Dataset) -> None:
    """Thirds by area, a made-up group and a kind of legal form by unit; none is also an indicator."""
    groups = dataset.tables["groups"]
    assert set(groups["attribute"]) == {"deprivation", "group", "legal_kind"}
    assert groups.loc[groups["attribute"] == "deprivation", "unit_id"].isna().all()
    thirds = groups.loc[groups["attribute"] == "deprivation", "value"].value_counts(normalize=True)
    assert thirds.to_numpy() == pytest.approx(1 / 3, abs=0.01)
    assert not set(dataset.description.attributes) & {*dataset.description.event_kinds, *dataset.description.measures}


def test_settings_are_read_as_typed(tmp_path: Path) -> None:
    """Without `sectors`, all sectors of the world are made; the summary says where and what."""
    settings = ["world=clean", "scale=0.005", "seed=3"]
    summary = make_from_settings(settings, to=tmp_path / "w", force=False, progress=silent)
    assert str(summary).startswith(f"{tmp_path / 'w'}: units 1,0")
    assert set(summary.prevalence) == set(ALL)
    again = make_from_settings([*settings, "sectors=marina"], to=tmp_path / "w", force=True, progress=silent)
    assert again.rows["units"] == 40


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        (["scale=0.1", "seed=1"], ["world: this setting is missing. Write for example world=selected."]),
        (
            ["world=selcted", "scale=0.1", "seed=1"],
            ["world: there is no world `selcted`. Choose one of: clean, selected."],
        ),
        (
            ["world=clean", "scal=0.1", "seed=one"],
            [
                "scal: this setting is not known. Did you mean `scale`?",
                "scale: this setting is missing. Write for example scale=0.05.",
                "seed: `one` is not a whole number. Write for example seed=1.",
            ],
        ),
        (
            ["world=clean", "scale=0", "seed=1"],
            ["scale: 0 is not above 0 and at most 1. Write for example scale=0.05."],
        ),
        (
            ["world=clean", "scale=nan", "seed=-1"],
            [
                "scale: nan is not above 0 and at most 1. Write for example scale=0.05.",
                "seed: -1 is below 0. Write for example seed=1.",
            ],
        ),
        (
            ["world=clean", "scale=1.5", "seed=1", "sectors=shops"],
            [
                "scale: 1.5 is not above 0 and at most 1. Write for example scale=0.05.",
                "sectors: the world clean has no sector `shops`. Choose from: marina, shopping_strip.",
            ],
        ),
        (
            ["world=clean", "scale=1", "seed=1", "seed=2", "big"],
            [
                "seed: this setting stands here twice. Remove one.",
                "big: this is not `key=value`. Write for example world=selected.",
            ],
        ),
        (
            ["world=clean", "scale=1", "seed=1", "sectors=marina,marina"],
            ["sectors: a sector stands here twice. Name each once."],
        ),
    ],
)
def test_wrong_settings_are_all_named_with_the_way_out(
    tmp_path: Path, settings: list[str], messages: list[str]
) -> None:
    """Nothing is written."""
    with pytest.raises(InputError) as caught:
        make_from_settings(settings, to=tmp_path / "w", force=False, progress=silent)
    assert str(caught.value).splitlines() == messages
    assert not list(tmp_path.iterdir())


def test_what_stands_in_a_folder_is_not_replaced(tmp_path: Path) -> None:
    """Neither a dataset, nor a truth beside an absent dataset, nor (even by force) other things."""
    (tmp_path / "w.truth").mkdir()
    (tmp_path / "w.truth" / "notes.txt").write_text("mine")
    settings = ["world=clean", "scale=0.005", "seed=1", "sectors=marina"]
    with pytest.raises(InputError, match="there is a truth here already"):
        make_from_settings(settings, to=tmp_path / "w", force=False, progress=silent)
    with pytest.raises(InputError, match="this holds other things than a truth, so --force does not replace it"):
        make_from_settings(settings, to=tmp_path / "w", force=True, progress=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["w.truth"]


def test_a_world_or_a_truth_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(
        InputError, match=r"world loop: there is no file conf/world/loop\.yaml\. Choose one of: clean, selected\."
    ):
        read_world("loop")
    with pytest.raises(InputError, match=r"there is no truth beside this dataset"):
        read_truth(tmp_path / "w")
