"""Precision or recall against capacity: what was found where somebody went, inside what is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.figures.canvas import BLUE, EDGE, INK, INK_2, LINE, Canvas, Scale, breadth, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import CapacityCurve
from tegenkracht.reporting.words.numbers import separated, tick_texts

HEIGHT = 230.0
LEFT = 36.0


@dataclass(frozen=True)
class Frame:
    """The drawing with its two scales."""

    canvas: Canvas
    x: Scale
    y: Scale


def capacity_curve(spec: CapacityCurve, speaker: Speaker, width: float) -> Canvas:
    """A dashed line with a hollow dot (only where somebody went) in a band of what is possible."""
    canvas = Canvas(width)
    x = scale(0, spec.points[-1].capacity, LEFT, width - 10)
    frame = Frame(canvas, x, scale(0, spec.axis.high, HEIGHT, 14))
    labelled = [(p.capacity, speaker.estimate(p.labelled)) for p in spec.points if p.labelled]
    possible = [(p.capacity, speaker.estimate(p.bounds)) for p in spec.points if p.bounds]
    _band(frame, possible, "#e9eef3", EDGE)
    _steps(canvas, spec, speaker, frame.y)
    _band(frame, labelled, "#a9c3da", "none")
    _line(frame, spec, labelled)
    _names(frame, spec, speaker, labelled, possible)
    _capacities(canvas, spec, speaker, x)
    canvas.text(LEFT, HEIGHT + 36, speaker.pieces(spec.x_title), "q")
    canvas.height = HEIGHT + 42
    return canvas


def _band(frame: Frame, points: Sequence[tuple[int, Estimate]], fill: str, edge: str) -> None:
    ends = [(k, e.low, e.high) for k, e in points if e.low is not None and e.high is not None]
    if ends:
        frame.canvas.path(_ring(ends, frame.x, frame.y), fill, edge)


def _line(frame: Frame, spec: CapacityCurve, labelled: Sequence[tuple[int, Estimate]]) -> None:
    """The line of values, and the chosen capacity on it."""
    canvas, x, y = frame.canvas, frame.x, frame.y
    canvas.line(x(spec.chosen), 14, x(spec.chosen), HEIGHT, INK, 1, "2 3")
    line = [(k, e.value) for k, e in labelled if e.value is not None]
    path = "M" + "L".join(f"{x(k):.1f} {y(v):.1f}" for k, v in line)
    canvas.path(path, stroke=BLUE, thick=2, dash="" if spec.settled else "5 4")
    for k, v in line:
        if k == spec.chosen:
            canvas.dot(x(k), y(v), "main" if spec.settled else "hollow")


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
    frame: Frame,
    spec: CapacityCurve,
    speaker: Speaker,
    labelled: Sequence[tuple[int, Estimate]],
    possible: Sequence[tuple[int, Estimate]],
) -> None:
    """Each curve's name at its right end: the band's under its edge, the line's clear of its interval."""
    right = frame.canvas.width - 14
    under = [frame.y(e.high or 0) + 17 for _, e in possible[-1:]]
    for y in under:
        frame.canvas.text(right, y, speaker.pieces(spec.legend[1]), "q", "end")
    start = right - breadth(speaker.plain(spec.legend[0]), bold=True)
    first = max((i for i, (k, _) in enumerate(labelled) if frame.x(k) < start), default=0)
    beside = [e for _, e in labelled[first:]]
    above = min(frame.y(e.high if e.high is not None else e.value or 0) for e in beside) - 7
    below = max(frame.y(e.low if e.low is not None else e.value or 0) for e in beside) + 18
    crowded = above < 26 or any(abs(above - y) < 17 for y in under)
    frame.canvas.text(right, below if crowded else above, speaker.pieces(spec.legend[0]), "b", "end")


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
