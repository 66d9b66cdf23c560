"""What is empty on this card, and who must fill it."""

from __future__ import annotations

from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Column, Section, Table
from tegenkracht.reporting.wording import say

ALWAYS = (
    ("decides", "author"),
    ("complaints", "author"),
    ("work_instruction", "author"),
    ("retention", "author"),
    ("impact", "author_then_reader"),
    ("sign_domain", "domain"),
    ("sign_law", "law"),
    ("sign_method", "method"),
    ("repeat", "other_organisation"),
)
"""Parts that a study file has no place for yet, with the role that must fill them."""


def unfilled_parts(facts: RunFacts) -> tuple[tuple[str, str], ...]:
    """Keys of the parts that are empty, each with the role that must fill it."""
    declared = {
        "legal_ground": facts.purpose.legal_ground,
        "author": facts.author,
        "contact": facts.contact,
    }
    return (*((key, "author") for key, value in declared.items() if value is None), *ALWAYS)


def unfilled_section(facts: RunFacts) -> Section:
    """Each empty part, what it asks and who must fill it."""
    rows = tuple(
        (say(f"unfilled.parts.{key}.name"), say(f"unfilled.parts.{key}.asks"), say(f"unfilled.who.{who}"))
        for key, who in unfilled_parts(facts)
    )
    columns = tuple(Column(title=say(f"unfilled.{head}")) for head in ("part", "asks", "by"))
    return Section(
        key="unfilled",
        title=say("unfilled.title"),
        answer=say("unfilled.answer"),
        blocks=(Table(name=say("unfilled.table"), columns=columns, rows=rows),),
    )
