"""Values of audit attributes as they stand in the data: with signs that mean something in a page, a path or a name, every number is still found."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markupsafe import escape

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import CROSSED
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

ODD = {"high": '<b>x/y</b> & "z"', "some": "hoog; heel + laag", "low": "versus: other/1+1"}
"""What the values of `deprivation` are called instead: all that the contract lets through (no comma, equals sign or asterisk)."""


def renamed(e: Estimate) -> Estimate:
    """The estimate about a group, or compared with one, of `deprivation` alone, crossed or in a subgroup, with the other values."""
    if " & " in e.group:
        return replace(e, group=" & ".join(renamed(replace(e, group=part)).group for part in e.group.split(" & ")))
    attribute, _, value = e.group.partition("=")
    names = attribute.split(CROSSED)
    if "deprivation" not in names:
        return e
    place = names.index("deprivation")

    def odd(values: str) -> str:
        parts = values.split(CROSSED)
        return CROSSED.join(ODD.get(part, part) if i == place else part for i, part in enumerate(parts))

    at = ",".join(f"versus={odd(part[7:])}" if part.startswith("versus=") else part for part in e.at.split(","))
    return replace(e, group=f"{attribute}={odd(value)}", at=at)


def with_odd_values(facts: RunFacts, *, declared: bool) -> RunFacts:
    """The same run with other values, with or without words for them in `dataset.yaml`."""
    attribute = facts.attributes["deprivation"]
    values = {ODD[plain]: words for plain, words in attribute.values.items()} if declared else {}
    findings = tuple(
        replace(
            f, facts={key: ODD.get(value, value) if isinstance(value, str) else value for key, value in f.facts.items()}
        )
        for f in facts.findings
    )
    estimates = tuple(renamed(e) for e in facts.estimates)
    attributes = {**facts.attributes, "deprivation": replace(attribute, values=values)}
    return replace(facts, estimates=estimates, attributes=attributes, findings=findings)


def read(card: Card, language: Language) -> str:
    """What a reader sees of a card, but for its digest."""
    page = render_html(card, language).replace(str(card.facts["card.digest"]), "")
    return re.sub(r"<[^>]*>", "\n", page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("run", ["calendar", "mitigated"])
def test_declared_words_give_the_same_page_whatever_the_values(run: str, language: Language, request) -> None:
    """Gaps, weighed gaps, combinations, subgroups and mitigation: no cell is lost or looked up wrongly, so that nobody reads another letter."""
    facts = request.getfixturevalue(run)
    assert any(renamed(e) != e for e in facts.estimates)
    plain, odd = (read(make_card(of), language) for of in (facts, with_odd_values(facts, declared=True)))
    assert odd == plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_without_words_are_shown_as_they_are_and_never_as_markup(calendar: RunFacts, language: Language) -> None:
    """Escaped, and as the group that others are compared with too."""
    page = render_html(make_card(with_odd_values(calendar, declared=False)), language)
    assert ODD["high"] not in page
    assert escape(ODD["high"]) in page
    assert escape(ODD["low"]) in page
