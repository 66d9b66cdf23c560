"""What is said of a gap between groups: shown, no gap of the size that matters, or not enough data; and whether accepted limits hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tegenkracht.core.conditions import at_of, attribute_of, value_of
from tegenkracht.core.criterion import Limit, Verdict
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method, verdict_of
from tegenkracht.core.finding import Finding
from tegenkracht.core.gap import GapVerdict, beside, gaps_of, verdict_of_gap
from tegenkracht.evaluation.audit import OF_DATA, OF_LIST
from tegenkracht.evaluation.crossings import SECTOR
from tegenkracht.evaluation.weighed_gaps import GAPS
from tegenkracht.evaluation.weighted_checks import contradicted

CODES: Mapping[str, str] = {
    "TK202": "Groups differ by more than chance easily explains, however many gaps are looked at.",
    "TK206": "A gap between groups was not shown to stay within the limit that the study accepts.",
    "TK207": "These data cannot show every gap of the size that matters.",
    "TK210": "The largest gap between groups is larger than chance gives, however many gaps are looked at.",
    "TK223": "A gap that was shown where somebody went is not shown when visits are weighed by their chance.",
}
Facts = dict[str, str | int | float]
FIGURES = (*OF_DATA, *OF_LIST)
"""Figures whose gaps between groups are looked at."""


def judged_limits(limits: Sequence[Limit], estimates: Sequence[Estimate]) -> dict[str, Verdict]:
    """The verdict on each accepted limit, by name."""
    return {
        limit.name: limit.judge(leading_gaps(estimates, metric=limit.metric, attribute=limit.attribute))
        for limit in limits
    }


def leading_gaps(estimates: Sequence[Estimate], *, metric: str, attribute: str) -> list[Estimate]:
    """The gaps in a figure that a reader is told of first, and that checks and limits read, so that a card says one thing of a gap.

    Weighed, where one of them has an interval and visits by lot do not contradict it, and otherwise of all rows or of visited places.
    """
    apart = gaps_of(estimates, metric=metric, attribute=attribute)
    by_id = {e.id: e for e in estimates if e.method == "weighted"}
    weighed = [e for gap in apart if (e := by_id.get(replace(gap, method="weighted").id)) is not None]
    return weighed if any(e.low is not None for e in weighed) and not contradicted(estimates) else apart


def with_sectors(attributes: Iterable[str], estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Attributes whose gaps are judged and told: those of the study, and the sector where rows are of several."""
    several = any(e.method == "apart" and attribute_of(e.group) == SECTOR for e in estimates)
    return (*attributes, SECTOR) if several else tuple(attributes)


def check_limits(estimates: Sequence[Estimate], *, model: str, limits: Sequence[Limit]) -> Iterator[Finding]:
    """TK206 for each limit."""
    if not limits:
        yield Finding("TK206", "not_applicable", model, {"reason": "no_limits"})
    for limit in limits:
        yield _limit(limit, estimates, model)


def check_gaps(
    estimates: Sequence[Estimate],
    *,
    model: str,
    attributes: Sequence[str],
    crossings: Sequence[str],
    smallest: float | None,
) -> Iterator[Finding]:
    """TK202 for each attribute, TK207 for each attribute and crossing, TK210 once.

    Parameters
    ----------
    smallest
        The smallest gap that matters, as a share; None when the study does not say.
    """
    judged = {of: _judged(estimates, of, smallest) for of in (*attributes, *crossings)}
    for attribute in attributes:
        yield from _shown(judged[attribute], estimates, model, attribute)
    for attribute, gaps in judged.items():
        yield _enough(gaps, model, attribute, smallest)
    yield largest_finding("TK210", estimates, model, form="sample", nothing="no_audit_attributes")


