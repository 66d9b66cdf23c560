"""Every headline figure in every way of counting, one figure for each: what somebody saw, what it stands for, and what is possible."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.conditions import at_capacity
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.tree import (
    Block,
    Column,
    Exhibit,
    Heading,
    Intervals,
    Mark,
    Panel,
    Paragraph,
    Row,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Fact, Words, fact, number, say
from tegenkracht.reporting.words.numbers import Style

HEADLINE = ("prevalence", "precision_at_capacity", "yield_at_capacity", "recall_at_capacity", "auc", "brier")
"""Figures that are shown in every form, in the order of the card."""
FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit", "adjusted", "doubly_robust", "bounds")
"""Ways in which a figure is counted, in the order of the card."""
ESTIMATED: tuple[Method, ...] = ("adjusted", "doubly_robust")
"""Forms that hold only if nothing unseen decides who is visited."""

SHAPES: dict[Method, Shape] = {
    "labelled": "hollow",
    "weighted": "main",
    "audit": "diamond",
    "adjusted": "hollow",
    "doubly_robust": "hollow",
    "bounds": "range",
}


def forms_blocks(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """A heading, how to read it, and a figure per metric; nothing where somebody went everywhere, for then all ways agree."""
    figures = tuple(_figures(facts, known))
    if not figures:
        return ()
    notes = [Paragraph(words=say("forms.how"), css="small")]
    if any(in_form(known, facts, "prevalence", form) for form in ESTIMATED):
        notes.append(Paragraph(words=say("forms.contradicted" if contradicted(facts) else "forms.estimated")))
    return (Heading(words=say("forms.title")), *notes, *figures)


def _figures(facts: RunFacts, known: Known) -> Iterator[Exhibit]:
    if the_list.main_is_settled(facts, known):
        return
    for metric in HEADLINE:
        if metric == "yield_at_capacity" and facts.capacity == 100:
            continue  # precision says the same: of a hundred on the list
        told = {form: e for form in FORMS if (e := in_form(known, facts, metric, form)) is not None}
        if len(measures.known_only(told.values())) > 1:
            yield _exhibit(facts, metric, told)


def _exhibit(facts: RunFacts, metric: str, told: dict[Method, Estimate]) -> Exhibit:
    style = measures.style_of(metric)
    rows = tuple(_row(facts, metric, form, estimate) for form, estimate in told.items())
    drawn = [told[form] for form, row in zip(told, rows, strict=True) if row.marks]
    title = say(f"forms.titles.{metric}", **_counted_in(style))
    columns = (
        Column(title=say("ways.way")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say("forms.rests_on"), numeric=True),
        Column(title=say("ways.note")),
    )
    table = Table(
        name=title,
        columns=columns,
        rows=tuple(
            (
                row.label,
                row.value or row.missing or say("page.not_measured"),
                number(estimate.id, "n", "count") if row.marks or not estimate.is_known else say("page.dash"),
                row.note or say("page.dash"),
            )
            for row, estimate in zip(rows, told.values(), strict=True)
        ),
    )
    axis = axis_for(drawn, style, most=None if style == "count" else 1.0)
    return Exhibit(
        title=title,
        how=say(f"forms.hows.{metric}"),
        panels=(
            Panel(key=f"fig-forms-{metric.replace('_', '-')}", title=title, drawing=Intervals(rows=rows, axis=axis)),
        ),
        table=table,
    )


def _counted_in(style: Style) -> dict[str, Fact]:
    """What a title counts in: places of a hundred, or of one list."""
    if style == "per_hundred":
        return {"hundred": fact("hundred", "count")}
    return {"capacity": fact("capacity", "count")} if style == "count" else {}


def _row(facts: RunFacts, metric: str, form: Method, estimate: Estimate) -> Row:
    label = say(f"forms.ways.{form}")
    if form in ESTIMATED and contradicted(facts):
        return Row(label=label, missing=say("forms.not_shown"))
    if not estimate.is_known:
        missing: Words = measures.reason(estimate)
        return Row(label=label, missing=say("forms.not_established", reason=missing) if form == "audit" else missing)
    return Row(
        label=label,
        marks=(Mark(estimate=estimate.id, shape=SHAPES[form]),),
        note=_note(facts, metric, form, estimate),
        value=number(estimate.id, "full", measures.style_of(metric)),
        strong=form == "weighted",
    )


def _note(facts: RunFacts, metric: str, form: Method, estimate: Estimate) -> Words:
    n = number(estimate.id, "n", "count")
    if form == "audit" and metric == "precision_at_capacity" and _open_claim(facts):
        return say("forms.notes.audit_open", n=n)
    if metric == "recall_at_capacity" and form != "bounds":
        return say("forms.notes.findings", n=n)
    return say(f"forms.notes.{form}", n=n)


def _open_claim(facts: RunFacts) -> bool:
    """Whether visits by lot do not bear the claim (TK112)."""
    return any(finding.code == "TK112" and finding.verdict == "found" for finding in facts.findings)


def in_form(known: Known, facts: RunFacts, metric: str, form: Method) -> Estimate | None:
    """A headline figure of the main model (prevalence is one of the data) in one form."""
    model = "" if metric == "prevalence" else facts.main
    at = at_capacity(facts.capacity) if metric.endswith("_at_capacity") else ""
    return known.get(model, metric, method=form, at=at)


def contradicted(facts: RunFacts) -> bool:
    """Whether visits by lot or recorded chances contradict the figures with an estimated chance (TK116)."""
    return any(finding.code == "TK116" and finding.verdict == "found" for finding in facts.findings)
