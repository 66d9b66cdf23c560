"""Matrices become a dataset that gives every label back, and keeps apart who was never looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.data.sources import dataset_of
from tegenkracht.triage.dataset import dataset_of_matrices
from tegenkracht.triage.found_files import find_files
from tegenkracht.triage.matrix import read_matrix

from .conftest import inspections_project, matrix_files

TWO = "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n2,2020-01-01,,\n"


def _brought(folder, **options):
    found = find_files(folder)
    matrices = [read_matrix(found, files) for files in found.matrices]
    return dataset_of_matrices(
        matrices, **{"name": "t", "kind": "business", "filled_in": False, "people": ()} | options
    )


def test_a_matrix_becomes_units_features_and_visits(tmp_path):
    """One visited entity with a finding, one that nobody looked at; a feature that is missing stays missing."""
    matrix_files(tmp_path / "matrices", "a1", TWO)
    brought = _brought(tmp_path)
    dataset = dataset_of(brought.tables, brought.description, location="t")
    assert dataset.tables["units"]["unit_id"].tolist() == ["1", "2"]
    np.testing.assert_array_equal(dataset.tables["given"]["a"], [3.0, np.nan])
    visits = dataset.tables["inspections"]
    assert visits[["unit_id", "finding"]].to_numpy().tolist() == [["1", True]]
    assert visits["inspected_on"].tolist() == [pd.Timestamp("2020-07-01")]
    assert str(brought.description.known_until) == "2020-07-01"


def test_every_label_comes_back_from_the_visits(tmp_path):
    """480 labels, a third of them empty: by our own definition of an outcome they are what triage had."""
    labels = inspections_project(tmp_path, seed=1)
    brought = _brought(tmp_path)
    visits = brought.tables["inspections"]
    for (entity, date), label in labels.items():
        start = pd.Timestamp(date)
        inside = visits[
            (visits["unit_id"] == entity)
            & (visits["inspected_on"] > start)
            & (visits["inspected_on"] <= start + pd.DateOffset(months=6))
        ]
        assert np.array_equal(inside["finding"].max() if len(inside) else np.nan, label, equal_nan=True)
    assert (brought.gaps, brought.filled, brought.differing) == (0, 0, 0)


def test_labels_that_were_filled_in_are_no_observations(tmp_path):
    """In a training matrix with missing labels set to 0, a 0 may mean that nobody looked: none is taken over."""
    matrix_files(tmp_path / "matrices", "te", TWO)
    matrix_files(tmp_path / "matrices", "tr", TWO.replace("2020", "2019").replace(",,\n", ",,0\n"), matrix_type="train")
    brought = _brought(tmp_path, filled_in=True)
    assert brought.filled == 2
    assert brought.tables["inspections"]["inspected_on"].astype(str).tolist() == ["2020-07-01"]


def test_an_empty_label_outweighs_one_that_was_filled_in(tmp_path):
    """The test matrix knows that nobody looked; a training matrix of the same window says 0."""
    matrix_files(tmp_path / "matrices", "te", TWO)
    matrix_files(tmp_path / "matrices", "tr", TWO.replace(",,\n", ",,0\n"), matrix_type="train")
    assert _brought(tmp_path).tables["inspections"]["unit_id"].tolist() == ["1"]


def test_an_entity_is_open_while_it_is_in_matrices(tmp_path):
    """From its first date to the next one without it; a date that it misses in between is counted."""
    rows = [
        (1, "2019-01-01"),
        (2, "2019-01-01"),
        (2, "2019-07-01"),
        (1, "2020-01-01"),
        (2, "2020-01-01"),
        (1, "2020-07-01"),
    ]
    table = "entity_id,as_of_date,a,failed\n" + "".join(f"{e},{d},{i},1\n" for i, (e, d) in enumerate(rows))
    matrix_files(tmp_path / "matrices", "a", table)
    brought = _brought(tmp_path)
    units = brought.tables["units"].set_index("unit_id")
    assert units.loc["2", "closed_on"] == pd.Timestamp("2020-07-01")
    assert pd.isna(units.loc["1", "closed_on"])
    assert brought.gaps == 1


def test_a_feature_about_a_person_stays_out(tmp_path):
    """Its name says so; it is named, not carried."""
    matrix_files(
        tmp_path / "matrices", "a", TWO.replace(",a,", ",owner_entity_id_all_gender_max,").replace("failed", "failed")
    )
    with pytest.raises(KeyError, match="owner_entity_id_all_gender_max"):
        _brought(tmp_path).tables["given"]["owner_entity_id_all_gender_max"]
    assert _brought(tmp_path).left_out == ("owner_entity_id_all_gender_max",)


def test_features_from_a_table_of_people_stay_out(tmp_path):
    """Whatever their names are."""
    matrix_files(tmp_path / "matrices", "a", TWO.replace(",a,", ",staff_entity_id_all_total_count,"))
    assert _brought(tmp_path, people=("staff_entity_id_",)).left_out == ("staff_entity_id_all_total_count",)


def test_cells_that_differ_between_matrices_are_counted(tmp_path):
    """The test matrix decides."""
    matrix_files(tmp_path / "matrices", "te", TWO)
    matrix_files(tmp_path / "matrices", "tr", TWO.replace(",3,1", ",4,1"), matrix_type="train")
    brought = _brought(tmp_path)
    assert brought.differing == 1
    assert brought.tables["given"]["a"].iloc[0] == 3.0


@pytest.mark.parametrize(
    ("table", "metadata", "message"),
    [
        (
            "entity_id,as_of_date,a,failed\nx1,2020-01-01,3,1\n",
            {},
            r"matrices/m.csv.gz, row 1, column `entity_id`: `x1` is not a whole number",
        ),
        ("entity_id,as_of_date,a,failed\n1,soon,3,1\n", {}, r"row 1, column `as_of_date`: `soon` is not a date"),
        ("entity_id,as_of_date,a,failed\n1,2020-01-01,=1+1,1\n", {}, r"row 1, column `a`: `=1\+1` is not a number"),
        ("entity_id,as_of_date,a,failed\n1,2020-01-01,inf,1\n", {}, r"column `a`: `inf` is not a number"),
        ("entity_id,as_of_date,a,failed\n1,2020-01-01,3,2\n", {}, r"row 1, column `failed`: the label 2 is not 0 or 1"),
        (
            "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n1,2020-01-01,3,1\n",
            {},
            r"row 2, column `entity_id`: an earlier row has the same entity and date",
        ),
        ("entity_id,as_of_date,a,failed\n1,2020-01-01,3\n", {}, r"row 2: the row has 3 fields where 4 are expected"),
        ("entity_id,as_of_date,a,a,failed\n1,2020-01-01,3,3,1\n", {}, r"column `a`: the column stands here twice"),
        (
            "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n",
            {"label_name": "other"},
            r"column `failed`: the metadata do not name this column",
        ),
        (
            "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n",
            {"matrix_type": "both"},
            r"matrices/m.yaml, line 1, matrix_type: `both` is not train or test",
        ),
        (
            "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n",
            {"label_timespan": "soon"},
            r"m.yaml, line 3, label_timespan: `soon` is not an interval",
        ),
        (
            "entity_id,as_of_date,a,failed\n1,2020-01-01,3,1\n",
            {"x": "!!python/object/apply:os.getcwd []"},
            r"m.yaml, line 5: the tag",
        ),
    ],
)
def test_a_wrong_matrix_is_refused_with_its_place(tmp_path, table, metadata, message):
    """File, row and column, or file and line."""
    matrix_files(tmp_path / "matrices", "m", table, **metadata)
    with pytest.raises(InputError, match=message):
        _brought(tmp_path)


def test_a_matrix_that_is_not_packed_whole_is_refused(tmp_path):
    """Half a file, and a file that is not packed at all."""
    matrix_files(tmp_path / "matrices", "m", TWO)
    file = tmp_path / "matrices" / "m.csv.gz"
    for content in (file.read_bytes()[:-12], b"entity_id\n1\n"):
        file.write_bytes(content)
        with pytest.raises(InputError, match="the file is not whole, or not packed with gzip"):
            _brought(tmp_path)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path, monkeypatch):
    """Unpacking stops at the limit."""
    monkeypatch.setattr("tegenkracht.triage.found_files.MOST_TABLE_BYTES", 10_000)
    matrix_files(tmp_path / "matrices", "m", TWO + "3,2020-01-01,1,1\n" * 1000)
    with pytest.raises(InputError, match=r"matrices/m.csv.gz: the table is larger than 10,000 bytes"):
        _brought(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    """A project from elsewhere cannot point at other files of this machine."""
    matrix_files(tmp_path / "elsewhere", "m", TWO)
    folder = tmp_path / "project" / "matrices"
    folder.mkdir(parents=True)
    for ending in ("yaml", "csv.gz"):
        (folder / f"m.{ending}").symlink_to(tmp_path / "elsewhere" / f"m.{ending}")
    with pytest.raises(InputError, match=r"matrices/m.csv.gz: this is a link that leads out of the folder"):
        find_files(tmp_path / "project")


def test_a_folder_without_anything_of_triage_is_named(tmp_path):
    """The message says what a project holds."""
    with pytest.raises(InputError, match="there is nothing of triage here"):
        find_files(tmp_path)


def test_two_experiments_in_one_folder_are_not_guessed_between(tmp_path):
    """The user names one."""
    (tmp_path / "a.yaml").write_text("x: 1")
    (tmp_path / "b.yaml").write_text("x: 1")
    with pytest.raises(InputError, match=r"there are several experiments here \(a.yaml, b.yaml\)"):
        find_files(tmp_path)
