"""A list of SVG elements that ends with a name for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import inf

from markupsafe import Markup, escape

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.speaker import Piece
from tegenkracht.reporting.tree import Shape

INK, INK_2, EDGE, LINE, WASH = "#16212c", "#4a5663", "#7d8a97", "#d3d9df", "#f3f5f7"
BAND = "#e3e7ec"
BLUE, BLUE_MID, BLUE_PALE, OCHRE = "#14406b", "#4f7fa8", "#dce7f1", "#8f4e00"
WIDE, HALF, NARROW = 720, 342, 350

Scale = Callable[[float], float]

_COLOURS: dict[Shape, str] = {"attention": OCHRE, "reference": INK_2, "small": BLUE_MID}
_THICK: dict[Shape, float] = {"main": 4, "diamond": 4, "attention": 4, "small": 2}
_NARROW_LETTERS, _BROAD_LETTERS = frozenset("ijltfrI.,:;'’‘|()[] "), frozenset("mwMW%—")


def scale(low: float, high: float, left: float, right: float) -> Scale:
    """Stored units to drawing units, held within the drawing."""
    return lambda value: left + (min(max(value, low), high) - low) / (high - low) * (right - left)


def breadth(text: str, *, bold: bool = False) -> float:
    """About how wide a text of 14 units is drawn, in drawing units."""
    return sum(map(_em, text)) * 14 * (1.06 if bold else 1.0)


@cache
def _em(letter: str) -> float:
    """About how broad one letter is, as a share of the size of the text."""
    if letter in _NARROW_LETTERS:
        return 0.31
    if letter in _BROAD_LETTERS:
        return 0.86
    return 0.62 if letter.isdigit() or letter.isupper() else 0.57


def lines_of(pieces: Sequence[Piece], width: float, *, bold: bool = False) -> list[list[Piece]]:
    """Pieces broken into lines that fit; a number with its interval is never cut."""
    lines: list[list[Piece]] = [[]]
    used = 0.0
    for piece in pieces:
        for run in [piece] if piece.source and len(piece.text) < 26 else _runs(piece):
            needed = breadth(run.text.rstrip(), bold=bold)
            if used and used + needed > width and run.text[0] not in ",.;:)":
                lines.append([])
                used = 0.0
                run = Piece(run.text.lstrip(), run.source)
            if lines[-1] and lines[-1][-1].source == run.source:
                run = Piece(lines[-1].pop().text + run.text, run.source)
                used = sum(breadth(other.text, bold=bold) for other in lines[-1])
            lines[-1].append(run)
            used += breadth(run.text, bold=bold)
    return [line for line in lines if line]


def _runs(piece: Piece) -> list[Piece]:
    cuts = [0, *(i + 1 for i, c in enumerate(piece.text) if c == " " and i + 1 < len(piece.text)), len(piece.text)]
    return [Piece(piece.text[a:b], piece.source) for a, b in pairwise(cuts)]


class Canvas:
    """Collects shapes; `height` is set when the drawing is done."""

    def __init__(self, width: float) -> None:
        self.width, self.height = width, 0.0
        self.parts: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = LINE, thick: float = 1, dash: str = ""
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="{colour}" stroke-width="{thick}"{dashed}/>')

    def rect(self, x: float, y: float, width: float, height: float, fill: str = BLUE, stroke: str = "none") -> None:
        """A block."""
        box = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect {box} fill="{fill}" stroke="{stroke}"/>')

    def path(self, d: str, fill: str = "none", stroke: str = "none", thick: float = 1, dash: str = "") -> None:
        """A path."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{thick}"{dashed}/>')

    def text(self, x: float, y: float, pieces: Sequence[Piece], css: str = "", anchor: str = "start") -> None:
        """Runs of text, each with its source."""
        inner = "".join(map(_tspan, pieces))
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{_css(css)}>{inner}</text>')

    def tick(self, x: float, y: float, value: float, text: str, css: str = "q", anchor: str = "middle") -> None:
        """A label of an axis: a place on a scale, not a result."""
        where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self.parts.append(f'<text {where} data-tick="{value!r}"{_css(css)}>{escape(text)}</text>')

    def dot(self, x: float, y: float, shape: Shape) -> None:
        """The mark of a value."""
        if shape == "diamond":
            self.path(f"M{x:.1f} {y - 7:.1f}l7 7-7 7-7-7z", BLUE)
        elif shape == "attention":
            self.rect(x - 6, y - 6, 12, 12, OCHRE)
        else:
            radius = {"small": 4, "reference": 5}.get(shape, 6.5)
            fill = {"hollow": "#fff", "reference": INK_2, "small": BLUE_MID}.get(shape, BLUE)
            edge, thick = (BLUE, 2) if shape == "hollow" else ("#fff", 1)
            at = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius}"'
            self.parts.append(f'<circle {at} fill="{fill}" stroke="{edge}" stroke-width="{thick}"/>')

    def mark(self, estimate: Estimate, shape: Shape, x: Scale, y: float) -> None:
        """An interval as a line and a value on it; a range without a value as a block with two ends."""
        low, high = estimate.low, estimate.high
        if shape in ("band_up", "band_down"):
            return self._band(estimate, x, y, up=shape == "band_up")
        if low is not None and high is not None:
            if shape == "range":
                return self._block(x(low), x(high), y)
            dash = "3 3" if shape == "hollow" else ""
            self.line(x(low), y, x(high), y, _COLOURS.get(shape, BLUE), _THICK.get(shape, 1.5), dash)
        if estimate.value is not None:
            self.dot(x(estimate.value), y, shape)

    def _block(self, left: float, right: float, y: float) -> None:
        self.rect(left, y - 8, right - left, 16, BLUE_PALE)
        for end in (left, right):
            self.line(end, y - 8, end, y + 8, BLUE, 2)

    def _band(self, estimate: Estimate, x: Scale, y: float, *, up: bool) -> None:
        """From zero as far up or down as the value; without one to the end of the scale, and no edge is drawn there."""
        reach = inf if estimate.value is None else abs(estimate.value)
        zero, end = x(0.0), x(reach if up else -reach)
        self.rect(min(zero, end), y - 11, abs(end - zero), 22, BAND)
        if estimate.value is not None:
            self.line(end, y - 11, end, y + 11, EDGE)

    def svg(self, key: str, title: Markup, description: Markup) -> Markup:
        """The drawing with its name and all its values in words."""
        head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d">').format(
            f"{self.width:.0f}", f"{self.height:.0f}", key, key
        )
        names = Markup('<title id="{}-t">{}</title><desc id="{}-d">{}</desc>').format(key, title, key, description)
        return head + names + self.inner() + Markup("</svg>")

    def inner(self) -> Markup:
        """The shapes alone."""
        return Markup("".join(self.parts))  # noqa: S704  # every part is built from numbers or from escaped text


def _css(css: str) -> str:
    return f' class="{css}"' if css else ""


def _tspan(piece: Piece) -> str:
    if not piece.source:
        return str(escape(piece.text))
    attributes = "".join(
        f' {"data-value" if name == "value" else name}="{escape(value)}"' for name, value in piece.source
    )
    return f"<tspan{attributes}>{escape(piece.text)}</tspan>"
