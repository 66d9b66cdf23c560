"""How much the list changes: from one date to the next, and from one model to another."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity, at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, number, say

MOST = 6


def lists_section(facts: RunFacts, known: Known) -> Section | None:
    """The share of each list that is on the next one, and what lists of other models share with it; absent where there is no list.

    Scheduled visits of one window are other visits than those of the next, so only the models are compared.
    """
    kept = None if facts.scheduled else measures.usable(_kept(facts, known, facts.main))
    dates = None if kept is None else _dates(facts, known)
    why = Paragraph(words=say("lists.no_interval", reason=say("notes.describes_lists")), css="small")
    of_dates = () if dates is None else (dates, why)
    blocks: list[Block] = [block for block in (*of_dates, _models(facts, known)) if block is not None]
    if facts.sides or not blocks:
        return None
    hundred = fact("hundred", "count")
    return Section(
        key="lists",
        title=say("lists.title"),
        answer=say("lists.answer_models")
        if kept is None
        else say("lists.answer", hundred=hundred, kept=number(kept.id, "value", "per_hundred")),
        blocks=tuple(blocks),
        side=say("lists.side"),
    )


def _kept(facts: RunFacts, known: Known, model: str, day: str = "") -> Estimate | None:
    at = at_capacity(facts.capacity) + (f",from={day}" if day else "")
    return known.get(model, "list_kept", method="sample", at=at)


def _dates(facts: RunFacts, known: Known) -> Table | None:
    """Per list what stays, of the card's model and of the first reference."""
    days = [day for e in known.all("list_kept", model=facts.main) if (day := at_of(e, "from"))]
    if not days:
        return None
    models = [facts.main, *(m for m in facts.references[:1] if _kept(facts, known, m) is not None and m != facts.main)]
    rows = tuple(
        (
            fact(f"list.{day}", "date"),
            *(measures.shown(_kept(facts, known, model, day), "per_hundred") for model in models),
        )
        for day in days
    )
    columns = (
        Column(title=say("lists.date")),
        *(Column(title=fact(f"model.{model}.label"), numeric=True) for model in models),
    )
    name = say("lists.dates", hundred=fact("hundred", "count"))
    return Table(name=name, columns=columns, rows=rows, folded=len(rows) > MOST)


def _models(facts: RunFacts, known: Known) -> Table | None:
    """Per other model the part of the two lists that is shared, and how many times more is found on this one."""
    rows = []
    for other in facts.models:
        at = f"{at_capacity(facts.capacity)},versus={other}"
        shared = known.get(facts.main, "list_overlap", method="sample", at=at)
        if shared is not None:
            cells: tuple[Words, ...] = (
                fact(f"model.{other}.label"),
                measures.shown(shared, "per_hundred"),
                measures.shown(known.get(facts.main, "lift_over", method="labelled", at=at), "times"),
                measures.shown(known.get(facts.main, "disagreement_difference", method="labelled", at=at), "points"),
            )
            rows.append(cells)
    if not rows:
        return None
    heads = ("model", "shared", "lift", "apart")
    columns = tuple(Column(title=say(f"lists.{head}"), numeric=head != "model") for head in heads)
    return Table(name=say("lists.models", hundred=fact("hundred", "count")), columns=columns, rows=tuple(rows))
