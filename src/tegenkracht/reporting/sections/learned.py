"""What the model learnt: a curve per indicator, pairs that work on each other, and the declared directions."""

from __future__ import annotations

from tegenkracht.core.conditions import at_capacity, at_of
from tegenkracht.core.estimate import Estimate, Method, verdict_of
from tegenkracht.reporting.axis import axis_between, axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.tree import (
    Block,
    Bullets,
    Column,
    Exhibit,
    Panel,
    Paragraph,
    Profile,
    ProfilePoint,
    Section,
    Table,
)
from tegenkracht.reporting.units import Unit, told_in, unit_for
from tegenkracht.reporting.wording import Words, fact, join, number, say


def learned_section(facts: RunFacts, known: Known) -> Section | None:
    """Curves first; absent when the study did not ask."""
    exhibit = _curves(facts, known)
    if exhibit is None:
        return None
    blocks: list[Block] = [exhibit, *_pairs(facts, known), *_directions(facts, known)]
    blocks.append(Bullets(items=(say("learned.read"), say("learned.last"), say("learned.no_cause"))))
    return Section(
        key="learned",
        title=say("learned.title"),
        answer=_answer(known, facts),
        blocks=tuple(blocks),
        side=say("learned.side"),
    )


def _label(name: str) -> Words:
    return fact(f"feature.{name}.label", "title")


def _curves(facts: RunFacts, known: Known) -> Exhibit | None:
    """Small drawings on one height scale, and all their numbers in a table."""
    heights = known.all("ale", model=facts.main)
    sizes = {at_of(e, "feature"): e for e in known.all("ale_size", model=facts.main)}
    if not heights:
        return None
    y = axis_for(heights, "one")
    panels, rows = [], []
    for i, name in enumerate(sizes):
        own = [e for e in heights if at_of(e, "feature") == name]
        values = [float(at_of(e, "value")) for e in own]
        unit = unit_for(facts.measures.get(name), values)
        x = axis_between(unit.of(min(values)), unit.of(max(values)), "two")
        drawing = Profile(points=tuple(map(_point, own)), x=x, y=y, x_title=say(f"learned.x_in.{unit.name}"))
        panels.append(Panel(key=f"fig-curve-{i}", title=_label(name), drawing=drawing))
        rows += _rows(name, own, unit)
    columns = (
        Column(title=say("dictionary.indicator")),
        Column(title=say("learned.value"), numeric=True),
        Column(title=say("learned.height"), numeric=True),
    )
    title = say("learned.figure")
    banded = any(e.low is not None for e in heights)
    return Exhibit(
        title=title,
        how=say("learned.how" if banded else "learned.how_without_band"),
        panels=tuple(panels),
        table=Table(name=title, columns=columns, rows=tuple(rows)),
    )


def _point(height: Estimate) -> ProfilePoint:
    return ProfilePoint(edge=f"value.{at_of(height, 'feature')}.{at_of(height, 'value')}", estimate=height.id)


def _rows(name: str, heights: list[Estimate], unit: Unit) -> list[tuple[Words, ...]]:
    """A line for each value that reads differently from the one before it, in its unit."""
    rows: dict[float, tuple[Words, ...]] = {}
    for e in heights:
        value = unit.of(float(at_of(e, "value")))
        rows.setdefault(
            value,
            (_label(name), told_in(unit, fact(_point(e).edge, "number"), yes=bool(value)), number(e.id, "full", "two")),
        )
    return list(rows.values())


def _pairs(facts: RunFacts, known: Known) -> list[Block]:
    """Pairs, beside what each column does alone."""
    pairs = known.all("interaction", model=facts.main)
    sizes = {at_of(e, "feature"): e for e in known.all("ale_size", model=facts.main)}
    if not pairs:
        return []
    heads = ("first", "second", "together", "first_alone", "second_alone")
    columns = tuple(Column(title=say(f"learned.{head}"), numeric=i > 1) for i, head in enumerate(heads))
    rows = []
    for e in pairs:
        first, second = at_of(e, "feature"), at_of(e, "with")
        shown = (measures.shown(e, "two"), *(measures.shown(sizes.get(name), "two") for name in (first, second)))
        rows.append((_label(first), _label(second), *shown))
    return [
        Table(name=say("learned.pairs"), columns=columns, rows=tuple(rows)),
        Paragraph(words=say("learned.pairs_how"), css="small"),
    ]


def _directions(facts: RunFacts, known: Known) -> list[Block]:
    """How often the score goes against a declared direction, per model; and what the directions cost."""
    told = {e.model: e for e in known.all("against_direction") if e.at == "" and e.model in facts.models}
    if not told:
        return []
    columns = (
        Column(title=say("results.model")),
        Column(title=say("learned.moves"), numeric=True),
        Column(title=say("learned.against"), numeric=True),
    )
    rows = tuple(
        (fact(f"model.{name}.label"), number(e.id, "n", "count"), number(e.id, "full", "per_hundred_fine"))
        for name, e in told.items()
    )
    costs = [Paragraph(words=words) for form in _forms(facts, known) for words in _cost(facts, known, form)]
    return [Table(name=say("learned.directions"), columns=columns, rows=rows), *costs]


def _forms(facts: RunFacts, known: Known) -> list[Method]:
    """The form that the card leads with, and that of visited places."""
    return ["weighted", "labelled"] if the_list.leading_form(facts, known) == "weighted" else ["labelled"]


def _cost(facts: RunFacts, known: Known, form: Method) -> list[Words]:
    """What the directions cost the list in one form, or why nobody knows; nothing where the study did not ask."""
    gain, free, units = (
        known.get(facts.main, metric, method=form, at=at_capacity(facts.capacity))
        for metric in ("constraint_gain", "precision_without_directions", "constraint_gain_units")
    )
    if gain is None or free is None:
        return []
    told = say(f"learned.cost_form.{form}")
    if not (gain.is_known and free.is_known):
        return [say("learned.cost_unknown", form=told, reason=measures.reason(free if gain.is_known else gain))]
    words = say(
        f"learned.cost_{verdict_of(gain)}",
        form=told,
        gap=number(gain.id, "full", "points"),
        free=number(free.id, "full", "per_hundred"),
        hundred=fact("hundred", "count"),
    )
    if units is None:
        return [words]
    return [join(words, say("learned.cost_units", units=number(units.id, "value", "two")), between=" ")]


def _answer(known: Known, facts: RunFacts) -> Words:
    sizes = known.all("ale_size", model=facts.main)
    first = max(sizes, key=lambda e: e.value or 0.0)
    return say("learned.answer", label=fact(f"feature.{at_of(first, 'feature')}.label"))
