"""Fairness for places: within and between areas, beside flagged places, and around them."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate, verdict_of
from tegenkracht.evaluation.residents import AT_LEAST, REACHED
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.data import group_label, groups_in_order
from tegenkracht.reporting.tree import Block, Column, Heading, Paragraph, Table
from tegenkracht.reporting.wording import FactValue, fact, join, number, say


def places_facts() -> dict[str, FactValue]:
    """How many places an area has at least."""
    return {f"at_least.{least}": least for least in AT_LEAST}


def places_part(facts: RunFacts, known: Known) -> list[Block]:
    """What areas, neighbours and surroundings have to do with flags."""
    blocks = [*_split(facts, known), *_neighbours(facts, known), *_exposure(facts, known), *_residents(facts, known)]
    return [Heading(words=say("groups.places.title")), *blocks] if blocks else []


def _split(facts: RunFacts, known: Known) -> list[Block]:
    """Each group's difference within and between areas, with the sentence that an area says nothing about a place."""
    metrics = ("listed_within_areas", "listed_between_areas", "score_within_areas", "score_between_areas")
    found = {(e.metric, e.group): e for metric in metrics for e in known.all(metric, model=facts.main)}
    groups = groups_in_order(facts, (group for _, group in found))
    if not groups:
        return []
    rows = tuple((group_label(g), *(measures.shown(found.get((metric, g))) for metric in metrics)) for g in groups)
    columns = (
        Column(title=say("groups.group")),
        *(Column(title=say(f"groups.places.{metric}"), numeric=True) for metric in metrics),
    )
    table = Table(name=say("groups.places.split", hundred=fact("hundred", "count")), columns=columns, rows=rows)
    return [table, Paragraph(words=say("groups.places.ecological"), css="note")]


def _neighbours(facts: RunFacts, known: Known) -> list[Block]:
    """Whether flags lie together, and whether places beside a flag are visited more."""
    flagged, lot = (_one(facts, known, name) for name in ("flagged_neighbours", "flagged_neighbours_by_lot"))
    blocks: list[Block] = []
    if flagged is not None and lot is not None:
        told = {"flagged": measures.shown(flagged, "per_hundred_fine"), "lot": measures.shown(lot, "per_hundred_fine")}
        blocks.append(Paragraph(words=say("groups.places.together", hundred=fact("hundred", "count"), **told)))
    return [*blocks, *_beside(facts, known)]


def _beside(facts: RunFacts, known: Known) -> list[Block]:
    """Where visits went beside places on the list and elsewhere; what else may cause a difference is said only of one that is shown."""
    near, elsewhere = (_one(facts, known, name) for name in ("inspected_near_flagged", "inspected_elsewhere"))
    gap = _one(facts, known, "inspected_near_difference")
    if near is None or elsewhere is None or gap is None:
        return []
    shares = {"near": near, "elsewhere": elsewhere}
    words = join(
        say(
            "groups.places.beside",
            hundred=fact("hundred", "count"),
            **{name: measures.shown(share, "per_hundred_fine") for name, share in shares.items()},
        ),
        say(f"groups.places.beside_{verdict_of(gap)}", difference=measures.shown(gap)),
        between=" ",
    )
    return [Paragraph(words=words)]


def _one(facts: RunFacts, known: Known, metric: str) -> Estimate | None:
    found = known.all(metric, model=facts.main, split="all")
    return measures.usable(found[0]) if found else None


def _exposure(facts: RunFacts, known: Known) -> list[Block]:
    """Figures of the area around flagged places beside those around all places."""
    gaps = known.all("exposure_difference", model=facts.main)
    if not gaps:
        return []
    names = ("exposure_flagged", "exposure_all", "exposure_difference")
    found = {(e.metric, e.at): e for name in names for e in known.all(name, model=facts.main)}
    rows = tuple(
        (
            fact(f"family.{at_of(gap, 'measure')}", "title"),
            *(measures.shown(found.get((name, gap.at)), "two") for name in names),
        )
        for gap in gaps
    )
    heads = ("measure", "around_flagged", "around_all", "difference")
    columns = tuple(Column(title=say(f"groups.places.{head}"), numeric=head != "measure") for head in heads)
    table = Table(name=say("groups.places.exposure"), columns=columns, rows=rows)
    return [table, Paragraph(words=say("groups.places.exposed"), css="small")]


def _residents(facts: RunFacts, known: Known) -> list[Block]:
    """Who lives in areas with places on the list, together and by group; or that no table counts them."""
    shares = known.all(REACHED, model=facts.main, split="all")
    if not measures.known_only(shares):
        return [Paragraph(words=say("groups.places.residents_none", reason=measures.because(e))) for e in shares[:1]]
    counts = {(e.group, e.at): e for e in known.all(f"{REACHED}_count", model=facts.main)}
    rows = tuple(
        (
            group_label(share.group) if share.group else say("groups.places.everyone"),
            fact(f"at_least.{at_of(share, 'at_least')}", "count"),
            measures.shown(counts.get((share.group, share.at))) if share.is_known else say("page.dash"),
            measures.shown(share, "per_hundred_fine"),
            number(share.id, "n", "count") if share.is_known else say("page.dash"),
        )
        for share in shares
    )
    heads = ("residents_of", "at_least", "residents_count", "residents_share", "areas")
    columns = tuple(Column(title=say(f"groups.places.{head}"), numeric=head != "residents_of") for head in heads)
    name = say("groups.places.residents", hundred=fact("hundred", "count"))
    return [
        Table(name=name, columns=columns, rows=rows),
        Paragraph(words=say("groups.places.residents_how"), css="small"),
    ]
