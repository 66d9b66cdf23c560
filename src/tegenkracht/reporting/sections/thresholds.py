"""Hit rates of groups beside the thresholds at which they are visited."""

from __future__ import annotations

from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.group_rows import (
    by_group,
    gap_legend,
    group_columns,
    group_heading,
    group_row,
    key_of,
    points_axis,
    smallest_that_shows,
)
from tegenkracht.reporting.tree import Block, Exhibit, Intervals, Panel, Paragraph, Row, Table
from tegenkracht.reporting.wording import fact, number, say

TESTS = (("found_gap", "visits=chosen"), ("found_gap", "visits=margin"), ("visit_threshold_gap", ""))


def thresholds_part(facts: RunFacts, known: Known) -> list[Block]:
    """Hit rates beside thresholds, with what a hit rate cannot say always under it."""
    estimates = [e for metric, at in TESTS for e in known.all(metric) if not at or e.at == at]
    found = by_group(facts, estimates)
    rows: list[Row] = []
    for of in found.values():
        first = True
        for metric, at in TESTS:
            for e in of:
                if e.metric == metric and (not at or e.at == at):
                    label = say(f"origins.tests.{key_of(at) if at else 'threshold'}")
                    rows.append(
                        group_row(
                            e,
                            label=label,
                            heading=group_heading(e) if first else None,
                            note=smallest_that_shows(known, e),
                        )
                    )
                    first = False
    caveat = Paragraph(words=say("origins.tests.caveat"), css="note")
    if not any(row.marks for row in rows):
        reasons = [e for e in known.all("visit_threshold") if not e.is_known]
        return (
            [Paragraph(words=say("origins.tests.none", reason=measures.reason(reasons[0])), css="small")]
            if reasons
            else []
        )
    title = say("origins.tests.title")
    labels = {"visits=chosen": "chosen", "visits=margin": "margin"}
    cells = tuple(
        (
            group_label(e.group),
            say(f"origins.tests.{key_of(e.at) if e.at in labels else 'threshold'}"),
            measures.shown(e),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for of in found.values()
        for e in of
    )
    table = Table(name=title, columns=group_columns(), rows=cells)
    return [
        Exhibit(
            title=title,
            how=say("origins.tests.how", hundred=fact("hundred", "count")),
            panels=(
                Panel(
                    key="fig-thresholds", title=title, drawing=Intervals(rows=tuple(rows), axis=points_axis(estimates))
                ),
            ),
            legend=gap_legend(),
            table=table,
        ),
        caveat,
        Paragraph(words=say("origins.tests.threshold_how"), css="small"),
    ]
