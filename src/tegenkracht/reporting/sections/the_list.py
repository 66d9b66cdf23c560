"""The list at a capacity: what it finds, what a list by lot finds, in which form lists are read, and whether anything on them is open."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity, at_of, conditions_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures


def precision(known: Known, facts: RunFacts, model: str, method: str) -> Estimate | None:
    """Share of the list with a finding."""
    return known.get(model, "precision_at_capacity", method=method, at=at_capacity(facts.capacity))


def by_lot(known: Known, facts: RunFacts, method: str) -> Estimate | None:
    """The same for a list of the same length that is drawn by lot."""
    return measures.usable(known.get("", "precision_by_lot", method=method, at=at_capacity(facts.capacity)))


def leading_form(facts: RunFacts, known: Known) -> Method:
    """The form in which lists are read beside each other: weighed, where that is known of the card's own and visits by lot do not contradict it (TK111)."""
    if any(finding.code == "TK111" and finding.verdict == "found" for finding in facts.findings):
        return "labelled"
    return "labelled" if measures.usable(precision(known, facts, facts.main, "weighted")) is None else "weighted"


def capacities(known: Known, facts: RunFacts) -> list[int]:
    """The capacities of the curve of the main model."""
    found = known.all("precision_at_capacity", model=facts.main, split="all", group="")
    return sorted({int(at_of(e, "capacity")) for e in found if [*conditions_of(e.at)] == ["capacity"]})


def unobserved_on_list(known: Known, facts: RunFacts) -> Estimate | None:
    """How many lines of the main model's list nobody inspected."""
    return measures.usable(known.get(facts.main, "listed_unobserved", method="count", at=at_capacity(facts.capacity)))


def is_settled(bounds: Estimate | None) -> bool:
    """Whether everything on the list was inspected, so that the bounds leave nothing open."""
    return bounds is not None and bounds.low is not None and bounds.low == bounds.high


def main_is_settled(facts: RunFacts, known: Known) -> bool:
    """Whether the card's own list leaves nothing open."""
    return is_settled(precision(known, facts, facts.main, "bounds"))
