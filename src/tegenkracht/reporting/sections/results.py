"""How good the list is: against capacity, per model, per fold, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.conditions import at_capacity
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import HUNDRED, axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.sections.differences import seen_differences, weighed_differences
from tegenkracht.reporting.sections.forms import ESTIMATED, contradicted, forms_blocks
from tegenkracht.reporting.sections.models import shape_of
from tegenkracht.reporting.tree import (
    Block,
    CapacityCurve,
    Column,
    CurvePoint,
    Exhibit,
    Intervals,
    LegendItem,
    Mark,
    Panel,
    Paragraph,
    Row,
    Section,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, number, say

PER_MODEL = ("lift_over_random", "auc", "average_precision", "concordance")


def results_section(facts: RunFacts, known: Known) -> Section:
    """Every way of counting, the curve against capacity, every model side by side, differences, and each fold apart."""
    makers = (capacity_exhibit, models_exhibit, _other_measures, seen_differences, weighed_differences, _folds)
    made: list[Block] = [block for make in makers if (block := make(facts, known)) is not None]
    blocks = [*forms_blocks(facts, known), *made]
    if facts.sides:
        blocks = [Paragraph(words=say("profile.results_note"), css="note"), *blocks]
    return Section(
        key="results",
        title=say("profile.results_title" if facts.sides else "results.title"),
        answer=_answer(facts, known),
        blocks=tuple(blocks),
        side=say("results.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    """Recall in one sentence: what the list holds of everything there is to find."""
    at, hundred = at_capacity(facts.capacity), fact("hundred", "count")
    bounds = measures.usable(known.get(facts.main, "recall_at_capacity", method="bounds", at=at))
    labelled = measures.usable(known.get(facts.main, "recall_at_capacity", method="labelled", at=at))
    if bounds is not None and bounds.low != bounds.high:
        return say(
            "results.answer_bounds",
            hundred=hundred,
            low=number(bounds.id, "low", "per_hundred"),
            high=number(bounds.id, "high", "per_hundred"),
        )
    if labelled is not None:
        key = "results.answer_settled" if the_list.main_is_settled(facts, known) else "results.answer"
        return say(key, hundred=hundred, found=number(labelled.id, "full", "per_hundred"))
    return say("results.answer_none")


# ---------------------------------------------------------------- against capacity


def capacity_exhibit(facts: RunFacts, known: Known) -> Exhibit | None:
    """Precision and recall against capacity, with what the uninspected places leave open."""
    capacities = the_list.capacities(known, facts)
    if len(capacities) < 2:
        return None
    panels = tuple(
        Panel(
            key=f"fig-{metric.split('_')[0]}",
            title=say(f"results.{metric}", hundred=fact("hundred", "count")),
            drawing=curve,
        )
        for metric in ("precision_at_capacity", "recall_at_capacity")
        if (curve := _curve(facts, known, metric, capacities)) is not None
    )
    if not panels:
        return None
    return Exhibit(
        title=say("results.capacity_title"),
        how=say("results.capacity_how_settled" if the_list.main_is_settled(facts, known) else "results.capacity_how"),
        panels=panels,
        table=_capacity_table(facts, known, capacities),
    )


def _curve(facts: RunFacts, known: Known, metric: str, capacities: Sequence[int]) -> CapacityCurve | None:
    points = [_point(facts, known, metric, capacity) for capacity in capacities]
    estimates = [known.with_id(key) for p in points for key in (p.labelled, p.bounds) if key]
    if not any(p.labelled for p in points):
        return None
    settled = not any(p.bounds for p in points)
    return CapacityCurve(
        points=tuple(points),
        chosen=facts.capacity,
        axis=axis_for(estimates, "per_hundred", most=1.0),
        x_title=say(f"results.x_{facts.one_list_per}"),
        legend=(say("results.this_model" if settled else "results.labelled"), say("results.possible")),
        settled=settled,
    )


def _point(facts: RunFacts, known: Known, metric: str, capacity: int) -> CurvePoint:
    at = at_capacity(capacity)
    labelled, bounds = (measures.usable(known.get(facts.main, metric, method=m, at=at)) for m in ("labelled", "bounds"))
    return CurvePoint(
        capacity=capacity,
        labelled=labelled.id if labelled is not None else None,
        bounds=bounds.id if bounds is not None and not the_list.is_settled(bounds) else None,
    )


def _capacity_table(facts: RunFacts, known: Known, capacities: Sequence[int]) -> Table:
    forms = [
        (metric, form) for metric in ("precision_at_capacity", "recall_at_capacity") for form in ("labelled", "bounds")
    ]
    rows = []
    for capacity in capacities:
        cells = [
            measures.shown(known.get(facts.main, metric, method=form, at=at_capacity(capacity)), "per_hundred")
            for metric, form in forms
        ]
        rows.append((fact(f"capacity.{capacity}", "count"), *cells))
    heads = [say(f"results.heads.{metric}_{form}") for metric, form in forms]
    columns = (
        Column(title=say("results.places"), numeric=False),
        *(Column(title=head, numeric=True) for head in heads),
    )
    return Table(name=say("results.capacity_title"), columns=columns, rows=tuple(rows))


# ---------------------------------------------------------------- every model


def models_exhibit(facts: RunFacts, known: Known) -> Exhibit | None:
    """Precision at capacity of every model in the form that the card leads with, and what is possible as a block behind it."""
    rows, estimates, form = [], [], the_list.leading_form(facts, known)
    for name in facts.models:
        own = the_list.precision(known, facts, name, form)
        bounds = measures.usable(the_list.precision(known, facts, name, "bounds"))
        if own is None or (form == "labelled" and not own.is_known):
            continue
        settled = the_list.is_settled(bounds)
        block = [Mark(estimate=bounds.id, shape="range")] if bounds is not None and not settled else []
        label, strong = fact(f"model.{name}.label"), name == facts.main
        estimates += [bounds] if bounds is not None else []
        if not own.is_known:
            rows.append(Row(label=label, marks=tuple(block), value=measures.reason(own)))
            continue
        shape = shape_of(own, main=strong, settled=settled)
        marks = (*block, Mark(estimate=own.id, shape=shape))
        rows.append(Row(label=label, marks=marks, value=number(own.id, "full", "per_hundred"), strong=strong))
        estimates.append(own)
    if not rows:
        return None
    title = say("results.models_title")
    open_ = any(mark.shape == "range" for row in rows for mark in row.marks)
    settled = the_list.main_is_settled(facts, known)
    weighed = form == "weighted"
    of_card = say(f"results.legend_{'settled' if settled else 'weighed' if weighed else 'main'}")
    legend = (
        LegendItem(shape="main" if settled or weighed else "hollow", words=of_card),
        LegendItem(shape="reference", words=say("results.legend_other")),
        *([LegendItem(shape="range", words=say("results.possible"))] if open_ else []),
    )
    axis = HUNDRED if open_ else axis_for(estimates, "per_hundred", most=1.0)
    return Exhibit(
        title=title,
        how=say("results.models_how", hundred=fact("hundred", "count"), capacity=fact("capacity", "count")),
        panels=(Panel(key="fig-models", title=title, drawing=Intervals(rows=tuple(rows), axis=axis)),),
        legend=legend,
        table=_model_table(facts, known),
    )


def _model_table(facts: RunFacts, known: Known) -> Table:
    forms = ["labelled", "bounds", "tie_bounds", "weighted", "audit"]
    forms += [] if contradicted(facts) else ESTIMATED
    used = [f for f in forms if any(the_list.precision(known, facts, name, f) is not None for name in facts.models)]
    rows = tuple(
        (
            fact(f"model.{name}.label"),
            *(measures.shown(the_list.precision(known, facts, name, form), "per_hundred") for form in used),
        )
        for name in facts.models
    )
    columns = (
        Column(title=say("results.model")),
        *(Column(title=say(f"results.forms.{form}"), numeric=True) for form in used),
    )
    return Table(name=say("results.models_title"), columns=columns, rows=rows)


def _other_measures(facts: RunFacts, known: Known) -> Table | None:
    """The ranking and probability measures per model, on places where somebody went."""
    metrics = [m for m in PER_MODEL if any(_at_any(known, facts, name, m) for name in facts.models)]
    if not metrics:
        return None
    rows = tuple(
        (fact(f"model.{name}.label"), *(measures.shown(_at_any(known, facts, name, m)) for m in metrics))
        for name in facts.models
    )
    columns = (Column(title=say("results.model")), *(Column(title=say(f"metrics.{m}"), numeric=True) for m in metrics))
    name = say("results.other_settled" if the_list.main_is_settled(facts, known) else "results.other_title")
    return Table(name=name, columns=columns, rows=rows)


def _at_any(known: Known, facts: RunFacts, model: str, metric: str) -> Estimate | None:
    """A metric of a model, at the study's capacity or at no capacity."""
    found = (known.get(model, metric, method="labelled", at=at) for at in ("", at_capacity(facts.capacity)))
    return next((estimate for estimate in found if estimate is not None), None)


