"""What the figures become when tips that nobody wrote down helped to decide where people went, and what they become if an assumption holds."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.conditions import at_capacity, at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import comparisons, measures
from tegenkracht.reporting.sections.explanation import family_of
from tegenkracht.reporting.tree import (
    Axis,
    Block,
    Column,
    Exhibit,
    Intervals,
    LegendItem,
    Mark,
    Panel,
    Paragraph,
    Row,
    Section,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say
from tegenkracht.reporting.words.numbers import Style

MOST_FAMILIES = 5
FAR = 3.0
"""Strengths above this are in the table and not in the drawing: their bands would press all others together."""


def tips_section(facts: RunFacts, known: Known) -> Section | None:
    """The band per strength beside visits by lot, where the conclusion turns, a yardstick, and bounds under an assumption."""
    makers = (_prevalence, _above, _yardstick, _assumed)
    blocks: list[Block] = [block for make in makers if (block := make(facts, known)) is not None]
    if not blocks:
        return None
    assumed = _contradicted(known)
    return Section(
        key="tips",
        title=say("tips.title"),
        answer=_answer(facts, known),
        blocks=(*blocks, Paragraph(words=assumed, css="small")) if assumed is not None else tuple(blocks),
        side=say("tips.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    """Whether estimated chances hold beside a lot, then the strength at which the list may be no better than a lot."""
    turns = _gamma_turns(known, facts)
    if turns is None:
        return say("tips.answer_none")
    if any(f.code == "TK121" and f.verdict == "found" for f in facts.findings):
        return say("tips.answer_apart")
    if turns.value is None:
        return say("tips.answer_never" if turns.note == "no_tip_so_strong" else "tips.answer_none")
    if turns.low is None or turns.low <= 1:
        return say("tips.answer_not_shown")
    return say("tips.answer", least=number(turns.id, "low", "times"), value=number(turns.id, "value", "times"))


# ---------------------------------------------------------------- bands


def _prevalence(facts: RunFacts, known: Known) -> Exhibit | None:
    """How often a visit anywhere would find something: by lot, with recorded chances, and per strength of tips."""
    first = [
        _row(say(f"tips.{method}"), estimate, "diamond" if method == "audit" else "main", "per_hundred_fine")
        for method in ("audit", "weighted")
        if (estimate := measures.usable(known.get("", "prevalence", method=method))) is not None
    ]
    return _exhibit(known, "prevalence", "", first, "per_hundred_fine")


def _above(facts: RunFacts, known: Known) -> Exhibit | None:
    """How much more the list finds than a lot, per strength of tips."""
    first = [
        _row(say(f"tips.{method}"), estimate, "diamond" if method == "audit" else "main", "points")
        for method in ("audit", "weighted")
        if (estimate := comparisons.above_random(facts, known, method)) is not None
    ]
    return _exhibit(known, "precision_above_random", facts.main, first, "points", zero=True)


def _exhibit(
    known: Known, metric: str, model: str, first: list[Row], style: Style, *, zero: bool = False
) -> Exhibit | None:
    bands = _tips_bands(known, metric, model, "estimated")
    rows = list(first)
    for gamma, band, interval in bands:
        if gamma > FAR:
            continue
        marks = (Mark(estimate=interval.id, shape="reference"), Mark(estimate=band.id, shape="range"))
        label, value = say("tips.strength", gamma=_gamma(gamma)), number(interval.id, "span", style)
        heading = say("tips.estimated") if len(rows) == len(first) else None
        rows.append(Row(label=label, marks=marks, value=value, heading=heading))
    if len(rows) == len(first):
        return None
    title = say(f"tips.{metric}_title", hundred=fact("hundred", "count"))
    drawn = [known.with_id(mark.estimate) for row in rows for mark in row.marks]
    shapes: tuple[tuple[Shape, str], ...] = (("range", "legend_band"), ("reference", "legend_interval"))
    return Exhibit(
        title=title,
        how=say(f"tips.{metric}_how"),
        panels=(
            Panel(key=f"fig-tips-{metric.split('_')[0]}", title=title, drawing=_drawing(rows, drawn, style, zero)),
        ),
        legend=tuple(LegendItem(shape=shape, words=say(f"tips.{key}")) for shape, key in shapes),
        table=_table(known, metric, model, title, style),
    )


def _drawing(rows: list[Row], drawn: list[Estimate], style: Style, zero: bool) -> Intervals:
    most = None if zero else 1.0
    axis: Axis = axis_for(drawn, style, zero=zero, most=most)
    return Intervals(rows=tuple(rows), axis=axis)


def _table(known: Known, metric: str, model: str, title: Words, style: Style) -> Table:
    """Every strength, for estimated and for recorded chances."""
    rows = [
        (
            say("tips.strength", gamma=_gamma(gamma)),
            say(f"tips.source_{source}"),
            number(band.id, "span", style),
            number(interval.id, "span", style),
        )
        for source in ("estimated", "recorded")
        for gamma, band, interval in _tips_bands(known, metric, model, source)
    ]
    columns = (
        Column(title=say("tips.how_strong")),
        Column(title=say("tips.source")),
        Column(title=say("tips.legend_band"), numeric=True),
        Column(title=say("tips.legend_interval"), numeric=True),
    )
    return Table(name=title, columns=columns, rows=tuple(rows))


def _row(label: Words, estimate: Estimate, shape: Shape, style: Style) -> Row:
    value = number(estimate.id, "full", style)
    return Row(label=label, marks=(Mark(estimate=estimate.id, shape=shape),), value=value, strong=shape == "diamond")


def _gamma(gamma: float) -> Words:
    return fact(f"gamma.{gamma:g}", "number")


def gammas(estimates: Iterable[Estimate]) -> list[float]:
    """The strengths of tips that bands are given for."""
    return sorted({float(at_of(e, "gamma")) for e in estimates if e.method == "tips"})


def _gamma_turns(known: Known, facts: RunFacts) -> Estimate | None:
    """The strength of tips at which the main model's list may be no better than a lot."""
    return known.get(facts.main, "gamma_turns", method="sample", at=f"{at_capacity(facts.capacity)},chance=estimated")


