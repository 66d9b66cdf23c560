"""Every digit that a reader sees comes from an estimate, a declared fact, or the scale of an axis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest

from tegenkracht.core.estimate import Estimate, read_estimates, write_estimates
from tegenkracht.core.text import Language, Text
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

SOURCES = ("data-estimate", "data-fact", "data-tick")
VOID = {"meta", "link", "br", "img", "hr", "input"}
SCALE = {"per_hundred": 100.0, "per_hundred_fine": 100.0, "points": 100.0, "points_whole": 100.0}


@dataclass(frozen=True)
class Run:
    """A run of visible text with the attributes of the nearest element that says where it comes from."""

    text: str
    source: Mapping[str, str]


class Reader(HTMLParser):
    """Collects what a reader sees or hears of the body, also within drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.runs: list[Run] = []
        self.labels: list[str] = []
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where we are, and what is said in attributes."""
        given = {name: value or "" for name, value in attrs}
        self.labels += [given[name] for name in ("aria-label", "data-label", "alt", "title") if name in given]
        if tag == "section" and given.get("class") == "section":
            self.parts.append(given["id"])
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Shapes say nothing."""

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened, strictly."""
        opened, _ = self.open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        """Text, unless it is a stylesheet or stands in the head."""
        tags = [tag for tag, _ in self.open]
        if "body" in tags and "style" not in tags and data.strip():
            source = next((given for _, given in reversed(self.open) if set(given) & set(SOURCES)), {})
            self.runs.append(Run(data, source))


def read(page: str) -> Reader:
    """What a reader gets of a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def faults(page: str, card: Card, estimates: Mapping[str, Estimate], language: Language) -> Iterator[str]:
    """Every run of text with a digit that cannot be traced, or that differs from what it names."""
    reader = read(page)
    places = {f"part.{key}": i for i, key in enumerate(reader.parts, 1)}
    for run in reader.runs:
        if re.search(r"\d", run.text):
            yield from (f"{run.text!r}: {fault}" for fault in _faults(run, card, estimates, places, language))


def _faults(
    run: Run, card: Card, estimates: Mapping[str, Estimate], places: Mapping[str, int], language: Language
) -> Iterator[str]:
    source = run.source
    if "data-estimate" in source:
        if source["data-estimate"] not in estimates:
            yield "names an estimate that evaluation.json lacks"
        else:
            yield from _against_estimate(run, estimates[source["data-estimate"]], language)
    elif "data-fact" in source:
        name = source["data-fact"]
        value = places.get(name, card.facts.get(name))
        yield from _against_fact(run.text, value, source["data-style"], language, broken="data-value" in source)
    elif "data-tick" in source:
        yield from _against_tick(run.text, float(source["data-tick"]), language)
    else:
        yield "was typed by hand"


def numbers_in(text: str, language: Language) -> list[tuple[float, int]]:
    """Numbers as a reader of the language reads them, each with its decimals."""
    point, apart = (",", ".") if language == "nl" else (".", ",")
    pattern = rf"[−+]?\d+(?:\{apart}\d{{3}})*(?:\{point}\d+)?"
    found = []
    for match in re.findall(pattern, text):
        plain = match.replace(apart, "").replace(point, ".").replace("−", "-")
        found.append((float(plain), len(plain.partition(".")[2])))
    return found


def _against_estimate(run: Run, estimate: Estimate, language: Language) -> Iterator[str]:
    part, style = run.source["data-part"], run.source["data-style"]
    factor = SCALE.get(style, 1.0)
    ends = [x for x in (estimate.low, estimate.high) if x is not None]
    outward = estimate.level is None
    wanted: list[float]
    match part:
        case "note":
            if run.text != estimate.note:
                yield f"differs from the note {estimate.note!r}"
            return
        case "full":
            wanted = [*([estimate.value] if estimate.value is not None else []), *ends]
        case "span":
            wanted = ends
        case "rest":
            wanted, factor = [100 - round(100 * (estimate.value or 0))], 1.0
        case "n":
            wanted, factor = [estimate.n], 1.0
        case "times" | "out_of":
            chance = 1 / (1 - (estimate.level or 0))
            wanted, factor = [chance - 1 if part == "times" else chance], 1.0
        case "level":
            wanted, factor = [estimate.level or 0], 100.0
        case _:
            wanted = [getattr(estimate, part)]
    yield from _compare(run.text, [x * factor for x in wanted], language, slack=1.0 if outward else 0.5)


