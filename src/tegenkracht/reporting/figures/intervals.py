"""Dots and intervals on one shared axis: the figure that a card uses most."""

from __future__ import annotations

from dataclasses import dataclass

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.figures.canvas import INK, INK_2, LINE, WIDE, Canvas, Scale, breadth, lines_of, scale
from tegenkracht.reporting.speaker import Piece, Speaker
from tegenkracht.reporting.tree import Axis, Intervals, Row, Shape
from tegenkracht.reporting.words.numbers import tick_texts

LEAST_PLOT = 270.0


@dataclass(frozen=True)
class Line:
    """A row in one language, with its place in the drawing."""

    row: Row
    label: list[list[Piece]]
    note: list[list[Piece]]
    value: list[Piece]
    height: float
    wide: bool

    @property
    def head(self) -> float:
        """Room above the row for a heading and a rule."""
        return 34 if self.row.heading else 0

    @property
    def middle(self) -> float:
        """Where the marks stand, from the top of the row."""
        return self.height / 2 if self.wide else self.height - 14


def intervals(spec: Intervals, speaker: Speaker, width: float) -> Canvas:
    """Wide: label left, marks in the middle, value right. Narrow: label and value above the marks."""
    wide = width >= WIDE
    values = [speaker.pieces(row.value) if row.value else [] for row in spec.rows]
    right = max((breadth("".join(p.text for p in value), bold=True) for value in values), default=0) + 14
    left = _label_width(spec, speaker, WIDE - right - LEAST_PLOT) if wide else 6.0
    room = left - 18 if wide else width - right
    lines = [_line(row, value, speaker, room, wide=wide) for row, value in zip(spec.rows, values, strict=True)]
    canvas = Canvas(width)
    x = scale(spec.axis.low, spec.axis.high, left, width - right if wide else width - 6)
    _draw(canvas, lines, spec.axis, x, speaker, left)
    return canvas


def _label_width(spec: Intervals, speaker: Speaker, most: float) -> float:
    texts = [(speaker.plain(row.label), row.strong, row.indent) for row in spec.rows]
    texts += [(speaker.plain(row.note), False, row.indent) for row in spec.rows if row.note]
    return min(max(breadth(text, bold=bold) + 16 * indent for text, bold, indent in texts) + 22, most)


def _line(row: Row, value: list[Piece], speaker: Speaker, room: float, *, wide: bool) -> Line:
    label = lines_of(speaker.pieces(row.label), room - 16 * row.indent, bold=row.strong)
    note = lines_of(speaker.pieces(row.note), room - 16 * row.indent) if row.note else []
    text = 16 * len(label) + 15 * len(note)
    return Line(row, label, note, value, max(30, text + 12) if wide else text + 36, wide)


def _draw(canvas: Canvas, lines: list[Line], axis: Axis, x: Scale, speaker: Speaker, left: float) -> None:
    tops, y = [], 8.0
    for line in lines:
        y += line.head
        tops.append(y)
        y += line.height
    middles = [top + line.middle for top, line in zip(tops, lines, strict=True)]
    _grid(canvas, axis, x, speaker, _stretches(lines, tops, y), bottom=y, wide=lines[0].wide)
    for line, top, middle in zip(lines, tops, middles, strict=True):
        _heading(canvas, line, top, speaker)
        _words(canvas, line, top, middle)
        if line.row.missing:
            _missing(canvas, speaker.pieces(line.row.missing), left, middle)
        for mark in line.row.marks:
            canvas.mark(speaker.estimate(mark.estimate), mark.shape, x, middle)
    canvas.height = y + 24


def _stretches(lines: list[Line], tops: list[float], bottom: float) -> list[tuple[float, float]]:
    """Where vertical lines may stand: never through a heading, and on a phone never through a label."""
    if not lines[0].wide:
        return [(top + line.middle - 13, top + line.middle + 13) for line, top in zip(lines, tops, strict=True)]
    cuts = [top for line, top in zip(lines, tops, strict=True) if line.row.heading]
    starts = [*([8.0] if cuts[:1] != [8.0 + lines[0].head] else []), *cuts]
    return [(start, (min([cut for cut in cuts if cut > start], default=bottom + 26) - 26)) for start in starts]


def _grid(
    canvas: Canvas,
    axis: Axis,
    x: Scale,
    speaker: Speaker,
    stretches: list[tuple[float, float]],
    *,
    bottom: float,
    wide: bool,
) -> None:
    texts = tick_texts(axis.ticks, axis.style, speaker.language)
    for value, text in zip(axis.ticks, texts, strict=True):
        colour = INK if axis.zero and value == 0 else LINE
        for start, end in stretches:
            canvas.line(x(value), start, x(value), end, colour)
        anchor = "middle"
        if not wide and x(value) < 20:
            anchor = "start"
        elif not wide and x(value) > canvas.width - 20:
            anchor = "end"
        canvas.tick(x(value), bottom + 17, value, text, anchor=anchor)


def _heading(canvas: Canvas, line: Line, top: float, speaker: Speaker) -> None:
    if line.row.heading:
        canvas.line(0, top - 26, canvas.width, top - 26, INK_2)
        canvas.text(0, top - 8, speaker.pieces(line.row.heading), "q")


def _words(canvas: Canvas, line: Line, top: float, middle: float) -> None:
    css = "b" if line.row.strong else "q" if line.row.indent else ""
    rows = [(pieces, css, 16.0) for pieces in line.label] + [(pieces, "q", 15.0) for pieces in line.note]
    block = sum(step for *_, step in rows)
    y = middle - block / 2 + 12.5 if line.wide else top + 15
    first = y
    for pieces, style, step in rows:
        canvas.text(16 * line.row.indent, y, pieces, style)
        y += step
    if line.value:
        canvas.text(canvas.width, middle + 5 if line.wide else first, line.value, "b" if line.row.strong else "", "end")


def _missing(canvas: Canvas, pieces: list[Piece], left: float, middle: float) -> None:
    canvas.rect(left, middle - 10, breadth("".join(p.text for p in pieces)) * 0.93 + 18, 20, "#fff", LINE)
    canvas.text(left + 8, middle + 4.5, pieces, "q")


def legend_shape(shape: Shape) -> Canvas:
    """A shape alone, for a legend."""
    canvas = Canvas(34)
    canvas.height = 20
    value = {"range": None, "band_up": 1.0}.get(shape, 0.5)
    canvas.mark(Estimate("", "", value, 0.0, 1.0), shape, scale(0, 1, 1, 33), 10)
    return canvas
