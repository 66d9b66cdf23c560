"""Parquet, CSV, a DuckDB file and PostgreSQL are read alike: the same tables, the same digests."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from tegenkracht.core.errors import InputError
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world

POSTGRES = os.environ.get("TEGENKRACHT_TEST_POSTGRES", "")


@pytest.fixture(scope="module")
def parquet(tmp_path_factory) -> Path:
    """A small made-up dataset as it is written."""
    folder = tmp_path_factory.mktemp("formats") / "parquet"
    make_world(read_world("selected"), scale=0.1, seed=2, sectors=("marina",), to=folder, force=False, progress=silent)
    return folder


def _copy(parquet: Path, to: Path, **changed: object) -> tuple[Path, dict]:
    """The description alone, without digests of files, with other keys."""
    to.mkdir()
    content = yaml.safe_load((parquet / "dataset.yaml").read_text()) | changed
    for table in content["tables"].values():
        table.pop("sha256", None)
        table.pop("file", None)
    (to / "dataset.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    return to, content


def _tables(parquet: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in parquet.glob("*.parquet")}


def test_csv_gives_the_same_digests(parquet, tmp_path):
    """Text ids stay text, empty stays empty, dates stay days."""
    folder, _ = _copy(parquet, tmp_path / "csv")
    for name, table in _tables(parquet).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    assert read_dataset(folder).digests == read_dataset(parquet).digests


def test_a_duckdb_file_gives_the_same_digests(parquet, tmp_path):
    """Named by `location` in dataset.yaml."""
    folder, _ = _copy(parquet, tmp_path / "duck", location="tables.duckdb")
    with duckdb.connect(str(folder / "tables.duckdb")) as connection:
        for name in _tables(parquet):
            connection.execute(f"create table {name} as select * from read_parquet('{parquet / name}.parquet')")
    assert read_dataset(folder).digests == read_dataset(parquet).digests


@pytest.mark.postgres
@pytest.mark.skipif(
    not POSTGRES,
    reason="no PostgreSQL server: set TEGENKRACHT_TEST_POSTGRES=postgresql://user:password@127.0.0.1:5432/database",
)
def test_postgresql_gives_the_same_digests_and_tells_no_password(parquet, tmp_path):
    """Copied out of one read-only snapshot; the location that travels names server and database only."""
    import psycopg

    folder, _ = _copy(parquet, tmp_path / "pg", location=POSTGRES)
    kinds = {"b": "boolean", "f": "double precision", "M": "date"}
    with psycopg.connect(POSTGRES) as connection:
        for name, table in _tables(parquet).items():
            columns = {
                c: "date" if c.endswith(("_on", "_end", "as_of")) else kinds.get(table[c].dtype.kind, "text")
                for c in table
            }
            connection.execute(f"drop table if exists {name}")
            connection.execute(f"create table {name} ({', '.join(f'{c} {kind}' for c, kind in columns.items())})")
            with connection.cursor().copy(f"copy {name} from stdin (format csv)") as copy:
                copy.write(table.to_csv(index=False, header=False))
    dataset = read_dataset(folder)
    assert dataset.digests == read_dataset(parquet).digests
    assert re.fullmatch(r"postgresql://127\.0\.0\.1:\d+/\w+", dataset.location)


@pytest.mark.postgres
@pytest.mark.skipif(
    not POSTGRES,
    reason="no PostgreSQL server: set TEGENKRACHT_TEST_POSTGRES=postgresql://user:password@127.0.0.1:5432/database",
)
def test_a_wrong_password_is_told_without_repeating_it(parquet, tmp_path):
    """The server refuses; the message holds neither user nor password."""
    wrong = re.sub(r"//[^@]*@", "//nobody:verysecret@", POSTGRES)
    folder, _ = _copy(parquet, tmp_path / "pg", location=wrong)
    with pytest.raises(InputError, match="refuses this user name or password") as refused:
        read_dataset(folder)
    assert "verysecret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../outside.parquet", "lies outside the dataset's folder"),
        ("/etc/passwd", "lies outside the dataset's folder"),
        ("units.xlsx", "units.xlsx: the table is missing"),
    ],
)
def test_a_file_outside_the_folder_is_never_opened(parquet, tmp_path, name, message):
    """A description from elsewhere cannot lead the reader astray."""
    folder = tmp_path / "astray"
    shutil.copytree(parquet, folder)
    content = yaml.safe_load((folder / "dataset.yaml").read_text())
    content["tables"]["units"]["file"] = name
    (folder / "dataset.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(InputError, match=re.escape(message)):
        read_dataset(folder)


def test_a_description_with_a_doubled_key_is_named_with_its_line(parquet, tmp_path):
    """YAML would silently keep the last one."""
    folder = tmp_path / "double"
    shutil.copytree(parquet, folder)
    file = folder / "dataset.yaml"
    file.write_text(file.read_text() + "name: another\n")
    with pytest.raises(InputError, match=r"dataset\.yaml.*line \d+.*name"):
        read_dataset(folder)


def test_a_description_cannot_run_code(parquet, tmp_path):
    """A Python tag in YAML is refused, not built."""
    folder = tmp_path / "tagged"
    shutil.copytree(parquet, folder)
    file = folder / "dataset.yaml"
    file.write_text(file.read_text().replace("synthetic: true", "synthetic: !!python/object/apply:os.system ['true']"))
    with pytest.raises(InputError, match=r"dataset\.yaml"):
        read_dataset(folder)


def test_the_example_of_the_readme_holds():
    """What data/README.md shows as dataset.yaml is read without a complaint about its keys."""
    from tegenkracht.data.dictionary import Description

    text = (Path(__file__).parents[2] / "data" / "README.md").read_text()
    example = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    example["tables"] |= {
        name: {k: v for k, v in example["tables"]["units"].items() if k != "file"} for name in ("events", "inspections")
    }
    assert Description.model_validate(example).name == "our_harbours"
