"""Whether the model is better than a list by lot, than what is done today and than knowing who inspects; and whether that depends on how it is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.checks import Asked, Facts, not_applicable, verdict
from tegenkracht.evaluation.comparisons import LOT, Comparisons

CODES: Mapping[str, str] = {
    "TK102": "What is known of the inspection process alone does as well: the inspector may be the signal.",
    "TK107": "The model was not shown to be better than the reference.",
    "TK109": "The model was not shown to be better than a list drawn by lot.",
    "TK118": "Weighed by the chance of a visit a comparison says something else than where somebody went.",
}


def check_comparisons(told: Comparisons, asked: Asked) -> tuple[Finding, ...]:
    """TK102, TK107, TK109 and TK118."""
    return tuple(
        chain(_process(told, asked), _reference(told, asked), _above_lot(told, asked), _both_ways(told, asked))
    )


def _facts(gap: Estimate, asked: Asked) -> Facts:
    """Difference and interval in points of a hundred, and by which form when that is not the one of visited places alone."""
    form: Facts = {"by": "weighted"} if gap.method == "weighted" else {}
    return {
        **form,
        "capacity": asked.capacity,
        "difference": points(gap.value),
        "low": points(gap.low),
        "high": points(gap.high),
        "per_hundred_level": round(100 * asked.level),
    }


def _process(told: Comparisons, asked: Asked) -> Iterator[Finding]:
    """TK102: on the list, and when there is a replay also in days."""
    model = asked.main_model
    others = [other for other in asked.process_models if other != model]
    if not others:
        yield not_applicable("TK102", "no_process_model", model=model)
    for other in others:
        gap = told.best(other)
        days = told.find("days_earlier_difference", at=f"versus={other}", method="replay")
        if gap is None:
            yield not_applicable("TK102", told.why_not(other), model=model, other=other)
            continue
        facts: Facts = {"other": other, **_facts(gap, asked)}
        if days is not None:
            facts |= {f"days_{name}": round(x or 0.0, 2) for name, x in (("difference", days.value), ("low", days.low))}
            facts |= {"days_high": round(days.high or 0.0, 2)}
        beaten = verdict_of(gap) == "yes" and (days is None or verdict_of(days) == "yes")
        yield Finding("TK102", verdict(not beaten), model, facts, tuple(e.id for e in (gap, days) if e is not None))


def _reference(told: Comparisons, asked: Asked) -> Iterator[Finding]:
    """TK107."""
    model, other = asked.main_model, asked.reference_model
    if model == other:
        yield not_applicable("TK107", "no_reference", model=model)
        return
    gap = told.best(other)
    if gap is None:
        yield not_applicable("TK107", told.why_not(other), model=model, other=other)
        return
    facts: Facts = {"other": other, **_facts(gap, asked)}
    yield Finding("TK107", verdict(verdict_of(gap) != "yes"), model, facts, (gap.id,))


def _above_lot(told: Comparisons, asked: Asked) -> Iterator[Finding]:
    """TK109."""
    model, above = asked.main_model, told.best(LOT)
    if above is None:
        yield not_applicable("TK109", told.why_not(LOT), model=model)
        return
    yield Finding("TK109", verdict(verdict_of(above) != "yes"), model, _facts(above, asked), (above.id,))


def _both_ways(told: Comparisons, asked: Asked) -> Iterator[Finding]:
    """TK118: a list by lot, the reference, what knows the process only and every other model, counted where somebody went and weighed.

    Weights that visits by lot contradict (TK111) say nothing of what was seen.
    """
    if not told.weighs:
        yield not_applicable("TK118", "lot_contradicts", model=asked.main_model)
        return
    others = dict.fromkeys((LOT, asked.reference_model, *asked.process_models, *told.others()))
    both = [(other, told.one(other, "labelled"), told.one(other, "weighted")) for other in others]
    known = [(other, seen, weighed) for other, seen, weighed in both if seen is not None and weighed is not None]
    if not known:
        yield not_applicable("TK118", "not_weighed", model=asked.main_model)
        return
    apart = [one for one in known if verdict_of(one[1]) != verdict_of(one[2])]
    other, seen, weighed = (apart or known)[0]
    facts: Facts = {"compared": len(known), "apart": len(apart), "other": other}
    for name, gap in (("seen", seen), ("weighed", weighed)):
        facts |= {name: points(gap.value), f"{name}_low": points(gap.low), f"{name}_high": points(gap.high)}
    yield Finding("TK118", verdict(bool(apart)), asked.main_model, facts, (seen.id, weighed.id))
