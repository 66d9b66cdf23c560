"""Public datasets come in whole, in contract form; a file that is missing is named with where it can be had."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from tegenkracht.cli import main
from tegenkracht.core.errors import InputError
from tegenkracht.data.adapters import IMPORTS
from tegenkracht.data.sources import read_dataset, write_dataset


@pytest.fixture(scope="module")
def chicago(shared_data):
    """The city's table as it is read."""
    return IMPORTS["chicago-food"](shared_data / "chicago_food" / "raw")


@pytest.fixture(scope="module")
def amsterdam(shared_data):
    """The visits to childcare as they are read."""
    return IMPORTS["amsterdam-childcare"](shared_data / "amsterdam_childcare")


def test_chicago_has_the_citys_windows_and_labels(chicago):
    """17,075 inspections to 16 April 2014 with 2,402 positives; 1,637 from 2 September to 31 October with 258."""
    visits = chicago[0]["inspections"]
    train, test = visits[visits["inspected_on"] < "2014-09-01"], visits[visits["inspected_on"] >= "2014-09-01"]
    assert (len(train), int(train["finding"].sum()), f"{train['inspected_on'].max():%Y-%m-%d}") == (
        17_075,
        2_402,
        "2014-04-16",
    )
    assert (len(test), int(test["finding"].sum())) == (1_637, 258)
    assert [f"{day:%Y-%m-%d}" for day in (test["inspected_on"].min(), test["inspected_on"].max())] == [
        "2014-09-02",
        "2014-10-31",
    ]


def test_chicago_rows_are_inspections_not_licences_on_a_day(chicago):
    """Twelve pairs share licence and day; the inspection names the row."""
    given = chicago[0]["given"]
    assert given.duplicated(["unit_id", "as_of"]).sum() == 12
    assert given["inspection_id"].is_unique
    assert given["known_on"].isna().all()


def test_inspectors_find_as_the_report_says(chicago):
    """The six groups by finding rate: brown 2.5 % … purple 40.8 %."""
    rates = chicago[0]["inspections"].groupby("inspector")["finding"].mean().sort_values().mul(100).round(1)
    assert rates.to_dict() == {"brown": 2.5, "yellow": 6.0, "green": 9.7, "orange": 13.8, "blue": 25.5, "purple": 40.8}


@pytest.mark.parametrize("kind", IMPORTS)
def test_an_import_holds_the_contract(kind, request, tmp_path):
    """What is written can be read and checked again."""
    tables, description = request.getfixturevalue(kind.partition("-")[0])
    write_dataset(tables, description, tmp_path / "data", force=False)
    assert set(read_dataset(tmp_path / "data").tables) == set(tables)


def test_chicago_needs_one_file_only(shared_data, tmp_path):
    """Without the table of places, coordinates and postcodes are empty and all else is the same."""
    (tmp_path / "DATA").mkdir()
    shutil.copy(shared_data / "chicago_food" / "raw" / "DATA" / "30_xgboost_data.Rds", tmp_path / "DATA")
    tables, _ = IMPORTS["chicago-food"](tmp_path)
    assert tables["units"]["x"].isna().all()
    assert len(tables["inspections"]) == 18_712


def test_amsterdam_has_its_visits_and_colours(amsterdam):
    """2,951 visits of which 17 without a site number are left out; a quarter orange or red."""
    visits = amsterdam[0]["inspections"]
    assert (len(visits), visits["unit_id"].nunique()) == (2_934, 1_032)
    yearly = visits.groupby(visits["inspected_on"].dt.year)["finding"].mean()
    assert round(yearly[2012], 2) == 0.47
    assert round(yearly[2016], 2) == 0.18


@pytest.mark.parametrize(
    ("kind", "file", "message"),
    [
        (
            "chicago-food",
            "DATA/30_xgboost_data.Rds",
            r"30_xgboost_data\.Rds: there is no such file\. Clone the public repository Chicago/food-inspections-evaluation",
        ),
        (
            "amsterdam-childcare",
            "visits.parquet",
            r"visits\.parquet: there is no such file\. Name the folder with visits\.parquet",
        ),
    ],
)
def test_a_missing_file_is_named_with_where_to_get_it(kind, file, message, tmp_path):
    """An empty folder."""
    (tmp_path / file).parent.mkdir(exist_ok=True)
    with pytest.raises(InputError, match=message):
        IMPORTS[kind](tmp_path)


def test_a_corrupt_file_is_named(tmp_path):
    """Not R data."""
    (tmp_path / "30_xgboost_data.Rds").write_bytes(b"not R")
    with pytest.raises(InputError, match=r"30_xgboost_data\.Rds: this is not a table in R data \(\.Rds\)"):
        IMPORTS["chicago-food"](tmp_path)


def test_a_file_without_the_citys_columns_is_named(tmp_path):
    """Another table under the same name."""
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "visits.parquet")
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "kwb_amsterdam_2020_2024.parquet")
    with pytest.raises(InputError, match=r"visits\.parquet: the columns lrknummer, type, .* are missing\."):
        IMPORTS["amsterdam-childcare"](tmp_path)


def test_the_command_writes_and_does_not_overwrite(shared_data, tmp_path, capsys):
    """A second import into the same folder is refused without --force."""
    call = [
        "data",
        "import",
        "amsterdam-childcare",
        str(shared_data / "amsterdam_childcare"),
        "--to",
        str(tmp_path / "data"),
    ]
    assert main(call) == 0
    assert "units 1,032" in capsys.readouterr().out
    assert main(call) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*call, "--force"]) == 0
