"""Whether a model that a person can read does as well: then prefer it (Rudin 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tegenkracht.core.difference import points
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.comparisons import Comparisons

CODES: Mapping[str, str] = {"TK309": "A model that a person can read was not shown to do worse: prefer it."}


def check_readable(told: Comparisons, *, readable: Sequence[str]) -> tuple[Finding, ...]:
    """TK309, once: the first of `readable` that the card's model was not shown to beat.

    Parameters
    ----------
    readable
        Models that a person can check by hand, the easiest to read first.
    """
    main = told.main
    if main in readable:
        return (Finding("TK309", "not_applicable", main, {"reason": "already_readable"}),)
    compared = {name: e for name in readable if (e := told.best(name)) is not None}
    if not compared:
        return (Finding("TK309", "not_applicable", main, {"reason": "no_readable_model"}),)
    level = {name: e for name, e in compared.items() if e.low is not None and e.low <= 0}
    if not level:
        return (Finding("TK309", "not_found", main, {"models": len(compared)}, tuple(e.id for e in compared.values())),)
    other, estimate = next(iter(level.items()))
    facts: dict[str, str | float] = {
        "other": other,
        **({"by": "weighted"} if estimate.method == "weighted" else {}),
        **{end: points(getattr(estimate, end)) for end in ("value", "low", "high")},
    }
    return (Finding("TK309", "found", main, facts, (estimate.id,)),)
