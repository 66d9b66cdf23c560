"""Predicted against found, with the diagonal on which a model that is right would lie."""

from __future__ import annotations

from tegenkracht.reporting.figures.canvas import BLUE, INK_2, LINE, Canvas, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Calibration
from tegenkracht.reporting.words.numbers import tick_texts


def calibration(spec: Calibration, speaker: Speaker, width: float) -> Canvas:
    """A dot with its interval per band of predictions; hollow and dashed when found was measured only where somebody went."""
    canvas, size = Canvas(width), min(width, 350) - 50
    top = spec.axis.high
    x, y = scale(0, top, 40, 40 + size), scale(0, top, 24 + size, 24)
    for value, text in zip(
        spec.axis.ticks, tick_texts(spec.axis.ticks, spec.axis.style, speaker.language), strict=True
    ):
        canvas.line(40, y(value), 40 + size, y(value), LINE)
        canvas.tick(34, y(value) + 4, value, text, anchor="end")
        canvas.tick(x(value), y(0) + 18, value, text)
    canvas.line(x(0), y(0), x(top), y(top), INK_2, 1.2, "4 4")
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
