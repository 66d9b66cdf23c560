"""A table from a CSV file: UTF-8, commas, the first line names the columns, an empty field is an empty value."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.data.conform import SHOWN_ROWS, RawTable

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_csv(path: Path, *, where: str) -> RawTable:
    """The table in one CSV file, every column still text.

    Raises
    ------
    InputError
        When the file is not UTF-8, is not separated by commas, or has rows with too few or too many fields.
    """
    content = path.read_bytes()
    names = _header(content, where)
    ragged: list[pc.InvalidRow] = []

    def skip(row: pc.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    try:
        table = pc.read_csv(
            BytesIO(content),
            read_options=pc.ReadOptions(use_threads=False, column_names=names, skip_rows=1),
            parse_options=pc.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise wrong(
            where, f"the file is not a CSV table: {error}.", "Save it again as CSV, UTF-8, with commas."
        ) from None
    if ragged:
        raise InputError([_ragged(ragged, where)])
    return RawTable(where, table, typed=False)


def _header(content: bytes, where: str) -> list[str]:
    """Names of the columns, after a look at encoding and separator."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise wrong(where, "the file is UTF-16, not UTF-8.", "Save it as CSV UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n")
        what = "the text is not UTF-8; it looks like Latin-1 (Windows-1252)."
        way_out = "Save it as CSV UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8."
        raise wrong(where, what, way_out, rows=(line,) if line else (), count=min(line, 1)) from None
    lines = text.splitlines()
    if not lines:
        raise wrong(where, "the file is empty.", "Give it a first line with the names of the columns.")
    _require_commas(lines[0], where)
    return next(csv.reader(lines[:1]))


def _require_commas(header: str, where: str) -> None:
    for separator, words in _SEPARATORS.items():
        if separator in header and "," not in header:
            way_out = "Save it as CSV with commas, and with a point in numbers (12.5)."
            raise wrong(where, f"the columns are separated by {words}.", way_out)


def _ragged(rows: Sequence[pc.InvalidRow], where: str) -> Problem:
    """Rows with too few or too many fields; the other checks of this file wait until they are mended."""
    first = rows[0]
    what = f"the row has {first.actual_columns} fields where {first.expected_columns} are expected."
    numbers = tuple(row.number for row in rows[:SHOWN_ROWS])
    return Problem(where, what, "Put text with a comma in it between double quotes.", "", numbers, len(rows))
