"""What the checks saw: what a reader must know, where nothing was found, and where nobody could look."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.finding import THEMES, Finding
from tegenkracht.core.gap import CROSSED
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.sections.data import attribute_label, group_label
from tegenkracht.reporting.sections.explanation import family_of
from tegenkracht.reporting.sections.models import model_words
from tegenkracht.reporting.sections.subgroups import subgroup_label
from tegenkracht.reporting.tree import Block, Bullets, Column, Heading, Paragraph, Section, Table
from tegenkracht.reporting.units import told_in, unit_of_one
from tegenkracht.reporting.wording import Words, fact, join, say
from tegenkracht.reporting.words.catalogue import has, places, sentence

CONDITIONS = ("first", "second")
"""Places of the conditions of a rule in a finding's facts: a column, its side and its limit."""


def findings_section(facts: RunFacts) -> Section | None:
    """Everything found as a note, everything else as a table."""
    if not facts.findings:
        return None
    found = [i for i, finding in enumerate(facts.findings) if finding.verdict == "found"]
    others = [i for i, finding in enumerate(facts.findings) if finding.verdict != "found"]
    blocks: list[Block] = []
    for theme in THEMES:
        own = [i for i in found if facts.findings[i].theme == theme]
        blocks += [Heading(words=say(f"findings.themes.{theme}"))] if own else []
        blocks += [
            block for code in dict.fromkeys(facts.findings[i].code for i in own) for block in _found(facts, code, own)
        ]
    if others:
        blocks.append(_table(facts, others))
    return Section(
        key="findings",
        title=say("findings.title"),
        answer=say(
            "findings.answer",
            found=fact("findings.found", "count"),
            not_found=fact("findings.not_found", "count"),
            not_applicable=fact("findings.not_applicable", "count"),
        ),
        blocks=tuple(blocks),
        side=say("findings.side"),
    )


def _found(facts: RunFacts, code: str, found: list[int]) -> list[Block]:
    """One note per code: title, what was found and what to do; several of one code stand below it as a list."""
    own = [i for i in found if facts.findings[i].code == code]
    title = say(
        "findings.headed", title=_title(facts.findings[own[0]], own[0]), code=fact(f"finding.{own[0]}.code", "code")
    )
    todo: list[Words] = [say(f"findings.{code}.todo")] if has(f"findings.{code}.todo") else []
    sentences = [join(*_about(facts, facts.findings[i]), sentence_of(facts, i)) for i in own]
    if len(own) == 1:
        return [Paragraph(words=join(title, *sentences, *todo), css="note")]
    return [Paragraph(words=join(title, *todo), css="note"), Bullets(items=tuple(sentences))]


def sentence_of(facts: RunFacts, i: int) -> Words:
    """The sentence for a verdict, filled with the finding's facts; a plain list of facts when the catalogue has none.

    Why nobody could look is said of an attribute where the finding names one, so that one check of several attributes is not several times the same line.
    """
    finding = facts.findings[i]
    if (reason := reason_of(finding)) is not None:
        because, attribute = say("findings.because", reason=say(reason)), str(finding.facts.get("attribute", ""))
        return join(attribute_label(attribute), because, between=": ") if attribute in facts.attributes else because
    if (key := key_of(finding)) is not None:
        return say(key, **{name: _fact_words(facts, i, name) for name in sorted(needed(key))})
    listed = [
        join(fact(f"finding.{i}.name.{name}", "code"), fact(f"finding.{i}.{name}", "number"), between=": ")
        for name in finding.facts
    ]
    general = say(f"findings.general.{finding.verdict}")
    return join(general, join(*listed, between="; ")) if listed else general


def reason_of(finding: Finding) -> str | None:
    """The sentence of the catalogue that says why nobody could look; None for another verdict, or a reason without a sentence."""
    told = (f"{of}.{finding.facts.get('reason', '')}" for of in ("because", "notes"))
    return next((key for key in told if finding.verdict == "not_applicable" and has(key)), None)


def key_of(finding: Finding) -> str | None:
    """The sentence of the catalogue for a verdict and its facts; None when the catalogue has none that these facts fill."""
    variants = [f"{finding.verdict}_{finding.facts.get('by', 'days')}", f"{finding.verdict}_days", finding.verdict]
    keys = (f"findings.{finding.code}.{variant}" for variant in variants)
    return next((key for key in keys if has(key) and needed(key) <= {*finding.facts, "hundred"}), None)


