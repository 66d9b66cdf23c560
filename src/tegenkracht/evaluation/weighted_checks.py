"""What weighed visits and visits by lot say of each other, and of the claim that a list is better than a lot (TK111 to TK113, TK116)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding

CODES: Mapping[str, str] = {
    "TK111": "Visits weighed by their chance and visits by lot give different answers.",
    "TK112": "Visits by lot are too few to establish that the list is better than a lot.",
    "TK113": "A few visits carry most of the weight.",
    "TK116": "Figures with an estimated chance contradict visits by lot or recorded chances: something unseen decides who is visited.",
}
CARRIED = 0.2
"""Share of visits that the weighted ones are worth, below which a few carry most (TK113)."""

Facts = dict[str, str | int | float]
Book = Mapping[tuple[str, str, Method], Estimate]


def check_weighted(estimates: tuple[Estimate, ...], *, main: str) -> Iterator[Finding]:
    """TK111 to TK113 and TK116, on the prevalence in every form and on the main model."""
    by = {(e.model, e.metric, e.method): e for e in estimates if not e.group}
    yield _disagree(by.get(("", "prevalence", "weighted")), by.get(("", "prevalence", "audit")))
    yield _established(by, main)
    effective = by.get(("", "effective_visits", "sample"))
    if effective is None or not effective.n or effective.value is None:
        yield Finding(
            "TK113", "not_applicable", facts={"reason": "no_chances" if effective is not None else "scheduled"}
        )
    else:
        facts: Facts = {"visits": effective.n, "worth": round(effective.value)}
        yield Finding(
            "TK113", "found" if effective.value < CARRIED * effective.n else "not_found", "", facts, (effective.id,)
        )
    yield _unseen(by)


def _established(by: Book, main: str) -> Finding:
    """TK112: visits by lot alone do not bear the claim; their interval reaches zero, or is wider than what is claimed, or there are too few for one."""
    above = by.get((main, "precision_above_random", "audit"))
    if above is None:
        return Finding("TK112", "not_applicable", main, {"reason": "scheduled"})
    if above.low is None or above.high is None:
        if above.note == "few_visits":
            return Finding("TK112", "found", main, {"by": "few", "visits": above.n}, (above.id,))
        return Finding("TK112", "not_applicable", main, {"reason": above.note})
    claims = [by.get((main, "precision_above_random", form)) for form in ("weighted", "adjusted")]
    claim = next((e.value for e in claims if e is not None and e.value is not None), None)
    wide = claim is not None and above.high - above.low > abs(claim)
    facts: Facts = {"low": round(100 * above.low, 1), "high": round(100 * above.high, 1), "visits": above.n}
    return Finding("TK112", "found" if above.low <= 0 or wide else "not_found", main, facts, (above.id,))


def _unseen(by: Book) -> Finding:
    """TK116: what the estimated chance makes of the visits lies outside what visits by lot, or recorded chances, leave possible."""
    adjusted = by.get(("", "prevalence", "adjusted"))
    if adjusted is None or adjusted.value is None:
        return Finding("TK116", "not_applicable", facts={"reason": "nothing_estimated"})
    compared = [
        (name, e)
        for name, e in (
            ("lot", by.get(("", "prevalence", "audit"))),
            ("chance", by.get(("", "prevalence", "weighted"))),
        )
        if e is not None and e.low is not None and e.high is not None
    ]
    if not compared:
        return Finding("TK116", "not_applicable", facts={"reason": "nothing_to_compare"})
    value, outside = adjusted.value, [(n, e) for n, e in compared if not _inside(adjusted, e)]
    name, other = (outside or compared)[0]
    facts: Facts = {
        "by": name,
        "adjusted": round(100 * value, 1),
        "low": points(other.low),
        "high": points(other.high),
    }
    return Finding("TK116", "found" if outside else "not_found", "", facts, (adjusted.id, other.id))


def _inside(value: Estimate, interval: Estimate) -> bool:
    return (interval.low or 0.0) <= (value.value or 0.0) <= (interval.high or 0.0)


def contradicted(estimates: Iterable[Estimate]) -> bool:
    """Whether visits by lot contradict those that are weighed by their recorded chance (TK111)."""
    by = {
        e.method: e for e in estimates if e.metric == "prevalence" and e.split == "all" and not e.model and not e.group
    }
    return _disagree(by.get("weighted"), by.get("audit")).verdict == "found"


def _disagree(weighted: Estimate | None, audit: Estimate | None) -> Finding:
    """Both intervals are apart: what was written down as the chance of a visit is not what it was, or places were hidden from it."""
    if weighted is None or audit is None:
        return Finding("TK111", "not_applicable", facts={"reason": "scheduled"})
    if weighted.low is None or weighted.high is None or audit.low is None or audit.high is None:
        return Finding("TK111", "not_applicable", facts={"reason": (weighted if weighted.low is None else audit).note})
    apart = weighted.low > audit.high or audit.low > weighted.high
    facts = {
        "chance_low": round(100 * weighted.low, 1),
        "chance_high": round(100 * weighted.high, 1),
        "lot_low": round(100 * audit.low, 1),
        "lot_high": round(100 * audit.high, 1),
    }
    return Finding("TK111", "found" if apart else "not_found", "", facts, (weighted.id, audit.id))
