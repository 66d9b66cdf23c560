"""The shape of every table of the contract, version 1: columns, types, keys and canonical order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tegenkracht.data.dictionary import Description, TableName

ColumnType = Literal["text", "date", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, whether a value may be empty, and whether the whole column may be left out of the file."""

    name: str
    type: ColumnType
    nullable: bool
    may_be_absent: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One table: its columns in order, those that name a row, and those that rows are sorted by before digesting."""

    table: TableName
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def of_type(self, kind: ColumnType) -> list[str]:
        """Names of the columns of one type."""
        return [column.name for column in self.columns if column.type == kind]

    @property
    def full_order(self) -> tuple[str, ...]:
        """Every column, those that decide the order first: rows that tie on all of them are the same."""
        return (*self.order, *(name for name in self.names if name not in self.order))


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from a line such as `unit_id:text x?:number`; with `?` it may be null or absent."""
    pairs = (item.split(":") for item in text.split())
    return tuple(Column(name.rstrip("?"), kind, name.endswith("?"), name.endswith("?")) for name, kind in pairs)  # type: ignore[arg-type]  # kind is one of ColumnType


def _shape(table: TableName, columns: str, key: Sequence[str], order: Sequence[str]) -> Shape:
    return Shape(table, _columns(columns), tuple(key), tuple(order))


SHAPES: dict[TableName, Shape] = {
    shape.table: shape
    for shape in (
        _shape(
            "units",
            "unit_id:text sector:text kind:text area_code:text x?:number y?:number opened_on?:date closed_on?:date "
            "legal_form?:text cluster_id?:text",
            ["unit_id"],
            ["unit_id"],
        ),
        _shape(
            "events",
            "unit_id:text kind:text occurred_on:date known_on:date value?:number",
            [],
            ["known_on", "unit_id", "kind", "occurred_on"],
        ),
        _shape(
            "links",
            "unit_id:text party_id:text role:text from_on:date until_on?:date known_on:date",
            [],
            ["known_on", "unit_id", "party_id", "role"],
        ),
        _shape(
            "areas",
            "area_code:text measure:text period_end:date known_on:date value:number",
            ["area_code", "measure", "period_end"],
            ["known_on", "area_code", "measure"],
        ),
        _shape(
            "inspections",
            "inspection_id:text unit_id:text inspected_on:date known_on:date channel:text inspector?:text finding:flag "
            "severity?:number propensity?:number appeal?:text",
            ["inspection_id"],
            ["inspected_on", "inspection_id"],
        ),
        _shape(
            "given",
            "unit_id:text as_of:date known_on?:date inspection_id?:text",
            ["unit_id", "as_of", "inspection_id"],
            ["as_of", "unit_id", "inspection_id"],
        ),
        _shape(
            "groups",
            "unit_id?:text area_code?:text attribute:text value:text from_on:date",
            ["unit_id", "area_code", "attribute", "from_on"],
            ["attribute", "unit_id", "area_code", "from_on"],
        ),
    )
}


def shape_of(table: TableName, description: Description) -> Shape:
    """The shape of one table of a dataset; `given` has the columns of its dictionary, sorted by name."""
    shape = SHAPES[table]
    if table != "given":
        return shape
    features = tuple(
        Column(name, "number", nullable=True, may_be_absent=False) for name in sorted(description.given_columns)
    )
    return replace(shape, columns=(*shape.columns, *features))
