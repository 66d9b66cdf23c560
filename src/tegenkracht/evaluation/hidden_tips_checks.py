"""What is said of tips: whether something unseen decided who was visited, and at which strength a conclusion turns (TK121 to TK123)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tegenkracht.core.conditions import at_of
from tegenkracht.core.difference import leaves_zero_out, points
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.hidden_tips import ROBUSTLY, TIPPED
from tegenkracht.evaluation.sensitivity import FINE

CODES: Mapping[str, str] = {
    "TK121": "Visits weighed by an estimated chance disagree with visits by lot or with recorded chances: something unseen decided who was visited.",
    "TK122": "That the list is better than a lot no longer stands when tips weigh as much as a known family of columns does.",
    "TK123": "Visits after a signal or complaint carry the result.",
}


def check_tips(estimates: tuple[Estimate, ...], *, main: str, why: str) -> Iterator[Finding]:
    """TK121 to TK123; `why` is the reason when there is nothing to look at."""
    by = {(e.model, e.metric, e.at): e for e in estimates if e.method != "tips_interval"}
    yield _unseen(by, why)
    yield _turned(estimates, main, why)
    yield _carried(by, why)


def _unseen(by: Mapping[tuple[str, str, str], Estimate], why: str) -> Finding:
    """Visits by lot first; recorded chances when these say nothing."""
    gaps = [
        (reference, gap)
        for reference in ("audit", "recorded")
        if (gap := by.get(("", "prevalence_gap", f"chance=estimated,reference={reference}"))) is not None
    ]
    known = [(reference, gap) for reference, gap in gaps if gap.low is not None]
    if not known:
        return Finding("TK121", "not_applicable", facts={"reason": gaps[0][1].note if gaps else why})
    apart = [(reference, gap) for reference, gap in known if leaves_zero_out(gap)]
    reference, gap = (apart or known)[0]
    estimated = by["", "prevalence", ROBUSTLY]
    meets = by["", "gamma_meets", gap.at]
    facts: dict[str, str | int | float] = {
        "reference": reference,
        "visits": gap.n,
        "estimated": points(estimated.value),
        "known": points((estimated.value or 0.0) - (gap.value or 0.0)),
        "gap_low": points(gap.low),
        "gap_high": points(gap.high),
    }
    if apart and meets.value is not None:
        facts |= {"by": "strength", "gamma": round(meets.value, 2)}
    return Finding("TK121", "found" if apart else "not_found", "", facts, (estimated.id, gap.id, meets.id))


def _turned(estimates: tuple[Estimate, ...], main: str, why: str) -> Finding:
    """The strength at which an interval no longer leaves a lot out, beside the strongest known family."""
    turns = [e for e in estimates if e.metric == "gamma_turns" and e.model == main]
    known = [e for e in estimates if e.metric == "gamma_benchmark" and e.value is not None]
    own = next((e for e in turns if at_of(e, "chance") == "estimated"), None)
    if own is None or not known:
        return Finding("TK122", "not_applicable", main, {"reason": why})
    strongest = max(known, key=lambda e: e.value or 0.0)
    facts: dict[str, str | int | float] = {
        "kind": at_of(strongest, "family"),
        "benchmark": round(strongest.value or 0.0, 2),
    }
    if own.value is None:
        beyond = own.note == "no_tip_so_strong"
        facts |= {"by": "never", "most": FINE[-1]} if beyond else {"reason": own.note}
        return Finding("TK122", "not_found" if beyond else "not_applicable", main, facts, (own.id, strongest.id))
    least = own.low if own.low is not None else own.value
    if least <= 1:
        return Finding("TK122", "not_applicable", main, {"reason": "nothing_to_turn"})
    facts |= {"gamma": round(own.value, 2), "gamma_low": round(least, 2)}
    return Finding(
        "TK122", "found" if least <= (strongest.value or 0.0) else "not_found", main, facts, (own.id, strongest.id)
    )


def _carried(by: Mapping[tuple[str, str, str], Estimate], why: str) -> Finding:
    """What visits after a signal or complaint do to the prevalence."""
    gap = by.get(("", "prevalence_gap", f"without={'+'.join(TIPPED)}"))
    if gap is None or gap.low is None:
        return Finding("TK123", "not_applicable", facts={"reason": gap.note if gap is not None else why})
    facts: dict[str, str | int | float] = {
        "visits": gap.n,
        "gap": points(gap.value),
        "gap_low": points(gap.low),
        "gap_high": points(gap.high),
    }
    return Finding("TK123", "found" if leaves_zero_out(gap) else "not_found", "", facts, (gap.id,))
