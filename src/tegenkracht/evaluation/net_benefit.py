"""What a list is worth when an empty visit costs a stated part of what a find brings.

Net benefit (Vickers & Elkin, Medical Decision Making 2006): finds, less empty visits times the weight of one, per place in the cohort. For a list of
fixed length it is a straight line in precision, so each form in which precision is known (only where somebody went, weighted, what is possible) gives
a net benefit with the same interval, stretched; and whether it is above zero is whether precision is above `weight / (1 + weight)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tegenkracht.core.decision import Costs, break_even
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import About, exactly, rounded

CODES: Mapping[str, str] = {
    "TK124": "At the stated costs the list was not shown to bring more than it costs.",
}
FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit", "bounds")
"""Forms of precision that become a net benefit."""
SHOWN_BY: tuple[Method, ...] = ("weighted", "labelled")
"""Forms that can show that a list pays, the better one first."""
EVERYBODY = "everybody"


def net_benefits(
    estimates: Iterable[Estimate], *, costs: Costs, capacity: int, main: str, reference: str
) -> tuple[Estimate, ...]:
    """Net benefit of the list of the card's model, of the reference, of a lot and of everybody, from what is known of their precision.

    Parameters
    ----------
    estimates
        Of the study: `precision_at_capacity`, `precision_by_lot`, `prevalence`, `list_length` and `rows`.

    Returns
    -------
    `net_benefit` per place in the cohort at `capacity=…,weight=…` (`everybody` where everybody is visited; nobody is 0), per form;
    `worth_of_visits`, what a hundred visits bring in the unit of the costs, at the stated weight; `break_even` at every weight, `fixed`.
    """
    book = {estimate.id: estimate for estimate in estimates}
    at = f"capacity={capacity}"
    rows = book["/rows///all/count"]
    length = book.get(f"{main}/list_length//{at}/all/count")
    made: list[Estimate] = [*_declared(costs)]
    if length is None or not length.value:
        return tuple(made)
    share = length.value / rows.n
    orders = [(main, "precision_at_capacity", at, at, share)]
    orders += [(reference, "precision_at_capacity", at, at, share)] if reference != main else []
    orders += [("", "precision_by_lot", at, at, share), ("", "prevalence", "", EVERYBODY, 1.0)]
    for model, metric, where, name, part in orders:
        for form in FORMS:
            precision = book.get("/".join((model, metric, "", where, "all", form)))
            if precision is not None:
                made += _of(precision, costs, name, part)
    return tuple(rounded(estimate) for estimate in made)


def _declared(costs: Costs) -> Iterator[Estimate]:
    for weight in costs.every_weight:
        about = About(at=f"weight={weight:g}")
        yield exactly(break_even(weight), "break_even", about, n=0, method="fixed")


def _of(precision: Estimate, costs: Costs, name: str, part: float) -> Iterator[Estimate]:
    """One form of one order's precision as a net benefit at every weight, and in the unit of the costs at the stated one."""
    for weight in costs.every_weight:
        at = f"{name},weight={weight:g}"
        yield straight(precision, "net_benefit", at, slope=part * (1 + weight), start=-part * weight)
    if name != EVERYBODY:
        lost = costs.visit + costs.harm
        slope = 100 * (costs.finding - costs.visit + lost)
        yield straight(precision, "worth_of_visits", name, slope=slope, start=-100 * lost)


def straight(estimate: Estimate, metric: str, at: str, *, slope: float, start: float) -> Estimate:
    """The estimate on another scale: value and ends times `slope` (above zero), plus `start`."""
    value, low, high = (None if x is None else slope * x + start for x in (estimate.value, estimate.low, estimate.high))
    return replace(estimate, metric=metric, at=at, value=value, low=low, high=high)


def check_worth(estimates: Iterable[Estimate], *, costs: Costs | None, main: str, capacity: int) -> Finding:
    """TK124: the better form in which precision is known, against the share at which the list breaks even.

    A list that is not shown to be better than a lot (TK109) costs as much as one; that it pays is another question, with an answer of its own.
    """
    if costs is None:
        return Finding("TK124", "not_applicable", main, {"reason": "no_costs"})
    book = {estimate.id: estimate for estimate in estimates}
    ids = [f"{main}/precision_at_capacity//capacity={capacity}/all/{form}" for form in SHOWN_BY]
    known = [book[key] for key in ids if key in book and book[key].low is not None]
    if not known:
        return Finding("TK124", "not_applicable", main, {"reason": "nobody_visited"})
    precision, needed = known[0], break_even(costs.weight)
    facts: dict[str, str | int | float] = {
        "form": precision.method,
        "needed": round(100 * needed, 1),
        "low": points(precision.low),
        "high": points(precision.high),
    }
    shown = precision.low is not None and precision.low > needed
    return Finding("TK124", "not_found" if shown else "found", main, facts, (precision.id,))
