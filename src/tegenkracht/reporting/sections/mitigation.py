"""What was done about gaps between groups: how much narrower, at what cost, which way round, and whether it held in the next period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tegenkracht.core.conditions import at_capacity, at_of, attribute_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.mitigation import LOOKED
from tegenkracht.evaluation.mitigation_checks import moved, say_otherwise, turned_in
from tegenkracht.evaluation.mitigation_forms import forms_of_shifts, leading_form
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label
from tegenkracht.reporting.tree import (
    Block,
    Column,
    Exhibit,
    Frontier,
    FrontierPoint,
    Heading,
    LegendItem,
    Panel,
    Paragraph,
    Section,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say

DRAWN = ("selection_rate", "false_positive_rate")
"""Gaps that get a figure; all get a table."""
LETTERS = "abcdefghijklm"
"""Names of models in a figure; a model beyond the last stands in the tables alone."""
WAYS: tuple[Method, ...] = ("labelled", "weighted", "audit", "bounds")
"""Ways to count what rests on outcomes."""


def mitigation_section(facts: RunFacts, known: Known) -> Section | None:
    """Per attribute that was acted on: figures, before and after, the next period; then what it costs. Absent without mitigated models."""
    models = _mitigated(known)
    if not models:
        return None
    blocks: list[Block] = [
        _costs(facts, known, models),
        *_apart(facts, known, models),
        *_costs_in_ways(facts, known, models),
    ]
    for attribute in _acted_on(facts, models):
        of = [block for harm in measures.HARMS for block in _of_harm(facts, known, models, attribute, harm)]
        if of:
            blocks += [Heading(words=fact(f"attribute.{attribute}.label", "title")), *of]
    blocks.append(Paragraph(words=say("mitigation.how"), css="small"))
    return Section(
        key="mitigation",
        title=say("mitigation.title"),
        answer=say("mitigation.answer"),
        blocks=tuple(blocks),
        side=say("mitigation.side"),
    )


def _acted_on(facts: RunFacts, models: dict[str, str]) -> list[str]:
    """Attributes that a mitigation names; all of them when none does."""
    plans = facts.spec.get("models", {})
    named = {(plans.get(model, {}).get("mitigation") or {}).get("attribute") for model in models}
    return [a for a in facts.attributes if a in named] or list(facts.attributes)


def _of_harm(facts: RunFacts, known: Known, models: dict[str, str], attribute: str, harm: str) -> list[Block]:
    """One gap: the figure, and the table before and after."""
    if not any(measures.usable(_pair_gap(known, m, harm, attribute)) for m in models):
        return []
    exhibit = _frontier(facts, known, models, attribute, harm) if harm in DRAWN else None
    tables = _before_after(facts, known, models, attribute, harm)
    return [*([exhibit] if exhibit else []), *tables, *_looked_at(known, models, harm, attribute)]


def _frontier(facts: RunFacts, known: Known, models: dict[str, str], attribute: str, harm: str) -> Exhibit | None:
    """Shift of the gap against change of precision, each in the form that leads, and where no gap would be left."""
    rows: list[tuple[str, Estimate, Estimate]] = []
    of_gap, of_found = _form_of_gap(known, harm, attribute), _form_of_costs(facts, known, models)
    for model in models:
        shift = measures.usable(_pair_shift(known, model, harm, attribute, "all"))
        found = measures.usable(_cost(facts, known, model, models[model], of_found))
        if shift is not None and found is not None:
            rows.append((model, shift, found))
    if not rows:
        return None
    points = tuple(
        FrontierPoint(
            letter=say(f"mitigation.letters.{letter}"),
            label=fact(f"model.{model}.label"),
            harm=shift.id,
            found=found.id,
            shape=_shape(known, model, models[model], attribute, harm),
        )
        for letter, (model, shift, found) in zip(LETTERS, rows, strict=False)
    )
    hundred = fact("hundred", "count")
    title = say(f"mitigation.frontier.{harm}")
    before = measures.usable(_pair_gap(known, models[rows[0][0]], harm, attribute))
    gone = [] if before is None or before.value is None else [_mirrored(before)]
    drawing = Frontier(
        points=points,
        x=axis_for([*(shift for _, shift, _ in rows), *gone], "points", zero=True),
        y=axis_for([found for *_, found in rows], "points", zero=True),
        x_title=say(f"mitigation.x.{of_gap}", hundred=hundred),
        y_title=say(f"mitigation.y.{of_found}", hundred=hundred),
        origin=say("mitigation.origin", model=fact(f"model.{models[rows[0][0]]}.label")),
        gap=before.id if gone and before is not None else None,
        gone=say("mitigation.gone"),
    )
    return Exhibit(
        title=title,
        how=join(say("mitigation.read"), say(f"mitigation.counted.{of_gap}.{of_found}"), between=" "),
        panels=(Panel(key=f"fig-frontier-{attribute}-{harm}", title=title, drawing=drawing),),
        legend=(
            LegendItem(shape="main", words=say("mitigation.same_way")),
            LegendItem(shape="attention", words=say("mitigation.turned")),
        ),
    )


def _mirrored(gap: Estimate) -> Estimate:
    """How far a gap must shift until nothing of it is left, for the axis to hold."""
    return replace(gap, value=-(gap.value or 0.0), low=None, high=None)


def _shape(known: Known, model: str, base: str, attribute: str, harm: str) -> Shape:
    looked = [(p, *pair) for p in LOOKED for pair in _every_pair(known, model, base, harm, attribute, p)]
    return "attention" if any(turned_in(*pair) != "no" for pair in looked) else "main"


def _form_of_costs(facts: RunFacts, known: Known, models: dict[str, str]) -> Method:
    """The form in which lists are compared on what they find."""
    changes = [_cost(facts, known, m, base, "weighted") for m, base in models.items()]
    return leading_form(filter(None, changes), weighs=known.weighs)


def _form_of_gap(known: Known, harm: str, attribute: str) -> Method:
    """The form in which a gap and its shift are told; a flag needs no outcome, so that it is counted of all rows."""
    if harm != "false_positive_rate":
        return "sample"
    shifts = known.all(f"{harm}_pair_shift")
    return forms_of_shifts(shifts, weighs=known.weighs).get(attribute, "labelled")


def _every_pair(
    known: Known, model: str, base: str, harm: str, attribute: str, period: str
) -> list[tuple[Estimate, Estimate, Estimate]]:
    """Of every two groups the gap before, the gap after and the shift in a period, as far as they have numbers in the form that is told."""
    pairs, form = [], _form_of_gap(known, harm, attribute)
    for shift in _pair(known, model, f"{harm}_pairs_shift", attribute, period):
        if shift.method != form:
            continue
        before, after = (
            known.get(m, f"{harm}_pairs_gap", method=shift.method, group=shift.group, at=shift.at)
            for m in (base, model)
        )
        if before is not None and after is not None and all(e.is_known for e in (before, after, shift)):
            pairs.append((before, after, shift))
    return pairs


def _looked_at(known: Known, models: dict[str, str], harm: str, attribute: str) -> list[Block]:
    """Which pairs of groups were looked at for a gap that turned."""
    looked = {
        (pair[2].group, pair[2].at): pair[2]
        for m, base in models.items()
        for pair in _every_pair(known, m, base, harm, attribute, "all")
    }
    if not looked:
        return []
    named = join(*map(_between, looked.values()), between="; ")
    return [Paragraph(words=say("mitigation.looked_at", pairs=named), css="small")]


def _between(gap: Estimate) -> Words:
    """Both groups of a pair."""
    return join(group_label(gap.group), group_label(_reference_of_pair(gap)), between=" – ")


def _before_after(facts: RunFacts, known: Known, models: dict[str, str], attribute: str, harm: str) -> list[Table]:
    """The rate of each group per model, the gap between the pair, and pairs with another sign, over all periods and in the last; and how far that gap shifted."""
    first = next(e for m in models if (e := measures.usable(_pair_gap(known, m, harm, attribute))))
    names, form = [*dict.fromkeys(models.values()), *models], _form_of_gap(known, harm, attribute)
    periods = [p for p in LOOKED if any(_pair(known, m, f"{harm}_pairs_shift", attribute, p) for m in models)]
    groups = [
        g
        for g in (f"{attribute}={value}" for value in facts.attributes[attribute].values)
        if any(_rate_of_group(known, facts, m, harm, g) for m in names)
    ]
    rates = tuple(
        (
            fact(f"model.{model}.label"),
            *(measures.shown(_rate_of_group(known, facts, model, harm, g), "per_hundred_fine") for g in groups),
            measures.shown(_pair_gap(known, model, harm, attribute)),
            *(_direction_words(known, model, models.get(model), attribute, harm, period) for period in periods),
        )
        for model in names
    )
    columns = (
        Column(title=say("mitigation.model")),
        *(Column(title=group_label(g), numeric=True) for g in groups),
        Column(title=say("mitigation.gap", between=_between(first)), numeric=True),
        *(Column(title=say(f"mitigation.direction.{period}")) for period in periods),
    )
    told = Table(
        name=say(f"mitigation.before_after.{harm}.{form}", hundred=fact("hundred", "count")),
        columns=columns,
        rows=rates,
    )
    return [told, _periods(facts, known, models, attribute, harm), *_shift_in_ways(known, models, attribute, harm)]


def _direction_words(known: Known, model: str, base: str | None, attribute: str, harm: str, period: str) -> Words:
    """Pairs that turned in a period, and those that a reader sees on the other side of zero without that being shown."""
    if base is None:
        return say("mitigation.directions.base")
    looked = _every_pair(known, model, base, harm, attribute, period)
    told = [(_direction(period, *pair), *pair) for pair in looked]
    turns = [
        say(
            f"mitigation.directions.{how}",
            pair=_between(shift),
            before=number(before.id, "value", "points"),
            after=number(after.id, "value", "points"),
        )
        for how, before, after, shift in told
        if how != "no"
    ]
    return join(*turns, between="; ") if turns else say(f"mitigation.directions.{'no' if looked else 'unknown'}")


def _direction(period: str, before: Estimate, after: Estimate, shift: Estimate) -> str:
    """How a gap turned; `other_sign` where it did not by more than chance explains, and the numbers that are told differ in sign."""
    how = turned_in(period, before, after, shift)
    return "other_sign" if how == "no" and points(before.value) * points(after.value) < 0 else how


def _periods(facts: RunFacts, known: Known, models: dict[str, str], attribute: str, harm: str) -> Table:
    """How far the gap shifted, what that says, and the smallest shift that could be shown; and the shift before the last period and in it."""
    heads, form = ("earlier", "next"), _form_of_gap(known, harm, attribute)
    rows = tuple(
        (
            fact(f"model.{model}.label"),
            measures.shown(_pair_shift(known, model, harm, attribute, "all")),
            _verdict(facts, known, model, base, attribute, harm),
            _could_show(known, model, harm, attribute),
            *(measures.shown(_pair_shift(known, model, harm, attribute, period)) for period in heads),
        )
        for model, base in models.items()
    )
    columns = (
        Column(title=say("mitigation.model")),
        Column(title=say("mitigation.periods.all"), numeric=True),
        Column(title=say("mitigation.verdict")),
        Column(title=say("mitigation.could_show"), numeric=True),
        *(Column(title=say(f"mitigation.periods.{head}"), numeric=True) for head in heads),
    )
    return Table(
        name=say(f"mitigation.shift.{harm}.{form}", hundred=fact("hundred", "count")), columns=columns, rows=rows
    )


def _verdict(facts: RunFacts, known: Known, model: str, base: str, attribute: str, harm: str) -> Words:
    """Whether the gap became narrower or wider; where neither is shown, whether the data could tell."""
    before, after = (measures.usable(_pair_gap(known, m, harm, attribute)) for m in (base, model))
    shift = measures.usable(_pair_shift(known, model, harm, attribute, "all"))
    if before is None or after is None or shift is None:
        return say("mitigation.directions.unknown")
    how = moved(before, after, shift, smallest=facts.smallest_gap)
    matters = {"matters": fact("groups.matters", "number")} if how == "none_that_matters" else {}
    return say(f"mitigation.verdicts.{how}", **matters)


def _could_show(known: Known, model: str, harm: str, attribute: str) -> Words:
    """The smallest shift that the data could show, without a sign."""
    least = _pair_could_show(known, model, harm, attribute)
    if least is None or not least.is_known:
        return measures.shown(least)
    return number(least.id, "value", "per_hundred_fine")


def _shift_in_ways(known: Known, models: dict[str, str], attribute: str, harm: str) -> list[Table]:
    """The shift of a gap that rests on outcomes, in every way to count them; nothing where no outcome counts or somebody went everywhere."""
    told = {m: [_pair_shift(known, m, harm, attribute, "all", way) for way in WAYS] for m in models}
    return _in_ways(f"mitigation.ways.{harm}", told)


def _costs_in_ways(facts: RunFacts, known: Known, models: dict[str, str]) -> list[Table]:
    """The change of what the list finds, in every way to count visits."""
    told = {m: [_cost(facts, known, m, base, way) for way in WAYS] for m, base in models.items()}
    return _in_ways("mitigation.ways.precision", told)


def _apart(facts: RunFacts, known: Known, models: dict[str, str]) -> list[Block]:
    """Models of which it depends on how visits are counted whether their list finds less; nothing when there is none, or visits are not weighed."""
    if _form_of_costs(facts, known, models) == "labelled":
        return []
    named = []
    for model, base in models.items():
        seen, weighed = (_cost(facts, known, model, base, way) for way in ("labelled", "weighted"))
        if seen is not None and weighed is not None and say_otherwise(seen, weighed):
            named.append(fact(f"model.{model}.label"))
    return [Paragraph(words=say("mitigation.apart", models=join(*named, between="; ")))] if named else []


def _in_ways(name: str, told: dict[str, list[Estimate | None]]) -> list[Table]:
    """A table that opens when a reader asks for it; none when visits have no weights."""
    weighed = [estimate for row in told.values() for estimate in row[1:3]]
    if not any(weighed):
        return []
    rows = tuple((fact(f"model.{m}.label"), *(_in_way(e) for e in row)) for m, row in told.items())
    columns = (
        Column(title=say("mitigation.model")),
        *(Column(title=say(f"forms.ways.{way}"), numeric=True) for way in WAYS),
    )
    return [Table(name=say(name, hundred=fact("hundred", "count")), columns=columns, rows=rows, folded=True)]


def _in_way(estimate: Estimate | None) -> Words:
    return _possible(estimate) if estimate is not None and estimate.method == "bounds" else measures.shown(estimate)


def _costs(facts: RunFacts, known: Known, models: dict[str, str]) -> Table:
    """Per model what is found, compared with the model without mitigation, in the form that leads."""
    form = _form_of_costs(facts, known, models)
    rows = tuple(
        (
            fact(f"model.{model}.label"),
            fact(f"model.{model}.description"),
            measures.shown(_cost(facts, known, model, base, form)),
            _possible(_cost(facts, known, model, base, "bounds")),
            measures.shown(_kept(known, model), "two"),
        )
        for model, base in models.items()
    )
    heads = ("model", "what", f"precision.{form}", "possible", "kept")
    columns = tuple(Column(title=say(f"mitigation.{head}"), numeric=head not in ("model", "what")) for head in heads)
    return Table(name=say("mitigation.costs", hundred=fact("hundred", "count")), columns=columns, rows=rows)


def _possible(bounds: Estimate | None) -> Words:
    if bounds is None or not bounds.is_known:
        return measures.shown(bounds)
    return number(bounds.id, "span", "points")


def _mitigated(known: Known) -> dict[str, str]:
    """Per mitigated model, in the run's order, the model that it is compared with."""
    return {e.model: at_of(e, "versus") for e in known.all("findings_kept", split="all", method="labelled")}


