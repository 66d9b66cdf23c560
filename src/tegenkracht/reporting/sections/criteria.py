"""What was promised beforehand, and whether it was reached."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Pair, Pairs, Section, Table
from tegenkracht.reporting.wording import Words, fact, say


def criteria_section(facts: RunFacts, known: Known) -> Section | None:
    """A line per criterion with its verdict, and when the criteria were set and the test period opened."""
    if not facts.criteria or facts.frozen is None:
        return None
    blocks: tuple[Block, ...] = (_table(facts, known), Pairs(pairs=_record()))
    return Section(
        key="criteria",
        title=say("criteria.title"),
        answer=say("criteria.answer", met=fact("criteria.met", "count"), all=fact("criteria.count", "count")),
        blocks=blocks,
        side=say("criteria.side"),
    )


def _table(facts: RunFacts, known: Known) -> Table:
    rows = tuple(
        (
            fact(f"criterion.{c.name}.label"),
            say(
                f"criteria.{'at_least' if c.at_least is not None else 'at_most'}",
                limit=fact(f"criterion.{c.name}.limit", "number"),
            ),
            _found(facts, known, c.estimate_id(facts.capacity)),
            say(f"criteria.verdicts.{facts.verdicts[c.name]}"),
        )
        for c in facts.criteria
    )
    heads = ("promised", "asked", "found", "verdict")
    columns = tuple(Column(title=say(f"criteria.{head}"), numeric=head in ("asked", "found")) for head in heads)
    return Table(name=say("criteria.title"), columns=columns, rows=rows)


def _found(facts: RunFacts, known: Known, key: str) -> Words:
    """The figure as it was found, in the unit of the criterion: as it is stored."""
    estimate = next((e for e in facts.estimates if e.id == key), None)
    return measures.shown(estimate, "three")


def _record() -> tuple[Pair, ...]:
    return (
        Pair(term=say("criteria.frozen_on"), words=fact("criteria.frozen_on", "date")),
        Pair(term=say("criteria.digest"), words=fact("criteria.digest", "code")),
        Pair(term=say("criteria.look"), words=fact("criteria.look", "count")),
    )
