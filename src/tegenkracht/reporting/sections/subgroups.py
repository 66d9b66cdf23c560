"""The subgroup that stands out most, after counting how many were looked at."""

from __future__ import annotations

import re

from tegenkracht.core.conditions import at_of
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import Block, Column, Paragraph, Table
from tegenkracht.reporting.wording import Words, join, number, say

_NEXT = re.compile(" & (?=[a-z][a-z0-9_]*=)")
"""Between two values of a subgroup: before the name of an attribute, since a value may hold ` & ` and never an equals sign (`data/contract.py`)."""
"""Between the two values of a subgroup."""


def subgroups_part(facts: RunFacts, known: Known) -> list[Block]:
    """Per rate the subgroup that stands out most, and what is left of it after counting how many were looked at."""
    chances = [e for e in known.all("subgroup_chance", model=facts.main) if e.is_known]
    gaps = {e.at: e for e in known.all("subgroup_gap", model=facts.main)}
    searched = {e.at: e for e in known.all("subgroups_searched", model=facts.main)}
    rows = tuple(
        (
            say(f"groups.levels.{at_of(e, 'rate')}"),
            subgroup_label(gaps[e.at].group),
            measures.shown(gaps[e.at]),
            number(searched[e.at].id, "value", "count"),
            number(e.id, "value", "three"),
        )
        for e in chances
        if e.at in gaps and e.at in searched
    )
    if not rows:
        return []
    heads = ("rate", "subgroup", "gap", "searched", "chance")
    columns = tuple(
        Column(title=say(f"origins.worst.{head}"), numeric=head not in ("rate", "subgroup")) for head in heads
    )
    how = Paragraph(words=say("origins.worst.how"), css="small")
    return [Table(name=say("origins.worst.title"), columns=columns, rows=rows), how]


def subgroup_label(group: str) -> Words:
    """A subgroup by the names of its values."""
    return join(*(group_label(part) for part in _NEXT.split(group)), between=" + ")
