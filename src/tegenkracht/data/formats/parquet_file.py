"""A table from a Parquet file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tegenkracht.core.errors import wrong
from tegenkracht.data.conform import RawTable


def read_parquet(path: Path, *, where: str) -> RawTable:
    """The table in one Parquet file; InputError when the file is damaged or something else."""
    try:
        with pq.ParquetFile(path) as file:
            return RawTable(where, file.read(), typed=True)
    except (pa.ArrowException, OSError):
        raise wrong(where, "the file is damaged, or it is not Parquet.", "Make it or fetch it again.") from None
