"""What the model looks at: families of indicators, with their members beneath."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.agreement import agreement_blocks
from tegenkracht.reporting.sections.attributions import weight_of
from tegenkracht.reporting.sections.limits import limits_block
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

MOST_ROWS = 22
"""Rows of the figure; the table has them all."""


def explanation_section(facts: RunFacts, known: Known) -> Section | None:
    """Mean size of the attributions, per family and member."""
    exhibit = shap_exhibit(facts, known)
    if exhibit is None:
        return None
    bullets = Bullets(items=(say("explanation.correlated"), say("explanation.no_cause"), say("explanation.scale")))
    survived = _survived(facts, known)
    interval = Paragraph(words=say(f"explanation.one_model{'' if survived else '_only'}"), css="small")
    blocks: tuple[Block, ...] = (
        exhibit,
        interval,
        *survived,
        *_as_good(facts, known),
        *agreement_blocks(facts, known),
        limits_block(facts, first_families(facts, known)),
        bullets,
    )
    return Section(
        key="explanation",
        title=say("explanation.title"),
        answer=_answer(facts, known),
        blocks=blocks,
        side=say("explanation.side"),
    )


def _survived(facts: RunFacts, known: Known) -> list[Block]:
    """What is left of the list and of the order of families when the model is learnt again from other units."""
    overlap, depending = (
        known.get(facts.main, metric, method="sample") for metric in ("list_overlap", "flags_depending")
    )
    if overlap is None or depending is None:
        return []
    hundred = fact("hundred", "count")
    words = say(
        "explanation.survived",
        times=number(overlap.id, "n", "count"),
        overlap=number(overlap.id, "full", "per_hundred"),
        depending=number(depending.id, "full", "per_hundred"),
        hundred=hundred,
    )
    return [Paragraph(words=words), Paragraph(words=_by_seed(facts, known)), *_ranks(facts, known)]


def _by_seed(facts: RunFacts, known: Known) -> Words:
    """What another seed does without other places: a share, that it does nothing, or that too few refits were made to say."""
    alone = measures.usable(known.get(facts.main, "flags_depending", method="sample", at="by=seed"))
    counted = known.get(facts.main, "models_counted", method="count", at="among=seed")
    if alone is not None and alone.low is None:
        return say("explanation.seed_moves_nothing")
    if alone is None or counted is None:
        return say("explanation.seed_unknown")
    return say(
        "explanation.seed",
        times=number(counted.id, "value", "count"),
        depending=number(alone.id, "full", "per_hundred"),
        hundred=fact("hundred", "count"),
    )


def _as_good(facts: RunFacts, known: Known) -> list[Block]:
    """Which flags the other models of the study, that were not told apart from the card's, do not set; nothing where it was not looked at."""
    counted, ambiguity, discrepancy = (
        known.get(facts.main, metric, method=method, at="among=models")
        for metric, method in (("models_counted", "count"), ("ambiguity", "sample"), ("discrepancy", "sample"))
    )
    if facts.sides or counted is None or ambiguity is None or discrepancy is None:
        return []
    words = say(
        "explanation.as_good",
        models=number(counted.id, "value", "count"),
        hundred=fact("hundred", "count"),
        ambiguity=number(ambiguity.id, "full", "per_hundred"),
        discrepancy=number(discrepancy.id, "full", "per_hundred"),
    )
    return [Paragraph(words=words)]


def _ranks(facts: RunFacts, known: Known) -> list[Block]:
    """The place of each family in the order, over the new models: as a figure, with the share of equal signs in its table."""
    families = dict.fromkeys(family_of(feature) for feature in facts.features)
    found = [
        (family, rank, known.get(facts.main, "sign_agreement", method="sample", at=f"family={family}"))
        for family in families
        if (rank := known.get(facts.main, "attribution_rank", method="sample", at=f"family={family}")) is not None
    ]
    if not found:
        return []
    ordered = sorted(found, key=lambda item: item[1].value or 0.0)
    title = say("explanation.survived_title")
    rows = tuple(
        Row(
            label=fact(f"family.{family}", "title"),
            marks=(Mark(estimate=rank.id),),
            value=number(rank.id, "full", "count"),
        )
        for family, rank, _ in ordered
    )
    columns = (
        Column(title=say("explanation.family")),
        Column(title=say("explanation.rank"), numeric=True),
        Column(title=say("explanation.sign"), numeric=True),
    )
    cells = tuple(
        (fact(f"family.{family}", "title"), measures.shown(rank, "count"), measures.shown(sign, "per_hundred"))
        for family, rank, sign in ordered
    )
    figure = Intervals(rows=rows[:MOST_ROWS], axis=axis_for([rank for _, rank, _ in ordered], "count"))
    return [
        Exhibit(
            title=title,
            how=say(
                "explanation.survived_how",
                level=number(ordered[0][1].id, "level", "per_hundred"),
                hundred=fact("hundred", "count"),
                reason=say("notes.describes_refits"),
            ),
            panels=(Panel(key="fig-ranks", title=title, drawing=figure),),
            table=Table(name=title, columns=columns, rows=cells),
        )
    ]


