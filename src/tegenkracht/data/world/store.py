"""Tables written in pieces: each as one Parquet file that is never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tegenkracht.data.dictionary import TableName
from tegenkracht.data.shapes import SHAPES
from tegenkracht.data.world.arrays import Floats, Ints, Words

_TYPES = {"text": pa.string(), "date": pa.date32(), "number": pa.float64(), "flag": pa.bool_()}
_ROWS = 1 << 20
Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Store:
    """Open Parquet files by table, and how many rows each has."""

    files: Mapping[str, pq.ParquetWriter]
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, columns: Columns) -> None:
        """Put a piece of a table behind what is there."""
        schema = self.files[table].schema
        piece = pa.table(
            [pa.array(columns[name]).cast(schema.field(name).type) for name in schema.names], schema=schema
        )
        self.rows[table] = self.rows.get(table, 0) + piece.num_rows
        for start in range(0, piece.num_rows, _ROWS):
            self.files[table].write_table(piece.slice(start, _ROWS))


@contextmanager
def opened(folder: Path, schemas: Mapping[str, pa.Schema]) -> Iterator[Store]:
    """Files for tables in a folder; closed at the end, also when something goes wrong."""
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(
                pq.ParquetWriter(
                    folder / f"{name}.parquet", schema, compression="zstd", compression_level=3, store_schema=False
                )
            )
            for name, schema in schemas.items()
        }
        yield Store(files)


def contract_schema(table: TableName) -> pa.Schema:
    """The columns of a table of the contract."""
    return pa.schema([pa.field(column.name, _TYPES[column.type]) for column in SHAPES[table].columns])


def words(values: Words | Sequence[str]) -> pa.Array:
    """Words that rows can be made of, by position."""
    return pa.array(values, type=pa.string())


def taken(values: pa.Array, positions: Ints) -> pa.Array:
    """The words at some positions; empty where the position is -1."""
    return values.take(pa.array(positions, mask=positions < 0))


def numbers(values: Floats) -> pa.Array:
    """Numbers, empty where NaN."""
    return pa.array(np.asarray(values, dtype=np.float64), from_pandas=True)
