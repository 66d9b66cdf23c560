"""Who is eligible on an as-of date, over which dates, and what counts as an outcome."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.span import Span

Channel = Literal["random", "risk", "signal", "complaint", "programme", "unknown"]
Appeal = Literal["upheld", "overturned"]
OVERTURNED: Appeal = "overturned"
"""A finding that an appeal took away."""


class Without(BaseModel):
    """A reason why a unit is not eligible for a while: it was visited, something was found, or an event put it under another procedure.

    YAML: ``{from: findings, within: 24 months}`` or ``{from: events, kind: bibob_procedure, within: 12 months}``. Only what was known on the
    as-of date counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    source: Literal["inspections", "findings", "events"] = Field(alias="from")
    kind: str | None = None
    within: Span

    @model_validator(mode="after")
    def _kind_of_events(self) -> Without:
        if (self.source == "events") != (self.kind is not None):
            raise ValueError("`kind` names an event kind: it belongs to `from: events`, and only there")
        return self


class Cohort(BaseModel):
    """Who is eligible, apart from what is predicted.

    `calendar`: every unit of `sectors` that is open on an as-of date, has been for `open_for`, and is not kept out by `without`.
    `scheduled`: one row per inspection that took place
    (channel in `channels`), scored on the day of the visit; used to replay a schedule. `information_lag`: a row knows what
    was known this long before its as-of date (for visits at least a day, or a visit would know its own result).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["calendar", "scheduled"]
    sectors: tuple[str, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = ()
    information_lag: Span = Span(0, "days")
    open_for: Span = Span(0, "days")
    without: tuple[Without, ...] = ()

    @model_validator(mode="after")
    def _lag_of_visits(self) -> Cohort:
        if self.kind == "scheduled" and self.information_lag.count == 0:
            raise ValueError(
                "a scheduled cohort needs an information_lag of at least `1 day`, or a visit knows its own result"
            )
        if self.kind == "scheduled" and (self.without or self.open_for.count):
            raise ValueError("`without` and `open_for` choose units on a date; they belong to a calendar cohort only")
        if self.kind == "calendar" and self.channels:
            raise ValueError("`channels` chooses visits; it belongs to a scheduled cohort only")
        return self


class Time(BaseModel):
    """The dates of a study.

    `first` … `last` by `step` are the as-of dates (for a scheduled cohort: the first and last day of visits, without step). An outcome is a
    finding within `horizon` after the as-of date (for scheduled visits: of the visit itself), and is known `label_delay` later.
    `training_history` is how far back training rows reach; None is all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    step: Span | None = None
    horizon: Span
    label_delay: Span
    training_history: Span | None = None

    @model_validator(mode="after")
    def _order(self) -> Time:
        if self.last < self.first:
            raise ValueError(f"`last` {self.last} lies before `first` {self.first}")
        return self


class Outcome(BaseModel):
    """What counts as positive among visits within the horizon.

    `finding` a finding (of at least `min_severity`, when given); `severity` the same, with `min_severity` required; `count` at least
    `at_least` findings; `time_to_finding` a finding, and the panel also holds the days until it, so that the order of findings is measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["finding", "severity", "count", "time_to_finding"] = "finding"
    min_severity: float | None = None
    at_least: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _of_its_kind(self) -> Outcome:
        if self.kind == "severity" and self.min_severity is None:
            raise ValueError("a label of kind `severity` needs `min_severity`")
        if (self.kind == "count") != (self.at_least > 1):
            raise ValueError("`at_least` (2 or more) belongs to a label of kind `count`, and only there")
        return self
