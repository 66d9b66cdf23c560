"""A dataset: its tables in canonical form, its dictionary and what it can be recognised by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tegenkracht.core.errors import InputError, Problem
from tegenkracht.data.canonical import content_digest, in_canonical_order
from tegenkracht.data.conform import RawTable, conform
from tegenkracht.data.dictionary import Description, TableName, read_description
from tegenkracht.data.folder import publish
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
    """The dataset in a folder with `dataset.yaml`.

    Raises
    ------
    InputError
        With every problem that `check_dataset` would report.
    """
    folder = Path(path)
    description, _, _ = read_description(folder)
    raw = {name: _read_parquet(folder / (info.file or f"{name}.parquet")) for name, info in description.tables.items()}
    return dataset_of(raw, description, location=str(path))


def dataset_of(raw: Mapping[TableName, RawTable], description: Description, *, location: str) -> Dataset:
    """A dataset of tables that are already in memory, after the same checks as one that is read."""
    problems: list[Problem] = []
    tables: dict[str, pd.DataFrame] = {}
    digests: dict[str, str] = {}
    for name in sorted(raw):
        shape = shape_of(name, description)
        frame, found = conform(raw[name], shape)
        problems += found
        tables[name] = in_canonical_order(frame, shape)
        digests[name] = content_digest(tables[name], shape)
    if problems:
        raise InputError(problems)
    return Dataset(description.name, location, description, tables, digests)


def write_dataset(tables: Mapping[str, pd.DataFrame], description: Description, folder: Path, *, force: bool) -> None:
    """Write a dataset folder: Parquet tables and `dataset.yaml` with their digests.

    Everything is written aside and then renamed: an interruption leaves what was there before. The same tables give the same bytes.

    Raises
    ------
    InputError
        When the tables break the contract (nothing is written), or the folder is not empty and `force` is not given.
    """
    raw: dict[TableName, RawTable] = {
        name: RawTable(f"{name}.parquet", pa.Table.from_pandas(tables[name], preserve_index=False), typed=True)
        for name in description.tables
    }
    dataset = dataset_of(raw, description, location=str(folder))
    publish(dataset.tables, description, folder, force=force)


def _read_parquet(path: Path) -> RawTable:
    return RawTable(path.name, pq.read_table(path, memory_map=False), typed=True)
