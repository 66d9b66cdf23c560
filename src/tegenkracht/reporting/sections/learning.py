"""Is there enough to learn from?"""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Section, Table
from tegenkracht.reporting.wording import fact, say


def learning_section(facts: RunFacts, known: Known) -> Section | None:
    """Per fold how many places there were and how many are needed; and what models of found and unknown places hang on."""
    blocks: list[Block] = [
        table for table in (_folds(facts, known), _shares(facts, known), _lists(facts, known)) if table
    ]
    if not blocks:
        return None
    return Section(
        key="learning",
        title=say("learning.title"),
        answer=say("learning.answer"),
        blocks=tuple(blocks),
        side=say("learning.side"),
    )


def _folds(facts: RunFacts, known: Known) -> Table | None:
    metrics = (("training_units", "count"), ("training_positives", "count"), ("units_needed", "fixed"))
    rows = tuple(
        (
            fact(f"fold.{fold.name}.split_on", "date"),
            *(
                measures.shown(known.get("", metric, method=method, split=fold.name), "count")
                for metric, method in metrics
            ),
        )
        for fold in facts.folds
        if known.get("", "training_units", method="count", split=fold.name) is not None
    )
    columns = tuple(
        Column(title=say(f"learning.{head}"), numeric=head != "fold")
        for head in ("fold", "units", "positives", "needed")
    )
    return Table(name=say("learning.table"), columns=columns, rows=rows) if rows else None


def _shares(facts: RunFacts, known: Known) -> Table | None:
    """Where SAR-EM ends, from several beginnings."""
    rows = tuple(
        (fact(f"model.{e.model}.label"), measures.shown(e, "per_hundred"))
        for e in known.all("case_share", method="bounds")
    )
    columns = (Column(title=say("learning.model")), Column(title=say("learning.share"), numeric=True))
    return Table(name=say("learning.unknown"), columns=columns, rows=rows) if rows else None


def _lists(facts: RunFacts, known: Known) -> Table | None:
    """How much of a list stays when another share of cases is supposed."""
    rows = tuple(
        (
            say("learning.supposed", model=fact(f"model.{e.model}.label"), share=fact(f"supposed.{e.at}", "number")),
            measures.shown(e, "per_hundred"),
        )
        for e in known.all("list_kept_supposing")
    )
    columns = (Column(title=say("learning.model")), Column(title=say("learning.kept"), numeric=True))
    return Table(name=say("learning.unknown"), columns=columns, rows=rows) if rows else None
