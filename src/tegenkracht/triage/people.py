"""Signs that an experiment is about people: its own words for cohort, label and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tegenkracht.core.errors import InputError, Problem
from tegenkracht.data.record_file import Key, MarkedYaml

_PEOPLE = re.compile(
    r"(?:^|[^a-z])(persons?|people|patients?|clients?|students?|pupils?|inmates?|prisoners?|defendants?|citizens?|individuals?|"
    r"employees?|children|mothers?|women|personen|persoon|burgers?|inwoners?|cli[eë]nten|leerlingen)(?:[^a-z]|$)"
)
_TABLE = re.compile(r"\b(?:from|join)\s+([\w.\"]+)")


def require_places(marked: MarkedYaml) -> None:
    """Refuse an experiment whose own words say that its entities are people.

    Looked at are the names of cohort and label, and the tables that their queries read; other words of a query may be about anything.

    Raises
    ------
    InputError
        With each place that says so.
    """
    problems = []
    for key, text in _said(marked.content):
        if found := _PEOPLE.search(text.lower()):
            what = (
                f"`{found[1]}` says that the entities are people; places and businesses are studied here, never people."
            )
            problems.append(Problem(marked.place_of(key), what, "It cannot be brought."))
    if problems:
        raise InputError(problems)


def prefixes_about_people(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Beginnings of the names of columns that are made from a table of people."""
    blocks = content.get("feature_aggregations")
    blocks = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
    return tuple(
        f"{block['prefix']}_entity_id_"
        for block in blocks
        if "prefix" in block and _PEOPLE.search(f"{block['prefix']} {_tables(str(block.get('from_obj', '')))}".lower())
    )


def _said(content: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    for section in ("cohort_config", "label_config"):
        inner = content.get(section)
        if isinstance(inner, Mapping):
            yield (section, "name"), str(inner.get("name", ""))
            yield (section, "query"), _tables(str(inner.get("query", "")))


def _tables(text: str) -> str:
    """The tables that a query reads; a text without a query is a table itself."""
    return " ".join(_TABLE.findall(text.lower())) if " " in text.strip() else text
