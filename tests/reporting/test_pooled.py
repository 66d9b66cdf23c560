"""Sectors and regions on the card: which are drawn, what stands beside them, and what is said when one is unlike the others."""

from __future__ import annotations

from dataclasses import replace

from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.pooled import pooled_section
from tegenkracht.reporting.tree import Exhibit, Intervals, Section, Table
from tegenkracht.reporting.wording import Fact, Say


def section_of(facts: RunFacts) -> Section:
    """The section, which must be there."""
    found = pooled_section(facts, Known(facts.estimates))
    assert found is not None
    return found


def exhibit_of(facts: RunFacts) -> Exhibit:
    """Its figure."""
    return next(block for block in section_of(facts).blocks if isinstance(block, Exhibit))


def tables_of(facts: RunFacts) -> list[Table]:
    """Its tables beside the figure's own."""
    return [block for block in section_of(facts).blocks if isinstance(block, Table)]


def key_of(words: object) -> str:
    """The key of a sentence."""
    assert isinstance(words, Say)
    return words.key


def test_each_group_is_drawn_alone_and_below_it_leaning(calendar: RunFacts) -> None:
    """Ten regions of thirteen: two lines each, the second with how far it leans; the last line is a region never seen."""
    drawing = exhibit_of(calendar).panels[0].drawing
    assert isinstance(drawing, Intervals)
    assert len(drawing.rows) == 2 * 10 + 1
    leaning = [row for row in drawing.rows if row.indent]
    assert {key_of(row.label) for row in leaning} == {"pooled.leans"}
    assert key_of(drawing.rows[-1].label) == "pooled.unseen"


def test_a_group_that_the_others_do_not_foretell_comes_first_and_asks_for_attention(calendar: RunFacts) -> None:
    """GM0105 finds in 30 of 100 where others find in 5; the answer tells not to let it lean."""
    drawing = exhibit_of(calendar).panels[0].drawing
    assert isinstance(drawing, Intervals)
    assert drawing.rows[0].label == Fact(fact="group.region=GM0105", style="text")
    assert [mark.shape for row in drawing.rows for mark in row.marks].count("attention") == 1
    assert key_of(section_of(calendar).answer) == "pooled.answer_outside"


def test_without_such_a_group_nothing_asks_for_attention(calendar: RunFacts) -> None:
    """The same estimates with no finding: a plain answer, and no square in the legend."""
    plain = replace(calendar, findings=())
    assert key_of(section_of(plain).answer) == "pooled.answer"
    assert {item.shape for item in exhibit_of(plain).legend} == {"hollow", "main", "reference"}


def test_every_group_stands_in_the_table_also_the_ones_too_small_to_show(calendar: RunFacts) -> None:
    """Fourteen lines; two are withheld: the one of six visits, and the smallest of the others, which would give it away."""
    table = exhibit_of(calendar).table
    assert table is not None
    assert len(table.rows) == 14
    withheld = [row for row in table.rows if isinstance(row[1], Say) and row[1].key == "notes.group_under_minimum"]
    assert len(withheld) == 2


def test_each_form_of_visits_has_a_line_of_what_groups_have_in_common(calendar: RunFacts) -> None:
    """Visits as made, weighed and by lot for the finding rate; visits as made for the list."""
    rates, listed, unseen = tables_of(calendar)
    assert [key_of(row[0]) for row in rates.rows] == [
        f"pooled.forms.{form}" for form in ("labelled", "weighted", "audit")
    ]
    assert [key_of(row[0]) for row in listed.rows] == ["pooled.forms.labelled"]
    assert len(unseen.rows) == 5


def test_a_study_that_does_not_ask_has_no_such_part(calendar: RunFacts) -> None:
    """Without the estimates the section is absent."""
    kept = tuple(e for e in calendar.estimates if not e.metric.startswith(("group_", "auc_unseen")))
    card = make_card(replace(calendar, estimates=kept))
    assert "pooled" not in [section.key for section in card.sections]
