"""What a card says of how well inspections see."""

from __future__ import annotations

from dataclasses import replace

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.imperfect import imperfect_section
from tegenkracht.reporting.tree import Paragraph
from tegenkracht.reporting.wording import Number, Say


def paragraphs_of(facts: RunFacts) -> list[Say]:
    """The sentences below and between its figures."""
    section = imperfect_section(facts, Known(facts.estimates))
    assert section is not None
    return [block.words for block in section.blocks if isinstance(block, Paragraph) and isinstance(block.words, Say)]


def test_sensitivity_from_double_visits_is_said_to_be_the_most(decision: RunFacts) -> None:
    """The upper end of its interval is named; two visits cannot tell how much cases differ."""
    twice = "source=double_visits"
    seen = Estimate("", "sensitivity", 0.5, 0.4, 0.6, n=80, method="labelled", level=0.95, at=twice)
    kept = [e for e in decision.estimates if (e.metric, e.at, e.group) != ("sensitivity", twice, "")]
    told = paragraphs_of(replace(decision, estimates=(*kept, seen)))
    words = next(words for words in told if words.key == "imperfect.at_most")
    assert (seen.id, "high") in [
        (part.estimate, part.part) for part in words.using.values() if isinstance(part, Number)
    ]


def test_too_few_double_visits_are_no_bound(decision: RunFacts) -> None:
    """Ten places at which something was found are too few for a sensitivity, and the sentence is absent."""
    assert "imperfect.at_most" not in [words.key for words in paragraphs_of(decision)]
