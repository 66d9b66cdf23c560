"""Whether the explanation holds: other ways to weigh families, other draws, families that move together, and where reasons per place are."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.attributions import families_by_weight
from tegenkracht.reporting.tree import Block, Bullets, Column, Paragraph, Table
from tegenkracht.reporting.wording import Words, fact, number, say

ROADS = ("permutation", "drop")
"""Ways to weigh a family beside its attributions, in the order of the table."""
IMPORTANCE = {"permutation": "permutation_importance", "drop": "drop_importance"}
"""What a family weighs by roads that look at outcomes."""


def agreement_blocks(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """What the study measured of it; nothing where it did not ask."""
    told = [*_order(facts, known), *_withheld(facts, known), *_alike(facts, known)]
    if facts.place_pages:
        told.append(say("agreement.pages"))
    bullets = (Bullets(items=tuple(told)),) if told else ()
    return (*_compared(facts, known), *bullets)


def _compared(facts: RunFacts, known: Known) -> tuple[Block, ...]:
    """A table of families by weight, with the other two ways beside it, and how alike the orders are."""
    roads = [road for road in ROADS if _agreement_of(known, facts.main, road) is not None]
    families = families_by_weight(known, facts)
    if not roads or not families:
        return ()
    heads = ("family", "shap", *roads)
    columns = tuple(Column(title=say(f"agreement.{head}"), numeric=head != "family") for head in heads)
    rows = tuple(
        (
            fact(f"family.{family}", "title"),
            measures.shown(weight),
            *(measures.shown(_importance_of(known, facts.main, road, family)) for road in roads),
        )
        for family, weight in families
    )
    agrees = tuple(
        say(
            f"agreement.{road}_agrees",
            tau=measures.shown(tau),
            shared=measures.shown(shared),
            first=_out_of(shared),
        )
        for road in roads
        for tau, shared in [_both(_agreement_of(known, facts.main, road))]
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
    found = _order_agreement(known, facts.main)
    if found is None:
        return []
    concordance, shared = found
    told = number(concordance.id, "value", "two")
    asked = {"shared": measures.shown(shared), "first": _out_of(shared), "reason": say("notes.describes_refits")}
    return [say("agreement.order", concordance=told, **asked)]


def _out_of(shared: Estimate) -> Words:
    """How many first families were compared."""
    return fact(f"first.{at_of(shared, 'first')}", "count")


def _withheld(facts: RunFacts, known: Known) -> list[Words]:
    share = _withheld_share(known, facts.main)
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
        for one, other, estimate in _families_alike(known, facts.main)
    ]


def _importance_of(known: Known, model: str, road: str, family: str) -> Estimate | None:
    """What a family weighs by shuffling it, or by leaving it out."""
    return known.get(model, IMPORTANCE[road], method="labelled", at=f"family={family}")


def _agreement_of(known: Known, model: str, road: str) -> tuple[Estimate, Estimate] | None:
    """How alike the order of a road is to that of the attributions: Kendall's tau, and how many first families they share."""
    tau = measures.usable(known.get(model, "importance_tau", method="labelled", at=f"versus={road}"))
    counts = measures.known_only(known.all("importance_shared", model=model, method="labelled"))
    shared = next((e for e in counts if at_of(e, "versus") == road), None)
    return None if tau is None or shared is None else (tau, shared)


def _order_agreement(known: Known, model: str) -> tuple[Estimate, Estimate] | None:
    """Kendall's W of the orders of families over refits, and how many first families each two share."""
    whole = measures.usable(known.get(model, "rank_concordance", method="sample"))
    first = next((e for e in known.all("first_shared", model=model, method="sample") if e.is_known), None)
    return None if whole is None or first is None else (whole, first)


def _withheld_share(known: Known, model: str) -> Estimate | None:
    """Share of flagged places of which a reason was withheld."""
    return measures.usable(known.get(model, "reasons_withheld", method="sample"))


def _families_alike(known: Known, model: str) -> list[tuple[str, str, Estimate]]:
    """Pairs of families that are explained together, with their correlation."""
    found = known.all("family_correlation", model=model, method="sample")
    return [(*at_of(e, "families").partition("+")[::2], e) for e in found]
