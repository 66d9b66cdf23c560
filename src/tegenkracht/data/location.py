"""Where the tables of a dataset live: beside `dataset.yaml`, in a DuckDB file there, or on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.identity import digest_of_file
from tegenkracht.data.conform import RawTable
from tegenkracht.data.dictionary import Description, TableInfo, TableName
from tegenkracht.data.formats import csv_file, duckdb_file, parquet_file, postgres
from tegenkracht.data.shapes import SHAPES

_READERS = {".parquet": parquet_file.read_parquet, ".csv": csv_file.read_csv}


@dataclass(frozen=True)
class Fetched:
    """The tables that could be read, what is wrong with those that could not, and an address that may be shown.

    `in_files` is whether each table is a file, whose bytes can be compared with `sha256`.
    """

    location: str
    tables: Mapping[TableName, RawTable]
    problems: tuple[Problem, ...]
    in_files: bool


def fetch(folder: Path, location: str | None, description: Description) -> Fetched:
    """Every table that the description names, as its format holds it."""
    try:
        if location is None:
            return _from_files(folder, description)
        if location.startswith(postgres.SCHEMES):
            return _from_postgres(location, description)
        return _from_duckdb(folder, location, description)
    except InputError as error:
        return Fetched(str(folder), {}, error.problems, in_files=location is None)


def _from_files(folder: Path, description: Description) -> Fetched:
    def read(name: TableName, info: TableInfo) -> RawTable:
        path = _file_of(folder, name, info.file)
        return _READERS[path.suffix](path, where=path.name)

    tables, problems = _gather(description, read)
    changed = _changed(folder, description, tables)
    return Fetched(str(folder), tables, (*_undescribed(folder, description), *changed, *problems), in_files=True)


def _from_duckdb(folder: Path, location: str, description: Description) -> Fetched:
    name = _inside(location, "dataset.yaml, location")
    if "://" in location or Path(name).suffix not in (".duckdb", ".db"):
        way_out = "Name a .duckdb file in this folder, or postgresql://server:5432/database."
        raise wrong("dataset.yaml, location", "this is not a place where tables can live.", way_out)
    with duckdb_file.opened(folder / name, where=name) as connection:
        tables, problems = _gather(
            description,
            lambda table, info: duckdb_file.read_table(
                connection, info.file or table, where=f"{name}, table {info.file or table}"
            ),
        )
    return Fetched(str(folder / name), tables, tuple(problems), in_files=False)


def _from_postgres(url: str, description: Description) -> Fetched:
    address = postgres.address_of(url)
    with postgres.opened(url) as connection:
        tables, problems = _gather(
            description,
            lambda table, info: postgres.read_table(
                connection, info.file or table, where=f"{address}, table {info.file or table}"
            ),
        )
    return Fetched(address, tables, tuple(problems), in_files=False)


def _gather(
    description: Description, read: Callable[[TableName, TableInfo], RawTable]
) -> tuple[dict[TableName, RawTable], list[Problem]]:
    """Every table that can be read, and what is wrong with the others."""
    tables: dict[TableName, RawTable] = {}
    problems: list[Problem] = []
    for name, info in description.tables.items():
        try:
            tables[name] = read(name, info)
        except InputError as error:
            problems += error.problems
        except OSError as error:
            problems.append(
                Problem(info.file or name, f"the file cannot be read ({error.strerror}).", "Look at its rights.")
            )
    return tables, problems


def _file_of(folder: Path, name: TableName, file: str | None) -> Path:
    """The table's file; the default is <table>.parquet or <table>.csv."""
    named = [file] if file else [f"{name}{suffix}" for suffix in _READERS]
    found = [folder / _inside(option, f"dataset.yaml, tables.{name}.file") for option in named]
    there = [path for path in found if path.is_file()]
    if not there:
        where, listed = (file or f"{name}.parquet"), " or ".join(f"`{option}`" for option in named)
        raise wrong(
            where,
            "the table is missing.",
            f"Put {listed} beside dataset.yaml, or name its file under tables.{name}.file.",
        )
    if len(there) > 1:
        raise wrong(
            " and ".join(path.name for path in there),
            "both are there.",
            f"Name one under tables.{name}.file, or remove one.",
        )
    if there[0].suffix not in _READERS:
        raise wrong(there[0].name, "this kind of file is not read.", "Use .parquet or .csv.")
    return there[0]


def _inside(name: str, where: str) -> str:
    """A file's name that cannot lead outside the dataset's folder."""
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or ".." in parts:
        raise wrong(
            where, f"`{name}` lies outside the dataset's folder.", "Put the file, or a link to it, in the folder."
        )
    return name


def _undescribed(folder: Path, description: Description) -> Iterator[Problem]:
    """Tables of the contract that stand in the folder but not in `dataset.yaml`."""
    for path in sorted(folder.glob("*")):
        if path.suffix in _READERS and path.stem in SHAPES and path.stem not in description.tables:
            way_out = f"Describe it under tables.{path.stem}, or move it elsewhere."
            yield Problem(
                path.name, "the table stands in the folder but not in dataset.yaml, so it would not be read.", way_out
            )


def _changed(folder: Path, description: Description, read: Mapping[TableName, RawTable]) -> Iterator[Problem]:
    """Files whose bytes are not those that `dataset.yaml` was written for."""
    for name, info in description.tables.items():
        if info.sha256 and name in read and digest_of_file(_file_of(folder, name, info.file)) != info.sha256:
            yield other_content(read[name].where)


def other_content(where: str) -> Problem:
    """The content of a table is not what its `sha256` says."""
    way_out = "Fetch the right one, or correct sha256 in dataset.yaml if the change is meant."
    return Problem(where, "the content is not what dataset.yaml says (sha256 differs).", way_out)
