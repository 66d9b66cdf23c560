"""The data, and how places came to be inspected."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.conditions import at_of, attribute_of, value_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import CROSSED
from tegenkracht.evaluation.crossings import SECTOR
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.provenance import timeline_exhibit
from tegenkracht.reporting.tree import (
    Block,
    Column,
    Exhibit,
    Intervals,
    Mark,
    Pair,
    Pairs,
    Panel,
    Paragraph,
    Row,
    Section,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say
from tegenkracht.reporting.words.catalogue import has

COUNTS = (
    *("rows", "units", "clusters", "observed", "positives", "inspected_share", "never_inspected", "prevalence"),
    *("sole_traders", "immature_dates"),
)
"""What is counted about the data, in the order of the card."""


def data_section(facts: RunFacts, known: Known) -> Section:
    """Counts, findings per channel, who was never inspected, and the folds in time."""
    blocks: list[Block] = [Pairs(pairs=_counts(facts, known))]
    channels = rates_exhibit(facts, known, "channel")
    blocks += [channels] if channels else []
    blocks.append(Paragraph(words=say("data.time"), css="small"))
    maturity = _maturity(known)
    blocks += [maturity] if maturity else []
    blocks += _special(facts)
    timeline = timeline_exhibit(facts)
    blocks += [timeline] if timeline else []
    return Section(
        key="data",
        title=say("data.title"),
        answer=_answer(known),
        blocks=tuple(blocks),
        side=say("data.synthetic")
        if facts.dataset.synthetic
        else say("data.known_until", date=fact("dataset.known_until", "date")),
    )


def _special(facts: RunFacts) -> list[Block]:
    """Attributes of a special category of personal data with their safeguards; a sentence when none was declared."""
    if not facts.dataset.special:
        return [Paragraph(words=say("data.special.none"), css="small")]
    rows = tuple(
        (
            fact(f"special.{name}.label", "title"),
            fact(f"special.{name}.ground"),
            join(*(fact(f"special.{name}.access.{i}") for i in range(len(special.access))), between=", "),
            fact(f"special.{name}.delete_on", "date"),
        )
        for name, special in facts.dataset.special.items()
    )
    heads = ("attribute", "ground", "access", "delete_on")
    columns = tuple(Column(title=say(f"data.special.{head}")) for head in heads)
    return [Table(name=say("data.special.title"), columns=columns, rows=rows)]


def _answer(known: Known) -> Words:
    observed, rows = _count_of(known, "observed"), _count_of(known, "rows")
    if observed is None or rows is None:
        return say("data.answer_plain")
    if observed.value == rows.value:
        return say("data.answer_all", rows=number(rows.id, "value", "count"))
    return say("data.answer", observed=number(observed.id, "value", "count"), rows=number(rows.id, "value", "count"))


def _counts(facts: RunFacts, known: Known) -> tuple[Pair, ...]:
    pairs = [Pair(term=say("data.dataset"), words=fact("dataset.title"))]
    if facts.dataset.note is not None:
        pairs.append(Pair(term=say("data.note"), words=fact("dataset.note")))
    pairs += [Pair(term=say(f"data.counts.{e.metric}"), words=_counted(e)) for e in _known_counts(known)]
    return tuple(pairs)


def _counted(estimate: Estimate) -> Words:
    style = measures.style_of(estimate.metric)
    value = number(estimate.id, "full", style)
    return say("data.of_hundred", share=value, hundred=fact("hundred", "count")) if style == "per_hundred" else value


def rates_exhibit(facts: RunFacts, known: Known, process: str) -> Exhibit | None:
    """Findings per hundred visits, by channel or by inspector."""
    rates = _finding_rates(known, process)
    if not rates:
        return None
    title = say(f"data.{process}_title")
    rows = tuple(_rate_row(rate, process) for rate in rates)
    axis = axis_for(measures.known_only(rates), "per_hundred")
    columns = (
        Column(title=say(f"data.{process}")),
        Column(title=say("data.visits"), numeric=True),
        Column(title=say("data.per_hundred", hundred=fact("hundred", "count")), numeric=True),
    )
    table = Table(
        name=title,
        columns=columns,
        rows=tuple(
            (row.label, number(rate.id, "n", "count"), row.value or row.missing or say("page.not_measured"))
            for row, rate in zip(rows, rates, strict=True)
        ),
    )
    return Exhibit(
        title=title,
        how=say(f"data.{process}_how", hundred=fact("hundred", "count")),
        panels=(Panel(key=f"fig-{process}", title=title, drawing=Intervals(rows=rows, axis=axis)),),
        table=table,
    )


MATURITY = ("maturity_units", "maturity_in_time", "maturity_late", "maturity_open")


def _maturity(known: Known) -> Table | None:
    """Per as-of date: how many outcomes were known in time, too late to count, or could not yet be known."""
    dates = known.all("maturity_units")
    if not dates:
        return None
    cells = {(e.metric, e.at): e for metric in MATURITY for e in known.all(metric)}
    rows = tuple(
        (
            fact(f"date.{at_of(date, 'as_of')}", "date"),
            *(number(cells[metric, date.at].id, "value", "count") for metric in MATURITY),
        )
        for date in dates
    )
    columns = (
        Column(title=say("data.as_of")),
        *(Column(title=say(f"data.maturity.{metric}"), numeric=True) for metric in MATURITY),
    )
    return Table(name=say("data.maturity_title"), columns=columns, rows=rows, folded=True)


def _rate_row(rate: Estimate, process: str) -> Row:
    label, visits = group_label(rate.group), say("data.n_visits", n=number(rate.id, "n", "count"))
    if not rate.is_known:
        return Row(label=label, missing=measures.reason(rate))
    shape = "diamond" if rate.group == "channel=random" else "hollow" if process == "channel" else "reference"
    mark = Mark(estimate=rate.id, shape=shape)
    return Row(label=label, marks=(mark,), note=visits, value=number(rate.id, "full", "per_hundred"))


def attribute_label(attribute: str) -> Words:
    """What an attribute is called, or both attributes of a crossing; a word of the catalogue for sectors and areas."""
    key = f"groups.attributes.{attribute}"
    if has(key):
        return say(key)
    return join(*(fact(f"attribute.{name}.label", "title") for name in attribute.split(CROSSED)), between=" × ")


def groups_in_order(facts: RunFacts, groups: Iterable[str]) -> list[str]:
    """Groups of the study's attributes, of their crossings and of sectors, each once, attribute by attribute."""
    once = tuple(dict.fromkeys(groups))
    named = (*facts.attributes, *facts.intersections, SECTOR)
    return [group for attribute in named for group in once if attribute_of(group) == attribute]


