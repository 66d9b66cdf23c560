"""Figures per group as rows of a drawing and of a table, for the parts that tell where differences come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tegenkracht.core.conditions import attribute_of
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import Axis, Column, LegendItem, Mark, Paragraph, Row, Shape, Table
from tegenkracht.reporting.wording import FactValue, Words, fact, join, number, say


def by_group(facts: RunFacts, estimates: Iterable[Estimate]) -> dict[str, list[Estimate]]:
    """Estimates by group, in the order of the attributes of the study."""
    estimates = tuple(estimates)
    out: dict[str, list[Estimate]] = {}
    for attribute in facts.attributes:
        for e in estimates:
            if attribute_of(e.group) == attribute and e.group != f"{attribute}=":
                out.setdefault(e.group, []).append(e)
    return out


def in_order(of: Sequence[Estimate], wanted: Sequence[str]) -> list[tuple[bool, str, Estimate]]:
    """The estimates that are drawn, in order; the first one carries the heading."""
    found = [(at, e) for at in wanted for e in of if e.at == at]
    return [(i == 0, at, e) for i, (at, e) in enumerate(found)]


def group_row(
    e: Estimate, *, label: Words, heading: Words | None, note: Words | None = None, shape: Shape | None = None
) -> Row:
    """An estimate as a row of a drawing; without a number it says why."""
    if not e.is_known:
        return Row(label=label, heading=heading, missing=measures.reason(e))
    chosen: Shape = shape or ("main" if e.at == "score" else "reference" if e.at == "columns=together" else "hollow")
    return Row(
        label=label,
        heading=heading,
        marks=(Mark(estimate=e.id, shape=chosen),),
        note=note,
        value=number(e.id, "full", measures.style_of(e.metric)),
        strong=chosen == "attention",
    )


def gap_row(known: Known, gap: Estimate, *, label: Words, heading: Words | None) -> Row:
    """A gap as a row of a drawing, with the smallest that would show and how often chance gives one like it."""
    smallest, chance = _beside(known, gap, _DETECTABLE), _beside(known, gap, _CHANCE)
    told = []
    if smallest is not None:
        key, named = ("smallest", {"gap": _least(smallest)}) if smallest.is_known else ("smallest_none", {})
        told.append(say(f"origins.{key}", **named))
    if chance is not None:
        told.append(say("origins.chance", p=number(chance.id, "value", "three")))
    note = join(*told, between="; ") if told else None
    return group_row(gap, label=label, heading=heading, note=note, shape=_shape(known, gap))


_DETECTABLE, _CHANCE = "detectable", "gap_chance"


def _shape(known: Known, gap: Estimate) -> Shape:
    """A gap that leaves zero out needs attention where that is rare, counted over all groups; a diamond is by lot."""
    chance = _beside(known, gap, _CHANCE)
    rare = chance is not None and chance.value is not None and gap.level is not None and chance.value < 1 - gap.level
    if rare and verdict_of(gap) != "not_shown":
        return "attention"
    return "diamond" if gap.method == "audit" else "hollow"


def _beside(known: Known, gap: Estimate, part: str) -> Estimate | None:
    """What is told of a gap beside itself."""
    figure = gap.metric if (gap.metric, part) == ("found_gap", _DETECTABLE) else gap.metric.removesuffix("_gap")
    return known.get(gap.model, f"{figure}_{part}", method=gap.method, group=gap.group, at=gap.at)


def _least(smallest: Estimate | None) -> Words:
    """The smallest gap without a sign, for it holds both ways; or why there is none."""
    if smallest is None or not smallest.is_known:
        return say("page.dash") if smallest is None else say("origins.smallest_none")
    return number(smallest.id, "value", "per_hundred_fine")


def looked_at(figure: str, gaps: Iterable[Estimate]) -> dict[str, FactValue]:
    """How many gaps a figure of this part holds, as a fact for `how_corrected`."""
    return {f"origins.{figure}.looked_at": len(measures.known_only(gaps))}


def how_corrected(figure: str) -> Paragraph:
    """How many gaps were looked at in a figure, and what is corrected for that."""
    return Paragraph(
        words=say("origins.corrected", looked_at=fact(f"origins.{figure}.looked_at", "count")), css="small"
    )


def points_axis(estimates: Iterable[Estimate]) -> Axis:
    """The axis of gaps in points, with zero on it."""
    return axis_for(measures.known_only(estimates), "points", zero=True)


def gap_legend() -> tuple[LegendItem, ...]:
    """What the marks of gaps mean."""
    return (
        LegendItem(shape="attention", words=say("origins.off_zero")),
        LegendItem(shape="hollow", words=say("groups.not_shown")),
    )


def group_heading(e: Estimate) -> Words:
    """The attribute and the group."""
    return join(fact(f"attribute.{attribute_of(e.group)}.label", "title"), group_label(e.group), between=": ")


def key_of(at: str) -> str:
    """Where a sentence about `at` stands: `visits=all,same=score` under `visits_all_same_score`."""
    return at.replace("=", "_").replace(",", "_")


def group_columns(counted: str) -> tuple[Column, ...]:
    """Group, what is measured, its value, and how many were counted of what."""
    return (
        Column(title=say("groups.group")),
        Column(title=say("origins.what")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say(counted), numeric=True),
    )


def plain_table(title: Words, estimates: Sequence[Estimate], words: str, *, counted: str) -> Table:
    """A row per estimate, told by the sentences under `words`; `counted` is the sentence that heads how many there were."""
    rows = tuple(
        (
            group_label(e.group),
            say(f"{words}.{key_of(e.at)}"),
            measures.shown(e),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for e in estimates
    )
    return Table(name=title, columns=group_columns(counted), rows=rows)


def gaps_table(known: Known, title: Words, gaps: Sequence[tuple[Words, Estimate]]) -> Table:
    """A row per gap and what it is called, with all that its row in the drawing tells."""
    dash = say("page.dash")
    rows = tuple(
        (
            group_label(e.group),
            label,
            measures.shown(e),
            _least(_beside(known, e, _DETECTABLE)),
            number(chance.id, "value", "three") if (chance := _beside(known, e, _CHANCE)) is not None else dash,
            _counted(e) if e.is_known else dash,
        )
        for label, e in gaps
    )
    heads = ("groups.group", "origins.what", "groups.heads.gap", "groups.heads.visible", "origins.worst.chance")
    columns = tuple(Column(title=say(head), numeric=i > 1) for i, head in enumerate((*heads, "origins.funnel.counted")))
    return Table(name=title, columns=columns, rows=rows)


def _counted(gap: Estimate) -> Words:
    """Visits of the group, or its lines where every line was decided on."""
    lines = gap.metric == "visit_threshold_gap"
    return say("groups.n" if lines else "data.n_visits", n=number(gap.id, "n", "count"))
