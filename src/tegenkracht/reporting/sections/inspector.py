"""Is the inspector the signal? What is known only about who looks, beside what is known about the place."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, ModelFacts, RunFacts
from tegenkracht.reporting.sections import comparisons, measures, the_list
from tegenkracht.reporting.sections.data import rates_exhibit
from tegenkracht.reporting.sections.models import knows_only_the_process, shape_of
from tegenkracht.reporting.tree import Block, Column, Exhibit, Intervals, Mark, Panel, Row, Section, Table
from tegenkracht.reporting.wording import Words, fact, number, say


def inspector_section(facts: RunFacts, known: Known) -> Section | None:
    """The model beside one that knows only the inspection process, and how often each inspector finds something."""
    comparison, rates = _comparison(facts, known), rates_exhibit(facts, known, "inspector")
    blocks: tuple[Block, ...] = tuple(block for block in (comparison, _shares(known), rates) if block is not None)
    if not blocks:
        return None
    return Section(
        key="inspector",
        title=say("inspector.title"),
        answer=_answer(facts, known),
        blocks=blocks,
        side=say("inspector.side"),
    )


def process_models(facts: RunFacts) -> list[str]:
    """Models that see only who inspects, how a visit came about and how often somebody came."""
    return [name for name, model in facts.models.items() if knows_only_the_process(model)]


def _answer(facts: RunFacts, known: Known) -> Words:
    """Whether the model does better than knowing only who looks."""
    for name in process_models(facts):
        difference = comparisons.difference(facts, known, name, days=facts.scheduled)
        if difference is not None:
            return say(f"inspector.{verdict_of(difference)}")
    return say("inspector.unknown")


def _shares(known: Known) -> Table | None:
    """How much of the differences in findings goes with who looked, and why."""
    asked = (
        ("inspector_variance_share", ""),
        ("inspector_variance_share", "within=channel"),
        ("channel_variance_share", ""),
    )
    found = [(metric, at, known.get("", metric, method="labelled", at=at)) for metric, at in asked]
    if not any(estimate is not None and estimate.is_known for _, _, estimate in found):
        return None
    rows = tuple(
        (say(f"inspector.shares.{metric}{'_within' if at else ''}"), measures.shown(estimate, "per_hundred_fine"))
        for metric, at, estimate in found
    )
    columns = (Column(title=say("inspector.share_of")), Column(title=say("inspector.share"), numeric=True))
    return Table(name=say("inspector.share_title"), columns=columns, rows=rows)


def _measure(facts: RunFacts, known: Known, name: str) -> Estimate | None:
    if facts.scheduled and (days := known.get(name, "days_earlier", method="replay")) is not None:
        return days
    return the_list.precision(known, facts, name, the_list.leading_form(facts, known))


def _sees(model: ModelFacts) -> Words:
    if knows_only_the_process(model):
        return say("columns.process")
    return say(f"columns.{model.columns}") if isinstance(model.columns, str) else say("columns.chosen")


def _comparison(facts: RunFacts, known: Known) -> Exhibit | None:
    names = [facts.main, *(n for n, m in facts.models.items() if m.columns != "features" and n != facts.main)]
    pairs = [
        (name, estimate) for name in names if (estimate := measures.usable(_measure(facts, known, name))) is not None
    ]
    if len(pairs) < 2 or not process_models(facts):
        return None
    style = measures.style_of(pairs[0][1].metric)
    settled = the_list.main_is_settled(facts, known)
    rows = tuple(
        Row(
            label=fact(f"model.{name}.label"),
            marks=(Mark(estimate=e.id, shape=shape_of(e, main=name == facts.main, settled=settled)),),
            note=_sees(facts.models[name]),
            value=number(e.id, "full", style),
            strong=name == facts.main,
        )
        for name, e in pairs
    )
    title = say("inspector.figure")
    columns = (
        Column(title=say("results.model")),
        Column(title=say("inspector.sees")),
        Column(title=say("results.value"), numeric=True),
    )
    cells = tuple((row.label, row.note or say("page.dash"), row.value or say("page.dash")) for row in rows)
    axis = axis_for([e for _, e in pairs], style, zero=style == "days_fine")
    return Exhibit(
        title=title,
        how=_how(facts, known),
        panels=(Panel(key="fig-who-inspects", title=title, drawing=Intervals(rows=rows, axis=axis)),),
        table=Table(name=title, columns=columns, rows=cells),
    )


def _how(facts: RunFacts, known: Known) -> Words:
    if facts.scheduled:
        return say("inspector.how_days")
    weighed = the_list.leading_form(facts, known) == "weighted"
    return say("inspector.how_weighed" if weighed else "inspector.how", hundred=fact("hundred", "count"))
