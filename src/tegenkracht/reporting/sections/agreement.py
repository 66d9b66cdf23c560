"""Whether the explanation holds: other ways to weigh families, other draws, families that move together, and where reasons per place are."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.tree import Block, Bullets, Column, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, number, say

ROADS = ("permutation", "drop")
"""Ways to weigh a family beside its attributions, in the order of the table."""


def agreement_blocks(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """What the study measured of it; nothing where it did not ask."""
    told = [*_order(facts, known), *_withheld(facts, known), *_alike(facts, known)]
    if facts.place_pages:
        told.append(say("agreement.pages"))
    bullets = (Bullets(items=tuple(told)),) if told else ()
    return (*_compared(facts, known), *bullets)


def _compared(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """A table of families by weight, with the other two ways beside it, and how alike the orders are."""
    roads = [road for road in ROADS if measures.agreement_of(known, facts.main, road) is not None]
    families = measures.families_by_weight(known, facts)
    if not roads or not families:
        return ()
    heads = ("family", "shap", *roads)
    columns = tuple(Column(title=say(f"agreement.{head}"), numeric=head != "family") for head in heads)
    rows = tuple(
        (
            fact(f"family.{family}", "title"),
            measures.shown(weight),
            *(measures.shown(measures.importance_of(known, facts.main, road, family)) for road in roads),
        )
        for family, weight in families
    )
    agrees = tuple(
        say(
            f"agreement.{road}_agrees",
            tau=measures.shown(tau),
            overlap=measures.shown(overlap, "per_hundred"),
        )
        for road in roads
        for tau, overlap in [_both(measures.agreement_of(known, facts.main, road))]
    )
    return (
        Paragraph(words=say("agreement.how")),
        Table(name=say("agreement.title"), columns=columns, rows=rows, folded=True),
        Bullets(items=(*agrees, say("agreement.unit"), say("agreement.meaning"))),
    )


def _both(found: tuple[Estimate, Estimate] | None) -> tuple[Estimate, Estimate]:
    if found is None:
        raise ValueError("An order that was not compared has no agreement.")
    return found


def _order(facts: RunFacts, known: Known) -> list[Words]:
    """Kendall's W of the orders of families over refits, and what two refits share."""
    found = measures.order_agreement(known, facts.main)
    if found is None:
        return []
    concordance, overlap = found
    words = measures.shown(overlap, "per_hundred")
    return [say("agreement.order", concordance=number(concordance.id, "value", "two"), overlap=words)]


def _withheld(facts: RunFacts, known: Known) -> list[Words]:
    share = measures.withheld_share(known, facts.main)
    if share is None:
        return []
    words = measures.shown(share, "per_hundred")
    return [say("agreement.withheld", hundred=fact("hundred", "count"), withheld=words)]


def _alike(facts: RunFacts, known: Known) -> list[Words]:
    """Each pair of families that is explained together."""
    return [
        say(
            "agreement.alike",
            family=fact(f"family.{one}", "title"),
            other=fact(f"family.{other}"),
            size=number(estimate.id, "value", "two"),
        )
        for one, other, estimate in measures.families_alike(known, facts.main)
    ]
