"""Who is eligible on an as-of date, over which dates, and what counts as an outcome."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.span import Span

Channel = Literal["random", "risk", "signal", "complaint", "programme", "unknown"]


class Cohort(BaseModel):
    """Who is eligible, apart from what is predicted.

    `calendar`: every unit of `sectors` that is open on an as-of date. `scheduled`: one row per inspection that took place
    (channel in `channels`), scored on the day of the visit; used to replay a schedule. `information_lag`: a row knows what
    was known this long before its as-of date (for visits at least a day, or a visit would know its own result).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["calendar", "scheduled"]
    sectors: tuple[str, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = ()
    information_lag: Span = Span(0, "days")

    @model_validator(mode="after")
    def _lag_of_visits(self) -> Cohort:
        if self.kind == "scheduled" and self.information_lag.count == 0:
            raise ValueError(
                "a scheduled cohort needs an information_lag of at least `1 day`, or a visit knows its own result"
            )
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
    """What counts as positive: a finding, or a finding of at least `min_severity`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["finding"] = "finding"
    min_severity: float | None = None
