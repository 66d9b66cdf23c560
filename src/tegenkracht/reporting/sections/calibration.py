"""Whether the chances that the model gives are right, where somebody went to look."""

from __future__ import annotations

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.axis import axis_for
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections import measures, the_list
from tegenkracht.reporting.tree import (
    Block,
    Calibration,
    CalibrationPoint,
    Column,
    Exhibit,
    Panel,
    ReliabilityPoint,
    Section,
    Table,
)
from tegenkracht.reporting.wording import fact, number, say

CALIBRATION = ("brier", "calibration_intercept", "calibration_slope", "expected_observed_ratio")


def calibration_section(facts: RunFacts, known: Known) -> Section | None:
    """Predicted against found per band of predictions, and the measures of calibration."""
    exhibit = calibration_exhibit(facts, known)
    numbers = _numbers(facts, known)
    blocks: tuple[Block, ...] = tuple(block for block in (exhibit, numbers) if block is not None)
    if not blocks:
        return None
    return Section(
        key="calibration",
        title=say("calibration.title"),
        answer=say(f"calibration.answer{_settled(facts, known)}"),
        blocks=blocks,
        side=say(f"calibration.side{_settled(facts, known)}"),
    )


def _settled(facts: RunFacts, known: Known) -> str:
    """Which sentences fit: those for a list on which everything was inspected, or those that warn."""
    return "_settled" if the_list.main_is_settled(facts, known) else ""


def calibration_exhibit(facts: RunFacts, known: Known) -> Exhibit | None:
    """One point per band of predictions."""
    pairs = _calibration_pairs(known, facts.main)
    if not pairs:
        return None
    estimates = [estimate for pair in pairs for estimate in pair]
    title = say("calibration.figure")
    drawing = Calibration(
        settled=the_list.main_is_settled(facts, known),
        points=tuple(CalibrationPoint(predicted=p.id, found=f.id) for p, f in pairs),
        curve=_curve(facts, known),
        axis=axis_for(estimates, "per_hundred", most=1.0),
        x_title=say("calibration.x", hundred=fact("hundred", "count")),
        y_title=say("calibration.y", hundred=fact("hundred", "count")),
    )
    rows = tuple(
        (number(p.id, "value", "per_hundred"), number(f.id, "full", "per_hundred"), number(f.id, "n", "count"))
        for p, f in pairs
    )
    columns = (
        Column(title=say("calibration.predicted")),
        Column(title=say("calibration.found"), numeric=True),
        Column(title=say("groups.rows"), numeric=True),
    )
    return Exhibit(
        title=title,
        how=say(f"calibration.how{_settled(facts, known)}"),
        panels=(Panel(key="fig-calibration", title=title, drawing=drawing),),
        table=Table(name=title, columns=columns, rows=rows),
    )


def _curve(facts: RunFacts, known: Known) -> tuple[ReliabilityPoint, ...]:
    """The points of the main model's curve without bins, in order of score."""
    points = []
    for score in known.all("curve_score", model=facts.main, split="all"):
        found = known.get(facts.main, "curve_found", method="labelled", at=score.at)
        band = known.get(facts.main, "curve_consistent", method="fixed", at=score.at)
        if found is not None and band is not None:
            points.append(ReliabilityPoint(predicted=score.id, found=found.id, bounds=band.id))
    return tuple(points)


def _numbers(facts: RunFacts, known: Known) -> Table | None:
    metrics = [m for m in CALIBRATION if any(known.get(name, m, method="labelled") for name in facts.models)]
    if not metrics:
        return None
    names = [n for n in facts.models if measures.known_only(known.get(n, m, method="labelled") for m in metrics)]
    rows = tuple(
        (fact(f"model.{name}.label"), *(measures.shown(known.get(name, m, method="labelled")) for m in metrics))
        for name in names
    )
    columns = (Column(title=say("results.model")), *(Column(title=say(f"metrics.{m}"), numeric=True) for m in metrics))
    return Table(name=say("calibration.table"), columns=columns, rows=rows)


def _calibration_pairs(known: Known, model: str) -> list[tuple[Estimate, Estimate]]:
    """Predicted and found per band of predictions, where both have a number."""
    pairs = []
    for predicted in known.all("predicted_mean", model=model, split="all"):
        found = known.get(model, "observed_mean", method=predicted.method, at=predicted.at)
        if at_of(predicted, "bin") and predicted.value is not None and found is not None and found.value is not None:
            pairs.append((predicted, found))
    return pairs
