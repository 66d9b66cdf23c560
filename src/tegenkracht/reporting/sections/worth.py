"""What the list brings and what it costs, at costs that people stated."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity
from tegenkracht.core.decision import Costs
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.tree import (
    Block,
    Column,
    DecisionCurve,
    Exhibit,
    NetBenefitLine,
    NetBenefitPoint,
    Pair,
    Pairs,
    Panel,
    Paragraph,
    Section,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, number, say

FORMS = ("labelled", "weighted", "audit", "bounds")


def worth_section(facts: RunFacts, known: Known) -> Section | None:
    """The share of visits at which the list breaks even, the decision curve, and what a hundred visits bring; absent without costs."""
    costs, form = facts.costs, _form(facts, known)
    if costs is None or facts.sides:
        return None
    blocks: list[Block | None] = [_costs(), _exhibit(facts, known, costs, form) if form else None, _table(facts, known)]
    return Section(
        key="worth",
        title=say("worth.title"),
        answer=_answer(facts, known, costs, form),
        blocks=(*(block for block in blocks if block is not None), Paragraph(words=say("worth.how"), css="small")),
        side=say("worth.side"),
    )


def _form(facts: RunFacts, known: Known) -> str:
    """The better form in which the list's precision is known; empty when it is not."""
    precisions = ((form, the_list.precision(known, facts, facts.main, form)) for form in ("weighted", "labelled"))
    return next((form for form, e in precisions if e is not None and e.value is not None), "")


def _break_even(known: Known, weight: float) -> Estimate | None:
    return known.get("", "break_even", method="fixed", at=f"weight={weight:g}")


def _answer(facts: RunFacts, known: Known, costs: Costs, form: str) -> Words:
    needed = _break_even(known, costs.weight)
    found = measures.usable(the_list.precision(known, facts, facts.main, form)) if form else None
    if needed is None or found is None:
        return say("worth.answer_none")
    return say(
        f"worth.answer_{form}",
        hundred=fact("hundred", "count"),
        needed=number(needed.id, "value", "per_hundred"),
        found=number(found.id, "full", "per_hundred"),
    )


def _costs() -> Pairs:
    """What was declared."""
    amounts = tuple(
        Pair(
            term=say(f"worth.{name}"),
            words=say("worth.amount", amount=fact(f"costs.{name}", "number"), unit=fact("costs.unit")),
        )
        for name in ("visit", "finding", "harm")
    )
    return Pairs(pairs=(*amounts, Pair(term=say("worth.why"), words=fact("costs.why"))))


def _exhibit(facts: RunFacts, known: Known, costs: Costs, form: str) -> Exhibit | None:
    """The decision curve, with its numbers as a table."""
    at = at_capacity(facts.capacity)
    orders: list[tuple[str, str, Words, Shape]] = [
        (facts.main, at, fact(f"model.{facts.main}.label"), "hollow" if form == "labelled" else "main")
    ]
    orders += [
        (name, at, fact(f"model.{name}.label"), "reference") for name in facts.references[:1] if name != facts.main
    ]
    orders += [("", "everybody", say("worth.everybody"), "small")]
    lines = tuple(
        NetBenefitLine(label=label, shape=shape, points=points)
        for model, where, label, shape in orders
        if (points := _points(known, costs, model, where, form))
    )
    own = [known.with_id(p.estimate) for p in lines[0].points] if lines else []
    needed = _break_even(known, costs.weight)
    if not own or needed is None:
        return None
    title = say("worth.figure", thousand=fact("thousand", "count"))
    shares = [known.with_id(p.share) for p in lines[0].points]
    drawing = DecisionCurve(
        lines=lines,
        stated=needed.id,
        axis=axis_for(own, "per_thousand", zero=True),
        x_axis=axis_for(shares, "per_hundred"),
        x_title=say("worth.x", hundred=fact("hundred", "count")),
        nobody=say("worth.nobody"),
    )
    return Exhibit(
        title=title,
        how=say(f"worth.figure_how_{form}"),
        panels=(Panel(key="fig-decision", title=title, drawing=drawing),),
        table=_curve_table(drawing, title),
    )


def _points(known: Known, costs: Costs, model: str, where: str, form: str) -> tuple[NetBenefitPoint, ...]:
    points = []
    for weight in costs.every_weight:
        share = _break_even(known, weight)
        left = measures.usable(known.get(model, "net_benefit", method=form, at=f"{where},weight={weight:g}"))
        if share is not None and left is not None:
            points.append(NetBenefitPoint(share=share.id, estimate=left.id))
    return tuple(points)


def _curve_table(drawing: DecisionCurve, title: Words) -> Table:
    """A line per weight, a column per order."""
    of_share = [{p.share: p.estimate for p in line.points} for line in drawing.lines]
    rows = tuple(
        (
            number(point.share, "value", "per_hundred"),
            *(
                number(line[point.share], "full", "per_thousand") if point.share in line else say("page.dash")
                for line in of_share
            ),
        )
        for point in drawing.lines[0].points
    )
    columns = (Column(title=drawing.x_title), *(Column(title=line.label, numeric=True) for line in drawing.lines))
    return Table(name=title, columns=columns, rows=rows)


def _table(facts: RunFacts, known: Known) -> Table | None:
    """What a hundred visits bring in the unit of the costs: this list, the reference and a lot, in every form."""
    at = at_capacity(facts.capacity)
    orders: list[tuple[str, Words]] = [(facts.main, fact(f"model.{facts.main}.label"))]
    orders += [(name, fact(f"model.{name}.label")) for name in facts.references[:1] if name != facts.main]
    orders += [("", say("worth.lot"))]
    forms = [f for f in FORMS if any(known.get(model, "worth_of_visits", method=f, at=at) for model, _ in orders)]
    if not forms:
        return None
    rows = tuple(
        (
            label,
            *(measures.shown(known.get(model, "worth_of_visits", method=form, at=at), "count") for form in forms),
        )
        for model, label in orders
    )
    columns = (
        Column(title=say("worth.order")),
        *(Column(title=say(f"results.forms.{form}"), numeric=True) for form in forms),
    )
    name = say("worth.table", hundred=fact("hundred", "count"), unit=fact("costs.unit"))
    return Table(name=name, columns=columns, rows=rows)
