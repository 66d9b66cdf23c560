"""Tables from a DuckDB file. The file is opened for reading, and nothing in it can reach other files or the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tegenkracht.core.errors import wrong
from tegenkracht.data.conform import RawTable

_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
"""A view in a file that somebody sent may name a path or an address; it is not followed."""


@contextmanager
def opened(path: Path, *, where: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can only read this file."""
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_CLOSED)
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise wrong(
                where, "the file is in use by another program.", "Close that program, or copy the file."
            ) from None
        raise wrong(
            where, "the file is not there, is damaged, or is not DuckDB.", "Correct `location` in dataset.yaml."
        ) from None
    try:
        yield connection
    finally:
        connection.close()


def read_table(connection: duckdb.DuckDBPyConnection, name: str, *, where: str) -> RawTable:
    """One table or view of the file."""
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
    try:
        return RawTable(where, connection.sql(f"SELECT * FROM {quoted}").to_arrow_table(), typed=True)  # noqa: S608 - quoted
    except duckdb.CatalogException:
        there = connection.sql("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
        listed = ", ".join(str(row[0]) for row in there[:20]) or "no tables"
        raise wrong(where, "there is no such table in the file.", f"There are: {listed}.") from None
    except duckdb.Error:
        raise wrong(
            where, "the table or view cannot be read without reaching outside the file.", "Make it a table."
        ) from None