# ---------------------------------------------------------------- each fold apart


def _folds(facts: RunFacts, known: Known) -> Exhibit | None:
    """The main model per fold: whether it holds over time."""
    at = at_capacity(facts.capacity)
    rows, estimates = [], []
    for fold in facts.folds:
        estimate = known.get(facts.main, "precision_at_capacity", method="labelled", at=at, split=fold.name)
        if estimate is None:
            continue
        label = fact(f"fold.{fold.name}.split_on", "date")
        if not estimate.is_known:
            rows.append(Row(label=label, missing=measures.reason(estimate)))
            continue
        bounds = measures.usable(
            known.get(facts.main, "precision_at_capacity", method="bounds", at=at, split=fold.name)
        )
        settled = the_list.is_settled(bounds)
        block = (Mark(estimate=bounds.id, shape="range"),) if bounds is not None and not settled else ()
        estimates += [estimate, *([bounds] if bounds is not None else [])]
        mark = Mark(estimate=estimate.id, shape=shape_of(estimate, main=True, settled=settled))
        note = say("results.n_rows", n=number(estimate.id, "n", "count"))
        rows.append(Row(label=label, marks=(*block, mark), note=note, value=number(estimate.id, "full", "per_hundred")))
    if len(rows) < 2 or not estimates:
        return None
    title = say("results.folds_title")
    return Exhibit(
        title=title,
        how=say("results.folds_how", hundred=fact("hundred", "count")),
        panels=(
            Panel(
                key="fig-per-fold",
                title=title,
                drawing=Intervals(rows=tuple(rows), axis=axis_for(estimates, "per_hundred", most=1.0)),
            ),
        ),
        table=_rows_table(title, say("results.fold"), rows),
    )


def _rows_table(name: Words, head: Words, rows: Sequence[Row]) -> Table:
    cells = tuple(
        (row.label, row.value or row.missing or say("page.not_measured"), row.note or say("page.dash")) for row in rows
    )
    columns = (Column(title=head), Column(title=say("results.value"), numeric=True), Column(title=say("ways.note")))
    return Table(name=name, columns=columns, rows=cells)
