"""Precision or recall against capacity: what was found where somebody went, inside what is possible."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.reporting.figures.canvas import BLUE, EDGE, INK, INK_2, LINE, Canvas, Scale, breadth, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import CapacityCurve
from tegenkracht.reporting.words.numbers import separated, tick_texts

HEIGHT = 230.0
LEFT = 36.0


def capacity_curve(spec: CapacityCurve, speaker: Speaker, width: float) -> Canvas:
    """A dashed line with hollow dots (only where somebody went) in a band of what is possible."""
    canvas = Canvas(width)
    x = scale(0, spec.points[-1].capacity, LEFT, width - 10)
    y = scale(0, spec.axis.high, HEIGHT, 14)
    labelled = [(p.capacity, speaker.estimate(p.labelled)) for p in spec.points if p.labelled]
    possible = [(p.capacity, speaker.estimate(p.bounds)) for p in spec.points if p.bounds]
    if possible:
        canvas.path(_ring([(k, e.low or 0, e.high or 0) for k, e in possible], x, y), "#e9eef3", EDGE)
    _steps(canvas, spec, speaker, y)
    if ribbon := [(k, e.low, e.high) for k, e in labelled if e.low is not None and e.high is not None]:
        canvas.path(_ring(ribbon, x, y), "#a9c3da")
    canvas.line(x(spec.chosen), 14, x(spec.chosen), HEIGHT, INK, 1, "2 3")
    line = [(k, e.value) for k, e in labelled if e.value is not None]
    canvas.path("M" + "L".join(f"{x(k):.1f} {y(v):.1f}" for k, v in line), stroke=BLUE, thick=2, dash="5 4")
    for k, v in line:
        if k == spec.chosen:
            canvas.dot(x(k), y(v), "hollow")
    tops = [(x(k), y(e.high if e.high is not None else e.value or 0)) for k, e in labelled]
    _names(canvas, spec, speaker, tops, [y(e.high or 0) for _, e in possible[-1:]])
    _capacities(canvas, spec, speaker, x)
    canvas.text(LEFT, HEIGHT + 36, speaker.pieces(spec.x_title), "q")
    canvas.height = HEIGHT + 42
    return canvas


def _ring(points: Sequence[tuple[int, float, float]], x: Scale, y: Scale) -> str:
    up = [f"{x(k):.1f} {y(high):.1f}" for k, _, high in points]
    down = [f"{x(k):.1f} {y(low):.1f}" for k, low, _ in reversed(points)]
    return "M" + "L".join(up + down) + "z"


def _steps(canvas: Canvas, spec: CapacityCurve, speaker: Speaker, y: Scale) -> None:
    texts = tick_texts(spec.axis.ticks, spec.axis.style, speaker.language)
    for value, text in zip(spec.axis.ticks, texts, strict=True):
        canvas.line(LEFT, y(value), canvas.width - 10, y(value), LINE)
        canvas.tick(LEFT - 6, y(value) + 4, value, text, anchor="end")


def _names(
    canvas: Canvas, spec: CapacityCurve, speaker: Speaker, line: list[tuple[float, float]], band: list[float]
) -> None:
    """Each curve's name at its right end: the band's under its edge, the line's clear above its interval."""
    right = canvas.width - 14
    under = [y + 17 for y in band]
    for y in under:
        canvas.text(right, y, speaker.pieces(spec.legend[1]), "q", "end")
    if line:
        start = right - breadth(speaker.plain(spec.legend[0]), bold=True)
        inside = [y for x, y in line if x >= start]
        before = [y for x, y in line if x < start][-1:]
        free = min([*inside, *before]) - 7
        if any(abs(free - y) < 17 for y in under):
            free = max(under) + 17
        canvas.text(right, free, speaker.pieces(spec.legend[0]), "b", "end")


def _capacities(canvas: Canvas, spec: CapacityCurve, speaker: Speaker, x: Scale) -> None:
    """Labels below, the chosen one first, and only those that leave room for each other."""
    used: list[float] = []
    for k in sorted((p.capacity for p in spec.points), key=lambda k: (k != spec.chosen, -k)):
        text = separated(k, 0, speaker.language, sign=False)
        at = min(x(k), canvas.width - 10 - breadth(text) / 2)
        if all(abs(at - other) > 34 for other in used):
            used.append(at)
            canvas.tick(at, HEIGHT + 17, float(k), text, "q b" if k == spec.chosen else "q")
    canvas.line(LEFT, HEIGHT, canvas.width - 10, HEIGHT, INK_2)
