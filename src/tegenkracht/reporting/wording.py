"""What a card says, as plain data: sentences by catalogue key, numbers by estimate, author's words by fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.core.text import Text
from tegenkracht.reporting.words.numbers import Style

Part = Literal["full", "value", "low", "high", "span", "rest", "n", "level", "times", "out_of", "note"]
"""Which part of an estimate is written.

`full` value and interval, "28 (19 tot 38)"; `span` the interval alone; `rest` what is left of a hundred; `level` "95";
`times` and `out_of` the level as "19" of "20"; `note` the reason why there is no number.
"""

FactStyle = Literal["text", "title", "count", "number", "ratio", "date", "code"]
FactValue = Text | str | int | float


class Record(BaseModel):
    """A frozen record that JSON can hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(Record):
    """A part of an estimate, written in a style."""

    type: Literal["number"] = "number"
    estimate: str
    part: Part = "full"
    style: Style = "two"


class Fact(Record):
    """Something declared: author's words, a date, a digest, the capacity."""

    type: Literal["fact"] = "fact"
    fact: str
    style: FactStyle = "text"


class Say(Record):
    """A sentence of the catalogue with its places filled."""

    type: Literal["say"] = "say"
    key: str
    using: Mapping[str, Words] = Field(default_factory=dict)


class Join(Record):
    """Several things said after each other."""

    type: Literal["join"] = "join"
    items: tuple[Words, ...]
    between: str = " "


class PartLink(Record):
    """A link to a section of the card, by its number."""

    type: Literal["part"] = "part"
    section: str


Words = Annotated[Number | Fact | Say | Join | PartLink, Field(discriminator="type")]

Say.model_rebuild()
Join.model_rebuild()


def say(key: str, **using: Words) -> Say:
    """A sentence of the catalogue: ``say("headline.found", found=…)``."""
    return Say(key=key, using=using)


def fact(name: str, style: FactStyle = "text") -> Fact:
    """A declared fact by name."""
    return Fact(fact=name, style=style)


def number(estimate: str, part: Part = "full", style: Style = "two") -> Number:
    """A part of an estimate by id."""
    return Number(estimate=estimate, part=part, style=style)


def join(*items: Words, between: str = " ") -> Join:
    """Things said after each other."""
    return Join(items=items, between=between)