def _pair_gap(known: Known, model: str, harm: str, attribute: str) -> Estimate | None:
    """The gap of a model between the pair of groups of an attribute, over all test periods, in the form that is told."""
    return _in_form(_pair(known, model, f"{harm}_pair_gap", attribute, "all"), _form_of_gap(known, harm, attribute))


def _pair_shift(
    known: Known, model: str, harm: str, attribute: str, period: str, method: Method | None = None
) -> Estimate | None:
    """How much a mitigated model's gap lies further up or down than without mitigation; where outcomes count, in the form that is asked, or told."""
    found = _pair(known, model, f"{harm}_pair_shift", attribute, period)
    return _in_form(found, method or _form_of_gap(known, harm, attribute))


def _pair_could_show(known: Known, model: str, harm: str, attribute: str) -> Estimate | None:
    """The smallest shift that the data of all test periods could show."""
    found = _pair(known, model, f"{harm}_pair_shift_detectable", attribute, "all")
    return _in_form(found, _form_of_gap(known, harm, attribute))


def _in_form(found: Iterable[Estimate], form: Method) -> Estimate | None:
    return next((e for e in found if e.method == form), None)


def _reference_of_pair(estimate: Estimate) -> str:
    """The group of a pair that is hit least, as `attribute=value`."""
    return f"{attribute_of(estimate.group)}={at_of(estimate, 'versus')}"


def _cost(facts: RunFacts, known: Known, model: str, base: str, form: Method) -> Estimate | None:
    """How much more a mitigated model's list finds than that of the model without mitigation, as it stands where all lists are compared."""
    at = f"{at_capacity(facts.capacity)},versus={base}"
    return known.get(model, "precision_difference", method=form, at=at)


def _kept(known: Known, model: str) -> Estimate | None:
    """Findings over those of the model without mitigation, over all test periods."""
    return next((e for e in known.all("findings_kept", model=model) if at_of(e, "period") == "all"), None)


def _rate_of_group(known: Known, facts: RunFacts, model: str, harm: str, group: str) -> Estimate | None:
    """A rate of one group at the study's capacity, in the form that gaps are told in."""
    found = known.all(harm, model=model, group=group, at=at_capacity(facts.capacity), split="all")
    return _in_form(found, _form_of_gap(known, harm, attribute_of(group)))


def _pair(known: Known, model: str, metric: str, attribute: str, period: str) -> list[Estimate]:
    return [
        e for e in known.all(metric, model=model) if attribute_of(e.group) == attribute and at_of(e, "period") == period
    ]
