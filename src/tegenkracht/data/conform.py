"""Columns as a file holds them -> columns of the contract's types, with every value that is not of its type told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tegenkracht.core.errors import Problem
from tegenkracht.data.shapes import Column, ColumnType, Shape

SHOWN_ROWS = 20
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_ISO_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}"
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[ T]00:00(?::00(?:\.0+)?)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_EXPECTED = {"text": "text", "date": "dates", "number": "numbers", "flag": "true or false"}
_STORE = {
    "text": "Store it as text, so that 0363 stays 0363.",
    "date": "Store it as a date, without a time of day.",
    "number": "Store it as a number.",
    "flag": "Store it as true or false.",
}
_ARROW = {"text": pa.large_string(), "date": pa.date32(), "number": pa.float64(), "flag": pa.bool_()}


@dataclass(frozen=True)
class RawTable:
    """A table as its file holds it.

    Parameters
    ----------
    where
        The file or table, as the user knows it.
    content
        The columns. When `typed` is False (CSV) every column is text that is still to be read.
    typed
        Whether the format knows types.
    """

    where: str
    content: pa.Table
    typed: bool


@dataclass(frozen=True)
class _Bad:
    """Values that are not of their type: where they are, what is wrong with the first, and the way out."""

    mask: np.ndarray
    what: str
    way_out: str


_Converted = tuple[pa.Array, list[_Bad]]


def rows_of(mask: np.ndarray) -> tuple[tuple[int, ...], int]:
    """The first rows of a mask as a person counts them, and how many there are."""
    rows = np.flatnonzero(mask)
    return tuple(int(row) + 1 for row in rows[:SHOWN_ROWS]), len(rows)


def conform(raw: RawTable, shape: Shape) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with exactly the contract's columns and types, and every value that could not be brought to its type.

    What could not be read is empty in the result, so that the other checks can go on.
    """
    problems: list[Problem] = []
    columns: dict[str, pd.Series] = {}
    for column in shape.columns:
        values, found = _column(raw, column)
        problems += found
        columns[column.name] = _as_pandas(values, column)
    return pd.DataFrame(columns), problems


def _column(raw: RawTable, column: Column) -> tuple[pa.Array, list[Problem]]:
    if column.name not in raw.content.column_names:
        return pa.nulls(raw.content.num_rows, _ARROW[column.type]), []
    held = raw.content.column(raw.content.column_names.index(column.name)).combine_chunks()
    held = held.dictionary_decode() if pa.types.is_dictionary(held.type) else held
    convert = _CONVERT[column.type] if raw.typed else _READ[column.type]
    values, bad = convert(held)
    return values, [*_told(bad, raw, column), *_empty(held, raw, column)]


def _told(bad: list[_Bad], raw: RawTable, column: Column) -> Iterator[Problem]:
    for fault in bad:
        rows, count = rows_of(fault.mask)
        if count:
            yield Problem(raw.where, fault.what, fault.way_out, column.name, rows, count)


def _empty(held: pa.Array, raw: RawTable, column: Column) -> Iterator[Problem]:
    if column.nullable or not held.null_count:
        return
    rows, count = rows_of(np.asarray(held.is_null()))
    yield Problem(
        raw.where,
        "the value is empty, and this column may not be.",
        "Fill it in, or leave the row out.",
        column.name,
        rows,
        count,
    )


