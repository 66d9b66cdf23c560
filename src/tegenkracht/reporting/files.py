"""The card and its figures as files, and a card written again from its own `card.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import escape
from pydantic import ValidationError

from tegenkracht.core.errors import wrong
from tegenkracht.core.text import LANGUAGES, Language
from tegenkracht.reporting.figures.canvas import WIDE
from tegenkracht.reporting.figures.catalogue import describe, draw
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Card, Exhibit, Panel

_LARGEST = 20_000_000  # bytes of a card.json; a real one has a few hundred thousand
_ABOVE = 36  # room for the title, in drawing units
_STYLE = (
    'text{font:400 14px "Public Sans","Segoe UI",sans-serif;fill:#16212c}.q{fill:#4a5663;font-size:13px}'
    ".b{font-weight:700}.o{fill:#8f4e00}.w{fill:#fff}"
)


def write_card(card: Card, folder: Path) -> None:
    """Write `card.json`, `card.nl.html` and `card.en.html`."""
    (folder / "card.json").write_text(card.as_json(), encoding="utf-8")
    for language in LANGUAGES:
        (folder / f"card.{language}.html").write_text(render_html(card, language), encoding="utf-8")


def rewrite(run: Path, *, language: Language | None, output: Path | None) -> list[Path]:
    """Write the card of a run again, from nothing but its `card.json`; the paths that were written.

    Raises
    ------
    InputError
        When there is no card, or it is not a card of this version.
    """
    source = run / "card.json" if run.is_dir() else run
    card, folder = _read(source), output or source.parent
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for chosen in [language] if language else LANGUAGES:
        path = folder / f"card.{chosen}.html"
        aside = path.with_suffix(".part")
        aside.write_text(render_html(card, chosen), encoding="utf-8")
        paths.append(aside.replace(path))
    return paths


def write_figures(card: Card, folder: Path) -> None:
    """Every figure of the card as an SVG file of its own, per language."""
    folder.mkdir(parents=True)
    for language in LANGUAGES:
        speaker = Speaker(card, language)
        for panel in _panels(card):
            (folder / f"{panel.key}.{language}.svg").write_text(_standalone(panel, speaker), encoding="utf-8")


def _read(source: Path) -> Card:
    if not source.is_file():
        raise wrong(str(source), "there is no card here.", "Name the folder of a run, or its card.json.")
    if source.stat().st_size > _LARGEST:
        raise wrong(str(source), "this file is too large for a card.", "Name the card.json of a run.")
    try:
        return Card.from_json(source.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError, ValueError) as error:
        first = str(error).splitlines()[0][:160]
        raise wrong(str(source), f"this is not a card of version 1 ({first}).", "Run the study again.") from None


def _panels(card: Card) -> Iterator[Panel]:
    exhibits = [exhibit for exhibit in (card.first.hundred, card.first.ways) if exhibit is not None]
    exhibits += [block for section in card.sections for block in section.blocks if isinstance(block, Exhibit)]
    for exhibit in exhibits:
        yield from exhibit.panels


def _standalone(panel: Panel, speaker: Speaker) -> str:
    """The drawing with its title above it, a namespace and the few styles that it needs."""
    canvas = draw(panel.drawing, speaker, WIDE)
    title, said = speaker.plain(panel.title), describe(panel.drawing, speaker).striptags()
    svg = str(canvas.svg(panel.key, escape(title), escape(said)))
    head, _, rest = svg.partition(">")
    box = f'viewBox="-12 {-_ABOVE} {WIDE + 24} {canvas.height + _ABOVE + 12:.0f}"'
    head = re.sub(r'viewBox="[^"]*"', box, head)
    ground = f'<rect x="-12" y="{-_ABOVE}" width="100%" height="100%" fill="#fff"/>'
    above = f'<text x="0" y="{14 - _ABOVE // 2}" class="b">{escape(title)}</text>'
    body = rest.removesuffix("</svg>")
    names, _, drawing = body.partition("</desc>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head} xmlns="http://www.w3.org/2000/svg"><style>{_STYLE}</style>'
        f"{names}</desc>{ground}{above}{drawing}</svg>\n"
    )
