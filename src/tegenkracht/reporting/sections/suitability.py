"""Whether each indicator is suitable: five answers per family, of which a random sample gives one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tegenkracht.core.conditions import at_of, without
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature, Risk
from tegenkracht.core.suitability import IndicatorAnswers, Question
from tegenkracht.evaluation.area_correlation import METRIC as CORRELATION
from tegenkracht.evaluation.indicators import AUC, CHANCE, shown_by_lot
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.explanation import family_of
from tegenkracht.reporting.tree import Block, Column, Paragraph, Section, Table
from tegenkracht.reporting.wording import Words, fact, join, number, say

NO_LOT = "no_visits_by_lot"
RISKS: tuple[Risk, ...] = ("low", "medium", "high")
DIRECTIONS = {"+": "more", "-": "less", "±": "either"}


def suitability_section(facts: RunFacts, known: Known) -> Section | None:
    """The sheet of every family that the card's model uses, and its indicators beside what visits by lot found."""
    used = used_features(facts, known)
    if not used:
        return None
    return Section(
        key="suitability",
        title=say("suitability.title"),
        answer=say("suitability.answer"),
        blocks=(_sheet(facts, known, used), *_by_lot(facts, known, used)),
        side=say("suitability.side"),
    )


def used_features(facts: RunFacts, known: Known) -> list[Feature]:
    """Features that the card's model sees: those that were set beside visits by lot."""
    asked = {e.at for e in known.all(AUC)}
    return [feature for feature in facts.features if f"feature={feature.name}" in asked]


def families_used(facts: RunFacts, known: Known) -> dict[str, list[Feature]]:
    """Those features by family, in the order of the study."""
    out: dict[str, list[Feature]] = {}
    for feature in used_features(facts, known):
        out.setdefault(family_of(feature), []).append(feature)
    return out


def without_answer(facts: RunFacts, known: Known, question: Question) -> list[str]:
    """Families of which this question is asked and not answered.

    Why an indicator may stand in for a group is asked where its proxy risk was declared medium or high, or goes beyond the study's limit.
    """
    return [
        family
        for family, members in families_used(facts, known).items()
        if getattr(answers_of(facts, family), question) is None
        and (question != "proxy" or is_proxy_asked(facts, known, members))
    ]


def answers_of(facts: RunFacts, family: str) -> IndicatorAnswers:
    """What a person answered of a family; nothing when nobody did."""
    return facts.suitability.get(family, IndicatorAnswers())


def is_proxy_asked(facts: RunFacts, known: Known, members: Sequence[Feature]) -> bool:
    """Whether somebody must say why these indicators are used, though they may stand in for a group or an area."""
    strongest = strongest_correlation(known, [f"feature={feature.name}" for feature in members])
    return any(feature.proxy_risk != "low" for feature in members) or beyond_limit(facts, strongest)


def strongest_correlation(known: Known, about: Sequence[str]) -> Estimate | None:
    """Of these features (or the score) the one that goes most with a figure of the area, whichever way; None where none is known."""
    found = [e for e in measures.known_only(known.all(CORRELATION)) if without(e.at, "measure") in about]
    return max(found, key=lambda e: abs(e.value or 0.0), default=None)


def beyond_limit(facts: RunFacts, estimate: Estimate | None) -> bool:
    """Whether a correlation with a figure of the area is larger than the study accepts without a reason."""
    return (
        estimate is not None
        and estimate.value is not None
        and facts.measure_limit is not None
        and abs(estimate.value) > facts.measure_limit
    )


def answer_words(facts: RunFacts, family: str, question: Question) -> Words:
    """A person's answer, or that it is not filled in."""
    if getattr(answers_of(facts, family), question) is None:
        return say("unfilled.by_author")
    return fact(f"suitability.{family}.{question}")


def _sheet(facts: RunFacts, known: Known, used: Sequence[Feature]) -> Table:
    rows = tuple(
        (
            fact(f"family.{family}", "title"),
            answer_words(facts, family, "allowed"),
            _proxy(facts, known, family, members),
            _quality(facts, family, members),
            answer_words(facts, family, "relation"),
        )
        for family, members in families_used(facts, known).items()
    )
    heads = ("family", "allowed", "proxy", "quality", "relation")
    columns = tuple(Column(title=say(f"suitability.heads.{head}")) for head in heads)
    return Table(name=say("suitability.sheet"), columns=columns, rows=rows)


def _proxy(facts: RunFacts, known: Known, family: str, members: Sequence[Feature]) -> Words:
    """The declared risk, how strongly it goes with a figure of the area, and where that is asked the reason why it is used."""
    risk = max((feature.proxy_risk for feature in members), key=RISKS.index)
    parts: list[Words] = [say("suitability.risk", risk=say(f"risks.{risk}"))]
    strongest = strongest_correlation(known, [f"feature={feature.name}" for feature in members])
    if strongest is not None:
        measure = fact(f"family.{at_of(strongest, 'measure')}")
        parts.append(say("suitability.with_measure", measure=measure, figure=measures.shown(strongest)))
    if is_proxy_asked(facts, known, members) or answers_of(facts, family).proxy is not None:
        parts.append(answer_words(facts, family, "proxy"))
    return join(*parts)


def _quality(facts: RunFacts, family: str, members: Sequence[Feature]) -> Words:
    """How easily it is changed, as declared, and what somebody says of the records."""
    most = max(feature.manipulability for feature in members)
    level = say(f"manipulability.level_{['none', 'few', 'some', 'much'][most]}")
    return join(say("suitability.changed", level=level), answer_words(facts, family, "quality"))


def _by_lot(facts: RunFacts, known: Known, used: Sequence[Feature]) -> list[Block]:
    """Each indicator beside what visits by lot found; a sentence when nothing was drawn by lot."""
    aucs, chances = ({at_of(e, "feature"): e for e in known.all(metric)} for metric in (AUC, CHANCE))
    if all(e.note == NO_LOT for e in aucs.values()):
        return [Paragraph(words=say("suitability.no_sample"), css="note")]
    rows = tuple(_row(feature, aucs, chances) for feature in used)
    heads = ("indicator", "direction", "auc", "visits", "chance", "verdict")
    columns = tuple(
        Column(title=say(f"suitability.heads.{head}"), numeric=head in ("auc", "visits", "chance")) for head in heads
    )
    hundred, half = fact("hundred", "count"), fact("fifty", "count")
    return [
        Table(name=say("suitability.by_lot"), columns=columns, rows=rows),
        Paragraph(words=say("suitability.how", hundred=hundred, half=half), css="small"),
    ]


def _row(
    feature: Feature, aucs: Mapping[str, Estimate], chances: Mapping[str, Estimate]
) -> tuple[Words, Words, Words, Words, Words, Words]:
    auc, chance = aucs[feature.name], chances.get(feature.name)
    verdict = shown_by_lot(auc, chance, feature.direction, level=auc.level or 0.95)
    return (
        fact(f"feature.{feature.name}.label"),
        say(f"directions.{DIRECTIONS[feature.direction]}"),
        measures.shown(auc),
        number(auc.id, "n", "count"),
        number(chance.id, "value", "three") if chance is not None else say("page.dash"),
        say(f"suitability.verdicts.{verdict}"),
    )
