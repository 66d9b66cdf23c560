"""A model that a person can check by hand: its points, and whether it does as well."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts, ScorecardFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Bullets, Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, join, number, say

KINDS = ("scorecard", "additive")
"""Readable models, the easiest first."""


def readable_section(facts: RunFacts, known: Known) -> Section | None:
    """The points as a table, and the paired difference with the card's own model; absent when the study has no readable model."""
    names = [name for kind in KINDS for name, model in facts.models.items() if model.kind == kind]
    if not names:
        return None
    blocks: list[Block] = list(_points(facts.scorecard)) if facts.scorecard else []
    blocks.append(_compared(facts, known, names))
    return Section(
        key="readable",
        title=say("readable.title"),
        answer=_answer(facts, known, names),
        blocks=tuple(blocks),
        side=say("readable.side"),
    )


def _points(card: ScorecardFacts) -> list[Block]:
    if not card.lines:
        return [Paragraph(words=say("readable.empty"))]
    columns = (Column(title=say("readable.fact")), Column(title=say("readable.points"), numeric=True))
    rows = tuple((_line(card, i), fact(f"points.{i}.points", "count")) for i in range(len(card.lines)))
    totals = (Column(title=say("readable.total")), Column(title=say("readable.chance"), numeric=True))
    chances = tuple((fact(f"points.total.{t}", "count"), fact(f"points.chance.{t}", "number")) for t in card.chances)
    return [
        Table(name=say("readable.table"), columns=columns, rows=rows),
        Bullets(items=(say("readable.how"), say("readable.missing"), say("readable.no_verdict"))),
        Table(name=say("readable.chances"), columns=totals, rows=chances),
    ]


def _line(card: ScorecardFacts, i: int) -> Words:
    line = card.lines[i]
    limit = say(f"readable.{line.side}", limit=fact(f"points.{i}.limit", "number"))
    return join(fact(f"feature.{line.feature}.label", "title"), limit, between=": ")


def _compared(facts: RunFacts, known: Known, names: list[str]) -> Table:
    heads = ("model", "list", "difference")
    columns = tuple(Column(title=say(f"readable.{head}"), numeric=head != "model") for head in heads)
    rows: list[tuple[Words, ...]] = [
        (
            fact(f"model.{facts.main}.label"),
            measures.shown(measures.precision(known, facts, facts.main, "labelled")),
            say("page.dash"),
        )
    ]
    for name in names:
        gap = measures.difference(facts, known, name, days=False)
        own = measures.precision(known, facts, name, "labelled")
        rows.append((fact(f"model.{name}.label"), measures.shown(own), measures.shown(gap)))
    return Table(name=say("readable.compared"), columns=columns, rows=tuple(rows))


def _answer(facts: RunFacts, known: Known, names: list[str]) -> Words:
    """The easiest model that was not shown to do worse."""
    gaps = {name: measures.difference(facts, known, name, days=False) for name in names if name != facts.main}
    for name, gap in gaps.items():
        if gap is not None and measures.verdict_of(gap) != "yes":
            return say(
                "readable.answer_prefer", model=fact(f"model.{name}.label"), gap=number(gap.id, "full", "points")
            )
    if facts.main in names:
        return say("readable.answer_self")
    return say("readable.answer_worse" if any(gaps.values()) else "readable.answer_none")