def _tips_bands(known: Known, metric: str, model: str, source: str) -> list[tuple[float, Estimate, Estimate]]:
    """Per strength the band of a figure and the interval around it, where both are there."""
    pairs = [
        (
            float(at_of(e, "gamma")),
            measures.usable(e),
            measures.usable(known.get(model, metric, method="tips_interval", at=e.at)),
        )
        for e in known.all(metric, model=model, method="tips")
        if at_of(e, "chance") == source
    ]
    return [(gamma, band, interval) for gamma, band, interval in pairs if band is not None and interval is not None]


# ---------------------------------------------------------------- a yardstick, and assumptions


def _yardstick(facts: RunFacts, known: Known) -> Table | None:
    """The families that move the choice of visits most."""
    found = sorted(measures.known_only(known.all("gamma_benchmark")), key=lambda e: -(e.value or 0.0))
    if not found:
        return None
    rows = tuple((_family(facts, at_of(e, "family")), number(e.id, "value", "times")) for e in found[:MOST_FAMILIES])
    columns = (Column(title=say("tips.family")), Column(title=say("tips.how_strong"), numeric=True))
    return Table(name=say("tips.yardstick"), columns=columns, rows=rows)


def _family(facts: RunFacts, name: str) -> Words:
    if name in facts.attributes:
        return fact(f"attribute.{name}.label", "title")
    if name in {family_of(feature) for feature in facts.features}:
        return fact(f"family.{name}")
    return say(f"findings.words.kind.{name}")


def _assumed(facts: RunFacts, known: Known) -> Exhibit | None:
    """What is possible, and what is possible if the study's assumption holds."""
    lines: tuple[tuple[str, str, Style], ...] = (
        ("prevalence", "", "per_hundred"),
        ("precision_at_capacity", facts.main, "per_hundred"),
    )
    rows = [row for metric, model, _ in lines for row in _pair(facts, known, metric, model)]
    if not rows:
        return None
    title = say("tips.assumed_title")
    drawn = [known.with_id(mark.estimate) for row in rows for mark in row.marks]
    table_rows = tuple((row.label, row.value or say("page.dash")) for row in rows)
    above = _under_assumption(known, "precision_above_random", facts.main)
    if above is not None:
        words = number(above[1].id, "span", "points")
        table_rows += ((join(say("tips.above"), assumption(above[0]), between=" · "), words),)
    columns = (Column(title=say("tips.figure")), Column(title=say("tips.legend_interval"), numeric=True))
    return Exhibit(
        title=title,
        how=say("tips.assumed_how", hundred=fact("hundred", "count")),
        panels=(Panel(key="fig-assumed", title=title, drawing=_drawing(rows, drawn, "per_hundred", False)),),
        table=Table(name=title, columns=columns, rows=table_rows),
    )


def _pair(facts: RunFacts, known: Known, metric: str, model: str) -> Iterable[Row]:
    found = _under_assumption(known, metric, model)
    at = at_capacity(facts.capacity) if model else ""
    possible, around = (known.get(model, metric, method=m, at=at) for m in ("bounds", "bounds_interval"))
    if found is None or possible is None:
        return
    yield _band(say("tips.possible"), possible, around, heading=say(f"tips.{metric}"))
    yield _band(assumption(found[0]), *found, heading=None)


def _band(label: Words, band: Estimate, interval: Estimate | None, *, heading: Words | None) -> Row:
    around = measures.usable(interval)
    line = (Mark(estimate=around.id, shape="reference"),) if around is not None else ()
    value = number((around or band).id, "span", "per_hundred")
    return Row(label=label, marks=(*line, Mark(estimate=band.id, shape="range")), value=value, heading=heading)


def assumption(estimate: Estimate) -> Words:
    """What an estimate assumes, in words."""
    parts = [
        say(f"tips.if_{name}", value=fact(f"assumed.{name}", "number"), hundred=fact("hundred", "count"))
        if value != 1
        else say(f"tips.if_{name}_one")
        for name, value in assumptions(estimate).items()
    ]
    return join(*parts, between="; ")


def _contradicted(known: Known) -> Words | None:
    """Whether visits by lot contradict what is assumed."""
    found = _under_assumption(known, "prevalence", "")
    lot = measures.usable(known.get("", "prevalence", method="audit"))
    if (
        found is None
        or found[1].high is None
        or found[1].low is None
        or lot is None
        or lot.low is None
        or lot.high is None
    ):
        return None
    apart = lot.low > found[1].high or lot.high < found[1].low
    return say("tips.lot_contradicts" if apart else "tips.lot_agrees")


def _under_assumption(known: Known, metric: str, model: str) -> tuple[Estimate, Estimate] | None:
    """Bounds of a figure under the study's assumption, and the interval around them."""
    band = next((e for e in known.all(metric, model=model, method="assumed")), None)
    interval = band and measures.usable(known.get(model, metric, method="assumed_interval", at=band.at))
    return (band, interval) if band is not None and band.is_known and interval is not None else None


def assumptions(estimate: Estimate) -> dict[str, float]:
    """What an estimate assumes: `if=unvisited_at_most:1` is {"unvisited_at_most": 1.0}."""
    named = (part.partition(":") for part in at_of(estimate, "if").split("+"))
    return {name: float(value) for name, _, value in named}
