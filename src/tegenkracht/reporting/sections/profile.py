"""A resilience profile: on which sides areas or public bodies differ, and what each side is worth."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import (
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
    Verdict,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say

PER_SIDE = ("profile_known", "profile_contrast", "profile_stability")


def profile_section(facts: RunFacts, known: Known) -> Section | None:
    """Which signs stand on which side, whether a side goes with findings and stays, and whom it follows."""
    if not facts.sides:
        return None
    blocks: list[Block] = [Paragraph(words=say("profile.how_read", hundred=fact("hundred", "count"))), _sides(facts)]
    blocks += [
        block
        for block in (contrast_exhibit(facts, known, key="fig-profile"), _worth(facts, known))
        if block is not None
    ]
    blocks += [gaps for attribute in facts.attributes if (gaps := _gaps(facts, known, attribute)) is not None]
    blocks.append(Paragraph(words=say("profile.no_order"), css="note"))
    return Section(
        key="profile",
        title=say("profile.title"),
        answer=answer(facts, known),
        blocks=tuple(blocks),
        side=say("profile.side"),
    )


def answer(facts: RunFacts, known: Known) -> Words:
    """How many sides there are, and which of them were shown to go with findings."""
    shown = [side for side in facts.sides if _goes_with(contrast_of(known, side))]
    count = fact("sides.count", "count")
    if not shown:
        return say("profile.answer_none", sides=count)
    names = join(*(fact(f"side.{side}.label") for side in shown), between="; ")
    return say("profile.answer", sides=count, names=names)


def contrast_of(known: Known, side: str) -> Estimate | None:
    """How much higher visited units with a finding stand than those without."""
    return known.get("", "profile_contrast", method="labelled", at=f"side={side}")


def _goes_with(contrast: Estimate | None) -> bool:
    return contrast is not None and contrast.low is not None and contrast.low > 0


def contrast_exhibit(facts: RunFacts, known: Known, *, key: str) -> Exhibit | None:
    """Per side: the mean position where something was found, minus where nothing was found."""
    found = {side: contrast_of(known, side) for side in facts.sides}
    shown = measures.known_only(found.values())
    if not shown:
        return None
    rows = tuple(_contrast_row(side, estimate) for side, estimate in found.items())
    title = say("profile.contrast_title")
    axis = axis_for(shown, "points", zero=True)
    return Exhibit(
        title=title,
        how=say("profile.contrast_how", hundred=fact("hundred", "count")),
        panels=(Panel(key=key, title=title, drawing=Intervals(rows=rows, axis=axis)),),
        legend=(LegendItem(shape="hollow", words=say("profile.legend_seen")),),
        table=_contrast_table(title, rows),
    )


def _contrast_row(side: str, estimate: Estimate | None) -> Row:
    label = fact(f"side.{side}.label", "title")
    if estimate is None or not estimate.is_known:
        return Row(label=label, missing=measures.shown(estimate))
    note = say("groups.n", n=number(estimate.id, "n", "count"))
    mark = Mark(estimate=estimate.id, shape="hollow")
    return Row(label=label, marks=(mark,), note=note, value=number(estimate.id, "full", "points"))


def _contrast_table(title: Words, rows: tuple[Row, ...]) -> Table:
    cells = tuple(
        (row.label, row.value or row.missing or say("page.not_measured"), row.note or say("page.dash")) for row in rows
    )
    columns = (
        Column(title=say("profile.dimension")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say("ways.note")),
    )
    return Table(name=title, columns=columns, rows=cells)


def verdicts(facts: RunFacts, known: Known) -> tuple[Verdict, ...]:
    """Per side with a number: does it go with findings? The widest first, at most three."""
    found = {side: contrast_of(known, side) for side in facts.sides}
    with_number = {side: e for side, e in found.items() if e is not None and e.value is not None}
    chosen = sorted(with_number, key=lambda side: -abs(with_number[side].value or 0.0))[:3]
    return tuple(
        Verdict(
            title=say(f"profile.verdicts.{verdict_of(with_number[side])}", name=fact(f"side.{side}.label", "title")),
            words=say(
                "verdicts.hundred",
                value=number(with_number[side].id, "value", "points_whole"),
                span=number(with_number[side].id, "span", "points_whole"),
                hundred=fact("hundred", "count"),
            ),
        )
        for side in chosen
    )


def _sides(facts: RunFacts) -> Table:
    """What each side is, and which signs are read on it."""
    rows = tuple(
        (
            fact(f"side.{name}.label", "title"),
            fact(f"side.{name}.definition"),
            join(*(fact(f"family.{family}") for family in side.families), between="; "),
        )
        for name, side in facts.sides.items()
    )
    heads = ("dimension", "means", "signs")
    return Table(
        name=say("profile.sides_title"),
        columns=tuple(Column(title=say(f"profile.{head}")) for head in heads),
        rows=rows,
    )


def _worth(facts: RunFacts, known: Known) -> Table:
    """Per side: how much is known, whether it goes with findings, whether it stays."""
    rows = tuple(
        (fact(f"side.{side}.label", "title"), *(measures.shown(_per_side(known, metric, side)) for metric in PER_SIDE))
        for side in facts.sides
    )
    columns = (
        Column(title=say("profile.dimension")),
        *(Column(title=say(f"metrics.{metric}"), numeric=True) for metric in PER_SIDE),
    )
    return Table(name=say("profile.worth_title"), columns=columns, rows=rows)


def _per_side(known: Known, metric: str, side: str) -> Estimate | None:
    forms = (known.get("", metric, method=method, at=f"side={side}") for method in ("labelled", "sample"))
    return next((estimate for estimate in forms if estimate is not None), None)


def _gaps(facts: RunFacts, known: Known, attribute: str) -> Exhibit | None:
    """Does a side follow this attribute? Mean position of a group minus all others, per side."""
    chosen = [e for e in known.all("profile_gap") if attribute_of(e.group) == attribute]
    if not measures.known_only(chosen):
        return None
    rows: list[Row] = []
    for side in facts.sides:
        heading: Words | None = fact(f"side.{side}.label", "title")
        for estimate in (e for e in chosen if e.at == f"side={side}"):
            rows.append(_gap_row(estimate, heading))
            heading = None
    title = say("profile.gap_title", attribute=fact(f"attribute.{attribute}.label"))
    return Exhibit(
        title=title,
        how=say("profile.gap_how", hundred=fact("hundred", "count")),
        panels=(
            Panel(
                key=f"fig-profile-{attribute.replace('_', '-')}",
                title=title,
                drawing=Intervals(rows=tuple(rows), axis=axis_for(measures.known_only(chosen), "points", zero=True)),
            ),
        ),
        legend=(
            LegendItem(shape="attention", words=say("groups.found")),
            LegendItem(shape="hollow", words=say("groups.not_shown")),
        ),
        table=_gap_table(title, chosen),
    )


def _gap_row(estimate: Estimate, heading: Words | None) -> Row:
    label = group_label(estimate.group)
    if not estimate.is_known:
        return Row(label=label, heading=heading, missing=measures.reason(estimate))
    shape: Shape = "hollow" if verdict_of(estimate) == "not_shown" else "attention"
    return Row(
        label=label,
        heading=heading,
        marks=(Mark(estimate=estimate.id, shape=shape),),
        note=say("groups.n", n=number(estimate.id, "n", "count")),
        value=number(estimate.id, "full", "points"),
        strong=shape == "attention",
    )


def _gap_table(title: Words, estimates: list[Estimate]) -> Table:
    rows = tuple(
        (fact(f"side.{at_of(e, 'side')}.label", "title"), group_label(e.group), measures.shown(e)) for e in estimates
    )
    columns = (
        Column(title=say("profile.dimension")),
        Column(title=say("groups.group")),
        Column(title=say("results.value"), numeric=True),
    )
    return Table(name=title, columns=columns, rows=rows)
