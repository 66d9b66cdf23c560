"""The indicators, as their dictionary declares them."""

from __future__ import annotations

import re

from tegenkracht.core.feature import Feature
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, join, say

TABLES = ("units", "inspections", "areas", "given")


def dictionary_section(facts: RunFacts) -> Section | None:
    """Label, definition, source, direction, proxy risk, manipulability and availability of every indicator, and which are kept from models."""
    if not facts.features:
        return None
    heads = ("indicator", "definition", "direction", "proxy_risk", "manipulability", "source")
    rows = tuple(
        (
            fact(f"feature.{f.name}.label"),
            fact(f"feature.{f.name}.definition"),
            say(f"directions.{ {'+': 'more', '-': 'less', '±': 'either'}[f.direction] }"),
            say(f"risks.{f.proxy_risk}"),
            say(f"manipulability.level_{['none', 'few', 'some', 'much'][f.manipulability]}"),
            join(_source(f), say(f"availability.{f.availability}"), between=", "),
        )
        for f in facts.features
    )
    name = say("dictionary.table")
    columns = tuple(Column(title=say(f"dictionary.{head}")) for head in heads)
    labels = join(*(fact(f"feature.{feature}.label") for feature in facts.kept_out), between="; ")
    kept_out = (Paragraph(words=say("dictionary.kept_out", labels=labels), css="note"),) if facts.kept_out else ()
    return Section(
        key="dictionary",
        title=say("dictionary.title"),
        answer=say("dictionary.answer", count=fact("features.count", "count")),
        blocks=(*kept_out, Table(name=name, columns=columns, rows=rows)),
        side=say("dictionary.side"),
    )


def sources_of(feature: Feature) -> list[str]:
    """The sources that a column is made from, each apart."""
    return re.split(r", | × ", feature.source)


def _source(feature: Feature) -> Words:
    """The sources as declared; a table of the dataset by its everyday name."""
    return join(
        *(
            say(f"tables.{source}") if source in TABLES else fact(f"feature.{feature.name}.source.{i}")
            for i, source in enumerate(sources_of(feature))
        ),
        between=", ",
    )