def shap_exhibit(facts: RunFacts, known: Known) -> Exhibit | None:
    """Families (bold) by weight, with their members beneath (small)."""
    groups = _families(facts, known)
    if not groups:
        return None
    rows = tuple(row for total, members in groups for row in _family_rows(facts, total, members))
    title = say("explanation.figure")
    estimates = [e for total, members in groups for e in ([total] if total else []) + members]
    figure = Intervals(rows=rows[:MOST_ROWS], axis=axis_for(estimates, "two"))
    columns = (Column(title=say("dictionary.indicator")), Column(title=say("explanation.weight"), numeric=True))
    cells = tuple((row.label, row.value or say("page.dash")) for row in rows)
    return Exhibit(
        title=title,
        how=say("explanation.how"),
        panels=(Panel(key="fig-shap", title=title, drawing=figure),),
        table=Table(name=title, columns=columns, rows=cells),
    )


def _families(facts: RunFacts, known: Known) -> list[tuple[Estimate | None, list[Estimate]]]:
    """Per family its own estimate (when there is one) and its members', heaviest first."""
    weights = {
        f.name: e for f in facts.features if (e := weight_of(known, facts.main, f"feature={f.name}")) is not None
    }
    members: dict[str, list[Estimate]] = {}
    for feature in facts.features:
        if feature.name in weights:
            members.setdefault(family_of(feature), []).append(weights[feature.name])
    groups = [
        (weight_of(known, facts.main, f"family={family}"), sorted(own, key=lambda e: -(e.value or 0)))
        for family, own in members.items()
    ]
    return sorted(groups, key=lambda group: -((group[0] or group[1][0]).value or 0))


def first_families(facts: RunFacts, known: Known) -> list[str]:
    """Names of the families that are explained, heaviest first."""
    by_column = {f"feature={feature.name}": family_of(feature) for feature in facts.features}
    return [by_column[members[0].at] for _, members in _families(facts, known)]


def family_of(feature: Feature) -> str:
    """The family of an indicator; without one it stands alone."""
    return feature.family or feature.name


def _family_rows(facts: RunFacts, total: Estimate | None, members: list[Estimate]) -> list[Row]:
    if len(members) == 1:
        return [_row(members[0], strong=True, indent=0)]
    family = family_of(next(f for f in facts.features if f"feature={f.name}" == members[0].at))
    label: Words = fact(f"family.{family}", "title")
    head = (
        Row(label=label, marks=(Mark(estimate=total.id),), value=number(total.id, "full", "two"), strong=True)
        if total is not None
        else Row(label=label, strong=True)
    )
    return [head, *(_row(member, strong=False, indent=1) for member in members)]


def _row(estimate: Estimate, *, strong: bool, indent: int) -> Row:
    name = at_of(estimate, "feature")
    mark = Mark(estimate=estimate.id, shape="small" if indent else "main")
    return Row(
        label=fact(f"feature.{name}.label"),
        marks=(mark,),
        value=number(estimate.id, "full", "two"),
        strong=strong,
        indent=indent,
    )


def _answer(facts: RunFacts, known: Known) -> Words:
    total, members = _families(facts, known)[0]
    first = at_of(members[0], "feature")
    feature = next(f for f in facts.features if f.name == first)
    if len(members) == 1 or total is None:
        return say("explanation.answer", label=fact(f"feature.{first}.label"))
    return say("explanation.answer", label=fact(f"family.{family_of(feature)}"))
