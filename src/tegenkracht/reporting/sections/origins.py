"""Where differences between groups come from: what stands in for a group, what labels are worth, and every step of the process."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.funnel import funnel_part
from tegenkracht.reporting.sections.group_rows import looked_at
from tegenkracht.reporting.sections.labels import label_gaps, labels_part
from tegenkracht.reporting.sections.proxies import proxies_part
from tegenkracht.reporting.sections.subgroups import subgroups_part
from tegenkracht.reporting.sections.thresholds import threshold_gaps, thresholds_part
from tegenkracht.reporting.tree import Section
from tegenkracht.reporting.wording import FactValue, say

CODES = ("TK211", "TK212", "TK213", "TK214", "TK215", "TK216", "TK217")


def origins_facts(facts: RunFacts, known: Known) -> dict[str, FactValue]:
    """How many gaps the figures of this section hold."""
    return looked_at("labels", label_gaps(facts, known)) | looked_at("tests", threshold_gaps(facts, known))


def origins_section(facts: RunFacts, known: Known) -> Section | None:
    """The answers of the audit, each with its figure; absent when the study did not ask."""
    blocks = [
        *proxies_part(facts, known),
        *labels_part(facts, known),
        *thresholds_part(facts, known),
        *funnel_part(facts, known),
        *subgroups_part(facts, known),
    ]
    if not blocks:
        return None
    found = any(f.code in CODES and f.verdict == "found" for f in facts.findings)
    return Section(
        key="origins",
        title=say("origins.title"),
        answer=say("origins.answer_found" if found else "origins.answer_not_shown"),
        blocks=tuple(blocks),
        side=say("origins.side"),
    )
