"""The data contract, version 1: what every table must hold, alone and with the others; every failure at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from tegenkracht.core.cohort import OVERTURNED, Appeal, Channel
from tegenkracht.core.errors import Problem
from tegenkracht.core.purpose import UnitKind
from tegenkracht.data.conform import RawTable, conform, rows_of
from tegenkracht.data.dictionary import REQUIRED, Description, TableName
from tegenkracht.data.legal_form import is_known
from tegenkracht.data.persons import names_a_person, refused_indicators, refused_values
from tegenkracht.data.shapes import ColumnType, Shape, shape_of

EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2100-12-31")
LONGEST_TEXT = 200
EXTENTS = {"EPSG:28992": (-7_000.0, 289_000.0, 300_000.0, 629_000.0), "EPSG:4326": (-180.0, -90.0, 180.0, 90.0)}
"""Where coordinates lie when `extent` is not given: the Netherlands, the world."""

Holds = Callable[[pd.DataFrame], pd.Series]
_DTYPES: dict[ColumnType, str] = {"text": "str", "date": "datetime64[us]", "number": "float64", "flag": "bool"}


@dataclass(frozen=True)
class Rule:
    """What must hold for every row of a table.

    Parameters
    ----------
    column
        The column that a reader should look at.
    what, way_out
        What is wrong when it does not hold, and what to do; `{…}` becomes a column's value in the first such row.
    holds
        For each row whether it holds.
    """

    column: str
    what: str
    way_out: str
    holds: Holds

    @property
    def name(self) -> str:
        """Names the rule within its table."""
        return f"{self.column}: {self.what}"


@dataclass(frozen=True)
class Examined:
    """Tables in the contract's columns and types, in file order, and everything that is wrong with them."""

    frames: Mapping[TableName, pd.DataFrame]
    problems: tuple[Problem, ...]


def examine(raw: Mapping[TableName, RawTable], description: Description) -> Examined:
    """Every table checked by itself and against the others."""
    shapes = {table: shape_of(table, description) for table in raw}
    files = {table: raw[table].where for table in raw}
    problems = list(refused_indicators(description))
    frames: dict[TableName, pd.DataFrame] = {}
    for table, shape in shapes.items():
        frames[table], found = conform(raw[table], shape)
        problems += [*_columns(raw[table], shape), *found, *_emptiness(raw[table], table)]
        problems += _broken_rules(frames[table], shape, _rules(shape, description), raw[table].where)
    problems += _references(frames, files)
    problems += refused_values(frames, shapes, files)
    return Examined(frames, tuple(problems))


def schema(shape: Shape, rules: Sequence[Rule]) -> pandera.DataFrameSchema:
    """One table's pandera schema: columns, types and the rules of its rows."""
    columns = {column.name: pandera.Column(_DTYPES[column.type], nullable=True) for column in shape.columns}
    checks = [pandera.Check(rule.holds, name=rule.name, n_failure_cases=1) for rule in rules]
    return pandera.DataFrameSchema(columns, checks=checks, strict=True)


def schemas(description: Description) -> dict[TableName, pandera.DataFrameSchema]:
    """The pandera schemas of the tables that a description names."""
    shapes = [shape_of(table, description) for table in description.tables]
    return {shape.table: schema(shape, _rules(shape, description)) for shape in shapes}


def _columns(raw: RawTable, shape: Shape) -> Iterator[Problem]:
    """Columns that are missing, that are not in the contract, or that stand there twice."""
    held = raw.content.column_names
    for column in shape.columns:
        if column.name not in held and not column.may_be_absent:
            yield Problem(
                raw.where, "the column is missing.", _meant(column.name, set(held) - set(shape.names)), column.name
            )
    for name in dict.fromkeys(held):
        if held.count(name) > 1:
            yield Problem(raw.where, "the column stands here twice.", "Remove one.", name)
        elif name not in shape.names:
            yield _unexpected(raw.where, name, shape)


def _meant(name: str, others: Collection[str]) -> str:
    close = difflib.get_close_matches(name, others, n=1)
    return f"Rename `{close[0]}` to `{name}`?" if close else "Add it."


