"""A model that a person can check by hand: its points, and whether it does as well."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.facts import Known, RunFacts, ScorecardFacts
from tegenkracht.reporting.sections import comparisons, measures, the_list
from tegenkracht.reporting.tree import Block, Bullets, Column, Paragraph, Section, Table
from tegenkracht.reporting.units import told_in, unit_of_one
from tegenkracht.reporting.wording import Words, fact, join, number, say

KINDS = ("scorecard", "additive")
"""Readable models, the easiest first."""
TREES = "lightgbm"
"""The kind of model against which what a readable one costs is told, whatever model the card is about."""


def readable_section(facts: RunFacts, known: Known) -> Section | None:
    """The points as a table, and the paired difference with the card's own model; absent when the study has no readable model."""
    names = [name for kind in KINDS for name, model in facts.models.items() if model.kind == kind]
    if not names:
        return None
    blocks: list[Block] = list(_points(facts, facts.scorecard, known)) if facts.scorecard else []
    blocks.append(_compared(facts, known, names))
    return Section(
        key="readable",
        title=say("readable.title"),
        answer=_answer(facts, known, names),
        blocks=tuple(blocks),
        side=say("readable.side"),
    )


def _points(facts: RunFacts, card: ScorecardFacts, known: Known) -> list[Block]:
    if not card.lines:
        return [Paragraph(words=say("readable.empty"))]
    columns = (Column(title=say("readable.fact")), Column(title=say("readable.points"), numeric=True))
    rows = tuple((_line(facts, card, i), fact(f"points.{i}.points", "count")) for i in range(len(card.lines)))
    lines = Table(name=say("readable.table"), columns=columns, rows=rows)
    how = Bullets(items=(say("readable.how"), say("readable.missing"), say("readable.no_verdict")))
    return [lines, how, *_totals(card, known)]


def _totals(card: ScorecardFacts, known: Known) -> list[Block]:
    """What visits found per total beside what the card expects; no table when nobody was visited in the last period."""
    found, expected = (
        {e.at: e for e in known.all(metric, model=card.model)} for metric in ("found_at_total", "expected_at_total")
    )
    rows = tuple(
        (
            _band(low, high),
            measures.shown(found[at], "per_hundred_fine"),
            number(expected[at].id, "value", "per_hundred_fine"),
            number(found[at].id, "n", "count"),
        )
        for low, high in card.bands
        if (at := f"total={low}-{high}") in found and at in expected
    )
    if not rows:
        return []
    heads = ("total", "found", "chance", "visited")
    columns = tuple(Column(title=say(f"readable.{head}"), numeric=head != "total") for head in heads)
    name = say("readable.chances", hundred=fact("hundred", "count"))
    note = Paragraph(words=join(say("readable.chance_exact"), say("readable.only_visited"), between=" "), css="small")
    return [Table(name=name, columns=columns, rows=rows), note]


def _band(low: int, high: int) -> Words:
    if low == high:
        return fact(f"points.total.{low}", "count")
    return join(fact(f"points.total.{low}", "count"), fact(f"points.total.{high}", "count"), between="–")


def _line(facts: RunFacts, card: ScorecardFacts, i: int) -> Words:
    """A column and its limit, in the unit of the column; of a column that is yes or no the answer alone."""
    line = card.lines[i]
    measure = facts.measures.get(line.feature)
    unit = unit_of_one(measure, line.limit)
    limit = told_in(unit, fact(f"points.{i}.limit", "number"), yes=line.side == "at_least")
    if measure != "yes_no":
        limit = say(f"readable.{line.side}", limit=limit)
    return join(fact(f"feature.{line.feature}.label", "title"), limit, between=": ")


def _compared(facts: RunFacts, known: Known, names: list[str]) -> Table:
    """What each list finds, and how much more than a readable one the card's model and trees find, in the form that the card leads with."""
    trees, of_trees = _trees(facts, known, names)
    others = [*([trees] if of_trees else []), *names]
    gaps = {name: comparisons.difference(facts, known, name, days=False) for name in others}
    weighed = any(gap is not None and gap.method == "weighted" for gap in gaps.values())
    form = "weighted" if weighed else "labelled"
    heads = [say("readable.model"), say("readable.list"), say("readable.difference")]
    heads += [say("readable.difference_trees", trees=fact(f"model.{trees}.label"))] if of_trees else []
    rows: list[tuple[Words, ...]] = []
    for name in dict.fromkeys((facts.main, *others)):
        gap = measures.shown(gaps[name]) if name in gaps and name != facts.main else say("page.dash")
        cells = [fact(f"model.{name}.label"), measures.shown(the_list.precision(known, facts, name, form)), gap]
        if of_trees:
            cells.append(measures.shown(of_trees[name]) if name in of_trees else say("page.dash"))
        rows.append(tuple(cells))
    title = "readable.compared_weighed" if weighed else "readable.compared"
    columns = tuple(Column(title=head, numeric=i > 0) for i, head in enumerate(heads))
    return Table(name=say(title), columns=columns, rows=tuple(rows))


def _trees(facts: RunFacts, known: Known, names: list[str]) -> tuple[str, dict[str, Estimate]]:
    """The LightGBM model that readable models were compared with besides, and what it finds more than each; nothing where the card is about it."""
    if facts.models[facts.main].kind == TREES:
        return "", {}
    for trees in (name for name, model in facts.models.items() if model.kind == TREES):
        told = {name: comparisons.between(facts, known, trees, name) for name in names}
        if found := {name: gap for name, gap in told.items() if gap is not None}:
            return trees, found
    return "", {}


def _answer(facts: RunFacts, known: Known, names: list[str]) -> Words:
    """The easiest model that was not shown to do worse."""
    gaps = {name: comparisons.difference(facts, known, name, days=False) for name in names if name != facts.main}
    for name, gap in gaps.items():
        if gap is not None and verdict_of(gap) != "yes":
            return say(
                "readable.answer_prefer", model=fact(f"model.{name}.label"), gap=number(gap.id, "full", "points")
            )
    if facts.main in names:
        return say("readable.answer_self")
    return say("readable.answer_worse" if any(gaps.values()) else "readable.answer_none")
