"""What a mitigation does to a gap against what it does to the list, both compared with the model without it."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.figures.canvas import BLUE, EDGE, INK, INK_2, LINE, OCHRE, Canvas, Scale, lines_of, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Frontier, FrontierPoint, Shape
from tegenkracht.reporting.wording import Words
from tegenkracht.reporting.words.numbers import tick_texts

HEIGHT = 300.0
LEFT = 44.0
TOP = 42.0
_APART = 17.0  # between two letters, in drawing units
_BESIDE = (
    (11.0, -9.0),
    (11.0, 19.0),
    (-19.0, -9.0),
    (-19.0, 19.0),
    (25.0, 5.0),
    (-33.0, 5.0),
    (11.0, -25.0),
    (11.0, 34.0),
)


def frontier(spec: Frontier, speaker: Speaker, width: float) -> Canvas:
    """A cross of two intervals per model with a letter; the lines through zero meet at the model without mitigation. Names stand below."""
    canvas = Canvas(width)
    x = scale(spec.x.low, spec.x.high, LEFT, width - 14)
    y = scale(spec.y.low, spec.y.high, HEIGHT, TOP)
    _grid(canvas, spec, speaker, x, y)
    _gone(canvas, spec, speaker, x)
    marks = [(point, speaker.estimate(point.harm), speaker.estimate(point.found)) for point in spec.points]
    for point, harm, found in marks:
        _cross(canvas, harm, found, point.shape, x, y)
    for point, harm, found in marks:
        if harm.value is not None and found.value is not None:
            canvas.dot(x(harm.value), y(found.value), point.shape)
    for letter, at in _letters(marks, x, y, width):
        canvas.text(*at, speaker.pieces(letter), "b")
    canvas.text(0, 14, speaker.pieces(spec.y_title), "q")
    canvas.text(width, HEIGHT + 38, speaker.pieces(spec.x_title), "q", "end")
    canvas.height = _names(canvas, spec, speaker, HEIGHT + 66)
    return canvas


def _grid(canvas: Canvas, spec: Frontier, speaker: Speaker, x: Scale, y: Scale) -> None:
    """Ticks on both axes; the lines of no change are darker."""
    right = canvas.width - 14
    for value, text in zip(spec.y.ticks, tick_texts(spec.y.ticks, spec.y.style, speaker.language), strict=True):
        canvas.line(LEFT, y(value), right, y(value), INK if value == 0 else LINE)
        canvas.tick(LEFT - 6, y(value) + 4, value, text, anchor="end")
    for value, text in zip(spec.x.ticks, tick_texts(spec.x.ticks, spec.x.style, speaker.language), strict=True):
        canvas.line(x(value), TOP, x(value), HEIGHT, INK if value == 0 else LINE)
        canvas.tick(x(value), HEIGHT + 17, value, text, anchor="end" if x(value) > right - 12 else "middle")
    canvas.path(f"M{x(0):.1f} {y(0) - 6:.1f}l6 6-6 6-6-6z", "#fff", INK_2, 1.5)


def _gone(canvas: Canvas, spec: Frontier, speaker: Speaker, x: Scale) -> None:
    """Where nothing is left of the gap; beyond it the gap points the other way."""
    gap = speaker.estimate(spec.gap).value if spec.gap else None
    if gap is not None:
        canvas.line(x(-gap), TOP, x(-gap), HEIGHT, INK_2, 1.2, "5 4")
        canvas.text(x(-gap), TOP - 8, speaker.pieces(spec.gone), "q", "start" if x(-gap) < canvas.width / 2 else "end")


def _cross(canvas: Canvas, harm: Estimate, found: Estimate, shape: Shape, x: Scale, y: Scale) -> None:
    """Both intervals; dashed where the mark is hollow."""
    if harm.value is None or found.value is None:
        return
    colour, dash = (OCHRE if shape == "attention" else BLUE), "3 3" if shape == "hollow" else ""
    if harm.low is not None and harm.high is not None:
        canvas.line(x(harm.low), y(found.value), x(harm.high), y(found.value), colour, 1.2, dash)
    if found.low is not None and found.high is not None:
        canvas.line(x(harm.value), y(found.low), x(harm.value), y(found.high), colour, 1.2, dash)


def _letters(
    marks: list[tuple[FrontierPoint, Estimate, Estimate]], x: Scale, y: Scale, width: float
) -> Iterator[tuple[Words, tuple[float, float]]]:
    """Each letter beside its mark, at the first spot that is free of other marks and letters."""
    taken = [(x(h.value), y(f.value) + 5) for _, h, f in marks if h.value is not None and f.value is not None]
    for point, harm, found in marks:
        if harm.value is None or found.value is None:
            continue
        here = (x(harm.value), y(found.value))
        spots = [(here[0] + right, here[1] + down) for right, down in _BESIDE]
        inside = [spot for spot in spots if LEFT < spot[0] < width - 12 and TOP - 6 < spot[1] < HEIGHT + 4] or spots
        free = [s for s in inside if all(abs(s[0] - t[0]) > _APART or abs(s[1] - t[1]) > _APART for t in taken)]
        spot = (free or inside)[0]
        taken.append(spot)
        yield point.letter, spot


def _names(canvas: Canvas, spec: Frontier, speaker: Speaker, top: float) -> float:
    """Which letter stands for which model, one below the other."""
    canvas.line(0, top - 16, canvas.width, top - 16, EDGE)
    y = top + 2
    canvas.path(f"M5 {y - 11:.1f}l6 6-6 6-6-6z", "#fff", INK_2, 1.5)
    for line in lines_of(speaker.pieces(spec.origin), canvas.width - 24):
        canvas.text(24, y, line, "q")
        y += 17
    for point in spec.points:
        canvas.text(0, y, speaker.pieces(point.letter), "b")
        for line in lines_of(speaker.pieces(point.label), canvas.width - 24):
            canvas.text(24, y, line)
            y += 17
    return y