def _unexpected(where: str, name: str, shape: Shape) -> Problem:
    if names_a_person(name):
        what = (
            "the column's name says that it describes a person; places and businesses are described here, never people."
        )
        return Problem(where, what, "Remove the column.", name)
    way_out = "Remove it, or describe it under `given_columns`." if shape.table == "given" else "Remove it."
    close = difflib.get_close_matches(name, shape.names, n=1)
    return Problem(
        where, "the column is not in the contract.", f"Did you mean `{close[0]}`?" if close else way_out, name
    )


def _emptiness(raw: RawTable, table: TableName) -> Iterator[Problem]:
    if table in REQUIRED and raw.content.num_rows == 0:
        yield Problem(raw.where, "the table has no rows.", "A dataset needs units, events and inspections.")


def _broken_rules(frame: pd.DataFrame, shape: Shape, rules: Sequence[Rule], where: str) -> Iterator[Problem]:
    """What pandera finds, told with the rows of the whole table."""
    try:
        schema(shape, rules).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        broken = {getattr(failure.check, "name", failure.check) for failure in error.schema_errors}
        for rule in rules:
            if rule.name in broken:
                yield _told(rule, frame, where)


def _told(rule: Rule, frame: pd.DataFrame, where: str) -> Problem:
    wrong = ~rule.holds(frame).to_numpy(dtype=bool)
    first = {name: _shown(value) for name, value in frame.iloc[int(wrong.argmax())].items()}
    rows, count = rows_of(wrong)
    return Problem(where, rule.what.format_map(first), rule.way_out.format_map(first), rule.column, rows, count)


def _shown(value: object) -> str:
    """A value as a person writes it, short."""
    if pd.isna(value):  # type: ignore[call-overload]  # a value of any column
        return "(empty)"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)[:60]


def _rules(shape: Shape, description: Description) -> list[Rule]:
    """The rules of one table: those of its types, its key, its time and its own."""
    common = [*_text_rules(shape), *_date_rules(shape), *_key_rules(shape), *_time_rules(shape, description)]
    return [*common, *_OWN[shape.table](description)]


def _text_rules(shape: Shape) -> Iterator[Rule]:
    for name in shape.of_type("text"):
        what = "the text is empty, longer than 200 characters, or has blanks around it or control characters in it."
        yield Rule(name, what, "Clean the value.", lambda frame, name=name: _by_value(frame[name], _is_clean))  # type: ignore[misc]  # name is bound


def _is_clean(words: pd.Series) -> pd.Series:
    text = pa.array(words, type=pa.large_string())
    clean = pc.match_substring_regex(text, r"^[^\s\pC\pZ](?:[^\pC]*[^\s\pC\pZ])?$")
    return pd.Series(np.asarray(pc.and_(clean, pc.less_equal(pc.utf8_length(text), LONGEST_TEXT))))


def _date_rules(shape: Shape) -> Iterator[Rule]:
    for name in shape.of_type("date"):
        way_out = "Correct the year; leave an open end empty instead of 9999."
        yield Rule(
            name,
            f"{{{name}}} lies outside 1900-2100.",
            way_out,
            lambda frame, name=name: frame[name].between(EARLIEST, LATEST) | frame[name].isna(),  # type: ignore[misc]  # name is bound
        )


def _key_rules(shape: Shape) -> Iterator[Rule]:
    if not shape.key:
        return
    key = list(shape.key)
    needed = [column.name for column in shape.columns if column.name in key and not column.nullable]

    def is_first(frame: pd.DataFrame) -> pd.Series:
        return ~frame.duplicated(key) | frame[needed].isna().any(axis=1)

    shown = ", ".join(f"{name} {{{name}}}" for name in key)
    yield Rule(key[0], f"an earlier row has the same key ({shown}).", "Keep one of the rows.", is_first)


def _time_rules(shape: Shape, description: Description) -> Iterator[Rule]:
    """A fact cannot be known before it is there, and nothing in a dataset is later than `known_until`."""
    happened = {"events": "occurred_on", "inspections": "inspected_on", "areas": "period_end"}.get(shape.table)
    if happened:
        what = f"known_on {{known_on}} lies before {happened} {{{happened}}}."
        yield Rule("known_on", what, "Correct the row, or leave it out.", _not_before("known_on", happened))
    until = pd.Timestamp(description.known_until)
    dated = {"units": ["opened_on", "closed_on"]}.get(
        shape.table, [n for n in ("known_on", happened) if n in shape.names]
    )
    for name in dated:
        what = f"{name} {{{name}}} lies after known_until of the dataset, {until:%Y-%m-%d}: it was in the future."
        way_out = "Correct the date, leave the row out, or correct `known_until` in dataset.yaml."
        yield Rule(name, what, way_out, _not_after(name, until))


