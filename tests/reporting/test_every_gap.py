"""Every gap that is counted stands on the card with a verdict, those between sectors too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.text import LANGUAGES, Language, Text
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.audit import all_gaps, gap_verdict
from tegenkracht.reporting.sections.groups import groups_section
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Exhibit, Intervals, Section, Table
from tegenkracht.reporting.wording import Number, Say

OTHERS = {"finding_rate": "", "precision_at_capacity": "lightgbm", "false_negative_rate": "lightgbm"}


def gap(model: str, metric: str, value: float, *, group: str, versus: str, chance: float = 0.001) -> list[Estimate]:
    """A gap as counted, with its chance and what could be seen."""
    at = f"capacity=100,versus={versus}" if model else f"versus={versus}"
    about = {"n": 400, "method": "apart", "group": group, "at": at}
    return [
        Estimate(model, f"{metric}_gap", value, value - 0.03, value + 0.03, level=0.95, **about),
        Estimate(model, f"{metric}_smallest_gap_up", 0.05, **about),
        none_because("no_smallest_gap_down", model=model, metric=f"{metric}_smallest_gap_down", **about),
        Estimate(model, f"{metric}_gap_chance", chance, **about),
    ]


def with_sectors(facts: RunFacts) -> RunFacts:
    """The same study over marinas and shops: marinas are on the list more often, and clubs are too few to show."""
    told = [
        *gap("", "inspected_share", 0.01, group="sector=marina", versus="shopping_strip", chance=0.5),
        *gap("lightgbm", "selection_rate", 0.099, group="sector=marina", versus="shopping_strip"),
        none_because(
            "group_under_minimum",
            model="lightgbm",
            metric="selection_rate_gap",
            method="apart",
            group="sector=football_club",
            at="capacity=100,versus=shopping_strip",
        ),
    ]
    names = {"marina": Text(nl="jachthavens", en="marinas"), "shopping_strip": Text(nl="winkelpanden", en="shops")}
    return replace(facts, estimates=(*facts.estimates, *told), sectors=names)


def with_all_figures(facts: RunFacts) -> RunFacts:
    """The same study with gaps as counted in every figure, of an attribute and of a crossing."""
    groups = (("deprivation=high", "low"), ("deprivation*location=high*village", "low*centre"))
    told = [e for f, m in OTHERS.items() for group, of in groups for e in gap(m, f, 0.04, group=group, versus=of)]
    return replace(facts, estimates=(*facts.estimates, *told))


def section_of(facts: RunFacts) -> Section:
    """The section on groups, which must be there."""
    found = groups_section(facts, Known(facts.estimates))
    assert found is not None
    return found


def judged_rows(section: Section) -> Iterator[str]:
    """Gaps that stand in a table beside a verdict."""
    blocks = [*section.blocks, *(block.table for block in section.blocks if isinstance(block, Exhibit))]
    for row in (row for block in blocks if isinstance(block, Table) for row in block.rows):
        if any(isinstance(cell, Say) and cell.key.startswith("groups.gap.") for cell in row):
            yield from (cell.estimate for cell in row if isinstance(cell, Number))


@pytest.mark.parametrize("bend", [lambda facts: facts, with_sectors, with_all_figures])
def test_every_gap_that_is_counted_has_a_row_with_a_verdict(calendar: RunFacts, bend) -> None:
    """Of attributes, of crossings and of sectors, in whatever figure and form."""
    facts = bend(calendar)
    known = Known(facts.estimates)
    counted = {e.id for e in all_gaps(facts) if gap_verdict(facts, known, e)}
    assert counted
    assert counted <= set(judged_rows(section_of(facts)))


def test_gaps_between_sectors_are_counted_drawn_and_told(calendar: RunFacts) -> None:
    """One more gap is shown; the figure has a square for it, a place for the sector that is too small, and a heading."""
    facts = with_sectors(calendar)
    plain, told = (make_card(f).facts for f in (calendar, facts))
    assert told["groups.looked_at"] == plain["groups.looked_at"] + 2
    assert told["groups.shown"] == plain["groups.shown"] + 1
    figure = next(block for block in section_of(facts).blocks if isinstance(block, Exhibit))
    drawing = figure.panels[0].drawing
    assert isinstance(drawing, Intervals)
    speaker = Speaker(make_card(facts), "en")
    rows = {speaker.plain(row.label): row for row in drawing.rows}
    assert rows["marinas"].marks[-1].shape == "attention"
    assert speaker.plain(rows["marinas"].heading) == "Sector, compared with: shops"
    assert speaker.plain(rows["football_club"].missing) == "left out: too few places"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sector_is_called_by_its_own_label(calendar: RunFacts, language: Language) -> None:
    """In the language of the card; a sector that is not described keeps its own name."""
    facts = with_sectors(calendar)
    speaker = Speaker(make_card(facts), language)
    said = {name: speaker.card.facts[f"group.sector={name}"] for name in ("marina", "shopping_strip", "football_club")}
    assert said["football_club"] == "football_club"
    assert said["marina"].in_(language) == {"nl": "jachthavens", "en": "marinas"}[language]


def test_a_figure_of_two_forms_says_which_gaps_are_weighted(calendar: RunFacts) -> None:
    """Looks for nothing, weighed for deprivation and as counted for location: the number beside each tells which it is."""
    weighed = [
        replace(e, method="weighted", n=77)
        for e in calendar.estimates
        if e.method == "apart" and e.metric.startswith("false_positive_rate") and e.group.startswith("deprivation=")
    ]
    facts = replace(calendar, estimates=(*calendar.estimates, *weighed))
    figure = [block for block in section_of(facts).blocks if isinstance(block, Exhibit)][2]
    assert isinstance(figure.how, Say)
    assert figure.how.key == "groups.metrics.false_positive_rate_gap.how_mixed"
    speaker = Speaker(make_card(facts), "en")
    assert figure.table is not None
    assert [speaker.plain(row[-1]) for row in figure.table.rows] == ["77 visits", "77 visits", "1,000 lines", "–"]