def check_weighed_gaps(estimates: Sequence[Estimate], *, model: str, smallest: float | None) -> Finding:
    """TK223: of gaps in what is found, on the list and anywhere, and in both kinds of error, those that were shown where somebody went and are not when weighed.

    Weights that visits by lot contradict (TK111) say nothing of what was seen.
    """
    if contradicted(estimates):
        return Finding("TK223", "not_applicable", model, {"reason": "lot_contradicts"})
    by_id = {e.id: e for e in estimates}
    told = [e for e in estimates if e.method == "apart" and e.metric in GAPS and e.model in ("", model)]
    seen = [e for e in told if e.low is not None]
    pairs = [(e, by_id.get(replace(e, method="weighted").id)) for e in seen]
    both = [(e, weighed) for e, weighed in pairs if weighed is not None and weighed.low is not None]
    if not both:
        return Finding("TK223", "not_applicable", model, {"reason": "not_weighed"})
    shown = [
        (e, weighed)
        for e, weighed in both
        if verdict_of_gap(e, beside(e, by_id, "gap_chance"), smallest=smallest) == "shown"
    ]
    gone = [(e, weighed) for e, weighed in shown if verdict_of(weighed) != verdict_of(e)]
    facts: Facts = {"looked_at": len(both), "shown": len(shown), "gone": len(gone)}
    if not gone:
        ids = tuple(one.id for pair in shown or both for one in pair)
        return Finding("TK223", "not_found", model, facts, ids)
    e, weighed = max(gone, key=lambda pair: abs(pair[0].value or 0.0))
    facts |= {"attribute": attribute_of(e.group), "metric": e.metric.removesuffix("_gap")}
    facts |= {"group": value_of(e.group), "reference_group": at_of(e, "versus")}
    for name, gap in (("seen", e), ("weighed", weighed)):
        facts |= {name: points(gap.value), f"{name}_low": points(gap.low), f"{name}_high": points(gap.high)}
    return Finding("TK223", "found", model, facts, (e.id, weighed.id))


def _limit(limit: Limit, estimates: Sequence[Estimate], model: str) -> Finding:
    gaps = leading_gaps(estimates, metric=limit.metric, attribute=limit.attribute)
    verdict = limit.judge(gaps)
    facts: Facts = {"attribute": limit.attribute, "metric": limit.metric, "limit": limit.at_most}
    if verdict == "no_number":
        return Finding("TK206", "not_applicable", model, {**facts, "reason": "base_under_minimum"})
    widest = max((e for e in gaps if e.value is not None), key=_reach)
    facts |= {"group": value_of(widest.group), "reference_group": at_of(widest, "versus")}
    facts |= {"gap": points(widest.value), "low": points(widest.low), "high": points(widest.high)}
    said = "limit_beyond" if verdict == "not_met" else "limit_open" if verdict == "not_shown" else "limit_met"
    facts |= {"by": f"{said}_weighed" if widest.method == "weighted" else said}
    ids = tuple(e.id for e in gaps)
    return Finding("TK206", "not_found" if verdict == "met" else "found", model, facts, ids)


def _reach(gap: Estimate) -> float:
    """How far the interval of a gap reaches from zero."""
    return max(abs(gap.low or 0.0), abs(gap.high or 0.0))


Judged = list[tuple[Estimate, GapVerdict]]


def _judged(estimates: Sequence[Estimate], attribute: str, smallest: float | None) -> Judged:
    """Every gap of an attribute that is not withheld, with its verdict."""
    by_id = {e.id: e for e in estimates}
    gaps = [e for metric in FIGURES for e in leading_gaps(estimates, metric=metric, attribute=attribute)]
    verdicts = [(e, verdict_of_gap(e, beside(e, by_id, "gap_chance"), smallest=smallest)) for e in gaps]
    return [(e, verdict) for e, verdict in verdicts if verdict is not None]


