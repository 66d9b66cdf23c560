"""Predicted against found, with the diagonal on which a model that is right would lie."""

from __future__ import annotations

from tegenkracht.reporting.figures.canvas import BLUE, INK_2, LINE, Canvas, Scale, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Calibration
from tegenkracht.reporting.words.numbers import tick_texts


def calibration(spec: Calibration, speaker: Speaker, width: float) -> Canvas:
    """A dot with its interval per band of predictions; hollow and dashed when found was measured only where somebody went.

    Behind the dots the curve without bins, and the area in which the curve of a model that is right would lie.
    """
    canvas, size = Canvas(width), min(width, 350) - 50
    top = spec.axis.high
    x, y = scale(0, top, 40, 40 + size), scale(0, top, 24 + size, 24)
    _band(canvas, spec, speaker, x, y)
    for value, text in zip(
        spec.axis.ticks, tick_texts(spec.axis.ticks, spec.axis.style, speaker.language), strict=True
    ):
        canvas.line(40, y(value), 40 + size, y(value), LINE)
        canvas.tick(34, y(value) + 4, value, text, anchor="end")
        canvas.tick(x(value), y(0) + 18, value, text)
    canvas.line(x(0), y(0), x(top), y(top), INK_2, 1.2, "4 4")
    _curve(canvas, spec, speaker, x, y)
    for point in spec.points:
        predicted, found = speaker.estimate(point.predicted).value, speaker.estimate(point.found)
        if predicted is None or found.value is None:
            continue
        if found.low is not None and found.high is not None:
            canvas.line(x(predicted), y(found.low), x(predicted), y(found.high), BLUE, 2, "" if spec.settled else "3 3")
        canvas.dot(x(predicted), y(found.value), "main" if spec.settled else "hollow")
    canvas.text(0, 12, speaker.pieces(spec.y_title), "q")
    canvas.text(40 + size, y(0) + 37, speaker.pieces(spec.x_title), "q", "end")
    canvas.height = size + 66
    return canvas


def _band(canvas: Canvas, spec: Calibration, speaker: Speaker, x: Scale, y: Scale) -> None:
    """Where the curve of a model that is right would lie."""
    top, up, down = spec.axis.high, [], []
    for point in spec.curve:
        score, band = speaker.estimate(point.predicted).value, speaker.estimate(point.bounds)
        if score is not None and score <= top and band.low is not None and band.high is not None:
            up.append(f"{x(score):.1f} {y(min(band.high, top)):.1f}")
            down.append(f"{x(score):.1f} {y(min(band.low, top)):.1f}")
    if up:
        canvas.path("M" + "L".join([*up, *reversed(down)]) + "z", "#e9eef3")


def _curve(canvas: Canvas, spec: Calibration, speaker: Speaker, x: Scale, y: Scale) -> None:
    """What was found near each score, as a line that never falls."""
    ends = [(speaker.estimate(point.predicted).value, speaker.estimate(point.found).value) for point in spec.curve]
    inside = [(s, v) for s, v in ends if s is not None and v is not None and max(s, v) <= spec.axis.high]
    if inside:
        line = "L".join(f"{x(s):.1f} {y(v):.1f}" for s, v in inside)
        canvas.path(f"M{line}", stroke=BLUE, thick=1.5, dash="" if spec.settled else "5 4")
