"""What models say that learn from found places and from places of which nothing is known, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import About, bounds_between, exactly, rounded

CODES: Mapping[str, str] = {
    "TK131": "What decides whether a case is found is not identified, so the share of cases is not either.",
    "TK132": "The list depends on a share of cases that nobody knows.",
}
APART = 0.01
"""Difference between shares of cases, from one beginning and another, from which the data do not decide."""
SAME_LIST = 0.8
"""Share of the list that should stay when the supposed share of cases is halved or doubled."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ends:
    """Shares of cases that SAR-EM ended at, by the share that it began at; and whether it stood still and had columns of its own."""

    by_start: Mapping[float, float]
    converged: bool
    declared: bool


@dataclass(frozen=True)
class Supposed:
    """Lists of a model at other supposed shares of cases: the share of the list that stays, by the supposed share."""

    given: float
    kept: Mapping[float, float]


def end_estimates(model: str, ends: Ends, *, n: int) -> Iterator[Estimate]:
    """`case_share` as bounds over beginnings: what was learnt does not say which of them is right."""
    reached = list(ends.by_start.values())
    yield rounded(bounds_between(min(reached), max(reached), "case_share", About(model), n=n, why_not="not_finished"))


def supposed_estimates(model: str, supposed: Supposed, *, n: int) -> Iterator[Estimate]:
    """`list_kept_supposing` at each other supposed share of cases."""
    for share, kept in supposed.kept.items():
        yield rounded(exactly(kept, "list_kept_supposing", About(model, at=f"share={share:g}"), n=n, method="sample"))


def check_ends(model: str, ends: Ends) -> Finding:
    """TK131, with the lowest and highest share that it ended at, in points of a hundred."""
    reached = list(ends.by_start.values())
    facts: dict[str, str | int | float] = {
        "low": round(100 * min(reached), 1),
        "high": round(100 * max(reached), 1),
    }
    loose = max(reached) - min(reached) > APART or not ends.converged or not ends.declared
    return Finding("TK131", "found" if loose else "not_found", model, facts)


def check_supposed(model: str, supposed: Supposed) -> Finding:
    """TK132, with the smallest share of the list that stays."""
    least = min(supposed.kept.values())
    facts: dict[str, str | int | float] = {"kept": round(100 * least), "given": round(100 * supposed.given, 1)}
    return Finding("TK132", "found" if least < SAME_LIST else "not_found", model, facts)


def kept_share(first: Floats, second: Floats, lists: Sequence[NDArray[np.int64]], capacity: int) -> float:
    """Share of the places on the lists of one score that are on those of the other too.

    Examples
    --------
    >>> kept_share(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]), [np.arange(3)], 2)
    0.5
    """
    both = sum(
        len(
            set(rows[np.argsort(-first[rows], kind="stable")[:capacity]])
            & set(rows[np.argsort(-second[rows], kind="stable")[:capacity]])
        )
        for rows in lists
    )
    return both / sum(min(capacity, len(rows)) for rows in lists)
