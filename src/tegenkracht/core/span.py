"""A span of time as people write it: `90 days`, `12 months`, `all`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import core_schema

_PATTERN = re.compile(r"^(?P<count>\d{1,4}) (?P<unit>day|month|year)s?$")


@dataclass(frozen=True, slots=True)
class Span:
    """A number of days or calendar months.

    Months are calendar months: 31 January + 1 month is 28 (or 29) February.

    Examples
    --------
    >>> Span.parse("12 months").after(pd.Timestamp("2024-02-29"))
    Timestamp('2025-02-28 00:00:00')
    >>> str(Span.parse("1 year"))
    '12 months'
    """

    count: int
    unit: Literal["days", "months"]

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `90 days`, `3 months` or `2 years`; ValueError says how to write it."""
        found = _PATTERN.match(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"`{text}` is not a span of time; write for example `90 days`, `12 months` or `2 years`")
        count = int(found["count"])
        return cls(count * 12, "months") if found["unit"] == "year" else cls(count, f"{found['unit']}s")  # type: ignore[arg-type]  # day(s) or month(s)

    @property
    def offset(self) -> pd.DateOffset:
        """The span as a pandas offset, for adding to dates and to columns of dates."""
        return pd.DateOffset(**{self.unit: self.count})  # type: ignore[arg-type]  # keyword is days or months

    def after(self, date: pd.Timestamp) -> pd.Timestamp:
        """The date that lies this span after `date`."""
        return date + self.offset

    def before(self, date: pd.Timestamp) -> pd.Timestamp:
        """The date that lies this span before `date`."""
        return date - self.offset

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit[:-1]}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Let pydantic read a span from its text and write it back as text."""
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def _read_window(text: object) -> object:
    return None if text == "all" else text


Window = Annotated[
    Span | None,
    BeforeValidator(_read_window),
    PlainSerializer(lambda span: "all" if span is None else str(span)),
]
"""How far back a column looks; None (written `all`) is everything that is known."""


def in_window(window: Span | None) -> tuple[str, str]:
    """` in 36 maanden`, ` in 36 months`, or nothing for all that is known."""
    if window is None:
        return "", ""
    nl = {"days": ("dag", "dagen"), "months": ("maand", "maanden")}[window.unit][window.count != 1]
    return f" in {window.count} {nl}", f" in {window}"
