"""What the study is for, and what it may not be used for."""

from __future__ import annotations

from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Block, Bullets, Column, Heading, Pair, Pairs, Section, Table
from tegenkracht.reporting.wording import fact, say


def purpose_section(facts: RunFacts) -> Section:
    """Question, unit, outcome, user, person's role, legal ground; then what the card is not for, and why groups are looked at."""
    purpose = facts.purpose
    ground = fact("purpose.legal_ground") if purpose.legal_ground else say("unfilled.by_author")
    pairs = (
        Pair(term=say("purpose.question"), words=fact("purpose.question")),
        Pair(
            term=say("purpose.unit"),
            words=say("purpose.unit_is", units=fact("purpose.unit_name"), kind=say(f"units.{purpose.unit}")),
        ),
        Pair(term=say("purpose.outcome"), words=fact("purpose.outcome")),
        Pair(term=say("purpose.not_visited"), words=say("purpose.unobserved")),
        Pair(
            term=say("purpose.capacity"),
            words=say("profile.use")
            if facts.sides
            else say(f"purpose.list_per_{facts.one_list_per}", capacity=fact("capacity", "count")),
        ),
        Pair(term=say("purpose.reviewer"), words=fact("reviewer")),
        Pair(term=say("purpose.deployer"), words=fact("purpose.deployer")),
        Pair(term=say("purpose.function"), words=fact("purpose.deployer_function", "title")),
        Pair(term=say("purpose.role"), words=say("purpose.role_is")),
        Pair(term=say("purpose.sole_traders"), words=say(f"purpose.{purpose.sole_traders}")),
        Pair(term=say("purpose.legal_ground"), words=ground, filled=purpose.legal_ground is not None),
    )
    uses = tuple(fact(f"purpose.intended_use.{i}") for i in range(len(purpose.intended_use)))
    limits = tuple(fact(f"purpose.out_of_scope.{i}") for i in range(len(purpose.out_of_scope)))
    return Section(
        key="purpose",
        title=say("purpose.title"),
        answer=say("profile.purpose" if facts.sides else "purpose.answer"),
        blocks=(
            Pairs(pairs=pairs),
            Heading(words=say("purpose.uses")),
            Bullets(items=uses),
            Heading(words=say("purpose.limits")),
            Bullets(items=limits, css="no"),
            *_groups(facts),
        ),
    )


def _groups(facts: RunFacts) -> list[Block]:
    """Of each audited attribute why it is looked at, what harm its groups could come to, and where it comes from; empty stays visibly empty."""
    if not facts.attributes:
        return []
    empty = say("unfilled.by_author")
    sources = [table for table in facts.dataset.tables if table.name == "groups"]
    source = fact("table.groups.source") if sources else say("page.dash")
    rows = tuple(
        (
            fact(f"attribute.{name}.label", "title"),
            *((fact(f"why.{name}.{what}") if name in facts.why else empty) for what in ("reason", "harm")),
            source,
        )
        for name in facts.attributes
    )
    columns = tuple(Column(title=say(f"purpose.groups.{head}")) for head in ("attribute", "reason", "harm", "source"))
    return [Table(name=say("purpose.groups.title"), columns=columns, rows=rows)]
