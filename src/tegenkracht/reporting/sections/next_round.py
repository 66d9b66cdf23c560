"""The next round: what a share of visits by lot costs, what it makes sure, and how many a claim needs."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, number, say
from tegenkracht.reporting.words.catalogue import places, sentence
from tegenkracht.reporting.words.numbers import Style

FORMS = ("weighted", "labelled", "audit", "fixed", "count")
"""Forms in which a figure may stand, the better one first."""
COLUMNS: tuple[tuple[str, Style], ...] = (
    ("visits_by_lot", "count"),
    ("expected_finds", "one"),
    ("finds_given_up", "one"),
    ("bounds_width", "per_hundred"),
    ("prevalence_half_width", "per_hundred"),
    ("rounds_needed", "count"),
)


def next_round_section(facts: RunFacts, known: Known) -> Section | None:
    """A table over shares, and how many visits by lot each claim needs; absent when it is not asked."""
    asked = facts.next_round
    if asked is None or facts.sides:
        return None
    chosen = _at(facts, known, "visits_by_lot", asked.random_share)
    table = _shares(facts, known)
    if chosen is None or table is None:
        return None
    blocks: list[Block] = [table]
    if (now := _of(known, facts.main, "bounds_width", _where(facts, "now"))) is not None:
        words = say("next_round.now", hundred=fact("hundred", "count"), now=number(now.id, "value", "per_hundred"))
        blocks.append(Paragraph(words=words))
    if (needed := _needed(facts, known)) is not None:
        blocks += [needed, Paragraph(words=say("next_round.needed_how"), css="small")]
    blocks.append(Paragraph(words=say("next_round.learning"), css="note"))
    answer = say("next_round.answer", capacity=fact("capacity", "count"), lots=number(chosen.id, "value", "count"))
    return Section(
        key="next_round",
        title=say("next_round.title"),
        answer=answer if chosen.value else say("next_round.answer_none"),
        blocks=tuple(blocks),
        side=say("next_round.side"),
    )


def _where(facts: RunFacts, share: str) -> str:
    return f"{at_capacity(facts.capacity)},by_lot={share}"


def _at(facts: RunFacts, known: Known, metric: str, share: float) -> Estimate | None:
    return _of(known, facts.main, metric, _where(facts, f"{share:g}"))


def _of(known: Known, model: str, metric: str, at: str) -> Estimate | None:
    """The figure in its best form: one with a number before one without."""
    forms = [e for form in FORMS if (e := known.get(model, metric, method=form, at=at)) is not None]
    return next((e for e in forms if e.is_known), forms[0] if forms else None)


def _shares(facts: RunFacts, known: Known) -> Table | None:
    """A row per share."""
    shares = facts.next_round.every_share if facts.next_round is not None else ()
    rows = []
    for share in shares:
        cells = [(_at(facts, known, metric, share), style) for metric, style in COLUMNS]
        if cells[0][0] is not None:
            rows.append(tuple(_cell(estimate, style) for estimate, style in cells))
    if not rows:
        return None
    width = fact("next_round.half_width", "number")
    heads = [
        say(key, width=width) if "width" in places(sentence(key, "nl")) else say(key)
        for key in (f"next_round.heads.{metric}" for metric, _ in COLUMNS)
    ]
    columns = tuple(Column(title=head, numeric=i > 0) for i, head in enumerate(heads))
    return Table(name=say("next_round.table", capacity=fact("capacity", "count")), columns=columns, rows=tuple(rows))


def _cell(estimate: Estimate | None, style: Style) -> Words:
    return say("page.dash") if estimate is None else measures.shown(estimate, style)


def _needed(facts: RunFacts, known: Known) -> Table | None:
    """Visits by lot for a sure prevalence, and for each promise that visits can establish."""
    asked = facts.next_round
    rows: list[tuple[Words, ...]] = []
    if asked is not None:
        width = _of(known, "", "visits_needed", f"half_width={asked.half_width:g}")
        if width is not None:
            label = say(
                "next_round.width", width=fact("next_round.half_width", "number"), hundred=fact("hundred", "count")
            )
            rows.append((label, measures.shown(width, "count")))
    for criterion in facts.criteria:
        claim = _of(known, criterion.model, "visits_needed", f"claim={criterion.name}")
        if claim is not None:
            rows.append((fact(f"criterion.{criterion.name}.label"), _count(claim)))
    if not rows:
        return None
    columns = (Column(title=say("next_round.claim")), Column(title=say("next_round.needed"), numeric=True))
    return Table(name=say("next_round.needed_table"), columns=columns, rows=tuple(rows))


def _count(claim: Estimate) -> Words:
    return number(claim.id, "value", "count") if claim.value is not None else measures.reason(claim)
