"""The first page when units are areas or public bodies: a profile with sides, and no list of who comes first."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import profile
from tegenkracht.reporting.sections.first_page import boxes, headline_of, signatures, state_note
from tegenkracht.reporting.tree import FirstPage
from tegenkracht.reporting.wording import fact, say


def profile_page(facts: RunFacts, known: Known) -> FirstPage:
    """The same order as every first page; the sentence and the figure are about sides, never about who is infiltrated."""
    return FirstPage(
        synthetic=say("first.synthetic") if facts.dataset.synthetic else None,
        title=fact("purpose.title"),
        lead=say("profile.lead", units=fact("purpose.unit_name"), sides=fact("sides.count", "count")),
        state=say("first.not_signed"),
        state_note=state_note(),
        headline=profile.answer(facts, known),
        hundred=None,
        caption=None,
        ways=profile.contrast_exhibit(facts, known, key="fig-headline"),
        verdicts=profile.verdicts(facts, known),
        boxes=boxes(facts, known, headline_of(facts, known)),
        signatures=signatures(),
    )
