"""The card says whether its explanation holds, and where the reasons per place are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tegenkracht.core.text import LANGUAGES
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Bullets, Exhibit, Table


def section(facts: RunFacts):
    """The section on the explanation."""
    return next(s for s in make_card(facts).sections if s.key == "explanation")


def told(facts: RunFacts, language: str = "nl") -> str:
    """Every bullet of it."""
    speaker = Speaker(make_card(facts), language)
    return "\n".join(speaker.plain(item) for b in section(facts).blocks if isinstance(b, Bullets) for item in b.items)


def test_three_roads_stand_side_by_side(calendar) -> None:
    """A row per family, in the order of its weight, with its weight, shuffling and leaving out."""
    speaker = Speaker(make_card(calendar), "en")
    table = next(b for b in section(calendar).blocks if isinstance(b, Table))
    assert [speaker.plain(column.title) for column in table.columns] == [
        *("Family", "Weight in the score", "Shuffle", "Leave out")
    ]
    assert [speaker.plain(cell) for cell in table.rows[0]][1:] == [
        *("0.50 (0.45 to 0.55)", "4.00 (2.50 to 5.50)", "1.00 (−1.50 to 3.50)")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_and_what_was_withheld_are_said_with_their_interval(calendar, language) -> None:
    """Kendall's tau, the overlap of the heaviest, Kendall's W, and the share of places with a reason that did not stay."""
    found = told(calendar, language)
    to, point = ("tot", ",") if language == "nl" else ("to", ".")
    assert f"0{point}40 (0{point}10 {to} 0{point}70)" in found
    assert f"67 (33 {to} 100)" in found
    assert f"0{point}95" in found
    assert f"15 (13 {to} 17)" in found


def test_ranks_are_drawn(calendar) -> None:
    """A figure of the place of each family in the order over the new models."""
    keys = [panel.key for b in section(calendar).blocks if isinstance(b, Exhibit) for panel in b.panels]
    assert keys == ["fig-shap", "fig-ranks"]


def test_pages_per_place_are_named_only_when_they_are_there(calendar) -> None:
    """And that they are not released."""
    assert "zitten in geen bundel" in told(calendar)
    assert "zitten in geen bundel" not in told(replace(calendar, place_pages=False))


def test_what_was_not_asked_is_not_shown(calendar) -> None:
    """Without the other roads there is no table."""
    some = tuple(e for e in calendar.estimates if not e.metric.startswith("importance_"))
    assert not [b for b in section(replace(calendar, estimates=some)).blocks if isinstance(b, Table)]
