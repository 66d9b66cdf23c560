"""What a list brings against the share of visits that must find something: a decision curve (Vickers & Elkin 2006)."""

from __future__ import annotations

from tegenkracht.reporting.figures.canvas import BLUE, INK, INK_2, LINE, Canvas, Scale, breadth, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import DecisionCurve, NetBenefitLine
from tegenkracht.reporting.words.numbers import tick_texts

HEIGHT = 230.0
LEFT = 48.0
APART = 17.0


def decision_curve(spec: DecisionCurve, speaker: Speaker, width: float) -> Canvas:
    """A line per order, with the interval of the card's own; the zero line is no visits, a dotted line the stated costs.

    What lies below the axis is held at its edge: an order that loses much is no more worth to look at than one that loses some.
    """
    canvas = Canvas(width)
    x = scale(spec.x_axis.low, spec.x_axis.high, LEFT, width - 10)
    y = scale(spec.axis.low, spec.axis.high, HEIGHT, 14)
    for value, text in zip(
        spec.axis.ticks, tick_texts(spec.axis.ticks, spec.axis.style, speaker.language), strict=True
    ):
        canvas.line(LEFT, y(value), width - 10, y(value), INK_2 if value == 0 else LINE)
        canvas.tick(LEFT - 6, y(value) + 4, value, text, anchor="end")
    for value, text in zip(
        spec.x_axis.ticks, tick_texts(spec.x_axis.ticks, spec.x_axis.style, speaker.language), strict=True
    ):
        canvas.tick(x(value), HEIGHT + 17, value, text)
    stated = speaker.estimate(spec.stated).value or 0.0
    canvas.line(x(stated), 14, x(stated), HEIGHT, INK, 1, "2 3")
    for line in spec.lines:
        _line(canvas, line, speaker, x, y)
    _names(canvas, spec, speaker, y)
    canvas.text(LEFT, HEIGHT + 36, speaker.pieces(spec.x_title), "q")
    canvas.height = HEIGHT + 42
    return canvas


def _line(canvas: Canvas, line: NetBenefitLine, speaker: Speaker, x: Scale, y: Scale) -> None:
    points = [(speaker.estimate(p.share).value or 0.0, speaker.estimate(p.estimate)) for p in line.points]
    ends = [(at, e.low, e.high) for at, e in points if e.low is not None and e.high is not None]
    main = line.shape in ("main", "hollow")
    if ends and main:
        up = [f"{x(at):.1f} {y(high):.1f}" for at, _, high in ends]
        down = [f"{x(at):.1f} {y(low):.1f}" for at, low, _ in reversed(ends)]
        canvas.path("M" + "L".join(up + down) + "z", "#dce7f1")
    values = [(at, e.value) for at, e in points if e.value is not None]
    path = "M" + "L".join(f"{x(at):.1f} {y(value):.1f}" for at, value in values)
    dash = {"hollow": "5 4", "small": "1 3"}.get(line.shape, "")
    canvas.path(path, stroke=BLUE if main else INK_2, thick=2.5 if main else 1.5, dash=dash)


def _names(canvas: Canvas, spec: DecisionCurve, speaker: Speaker, y: Scale) -> None:
    """What each line is, in the upper right corner where all of them have fallen; and the zero line by its own name."""
    right, top = canvas.width - 14, 26.0
    for i, line in enumerate(spec.lines):
        pieces, at = speaker.pieces(line.label), top + i * APART
        start = right - breadth(speaker.plain(line.label), bold=i == 0) - 34
        main = line.shape in ("main", "hollow")
        dash = {"hollow": "5 4", "small": "1 3"}.get(line.shape, "")
        canvas.line(start, at - 5, start + 26, at - 5, BLUE if main else INK_2, 2.5 if main else 1.5, dash)
        canvas.text(right, at, pieces, "b" if i == 0 else "", "end")
    canvas.text(right, y(0) - 5, speaker.pieces(spec.nobody), "q", "end")
