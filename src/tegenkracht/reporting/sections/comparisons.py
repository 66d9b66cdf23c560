"""The main model compared with others: what its list finds more than a list by lot or a reference, or how many days earlier."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.comparisons import LOT
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures


def above_random(facts: RunFacts, known: Known, method: str) -> Estimate | None:
    """The main model minus a list by lot."""
    return measures.usable(
        known.get(facts.main, "precision_above_random", method=method, at=at_capacity(facts.capacity))
    )


def difference(facts: RunFacts, known: Known, reference: str, *, days: bool) -> Estimate | None:
    """The main model minus a reference, or minus `LOT`, on the study's own measure and in the form that the card leads with."""
    if days:
        return measures.usable(
            known.get(facts.main, "days_earlier_difference", method="replay", at=f"versus={reference}")
        )
    return between(facts, known, facts.main, reference)


def between(facts: RunFacts, known: Known, model: str, other: str) -> Estimate | None:
    """What the list of a model finds more than that of another, or than `LOT`, in the form that the card leads with."""
    best = known.comparisons(main=model, capacity=facts.capacity).best(other)
    if best is not None or other == LOT:
        return best
    at = f"{at_capacity(facts.capacity)},versus={other}"
    return measures.usable(known.get(model, "precision_difference", method="labelled", at=at))
