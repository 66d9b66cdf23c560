"""What is empty on this card, and who must fill it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tegenkracht.core.suitability import Question
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.explanation import first_families
from tegenkracht.reporting.sections.justification import is_asked, missing_answers
from tegenkracht.reporting.sections.limits import without_limits
from tegenkracht.reporting.sections.proxies import lacks_score_reason
from tegenkracht.reporting.sections.suitability import without_answer
from tegenkracht.reporting.tree import Column, Section, Table
from tegenkracht.reporting.wording import Words, fact, join, say

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
OF_INDICATORS: tuple[tuple[Question, str], ...] = (
    ("allowed", "law"),
    ("proxy", "author_then_reader"),
    ("quality", "author"),
    ("relation", "domain"),
)
"""What is asked of every family of indicators, with the role that must answer."""


@dataclass(frozen=True)
class Part:
    """One empty part: its key, the role that must fill it, and what of it is empty when that is not all of it."""

    key: str
    who: str
    empty: tuple[Words, ...] = ()


def unfilled_parts(facts: RunFacts) -> tuple[Part, ...]:
    """Parts that are empty, each with the role that must fill it."""
    declared = {
        "legal_ground": facts.purpose.legal_ground,
        "author": facts.author,
        "contact": facts.contact,
    }
    return (
        *(Part(key, "author") for key, value in declared.items() if value is None),
        *_of_groups(facts),
        *_of_indicators(facts),
        *(Part(key, who) for key, who in ALWAYS),
    )


def _of_groups(facts: RunFacts) -> Iterator[Part]:
    """Attributes that nobody said why of, and answers that a difference between groups asks for."""
    if silent := [name for name in facts.attributes if name not in facts.why]:
        yield Part("audit_why", "author", tuple(fact(f"attribute.{name}.label") for name in silent))
    if is_asked(facts) and (missing := missing_answers(facts)):
        yield Part("justification", "author_then_reader", tuple(say(f"justification.{name}") for name in missing))


def _of_indicators(facts: RunFacts) -> Iterator[Part]:
    """Per question the families that it is not answered of."""
    known = Known(facts.estimates)
    for question, who in OF_INDICATORS:
        if families := without_answer(facts, known, question):
            yield Part(f"indicator_{question}", who, _families(families))
    if lacks_score_reason(facts, known):
        yield Part("score_proxy", "author_then_reader")
    if families := without_limits(facts, first_families(facts, known)):
        yield Part("indicator_limits", "domain", _families(families))


def _families(families: list[str]) -> tuple[Words, ...]:
    return tuple(fact(f"family.{family}") for family in families)


def unfilled_section(facts: RunFacts) -> Section:
    """Each empty part, what it asks and who must fill it."""
    rows = tuple(
        (say(f"unfilled.parts.{part.key}.name"), _asks(part), say(f"unfilled.who.{part.who}"))
        for part in unfilled_parts(facts)
    )
    columns = tuple(Column(title=say(f"unfilled.{head}")) for head in ("part", "asks", "by"))
    return Section(
        key="unfilled",
        title=say("unfilled.title"),
        answer=say("unfilled.answer"),
        blocks=(Table(name=say("unfilled.table"), columns=columns, rows=rows),),
    )


def _asks(part: Part) -> Words:
    """What must stand there, and of what it does not yet."""
    asks = say(f"unfilled.parts.{part.key}.asks")
    return join(asks, say("unfilled.empty", names=join(*part.empty, between=", "))) if part.empty else asks