def _as_pandas(values: pa.Array, column: Column) -> pd.Series:
    if column.type == "date":
        return pd.Series(values.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False), dtype="datetime64[us]")
    if column.type == "flag":
        return pd.Series(values.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
    if column.type == "number":
        return pd.Series(values.to_numpy(zero_copy_only=False), dtype="float64")
    return pd.Series(pd.array(values, dtype="str"))


def _wrong_type(held: pa.Array, expected: ColumnType) -> _Converted:
    """Nothing of the column can be used: its type is not the contract's."""
    there = np.asarray(held.is_valid())
    first = str(held[int(there.argmax())].as_py())[:60] if there.any() else ""
    what = f"the column holds {held.type}, such as `{first}`; {_EXPECTED[expected]} expected."
    return pa.nulls(len(held), _ARROW[expected]), [_Bad(there, what, _STORE[expected])]


def _is_text(held: pa.Array) -> bool:
    kind = held.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _to_text(held: pa.Array) -> _Converted:
    if pa.types.is_null(held.type) or _is_text(held):
        return held.cast(pa.large_string()), []
    return _wrong_type(held, "text")


def _to_flag(held: pa.Array) -> _Converted:
    if pa.types.is_null(held.type) or pa.types.is_boolean(held.type):
        return held.cast(pa.bool_()), []
    return _wrong_type(held, "flag")


def _to_number(held: pa.Array) -> _Converted:
    kind = held.type
    if not (
        pa.types.is_null(kind) or pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    ):
        return _wrong_type(held, "number")
    return _finite(held.cast(pa.float64(), safe=False))


def _finite(numbers: pa.Array) -> _Converted:
    """Numbers that are not NaN or infinite; an absent number is empty, not NaN."""
    odd = pc.fill_null(pc.invert(pc.is_finite(numbers)), False)
    mask = np.asarray(odd)
    bad = _Bad(
        mask, "the value is not a number (NaN or infinite).", "Leave it empty when there is none, or correct it."
    )
    return pc.if_else(odd, pa.scalar(None, pa.float64()), numbers), [bad]


def _to_date(held: pa.Array) -> _Converted:
    kind = held.type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        days = pc.cast(pc.floor_temporal(held, unit="day"), pa.timestamp("s"))
        timed = np.asarray(pc.fill_null(pc.not_equal(pc.cast(days, kind, safe=False), held), False))
        bad = _time_of_day(held, timed)
        return days.cast(pa.date32()), bad
    if pa.types.is_null(kind) or pa.types.is_date(kind):
        return held.cast(pa.date32()), []
    return _wrong_type(held, "date")


def _time_of_day(held: pa.Array, timed: np.ndarray) -> list[_Bad]:
    first = str(held[int(timed.argmax())].as_py()) if timed.any() else ""
    return [_Bad(timed, f"`{first}` has a time of day; the contract works in whole days.", "Store the date only.")]


def _read_text(held: pa.Array) -> _Converted:
    return held.cast(pa.large_string()), []


def _read_flag(held: pa.Array) -> _Converted:
    lower = pc.utf8_lower(held)
    known = pc.is_in(lower, value_set=pa.array(["true", "false"], type=lower.type))
    values = pc.if_else(known, pc.equal(lower, pa.scalar("true", lower.type)), pa.scalar(None, pa.bool_()))
    return values, [_unread(held, known, "is not true or false.", "Write true or false.")]


def _read_number(held: pa.Array) -> _Converted:
    written = pc.fill_null(pc.match_substring_regex(held, _NUMBER), False)
    numbers, infinite = _finite(pc.if_else(written, held, pa.scalar(None, held.type)).cast(pa.float64()))
    return numbers, [
        _unread(
            held,
            written,
            "is not a number.",
            "Write a number with a point, as in 12.5; leave it empty when there is none.",
        ),
        *infinite,
    ]


def _read_date(held: pa.Array) -> _Converted:
    """Dates from text; the few different dates of a table are read once each."""
    coded = held.dictionary_encode()
    words = coded.dictionary.to_pandas()
    plain = words.str.replace(_MIDNIGHT, r"\1", regex=True)
    days = pd.to_datetime(plain.where(plain.str.match(_ISO_DATE), None), format="%Y-%m-%d", errors="coerce")
    dates = pa.array(days.to_numpy().astype("datetime64[D]"), type=pa.date32(), from_pandas=True).take(coded.indices)
    is_timed = pa.array((days.isna() & words.str.match(_ISO_TIME)).to_numpy(dtype=bool)).take(coded.indices)
    timed = np.asarray(is_timed.fill_null(False))
    unread = _unread(
        held, pc.or_(dates.is_valid(), is_timed.fill_null(False)), "is not a date.", "Write it as 2024-03-01."
    )
    return dates, [unread, *_time_of_day(held, timed)]


def _unread(held: pa.Array, known: pa.Array, what: str, way_out: str) -> _Bad:
    """The values that are there and could not be read."""
    mask = np.asarray(pc.and_(held.is_valid(), pc.invert(pc.fill_null(known, False))))
    first = str(held[int(mask.argmax())].as_py())[:60] if mask.any() else ""
    return _Bad(mask, f"`{first}` {what}", way_out)


_CONVERT: dict[ColumnType, Callable[[pa.Array], _Converted]] = {
    "text": _to_text,
    "date": _to_date,
    "number": _to_number,
    "flag": _to_flag,
}
_READ: dict[ColumnType, Callable[[pa.Array], _Converted]] = {
    "text": _read_text,
    "date": _read_date,
    "number": _read_number,
    "flag": _read_flag,
}
