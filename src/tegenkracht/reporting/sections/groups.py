"""By group: who is on the list, who was inspected, and where a look was more often for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.core.gap import GapVerdict
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.audit import (
    audit_notes,
    crossings_part,
    gap_table,
    gap_verdict,
    limits_part,
    more_tables,
    of_audit,
    reference_group,
)
from tegenkracht.reporting.sections.conditions import at_of
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.places import places_part
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

GROUP_LEVELS = (
    *("inspected_share", "finding_rate", "selection_rate", "precision_at_capacity", "false_positive_rate"),
    "false_negative_rate",
)
GROUP_FIGURES = ("selection_rate_gap", "inspected_share", "false_positive_rate_gap")
"""The three that are drawn: who is on the list more often, who is inspected, who is looked at for nothing."""


def groups_section(facts: RunFacts, known: Known) -> Section | None:
    """One figure per question, with every group in place, also those that are too small to show."""
    if not facts.attributes:
        return None
    exhibits = [exhibit for metric in GROUP_FIGURES if (exhibit := _exhibit(facts, known, metric)) is not None]
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
    blocks: tuple[Block, ...] = (
        *exhibits,
        *audit_notes(facts, known),
        *limits_part(facts, known),
        *_levels(facts, known),
        *more_tables(facts, known),
        *crossings_part(facts, known),
        *places_part(facts, known),
        *definitions,
    )
    return Section(
        key="groups",
        title=say("groups.title"),
        answer=_answer(facts, known),
        blocks=blocks,
        side=say("groups.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    if "not_met" in facts.limit_verdicts.values():
        return say("groups.answer_limit")
    gaps = measures.known_only(_of_groups(facts, known, "selection_rate_gap"))
    if not gaps:
        return say("groups.answer_none")
    return say("groups.answer" if any(verdict_of(gap) != "not_shown" for gap in gaps) else "groups.answer_not_shown")


def _exhibit(facts: RunFacts, known: Known, metric: str) -> Exhibit | None:
    """Levels as counted; gaps with what could be seen and a verdict, where they were looked at so."""
    apart = _apart(facts, known, metric) if measures.is_gap(metric) else []
    chosen = apart or _of_groups(facts, known, metric)
    if not measures.known_only(chosen):
        return None
    gap = measures.is_gap(metric)
    rows = _rows(facts, known, chosen, measures.style_of(metric), gap=gap)
    title = say(f"groups.metrics.{metric}.title")
    name = metric.replace("_", "-")
    held = measures.known_only([*chosen, *_bands(known, apart)])
    axis = axis_for(held, measures.style_of(metric), zero=gap, most=None if gap else 1.0)
    return Exhibit(
        title=title,
        how=say(f"groups.metrics.{metric}.how", hundred=fact("hundred", "count")),
        panels=(Panel(key=f"fig-group-{name}", title=title, drawing=Intervals(rows=rows, axis=axis)),),
        legend=_legend(facts, judged=bool(apart)) if gap else (),
        table=gap_table(facts, known, title, apart) if apart else _table(title, chosen, rows),
    )


def _apart(facts: RunFacts, known: Known, metric: str) -> list[Estimate]:
    """Gaps of every attribute to its largest group."""
    return [e for attribute in facts.attributes for e in of_audit(known, metric, attribute)]


def _bands(known: Known, gaps: Sequence[Estimate]) -> list[Estimate]:
    """Smallest visible gaps that are not much wider than what was found: wider ones run off the axis."""
    reach = max((abs(end) for gap in gaps for end in (gap.low, gap.high) if end is not None), default=0.0)
    bands = [known.find(gap, "smallest_gap") for gap in gaps]
    mirrored = [(e.value, e) for e in bands if e is not None and e.value is not None]
    return [replace(e, low=-value, high=value) for value, e in mirrored if value <= 2 * reach]


def _rows(facts: RunFacts, known: Known, estimates: Sequence[Estimate], style: Style, *, gap: bool) -> tuple[Row, ...]:
    rows, previous = [], ""
    for estimate in estimates:
        attribute = estimate.group.partition("=")[0]
        heading = _heading(estimate) if attribute != previous else None
        previous = attribute
        if not estimate.is_known:
            rows.append(Row(label=group_label(estimate.group), heading=heading, missing=measures.reason(estimate)))
            continue
        shape: Shape = (
            _gap_shape(facts, known, estimate) if gap else "reference" if estimate.method != "labelled" else "hollow"
        )
        band = measures.usable(known.find(estimate, "smallest_gap")) if estimate.method == "apart" else None
        marks = [Mark(estimate=band.id, shape="band")] if band is not None else []
        rows.append(
            Row(
                label=group_label(estimate.group),
                heading=heading,
                marks=(*marks, Mark(estimate=estimate.id, shape=shape)),
                note=say("groups.n", n=number(estimate.id, "n", "count")),
                value=number(estimate.id, "full", style),
                strong=shape == "attention",
            )
        )
    return tuple(rows)


def _heading(estimate: Estimate) -> Words:
    """The attribute, and for a gap the group that others are compared with."""
    label = fact(f"attribute.{estimate.group.partition('=')[0]}.label", "title")
    reference = reference_group(estimate)
    return join(label, say("groups.versus", group=group_label(reference)), between=", ") if reference else label


_SHAPES: dict[GapVerdict, Shape] = {
    "shown": "attention",
    "none_that_matters": "main",
    "not_enough": "hollow",
    "not_shown": "hollow",
}


def _gap_shape(facts: RunFacts, known: Known, gap: Estimate) -> Shape:
    if gap.method == "apart":
        return _SHAPES[gap_verdict(facts, known, gap) or "not_shown"]
    return "hollow" if verdict_of(gap) == "not_shown" else "attention"


def _legend(facts: RunFacts, *, judged: bool) -> tuple[LegendItem, ...]:
    found = LegendItem(shape="attention", words=say("groups.found"))
    if not judged:
        return (found, LegendItem(shape="hollow", words=say("groups.not_shown")))
    if facts.smallest_gap is None:
        rest = [LegendItem(shape="hollow", words=say("groups.not_shown"))]
    else:
        rest = [
            LegendItem(
                shape="main", words=say("groups.gap.none_that_matters", matters=fact("groups.matters", "number"))
            ),
            LegendItem(shape="hollow", words=say("groups.gap.not_enough")),
        ]
    return (found, *rest, LegendItem(shape="band", words=say("groups.gap.band")))


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
    cells = {metric: {e.group: e for e in _of_groups(facts, known, metric)} for metric in GROUP_LEVELS}
    tables = []
    for attribute in facts.attributes:
        groups = list(dict.fromkeys(g for found in cells.values() for g in found if g.startswith(f"{attribute}=")))
        used = [metric for metric in GROUP_LEVELS if any(group in cells[metric] for group in groups)]
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


def _of_groups(facts: RunFacts, known: Known, metric: str) -> list[Estimate]:
    """A metric per group of every audit attribute: of the main model, or of the data."""
    chosen = [
        e
        for model in ("", facts.main)
        for e in known.all(metric, model=model, split="all")
        if e.method in ("labelled", "sample", "count") and at_of(e, "capacity") in ("", str(facts.capacity))
    ]
    return [e for attribute in facts.attributes for e in chosen if e.group.startswith(f"{attribute}=")]
