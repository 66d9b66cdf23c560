"""From a card to a page: self-contained HTML without script or network, the same source for both languages."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tegenkracht.core.text import Language
from tegenkracht.reporting.figures.canvas import HALF, NARROW, WIDE
from tegenkracht.reporting.figures.catalogue import describe, draw
from tegenkracht.reporting.figures.intervals import legend_shape
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Card, Panel, Section, Shape
from tegenkracht.reporting.wording import Words, fact, join
from tegenkracht.reporting.words.catalogue import sentence

FONTS = (
    ("Newsreader", "newsreader-latin-wght-normal.woff2"),
    ("Public Sans", "public-sans-latin-wght-normal.woff2"),
    ("Atkinson Hyperlegible Mono", "atkinson-hyperlegible-mono-latin-wght-normal.woff2"),
)


def render_html(card: Card, language: Language) -> str:
    """`card.nl.html` or `card.en.html`: everything in one file, generated from the card alone."""
    speaker = Speaker(card, language)
    other = "en" if language == "nl" else "nl"
    return (
        environment()
        .get_template("card.html.j2")
        .render(
            language=language,
            other=other,
            css=_stylesheet(_foot(speaker)),
            first=card.first,
            sections=card.sections,
            mast=MAST,
            created=fact("card.created_on", "date"),
            say=speaker.html,
            plain=speaker.plain,
            plain_key=lambda key: sentence(key, language),
            plain_titles=lambda table: [speaker.plain(column.title) for column in table.columns],
            place=lambda section: _place(speaker, section),
            shape=_shape,
            drawing=lambda panel, width: draw(panel.drawing, speaker, width).svg(panel.key, *_named(panel, speaker)),
            drawings=lambda panel, half: _both(panel, speaker, half=half),
        )
        .lstrip()
    )


MAST: Words = join(fact("card.study", "code"), fact("card.version", "code"), fact("card.digest", "code"), between=" · ")


@cache
def environment() -> Environment:
    """The templates of every page: everything that is filled in is escaped."""
    return Environment(
        loader=PackageLoader("tegenkracht.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _place(speaker: Speaker, section: Section) -> Markup:
    number = speaker.parts[section.key]
    return Markup(
        '<span class="no-of"><data value="{}" data-fact="part.{}" data-style="count">{}</data></span>'
    ).format(number, section.key, number)


def _both(panel: Panel, speaker: Speaker, *, half: bool) -> Markup:
    """The wide and the narrow drawing; the stylesheet shows one and hides the other from everybody."""
    named = _named(panel, speaker)
    wide = draw(panel.drawing, speaker, HALF if half else WIDE).svg(panel.key, *named)
    narrow = draw(panel.drawing, speaker, NARROW).svg(f"{panel.key}-n", *named)
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(wide, narrow)


def _named(panel: Panel, speaker: Speaker) -> tuple[Markup, Markup]:
    """What a drawing is called, and all its values in words."""
    return speaker.html(panel.title), describe(panel.drawing, speaker)


def _shape(shape: Shape) -> Markup:
    return Markup('<svg viewBox="0 0 34 20" aria-hidden="true">{}</svg>').format(legend_shape(shape).inner())


def _foot(speaker: Speaker) -> str:
    """What stands below every printed page."""
    signed = sentence("page.not_signed", speaker.language)
    synthetic = sentence("page.synthetic", speaker.language) if speaker.card.first.synthetic else ""
    return " · ".join(part for part in (speaker.plain(MAST), synthetic, signed) if part)


def page_stylesheet() -> Markup:
    """The same look for a page that is not a card."""
    return _stylesheet("")


@cache
def plain_stylesheet() -> Markup:
    """The same look with the reader's own fonts: for pages of which there are many, each of which would carry half a megabyte of letters."""
    css = files("tegenkracht.reporting").joinpath("page.css").read_text("utf-8").replace("var(--foot)", '""')
    return Markup(css)  # noqa: S704  # our own stylesheet


def _stylesheet(foot: str) -> Markup:
    quoted = "".join(c if c.isalnum() or c in " ._-" else f"\\{ord(c):x} " for c in foot)
    css = files("tegenkracht.reporting").joinpath("page.css").read_text("utf-8").replace("var(--foot)", f'"{quoted}"')
    return Markup(_faces() + css)  # noqa: S704  # our own stylesheet; the foot is escaped above


@cache
def _faces() -> str:
    folder = files("tegenkracht.reporting").joinpath("fonts")
    face = '@font-face{{font-family:"{}";font-weight:200 800;src:url(data:font/woff2;base64,{}) format("woff2")}}\n'
    return "".join(
        face.format(name, base64.b64encode(folder.joinpath(file).read_bytes()).decode()) for name, file in FONTS
    )
