"""A card is plain data: the same run gives the same card, and what it cannot know it does not say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tegenkracht.core.criterion import Limit
from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import THEMES, Finding
from tegenkracht.core.text import Text
from tegenkracht.reporting.card import ESTIMATE_KEYS, FACT_KEYS, make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.sections import measures
from tegenkracht.reporting.sections.audit import audit_notes, listed_of_all
from tegenkracht.reporting.sections.findings import sentence_of
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Card, Exhibit, Heading, Intervals, Table
from tegenkracht.reporting.wording import Number, Say, fact, number, say
from tegenkracht.reporting.words.catalogue import WordingError

SECTIONS = {
    "calendar": [
        *("purpose", "data", "results", "tips", "calibration", "inspector", "groups", "origins", "pooled"),
        *("explanation", "learned", "readable", "missed", "dictionary", "findings", "unfilled", "provenance"),
    ],
    "decision": [
        *("purpose", "data", "criteria", "results", "lists", "worth", "tips", "imperfect", "calibration", "single"),
        *("inspector", "groups", "origins", "pooled", "explanation", "learned", "readable", "missed", "dictionary"),
        *("next_round", "findings", "unfilled", "provenance"),
    ],
    "replay": ["purpose", "data", "results", "replay", "inspector", "dictionary", "findings", "unfilled", "provenance"],
}


def leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of plain data with its key."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from leaves(child, name)
    elif isinstance(node, list):
        for child in node:
            yield from leaves(child, key)
    else:
        yield key, node


def test_the_same_run_gives_the_same_bytes(facts: RunFacts) -> None:
    """card.json, and the card read back from it, do not change from one making to the next."""
    first, second = make_card(facts), make_card(facts)
    assert first.as_json() == second.as_json()
    assert Card.from_json(first.as_json()) == first


def test_another_process_gives_the_same_bytes(calendar: RunFacts) -> None:
    """The order of keys does not follow how a process happens to hash text."""
    code = "from made_up.calendar import calendar_facts; from tegenkracht.reporting.card import make_card; print(make_card(calendar_facts()).as_json())"
    other = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONHASHSEED": other},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert len(made) > 10_000
    assert made == make_card(calendar).as_json() + "\n"


def test_a_changed_number_gives_another_digest(calendar: RunFacts) -> None:
    """Signatures hold for one digest; any other estimate makes another card."""
    fewer = replace(calendar, estimates=calendar.estimates[1:])
    assert make_card(calendar).identity != make_card(fewer).identity


def test_the_tree_names_only_estimates_and_facts_that_it_carries(card: Card) -> None:
    """A card can be written again from card.json alone."""
    plain = json.loads(card.as_json())
    used = list(leaves({"first": plain["first"], "sections": plain["sections"]}))
    assert {value for key, value in used if key in ESTIMATE_KEYS and value} == set(card.estimates)
    assert {value for key, value in used if key in FACT_KEYS} <= set(card.facts)


def test_every_estimate_on_the_card_is_the_one_in_evaluation_json(facts: RunFacts, card: Card) -> None:
    """The card copies estimates; it never computes one."""
    measured = {estimate.id: estimate for estimate in facts.estimates}
    assert all(measured[key] == estimate for key, estimate in card.estimates.items())


@pytest.mark.parametrize("name", ["calendar", "replay", "decision"])
def test_a_section_without_evidence_is_absent(name: str, request: pytest.FixtureRequest) -> None:
    """A calendar has no replay section, visits without groups no group section; nothing is faked."""
    assert [section.key for section in make_card(request.getfixturevalue(name)).sections] == SECTIONS[name]


def test_weighted_and_audit_forms_are_absent_until_they_are_measured(calendar: RunFacts) -> None:
    """The first page counts in as many ways as there are estimates."""
    said = {value for key, value in leaves(json.loads(make_card(calendar).first.model_dump_json())) if key == "key"}
    assert not said & {"ways.weighted", "ways.audit", "headline.found"}
    assert {"ways.labelled", "ways.bounds", "headline.bounds"} <= said


# ---------------------------------------------------------------- the one sentence


@pytest.mark.parametrize(
    ("methods", "key"),
    [
        ({"labelled": (0.44, 0.36, 0.52), "bounds": (None, 0.155, 0.8)}, "headline.bounds"),
        ({"labelled": (0.44, 0.36, 0.52), "bounds": (None, 0.44, 0.44)}, "headline.found"),
        (
            {"labelled": (0.44, 0.36, 0.52), "bounds": (None, 0.155, 0.8), "weighted": (0.28, 0.19, 0.38)},
            "headline.found",
        ),
        ({"labelled": (0.44, 0.36, 0.52)}, "headline.none"),
        ({}, "headline.none"),
    ],
    ids=["only bounds", "everything inspected", "weighted", "labelled only", "nothing"],
)
def test_the_headline_never_rests_on_visited_places_alone(
    methods: dict[str, tuple[float | None, ...]],
    key: str,
    with_estimates: Callable[..., RunFacts],
    share: Callable[..., Estimate],
) -> None:
    """Bounds are said as bounds; a labelled-only figure is a headline only where nobody was left out."""
    card = make_card(with_estimates(*(share(method, *numbers) for method, numbers in methods.items())))
    assert isinstance(card.first.headline, Say)
    assert card.first.headline.key == key


def test_the_headline_counts_of_a_hundred_with_bounds_rounded_outwards(
    with_estimates: Callable[..., RunFacts], share: Callable[..., Estimate]
) -> None:
    """0.155 to 0.801 is at least 15 and at most 81: rounding never narrows what is possible."""
    card = make_card(with_estimates(share("bounds", None, 0.155, 0.801)))
    assert Speaker(card, "nl").plain(card.first.headline) == (
        "Van elke 100 plaatsen op de lijst is bij minstens 15 en hoogstens 81 iets te vinden. Meer weten we niet."
    )


def test_the_misses_stand_in_the_same_heading(
    with_estimates: Callable[..., RunFacts], share: Callable[..., Estimate]
) -> None:
    """28 found and 72 not, together a hundred."""
    card = make_card(with_estimates(share("weighted", 0.276, 0.19, 0.38)))
    assert "ongeveer 28 iets, en bij 72 niets" in Speaker(card, "nl").plain(card.first.headline)


def test_the_labelled_form_is_hollow_and_called_too_favourable(calendar: RunFacts) -> None:
    """Whoever sees the flattering figure sees at once what is wrong with it."""
    card = make_card(calendar)
    assert card.first.ways is not None
    drawing = card.first.ways.panels[0].drawing
    assert isinstance(drawing, Intervals)
    labelled = next(row for row in drawing.rows if isinstance(row.label, Say) and row.label.key == "ways.labelled")
    assert [mark.shape for mark in labelled.marks] == ["hollow"]
    assert "te gunstig" in Speaker(card, "nl").plain(labelled.note)


def test_a_replay_says_what_the_inspector_alone_gives_in_the_headline(replay: RunFacts) -> None:
    """The figure of a published case, and straight after it what it hides."""
    card = make_card(replay)
    said = Speaker(card, "en").plain(card.first.headline)
    assert "7.4 days earlier" in said
    assert "Knowing only who inspects gives 7.6 days (4.2 to 9.8)" in said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((2.2, -0.4, 5.3), "Niet aangetoond dat een controleur met deze volgorde eerder komt"),
        ((-3.0, -5.0, -1.0), "niet eerder maar later waar iets te vinden is: −3,0 dagen (−5,0 tot −1,0)"),
    ],
)
def test_a_replay_claims_days_only_when_the_interval_does(
    numbers: tuple[float, float, float], said: str, replay: RunFacts
) -> None:
    """2.2 days with an interval over zero is not shown, whatever the best guess."""
    days = Estimate("with_inspector", "days_earlier", *numbers, n=258, method="replay", level=0.95)
    others = tuple(estimate for estimate in replay.estimates if estimate.id != days.id)
    card = make_card(replace(replay, estimates=(*others, days)))
    assert said in Speaker(card, "nl").plain(card.first.headline)


def test_a_model_that_names_only_process_columns_knows_only_the_process(replay: RunFacts) -> None:
    """`[inspector]` is as much a process model as `process`; a mixed list is not."""
    models = {**replay.models, "who_inspects": replace(replay.models["who_inspects"], columns=("inspector",))}
    card = make_card(replace(replay, models=models))
    assert "Knowing only who inspects" in Speaker(card, "en").plain(card.first.headline)
    models["who_inspects"] = replace(models["who_inspects"], columns=("inspector", "tenure_days"))
    mixed = make_card(replace(replay, models=models))
    assert "Knowing only who inspects" not in Speaker(mixed, "en").plain(mixed.first.headline)


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.05, 0.23, "ja"), (-0.23, -0.05, "nee"), (-0.03, 0.12, "niet aangetoond")]
)
def test_a_comparison_has_one_of_three_verdicts(
    low: float, high: float, verdict: str, with_estimates: Callable[..., RunFacts], share: Callable[..., Estimate]
) -> None:
    """Yes, no, or not shown; an interval that holds zero says nothing."""
    at = "capacity=100,versus=current_rule"
    difference = Estimate("lightgbm", "precision_difference", (low + high) / 2, low, high, n=142, level=0.95, at=at)
    card = make_card(with_estimates(share("weighted", 0.28, 0.19, 0.38), difference))
    (found,) = card.first.verdicts
    assert Speaker(card, "nl").plain(found.title).startswith(f"Beter dan de huidige regel: {verdict}")


WEIGHED_IS = "Gewogen: een bezoek met weinig kans telt zwaarder, want het staat voor meer plaatsen."


def test_a_comparison_is_made_in_the_form_of_the_headline(
    with_estimates: Callable[..., RunFacts], share: Callable[..., Estimate]
) -> None:
    """Better where somebody went, and not shown when each visit is weighed: the first page says the second, and the results show both."""
    at = "capacity=100,versus=current_rule"
    seen = Estimate("lightgbm", "precision_difference", 0.14, 0.05, 0.23, n=142, level=0.95, at=at)
    weighed = replace(seen, value=0.02, low=-0.1, high=0.14, method="weighted")
    possible = Estimate("lightgbm", "precision_difference", None, -0.4, 0.5, n=190, method="bounds", at=at)
    card = make_card(with_estimates(share("weighted", 0.28, 0.19, 0.38), seen, weighed, possible))
    (found,) = card.first.verdicts
    said = Speaker(card, "nl")
    assert said.plain(found.title) == "Beter dan de huidige regel: niet aangetoond"
    assert said.plain(found.words) == "+2 per 100 (−10 tot +14), gewogen."
    assert said.plain(card.first.verdicts_note) == WEIGHED_IS
    better = make_card(with_estimates(share("weighted", 0.28, 0.19, 0.38), replace(weighed, low=0.01, high=0.03)))
    (yes,) = better.first.verdicts
    told = Speaker(better, "nl")
    assert (told.plain(yes.title), told.plain(yes.words)) == (
        "Beter dan de huidige regel: ja, gewogen",
        "+2 per 100 (+1 tot +3).",
    )
    results = next(section for section in card.sections if section.key == "results")
    tables = {block.name.key: block for block in results.blocks if isinstance(block, Table)}
    (row,) = tables["results.differences_weighed"].rows
    assert [said.plain(cell) for cell in row[1:4]] == [
        "+2,0 (−10,0 tot +14,0) · niet aangetoond",
        said.plain(measures.shown(None)),
        "−40,0 tot +50,0",
    ]
    (row,) = tables["results.differences_seen"].rows
    assert said.plain(row[1]) == "+14,0 (+5,0 tot +23,0) · beter"


# ---------------------------------------------------------------- what is empty, and what is suppressed


def test_what_the_author_left_out_is_listed_with_who_must_fill_it(calendar: RunFacts) -> None:
    """The legal ground is empty on its own line and in the list of empty parts; filled, it is in neither."""
    filled = replace(
        calendar, purpose=calendar.purpose.model_copy(update={"legal_ground": Text(nl="Wet X", en="Act X")})
    )
    empty_page, filled_page = render_html(make_card(calendar), "nl"), render_html(make_card(filled), "nl")
    assert 'class="unfilled"' in empty_page
    assert 'class="unfilled"' not in filled_page
    assert "Welke wet of afspraak dit gebruik toestaat." in empty_page
    assert "Welke wet of afspraak dit gebruik toestaat." not in filled_page


def test_all_signatures_are_empty(card: Card) -> None:
    """Nobody has signed a card that was just made."""
    states = {signature.state.key for signature in card.first.signatures if isinstance(signature.state, Say)}
    assert states == {"signatures.not_yet", "signatures.no_date"}


def test_a_suppressed_group_stays_in_place_in_figure_and_table(calendar: RunFacts) -> None:
    """Row, label and reason; no size and no value."""
    card = make_card(calendar)
    groups = next(section for section in card.sections if section.key == "groups")
    speaker = Speaker(card, "nl")
    exhibits = [block for block in groups.blocks if isinstance(block, Exhibit)]
    assert len(exhibits) == 3
    for exhibit in exhibits:
        drawing = exhibit.panels[0].drawing
        assert isinstance(drawing, Intervals)
        hidden = next(row for row in drawing.rows if speaker.plain(row.label) == "havenrand")
        assert hidden.marks == ()
        assert speaker.plain(hidden.missing) == "weggelaten: te weinig plaatsen"
        assert exhibit.table is not None
        cells = next(row for row in exhibit.table.rows if speaker.plain(row[0]) == "havenrand")
        assert speaker.plain(cells[-1]) == "–"


def test_the_mean_score_of_each_group_stands_beside_its_rates(calendar: RunFacts) -> None:
    """Over all lines, not over those with a visit; to three decimals, for scores are small."""
    card = make_card(calendar)
    groups, speaker = next(section for section in card.sections if section.key == "groups"), Speaker(card, "nl")
    tables = [block for block in groups.blocks if isinstance(block, Table)]
    table = next(
        t for t in tables if speaker.plain(t.columns[-1].title) == "Gemiddelde score, zoals het model die geeft"
    )
    assert speaker.plain(table.rows[0][-1]) == "0,031 (0,029 tot 0,033)"


def test_gaps_stand_beside_what_could_be_seen_with_a_verdict_each(calendar: RunFacts) -> None:
    """Found, none of the size that matters, not enough data; the band of what is missed lies behind the mark."""
    card = make_card(calendar)
    groups, speaker = next(section for section in card.sections if section.key == "groups"), Speaker(card, "nl")
    exhibit = next(block for block in groups.blocks if isinstance(block, Exhibit))
    drawing = exhibit.panels[0].drawing
    assert isinstance(drawing, Intervals)
    assert [[mark.shape for mark in row.marks] for row in drawing.rows] == [
        ["band_up", "band_down", "attention"],
        ["band_up", "band_down", "main"],
        ["band_up", "band_down", "hollow"],
        [],
    ]
    assert exhibit.table is not None
    said = [[speaker.plain(cell) for cell in row][2:4] for row in exhibit.table.rows]
    assert said == [
        ["hoger: 0,7; lager: niet betrouwbaar te zien", "verschil gevonden"],
        ["hoger: 0,7; lager: niet betrouwbaar te zien", "geen verschil van 2 of meer, in punten"],
        ["hoger: 14,0; lager: niet betrouwbaar te zien", "te weinig gegevens"],
        ["–", "niet getoond"],
    ]


def test_accepted_limits_combinations_and_places_are_on_the_card(calendar: RunFacts) -> None:
    """A limit that is not met asks for attention; a combination is called by both its groups; an area says nothing about a place."""
    page = re.sub(r"<[^>]+>", "", render_html(make_card(calendar), "nl"))
    assert "Een verschil tussen groepen is groter dan vooraf is toegestaan." in page
    assert "Het verschil van ‘veel’ is +1,5 (+0,9 tot +2,1) punten. De grens in het plan was 1,0 punten." in page
    assert "veel × dorp" in page
    assert "Wat tussen gebieden verschilt, zegt niets over één plaats." in page
    assert "alle plaatsen in een gebied hebben dezelfde waarde" in page
    assert "Te weinig gegevens om dat te zeggen: " in page


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.012, 0.05, "Het verschil is +2,5 (+1,2 tot +5,0) punten. Dat kan ook komen doordat er meer aan de hand is."),
        (-0.003, 0.05, "Het verschil is +2,5 (-0,3 tot +5,0) punten: niet aangetoond."),
        (-0.05, -0.012, "Het verschil is -2,5 (-5,0 tot -1,2) punten: naast de lijst minder vaak dan elders."),
    ],
)
def test_more_visits_beside_the_list_are_explained_only_where_they_are_shown(
    calendar: RunFacts, low: float, high: float, said: str
) -> None:
    """What else may cause a difference stands beside one that leaves zero out, and no sentence speaks of one that does not."""
    value = 0.025 if high > 0.03 else -0.025
    estimates = tuple(
        replace(e, value=value, low=low, high=high) if e.metric == "inspected_near_difference" else e
        for e in calendar.estimates
    )
    page = re.sub(r"<[^>]+>", "", render_html(make_card(replace(calendar, estimates=estimates)), "nl"))
    assert said in page.replace("\N{MINUS SIGN}", "-")
    assert page.count("Dat kan ook komen doordat er meer aan de hand is.") == (low > 0)


@pytest.mark.parametrize(
    ("matters", "limit", "said"),
    [
        (0.1, 1, ["groups.gap.out_of_reach"]),
        (None, 10, ["groups.limits.out_of_reach"]),
        (0.1, 10, ["groups.gap.out_of_reach", "groups.limits.out_of_reach"]),
        (0.01, 1, []),
        (None, 1, []),
    ],
)
def test_what_was_accepted_beforehand_is_held_against_the_share_on_the_list(
    calendar: RunFacts, matters: float | None, limit: float, said: list[str]
) -> None:
    """Two groups of equal size, at three and one of a hundred on the list: a gap of ten points cannot be exceeded by leaving one out, and the card says so."""
    listed = [
        replace(e, value=0.03 if e.group.endswith("high") else 0.01, low=None, high=None, level=None, n=1000)
        for e in calendar.estimates
        if e.metric == "selection_rate" and e.value is not None and e.group in ("deprivation=high", "deprivation=low")
    ]
    assert len(listed) >= 2
    others = [e for e in calendar.estimates if e.metric != "selection_rate"]
    limits = (Limit(metric="selection_rate", attribute="deprivation", at_most=limit),)
    facts = replace(calendar, estimates=(*others, *listed), smallest_gap=matters, limits=limits)
    assert listed_of_all(facts) == pytest.approx(0.02)
    notes = [block.words.key for block in audit_notes(facts) if isinstance(block.words, Say)]
    assert [key for key in notes if key.endswith("out_of_reach")] == said
    shown = Speaker(make_card(facts), "en")
    assert [
        "of a hundred is more than the share of all places" in shown.plain(b.words) for b in audit_notes(facts)
    ].count(True) == (matters == 0.1)


def test_findings_are_said_in_words_and_grouped_by_code(calendar: RunFacts) -> None:
    """Names of models, groups and attributes are said as a reader knows them."""
    text = Speaker(make_card(calendar), "nl")
    findings = next(section for section in text.card.sections if section.key == "findings")
    said = " ".join(text.plain(words) for words in _words(findings))
    assert "Bij controleur insp-04 is bij 19,4 van de 100 controles iets gevonden" in said
    assert "Achterstand van het gebied, op de lijst staan. Verschil van ‘veel’ met ‘weinig’: 1,5 punten" in said
    assert "Dit model is beter dan weten wie er controleert" in said


def test_what_is_found_is_counted_and_headed_by_what_it_is_about(calendar: RunFacts) -> None:
    """The first page counts all that was found and each theme of it; the part on findings has a heading for each; a code of somebody else stands last."""
    codes = ("TK002", "TK101", "TK105", "TK105", "TK202", "TK308", "XX1")
    also = tuple(Finding(code, "not_found") for code in codes)
    card = make_card(replace(calendar, findings=(*(Finding(code, "found") for code in codes), *also)))
    said = re.sub(r"<[^>]+>", "", render_html(card, "en"))
    assert (
        "And more, 7 in all: 1 on time and leaks, 3 on what is not known, 1 on groups, 1 on the explanation, 1 on something else."
        in said
    )
    findings = next(section for section in card.sections if section.key == "findings")
    headings = [block.words.key for block in findings.blocks if isinstance(block, Heading)]
    assert headings == [f"findings.themes.{theme}" for theme in THEMES]


RULE = Finding(
    "TK312",
    "found",
    "lightgbm",
    {
        **{"by": "rule_one", "first": "area_vacancy_latest", "first_side": "above", "first_limit": 0.0225},
        **{"inside": 31.2, "outside": 11.0},
    },
)


@pytest.mark.parametrize(
    ("measure", "limit", "side", "language", "said"),
    [
        ("share", 0.0225, "above", "nl", "Leegstand in het gebied, laatste stand boven 2,25 van de honderd."),
        ("share", 0.0225, "above", "en", "Vacancy in the area, latest above 2.25 of a hundred."),
        ("days", 800.0, "at_most", "en", "Vacancy in the area, latest at most 2.19 years."),
        ("count", 1.5, "above", "nl", "Leegstand in het gebied, laatste stand boven 1,5."),
        ("number", 0.0732, "above", "en", "Vacancy in the area, latest above 0.073."),
        ("yes_no", 0.5, "above", "nl", "Leegstand in het gebied, laatste stand is ja."),
        ("yes_no", 0.5, "at_most", "en", "Vacancy in the area, latest is no."),
    ],
)
def test_a_rule_is_told_by_labels_and_in_the_unit_of_its_column(
    calendar: RunFacts, measure: Any, limit: float, side: str, language: Any, said: str
) -> None:
    """A share of a hundred, a span in years, a yes or no; never the number as the column has it."""
    rule = replace(RULE, facts={**RULE.facts, "first_limit": limit, "first_side": side})
    facts = replace(calendar, findings=(rule,), measures={"area_vacancy_latest": measure})
    assert said in Speaker(make_card(facts), language).plain(sentence_of(facts, 0))


def _words(section: Any) -> Iterator[Any]:
    for block in section.blocks:
        yield from [block.words] if hasattr(block, "words") else []
        yield from getattr(block, "items", ())
        yield from (cell for row in getattr(block, "rows", ()) for cell in row)


def test_a_code_without_sentences_still_shows_its_verdict_and_facts(calendar: RunFacts) -> None:
    """A new check is never silent because its words are late."""
    new = Finding("TK999", "found", "lightgbm", {"strange": 3})
    page = render_html(make_card(replace(calendar, findings=(new,))), "en")
    assert "The check found something." in page
    assert "strange" in page


def test_an_estimate_without_a_number_gives_its_reason(calendar: RunFacts) -> None:
    """A NaN or an empty cell never reaches a reader."""
    missing = none_because("nobody_visited", model="logistic", metric="precision_at_capacity", at="capacity=100")
    kept = tuple(e for e in calendar.estimates if e.id != missing.id)
    page = render_html(make_card(replace(calendar, estimates=(*kept, missing))), "nl")
    assert "niemand bezocht een plaats op deze lijst" in page


def test_a_study_without_any_estimate_still_gives_a_card(calendar: RunFacts) -> None:
    """Purpose, dictionary and what is unfilled can be read before there is a number."""
    card = make_card(replace(calendar, estimates=(), findings=(), folds=(), attributes={}))
    assert "Hoeveel er op de lijst te vinden is" in render_html(card, "nl")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "nl",
            "Geen enkel model ziet deze cijfers over gebieden: {label}. Wat voor een gebied geldt, zegt niets over één plaats.",
        ),
        ("en", "No model sees these figures of areas: {label}. What holds for an area says nothing of one place."),
    ],
)
def test_a_card_says_which_figures_of_areas_no_model_saw(calendar: RunFacts, language: str, said: str) -> None:
    """By name, and they are not counted among what the model can use; without any there is no such sentence."""
    name = "area_vacancy_latest"
    label = next(f.label.in_(language) for f in calendar.features if f.name == name)
    kept, plainly = make_card(replace(calendar, kept_out=(name,))), make_card(calendar)
    assert said.format(label=label) in re.sub(r"<[^>]+>", "", render_html(kept, language))
    assert said.partition("{")[0] not in re.sub(r"<[^>]+>", "", render_html(plainly, language))
    assert kept.facts["features.count"] == len(calendar.features) - 1


# ---------------------------------------------------------------- what cannot be said is an error


def test_an_unknown_sentence_is_refused_by_name(calendar: RunFacts) -> None:
    """The message names the catalogue and the key."""
    with pytest.raises(WordingError, match=r"words/nl: there is no sentence `no\.such`"):
        Speaker(make_card(calendar), "nl").plain(say("no.such"))


def test_an_empty_place_in_a_sentence_is_refused(calendar: RunFacts) -> None:
    """A sentence never goes out with a hole in it."""
    with pytest.raises(WordingError, match=r"`headline\.bounds`: nothing was given for \['high', 'hundred'\]"):
        Speaker(make_card(calendar), "nl").plain(say("headline.bounds", low=fact("hundred", "count")))


def test_a_part_that_an_estimate_lacks_is_refused(calendar: RunFacts) -> None:
    """Bounds have no best value, and no sentence may pretend that they have."""
    card = make_card(calendar)
    key = next(key for key, estimate in card.estimates.items() if estimate.method == "bounds")
    with pytest.raises(WordingError, match="has no value; say why there is none instead"):
        Speaker(card, "nl").plain(number(key, "value"))


def test_an_estimate_that_the_card_lacks_is_refused(calendar: RunFacts) -> None:
    """card.json carries every number that it shows."""
    with pytest.raises(WordingError, match="uses estimate `a/b`, which the card lacks"):
        Speaker(make_card(calendar), "nl").pieces(Number(estimate="a/b"))
