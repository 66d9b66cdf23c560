"""Whom the list misses, whom it flags for nothing, and what is left of it when places hide what is easy to change."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.conditions import at_capacity, at_of
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.findings import condition_words
from tegenkracht.reporting.tree import (
    Block,
    Bullets,
    Column,
    Exhibit,
    Intervals,
    Mark,
    Panel,
    Paragraph,
    Row,
    Section,
    Table,
)
from tegenkracht.reporting.wording import Words, fact, number, say
from tegenkracht.reporting.words.catalogue import has
from tegenkracht.reporting.words.numbers import DECIMALS, Style

CONTRASTS = (("missed_difference", "passed"), ("missed_difference", "caught"), ("wrong_difference", "caught"))


def missed_section(facts: RunFacts, known: Known) -> Section | None:
    """Counts, differences per family, and hiding; absent when the study did not ask."""
    at = at_capacity(facts.capacity)
    counts = {
        group: known.get(facts.main, f"places_{group}", method="count", at=at)
        for group in ("missed", "caught", "passed", "wrong")
    }
    if any(e is None for e in counts.values()):
        return None
    numbers = {group: number(e.id, "value", "count") for group, e in counts.items() if e is not None}
    blocks: list[Block] = [
        Paragraph(words=say("missed.counts", **numbers)),
        *_differences(facts, known),
        *_rule(facts, known),
        *_hiding(facts, known),
    ]
    blocks.append(Bullets(items=(say("missed.visited_only"), say("missed.no_reason"))))
    return Section(
        key="missed",
        title=say("missed.title"),
        answer=say("missed.answer", missed=numbers["missed"], caught=numbers["caught"]),
        blocks=tuple(blocks),
        side=say("missed.side"),
    )


def _differences(facts: RunFacts, known: Known) -> list[Block]:
    """The first contrast as a figure, all three in its table."""
    told = {(metric, versus): _by_family(facts, known, metric, versus) for metric, versus in CONTRASTS}
    drawn = {family: e for family, e in told[CONTRASTS[0]].items() if e.is_known}
    if not drawn:
        return [Paragraph(words=say("missed.few"))]
    ordered = sorted(drawn, key=lambda family: -(drawn[family].value or 0.0))
    style = _fine_enough(e for estimates in told.values() for e in estimates.values())
    rows = tuple(
        Row(
            label=fact(f"family.{f}", "title"),
            marks=(Mark(estimate=drawn[f].id),),
            value=number(drawn[f].id, "full", style),
        )
        for f in ordered
    )
    title = say("missed.figure")
    figure = Intervals(rows=rows, axis=axis_for(drawn.values(), "one", zero=True))
    columns = (
        Column(title=say("explanation.family")),
        *(Column(title=say(f"missed.{m}_{v}"), numeric=True) for m, v in CONTRASTS),
    )
    cells = tuple(
        (fact(f"family.{f}", "title"), *(measures.shown(told[contrast].get(f), style) for contrast in CONTRASTS))
        for f in ordered
    )
    return [
        Exhibit(
            title=title,
            how=say("missed.how"),
            panels=(Panel(key="fig-missed", title=title, drawing=figure),),
            table=Table(name=title, columns=columns, rows=cells),
        )
    ]


def _fine_enough(differences: Iterable[Estimate]) -> Style:
    """Decimals with which no interval that leaves zero out reads as one that touches it."""
    nearest = [min(abs(e.low or 0.0), abs(e.high or 0.0)) for e in differences if verdict_of(e) != "not_shown"]
    return "three" if any(round(end, DECIMALS["two"]) == 0 for end in nearest) else "two"


def _rule(facts: RunFacts, known: Known) -> list[Block]:
    """The rule of TK312 that also holds in other clusters, with the interval of what it tells apart; nothing where none held or none was looked for."""
    inside, outside, gap = (
        known.get(facts.main, metric, method="labelled", at=at)
        for metric, at in (
            ("missed_share", "rule=inside"),
            ("missed_share", "rule=outside"),
            ("missed_share_gap", "rule"),
        )
    )
    held = [
        i
        for i, f in enumerate(facts.findings)
        if f.code == "TK312" and f.verdict == "found" and has(f"missed.{f.facts.get('by')}")
    ]
    if not held or inside is None or outside is None or gap is None:
        return []
    words = say(
        f"missed.{facts.findings[held[0]].facts['by']}",
        **condition_words(facts, held[0]),
        hundred=fact("hundred", "count"),
        inside=number(inside.id, "full", "per_hundred_fine"),
        outside=number(outside.id, "full", "per_hundred_fine"),
        gap=number(gap.id, "full", "points"),
        n=number(inside.id, "n", "count"),
        others=number(outside.id, "n", "count"),
    )
    return [Paragraph(words=words)]


def _by_family(facts: RunFacts, known: Known, metric: str, versus: str) -> dict[str, Estimate]:
    found = known.all(metric, model=facts.main)
    return {at_of(e, "family"): e for e in found if at_of(e, "versus") == versus}


def _hiding(facts: RunFacts, known: Known) -> list[Block]:
    """Recall and precision per number of hidden columns, and the yield that rests on what is easy to change."""
    recalls = known.all("recall_when_hiding", model=facts.main)
    if not recalls:
        return []
    at = at_capacity(facts.capacity)
    plain = [
        known.get(facts.main, metric, method="labelled", at=at)
        for metric in ("recall_at_capacity", "precision_at_capacity")
    ]
    rows: list[tuple[Words, ...]] = [
        (say("missed.nobody"), measures.shown(plain[0]), say("page.dash"), measures.shown(plain[1]))
    ]
    for recall in recalls:
        lost, precision = (
            known.get(facts.main, metric, method="labelled", at=recall.at)
            for metric in ("recall_lost", "precision_when_hiding")
        )
        hidden = fact(f"hidden.{at_of(recall, 'hidden')}", "count")
        rows.append(
            (
                say("missed.hidden", columns=hidden),
                measures.shown(recall),
                measures.shown(lost),
                measures.shown(precision),
            )
        )
    columns = tuple(
        Column(title=say(f"missed.{head}"), numeric=head != "hiding")
        for head in ("hiding", "recall", "lost", "precision")
    )
    blocks: list[Block] = [
        Table(name=say("missed.hiding_title"), columns=columns, rows=tuple(rows)),
        Paragraph(
            words=say("missed.hiding_how", share=fact("hiding", "count"), hundred=fact("hundred", "count")), css="small"
        ),
    ]
    risk = measures.usable(known.get(facts.main, "yield_at_risk", method="labelled", at=at))
    if risk is not None:
        told = {"risk": number(risk.id, "full", "per_hundred"), "n": number(risk.id, "n", "count")}
        blocks.append(Paragraph(words=say("missed.risk", hundred=fact("hundred", "count"), **told)))
    return blocks