def _not_before(later: str, earlier: str) -> Holds:
    return lambda frame: ~(frame[later] < frame[earlier])


def _not_after(name: str, limit: pd.Timestamp) -> Holds:
    return lambda frame: ~(frame[name] > limit)


def _one_of(column: str, known: Collection[str], *, declared_in: str = "") -> Rule:
    """The value is in a list; a list of the dictionary is named."""
    listed = ", ".join(sorted(known)[:12]) or "nothing"
    described = f"Describe it under `{declared_in}` in dataset.yaml (there now: {listed}), or correct the value."
    way_out = described if declared_in else f"Write one of: {listed}."
    return Rule(
        column, f"`{{{column}}}` is not known.", way_out, lambda frame: frame[column].isin(known) | frame[column].isna()
    )


_PARTS_NAMES = re.compile("[,=*]")
"""Between the parts of what a number is about, as `evaluation.json` names it: `capacity=100,versus=high`, `deprivation*group`."""


def _names_a_group(column: str, way_out: str) -> Rule:
    """The value can stand in the name of a number."""
    return Rule(
        column,
        f"`{{{column}}}` has a comma, an equals sign or an asterisk in it; in the name of a number these part one word from the next.",
        way_out,
        lambda frame: _by_value(frame[column], lambda words: ~words.str.contains(_PARTS_NAMES)),
    )


def _of_units(description: Description) -> list[Rule]:
    return [
        _names_a_group("sector", "Write another name, without them."),
        _one_of("kind", get_args(UnitKind)),
        Rule(
            "closed_on",
            "closed_on {closed_on} lies before opened_on {opened_on}.",
            "Correct one of the dates.",
            _not_before("closed_on", "opened_on"),
        ),
        Rule(
            "x",
            "x and y are not both there.",
            "Fill in both, or neither.",
            lambda frame: frame["x"].isna() == frame["y"].isna(),
        ),
        *_extent_rules(description),
        Rule(
            "legal_form",
            "the legal form `{legal_form}` is not known.",
            "Write for example eenmanszaak, bv or stichting (sole_trader, private_limited, foundation), or other; "
            "data/README.md has the list.",
            lambda frame: _by_value(frame["legal_form"], is_known),
        ),
    ]


def _extent_rules(description: Description) -> Iterator[Rule]:
    extent = description.extent or EXTENTS.get(description.crs)
    if extent is None:
        return
    crs = description.crs.replace("{", "(").replace("}", ")")  # what follows is a template
    for name, low, high in (("x", extent[0], extent[2]), ("y", extent[1], extent[3])):
        what = f"{name} {{{name}}} lies outside the extent {low:g} … {high:g} ({crs})."
        way_out = "Correct the coordinate (are x and y exchanged?), or `crs` and `extent` in dataset.yaml."
        yield Rule(name, what, way_out, lambda frame, n=name, a=low, b=high: frame[n].between(a, b) | frame[n].isna())  # type: ignore[misc]  # bound


def _of_events(description: Description) -> list[Rule]:
    return [_one_of("kind", description.event_kinds, declared_in="event_kinds")]


def _of_links(description: Description) -> list[Rule]:
    return [
        _one_of("role", description.link_roles, declared_in="link_roles"),
        Rule(
            "until_on",
            "until_on {until_on} lies before from_on {from_on}.",
            "Correct one of the dates.",
            _not_before("until_on", "from_on"),
        ),
    ]


def _of_areas(description: Description) -> list[Rule]:
    return [_one_of("measure", description.measures, declared_in="measures")]


