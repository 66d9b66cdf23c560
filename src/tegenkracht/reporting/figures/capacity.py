"""Precision or recall against capacity: what was found where somebody went, inside what is possible."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.reporting.figures.canvas import BLUE, EDGE, INK, INK_2, LINE, Canvas, Scale, breadth, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import CapacityCurve
from tegenkracht.reporting.words.numbers import separated, written

HEIGHT = 230.0
LEFT = 36.0


def capacity_curve(spec: CapacityCurve, speaker: Speaker, width: float) -> Canvas:
    """A dashed line with hollow dots (only where somebody went) in a band of what is possible."""
    canvas = Canvas(width)
    x = scale(0, spec.points[-1].capacity, LEFT, width - 10)
    y = scale(0, spec.top, HEIGHT, 14)
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
    _names(canvas, spec, speaker, [y(v) for _, v in line[-1:]], [y(e.high or 0) for _, e in possible[-1:]])
    _capacities(canvas, spec, speaker, x)
    canvas.text(LEFT, HEIGHT + 36, speaker.pieces(spec.x_title), "q")
    canvas.height = HEIGHT + 42
    return canvas


def _ring(points: Sequence[tuple[int, float, float]], x: Scale, y: Scale) -> str:
    up = [f"{x(k):.1f} {y(high):.1f}" for k, _, high in points]
    down = [f"{x(k):.1f} {y(low):.1f}" for k, low, _ in reversed(points)]
    return "M" + "L".join(up + down) + "z"


def _steps(canvas: Canvas, spec: CapacityCurve, speaker: Speaker, y: Scale) -> None:
    step = 0.2 if spec.top > 0.5 else 0.1 if spec.top > 0.2 else 0.05
    for i in range(int(spec.top / step + 1e-9) + 1):
        value = round(i * step, 6)
        canvas.line(LEFT, y(value), canvas.width - 10, y(value), LINE)
        canvas.tick(LEFT - 6, y(value) + 4, value, written(value, "per_hundred", speaker.language), anchor="end")


def _names(canvas: Canvas, spec: CapacityCurve, speaker: Speaker, line: list[float], band: list[float]) -> None:
    """Each curve's name at its right end, at least a line apart."""
    taken: list[float] = []
    for words, at, css in ((spec.legend[1], [y + 17 for y in band], "q"), (spec.legend[0], [y - 12 for y in line], "b")):
        for y in at:
            free = y if all(abs(y - other) > 17 for other in taken) else max(taken) + 18
            taken.append(free)
            canvas.text(canvas.width - 14, free, speaker.pieces(words), css, "end")


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
