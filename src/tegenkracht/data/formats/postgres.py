"""Tables from a PostgreSQL server, in one read-only snapshot.

DuckDB reads PostgreSQL only with an extension that it downloads when first used, and nothing here may download at run
time; so psycopg (extra `server`) copies each table out as CSV, the fastest road that the server has, and Arrow reads
that with the server's own types. A password in the address or in the environment is never repeated: errors and `location`
name server, port and database only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pc

from tegenkracht.core.errors import wrong
from tegenkracht.data.conform import RawTable

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql://", "postgres://")
_SECONDS_TO_CONNECT = 10
_TEXT, _WHOLE, _NUMBER = pa.string(), pa.int64(), pa.float64()
_TYPES = {
    "bool": pa.bool_(),
    "int2": _WHOLE,
    "int4": _WHOLE,
    "int8": _WHOLE,
    "float4": _NUMBER,
    "float8": _NUMBER,
    "numeric": _NUMBER,
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
}
"""The server's types as Arrow's; every other type is read as text."""

_SAYINGS = {
    "refused": "the server does not answer (connection refused).",
    "timeout": "the server does not answer (no reply in time).",
    "timed out": "the server does not answer (no reply in time).",
    "resolve": "the server's name is not known.",
    "translate host name": "the server's name is not known.",
    "authentication": "the server refuses this user name or password.",
    "no password": "the server asks for a password.",
    "role": "the server does not know this user.",
    "database": "there is no such database on the server.",
}
"""What libpq says, in words that cannot repeat a password."""


def address_of(url: str) -> str:
    """The address without user name, password or settings: what may be shown.

    Examples
    --------
    >>> address_of("postgresql://jan:geheim@db.example.org/riec?sslmode=require")
    'postgresql://db.example.org:5432/riec'
    """
    psycopg = _psycopg("PostgreSQL")
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        way_out = "Write postgresql://server:5432/database; put %40 for an @ in a password."
        raise wrong("dataset.yaml, location", "this is not an address of a PostgreSQL database.", way_out) from None
    return f"postgresql://{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


@contextmanager
def opened(url: str) -> Iterator[psycopg.Connection]:
    """A connection that sees one snapshot and cannot write."""
    address = address_of(url)
    psycopg = _psycopg(address)
    settings = {"connect_timeout": _SECONDS_TO_CONNECT} if "connect_timeout" not in url else {}
    try:
        connection = psycopg.connect(url, client_encoding="utf8", **settings)
    except psycopg.OperationalError as error:
        raise wrong(
            address, _said(error), "Check address, network, user and password (PGUSER, PGPASSWORD or ~/.pgpass)."
        ) from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("SELECT set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true)")
        connection.execute("SELECT set_config('extra_float_digits', '3', true)")
        yield connection


def read_table(connection: psycopg.Connection, name: str, *, where: str) -> RawTable:
    """One table or view, copied out within the connection's snapshot."""
    psycopg = _psycopg(where)
    table = psycopg.sql.Identifier(*name.split("."))
    everything = psycopg.sql.SQL("SELECT * FROM {}").format(table)
    try:
        with connection.transaction():
            described = connection.execute(everything + psycopg.sql.SQL(" LIMIT 0")).description or []
            names = [column.name for column in described]
            types = [_type_name(connection, column.type_code) for column in described]
            content = _copied(connection, psycopg.sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(everything))
    except psycopg.errors.UndefinedTable:
        raise wrong(
            where, "there is no such table.", "Name it under `tables`, `file`: as table or schema.table."
        ) from None
    except psycopg.errors.InsufficientPrivilege:
        raise wrong(
            where, "this user may not read the table.", "Ask for the right to read it (GRANT SELECT)."
        ) from None
    except psycopg.Error as error:
        raise wrong(
            where, f"the server stopped reading (SQLSTATE {error.sqlstate}).", "Try again, or ask its manager."
        ) from None
    return _parsed(content, names, types, where)


def _copied(connection: psycopg.Connection, statement: psycopg.sql.Composed) -> pa.Buffer:
    """All that the server sends; bytes, so that a few million rows need no Python object each."""
    sink = pa.BufferOutputStream()
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in copy:
            sink.write(part)
    return sink.getvalue()


def _type_name(connection: psycopg.Connection, oid: int) -> str:
    known = connection.adapters.types.get(oid)
    return known.name if known is not None else "text"


def _parsed(content: pa.Buffer, names: list[str], types: list[str], where: str) -> RawTable:
    """The copy as a table; when a value has no place in its type (`infinity`), as text, so that it can be told."""
    arrow = dict(zip(names, (_TYPES.get(kind, _TEXT) for kind in types), strict=True))
    if not content.size:
        return RawTable(where, pa.table({name: pa.array([], kind) for name, kind in arrow.items()}), typed=True)
    try:
        return RawTable(where, _read(content, names, arrow), typed=True)
    except pa.ArrowInvalid:
        return RawTable(where, _read(content, names, dict.fromkeys(names, _TEXT)), typed=False)


def _read(content: pa.Buffer, names: list[str], types: dict[str, pa.DataType]) -> pa.Table:
    return pc.read_csv(
        pa.BufferReader(content),
        read_options=pc.ReadOptions(use_threads=False, column_names=names),
        parse_options=pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pc.ConvertOptions(
            column_types=types,
            true_values=["t"],
            false_values=["f"],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _said(error: Exception) -> str:
    text = str(error).lower()
    return next((saying for sign, saying in _SAYINGS.items() if sign in text), "the server cannot be reached.")


def _psycopg(where: str):  # type: ignore[no-untyped-def]  # a module that may be absent
    """The driver, which is an extra."""
    try:
        import psycopg
        import psycopg.conninfo
        import psycopg.sql
    except ImportError:
        raise wrong(
            where, "PostgreSQL needs the extra `server`.", "Install it: pip install 'tegenkracht[server]'."
        ) from None
    return psycopg
