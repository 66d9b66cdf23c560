"""One fact as a sentence: every kind of column, in Dutch and English, beside what is typical."""

from __future__ import annotations

import re

import pytest
from pydantic import TypeAdapter

from tegenkracht.core.text import LANGUAGES
from tegenkracht.explanation.comparable import Typical
from tegenkracht.explanation.shown import MONTH, YEAR, Shown
from tegenkracht.features.column import columns_of
from tegenkracht.features.dictionary import feature_of
from tegenkracht.features.recipe import Recipe
from tegenkracht.features.telling import telling
from tegenkracht.reporting.reasons import fact_sentence, html, numbers, plain

THREE, NONE, TWO_OR_MORE = Shown("exact", 3.0, 3.0), Shown("exact", 0.0, 0.0), Shown("or_more", 2.0, None)
TYPICAL = Typical(0.42, 40, "area", True)
MIDDLE = Typical(3 * YEAR, 40, "area", False)
ROLES = {"from": "links", "roles": ["owner"]}
NEAR = {"from": "space", "of": "events", "kind": "takeover", "windows": ["36 months"]}


def event(statistic: str, window: str = "24 months", **more: object) -> dict[str, object]:
    """A recipe of one event kind."""
    return {"from": "events", "kind": "takeover", "statistics": [statistic], "windows": [window], **more}


def visit(statistic: str) -> dict[str, object]:
    """A recipe of earlier visits."""
    return {"from": "inspections", "statistics": [statistic], "windows": ["36 months"]}


CASES = [
    (event("count"), THREE, TYPICAL, "Drie keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Three times ‘change’ in 24 months; comparable businesses: 42 times per hundred businesses on average."),
    (event("count"), NONE, TYPICAL, "Geen enkele keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Not once ‘change’ in 24 months; comparable businesses: 42 times per hundred businesses on average."),
    (event("count"), Shown("exact", 1.0, 1.0), TYPICAL, "Eén keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Once ‘change’ in 24 months; comparable businesses: 42 times per hundred businesses on average."),
    (event("count"), Shown("exact", 2.0, 2.0), TYPICAL, "Twee keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Twice ‘change’ in 24 months; comparable businesses: 42 times per hundred businesses on average."),
    (event("count"), TWO_OR_MORE, TYPICAL, "Twee of meer keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Two or more times ‘change’ in 24 months; comparable businesses: 42 times per hundred businesses on average."),
    (event("count", scope="cluster"), THREE, Typical(0.42, 40, "sector", True),
     "Drie keer ‘wisseling’ bij de andere plaatsen in hetzelfde cluster in 24 maanden; zaken in alle gebieden: gemiddeld 42 keer per honderd zaken.",
     "Three times ‘change’ at the other places in the same cluster in 24 months; businesses in all areas: 42 times per hundred businesses on average."),
    (event("count"), THREE, Typical(0.012, 40, "area", True), "Drie keer ‘wisseling’ in 24 maanden; vergelijkbare zaken: gemiddeld 1 keer per honderd zaken.",
     "Three times ‘change’ in 24 months; comparable businesses: 1 time per hundred businesses on average."),
    (event("days_since_last", "all"), Shown("band", 3 * MONTH, 4 * MONTH), MIDDLE,
     "De laatste ‘wisseling’ is tussen 3 en 4 maanden geleden; vergelijkbare zaken: de middelste is 3 jaar.",
     "The last ‘change’ is between 3 and 4 months ago; comparable businesses: the median is 3 years."),
    (event("days_since_last", "all"), Shown("band", 0.0, 5 * YEAR), MIDDLE,
     "De laatste ‘wisseling’ is minder dan 5 jaar geleden; vergelijkbare zaken: de middelste is 3 jaar.",
     "The last ‘change’ is less than 5 years ago; comparable businesses: the median is 3 years."),
    (event("days_since_last", "all"), Shown("missing"), MIDDLE, "Er is geen ‘wisseling’ bekend; vergelijkbare zaken: de middelste is 3 jaar.",
     "No ‘change’ is known; comparable businesses: the median is 3 years."),
    (event("share"), Shown("exact", 0.25, 0.25), Typical(0.1, 40, "area", True),
     "Van alle gebeurtenissen in 24 maanden is 25 van de honderd een ‘wisseling’; vergelijkbare zaken: gemiddeld 10 van de honderd.",
     "Of all events in 24 months, 25 of a hundred is a ‘change’; comparable businesses: 10 of a hundred on average."),
    (event("trend"), Shown("exact", 2.0, 2.0), Typical(-0.5, 40, "area", True),
     "Toename van ‘wisseling’ in 24 maanden, nieuwere helft min oudere helft: +2; vergelijkbare zaken: gemiddeld −0,5.",
     "Rise of ‘change’ in 24 months, newer half minus older half: +2; comparable businesses: −0.5 on average."),
    (visit("finding_count"), THREE, TYPICAL, "Drie keer een bevinding bij een controle in 36 maanden; vergelijkbare zaken: gemiddeld 42 keer per honderd zaken.",
     "Inspection with a finding in 36 months: three times; comparable businesses: 42 times per hundred businesses on average."),
    (visit("previous_finding"), Shown("exact", 1.0, 1.0), Typical(0.12, 40, "area", True),
     "De vorige controle had een bevinding: ja; vergelijkbare zaken: gemiddeld 12 van de honderd.",
     "The previous inspection had a finding: yes; comparable businesses: 12 of a hundred on average."),
    ({"from": "units", "statistics": ["tenure"]}, Shown("band", 2 * YEAR, 3 * YEAR), MIDDLE,
     "Deze zaak opende tussen 2 en 3 jaar geleden; vergelijkbare zaken: de middelste is 3 jaar.",
     "This business opened between 2 and 3 years ago; comparable businesses: the median is 3 years."),
    ({"from": "areas", "measure": "vacancy", "statistics": ["latest"]}, Shown("missing"), Typical(None, 0, "sector", False),
     "Niet bekend: Laatste cijfer: wisseling; te weinig vergelijkbare plaatsen met een waarde.",
     "Not known: Latest figure: change; too few comparable places with a value."),
    ({**NEAR, "statistics": ["distance"]}, Shown("band", 0.0, 50.0), Typical(312.4, 40, "sector", False),
     "De dichtstbijzijnde ‘wisseling’ in 36 maanden is minder dan 50 meter ver; zaken in alle gebieden: de middelste is 312 meter.",
     "The nearest ‘change’ in 36 months is less than 50 metres away; businesses in all areas: the median is 312 metres."),
    ({**ROLES, "statistics": ["finding_distance"], "windows": ["all"], "hub_limit": 50, "at_most": 4}, Shown("exact", 4.0, 4.0), Typical(4.0, 40, "area", False),
     "Het is 4 stappen of meer, of onbereikbaar naar een andere plaats met een eerdere bevinding (wisseling); "
     "bij vergelijkbare zaken meestal 4 stappen of meer, of onbereikbaar.",
     "It is 4 steps or more, or unreachable to another place with an earlier finding (change); at comparable businesses usually 4 steps or more, or unreachable."),
    ({**ROLES, "statistics": ["finding_distance"], "windows": ["all"], "hub_limit": 50, "at_most": 4}, Shown("exact", 1.0, 1.0), Typical(3.0, 40, "sector", False),
     "Het is 1 stap naar een andere plaats met een eerdere bevinding (wisseling); zaken in alle gebieden: de middelste is 3 stappen.",
     "It is 1 step to another place with an earlier finding (change); businesses in all areas: the median is 3 steps."),
    ({"from": "given", "columns": ["density"], "at_most": 70}, Shown("exact", 12.0, 12.0), Typical(70.0, 40, "area", False),
     "Wisseling: 12; bij vergelijkbare zaken meestal 70 of meer.", "Change: 12; at comparable businesses usually 70 or more."),
]  # fmt: skip