def _shown(judged: Judged, estimates: Sequence[Estimate], model: str, attribute: str) -> Iterator[Finding]:
    """TK202: per figure the widest gap that is shown."""
    if not judged:
        yield Finding("TK202", "not_applicable", model, {"attribute": attribute, "reason": "base_under_minimum"})
        return
    chances = {f"{metric}_gap_chance" for metric in FIGURES}
    looked_at = Counter(e.method for e in estimates if e.metric in chances and e.value is not None)
    shown = [e for e, verdict in judged if verdict == "shown"]
    for metric in dict.fromkeys(e.metric for e in shown):
        widest = max((e for e in shown if e.metric == metric), key=lambda e: abs(e.value or 0.0))
        facts: Facts = {
            "attribute": attribute,
            "metric": metric.removesuffix("_gap"),
            "group": value_of(widest.group),
            "reference_group": at_of(widest, "versus"),
            "gap": points(widest.value),
            "low": points(widest.low),
            "high": points(widest.high),
            "looked_at": looked_at[widest.method],
            "by": "gap_weighed" if widest.method == "weighted" else "gap_seen",
        }
        yield Finding("TK202", "found", widest.model, facts, (widest.id,))
    if not shown:
        facts = {"attribute": attribute, "gaps": len(judged)}
        facts["looked_at"] = sum(looked_at[form] for form in {e.method for e, _ in judged})
        yield Finding("TK202", "not_found", model, facts, tuple(e.id for e, _ in judged))


def _enough(known: Judged, model: str, attribute: str, smallest: float | None) -> Finding:
    """TK207."""
    if smallest is None:
        return Finding("TK207", "not_applicable", model, {"attribute": attribute, "reason": "no_smallest_gap"})
    if not known:
        return Finding("TK207", "not_applicable", model, {"attribute": attribute, "reason": "base_under_minimum"})
    short = [e for e, verdict in known if verdict == "not_enough"]
    facts: Facts = {
        "attribute": attribute,
        "matters": points(smallest),
        "looked_at": len(known),
        "short": len(short),
        "shown": sum(verdict == "shown" for _, verdict in known),
        "small": sum(verdict == "none_that_matters" for _, verdict in known),
    }
    return Finding(
        "TK207", "found" if short else "not_found", model, facts, tuple(e.id for e in short or [e for e, _ in known])
    )


def largest_finding(code: str, estimates: Sequence[Estimate], model: str, *, form: Method, nothing: str) -> Finding:
    """Whether the largest gap of a figure is larger than chance gives, in one form; `nothing` is the reason when there is none."""
    rare = [e for e in estimates if e.metric.endswith("_largest_gap_chance") and e.method == form]
    chances = [(e.value, e) for e in rare if e.value is not None]
    by_id = {e.id: e for e in estimates}
    if not chances:
        return Finding(code, "not_applicable", model, {"reason": nothing})
    level = next(e.level for e in estimates if e.level is not None) or 0.95
    beyond = [e for value, e in chances if value < 1 - level]
    pairs = [(_of(e, by_id, ""), _of(e, by_id, "_by_chance"), e) for e in beyond or [e for _, e in chances]]
    widest, most, chance = max(pairs, key=lambda pair: (pair[0].value or 0.0) / max(pair[1].value or 0.0, 1e-9))
    facts: Facts = {
        "looked_at": len(chances),
        "beyond": len(beyond),
        "attribute": at_of(chance, "by"),
        "metric": chance.metric.removesuffix("_largest_gap_chance"),
        "gap": points(widest.value),
        "chance": points(most.value),
        "per_hundred_level": round(100 * level),
    }
    ids = tuple(e.id for pair in pairs for e in pair)
    return Finding(code, "found" if beyond else "not_found", model, facts, ids)


def _of(chance: Estimate, by_id: Mapping[str, Estimate], part: str) -> Estimate:
    """The largest gap, or what chance gives, that goes with a chance."""
    metric = chance.metric.removesuffix("_chance") + part
    return by_id["/".join((chance.model, metric, chance.group, chance.at, chance.split, chance.method))]
