"""The indicators, as their dictionary declares them."""

from __future__ import annotations

from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Column, Section, Table
from tegenkracht.reporting.wording import fact, join, say


def dictionary_section(facts: RunFacts) -> Section | None:
    """Label, definition, source, direction, proxy risk, manipulability and availability of every indicator."""
    if not facts.features:
        return None
    heads = ("indicator", "definition", "direction", "proxy_risk", "manipulability", "source")
    rows = tuple(
        (
            fact(f"feature.{f.name}.label"),
            fact(f"feature.{f.name}.definition"),
            say(f"directions.{ {'+': 'more', '-': 'less', '±': 'either'}[f.direction] }"),
            say(f"risks.{f.proxy_risk}"),
            say(f"manipulability.level_{ ['none', 'few', 'some', 'much'][f.manipulability] }"),
            join(fact(f"feature.{f.name}.source"), say(f"availability.{f.availability}"), between=", "),
        )
        for f in facts.features
    )
    name = say("dictionary.table")
    columns = tuple(Column(title=say(f"dictionary.{head}")) for head in heads)
    return Section(
        key="dictionary",
        title=say("dictionary.title"),
        answer=say("dictionary.answer", count=fact("features.count", "count")),
        blocks=(Table(name=name, columns=columns, rows=rows),),
        side=say("dictionary.side"),
    )