def _fact_words(facts: RunFacts, i: int, name: str) -> Words:
    """One fact of a finding, called what a reader calls it: a model's label, a group's name, a word of the catalogue."""
    if name == "hundred":
        return fact("hundred", "count")
    finding = facts.findings[i]
    value = str(finding.facts[name])
    if name == "other" and value in facts.models:
        return model_words(facts, value)
    if name == "attribute" and (
        set(value.split(CROSSED)) <= set(facts.attributes) or has(f"groups.attributes.{value}")
    ):
        return attribute_label(value)
    if name in ("group", "reference_group"):
        return group_label(value if "=" in value else f"{finding.facts['attribute']}={value}")
    if name in ("feature", "with", "first", "second") and f"feature.{value}.label" in {
        f"feature.{f.name}.label" for f in facts.features
    }:
        return fact(f"feature.{value}.label")
    place, _, part = name.partition("_")
    if place in CONDITIONS and part in ("side", "limit"):
        return _condition_words(facts, i, place, part)
    named = {*facts.families, *(family_of(feature) for feature in facts.features)}
    if name in ("kind", "family", "other_family") and value in named:
        return fact(f"family.{value}")
    if name == "kind" and value in facts.attributes:
        return fact(f"attribute.{value}.label")
    if name == "side" and value in facts.sides:
        return fact(f"side.{value}.label")
    if name == "subgroup":
        return subgroup_label(value)
    if name in ("highest", "lowest"):
        return group_label(f"{finding.facts['by']}={value}")
    if name in ("lowest_fold", "highest_fold") and value in {fold.name for fold in facts.folds}:
        return fact(f"fold.{value}.split_on", "date")
    if has(f"findings.words.{name}.{value}"):
        return say(f"findings.words.{name}.{value}")
    return fact(f"finding.{i}.{name}", "ratio" if name.endswith("_ratio") else "number")


def condition_words(facts: RunFacts, i: int) -> dict[str, Words]:
    """The conditions of the rule that a finding tells, by name: the columns, their sides and their limits."""
    names = [
        f"{place}{part}" for place in CONDITIONS if place in facts.findings[i].facts for part in ("", "_side", "_limit")
    ]
    return {name: _fact_words(facts, i, name) for name in names}


def _condition_words(facts: RunFacts, i: int, place: str, part: str) -> Words:
    """The side or the limit of one condition of a rule: `above` and `2.25 of a hundred`, or `is` and `yes`."""
    of = facts.findings[i].facts
    measure, above = facts.measures.get(str(of[place])), of[f"{place}_side"] == "above"
    if part == "side":
        return say(f"findings.words.side.{'is' if measure == 'yes_no' else of[f'{place}_side']}")
    unit = unit_of_one(measure, float(of[f"{place}_limit"]))
    return told_in(unit, fact(f"finding.{i}.{place}_limit.told", "number"), yes=above)


def needed(key: str) -> frozenset[str]:
    """Names that a sentence of the catalogue needs."""
    return places(sentence(key, "nl"))


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Found first, then by code and model."""
    rank = {"found": 0, "not_found": 1, "not_applicable": 2}
    return sorted(findings, key=lambda finding: (rank[finding.verdict], finding.code, finding.model))


def _title(finding: Finding, i: int) -> Words:
    key = f"findings.{finding.code}.title"
    return say(key) if has(key) else fact(f"finding.{i}.code", "code")


def _about(facts: RunFacts, finding: Finding) -> list[Words]:
    """Which model it is about, when that is not the card's own."""
    named = finding.model in facts.models and finding.model != facts.main
    return [say("findings.about", model=fact(f"model.{finding.model}.label"))] if named else []


def _table(facts: RunFacts, chosen: list[int]) -> Table:
    heads = ("check", "verdict", "meaning", "code")
    rows = tuple(
        (
            join(_title(facts.findings[i], i), *_about(facts, facts.findings[i])),
            say(f"findings.verdicts.{facts.findings[i].verdict}"),
            sentence_of(facts, i),
            fact(f"finding.{i}.code", "code"),
        )
        for i in chosen
    )
    return Table(
        name=say("findings.other"), columns=tuple(Column(title=say(f"findings.{head}")) for head in heads), rows=rows
    )
