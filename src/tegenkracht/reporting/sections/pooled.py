"""Sectors and regions: what each says by itself, what it is when it leans on the others, and what the others foretell of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import attribute_label, group_label
from tegenkracht.reporting.sections.levels import learnt_levels
from tegenkracht.reporting.tree import (
    Block,
    Bullets,
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
from tegenkracht.reporting.wording import Words, fact, number, say
from tegenkracht.reporting.words.numbers import Style

FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit")
TOGETHER = ("common", "spread", "new", "inside", "worth")
DRAWN = 5
"""So many of the largest groups are drawn, and so many of the smallest; the table has all."""
HUNDRED = fact("hundred", "count")


def pooled_section(facts: RunFacts, known: Known) -> Section | None:
    """A figure and tables per attribute; absent when the study did not ask, or there is one group."""
    outside = {
        f"{finding.facts['attribute']}={finding.facts['group']}"
        for finding in facts.findings
        if (finding.code, finding.verdict, finding.facts.get("metric")) == ("TK140", "found", measures.OF_GROUPS[0])
    }
    blocks = [block for attribute in _pooled_by(known) for block in _of_attribute(known, attribute, outside)]
    blocks += [*learnt_levels(facts, known), *_unseen(facts, known)]
    if not blocks:
        return None
    notes = tuple(say(f"pooled.{note}") for note in ("where_visited", "how_far", "left_out", "rate_not_count", "small"))
    return Section(
        key="pooled",
        title=say("pooled.title"),
        answer=say("pooled.answer_outside" if outside else "pooled.answer"),
        blocks=(*blocks, Bullets(items=notes)),
        side=say("pooled.side"),
    )


def _of_attribute(known: Known, attribute: str, outside: Collection[str]) -> list[Block]:
    return [
        *(_exhibit(known, attribute, outside)),
        *(table for metric in measures.OF_GROUPS if (table := _together(known, metric, attribute)) is not None),
    ]


def _exhibit(known: Known, attribute: str, outside: Collection[str]) -> list[Block]:
    """What visits found in each group: alone and leaning; and in a group that was never seen. One that the others do not foretell comes first."""
    metric = measures.OF_GROUPS[0]
    alone = _pooled_groups(known, metric, attribute)
    pooled = _pooled_groups(known, f"{metric}_pooled", attribute)
    leaning = _pooled_groups(known, f"{metric}_leaning", attribute)
    shown = sorted((g for g, e in alone.items() if e.is_known), key=lambda g: (g not in outside, -alone[g].n, g))
    new = measures.usable(_pooled_together(known, f"{metric}_new", attribute, "labelled"))
    if len(shown) < 2 or new is None:
        return []
    drawn = shown if len(shown) <= 2 * DRAWN else [*shown[:DRAWN], *shown[-DRAWN:]]
    rows = [
        row
        for group in drawn
        for row in _pair(alone[group], pooled[group], leaning[group], "attention" if group in outside else "hollow")
    ]
    rows.append(
        Row(
            label=say("pooled.unseen"),
            marks=(Mark(estimate=new.id, shape="reference"),),
            value=number(new.id, "full", "per_hundred_fine"),
        )
    )
    held = [new, *(told[group] for group in drawn for told in (alone, pooled))]
    title = say("pooled.figure", attribute=attribute_label(attribute), hundred=HUNDRED)
    drawing = Intervals(rows=tuple(rows), axis=axis_for(held, "per_hundred", most=1.0))
    return [
        Exhibit(
            title=title,
            how=say("pooled.how"),
            panels=(Panel(key=f"fig-pooled-{attribute}", title=title, drawing=drawing),),
            legend=(
                *(
                    LegendItem(shape="attention", words=say("pooled.outside"))
                    for _ in range(any(group in outside for group in drawn))
                ),
                LegendItem(shape="hollow", words=say("pooled.alone")),
                LegendItem(shape="main", words=say("pooled.pooled")),
                LegendItem(shape="reference", words=say("pooled.unseen")),
            ),
            table=_groups(known, metric, attribute, title, alone),
        )
    ]


def _pair(alone: Estimate, pooled: Estimate, leaning: Estimate, shape: Shape) -> tuple[Row, Row]:
    """A group by itself, and below it the same group as it leans on the others, with how far."""
    return (
        Row(
            label=group_label(alone.group),
            marks=(Mark(estimate=alone.id, shape=shape),),
            note=say("pooled.visits", n=number(alone.id, "n", "count")),
            value=number(alone.id, "full", "per_hundred_fine"),
        ),
        Row(
            label=say("pooled.leans", share=number(leaning.id, "value", "per_hundred"), hundred=HUNDRED),
            marks=(Mark(estimate=pooled.id),),
            value=number(pooled.id, "full", "per_hundred_fine"),
            indent=1,
        ),
    )


def _groups(known: Known, metric: str, attribute: str, title: Words, alone: Mapping[str, Estimate]) -> Table:
    """Every group: alone, leaning, how far, foretold by the others; a group that is too small says so."""
    parts: dict[str, Style] = {"pooled": "per_hundred_fine", "leaning": "per_hundred", "foretold": "per_hundred_fine"}
    told = {part: _pooled_groups(known, f"{metric}_{part}", attribute) for part in (*parts, "foretold_chance")}
    form, everywhere = _all_places(known, metric, attribute)
    rows = []
    for group, own in alone.items():
        if not own.is_known:
            rows.append(
                (group_label(group), measures.reason(own), *(say("page.dash") for _ in range(7 if form else 5)))
            )
            continue
        cells = [
            measures.shown(told[part][group], style) if group in told[part] else say("page.dash")
            for part, style in parts.items()
        ]
        chance = told["foretold_chance"].get(group)
        cells.append(say("page.dash") if chance is None else number(chance.id, "value", "three"))
        if form:
            share = everywhere.get(group)
            cells.append(say("page.dash") if share is None else measures.shown(share, "per_hundred_fine"))
            cells.append(say("page.dash") if share is None else number(share.id, "n", "count"))
        rows.append(
            (
                group_label(group),
                number(own.id, "full", "per_hundred_fine"),
                *cells,
                number(own.id, "n", "count"),
            )
        )
    of_places = (f"all_places_{form}", "places") if form else ()
    heads = ("group", "alone", "pooled", "leaning", "foretold", "chance", *of_places, "visits")
    columns = tuple(Column(title=say(f"pooled.heads.{head}"), numeric=head != "group") for head in heads)
    return Table(name=title, columns=columns, rows=tuple(rows))


def _all_places(known: Known, metric: str, attribute: str) -> tuple[str, Mapping[str, Estimate]]:
    """Of visits weighed by their chance, else by lot, the share of all places of each group; no form and nothing without such visits."""
    for form in ("weighted", "audit"):
        if told := _pooled_groups(known, f"{metric}_all_places", attribute, form):
            return form, told
    return "", {}


def _together(known: Known, metric: str, attribute: str) -> Table | None:
    """What groups have in common, in each form of visits."""
    rows = []
    for form in FORMS:
        told = [_pooled_together(known, f"{metric}_{part}", attribute, form) for part in TOGETHER]
        if measures.known_only(told[:1]):
            rows.append((say(f"pooled.forms.{form}"), *(_cell(e) for e in told)))
    heads = ("form", *TOGETHER)
    columns = tuple(Column(title=say(f"pooled.heads.{head}"), numeric=head != "form") for head in heads)
    name = say(f"pooled.tables.{metric}", attribute=attribute_label(attribute), hundred=HUNDRED)
    return Table(name=name, columns=columns, rows=tuple(rows)) if rows else None


def _cell(estimate: Estimate | None) -> Words:
    if estimate is None:
        return say("page.dash")
    style = measures.style_of(estimate.metric)
    if estimate.is_known and estimate.low is None:
        return number(estimate.id, "value", style)
    return measures.shown(estimate, "per_hundred_fine" if style == "per_hundred" else style)


def _unseen(facts: RunFacts, known: Known) -> list[Block]:
    """How the card's model orders places where it did not learn, per region or sector that was left out, and in a next one."""
    told = known.all("auc_unseen", model=facts.main)
    if not told:
        return []
    rows: list[tuple[Words, ...]] = [
        (group_label(e.group), measures.shown(e, "three"), number(e.id, "n", "count")) for e in told
    ]
    for part in ("common", "new"):
        e = known.get(facts.main, f"auc_unseen_{part}", method="pooled")
        if e is not None:
            rows.append((say(f"pooled.unseen_{part}"), measures.shown(e, "three"), say("page.dash")))
    heads = ("left_out", "auc", "visits")
    columns = tuple(Column(title=say(f"pooled.heads.{head}"), numeric=head != "left_out") for head in heads)
    how = say("pooled.unseen_how")
    return [
        Table(name=say("pooled.unseen_table"), columns=columns, rows=tuple(rows)),
        Paragraph(words=how, css="small"),
    ]


def _pooled_by(known: Known) -> list[str]:
    """Attributes whose groups lean on each other."""
    return [at_of(e, "by") for e in known.all(f"{measures.OF_GROUPS[0]}_common") if at_of(e, "form") == "labelled"]


def _pooled_groups(known: Known, metric: str, attribute: str, form: str = "labelled") -> dict[str, Estimate]:
    """A figure of every group of an attribute in one form of visits, by group."""
    found = [e for e in known.all(metric) if attribute_of(e.group) == attribute and at_of(e, "form") == form]
    return {e.group: e for e in found}


def _pooled_together(known: Known, metric: str, attribute: str, form: str) -> Estimate | None:
    """A figure of all groups of an attribute together in one form of visits."""
    return next((e for e in known.all(metric) if at_of(e, "by") == attribute and at_of(e, "form") == form), None)
