"""The card says whom a list misses with intervals, why a number has none, and what a scorecard asks in the unit of its columns."""

from __future__ import annotations

from dataclasses import replace

from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import PointFacts, RunFacts
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Block, Exhibit, Paragraph, Section, Table


def part(facts: RunFacts, key: str) -> Section:
    """One section."""
    return next(s for s in make_card(facts).sections if s.key == key)


def said(facts: RunFacts, key: str, language: str = "en") -> list[str]:
    """Its paragraphs."""
    speaker = Speaker(make_card(facts), language)
    return [speaker.plain(b.words) for b in part(facts, key).blocks if isinstance(b, Paragraph)]


def cells(facts: RunFacts, table: Table) -> list[list[str]]:
    """What stands in a table."""
    speaker = Speaker(make_card(facts), "en")
    return [[speaker.plain(cell) for cell in row] for row in table.rows]


def changed(facts: RunFacts, metric: str, at: str, **to: object) -> RunFacts:
    """The run with one estimate changed."""
    found = [e for e in facts.estimates if e.metric == metric and at in e.at]
    assert found
    return replace(facts, estimates=tuple(replace(e, **to) if e is found[0] else e for e in facts.estimates))


def test_the_rule_of_missed_places_stands_there_with_its_interval(calendar) -> None:
    """Both shares and their difference, each with its interval, and how many visits they rest on; limits in the unit of their column."""
    told = next(words for words in said(calendar, "missed") if words.startswith("Off the list a rule holds"))
    assert "above 2.25 of a hundred, and" in told
    assert "Of 100 such places 31.2 (24.1 to 39.3) were missed (lines with a visit: 141)." in told
    assert "Of the others 11.0 (10.0 to 12.1) were missed (lines with a visit: 3,273)." in told
    assert "The difference is +20.2 (+13.0 to +28.1) points." in told
    without = replace(calendar, findings=tuple(f for f in calendar.findings if f.facts.get("by") != "rule_two"))
    assert not [words for words in said(without, "missed") if words.startswith("Off the list a rule holds")]


def test_what_is_at_risk_says_how_many_findings_it_rests_on(calendar) -> None:
    """A half of six is not a half of two hundred."""
    assert any("This rests on 187 findings on the list." in words for words in said(calendar, "missed"))


def test_a_number_without_interval_says_why_once_beneath_its_table(calendar) -> None:
    """Two such numbers in one table have one reason; a table in which all have intervals has none."""
    facts = changed(calendar, "recall_lost", "hidden=1", value=0.0, low=None, high=None, level=None, note="never_moves")
    facts = changed(facts, "recall_lost", "hidden=3", value=0.0, low=None, high=None, level=None, note="never_moves")
    blocks: tuple[Block, ...] = part(facts, "missed").blocks
    place = next(i for i, b in enumerate(blocks) if isinstance(b, Table))
    assert sum("without interval" in cell for row in cells(facts, blocks[place]) for cell in row) == 2
    assert Speaker(make_card(facts), "nl").plain(blocks[place + 1].words) == (
        "Waarom zonder interval: elke trekking geeft hetzelfde getal."
    )
    assert sum(words.startswith("Why without interval") for words in said(facts, "missed")) == 1
    assert not any(words.startswith("Why without interval") for words in said(calendar, "missed"))


def test_an_interval_that_leaves_zero_out_reads_so(calendar) -> None:
    """A low end of three thousandths is no nought; where nothing is that near, two decimals do."""

    def figures(facts: RunFacts) -> str:
        exhibit = next(b for b in part(facts, "missed").blocks if isinstance(b, Exhibit))
        return " ".join(cell for row in cells(facts, exhibit.table) for cell in row)

    assert "0.12 (−0.08 to 0.32)" in figures(calendar)
    near = changed(calendar, "missed_difference", "family=takeover", value=0.6, low=0.003, high=1.197)
    assert "0.600 (0.003 to 1.197)" in figures(near)


def test_a_scorecard_asks_in_the_unit_of_its_columns(calendar) -> None:
    """Days in years, shares of a hundred, yes and no without a limit; and says why what it foretells has no interval."""
    lines = (
        PointFacts(feature="tenure_days", side="at_least", limit=3400.0, points=5),
        PointFacts(feature="area_vacancy_latest", side="at_least", limit=0.027, points=3),
        PointFacts(feature="takeover_count_36m", side="at_most", limit=2.0, points=1),
    )
    facts = replace(calendar, scorecard=replace(calendar.scorecard, lines=lines))

    def limits(facts: RunFacts) -> list[str]:
        table = next(b for b in part(facts, "readable").blocks if isinstance(b, Table))
        return [row[0].rpartition(": ")[2] for row in cells(facts, table)]

    assert limits(facts) == ["at least 9.31 years", "at least 2.7 of a hundred", "at most 2"]
    yes = replace(facts, measures={**facts.measures, "tenure_days": "yes_no"})
    assert limits(yes)[0] == "yes"
    assert any(words.startswith("‘By the scorecard’ has no interval") for words in said(facts, "readable"))
