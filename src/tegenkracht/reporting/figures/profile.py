"""The curve of one column: what its values do to the score, with an interval, about zero."""

from __future__ import annotations

from tegenkracht.reporting.figures.canvas import BLUE, INK_2, LINE, Canvas, scale
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import Profile
from tegenkracht.reporting.words.numbers import tick_texts

HEIGHT, LEFT, TOP = 138.0, 38.0, 10.0


def profile(spec: Profile, speaker: Speaker, width: float) -> Canvas:
    """A line through the edges, a band for the interval, a dot where the curve is measured; small enough to stand beside its neighbours."""
    canvas = Canvas(width)
    x = scale(spec.x.low, spec.x.high, LEFT + 6, width - 14)
    y = scale(spec.y.low, spec.y.high, HEIGHT, TOP)
    for value, text in zip(spec.y.ticks, tick_texts(spec.y.ticks, spec.y.style, speaker.language), strict=True):
        canvas.line(LEFT, y(value), width - 8, y(value), INK_2 if value == 0 else LINE)
        canvas.tick(LEFT - 6, y(value) + 4, value, text, anchor="end")
    for value, text in zip(spec.x.ticks, tick_texts(spec.x.ticks, spec.x.style, speaker.language), strict=True):
        canvas.line(x(value), HEIGHT, x(value), HEIGHT + 4, INK_2)
        canvas.tick(x(value), HEIGHT + 19, value, text)
    points = [(x(float(str(speaker.card.facts[p.edge]))), speaker.estimate(p.estimate)) for p in spec.points]
    ends = [(at, e.low, e.high) for at, e in points if e.low is not None and e.high is not None]
    if ends:
        up = [f"{at:.1f} {y(high):.1f}" for at, _, high in ends]
        down = [f"{at:.1f} {y(low):.1f}" for at, low, _ in reversed(ends)]
        canvas.path("M" + "L".join(up + down) + "z", "#cfdeeb")
    line = [(at, y(e.value)) for at, e in points if e.value is not None]
    canvas.path("M" + "L".join(f"{at:.1f} {height:.1f}" for at, height in line), stroke=BLUE, thick=2)
    for at, height in line:
        canvas.dot(at, height, "small")
    canvas.text(width - 8, HEIGHT + 36, speaker.pieces(spec.x_title), "q", "end")
    canvas.height = HEIGHT + 44
    return canvas
