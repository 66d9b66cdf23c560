"""Who was looked at: how equal, how foreseeable, and whether all places had a chance."""

from __future__ import annotations

from dataclasses import dataclass

from tegenkracht.core.conditions import attribute_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
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
    Row,
    Section,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say

RANKS = ("tenth", "middle", "ninetieth")
FIT = ("inspection_auc", "chance_total", "chance_slope", "chance_under_limit", "chance_smallest", "effective_rows")


def ledger_section(facts: RunFacts, known: Known) -> Section | None:
    """Inspected share by sector and area, the overlap of seen and all places, and what the estimated chance is worth; None when all were visited."""
    blocks: list[Block] = [block for block in (_shares(known), _overlap(known), _fit(known)) if block is not None]
    if facts.scheduled or not blocks:
        return None
    return Section(
        key="ledger",
        title=say("ledger.title"),
        answer=_answer(facts, known),
        blocks=tuple(blocks),
        side=say("ledger.side"),
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    share, hundred = measures.usable(known.get("", "inspected_share", method="count")), fact("hundred", "count")
    if share is None:
        return say("ledger.answer_plain")
    return say("ledger.answer", share=number(share.id, "value", "per_hundred"), hundred=hundred)


def _shares(known: Known) -> Pairs | None:
    """Per sector, and of areas in order of how much is visited; then whether visits to one cluster or place hang together."""
    sectors = [
        e for e in known.all("inspected_share", method="count", split="all") if attribute_of(e.group) == "sector"
    ]
    pairs = [Pair(term=fact(f"group.{e.group}"), words=_of_hundred(e)) for e in sectors if len(sectors) > 1]
    for rank in RANKS:
        estimate = measures.usable(known.get("", "inspected_share", method="count", at=f"area={rank}"))
        pairs += [Pair(term=say(f"ledger.areas.{rank}"), words=_of_hundred(estimate))] if estimate else []
    empty = measures.usable(known.get("", "areas_without_visits", method="count"))
    pairs += [Pair(term=say("ledger.areas.without"), words=_of_hundred(empty))] if empty else []
    for key, at in (("together", ""), ("together_units", "of_units")):
        together = measures.usable(known.get("", "visits_together", method="sample", at=at))
        pairs += [Pair(term=say(f"ledger.{key}"), words=_hanging(key, together))] if together else []
    return Pairs(pairs=tuple(pairs)) if pairs else None


def _hanging(key: str, together: Estimate) -> Words:
    """Whether the interval lies above what visits would give that were drawn by themselves, and the figure."""
    verdict = "yes" if together.low is not None and together.low > 1 else "not_shown"
    times = say(f"ledger.{key}_value", value=number(together.id, "full", "two"))
    return join(say(f"ledger.hanging.{verdict}"), times)


def _of_hundred(estimate: Estimate) -> Words:
    share = number(estimate.id, "full", "per_hundred")
    return say("data.of_hundred", share=share, hundred=fact("hundred", "count"))


@dataclass(frozen=True)
class _Band:
    """Rows of about equal chance: their share of all and of the seen ones, and their chance as foretold and as it came true."""

    everyone: Estimate
    seen: Estimate
    foretold: Estimate
    true: Estimate


def _bands(known: Known) -> list[_Band]:
    parts = ("chance_band", "chance_band_seen", "chance_mean", "chance_seen")
    bands = []
    for at in [e.at for e in known.all("chance_band")]:
        told = measures.known_only(known.get("", metric, method="sample", at=at) for metric in parts)
        bands += [_Band(*told)] if len(told) == len(parts) else []
    return bands


def _overlap(known: Known) -> Exhibit | None:
    """Per band of the chance: how many of all rows are in it, and how many of the seen ones; with what came true in the table."""
    bands = _bands(known)
    if not bands:
        return None
    hundred, title = fact("hundred", "count"), say("ledger.overlap")
    rows = tuple(
        Row(
            label=say("ledger.band", mean=number(band.foretold.id, "value", "per_hundred"), hundred=hundred),
            marks=(Mark(estimate=band.everyone.id, shape="reference"), Mark(estimate=band.seen.id, shape="main")),
            value=number(band.everyone.id, "value", "per_hundred"),
            note=say("ledger.of_seen", seen=number(band.seen.id, "value", "per_hundred")),
        )
        for band in bands
    )
    drawn = [e for band in bands for e in (band.everyone, band.seen)]
    heads = ("chance", "of_all", "of_visited", "came_true")
    table = Table(
        name=title,
        columns=tuple(
            Column(title=say(f"ledger.heads.{head}", hundred=hundred), numeric=head != "chance") for head in heads
        ),
        rows=tuple(
            (row.label, *(measures.shown(e, "per_hundred") for e in (band.everyone, band.seen, band.true)))
            for row, band in zip(rows, bands, strict=True)
        ),
    )
    return Exhibit(
        title=title,
        how=say("ledger.overlap_how", hundred=hundred),
        panels=(
            Panel(
                key="fig-overlap",
                title=title,
                drawing=Intervals(rows=rows, axis=axis_for(drawn, "per_hundred", most=1.0)),
            ),
        ),
        legend=(
            LegendItem(shape="reference", words=say("ledger.legend_all")),
            LegendItem(shape="main", words=say("ledger.legend_seen")),
        ),
        table=table,
    )


def _fit(known: Known) -> Table | None:
    """What the estimated chance is worth."""
    found = {metric: next(iter(known.all(metric, model="", method="sample")), None) for metric in FIT}
    rows = tuple(
        (say(f"ledger.fit.{metric}"), measures.shown(estimate), say(f"ledger.fit_notes.{metric}"))
        for metric, estimate in found.items()
        if estimate is not None
    )
    columns = (
        Column(title=say("ledger.measure")),
        Column(title=say("results.value"), numeric=True),
        Column(title=say("ways.note")),
    )
    return Table(name=say("ledger.fit_title"), columns=columns, rows=rows) if rows else None
