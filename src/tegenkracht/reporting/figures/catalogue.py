"""Which function draws which figure, and what it says to those who cannot see it."""

from __future__ import annotations

from markupsafe import Markup

from tegenkracht.reporting.figures.calibration import calibration
from tegenkracht.reporting.figures.canvas import Canvas
from tegenkracht.reporting.figures.capacity import capacity_curve
from tegenkracht.reporting.figures.decision import decision_curve
from tegenkracht.reporting.figures.frontier import frontier
from tegenkracht.reporting.figures.hundred import hundred
from tegenkracht.reporting.figures.intervals import intervals
from tegenkracht.reporting.figures.profile import profile
from tegenkracht.reporting.figures.timeline import timeline
from tegenkracht.reporting.speaker import Speaker
from tegenkracht.reporting.tree import (
    Calibration,
    CapacityCurve,
    DecisionCurve,
    Drawing,
    FoldBar,
    Frontier,
    Hundred,
    Intervals,
    NetBenefitLine,
    Profile,
    ProfilePoint,
    Row,
    Timeline,
)
from tegenkracht.reporting.wording import Words, fact, join, number, say


def draw(drawing: Drawing, speaker: Speaker, width: float) -> Canvas:
    """The drawing at one width."""
    match drawing:
        case Intervals():
            return intervals(drawing, speaker, width)
        case Hundred():
            return hundred(drawing, speaker, width)
        case CapacityCurve():
            return capacity_curve(drawing, speaker, width)
        case DecisionCurve():
            return decision_curve(drawing, speaker, width)
        case Calibration():
            return calibration(drawing, speaker, width)
        case Timeline():
            return timeline(drawing, speaker, width)
        case Frontier():
            return frontier(drawing, speaker, width)
        case Profile():
            return profile(drawing, speaker, width)


def describe(drawing: Drawing, speaker: Speaker) -> Markup:
    """All values of the drawing as a sentence, each with its source."""
    return Markup("; ").join(speaker.html(words) for words in _said(drawing))


def _said(drawing: Drawing) -> list[Words]:
    match drawing:
        case Intervals():
            return [_row(row) for row in drawing.rows]
        case Hundred():
            return [
                say(
                    "figure.hundred",
                    found=number(drawing.estimate, "full", "per_hundred"),
                    hundred=fact("hundred", "count"),
                )
            ]
        case CapacityCurve():
            return [_point(i, drawing) for i in range(len(drawing.points))]
        case DecisionCurve():
            return [_net_benefits(line) for line in drawing.lines]
        case Calibration():
            return [
                say(
                    "figure.calibration_point",
                    predicted=number(p.predicted, "value", "per_hundred"),
                    found=number(p.found, "full", "per_hundred"),
                )
                for p in drawing.points
            ]
        case Timeline():
            return [_bar(bar) for bar in drawing.bars]
        case Frontier():
            return [
                say(
                    "figure.frontier_point",
                    model=point.label,
                    harm=number(point.harm, "full", "points"),
                    found=number(point.found, "full", "points"),
                )
                for point in drawing.points
            ]
        case Profile():
            return [_height(point) for point in drawing.points]


def _row(row: Row) -> Words:
    value = row.value or row.missing or say("page.no_number")
    return join(row.label, value, between=": ")


def _point(i: int, curve: CapacityCurve) -> Words:
    point = curve.points[i]
    parts: list[Words] = []
    if point.labelled:
        parts.append(join(curve.legend[0], number(point.labelled, "full", "per_hundred")))
    if point.bounds:
        parts.append(join(curve.legend[1], number(point.bounds, "span", "per_hundred")))
    return say(
        "figure.curve_point", capacity=fact(f"capacity.{point.capacity}", "count"), values=join(*parts, between=", ")
    )


def _net_benefits(line: NetBenefitLine) -> Words:
    points = [
        say(
            "figure.curve_point",
            capacity=number(p.share, "value", "per_hundred"),
            values=number(p.estimate, "full", "per_thousand"),
        )
        for p in line.points
    ]
    return join(line.label, join(*points, between=", "), between=": ")


def _height(point: ProfilePoint) -> Words:
    return say("figure.profile_point", value=fact(point.edge, "number"), height=number(point.estimate, "full", "two"))


def _bar(bar: FoldBar) -> Words:
    dates = {
        name: fact(getattr(bar, name), "date")
        for name in ("train_from", "train_until", "split_on", "test_from", "test_until")
    }
    return say("figure.fold", fold=bar.label, **dates)
