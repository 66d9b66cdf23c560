"""What a study asks of the tables: one recipe makes one or more columns."""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Discriminator, Field, model_validator

from tegenkracht.core.span import Span, Window
from tegenkracht.data.legal_form import is_sole_trader
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.space import SpaceRecipe

Scope = Literal["unit", "cluster", "area"]
EventStatistic = Literal["count", "sum", "mean", "min", "max", "last", "days_since_last", "trend", "share", "distinct"]
VisitStatistic = Literal["count", "finding_count", "finding_share", "previous_finding", "days_since_last"]
OF_OTHERS = ("count", "sum", "mean", "finding_count", "finding_share")
"""Statistics that can leave the unit itself out: sums, and what is made of sums."""


class _Recipe(BaseModel):
    """What every recipe can say of missing values: `fill` takes their place, `flag_missing` adds a 0/1 column that tells of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    fill: float | None = Field(default=None, exclude_if=lambda value: value is None)
    flag_missing: bool = Field(default=False, exclude_if=lambda value: not value)


class _WindowedRecipe(_Recipe):
    windows: tuple[Window, ...] = Field(min_length=1)
    scope: Scope = "unit"

    @model_validator(mode="after")
    def _others_are_summed(self) -> _WindowedRecipe:
        wrong = [name for name in getattr(self, "statistics", ()) if name not in OF_OTHERS]
        if self.scope != "unit" and wrong:
            raise ValueError(f"statistic `{wrong[0]}` is of one unit; of a {self.scope} take {', '.join(OF_OTHERS)}")
        return self


class EventRecipe(_WindowedRecipe):
    """Statistics of one kind of event, per window, of the unit itself or of the others in its cluster or area.

    `trend` is the count in the newer half of the window minus that in the older half; `share` the part that this kind has in all events of the
    unit; `distinct` how many different values there were.
    """

    source: Literal["events"] = Field(alias="from")
    kind: str
    statistics: tuple[EventStatistic, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _trend_has_halves(self) -> EventRecipe:
        if "trend" in self.statistics and any(window is None or window.count < 2 for window in self.windows):
            raise ValueError(
                "a `trend` compares two halves of a window; take windows of two months (or days) or more, not `all`"
            )
        return self


class VisitRecipe(_WindowedRecipe):
    """Statistics of earlier inspections: how many, how many with a finding, the last one."""

    source: Literal["inspections"] = Field(alias="from")
    statistics: tuple[VisitStatistic, ...] = Field(min_length=1)


class UnitRecipe(_Recipe):
    """Facts of the unit itself: `tenure` days since it opened, `legal_form` a 0/1 column for each of `forms`."""

    source: Literal["units"] = Field(alias="from")
    statistics: tuple[Literal["tenure", "legal_form"], ...] = Field(min_length=1)
    forms: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)

    @model_validator(mode="after")
    def _forms_of_businesses(self) -> UnitRecipe:
        if ("legal_form" in self.statistics) != bool(self.forms):
            raise ValueError(
                "`forms` names the legal forms that become columns; it belongs to `legal_form`, and only there"
            )
        if personal := [form for form in self.forms if is_sole_trader(pd.Series([form])).iloc[0]]:
            raise ValueError(f"`{personal[0]}` is one person's business; that is no feature")
        return self


class AreaRecipe(_Recipe):
    """Figures of the area that the unit lies in: the `latest` that was known, and its `change` since the latest that was known `over` earlier."""

    source: Literal["areas"] = Field(alias="from")
    measure: str
    statistics: tuple[Literal["latest", "change"], ...] = Field(min_length=1)
    over: Span | None = Field(default=None, exclude_if=lambda value: value is None)

    @model_validator(mode="after")
    def _change_over_time(self) -> AreaRecipe:
        if ("change" in self.statistics) != (self.over is not None):
            raise ValueError("`over` says since when a `change` is counted; it belongs to `change`, and only there")
        return self


class GivenRecipe(_Recipe):
    """Columns that came with the data; `at_most` caps them, `above` makes them 0 or 1."""

    source: Literal["given"] = Field(alias="from")
    columns: tuple[str, ...] = Field(min_length=1)
    at_most: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one_change(self) -> GivenRecipe:
        if self.at_most is not None and self.above is not None:
            raise ValueError("take `at_most` or `above`, not both")
        return self


Recipe = Annotated[
    EventRecipe | VisitRecipe | UnitRecipe | AreaRecipe | GivenRecipe | SpaceRecipe | NetworkRecipe,
    Discriminator("source"),
]
