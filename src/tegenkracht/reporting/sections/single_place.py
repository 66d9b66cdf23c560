"""What can be said of a single place: two chances, about how many places the model abstains, and chances at other base rates."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Column, Pair, Pairs, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, number, say

PRIORS = ("learnt", "low", "base", "high")


def single_place_section(facts: RunFacts, known: Known) -> Section | None:
    """The average of the two chances, abstentions, and the chances restated; absent when it is not asked."""
    abstained = next(iter(known.all("abstained", model=facts.main)), None)
    if facts.single is None or facts.sides or abstained is None:
        return None
    blocks: list[Block] = [_pairs(facts, known)]
    if (table := _priors(facts, known)) is not None:
        blocks += [table, Paragraph(words=say("single.assumes"), css="note")]
    return Section(
        key="single",
        title=say("single.title"),
        answer=_answer(abstained),
        blocks=tuple(blocks),
        side=say("single.side"),
    )


def _answer(abstained: Estimate) -> Words:
    if abstained.value is None:
        return say("single.answer_none")
    return say(
        "single.answer",
        hundred=fact("hundred", "count"),
        share=number(abstained.id, "value", "per_hundred"),
        wide=fact("single.wide", "number"),
    )


def _pairs(facts: RunFacts, known: Known) -> Pairs:
    """What the two chances are on average, beside the chance that the model gives."""
    hundred = fact("hundred", "count")
    pairs = []
    low, high = (known.get(facts.main, f"band_{end}", method="sample") for end in ("low", "high"))
    if low is not None and high is not None and low.value is not None and high.value is not None:
        chances = say(
            "single.chances_are",
            low=number(low.id, "value", "per_hundred"),
            high=number(high.id, "value", "per_hundred"),
            hundred=hundred,
        )
        pairs += [
            Pair(term=say("single.chances"), words=chances),
            Pair(term=say("single.places"), words=number(low.id, "n", "count")),
        ]
    none = known.get(facts.main, "without_band", method="count")
    if none is not None:
        words = say("single.without_are", none=number(none.id, "value", "count"), all=number(none.id, "n", "count"))
        pairs.append(Pair(term=say("single.without"), words=words))
    pairs.append(Pair(term=say("single.file"), words=fact("single.file", "code")))
    return Pairs(pairs=tuple(pairs))


def _priors(facts: RunFacts, known: Known) -> Table | None:
    """The mean chance of the places on the list, as the model gives it and at each base rate of the sector."""
    rows = []
    for prior in PRIORS:
        method = "sample" if prior == "learnt" else "fixed"
        rate = known.get(facts.main, "base_rate", method=method, at=f"prior={prior}")
        chance = known.get(facts.main, "chance_flagged", method="sample", at=f"prior={prior}")
        if rate is not None and chance is not None:
            cells: tuple[Words, ...] = (
                say(f"single.priors.{prior}"),
                measures.shown(rate, "per_hundred"),
                measures.shown(chance, "per_hundred"),
            )
            rows.append(cells)
    if len(rows) < 2:
        return None
    heads = ("prior", "rate", "chance")
    columns = tuple(Column(title=say(f"single.{head}"), numeric=head != "prior") for head in heads)
    return Table(name=say("single.table", hundred=fact("hundred", "count")), columns=columns, rows=tuple(rows))
