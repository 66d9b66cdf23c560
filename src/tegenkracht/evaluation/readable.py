"""Whether a model that a person can read does as well: then prefer it (Rudin 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding

CODES: Mapping[str, str] = {"TK309": "A model that a person can read was not shown to do worse: prefer it."}


def check_readable(
    estimates: Iterable[Estimate], *, main: str, readable: Sequence[str], capacity: int
) -> tuple[Finding, ...]:
    """TK309, once: the first of `readable` that the card's model was not shown to beat.

    Parameters
    ----------
    readable
        Models that a person can check by hand, the easiest to read first.
    """
    if main in readable:
        return (Finding("TK309", "not_applicable", main, {"reason": "already_readable"}),)
    book = {e.at: e for e in estimates if e.metric == "precision_difference" and e.model == main and e.split == "all"}
    told = {name: book.get(f"capacity={capacity},versus={name}") for name in readable}
    compared = {name: e for name, e in told.items() if e is not None and e.value is not None and e.low is not None}
    if not compared:
        return (Finding("TK309", "not_applicable", main, {"reason": "no_readable_model"}),)
    level = {name: e for name, e in compared.items() if e.low is not None and e.low <= 0}
    if not level:
        return (Finding("TK309", "not_found", main, {"models": len(compared)}, tuple(e.id for e in compared.values())),)
    other, estimate = next(iter(level.items()))
    facts = {
        "other": other,
        **{end: round(100 * (getattr(estimate, end) or 0.0), 1) for end in ("value", "low", "high")},
    }
    return (Finding("TK309", "found", main, facts, (estimate.id,)),)