@pytest.fixture(scope="module")
def description(make_dataset):
    """A dataset that has an owner beside its events."""
    made = make_dataset().description
    return made.model_copy(update={"link_roles": {"owner": made.event_kinds["takeover"]}})


def sentence_of(description, recipe, shown, typical, language):
    """The sentence for the first column of a recipe."""
    column = columns_of([TypeAdapter(Recipe).validate_python(recipe)])[0]
    told, feature = telling(column, description), feature_of(column, description)
    units = {"nl": "zaken", "en": "businesses"}[language]
    return fact_sentence("reason.1", feature, told, shown, typical, units=units, language=language)


@pytest.mark.parametrize(("recipe", "shown", "typical", "nl", "en"), CASES)
def test_a_fact_is_told_as_a_colleague_would(description, recipe, shown, typical, nl, en) -> None:
    """The fact, then what is typical, in plain words."""
    assert plain(sentence_of(description, recipe, shown, typical, "nl")) == nl
    assert plain(sentence_of(description, recipe, shown, typical, "en")) == en


@pytest.mark.parametrize(
    ("recipe", "nl", "en"),
    [
        (event("days_since_last", "all"), "Tijd sinds de laatste ‘wisseling’", "Time since the last ‘change’"),
        ({"from": "units", "statistics": ["tenure"]}, "Tijd sinds de opening", "Time since opening"),
        (event("count"), "Aantal keer ‘wisseling’ in 24 maanden", "Number of times ‘change’ in 24 months"),
    ],
)
def test_a_label_of_what_is_counted_in_days_speaks_of_time(description, recipe, nl, en) -> None:
    """`Dagen sinds …: tussen 4 en 5 jaar` does not fit."""
    column = columns_of([TypeAdapter(Recipe).validate_python(recipe)])[0]
    assert [feature_of(column, description).label.in_(language) for language in LANGUAGES] == [nl, en]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_has_its_name_and_value(description, language) -> None:
    """What stands in the page can be found in the table of numbers."""
    words = sentence_of(description, event("count"), THREE, TYPICAL, language)
    assert list(numbers(words)) == [("reason.1.low", 3.0), ("reason.1.typical", 0.42)]
    page = str(html(words))
    assert '<data value="3.0" data-number="reason.1.low">' in page
    rest = re.sub(r"<data.*?</data>", "", page).replace("24", "")
    assert not re.search(r"\d", rest)


def test_words_of_a_dataset_are_escaped(description) -> None:
    """A label is somebody's text."""
    wild = description.event_kinds["takeover"].model_copy(
        update={"label": description.title.model_copy(update={"nl": "<script>x</script>"})}
    )
    made = description.model_copy(update={"event_kinds": {**description.event_kinds, "takeover": wild}})
    assert "<script>" not in html(sentence_of(made, event("count"), THREE, TYPICAL, "nl"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("recipe", "shown", "typical", "nl", "en"), CASES)
def test_sentences_stay_short(description, language, recipe, shown, typical, nl, en) -> None:
    """At most 28 words, the comparison included."""
    text = plain(sentence_of(description, recipe, shown, typical, language))
    assert len(text.split()) <= 28
