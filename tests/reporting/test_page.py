"""The page: self-contained, safe, readable by everybody, and the same for both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.finding import Finding
from tegenkracht.core.text import Language, Text
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.files import rewrite, write_card
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*7 }}**{x}`</style>'


class Outline(HTMLParser):
    """The elements of a page with their attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def of(self, *tags: str) -> list[dict[str, str]]:
        """Attributes of the elements with these tags."""
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture
def outline(page: str) -> Outline:
    """The elements of each page."""
    found = Outline()
    found.feed(page)
    return found


# ---------------------------------------------------------------- safe and self-contained


def test_nothing_is_fetched_and_nothing_runs(page: str, outline: Outline) -> None:
    """No script, no handler, no address; and the page itself forbids them."""
    assert not outline.of("script", "iframe", "object", "embed", "link", "form", "base")
    assert not [name for _, given in outline.elements for name in given if name.startswith("on")]
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", page)
    (policy,) = [meta["content"] for meta in outline.of("meta") if meta.get("http-equiv")]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:")
    assert all(link["href"].startswith(("#", "card.")) for link in outline.of("a"))


def test_fonts_are_inside_and_their_licence_is_shipped(page: str) -> None:
    """Three families under the Open Font License, embedded; the licence stands beside them."""
    assert page.count("@font-face") == 3
    assert page.count("data:font/woff2;base64,") == 3
    assert "SIL OPEN FONT LICENSE" in files("tegenkracht.reporting").joinpath("fonts/OFL.txt").read_text("utf-8")


def test_text_from_data_is_escaped_wherever_it_stands(calendar: RunFacts, language: Language) -> None:
    """Purpose, names of groups, features, models, inspectors, findings and digests may hold anything."""
    text = Text(nl=HOSTILE, en=HOSTILE)
    hostile = replace(
        calendar,
        study=HOSTILE,
        purpose=calendar.purpose.model_copy(
            update={"title": text, "question": text, "unit_name": text, "out_of_scope": (text,)}
        ),
        dataset=replace(calendar.dataset, title=text),
        features=tuple(f.model_copy(update={"label": text, "source": HOSTILE}) for f in calendar.features),
        families={"takeover": text},
        attributes={
            n: replace(a, label=text, values=dict.fromkeys(a.values, text)) for n, a in calendar.attributes.items()
        },
        models={name: replace(model, label=text) for name, model in calendar.models.items()},
        estimates=tuple(
            replace(e, group=f"inspector={HOSTILE}") if e.group == "inspector=insp-01" else e
            for e in calendar.estimates
        ),
        findings=(*calendar.findings, Finding("TK998", "found", "", {"x": HOSTILE})),
        identity={HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
    )
    page = render_html(Card.from_json(make_card(hostile).as_json()), language)
    found = Outline()
    found.feed(page)
    assert not found.of("script", "img")
    assert page.count("<style>") == page.count("</style>") == 1
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|>49<", page)
    assert "{{ 7*7 }}" in page


# ---------------------------------------------------------------- readable by everybody


def test_the_page_says_its_language_and_links_to_the_other(outline: Outline, language: Language) -> None:
    """A screen reader chooses its voice by it."""
    assert outline.of("html")[0]["lang"] == language
    other = "en" if language == "nl" else "nl"
    assert {"href": f"card.{other}.html", "lang": other, "hreflang": other} in outline.of("a")


def test_one_title_and_no_skipped_heading_level(outline: Outline) -> None:
    """Who reads by headings gets a tree."""
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_resolves(outline: Outline) -> None:
    """Skip link, contents, parts and the names of figures all lead somewhere."""
    ids = [given["id"] for _, given in outline.elements if "id" in given]
    assert len(ids) == len(set(ids))
    wanted = {link["href"][1:] for link in outline.of("a") if link["href"].startswith("#")}
    for _, given in outline.elements:
        wanted |= set(given.get("aria-labelledby", "").split())
    assert wanted <= set(ids)
    assert "main" in wanted


def test_every_figure_has_a_name_and_a_description(outline: Outline) -> None:
    """Drawings are images with words; shapes of a legend are hidden, their words are not."""
    for given in outline.of("svg"):
        assert given.get("aria-hidden") == "true" or (
            given["role"] == "img" and len(given["aria-labelledby"].split()) == 2
        )


def test_every_table_has_heads_with_a_scope_and_a_named_scrolling_region(outline: Outline) -> None:
    """Cells can be placed without seeing them, and a wide table can be scrolled with the keyboard."""
    assert all(head["scope"] in ("col", "row") for head in outline.of("th"))
    regions = [given for given in outline.of("div") if given.get("class") == "scroll"]
    assert len(regions) == len(outline.of("table"))
    assert all(given["tabindex"] == "0" and given["aria-label"] for given in regions)


def test_landmarks(outline: Outline) -> None:
    """One main, one header, named navigation."""
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("main") == 1
    assert outline.of("nav")[0]["aria-label"]
    assert tags.index("header") < tags.index("main") < tags.index("footer")


def _luminance(code: str) -> float:
    channels = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("ink", "paper", 7),
        ("ink-2", "paper", 7),
        ("ink-2", "wash", 4.5),
        ("blue", "paper", 7),
        ("ochre", "paper", 4.5),
        ("ochre", "ochre-pale", 4.5),
        ("blue-mid", "paper", 3),
    ],
)
def test_contrast_is_sufficient(ink: str, paper: str, least: float) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11: text 4.5, marks 3; we ask 7 of what carries the card."""
    css = files("tegenkracht.reporting").joinpath("page.css").read_text("utf-8")
    tokens = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6}|fff);", css))
    light, dark = sorted(
        (
            _luminance(tokens[name].replace("fff", "ffffff") if len(tokens[name]) == 3 else tokens[name])
            for name in (ink, paper)
        ),
        reverse=True,
    )
    assert (light + 0.05) / (dark + 0.05) >= least


# ---------------------------------------------------------------- order, and files


def test_the_first_page_keeps_its_order(calendar: RunFacts) -> None:
    """Made up, not signed, one sentence, ways to count, verdicts, boxes, signatures."""
    page = render_html(make_card(calendar), "nl")
    marks = (
        "Oefenkaart",
        "Nog niet getekend",
        "Van elke",
        "Alleen waar al iemand was",
        "Beter dan een lijst door loting",
        "Wat zegt een plek",
        "Vakdeskundige",
        'id="purpose"',
    )
    body = page[page.index("<body>") :]
    places = [body.index(mark) for mark in marks]
    assert places == sorted(places)


def test_real_data_carry_no_practice_notice(replay: RunFacts) -> None:
    """The notice is about the data, not a decoration."""
    page = render_html(make_card(replay), "nl")
    assert 'class="synthetic"' not in page
    assert "nagemaakt" not in page[page.index("<body>") :]


def test_a_card_is_written_again_from_its_json_alone(calendar: RunFacts, tmp_path: Path) -> None:
    """The same bytes, without the run."""
    run, again = tmp_path / "run", tmp_path / "again"
    run.mkdir()
    write_card(make_card(calendar), run)
    paths = rewrite(run, language=None, output=again)
    assert [path.name for path in paths] == ["card.nl.html", "card.en.html"]
    assert all(path.read_bytes() == (run / path.name).read_bytes() for path in paths)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no card here"),
        ("{}", "this is not a card of version 1"),
        ("\x00", "this is not a card of version 1"),
        ('{"version": 2}', "this is not a card of version 1"),
    ],
)
def test_a_broken_card_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    """With the file's name and the way out."""
    if content is not None:
        (tmp_path / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        rewrite(tmp_path, language=None, output=None)
