"""What only people can answer stands on the card with what was measured, and what they did not answer is listed by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.core.justification import Justification, WhyAudited
from tegenkracht.core.suitability import IndicatorAnswers
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import Known, RunFacts, SpecialFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.sections.justification import justification_section
from tegenkracht.reporting.sections.origins import origins_section
from tegenkracht.reporting.sections.suitability import suitability_section
from tegenkracht.reporting.sections.unfilled import unfilled_parts
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Card, Table

from .made_up.builders import LEVEL, text

GAP = Finding("TK226", "found", "lightgbm", {"failed": 1, "missing": 4, "asked": 4, "signed": "no"})
ALL = {name: text(f"{name} nl", f"{name} en") for name in ("aim", "suitability", "necessity", "proportionality")}


def by_lot(feature: str, auc: float, chance: float) -> tuple[Estimate, Estimate]:
    """An indicator beside what visits by lot found."""
    at = f"feature={feature}"
    return (
        Estimate("", "indicator_auc", auc, auc - 0.05, auc + 0.05, n=300, method="audit", level=LEVEL, at=at),
        Estimate("", "indicator_chance", chance, n=300, method="audit", at=at),
    )


def with_area(about: str, rho: float, model: str = "") -> Estimate:
    """A feature, or the score, beside a figure of the area."""
    at = f"{about},measure=vacancy"
    return Estimate(model, "area_correlation", rho, rho - 0.05, rho + 0.05, n=900, method="sample", level=LEVEL, at=at)


MEASURED = (
    *by_lot("takeover_count_36m", 0.62, 0.001),
    *by_lot("tenure_days", 0.6, 0.01),
    *by_lot("heat_burglary", 0.53, 0.4),
    with_area("score", 0.45, "lightgbm"),
    with_area("feature=takeover_count_36m", -0.12),
    with_area("feature=tenure_days", 0.2),
    with_area("feature=heat_burglary", -0.5),
)


@pytest.fixture
def asked(calendar: RunFacts) -> RunFacts:
    """A run in which three indicators were set beside visits by lot and figures of areas, and takeovers were answered."""
    answers = IndicatorAnswers(allowed=text("mag", "may"), limits=text("grens", "limit"))
    return replace(
        calendar,
        estimates=(*calendar.estimates, *MEASURED),
        suitability={"takeover": answers},
        measure_limit=0.3,
    )


def lines(card: Card, section: str, number: int = 0) -> list[list[str]]:
    """The rows of one table of a section, in English."""
    speaker, found = Speaker(card, "en"), next(s for s in card.sections if s.key == section)
    table = [block for block in found.blocks if isinstance(block, Table)][number]
    return [[speaker.plain(cell) for cell in row] for row in table.rows]


def empty(facts: RunFacts) -> dict[str, str]:
    """What is unfilled, by the name of the part."""
    return {row[0]: row[1] for row in lines(make_card(facts), "unfilled")}


def without(facts: RunFacts, metrics: Iterable[str]) -> RunFacts:
    """The same run without some figures."""
    gone = tuple(metrics)
    return replace(facts, estimates=tuple(e for e in facts.estimates if e.metric not in gone))


def test_a_sheet_shows_answers_and_what_was_measured(asked: RunFacts) -> None:
    """Of takeovers it says that it may, and not how good the records are; of burglaries that it goes with vacancy."""
    sheet = {row[0]: row[1:] for row in lines(make_card(asked), "suitability")}
    assert sheet["Change of operator"][0] == "may"
    assert "Not filled in" in sheet["Change of operator"][2]
    assert "-0.500" in sheet["heat_burglary"][1].replace("−", "-")
    assert "Not filled in" in sheet["heat_burglary"][1]


def test_each_indicator_has_its_verdict_by_lot(asked: RunFacts) -> None:
    """More takeovers were declared a reason to look, and are; a long tenure the reverse, and it is the other way round; burglaries are not shown."""
    rows = lines(make_card(asked), "suitability", 1)
    assert [row[-1] for row in rows] == ["shown", "shown the other way round", "not shown"]
    assert [row[3] for row in rows] == ["300"] * 3
    assert rows[1][1:3] == ["less = look sooner", "60 (55 to 65)"]
    page = re.sub(r"<[^>]+>", "", render_html(make_card(asked), "en"))
    assert "with ‘less = look sooner’ one below it" in page
    assert "More with a finding, pairs" in page


def test_without_a_lottery_a_sentence_says_so(asked: RunFacts) -> None:
    """And there is no table with empty cells."""
    none = tuple(
        none_because("no_visits_by_lot", model="", metric="indicator_auc", method="audit", at=f"feature={f.name}")
        for f in asked.features
    )
    facts = without(asked, ("indicator_auc", "indicator_chance"))
    facts = replace(facts, estimates=(*facts.estimates, *none))
    section = suitability_section(facts, Known(facts.estimates))
    assert section is not None
    assert sum(isinstance(block, Table) for block in section.blocks) == 1
    assert "No random sample." in render_html(make_card(facts), "en")


def test_what_nobody_answered_is_listed_by_family(asked: RunFacts) -> None:
    """Takeovers may; of tenure and burglaries that is open. Tenure may be a detour by its declared risk, takeovers are not asked."""
    parts = empty(asked)
    allowed, detour = parts["Indicators: allowed"], parts["Indicators: detour"]
    assert "Change of operator" not in allowed
    assert "heat_burglary" in allowed
    assert re.search(r"Not given for: tenure_days, heat_burglary\.", allowed)
    assert "Change of operator" not in parts["Indicators: limits"]
    assert "Change of operator" in parts["Indicators: quality"]
    assert "heat_burglary" in detour


def test_beyond_the_limit_a_reason_is_asked(asked: RunFacts) -> None:
    """The score comes first and lies beyond it; then features in order of strength, of which one does."""
    rows = [row for row in lines(make_card(asked), "origins", 1) if len(row) == 5]
    assert [row[0] for row in rows][:2] == ["Score", "Burglaries nearby"]
    assert ["Not filled in" in row[-1] for row in rows] == [True, True, False, False]
    assert "Score: detour" in empty(asked)
    reasoned = replace(asked, score_proxy=text("reden", "a reason"))
    assert "Score: detour" not in empty(reasoned)
    assert lines(make_card(reasoned), "origins", 1)[0][-1] == "a reason"


def test_without_a_limit_no_reason_is_asked(asked: RunFacts) -> None:
    """The card says that the study did not set one."""
    facts = replace(asked, measure_limit=None)
    assert "does not say from where on" in render_html(make_card(facts), "en")
    assert "Score: detour" not in empty(facts)


def test_a_difference_asks_for_four_answers_and_a_signature(calendar: RunFacts) -> None:
    """What is not there is listed; when all is there nothing is, and the answers stand on the card."""
    found = replace(calendar, findings=(*calendar.findings, GAP))
    assert "Which legitimate aim does the list serve?" in empty(found)["Justification of a difference"]
    assert "Signature" in empty(found)["Justification of a difference"]
    signed = Justification(**ALL, signed_by=text("B. Jansen", "B. Jansen"), signed_on=date(2024, 5, 1))
    page = render_html(make_card(replace(found, justification=signed)), "en")
    assert all(f"{name} en" in page for name in ALL)
    assert "B. Jansen" in page
    assert "justification" not in [part.key for part in unfilled_parts(replace(found, justification=signed))]


def test_without_a_difference_nothing_is_asked(calendar: RunFacts) -> None:
    """No section and no line; answers that were given beforehand are shown, and what is missing of them is not asked."""
    assert justification_section(calendar) is None
    given = replace(calendar, justification=Justification(aim=ALL["aim"]))
    section = justification_section(given)
    assert section is not None
    assert [pair.filled for pair in section.blocks[0].pairs] == [True, False, False, False, False]
    assert "justification" not in [part.key for part in unfilled_parts(given)]


def test_why_groups_are_looked_at_stands_with_the_purpose(calendar: RunFacts) -> None:
    """Of one attribute it was said; the other is listed."""
    why = {"deprivation": WhyAudited(reason=text("reden", "a reason"), harm=text("schade", "a harm"))}
    facts = replace(calendar, why=why)
    rows = lines(make_card(facts), "purpose")
    assert rows[0][1:3] == ["a reason", "a harm"]
    assert all("Not filled in" in cell for cell in rows[1][1:3])
    assert "Location" in empty(facts)["Why these groups"] or "location" in empty(facts)["Why these groups"]
    assert "eprivation" not in empty(facts)["Why these groups"]


def test_what_no_model_sees_is_not_set_beside_figures_of_areas(asked: RunFacts) -> None:
    """Of a feature that is kept out of every model nobody is asked why it is used."""
    key = with_area("feature=heat_burglary", -0.5).id
    for kept_out in ((), ("heat_burglary",)):
        section = origins_section(replace(asked, kept_out=kept_out), Known(asked.estimates))
        assert section is not None
        assert (key in section.model_dump_json()) == (not kept_out)


def test_special_data_are_shown_with_their_safeguards(calendar: RunFacts) -> None:
    """Ground, who may see it, and until when; a sentence when there are none."""
    assert "No attribute was declared to be a special category" in render_html(make_card(calendar), "en")
    special = SpecialFacts(
        label=text("herkomst", "origin"),
        ground=text("artikel", "article"),
        access=(text("toetser", "auditor"), text("jurist", "lawyer")),
        delete_on=date(2026, 12, 31),
    )
    facts = replace(calendar, dataset=replace(calendar.dataset, special={"origin": special}))
    (row,) = lines(make_card(facts), "data", -1)
    assert row == ["Origin", "article", "auditor, lawyer", "31 December 2026"]


def test_the_first_families_have_limits_or_say_that_nobody_wrote_them(asked: RunFacts) -> None:
    """Heaviest first; takeovers have one."""
    rows = lines(make_card(asked), "explanation", -1)
    assert rows[0][1] == "limit"
    assert all("Nobody wrote" in row[1] for row in rows[1:])
    assert len(rows) <= 5


def test_a_fact_that_tells_by_being_missing_is_named(calendar: RunFacts) -> None:
    """What goes most with the attribute is that takeovers are missing; blanking is named as the cause where facts are left out."""
    at = "feature=takeover_count_36m,missing=yes"
    tells = Estimate("", "cramers_v", 1.0, 0.99, 1.0, n=900, method="sample", level=LEVEL, group="deprivation=", at=at)
    facts = replace(calendar, estimates=(*calendar.estimates, tells))
    page = re.sub(r"<[^>]+>", "", render_html(make_card(facts), "en"))
    assert "by being missing: Number of changes of operator" in page
    assert "Whether the fact is known goes with the groups" in page
    blanked = replace(facts, purpose=facts.purpose.model_copy(update={"sole_traders": "business_facts_only"}))
    assert "Facts about places are left out for sole traders." in render_html(make_card(blanked), "en")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_new_findings_are_said_in_words(asked: RunFacts, language: str) -> None:
    """In both languages, with their numbers and the name of the indicator."""
    facts = {"looked_at": 3, "shown": 1, "not_shown": 1, "other_way": 1, "by": "other_way", "feature": "tenure_days"}
    findings = (Finding("TK225", "found", "lightgbm", facts), GAP)
    page = render_html(make_card(replace(asked, findings=findings)), language)
    assert "looked_at:" not in re.sub(r"<[^>]+>", "", page)
    said = {"nl": ("Dagen sinds opening", "niet getekend"), "en": ("Days since opening", "not signed")}[language]
    assert all(words in page for words in said)
