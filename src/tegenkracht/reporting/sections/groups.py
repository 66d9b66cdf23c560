"""By group: who is on the list, who was inspected, and where a look was more often for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import SMALLEST, GapVerdict, at_of_rates
from tegenkracht.evaluation.gaps import leading_gaps
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.audit import (
    all_gaps,
    audit_notes,
    counted,
    crossings_part,
    gap_table,
    gap_verdict,
    limits_part,
    more_tables,
    other_gaps,
    reference_group,
    told_attributes,
)
from tegenkracht.reporting.sections.data import attribute_label, group_label
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

GROUP_LEVELS = (
    *("inspected_share", "finding_rate", "selection_rate", "precision_at_capacity", "false_positive_rate"),
    *("false_negative_rate", "mean_score"),
)
GAP_FIGURES = ("selection_rate", "inspected_share", "false_positive_rate")
"""The three whose gaps are drawn: who is on the list more often, who is inspected, who is looked at for nothing."""


def groups_section(facts: RunFacts, known: Known) -> Section | None:
    """One figure per question, with every group in place, also those that are too small to show."""
    if not facts.attributes:
        return None
    exhibits = [exhibit for figure in GAP_FIGURES if (exhibit := _exhibit(facts, known, figure)) is not None]
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
        *audit_notes(facts),
        *limits_part(facts, known),
        *_levels(facts, known),
        *other_gaps(facts, known, drawn=GAP_FIGURES),
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
    """What the whole section shows: how many gaps were shown and of what kind, and the group whose part of the list is not its part of all places."""
    if "not_met" in facts.limit_verdicts.values():
        return say("groups.answer_limit")
    judged = [(gap, verdict) for gap in all_gaps(facts) if (verdict := gap_verdict(facts, known, gap))]
    kinds = dict.fromkeys(gap.metric.removesuffix("_gap") for gap, verdict in judged if verdict == "shown")
    part = _part_of_list(facts)
    asked: dict[str, Words] = {}
    if kinds:
        asked["shown"] = fact("groups.shown", "count")
        asked["kinds"] = join(*(say(f"findings.words.metric.{kind}") for kind in kinds), between=", ")
    if part is not None:
        asked |= {"group": group_label(part.group), "ratio": number(part.id, "full", "two")}
    if not judged:
        return say("groups.answer_none" if part is None else "groups.answer_part_alone", **asked)
    said = "answer" if kinds else "answer_not_shown"
    return say(f"groups.{said}" if part is None else f"groups.{said}_part", looked_at=_LOOKED_AT, **asked)


_LOOKED_AT = fact("groups.looked_at", "count")


def _part_of_list(facts: RunFacts) -> Estimate | None:
    """The ratio that TK217 found: a group's part of the list over its part of all places."""
    told = [f for f in facts.findings if (f.code, f.model, f.verdict) == ("TK217", facts.main, "found")]
    found = {ratio for f in told for ratio in f.estimates[:1]}
    return next((e for e in facts.estimates if e.id in found), None)


def _exhibit(facts: RunFacts, known: Known, figure: str) -> Exhibit | None:
    """Gaps of every attribute to its largest group, in the form that leads, with what could be seen and a verdict."""
    names = told_attributes(facts)
    gaps = [e for name in names for e in leading_gaps(facts.estimates, metric=figure, attribute=name)]
    if not measures.known_only(gaps):
        return None
    metric = f"{figure}_gap"
    title = say(f"groups.metrics.{metric}.title")
    name = metric.replace("_", "-")
    held = measures.known_only([*gaps, *_bands(known, gaps)])
    forms = {e.method for e in measures.known_only(gaps)}
    how = "how" if "weighted" not in forms else "how_weighed" if len(forms) == 1 else "how_mixed"
    drawing = Intervals(rows=_rows(facts, known, gaps), axis=axis_for(held, measures.style_of(metric), zero=True))
    return Exhibit(
        title=title,
        how=say(f"groups.metrics.{metric}.{how}", hundred=fact("hundred", "count")),
        panels=(Panel(key=f"fig-group-{name}", title=title, drawing=drawing),),
        legend=_legend(facts),
        table=gap_table(facts, known, title, gaps),
    )


def _bands(known: Known, gaps: Sequence[Estimate]) -> list[Estimate]:
    """Ends of bands, up and down, that are not much further than what was found: others run off the axis."""
    reach = max((abs(end) for gap in gaps for end in (gap.low, gap.high) if end is not None), default=0.0)
    ends = [(mark, known.with_id(mark.estimate)) for gap in gaps if gap.is_known for mark in _band(known, gap)]
    known_ends = [(e, e.value if mark.shape == "band_up" else -e.value) for mark, e in ends if e.value is not None]
    return [replace(e, value=end, low=None, high=None) for e, end in known_ends if abs(end) <= 2 * reach]


