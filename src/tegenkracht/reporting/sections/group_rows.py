"""Figures per group as rows of a drawing and of a table, for the parts that tell where differences come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tegenkracht.core.conditions import attribute_of
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import Axis, Column, LegendItem, Mark, Row, Shape, Table
from tegenkracht.reporting.wording import Words, fact, join, number, say


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
    chosen = shape or _shape(e)
    return Row(
        label=label,
        heading=heading,
        marks=(Mark(estimate=e.id, shape=chosen),),
        note=note,
        value=number(e.id, "full", measures.style_of(e.metric)),
        strong=chosen == "attention",
    )


def _shape(e: Estimate) -> Shape:
    """A gap that leaves zero out needs attention; a diamond is by lot."""
    if measures.is_gap(e.metric):
        return "attention" if verdict_of(e) != "not_shown" else "diamond" if e.method == "audit" else "hollow"
    return "main" if e.at == "score" else "reference" if e.at == "columns=together" else "hollow"


def smallest_that_shows(known: Known, gap: Estimate) -> Words | None:
    """The smallest gap that these data would show."""
    metric = gap.metric.removesuffix("_gap") if gap.metric == "visit_threshold_gap" else gap.metric
    estimate = known.get(gap.model, f"{metric}_detectable", method=gap.method, group=gap.group, at=gap.at)
    if estimate is None:
        return None
    return (
        say("origins.smallest", gap=number(estimate.id, "value", "points"))
        if estimate.is_known
        else say("origins.smallest_none")
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


def group_columns(counted: str = "groups.rows") -> tuple[Column, ...]:
    """Group, what is measured, its value, and how many were counted."""
    return (
        Column(title=say("groups.group")),
        Column(title=say("origins.what")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say(counted), numeric=True),
    )


def plain_table(title: Words, estimates: Sequence[Estimate], words: str) -> Table:
    """A row per estimate, told by the sentences under `words`."""
    rows = tuple(
        (
            group_label(e.group),
            say(f"{words}.{key_of(e.at)}"),
            measures.shown(e),
            number(e.id, "n", "count") if e.is_known else say("page.dash"),
        )
        for e in estimates
    )
    return Table(name=title, columns=group_columns(), rows=rows)
