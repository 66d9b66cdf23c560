"""What is there behind what inspections record, when they miss cases and record some that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.conditions import at_capacity, at_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.forms import contradicted, in_form
from tegenkracht.reporting.tree import (
    Block,
    Column,
    Exhibit,
    Intervals,
    LegendItem,
    Mark,
    Pair,
    Pairs,
    Panel,
    Paragraph,
    Row,
    Section,
    Shape,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, number, say

FORMS: tuple[Method, ...] = ("audit", "weighted", "adjusted", "labelled")
"""Ways of counting, the fairest first."""
FIGURES = ("prevalence", "precision_at_capacity")


def imperfect_section(facts: RunFacts, known: Known) -> Section | None:
    """How well inspections see and where that comes from; recorded and corrected shares; absent when it is not asked."""
    if facts.inspections is None:
        return None
    figures: list[Block] = [block for figure in FIGURES if (block := _exhibit(facts, known, figure)) is not None]
    why = (
        [Paragraph(words=say("imperfect.why", why=fact("inspections.why")), css="small")]
        if facts.inspections.why
        else []
    )
    return Section(
        key="imperfect",
        title=say("imperfect.title"),
        answer=_answer(facts, known),
        blocks=(
            _pairs(facts, known),
            *_at_most(known),
            *why,
            *figures,
            Paragraph(words=say("imperfect.assumes"), css="note"),
        ),
        side=say("imperfect.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    """What was recorded on the list, or else everywhere, and what is there, counted in the fairest way there is."""
    for figure in reversed(FIGURES):
        for form in FORMS:
            recorded, there, _ = _told(facts, known, figure, form)
            usable = form != "adjusted" or not contradicted(facts)
            if usable and recorded is not None and recorded.value is not None and there is not None and there.is_known:
                return say(
                    f"imperfect.answer_{figure}",
                    hundred=fact("hundred", "count"),
                    recorded=number(recorded.id, "value", "per_hundred"),
                    low=number(there.id, "low", "per_hundred"),
                    high=number(there.id, "high", "per_hundred"),
                )
    return say("imperfect.answer_none")


def _told(
    facts: RunFacts, known: Known, figure: str, form: Method
) -> tuple[Estimate | None, Estimate | None, Estimate | None]:
    """A share as recorded, by posterior, and by formula."""
    by = [_corrected(known, facts, figure, form, road) for road in ("bayes", "rogan_gladen")]
    return in_form(known, facts, figure, form), by[0], by[1]


def _pairs(facts: RunFacts, known: Known) -> Pairs:
    """Sensitivity and specificity with their source, and what double visits recorded."""
    hundred = fact("hundred", "count")
    pairs = []
    for metric, source, found in _sights(known):
        if found.is_known:
            words: Words = say(
                f"imperfect.share_{source}",
                share=number(found.id, "full", "per_hundred_fine"),
                hundred=hundred,
                n=number(found.id, "n", "count"),
            )
        else:
            words = measures.reason(found)
        pairs.append(Pair(term=say(f"imperfect.{metric}.{source}"), words=words, filled=found.is_known))
    if not known.all("specificity"):
        pairs.append(Pair(term=say("imperfect.specificity.declared"), words=say("imperfect.taken_as_all")))
    twice = _double_visits(known)
    if twice:
        words = say(
            "imperfect.double_visits_are",
            places=number(twice["both"].id, "n", "count"),
            **{name: number(e.id, "value", "count") for name, e in twice.items() if name != "neither"},
        )
        pairs.append(Pair(term=say("imperfect.double_visits"), words=words))
    return Pairs(pairs=tuple(pairs))


def _at_most(known: Known) -> list[Block]:
    """Two visits cannot tell how much cases differ: what they say of an inspection is the most that it sees."""
    told = [found for metric, source, found in _sights(known) if (metric, source) == ("sensitivity", "double_visits")]
    if not any(found.is_known for found in told):
        return []
    hundred = fact("hundred", "count")
    most = number(told[0].id, "high", "per_hundred")
    return [Paragraph(words=say("imperfect.at_most", most=most, hundred=hundred), css="note")]


def _exhibit(facts: RunFacts, known: Known, figure: str) -> Exhibit | None:
    """Recorded beside corrected, per way of counting."""
    rows, drawn, lines = [], [], []
    for form in FORMS:
        recorded, there, formula = _told(facts, known, figure, form)
        if recorded is None or there is None:
            continue
        lines.append(
            (say(f"forms.ways.{form}"), *(measures.shown(e, "per_hundred_fine") for e in (recorded, there, formula)))
        )
        if form == "adjusted" and contradicted(facts):
            lines[-1] = (lines[-1][0], *(say("forms.not_shown") for _ in range(3)))
            continue
        marked = [e for e in (recorded, there) if e.is_known]
        drawn += marked
        rows += list(_rows(form, recorded, there))
    if not drawn:
        return None
    hundred = fact("hundred", "count")
    title = say(f"imperfect.titles.{figure}", hundred=hundred)
    heads = ("way", "recorded", "there", "formula")
    table = Table(
        name=title,
        columns=tuple(Column(title=say(f"imperfect.heads.{head}"), numeric=head != "way") for head in heads),
        rows=tuple(lines),
    )
    alarms = [e for form in FORMS[:2] if (e := _false_alarms(known, facts, figure, form)) is not None]
    how = say("imperfect.how")
    if alarms:
        how = say("imperfect.how_alarms", alarms=number(alarms[0].id, "full", "per_hundred"), hundred=hundred)
    return Exhibit(
        title=title,
        how=how,
        panels=(
            Panel(
                key=f"fig-imperfect-{figure.replace('_', '-')}",
                title=title,
                drawing=Intervals(rows=tuple(rows), axis=axis_for(drawn, "per_hundred", most=1.0)),
            ),
        ),
        legend=(
            LegendItem(shape="reference", words=say("imperfect.heads.recorded")),
            LegendItem(shape="main", words=say("imperfect.heads.there")),
        ),
        table=table,
    )


def _rows(form: Method, recorded: Estimate, there: Estimate) -> Iterator[Row]:
    heading = say(f"forms.ways.{form}")
    shapes: dict[str, Shape] = {"recorded": "reference", "there": "main"}
    for name, estimate in (("recorded", recorded), ("there", there)):
        label = say(f"imperfect.heads.{name}")
        if not estimate.is_known:
            yield Row(label=label, heading=heading, missing=measures.reason(estimate))
            return
        yield Row(
            label=label,
            marks=(Mark(estimate=estimate.id, shape=shapes[name]),),
            value=number(estimate.id, "full", "per_hundred_fine"),
            heading=heading if name == "recorded" else None,
            strong=name == "there",
        )


def _sights(known: Known) -> list[tuple[str, str, Estimate]]:
    """Sensitivity and specificity of inspections with their source, `double_visits` before `declared`."""
    wanted = (("sensitivity", "double_visits"), ("sensitivity", "declared"), ("specificity", "declared"))
    return [
        (metric, source, e) for metric, source in wanted for e in known.all(metric, at=f"source={source}", group="")
    ]


def _double_visits(known: Known) -> dict[str, Estimate]:
    """At how many places that were visited twice `both`, only the `first`, only the `second` or `neither` visit found something."""
    return {at_of(e, "found"): e for e in known.all("double_visits")}


def _corrected(known: Known, facts: RunFacts, figure: str, form: Method, road: str) -> Estimate | None:
    """What is there behind a recorded share, by posterior (`bayes`) or by formula (`rogan_gladen`)."""
    return _behind(known, facts, f"true_{figure}", form, road)


def _false_alarms(known: Known, facts: RunFacts, figure: str, form: Method) -> Estimate | None:
    """Part of what is recorded that is a false alarm."""
    return measures.usable(_behind(known, facts, f"false_alarm_share_{figure}", form, "bayes"))


def _behind(known: Known, facts: RunFacts, metric: str, form: Method, road: str) -> Estimate | None:
    of_list = metric.endswith("_at_capacity")
    at = f"{at_capacity(facts.capacity)},by={road}" if of_list else f"by={road}"
    return known.get(facts.main if of_list else "", metric, method=form, at=at)
