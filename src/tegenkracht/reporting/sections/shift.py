"""Does the test period look like what was learnt from?"""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, say

MOST = 8


def shift_section(facts: RunFacts, known: Known) -> Section | None:
    """The features that shifted most, and per test period how many places are unlike all that was learnt from."""
    blocks: list[Block] = [table for table in (_features(facts, known), _folds(facts, known)) if table is not None]
    if not blocks:
        return None
    return Section(
        key="shift",
        title=say("shift.title"),
        answer=say("shift.answer"),
        blocks=(*blocks, Paragraph(words=say("shift.how"), css="small")),
        side=say("shift.side"),
    )


def _features(facts: RunFacts, known: Known) -> Table | None:
    """The largest shifts of the last fold."""
    if not facts.folds:
        return None
    last = facts.folds[-1].name
    found = [e for e in known.all("psi", split=last) if e.value is not None]
    largest = sorted(found, key=lambda e: -(e.value or 0.0))[:MOST]
    if not largest:
        return None
    rows = tuple(
        (
            fact(f"feature.{at_of(e, 'feature')}.label"),
            measures.shown(e, "two"),
            measures.shown(known.get("", "missing_difference", method="sample", at=e.at, split=last), "points"),
        )
        for e in largest
    )
    heads = ("feature", "psi", "missing")
    columns = tuple(Column(title=say(f"shift.{head}"), numeric=head != "feature") for head in heads)
    return Table(name=say("shift.features"), columns=columns, rows=rows)


def _folds(facts: RunFacts, known: Known) -> Table | None:
    """Per fold the test of all features together, and the share outside what was learnt from."""
    rows = []
    for fold in facts.folds:
        energy = known.get("", "energy_p", method="sample", split=fold.name)
        outside = next((e for e in known.all("share_outside", split=fold.name)), None)
        if energy is not None:
            cells: tuple[Words, ...] = (
                fact(f"fold.{fold.name}.split_on", "date"),
                _chance(energy),
                measures.shown(outside, "per_hundred"),
            )
            rows.append(cells)
    if not rows:
        return None
    heads = ("fold", "energy", "outside")
    columns = tuple(Column(title=say(f"shift.{head}"), numeric=head != "fold") for head in heads)
    return Table(name=say("shift.folds"), columns=columns, rows=tuple(rows))


def _chance(energy: Estimate) -> Words:
    return measures.shown(energy, "three")
