"""The card as a tree of plain data: sections, blocks and figures that hold sentence keys and estimate ids, never numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from tegenkracht.core.estimate import Estimate
from tegenkracht.reporting.wording import FactValue, Record, Words
from tegenkracht.reporting.words.numbers import Style

Shape = Literal["main", "hollow", "diamond", "range", "reference", "attention", "small", "band_up", "band_down"]
"""What a mark says: filled circle an estimate; hollow and dashed not to be trusted or not shown; diamond by lot; block a
range without a best value; grey for comparison; square needs attention; small a member of a family; band a stretch above or below zero in which nothing could be seen."""


class Axis(Record):
    """One shared scale, in stored units."""

    low: float
    high: float
    ticks: tuple[float, ...]
    style: Style
    zero: bool = False


class Mark(Record):
    """An estimate on an axis."""

    estimate: str
    shape: Shape = "main"


class Row(Record):
    """One line of a figure: label, marks, value in words."""

    label: Words
    marks: tuple[Mark, ...] = ()
    note: Words | None = None
    value: Words | None = None
    heading: Words | None = None
    missing: Words | None = None
    strong: bool = False
    indent: int = 0


class Intervals(Record):
    """Dots and intervals on one axis."""

    figure: Literal["intervals"] = "intervals"
    rows: tuple[Row, ...]
    axis: Axis


class Hundred(Record):
    """A hundred places: found, perhaps (nobody went) and nothing found."""

    figure: Literal["hundred"] = "hundred"
    estimate: str


class CurvePoint(Record):
    """What is known at one capacity."""

    capacity: int
    labelled: str | None = None
    bounds: str | None = None


class CapacityCurve(Record):
    """A line against capacity with its interval, inside what is possible."""

    figure: Literal["capacity"] = "capacity"
    points: tuple[CurvePoint, ...]
    chosen: int
    axis: Axis
    x_title: Words
    legend: tuple[Words, Words]
    settled: bool


class NetBenefitPoint(Record):
    """Net benefit at one weight of an empty visit: the share of visits that must find something, and what is left then."""

    share: str
    estimate: str


class NetBenefitLine(Record):
    """One order of visits over all weights."""

    label: Words
    shape: Shape
    points: tuple[NetBenefitPoint, ...]


class DecisionCurve(Record):
    """Net benefit of several orders against the share of visits that must find something; zero is what no visits bring."""

    figure: Literal["decision"] = "decision"
    lines: tuple[NetBenefitLine, ...]
    stated: str
    axis: Axis
    x_axis: Axis
    x_title: Words
    nobody: Words


class CalibrationPoint(Record):
    """Predicted and found shares of one band of predictions."""

    predicted: str
    found: str


class ReliabilityPoint(Record):
    """One point of the curve without bins: the score, what was found near it, and where a model that is right would lie."""

    predicted: str
    found: str
    bounds: str


class Calibration(Record):
    """Predicted against found, with the diagonal on which a perfect model would lie."""

    figure: Literal["calibration"] = "calibration"
    points: tuple[CalibrationPoint, ...]
    curve: tuple[ReliabilityPoint, ...] = ()
    axis: Axis
    settled: bool
    x_title: Words
    y_title: Words


class FoldBar(Record):
    """When one fold learns, waits and is tested; dates as ISO text, from the card's facts."""

    label: Words
    train_from: str
    train_until: str
    split_on: str
    test_from: str
    test_until: str
    value: Words


class Timeline(Record):
    """Folds on a shared calendar."""

    figure: Literal["timeline"] = "timeline"
    bars: tuple[FoldBar, ...]
    train: Words
    gap: Words
    test: Words


class FrontierPoint(Record):
    """One mitigated model: how far its gap shifted and how much its findings differ from those of the model without mitigation."""

    letter: Words
    label: Words
    harm: str
    found: str
    shape: Shape


class Frontier(Record):
    """Shift of a gap against change of what is found; the model without mitigation lies where the lines through zero meet.

    `gap` is its gap: a shift of as much the other way leaves nothing of it, and a line named `gone` stands there.
    """

    figure: Literal["frontier"] = "frontier"
    points: tuple[FrontierPoint, ...]
    x: Axis
    y: Axis
    x_title: Words
    y_title: Words
    origin: Words
    gap: str | None
    gone: Words