def _of_inspections(description: Description) -> list[Rule]:
    in_range = lambda frame: ((frame["propensity"] > 0) & (frame["propensity"] <= 1)) | frame["propensity"].isna()  # noqa: E731 - one rule
    return [
        _one_of("channel", get_args(Channel)),
        _names_a_group("inspector", "Write another code, without them."),
        Rule(
            "propensity",
            "{propensity} is not a chance above 0 and at most 1.",
            "Correct it, or leave it empty when it is not known.",
            in_range,
        ),
        _one_of("appeal", get_args(Appeal)),
        Rule(
            "appeal",
            "the finding of visit {inspection_id} stands, and it was overturned on appeal.",
            "Write what stands now: finding false.",
            lambda frame: ~(frame["finding"] & (frame["appeal"] == OVERTURNED)),
        ),
    ]


def _of_given(description: Description) -> list[Rule]:
    return []


def _of_groups(description: Description) -> list[Rule]:
    return [
        Rule(
            "unit_id",
            "a row is about a unit or about an area: one of unit_id and area_code is filled in, the other is empty.",
            "Fill in one.",
            lambda frame: frame["unit_id"].isna() != frame["area_code"].isna(),
        ),
        _one_of("attribute", description.attributes, declared_in="attributes"),
        _names_a_group(
            "value",
            "Write a plain word here, such as much_and_little, and its words under `attributes.{attribute}.values` in dataset.yaml.",
        ),
        *(
            _values_of(name, set(attribute.values))
            for name, attribute in description.attributes.items()
            if attribute.values
        ),
    ]


def _values_of(attribute: str, known: Collection[str]) -> Rule:
    """The values of one attribute are those that the dictionary has words for."""
    return Rule(
        "value",
        f"`{{value}}` is not a value of `{attribute}`.",
        f"Describe it under `attributes.{attribute}.values` in dataset.yaml, or correct the value.",
        lambda frame: (frame["attribute"] != attribute) | frame["value"].isin(known) | frame["value"].isna(),
    )


_OWN: dict[TableName, Callable[[Description], list[Rule]]] = {
    "units": _of_units,
    "events": _of_events,
    "links": _of_links,
    "areas": _of_areas,
    "inspections": _of_inspections,
    "given": _of_given,
    "groups": _of_groups,
}


def _by_value(values: pd.Series, holds: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """A rule of words, tried once for each different word; an empty value passes."""
    codes, words = pd.factorize(values)
    verdicts = np.append(holds(pd.Series(words, dtype="str")).to_numpy(dtype=bool), True)
    return pd.Series(verdicts[codes], index=values.index)


def _references(frames: Mapping[TableName, pd.DataFrame], files: Mapping[TableName, str]) -> Iterator[Problem]:
    """Ids that another table should know."""
    for table in ("events", "links", "inspections", "given", "groups"):
        if table in frames and "units" in frames:
            yield from _unknown(frames[table]["unit_id"], frames["units"]["unit_id"], files[table], files["units"])
    if "given" in frames and "inspections" in frames:
        given, inspections = frames["given"], frames["inspections"]
        yield from _unknown(given["inspection_id"], inspections["inspection_id"], files["given"], files["inspections"])
        yield from _other_unit(given, inspections, files["given"])


def _unknown(values: pd.Series, known: pd.Series, where: str, of: str) -> Iterator[Problem]:
    is_known = pc.is_in(pa.array(values, type=pa.large_string()), value_set=pa.array(known, type=pa.large_string()))
    mask = ~np.asarray(is_known) & values.notna().to_numpy()
    if mask.any():
        rows, count = rows_of(mask)
        first = str(values.iloc[rows[0] - 1])[:60]
        yield Problem(
            where, f"`{first}` is not in {of}.", f"Add it to {of}, or leave the row out.", str(values.name), rows, count
        )


def _other_unit(given: pd.DataFrame, inspections: pd.DataFrame, where: str) -> Iterator[Problem]:
    """Rows of `given` that name an inspection of another unit."""
    units = inspections.drop_duplicates("inspection_id").set_index("inspection_id")["unit_id"]
    visited = given["inspection_id"].map(units)
    mask = (visited.notna() & given["unit_id"].notna() & (visited != given["unit_id"])).to_numpy()
    if mask.any():
        rows, count = rows_of(mask)
        what = f"inspection `{given['inspection_id'].iloc[rows[0] - 1]}` was at unit `{visited.iloc[rows[0] - 1]}`."
        yield Problem(where, what, "Correct one of the ids.", "unit_id", rows, count)