def _compare(text: str, wanted: list[float], language: Language, *, slack: float) -> Iterator[str]:
    shown = numbers_in(text, language)
    if len(shown) != len(wanted):
        yield f"shows {len(shown)} numbers, {len(wanted)} were measured"
        return
    for (value, decimals), exact in zip(shown, wanted, strict=True):
        if abs(value - exact) > slack * 10.0**-decimals + 1e-9:
            yield f"shows {value}, measured is {exact}"


def _against_fact(text: str, value: object, style: str, language: Language, *, broken: bool) -> Iterator[str]:
    """`broken`: a drawing breaks a long text into lines, so that a run may be a part of it."""
    if value is None:
        yield "names a fact that the card lacks"
    elif isinstance(value, Text):
        whole = value.in_(language).lower()
        if text.lower() != whole and not (broken and text.lower().strip() in whole):
            yield f"differs from {value.in_(language)!r}"
    elif style == "date":
        day = date.fromisoformat(str(value))
        if [int(part) for part in re.findall(r"\d+", text)] != [day.day, day.year]:
            yield f"differs from {value}"
    elif isinstance(value, int | float) and style in ("count", "number", "ratio"):
        yield from _compare(text, [float(value)], language, slack=0.5)
    elif text != str(value):
        yield f"differs from {value!r}"


def _against_tick(text: str, tick: float, language: Language) -> Iterator[str]:
    (shown, _), *rest = numbers_in(text, language)
    year = date.fromordinal(int(tick)).year if tick > 700_000 else None
    if rest or not (abs(shown - tick) < 1e-6 or abs(shown - 100 * tick) < 1e-6 or shown == year):
        yield f"stands at {tick}"


@pytest.fixture
def measured(facts: RunFacts) -> dict[str, Estimate]:
    """The estimates as they come back from evaluation.json."""
    return {estimate.id: estimate for estimate in read_estimates(write_estimates(facts.estimates))}


def test_every_digit_on_the_page_can_be_traced(
    page: str, card: Card, measured: dict[str, Estimate], language: Language
) -> None:
    """In sentences, tables, drawings, titles and descriptions of drawings, in both languages."""
    assert list(faults(page, card, measured, language)) == []


def test_the_page_shows_many_numbers_and_each_kind_of_source(page: str) -> None:
    """The test above would pass on an empty page; this one would not."""
    runs = [run for run in read(page).runs if re.search(r"\d", run.text)]
    assert len(runs) > 300
    assert {next(name for name in SOURCES if name in run.source) for run in runs} == set(SOURCES)


def test_raw_values_stand_beside_what_is_shown(page: str, measured: dict[str, Estimate]) -> None:
    """A machine reads the number itself, not its rounding."""
    for run in read(page).runs:
        if run.source.get("data-part") in ("value", "low", "high"):
            raw = run.source.get("value", run.source.get("data-value"))
            assert float(raw or "nan") == getattr(measured[run.source["data-estimate"]], run.source["data-part"])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("</footer>", "<p>42 plaatsen</p></footer>", "was typed by hand"),
        (">44 (39 tot 49)<", ">45 (39 tot 49)<", "shows 45.0, measured is 43.89"),
        (">23 november 2026<", ">24 november 2026<", "differs from 2026-11-23"),
        ('data-fact="capacity" data-style="count">100<', 'data-fact="capacity" data-style="count">99<', "shows 99.0"),
        ("lightgbm/precision_at_capacity//capacity=100/all/bounds", "lightgbm/invented", "evaluation.json lacks"),
        ('data-tick="0.2" class="q">20<', 'data-tick="0.2" class="q">30<', "stands at 0.2"),
    ],
    ids=["typed", "altered estimate", "altered date", "altered fact", "unknown estimate", "altered axis"],
)
def test_a_number_that_was_typed_or_altered_is_noticed(old: str, new: str, fault: str, calendar: RunFacts) -> None:
    """The proof would fail if somebody typed a number by hand."""
    card = make_card(calendar)
    page = render_html(card, "nl")
    assert old in page
    measured = {estimate.id: estimate for estimate in calendar.estimates}
    assert fault in "\n".join(faults(page.replace(old, new), card, measured, "nl"))


def test_what_a_phone_shows_as_labels_stands_in_the_table_heads(page: str) -> None:
    """Labels that the stylesheet shows are copies of heads, whose digits were traced above."""
    heads = {" ".join(text.split()) for text in _heads(page)}
    labels = set(re.findall(r'data-label="([^"]*)"', page))
    assert {" ".join(_unescaped(label).split()) for label in labels} <= heads


def _heads(page: str) -> Iterator[str]:
    for head in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, flags=re.DOTALL):
        yield _unescaped(re.sub(r"<[^>]+>", "", head))


def _unescaped(text: str) -> str:
    return unescape(text)
