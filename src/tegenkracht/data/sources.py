"""A dataset: its tables in canonical form, its dictionary and what it can be recognised by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.data.canonical import content_digest, in_canonical_order
from tegenkracht.data.conform import RawTable
from tegenkracht.data.contract import Examined, examine
from tegenkracht.data.dictionary import Description, TableName, read_description
from tegenkracht.data.folder import publish, require_room
from tegenkracht.data.location import Fetched, fetch, other_content
from tegenkracht.data.shapes import shape_of


@dataclass(frozen=True)
class Dataset:
    """Everything that a study reads. Never change `tables` in place.

    Parameters
    ----------
    name
        The dataset's own name.
    location
        Where it was read from, without user name or password.
    description
        The content of `dataset.yaml`.
    tables
        By name, exactly the contract's columns, in canonical order; optional tables that are not there are absent.
    digests
        SHA-256 of each table's canonical content: the same whatever the file format.
    """

    name: str
    location: str
    description: Description
    tables: Mapping[str, pd.DataFrame]
    digests: Mapping[str, str]


def read_dataset(path: str | Path) -> Dataset:
    """The dataset in a folder with `dataset.yaml`, wherever that says that the tables live.

    Raises
    ------
    InputError
        With every problem that `check_dataset` would report.
    """
    dataset, problems = inspect(path)
    if dataset is None:
        raise InputError(problems)
    return dataset


def check_dataset(path: str | Path) -> tuple[Problem, ...]:
    """Everything in a dataset that breaks the contract; empty when it may be used."""
    return inspect(path)[1]


def inspect(path: str | Path) -> tuple[Dataset | None, tuple[Problem, ...]]:
    """The dataset, or everything that is wrong with it."""
    try:
        folder = _folder(path)
        description, location = read_description(folder)
    except InputError as error:
        return None, error.problems
    fetched = fetch(folder, location, description)
    examined = examine(fetched.tables, description)
    problems = (*fetched.problems, *examined.problems)
    if problems:
        return None, problems
    dataset = _canonical(examined, description, fetched.location)
    changed = () if fetched.in_files else tuple(_changed_in_database(dataset, fetched))
    return (None, changed) if changed else (dataset, ())


def dataset_of(tables: Mapping[str, pd.DataFrame], description: Description, *, location: str) -> Dataset:
    """A dataset of tables in memory, after the same checks as one that is read.

    Raises
    ------
    InputError
        With everything that breaks the contract.
    """
    if unknown := set(tables) ^ set(description.tables):
        raise wrong(
            location,
            f"the tables {sorted(unknown)} are either not described or not there.",
            "Describe every table, and only those.",
        )
    examined = examine({name: _in_memory(name, tables[name]) for name in description.tables}, description)
    if examined.problems:
        raise InputError(examined.problems)
    return _canonical(examined, description, location)


def write_dataset(tables: Mapping[str, pd.DataFrame], description: Description, folder: Path, *, force: bool) -> None:
    """Write a dataset folder: Parquet tables and `dataset.yaml` with their digests.

    Everything is written aside and then renamed: an interruption leaves what was there before. The same tables give the
    same bytes.

    Raises
    ------
    InputError
        When the tables break the contract (nothing is written), or something stands in the folder and `force` is not
        given.
    """
    require_room(folder, force=force)
    dataset = dataset_of(tables, description, location=str(folder))
    publish(dataset.tables, description, folder, force=force)


def _folder(path: str | Path) -> Path:
    folder = Path(path)
    if "://" in str(path) or folder.suffix in (".duckdb", ".db", ".parquet", ".csv"):
        way_out = "Give a folder with dataset.yaml; its key `location` names a database."
        raise wrong("data.path", "this is not a folder with dataset.yaml.", way_out)
    if not folder.is_dir():
        raise wrong(
            str(path),
            "there is no such folder.",
            "Correct the path, or make or import a dataset first (tegenkracht data --help).",
        )
    return folder


def _in_memory(name: TableName, frame: pd.DataFrame) -> RawTable:
    where = f"{name}.parquet"
    try:
        return RawTable(where, pa.Table.from_pandas(frame, preserve_index=False), typed=True)
    except (pa.ArrowException, TypeError) as error:
        raise wrong(
            where, f"a column holds values of different types: {error.args[0]}.", "Give each column one type."
        ) from None


def _canonical(examined: Examined, description: Description, location: str) -> Dataset:
    shapes = {str(name): shape_of(name, description) for name in examined.frames}
    tables: dict[str, pd.DataFrame] = {
        name: in_canonical_order(frame, shapes[name]) for name, frame in examined.frames.items()
    }
    digests: dict[str, str] = {name: content_digest(table, shapes[name]) for name, table in tables.items()}
    return Dataset(description.name, location, description, tables, digests)


def _changed_in_database(dataset: Dataset, fetched: Fetched) -> Iterator[Problem]:
    """Tables in a database whose content is not what their `sha256` says."""
    for name, info in dataset.description.tables.items():
        if info.sha256 and info.sha256 != dataset.digests[name]:
            yield other_content(fetched.tables[name].where)
