"""Where differences come from, on the card: every part has its place, and what a hit rate cannot say stands beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.sections.origins import origins_section
from tegenkracht.reporting.sections.subgroups import subgroup_label
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Exhibit, Intervals, Paragraph

WHERE = {"attribute": "deprivation", "group": "high", "looked_at": 4}
GAP = {"gap": 2.5, "low": 0.4, "high": 4.6}
FOUND = (
    Finding("TK211", "found", "lightgbm", {**WHERE, "pairs": 71, "direction": "higher", "size": 60}),
    Finding("TK212", "found", "lightgbm", {**WHERE, **GAP, "by": "every_visit", "smallest": 2.2}),
    Finding("TK212", "not_found", "lightgbm", {**WHERE, **GAP, "by": "lot", "smallest": 6.1}),
    Finding("TK213", "found", "", {**WHERE, **GAP, "reference_group": "low"}),
    Finding("TK214", "found", "", {**WHERE, **GAP}),
    Finding(
        "TK215",
        "found",
        "lightgbm",
        {
            "metric": "selection_rate",
            "subgroup": "deprivation=high & location=village",
            "gap": 5.0,
            "low": 1.0,
            "looked_at": 12,
        },
    ),
    Finding("TK216", "not_applicable", "", {"reason": "few_second_looks"}),
    Finding(
        "TK217",
        "not_found",
        "lightgbm",
        {**WHERE, "part_ratio": 1.1, "low_ratio": 0.9, "high_ratio": 1.3, "limit_ratio": 1.25},
    ),
)


def test_the_section_has_a_figure_for_every_question(calendar: RunFacts) -> None:
    """Proxies, labels, thresholds, and the steps of each attribute."""
    section = origins_section(calendar, Known(calendar.estimates))
    assert section is not None
    keys = [panel.key for block in section.blocks if block.block == "exhibit" for panel in block.panels]
    assert keys == ["fig-proxies", "fig-labels", "fig-thresholds", "fig-funnel-deprivation", "fig-funnel-location"]


def test_beside_a_family_stands_the_column_that_goes_with_an_attribute_most(calendar: RunFacts) -> None:
    """Of takeover the largest correlation ratio is 0.09, more than 0.25 squared; location has none, and so no column."""
    section = origins_section(calendar, Known(calendar.estimates))
    assert section is not None
    table = next(block for block in section.blocks if block.block == "table")
    speaker = Speaker(make_card(calendar), "en")
    heads, cells = (
        [speaker.plain(words) for words in line] for line in ([c.title for c in table.columns], table.rows[0])
    )
    assert heads[1:] == ["high", "Most with Deprivation of the area", "village"]
    assert cells[2] == "η² 0.090 (0.045 to 0.180)"


def test_shares_by_channel_and_inspector_stand_beside_the_visits_that_they_rest_on(calendar: RunFacts) -> None:
    """A share of nought is another thing on fifteen visits than on fifteen hundred."""
    page = re.sub(r"<[^>]+>", "", render_html(make_card(calendar), "en"))
    assert re.search(r"7\.5 \(.{3,12}\), visits: 120", page) or re.search(r"8 \(.{3,12}\), visits: 120", page)
    assert re.search(r"13 \(.{3,12}\), visits: 110", page)


def test_findings_that_were_overturned_are_counted_as_findings(calendar: RunFacts) -> None:
    """Every other step counts lines."""
    group = "deprivation=high"
    at = "step=overturned"
    told = (
        Estimate("", "step_count", 12.0, n=12, method="count", group=group, at=at),
        Estimate("", "step_share", 0.4, 0.2, 0.6, n=30, method="labelled", level=0.95, group=group, at=at),
    )
    kept = tuple(e for e in calendar.estimates if (e.group, e.at) != (group, at))
    facts = replace(calendar, estimates=(*kept, *told))
    page = re.sub(r"<[^>]+>", "", render_html(make_card(facts), "en"))
    assert "12 findings" in page
    assert "561 lines" in page
    assert not re.search(r"(?<!\d)12 lines", page)


def test_a_study_that_does_not_ask_has_no_section(calendar: RunFacts) -> None:
    """Nothing measured, nothing shown."""
    rest = tuple(e for e in calendar.estimates if e.metric in ("rows", "units", "observed"))
    assert origins_section(calendar, Known(rest)) is None


def test_a_gap_is_marked_where_its_corrected_chance_is_rare_and_no_earlier(calendar: RunFacts) -> None:
    """Hit rates of chosen visits leave zero out (0.8 to 4.8) and are no square: that happens by chance in 11 of 100. All visits do and are one."""
    section = origins_section(calendar, Known(calendar.estimates))
    assert section is not None
    exhibits = {block.panels[0].key: block for block in section.blocks if isinstance(block, Exhibit)}
    speaker = Speaker(make_card(calendar), "en")
    marked, plain = [], []
    for key in ("fig-labels", "fig-thresholds"):
        drawing = exhibits[key].panels[0].drawing
        assert isinstance(drawing, Intervals)
        for row in drawing.rows:
            square = row.strong and row.marks[0].shape == "attention"
            (marked if square else plain).append(
                (speaker.plain(row.label), speaker.plain(row.note) if row.note else "")
            )
    assert set(marked) == {("All visits", "smallest visible gap: 3.4; chance (p): 0.004")}
    assert ("Hit rate of chosen visits", "smallest visible gap: 3.4; chance (p): 0.110") in plain
    assert ("Threshold, estimated", "chance (p): 0.300") in plain
    said = [speaker.plain(block.words) for block in section.blocks if isinstance(block, Paragraph)]
    assert [words.split(".")[0] for words in said if "Chance (p)" in words] == [
        "Gaps in this figure: 8",
        "Gaps in this figure: 4",
    ]


def test_tables_of_gaps_name_what_they_count_and_a_table_of_pairs_of_places_counts_places(calendar: RunFacts) -> None:
    """Labels rest on visits, thresholds on lines too; how well a score tells a group is counted over places."""
    speaker = Speaker(make_card(calendar), "en")
    section = origins_section(calendar, Known(calendar.estimates))
    assert section is not None
    tables = {b.panels[0].key: b.table for b in section.blocks if isinstance(b, Exhibit)}
    heads = {key: speaker.plain(table.columns[-1].title) for key, table in tables.items() if table is not None}
    assert (heads["fig-proxies"], heads["fig-labels"]) == ("Places, counted in each test period", "Number")
    cells = {key: {speaker.plain(row[-1]) for row in table.rows} for key, table in tables.items() if table is not None}
    assert cells["fig-labels"] == {"900 visits", "–"}
    assert cells["fig-thresholds"] == {"900 visits", "5,000 lines"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_outcome_test_is_never_shown_without_its_caveat(calendar: RunFacts, language: Language) -> None:
    """Hit rates differ when there is more to find in one group, also under one threshold."""
    page = render_html(make_card(calendar), language)
    caveat = {"nl": "Een trefkans is geen bewijs.", "en": "A hit rate is no proof."}[language]
    assert caveat in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_said_in_words(calendar: RunFacts, language: Language) -> None:
    """No finding of this topic falls back on a bare list of facts."""
    card = make_card(replace(calendar, findings=FOUND))
    page = render_html(card, language)
    assert not {"looked_at", "part_ratio", "every_visit"} & set(page.split())
    said = {"nl": ("hogere score", "veel achterstand", "teruggedraaid"), "en": ("higher score", "overturned")}[language]
    assert all(words in page for words in said if words != "veel achterstand")


def test_a_subgroup_is_called_by_both_its_values(calendar: RunFacts) -> None:
    """Two values of two attributes, joined."""
    card = make_card(replace(calendar, findings=FOUND))
    said = Speaker(card, "en").plain(subgroup_label("deprivation=high & location=village"))
    assert said.count("+") == 1


def test_why_a_perfect_guess_has_no_interval_is_said(calendar: RunFacts) -> None:
    """Beneath what tells such a number; else nothing is said."""
    said = "every pair is told apart, and no draw gives another number"
    assert said not in render_html(make_card(calendar), "en")
    perfect = tuple(
        replace(e, value=1.0, low=None, high=None, level=None, note="every_pair") if e.at == "columns=together" else e
        for e in calendar.estimates
    )
    assert said in render_html(make_card(replace(calendar, estimates=perfect)), "en")


@pytest.mark.parametrize(("language", "said"), [("nl", "te weinig uitkomsten"), ("en", "too few outcomes")])
def test_a_reason_inside_a_sentence_says_once_that_there_is_no_number(
    calendar: RunFacts, language: Language, said: str
) -> None:
    """Not `was not measured: left out: too few outcomes`; in a cell of a table that stands as it did."""
    kept = tuple(e for e in calendar.estimates if e.metric not in ("kappa", "found_again"))
    none = none_because("base_under_minimum", model="", metric="kappa")
    finding = Finding("TK216", "not_applicable", "", {"reason": "base_under_minimum"})
    page = re.sub(
        r"<[^>]+>",
        "",
        render_html(make_card(replace(calendar, estimates=(*kept, none), findings=(finding,))), language),
    )
    assert page.count(f": {said}.") == 2
    assert not re.search(r": (left out|weggelaten): [a-z ]+\.", page)


def test_without_thresholds_the_reason_is_given(calendar: RunFacts) -> None:
    """Scheduled visits have no threshold; the section says so."""
    kept = tuple(
        e
        for e in calendar.estimates
        if e.metric not in ("visit_threshold", "visit_threshold_gap") and e.at != "visits=chosen"
    )
    reason = none_because("scheduled", model="", metric="visit_threshold", group="deprivation=")
    section = origins_section(calendar, Known((*kept, reason)))
    assert section is not None
    assert "origins.tests.none" in section.model_dump_json()