def _band(known: Known, gap: Estimate) -> list[Mark]:
    """What these data would often miss: up to the smallest gap that they could show, and down to it.

    Where no gap downwards could be shown, as far down as the rate of the reference group reaches: no gap can lie lower.
    """
    up, down = (known.find(gap, part) for part in SMALLEST)
    if down is not None and not down.is_known:
        down = _rate_of_reference(known, gap) or down
    shapes: tuple[Shape, Shape] = ("band_up", "band_down")
    return [Mark(estimate=e.id, shape=shape) for e, shape in zip((up, down), shapes, strict=True) if e is not None]


def _rate_of_reference(known: Known, gap: Estimate) -> Estimate | None:
    """The rate that a gap is measured from, as it was counted."""
    rates = known.all(
        gap.metric.removesuffix("_gap"),
        model=gap.model,
        group=reference_group(gap),
        at=at_of_rates(gap.at),
        split="all",
    )
    wanted = ("weighted",) if gap.method == "weighted" else ("sample", "labelled")
    return next((rate for rate in rates if rate.method in wanted and rate.value is not None), None)


def _rows(facts: RunFacts, known: Known, gaps: Sequence[Estimate]) -> tuple[Row, ...]:
    rows, previous = [], ""
    for gap in gaps:
        attribute = attribute_of(gap.group)
        heading = _heading(gap) if attribute != previous else None
        previous = attribute
        if not gap.is_known:
            rows.append(Row(label=group_label(gap.group), heading=heading, missing=measures.reason(gap)))
            continue
        shape = _SHAPES[gap_verdict(facts, known, gap)]
        rows.append(
            Row(
                label=group_label(gap.group),
                heading=heading,
                marks=(*_band(known, gap), Mark(estimate=gap.id, shape=shape)),
                note=counted(gap),
                value=number(gap.id, "full", measures.style_of(gap.metric)),
                strong=shape == "attention",
            )
        )
    return tuple(rows)


def _heading(gap: Estimate) -> Words:
    """The attribute, and the group that others are compared with."""
    versus = say("groups.versus", group=group_label(reference_group(gap)))
    return join(attribute_label(attribute_of(gap.group)), versus, between=", ")


_SHAPES: dict[GapVerdict | None, Shape] = {
    "shown": "attention",
    "none_that_matters": "main",
    "not_enough": "hollow",
    "not_shown": "hollow",
    None: "hollow",
}


def _legend(facts: RunFacts) -> tuple[LegendItem, ...]:
    found = LegendItem(shape="attention", words=say("groups.found"))
    if facts.smallest_gap is None:
        rest = [LegendItem(shape="hollow", words=say("groups.not_shown"))]
    else:
        rest = [
            LegendItem(
                shape="main", words=say("groups.gap.none_that_matters", matters=fact("groups.matters", "number"))
            ),
            LegendItem(shape="hollow", words=say("groups.gap.not_enough")),
        ]
    return (found, *rest, LegendItem(shape="band_up", words=say("groups.gap.band")))


def _levels(facts: RunFacts, known: Known) -> list[Table]:
    """Every measure of every group, a table per attribute, and its mean score over all lines; a cell that is too small says so."""
    cells = {
        metric: {e.group: e for e in _of_groups(facts, known, metric) if metric != "mean_score" or e.method == "sample"}
        for metric in GROUP_LEVELS
    }
    tables = []
    for attribute in told_attributes(facts):
        groups = list(dict.fromkeys(g for found in cells.values() for g in found if attribute_of(g) == attribute))
        used = [metric for metric in GROUP_LEVELS if any(group in cells[metric] for group in groups)]
        rows = tuple(
            (group_label(group), *(measures.shown(cells[metric].get(group)) for metric in used)) for group in groups
        )
        columns = (
            Column(title=say("groups.group")),
            *(Column(title=say(f"groups.levels.{metric}"), numeric=True) for metric in used),
        )
        name = say("groups.all", attribute=attribute_label(attribute), hundred=fact("hundred", "count"))
        if rows:
            tables.append(Table(name=name, columns=columns, rows=rows))
    return tables


def _of_groups(facts: RunFacts, known: Known, metric: str) -> list[Estimate]:
    """A metric per group of every attribute: of the main model, or of the data."""
    chosen = [
        e
        for model in ("", facts.main)
        for e in known.all(metric, model=model, split="all")
        if e.method in ("labelled", "sample") and at_of(e, "capacity") in ("", str(facts.capacity))
    ]
    return [e for attribute in told_attributes(facts) for e in chosen if attribute_of(e.group) == attribute]
