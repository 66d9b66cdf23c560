"""Predictions and evaluations that triage stored: from CSV exports of its results schema, or from its database on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.data.conform import RawTable, conform, rows_of
from tegenkracht.data.formats.postgres import SCHEMES, address_of, opened
from tegenkracht.data.formats.postgres import read_table as read_server_table
from tegenkracht.data.shapes import Column, Shape
from tegenkracht.triage.found_files import RESULTS, FoundFiles, read_table
from tegenkracht.triage.matrix import entity_faults, entity_names, label_faults

if TYPE_CHECKING:
    import psycopg

SCHEMA, MODELS = "test_results", "triage_metadata.models"
MOST_ROWS = 50_000_000

_TEXTS = ("model_id", "model_group_id", "model_type", "entity_id", "matrix_uuid", "subset_hash", "metric", "parameter")
_VALUES = ("worst_value", "stochastic_value", "best_value")
_COUNTS = ("num_labeled_examples", "num_labeled_above_threshold")


def _needed(name: str, kind: str) -> Column:
    return Column(name, kind, nullable=False, may_be_absent=False)  # type: ignore[arg-type]  # kind is a ColumnType


def _optional(name: str, kind: str) -> Column:
    return Column(name, kind, nullable=True, may_be_absent=True)  # type: ignore[arg-type]  # kind is a ColumnType


_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "predictions": (
        _needed("model_id", "text"),
        _needed("entity_id", "text"),
        _needed("as_of_date", "date"),
        _needed("score", "number"),
        Column("label_value", "number", nullable=True, may_be_absent=False),
        _optional("matrix_uuid", "text"),
    ),
    "evaluations": (
        _needed("model_id", "text"),
        _needed("evaluation_start_time", "date"),
        _needed("evaluation_end_time", "date"),
        _needed("metric", "text"),
        Column("parameter", "text", nullable=True, may_be_absent=False),
        _optional("subset_hash", "text"),
        _optional("matrix_uuid", "text"),
        *(Column(name, "number", nullable=True, may_be_absent=False) for name in _VALUES),
        *(_optional(name, "number") for name in _COUNTS),
    ),
    "models": (
        _needed("model_id", "text"),
        _needed("model_group_id", "text"),
        _optional("model_type", "text"),
        _optional("train_end_time", "date"),
    ),
}


@dataclass(frozen=True)
class Results:
    """What triage stored about the test matrices.

    Parameters
    ----------
    predictions
        `model_id`, `unit_id`, `as_of`, `score`, `label` (1, 0, NaN where nobody looked), `matrix_uuid` (may be null).
    evaluations
        Columns as in the results schema; text that is not there is empty, numbers that are not there are NaN.
    models
        `model_id`, `model_group_id`, `model_type`, `train_end_time`; None when that table is not there.
    origin
        Where they were read from, without a password.
    """

    predictions: pd.DataFrame
    evaluations: pd.DataFrame
    models: pd.DataFrame | None
    origin: str


def results_of_files(found: FoundFiles) -> Results | None:
    """The exported results of a folder; None when it has none.

    Raises
    ------
    InputError
        With everything that is wrong in the files.
    """
    files = {"predictions": found.predictions, "evaluations": found.evaluations, "models": found.models}
    if found.evaluations is None and found.predictions is None:
        return None
    raw = {name: read_table(file, where=found.shown(file)) for name, file in files.items() if file is not None}
    return _results(raw, origin="CSV")


def results_of_server(url: str) -> Results:
    """The results in triage's own database, in one read-only snapshot.

    Raises
    ------
    InputError
        When this is no address of a server, a table is not there or too large, or a value is wrong.
    """
    if not url.startswith(SCHEMES):
        way_out = "Write postgresql://server:5432/database."
        raise wrong("--database", "this is not an address of a PostgreSQL database.", way_out)
    address = address_of(url)
    raw = {}
    with opened(url) as connection:
        for name in RESULTS:
            where = f"{address}, {SCHEMA}.{name}"
            _require_few(connection, f"{SCHEMA}.{name}", where)
            raw[name] = read_server_table(connection, f"{SCHEMA}.{name}", where=where)
        if _is_readable(connection, MODELS):
            raw["models"] = read_server_table(connection, MODELS, where=f"{address}, {MODELS}")
    return _results(raw, origin=address)


def _require_few(connection: psycopg.Connection, table: str, where: str) -> None:
    """Refuse a table that is too long to be brought; one that is not there or may not be read is told when it is."""
    if not _is_readable(connection, table):
        return
    from psycopg import sql

    counting = sql.SQL("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) AS counted")
    asked = counting.format(sql.Identifier(*table.split(".")), sql.Literal(MOST_ROWS + 1))
    rows = connection.execute(asked).fetchone()
    if rows and rows[0] > MOST_ROWS:
        raise wrong(where, f"the table has more than {MOST_ROWS:,} rows.", "Export a part of it as CSV.")


def _is_readable(connection: psycopg.Connection, table: str) -> bool:
    asked = connection.execute("SELECT coalesce(has_table_privilege(to_regclass(%s), 'SELECT'), false)", [table])
    return bool((asked.fetchone() or [False])[0])


def _results(raw: Mapping[str, RawTable], *, origin: str) -> Results:
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, columns in _COLUMNS.items():
        if name not in raw:
            frames[name] = conform(_nothing(columns), Shape("given", columns, (), ()))[0]
            continue
        problems += [*_missing(raw[name], columns)]
        frames[name], found = conform(_readable(raw[name]), Shape("given", columns, (), ()))
        problems += found
    if not problems and "predictions" in raw:
        problems += [*_faults(frames["predictions"], raw["predictions"].where)]
    if problems:
        raise InputError(problems)
    models = frames["models"].drop_duplicates("model_id") if "models" in raw else None
    return Results(_predictions(frames["predictions"]), _evaluations(frames["evaluations"]), models, origin)


def _nothing(columns: Sequence[Column]) -> RawTable:
    """A table without rows."""
    return RawTable("", pa.table({column.name: pa.nulls(0, pa.string()) for column in columns}), typed=False)


def _missing(raw: RawTable, columns: Sequence[Column]) -> Iterator[Problem]:
    for column in columns:
        if column.name not in raw.content.column_names and not column.may_be_absent:
            yield Problem(raw.where, "the column is missing.", "Export the whole table.", column.name)


def _readable(raw: RawTable) -> RawTable:
    """Ids as text whatever the server's type, and NaN, which the server's numbers may be, as nothing."""
    content = raw.content
    for place, name in enumerate(content.column_names):
        held = content.column(place)
        if name in _TEXTS and raw.typed:
            content = content.set_column(place, name, held.cast(pa.string()))
        elif name in _VALUES:
            content = content.set_column(place, name, _without_nan(held))
    return RawTable(raw.where, content, raw.typed)


def _without_nan(held: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(held.type):
        return pc.if_else(pc.is_nan(held), pa.scalar(None, held.type), held)
    if pa.types.is_string(held.type):
        return pc.if_else(pc.equal(pc.utf8_lower(held), "nan"), pa.scalar(None, held.type), held)
    return held


def _faults(frame: pd.DataFrame, where: str) -> Iterator[Problem]:
    yield from entity_faults(frame["entity_id"], where)
    yield from label_faults(frame["label_value"], "label_value", where)
    rows, count = rows_of(frame.duplicated(["model_id", "matrix_uuid", "entity_id", "as_of_date"]).to_numpy(dtype=bool))
    if count:
        what = "an earlier row has the same model, matrix, entity and date."
        yield Problem(where, what, "Export the table once.", "entity_id", rows, count)


def _predictions(frame: pd.DataFrame) -> pd.DataFrame:
    named = frame.rename(columns={"as_of_date": "as_of", "label_value": "label"})
    return named.assign(unit_id=entity_names(named["entity_id"].astype("str"))).drop(columns="entity_id")


def _evaluations(frame: pd.DataFrame) -> pd.DataFrame:
    texts = ["parameter", "subset_hash", "matrix_uuid"]
    return frame.assign(**{name: frame[name].astype("object").where(frame[name].notna(), "") for name in texts})
