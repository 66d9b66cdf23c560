"""By group: who is on the list, who was inspected, and where a look was more often for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.estimate import Estimate
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
)
from tegenkracht.reporting.wording import Words, fact, join, number, say
from tegenkracht.reporting.words.numbers import Style


def groups_section(facts: RunFacts, known: Known) -> Section | None:
    """One figure per question, with every group in place, also those that are too small to show."""
    if not facts.attributes:
        return None
    exhibits = [exhibit for metric in measures.GROUP_FIGURES if (exhibit := _exhibit(facts, known, metric)) is not None]
    definitions = tuple(
        Paragraph(
            words=say(
                "groups.definition",
                label=fact(f"attribute.{a}.label", "title"),
                definition=fact(f"attribute.{a}.definition"),
            ),
            css="small",
        )
        for a in facts.attributes
    )
    blocks: tuple[Block, ...] = (*exhibits, *_levels(facts, known), *definitions)
    return Section(
        key="groups",
        title=say("groups.title"),
        answer=_answer(facts, known),
        blocks=blocks,
        side=say("groups.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    gaps = measures.known_only(measures.of_groups(facts, known, "selection_rate_gap"))
    if not gaps:
        return say("groups.answer_none")
    return say(
        "groups.answer" if any(measures.verdict_of(gap) != "not_shown" for gap in gaps) else "groups.answer_not_shown"
    )


def _exhibit(facts: RunFacts, known: Known, metric: str) -> Exhibit | None:
    chosen = measures.of_groups(facts, known, metric)
    if not measures.known_only(chosen):
        return None
    gap = measures.is_gap(metric)
    rows = _rows(chosen, measures.style_of(metric), gap=gap)
    title = say(f"groups.metrics.{metric}.title")
    name = metric.replace("_", "-")
    axis = axis_for(measures.known_only(chosen), measures.style_of(metric), zero=gap, most=None if gap else 1.0)
    return Exhibit(
        title=title,
        how=say(f"groups.metrics.{metric}.how", hundred=fact("hundred", "count")),
        panels=(Panel(key=f"fig-group-{name}", title=title, drawing=Intervals(rows=rows, axis=axis)),),
        legend=_legend() if gap else (),
        table=_table(title, chosen, rows),
    )


def _rows(estimates: Sequence[Estimate], style: Style, *, gap: bool) -> tuple[Row, ...]:
    rows, previous = [], ""
    for estimate in estimates:
        attribute = estimate.group.partition("=")[0]
        heading = _heading(estimate) if attribute != previous else None
        previous = attribute
        if not estimate.is_known:
            rows.append(Row(label=group_label(estimate.group), heading=heading, missing=measures.reason(estimate)))
            continue
        shape: Shape = _gap_shape(estimate) if gap else "reference" if estimate.method != "labelled" else "hollow"
        rows.append(
            Row(
                label=group_label(estimate.group),
                heading=heading,
                marks=(Mark(estimate=estimate.id, shape=shape),),
                note=say("groups.n", n=number(estimate.id, "n", "count")),
                value=number(estimate.id, "full", style),
                strong=shape == "attention",
            )
        )
    return tuple(rows)


def _heading(estimate: Estimate) -> Words:
    """The attribute, and for a gap the group that others are compared with."""
    label = fact(f"attribute.{estimate.group.partition('=')[0]}.label", "title")
    reference = measures.reference_group(estimate)
    return join(label, say("groups.versus", group=group_label(reference)), between=", ") if reference else label


def _gap_shape(estimate: Estimate) -> Shape:
    return "hollow" if measures.verdict_of(estimate) == "not_shown" else "attention"


def _legend() -> tuple[LegendItem, ...]:
    return (
        LegendItem(shape="attention", words=say("groups.found")),
        LegendItem(shape="hollow", words=say("groups.not_shown")),
    )


def _table(title: Words, estimates: Sequence[Estimate], rows: Sequence[Row]) -> Table:
    cells = tuple(
        (
            row.label,
            fact(f"attribute.{e.group.partition('=')[0]}.label", "title"),
            row.value or row.missing or say("page.not_measured"),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for row, e in zip(rows, estimates, strict=True)
    )
    columns = (
        Column(title=say("groups.group")),
        Column(title=say("groups.attribute")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say("groups.rows"), numeric=True),
    )
    return Table(name=title, columns=columns, rows=cells)


def _levels(facts: RunFacts, known: Known) -> list[Table]:
    """Every measure of every group, a table per attribute; a cell that is too small says so."""
    cells = {metric: {e.group: e for e in measures.of_groups(facts, known, metric)} for metric in measures.GROUP_LEVELS}
    tables = []
    for attribute in facts.attributes:
        groups = list(dict.fromkeys(g for found in cells.values() for g in found if g.startswith(f"{attribute}=")))
        used = [metric for metric in measures.GROUP_LEVELS if any(group in cells[metric] for group in groups)]
        rows = tuple(
            (group_label(group), *(measures.shown(cells[metric].get(group)) for metric in used)) for group in groups
        )
        columns = (
            Column(title=say("groups.group")),
            *(Column(title=say(f"groups.levels.{metric}"), numeric=True) for metric in used),
        )
        name = say(
            "groups.all", attribute=fact(f"attribute.{attribute}.label", "title"), hundred=fact("hundred", "count")
        )
        if rows:
            tables.append(Table(name=name, columns=columns, rows=rows))
    return tables
