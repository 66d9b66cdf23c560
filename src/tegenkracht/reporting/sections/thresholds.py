"""Hit rates of groups beside the thresholds at which they are visited."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.group_rows import (
    by_group,
    gap_legend,
    gap_row,
    gaps_table,
    group_heading,
    how_corrected,
    key_of,
    points_axis,
)
from tegenkracht.reporting.tree import Block, Exhibit, Intervals, Panel, Paragraph
from tegenkracht.reporting.wording import Words, fact, say

TESTS = (("found_gap", "visits=chosen"), ("found_gap", "visits=margin"), ("visit_threshold_gap", ""))


def thresholds_part(facts: RunFacts, known: Known) -> list[Block]:
    """Hit rates beside thresholds, with what a hit rate cannot say always under it."""
    gaps = threshold_gaps(facts, known)
    begins = {e.group: e for e in reversed(gaps)}
    rows = tuple(
        gap_row(known, e, label=_label(e), heading=group_heading(e) if begins[e.group] is e else None) for e in gaps
    )
    if not any(row.marks for row in rows):
        reasons = [e for e in known.all("visit_threshold") if not e.is_known]
        return (
            [Paragraph(words=say("origins.tests.none", reason=measures.because(reasons[0])), css="small")]
            if reasons
            else []
        )
    title = say("origins.tests.title")
    drawing = Intervals(rows=rows, axis=points_axis(gaps))
    return [
        Exhibit(
            title=title,
            how=say("origins.tests.how", hundred=fact("hundred", "count")),
            panels=(Panel(key="fig-thresholds", title=title, drawing=drawing),),
            legend=gap_legend(),
            table=gaps_table(known, title, [(_label(e), e) for e in gaps]),
        ),
        Paragraph(words=say("origins.tests.caveat"), css="note"),
        how_corrected("tests"),
        Paragraph(words=say("origins.tests.threshold_how"), css="small"),
    ]


def threshold_gaps(facts: RunFacts, known: Known) -> list[Estimate]:
    """Gaps in hit rates and thresholds, group by group and in the order of the figure."""
    found = by_group(facts, (e for metric, at in TESTS for e in known.all(metric) if not at or e.at == at))
    return [e for of in found.values() for e in of]


def _label(gap: Estimate) -> Words:
    return say(f"origins.tests.{key_of(gap.at) if gap.metric == 'found_gap' else 'threshold'}")
