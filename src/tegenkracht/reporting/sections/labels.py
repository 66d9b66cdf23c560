"""What labels are worth: gaps between groups in what visits find, per inspector and channel, and how well two looks agree."""

from __future__ import annotations

from tegenkracht.core.conditions import attribute_of, conditions_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.sections.group_rows import (
    by_group,
    gap_legend,
    gap_row,
    gaps_table,
    group_heading,
    how_corrected,
    in_order,
    key_of,
    points_axis,
)
from tegenkracht.reporting.tree import Block, Column, Exhibit, Intervals, Panel, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, number, say

LABELS = (
    "visits=all",
    "visits=all,same=score",
    "visits=lot,same=score",
    "visits=all,same=score,outcome=severe",
    "visits=all,same=score,outcome=before_appeal",
    "visits=all,same=inspector",
    "visits=all,same=channel",
)


def labels_part(facts: RunFacts, known: Known) -> list[Block]:
    """Gaps in what visits find, with more and more held equal; per inspector and channel; two looks."""
    found = by_group(facts, known.all("found_gap"))
    rows = [
        gap_row(known, e, label=_label(e), heading=group_heading(e) if first else None)
        for of in found.values()
        for first, _, e in in_order(of, LABELS)
    ]
    if not any(row.marks for row in rows):
        return []
    title = say("origins.labels.title")
    chosen = label_gaps(facts, known)
    figure = Exhibit(
        title=title,
        how=say("origins.labels.how", hundred=fact("hundred", "count")),
        panels=(Panel(key="fig-labels", title=title, drawing=Intervals(rows=tuple(rows), axis=points_axis(chosen))),),
        legend=gap_legend(),
        table=gaps_table(known, title, [(_label(e), e) for e in chosen]),
    )
    return [
        figure,
        how_corrected("labels"),
        *_by_whom(facts, known, "channel"),
        *_by_whom(facts, known, "inspector"),
        *_second_looks(facts, known),
    ]


def label_gaps(facts: RunFacts, known: Known) -> list[Estimate]:
    """Gaps in what visits find that the figure draws, group by group."""
    return [e for of in by_group(facts, known.all("found_gap")).values() for e in of if e.at in LABELS]


def _label(gap: Estimate) -> Words:
    return say(f"origins.labels.{key_of(gap.at)}")


def _by_whom(facts: RunFacts, known: Known, column: str) -> list[Table]:
    """Shares found per inspector or channel and group, folded."""
    found = by_group(facts, [e for e in known.all("found_share") if column in conditions_of(e.at)])
    cells = {(group, e.at): e for group, of in found.items() for e in of}
    names = list(dict.fromkeys(at for _, at in cells))
    if not names or names == [f"{column}=unknown"]:
        return []
    columns = (Column(title=say(f"data.{column}")), *(Column(title=group_label(g), numeric=True) for g in found))
    rows = tuple((group_label(at), *(_of_visits(cells.get((group, at))) for group in found)) for at in names)
    name = say(f"origins.labels.by_{column}", hundred=fact("hundred", "count"))
    return [Table(name=name, columns=columns, rows=rows, folded=True)]


def _of_visits(share: Estimate | None) -> Words:
    """A share and the visits that it rests on, or why there is none."""
    if share is None or not share.is_known:
        return measures.shown(share)
    return say("origins.labels.of_visits", share=measures.shown(share), n=number(share.id, "n", "count"))


def _second_looks(facts: RunFacts, known: Known) -> list[Block]:
    """How well two looks at the same place agree."""
    kappas = [e for e in known.all("kappa") if not e.group or attribute_of(e.group) in facts.attributes]
    if not kappas:
        return []
    if not any(e.is_known for e in kappas):
        return [Paragraph(words=say("origins.looks.none", reason=measures.because(kappas[0])), css="small")]
    rows = tuple(
        (
            group_label(e.group) if e.group else say("origins.looks.all"),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
            measures.shown(e),
            measures.shown(known.get("", "found_again", method="labelled", group=e.group)),
        )
        for e in kappas
    )
    heads = ("who", "pairs", "kappa", "again")
    columns = tuple(Column(title=say(f"origins.looks.{head}"), numeric=head != "who") for head in heads)
    how = Paragraph(words=say("origins.looks.how", hundred=fact("hundred", "count")), css="small")
    return [Table(name=say("origins.looks.title"), columns=columns, rows=rows), how]
