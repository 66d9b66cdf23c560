"""When each fold learns, waits and is tested, on one calendar."""

from __future__ import annotations

from datetime import date

from tegenkracht.reporting.figures.canvas import (
    BLUE,
    BLUE_PALE,
    EDGE,
    INK,
    LINE,
    WASH,
    WIDE,
    Canvas,
    Scale,
    breadth,
    scale,
)
from tegenkracht.reporting.speaker import Piece, Speaker
from tegenkracht.reporting.tree import FoldBar, Timeline


def timeline(spec: Timeline, speaker: Speaker, width: float) -> Canvas:
    """Pale: rows to learn from. White: the wait for outcomes. Dark: rows to be tested on. Line: the day of fitting."""
    wide = width >= WIDE
    days = [[_day(speaker, key) for key in _keys(bar)] for bar in spec.bars]
    first, last = min(min(row) for row in days), max(max(row) for row in days)
    values = [speaker.pieces(bar.value) for bar in spec.bars]
    left = max(breadth(speaker.plain(bar.label)) for bar in spec.bars) + 20 if wide else 6
    right = max(breadth("".join(p.text for p in value)) for value in values) + 16 if wide else 6
    canvas, step = Canvas(width), 32 if wide else 54
    x = scale(first, max(last, first + 1), left, width - right)
    bottom = 8 + step * len(spec.bars)
    _years(canvas, first, last, x, bottom)
    for i, (bar, row, value) in enumerate(zip(spec.bars, days, values, strict=True)):
        top = 8 + i * step
        canvas.text(0, top + (20 if wide else 15), speaker.pieces(bar.label))
        canvas.text(width, top + (20 if wide else 15), value, "q", "end")
        _bar(canvas, row, x, top + (6 if wide else 26))
    canvas.height = _key(canvas, spec, speaker, bottom + 34)
    return canvas


def _keys(bar: FoldBar) -> tuple[str, ...]:
    return (bar.train_from, bar.train_until, bar.split_on, bar.test_from, bar.test_until)


def _day(speaker: Speaker, key: str) -> float:
    return float(date.fromisoformat(str(speaker.card.facts[key])).toordinal())


def _bar(canvas: Canvas, row: list[float], x: Scale, y: float) -> None:
    train_from, train_until, split_on, test_from, test_until = row
    canvas.rect(x(train_from), y, max(x(train_until) - x(train_from), 3), 18, BLUE_PALE, EDGE)
    canvas.rect(x(train_until), y + 5, x(split_on) - x(train_until), 8, WASH, LINE)
    canvas.rect(x(test_from), y, max(x(test_until) - x(test_from), 5), 18, BLUE)
    canvas.line(x(split_on), y - 4, x(split_on), y + 22, INK, 1.5)


def _years(canvas: Canvas, first: float, last: float, x: Scale, bottom: float) -> None:
    years = range(date.fromordinal(int(first)).year, date.fromordinal(int(last)).year + 2)
    starts = [(year, float(date(year, 1, 1).toordinal())) for year in years]
    inside = [(year, day) for year, day in starts if first <= day <= last]
    every = max(1, round(len(inside) / max(1, (x(last) - x(first)) / 52) + 0.49))
    for year, day in inside[::every]:
        canvas.line(x(day), 8, x(day), bottom, LINE)
        canvas.tick(x(day), bottom + 15, day, str(year))


def _key(canvas: Canvas, spec: Timeline, speaker: Speaker, y: float) -> float:
    """What the blocks mean, below the drawing; returns the height that it needed."""
    at = 0.0
    shapes = ((spec.train, BLUE_PALE, EDGE), (spec.gap, WASH, LINE), (spec.test, BLUE, "none"))
    for words, fill, edge in shapes:
        pieces: list[Piece] = speaker.pieces(words)
        needed = breadth("".join(p.text for p in pieces)) + 46
        if at and at + needed > canvas.width:
            at, y = 0.0, y + 20
        canvas.rect(at, y - 11, 22, 13, fill, edge)
        canvas.text(at + 29, y, pieces, "q")
        at += needed
    return y + 10
