"""When a difference between groups was found: the four answers that are asked, and who signed them."""

from __future__ import annotations

from tegenkracht.core.justification import ASKED, Justification
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Pair, Pairs, Section
from tegenkracht.reporting.wording import Words, fact, say


def justification_section(facts: RunFacts) -> Section | None:
    """Each of the four answers with what it asks; absent when no group test failed and nobody answered."""
    if not is_asked(facts) and facts.justification is None:
        return None
    missing = missing_answers(facts)
    pairs = [
        Pair(
            term=say(f"justification.{name}"),
            words=say("unfilled.by_author") if name in missing else fact(f"justification.{name}"),
            filled=name not in missing,
        )
        for name in ASKED
    ]
    signed = facts.justification is not None and facts.justification.signed_by is not None
    pairs.append(Pair(term=say("justification.signature"), words=_signature(signed=signed), filled=signed))
    return Section(
        key="justification",
        title=say("justification.title"),
        answer=say(f"justification.answer_{'open' if missing else 'given'}"),
        blocks=(Pairs(pairs=tuple(pairs)),),
        side=say("justification.side" if is_asked(facts) else "justification.not_asked"),
    )


def is_asked(facts: RunFacts) -> bool:
    """Whether a group test failed, so that the answers are required."""
    return any(f.code == "TK226" and f.verdict != "not_applicable" for f in facts.findings)


def missing_answers(facts: RunFacts) -> tuple[str, ...]:
    """Names of the answers that are not given, and `signature`."""
    return (facts.justification or Justification()).missing


def _signature(*, signed: bool) -> Words:
    if not signed:
        return say("page.not_signed")
    return say("justification.signed", by=fact("justification.signed_by"), on=fact("justification.signed_on", "date"))