class ProfilePoint(Record):
    """Height of a curve at one value of a column; `edge` names the fact that holds the value."""

    edge: str
    estimate: str


class Profile(Record):
    """What the score makes of one column: a line with its interval over the column's values, about zero."""

    figure: Literal["profile"] = "profile"
    points: tuple[ProfilePoint, ...]
    x: Axis
    y: Axis
    x_title: Words


Drawing = Annotated[
    Intervals | Hundred | CapacityCurve | DecisionCurve | Calibration | Timeline | Frontier | Profile,
    Field(discriminator="figure"),
]


class Column(Record):
    """A column head."""

    title: Words
    numeric: bool = False


class Table(Record):
    """Rows under heads; the first cell of a row is its head. A `folded` one opens when a reader asks for it."""

    block: Literal["table"] = "table"
    name: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]
    folded: bool = False


class LegendItem(Record):
    """A shape with its meaning."""

    shape: Shape
    words: Words


class Panel(Record):
    """A drawing with a name for those who cannot see it."""

    key: str
    title: Words
    drawing: Drawing


class Exhibit(Record):
    """A figure: what it shows, how to read it, one or two drawings, and the numbers behind it."""

    block: Literal["exhibit"] = "exhibit"
    title: Words
    how: Words
    panels: tuple[Panel, ...]
    legend: tuple[LegendItem, ...] = ()
    table: Table | None = None


class Paragraph(Record):
    """A paragraph; `note` asks for attention, `small` is background."""

    block: Literal["paragraph"] = "paragraph"
    words: Words
    css: Literal["", "small", "note"] = ""


class Heading(Record):
    """A heading within a section."""

    block: Literal["heading"] = "heading"
    words: Words


class Bullets(Record):
    """A list; `no`, `ask` and `attn` carry a mark, `steps` is numbered."""

    block: Literal["bullets"] = "bullets"
    items: tuple[Words, ...]
    css: Literal["", "no", "ask", "attn", "steps"] = ""


class Pair(Record):
    """A term and what it stands for; empty stays visibly empty."""

    term: Words
    words: Words
    filled: bool = True


class Pairs(Record):
    """Terms with what they stand for."""

    block: Literal["pairs"] = "pairs"
    pairs: tuple[Pair, ...]


Block = Annotated[Table | Exhibit | Paragraph | Heading | Bullets | Pairs, Field(discriminator="block")]


class Section(Record):
    """A part of the full card: the answer left, the evidence right."""

    key: str
    title: Words
    answer: Words
    blocks: tuple[Block, ...]
    side: Words | None = None


class Verdict(Record):
    """A comparison with one of three outcomes, in words."""

    title: Words
    words: Words


class Box(Record):
    """One of the plain boxes of the first page."""

    title: Words
    blocks: tuple[Block, ...]


class Signature(Record):
    """Who must sign, and what that role did so far."""

    role: Words
    state: Words
    note: Words


class FirstPage(Record):
    """What a reader meets before anything else, in this order."""

    synthetic: Words | None
    title: Words
    lead: Words
    state: Words
    state_note: Words
    headline: Words
    hundred: Exhibit | None
    caption: Words | None
    ways: Exhibit | None
    verdicts: tuple[Verdict, ...]
    verdicts_note: Words | None = None
    boxes: tuple[Box, ...]
    signatures: tuple[Signature, ...]


class Card(Record):
    """The whole card: the tree, the estimates that it uses and the facts that were declared."""

    version: Literal[1] = 1
    study: str
    run_id: str
    identity: str
    first: FirstPage
    sections: tuple[Section, ...]
    facts: Mapping[str, FactValue]
    estimates: Mapping[str, Estimate]

    @field_validator("estimates", mode="before")
    @classmethod
    def _read(cls, records: Any) -> Any:
        return {key: record if isinstance(record, Estimate) else Estimate(**record) for key, record in records.items()}

    def as_json(self) -> str:
        """`card.json`: the same card gives the same bytes."""
        return self.model_dump_json(indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Card:
        """The card of a `card.json`."""
        return cls.model_validate_json(text)
