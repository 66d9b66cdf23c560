"""Every step of the process: the part of each group in all places, visits, findings and the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.funnel import NOT_TOLD, STEPS
from tegenkracht.reporting.axis import HUNDRED
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.group_rows import by_group, group_columns, group_row
from tegenkracht.reporting.tree import Block, Exhibit, Heading, Intervals, Panel, Paragraph, Shape, Table
from tegenkracht.reporting.wording import Words, fact, number, say

DRAWN = 4
"""Groups of one attribute that are drawn; the table holds all of them."""


def funnel_part(facts: RunFacts, known: Known) -> list[Block]:
    """Per attribute the part of each group in each step."""
    found = by_group(facts, known.all("step_share"))
    counts = {(e.group, e.at): e for e in known.all("step_count")}
    exhibits = [
        exhibit
        for attribute in facts.attributes
        if (exhibit := _funnel(attribute, {g: of for g, of in found.items() if attribute_of(g) == attribute}, counts))
    ]
    if not exhibits:
        return []
    missing = next((e for of in found.values() for e in of if e.note == NOT_TOLD), None)
    last = (
        [Paragraph(words=say("origins.funnel.not_told", reason=measures.because(missing)), css="small")]
        if missing
        else []
    )
    return [Heading(words=say("origins.funnel.heading")), *exhibits, *last]


def _funnel(
    attribute: str, found: Mapping[str, Sequence[Estimate]], counts: Mapping[tuple[str, str], Estimate]
) -> Exhibit | None:
    """One attribute: for each group its part of all places, of visits and findings, and of the list."""
    largest = sorted((g for g in found if any(e.is_known for e in found[g])), key=lambda g: -_size(found[g]))[:DRAWN]
    rows = []
    for group in (g for g in found if g in largest):
        for i, step in enumerate(STEPS):
            e = next((e for e in found[group] if _step(e) == step), None)
            if e is not None and e.note != NOT_TOLD:
                count = counts.get((group, e.at))
                note = _counted(step, count) if count is not None else None
                shape: Shape = "main" if step == "flagged" else "reference" if step == "population" else "hollow"
                label = say(f"origins.funnel.{step}")
                rows.append(
                    group_row(e, label=label, heading=None if i else group_label(group), note=note, shape=shape)
                )
    if not any(row.marks for row in rows):
        return None
    title = say("origins.funnel.title", attribute=fact(f"attribute.{attribute}.label", "title"))
    cells = tuple(
        (
            group_label(e.group),
            say(f"origins.funnel.{_step(e)}"),
            measures.shown(e),
            _counted(_step(e), c) if (c := counts.get((e.group, e.at))) is not None else say("page.dash"),
        )
        for of in found.values()
        for e in of
        if e.note != NOT_TOLD
    )
    return Exhibit(
        title=title,
        how=say("origins.funnel.how", hundred=fact("hundred", "count")),
        panels=(
            Panel(
                key=f"fig-funnel-{attribute.replace('_', '-')}",
                title=title,
                drawing=Intervals(rows=tuple(rows), axis=HUNDRED),
            ),
        ),
        table=Table(name=title, columns=group_columns("origins.funnel.counted"), rows=cells),
    )


def _counted(step: str, count: Estimate) -> Words:
    """How many there are of a group in a step: lines, and of what was overturned findings."""
    return say("origins.funnel.findings" if step == "overturned" else "groups.n", n=number(count.id, "value", "count"))


def _step(estimate: Estimate) -> str:
    return at_of(estimate, "step")


def _size(of: Sequence[Estimate]) -> float:
    return next((e.value or 0.0 for e in of if _step(e) == "population"), 0.0)