def group_label(group: str) -> Words:
    """What a group is called: a word of the catalogue for channels, both groups of a crossing, else as it was declared."""
    attribute, value = attribute_of(group), value_of(group)
    names, values = attribute.split(CROSSED), value.split(CROSSED)
    if len(names) == len(values) == 2:
        return join(*(fact(f"group.{n}={v}") for n, v in zip(names, values, strict=True)), between=" × ")
    key = f"channels.{value}"
    return say(key) if attribute == "channel" and has(key) else fact(f"group.{group}")


def never_inspected(known: Known) -> Estimate | None:
    """Share of units that nobody inspected."""
    return measures.usable(known.get("", "never_inspected", method="count"))


def _count_of(known: Known, metric: str, split: str = "all") -> Estimate | None:
    """A count about the data."""
    return measures.usable(known.get("", metric, method="count", split=split))


def _known_counts(known: Known) -> list[Estimate]:
    """What is counted about the data, with shares where they exist."""
    methods = ("count", "sample", "labelled")
    found = ([known.get("", metric, method=method) for method in methods] for metric in COUNTS)
    return measures.known_only(next((e for e in options if e is not None), None) for options in found)


def _finding_rates(known: Known, process: str) -> list[Estimate]:
    """Finding rate per channel or per inspector; the lottery first, then as the run has them."""
    found = [e for e in known.all("finding_rate", model="", split="all") if attribute_of(e.group) == process]
    return sorted(found, key=lambda e: e.group != "channel=random")
