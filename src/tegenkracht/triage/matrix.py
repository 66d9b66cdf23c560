"""One matrix of triage: entity x as-of date with features and a label that may be empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.span import Span
from tegenkracht.data.conform import conform, rows_of
from tegenkracht.data.record_file import MarkedYaml
from tegenkracht.data.shapes import Column, Shape
from tegenkracht.triage.found_files import FoundFiles, MatrixFiles, read_table
from tegenkracht.triage.tagged_yaml import read_tagged
from tegenkracht.triage.time_splits import read_interval

MOST_METADATA_BYTES = 10 * 2**20
KEYS = ("entity_id", "as_of_date")
_INTEGER = r"^-?\d{1,19}(?:\.0+)?$"


@dataclass(frozen=True)
class Metadata:
    """What the metadata of a matrix say about it.

    `as_of` is empty when the file does not list its dates.
    """

    kind: Literal["train", "test"]
    label_name: str
    span: Span
    features: tuple[str, ...]
    cohort_name: str
    as_of: tuple[pd.Timestamp, ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix as it was used.

    Parameters
    ----------
    name
        Its uuid.
    rows
        `unit_id` (str), `as_of` (datetime64), `label` (1, 0, NaN where nobody looked) and the features (float64, NaN where missing).
    """

    name: str
    metadata: Metadata
    rows: pd.DataFrame


def read_matrix(found: FoundFiles, files: MatrixFiles) -> Matrix:
    """A matrix from its two files.

    Raises
    ------
    InputError
        With everything that is wrong: columns that metadata and table do not share, values that are no numbers, a pair of
        entity and date that stands there twice, a label other than 0 and 1.
    """
    where = found.shown(files.table)
    metadata = read_metadata(
        read_tagged(files.metadata, where=found.shown(files.metadata), most_bytes=MOST_METADATA_BYTES)
    )
    raw = read_table(files.table, where=where)
    if problems := [*_columns(raw.content.column_names, metadata, where)]:
        raise InputError(problems)
    frame, problems = conform(raw, _shape(metadata))
    problems += [*_faults(frame, metadata, where)]
    if problems:
        raise InputError(problems)
    rows = frame.rename(columns={"as_of_date": "as_of", metadata.label_name: "label"})
    rows.insert(0, "unit_id", entity_names(rows.pop("entity_id")))
    return Matrix(files.name, metadata, rows)


def read_metadata(marked: MarkedYaml) -> Metadata:
    """The metadata, each key checked.

    Raises
    ------
    InputError
        With every key that is missing or cannot be read.
    """
    problems: list[Problem] = []
    kind = _word(marked, "matrix_type", problems)
    if kind not in ("train", "test", ""):
        problems.append(
            Problem(marked.place_of(("matrix_type",)), f"`{kind[:40]}` is not train or test.", "Correct it.")
        )
    span = _span(marked, problems)
    label, cohort = _word(marked, "label_name", problems), str(marked.content.get("cohort_name", "default"))
    features, as_of = _features(marked, problems), _dates(marked, problems)
    if problems:
        raise InputError(problems)
    return Metadata(kind, label, span, features, cohort, as_of)  # type: ignore[arg-type]  # kind was checked


def entity_names(column: pd.Series) -> pd.Series:
    """Entities as text, whether they were written `12` or `12.0`."""
    return column.str.replace(r"\.0+$", "", regex=True).astype("str")


def entity_faults(column: pd.Series, where: str) -> Iterator[Problem]:
    """Entities that are no whole numbers, as triage's always are."""
    rows, count = rows_of(~column.fillna("0").str.match(_INTEGER).to_numpy(dtype=bool))
    if count:
        first = str(column.iloc[rows[0] - 1])[:40]
        yield Problem(where, f"`{first}` is not a whole number.", "Entities of triage are.", "entity_id", rows, count)


def label_faults(column: pd.Series, name: str, where: str) -> Iterator[Problem]:
    """Labels that are neither 0, 1 nor empty."""
    rows, count = rows_of(~(column.isna() | column.isin([0.0, 1.0])).to_numpy(dtype=bool))
    if count:
        what = f"the label {column.iloc[rows[0] - 1]:g} is not 0 or 1."
        yield Problem(where, what, "Leave it empty where nobody looked.", name, rows, count)


def _word(marked: MarkedYaml, key: str, problems: list[Problem]) -> str:
    value = marked.content.get(key)
    if not isinstance(value, str) or not value:
        problems.append(Problem(marked.place_of((key,)), "this word is missing.", "Give the file as triage wrote it."))
        return ""
    return value


def _span(marked: MarkedYaml, problems: list[Problem]) -> Span:
    key = next(
        (k for k in ("label_timespan", "test_label_timespan", "training_label_timespan") if k in marked.content),
        "label_timespan",
    )
    try:
        return read_interval(marked.content.get(key))
    except ValueError as error:
        problems.append(Problem(marked.place_of((key,)), f"{error}.", "Correct the value."))
        return Span(0, "days")


def _features(marked: MarkedYaml, problems: list[Problem]) -> tuple[str, ...]:
    names = marked.content.get("feature_names")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        place = marked.place_of(("feature_names",))
        problems.append(Problem(place, "the list of feature names is missing.", "Give the file as triage wrote it."))
        return ()
    return tuple(names)


def _dates(marked: MarkedYaml, problems: list[Problem]) -> tuple[pd.Timestamp, ...]:
    listed: Any = marked.content.get("as_of_times", [])
    listed = listed if isinstance(listed, list) else [listed]
    dates = pd.to_datetime(pd.Series(listed, dtype=object), errors="coerce", format="ISO8601")
    if dates.isna().any():
        place = marked.place_of(("as_of_times",))
        problems.append(Problem(place, "a date in this list cannot be read.", "Write it as 2015-01-31."))
        return ()
    return tuple(dates.dt.normalize().astype("datetime64[us]"))


def _columns(held: Sequence[str], metadata: Metadata, where: str) -> Iterator[Problem]:
    known = {*KEYS, metadata.label_name, *metadata.features}
    for name in dict.fromkeys(held):
        if held.count(name) > 1:
            yield Problem(where, "the column stands here twice.", "Remove one.", name)
        elif name not in known:
            yield Problem(where, "the metadata do not name this column.", "Give the metadata of this matrix.", name)
    for name in sorted(known - set(held)):
        yield Problem(where, "the column is missing.", "Give the matrix that the metadata are about.", name)


def _shape(metadata: Metadata) -> Shape:
    keys = (Column("entity_id", "text", False, False), Column("as_of_date", "date", False, False))
    numbers = tuple(Column(name, "number", True, False) for name in (*metadata.features, metadata.label_name))
    return Shape("given", (*keys, *numbers), KEYS, KEYS)


def _faults(frame: pd.DataFrame, metadata: Metadata, where: str) -> Iterator[Problem]:
    yield from entity_faults(frame["entity_id"], where)
    yield from label_faults(frame[metadata.label_name], metadata.label_name, where)
    rows, count = rows_of(frame.duplicated([*KEYS]).to_numpy(dtype=bool))
    if count:
        yield Problem(where, "an earlier row has the same entity and date.", "Keep one.", "entity_id", rows, count)
    if metadata.as_of:
        rows, count = rows_of(
            ~(frame["as_of_date"].isin(metadata.as_of) | frame["as_of_date"].isna()).to_numpy(dtype=bool)
        )
        if count:
            what = f"{frame['as_of_date'].iloc[rows[0] - 1]:%Y-%m-%d} is not one of the dates in the metadata."
            yield Problem(where, what, "Give the metadata of this matrix.", "as_of_date", rows, count)
