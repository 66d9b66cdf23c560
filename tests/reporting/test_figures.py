"""Figures: marks stand where the numbers say, labels fit, and every value is also there in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import HUNDRED, axis_for
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.figures.canvas import NARROW, WIDE, breadth, lines_of
from tegenkracht.reporting.figures.catalogue import describe, draw
from tegenkracht.reporting.figures.hundred import counts, hundred
from tegenkracht.reporting.figures.intervals import legend_shape
from tegenkracht.reporting.files import write_figures
from tegenkracht.reporting.speaker import Piece, Speaker
from tegenkracht.reporting.tree import Card, Exhibit, Hundred, Panel, Shape
from tegenkracht.reporting.wording import Words


def panels(card: Card) -> list[Panel]:
    """Every figure of a card."""
    exhibits = [
        card.first.ways,
        card.first.hundred,
        *(b for s in card.sections for b in s.blocks if isinstance(b, Exhibit)),
    ]
    return [panel for exhibit in exhibits if exhibit is not None for panel in exhibit.panels]


@pytest.mark.parametrize(
    ("numbers", "low", "high", "ticks"),
    [
        ((0.0, 0.35), 0.0, 0.35, 8),
        ((-1.2, 10.3), -2.0, 12.0, 8),
        ((0.03, 0.031), 0.0, 0.035, 8),
        ((0.0, 0.0), 0.0, 1.0, 6),
    ],
)
def test_an_axis_holds_every_number_and_has_at_most_eight_ticks(
    numbers: tuple[float, float], low: float, high: float, ticks: int
) -> None:
    """From zero or below, in steps of 1, 2 or 5."""
    axis = axis_for([Estimate("m", "x", None, *numbers, method="bounds")], "two")
    assert (axis.low, axis.high) == pytest.approx((low, high))
    assert len(axis.ticks) == ticks


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_marks_stand_where_the_numbers_say(width: float, calendar: RunFacts) -> None:
    """The ends of each interval lie on the line through the ticks of the axis."""
    card = make_card(calendar)
    exhibit = card.first.ways
    assert exhibit is not None
    drawing = exhibit.panels[0].drawing
    svg = str(draw(drawing, Speaker(card, "en"), width).inner())
    ticks = {
        float(v): float(x)
        for x, v in re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="\w+" data-tick="([\d.]+)"', svg)
    }
    at = lambda v: ticks[0.0] + v * (ticks[1.0] - ticks[0.0])  # noqa: E731 - the axis, read back from its ticks
    labelled = next(
        e for e in card.estimates.values() if e.id == "lightgbm/precision_at_capacity//capacity=100/all/labelled"
    )
    bounds = next(
        e for e in card.estimates.values() if e.id == "lightgbm/precision_at_capacity//capacity=100/all/bounds"
    )
    dot = float(re.search(r'<circle cx="([\d.]+)"[^>]*fill="#fff" stroke="#14406b"', svg)[1])
    block = re.search(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="16.0" fill="#dce7f1"', svg)
    assert block is not None
    assert dot == pytest.approx(at(labelled.value), abs=0.2)
    assert float(block[1]) == pytest.approx(at(bounds.low), abs=0.2)
    assert float(block[1]) + float(block[2]) == pytest.approx(at(bounds.high), abs=0.3)


@pytest.mark.parametrize(
    ("estimate", "found", "possible"),
    [
        (Estimate("m", "p", None, 0.155, 0.801, method="bounds"), 15, 81),
        (Estimate("m", "p", 0.276, 0.19, 0.38, level=0.95), 28, 28),
        (Estimate("m", "p", None, 0.0, 1.0, method="bounds"), 0, 100),
    ],
)
def test_a_hundred_places_are_found_perhaps_or_not(
    estimate: Estimate, found: int, possible: int, calendar: RunFacts
) -> None:
    """Always a hundred fronts; striped where nobody went, and never fewer than what is certain."""
    card = make_card(calendar).model_copy(update={"estimates": {estimate.id: estimate}})
    svg = str(hundred(Hundred(estimate=estimate.id), Speaker(card, "nl"), 240).inner())
    assert counts(estimate) == (found, possible)
    assert svg.count('fill="#14406b"') == found
    assert svg.count('fill="#dce7f1"') == possible - found
    assert svg.count('stroke="#7d8a97"') == 100 - possible


def test_the_description_holds_every_value_of_the_drawing(card: Card) -> None:
    """Who cannot see the drawing gets the same numbers: each value text of a row stands in the description."""
    speaker = Speaker(card, "nl")
    for panel in panels(card):
        said = describe(panel.drawing, speaker).striptags()
        assert said
        for row in getattr(panel.drawing, "rows", ()):
            shown: Words | None = row.value or row.missing
            assert speaker.plain(row.label) in said
            assert speaker.plain(shown) in said


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_label_runs_into_the_marks_or_out_of_the_drawing(width: float, card: Card) -> None:
    """Long names are broken into lines, on a phone as well."""
    for panel in panels(card):
        svg = str(draw(panel.drawing, Speaker(card, "nl"), width).inner())
        for x, anchor, inner in re.findall(
            r'<text x="([\d.]+)" y="[-\d.]+" text-anchor="(\w+)"[^>]*>(.*?)</text>', svg
        ):
            size = breadth(re.sub(r"<[^>]+>", "", inner)) * 13 / 14
            start = {"start": float(x), "middle": float(x) - size / 2, "end": float(x) - size}[anchor]
            assert start > -14, (panel.key, inner)
            assert start + size < width + 14, (panel.key, inner)


def test_lines_keep_a_number_with_its_interval_together() -> None:
    """`28 (19 tot 38)` is never cut in two."""
    number = Piece("28 (19 tot 38)", (("data-estimate", "e"),))
    lines = lines_of([Piece("een vrij lange naam van een model "), number], 120)
    assert [piece for line in lines for piece in line if piece.source] == [number]
    assert len(lines) > 1


def test_marks_differ_in_shape_and_not_only_in_colour(calendar: RunFacts) -> None:
    """Circle, dashed circle, diamond, square and block: a grey print says the same."""
    shapes: tuple[Shape, ...] = ("main", "hollow", "diamond", "range", "attention", "reference")
    drawn = {shape: re.sub(r"#\w+", "", str(legend_shape(shape).inner())) for shape in shapes}
    assert len(set(drawn.values())) == len(shapes)


def test_there_is_no_red_and_no_green(page: str) -> None:
    """Every colour of page and figures is an ink, a blue, an ochre or a grey."""
    without_fonts = re.sub(r"url\(data:[^)]*\)", "", page)
    for code in set(re.findall(r"#([0-9a-f]{6})\b", without_fonts)):
        red, green, blue = (int(code[i : i + 2], 16) for i in (0, 2, 4))
        assert not (red > 1.9 * max(green, blue)), code
        assert not (green > 1.15 * max(red, blue)), code


def test_figures_are_written_beside_the_card(card: Card, tmp_path: Path) -> None:
    """Each figure in each language as an SVG file that any viewer opens, with title and description."""
    write_figures(card, tmp_path / "figures")
    written = {path.name for path in (tmp_path / "figures").iterdir()}
    assert written == {f"{panel.key}.{language}.svg" for panel in panels(card) for language in ("nl", "en")}
    for path in (tmp_path / "figures").iterdir():
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own file
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert [child.tag.rpartition("}")[2] for child in root][:3] in (["style", "title", "desc"],)


def test_a_figure_without_interval_says_so(
    with_estimates: Callable[..., RunFacts], share: Callable[..., Estimate]
) -> None:
    """No number without its interval, or without the words that there is none."""
    card = make_card(with_estimates(share("labelled", 0.44), share("bounds", None, 0.1, 0.8)))
    assert card.first.ways is not None
    said = describe(card.first.ways.panels[0].drawing, Speaker(card, "nl")).striptags()
    assert "44 (zonder interval)" in said


def test_the_first_page_axis_shows_all_of_a_hundred() -> None:
    """A short axis would flatter."""
    assert (HUNDRED.low, HUNDRED.high) == (0, 1)
