"""What a study asks of the tables: one recipe makes one or more columns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, model_validator

from tegenkracht.core.span import Window
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.space import SpaceRecipe

Scope = Literal["unit", "cluster", "area"]
EventStatistic = Literal["count", "sum", "mean", "min", "max", "last", "days_since_last"]
VisitStatistic = Literal["count", "finding_count", "finding_share", "previous_finding", "days_since_last"]
OF_OTHERS = ("count", "sum", "mean", "finding_count", "finding_share")
"""Statistics that can leave the unit itself out: sums, and what is made of sums."""


class _Recipe(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)


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
    """Statistics of one kind of event, per window, of the unit itself or of the others in its cluster or area."""

    source: Literal["events"] = Field(alias="from")
    kind: str
    statistics: tuple[EventStatistic, ...] = Field(min_length=1)


class VisitRecipe(_WindowedRecipe):
    """Statistics of earlier inspections: how many, how many with a finding, the last one."""

    source: Literal["inspections"] = Field(alias="from")
    statistics: tuple[VisitStatistic, ...] = Field(min_length=1)


class UnitRecipe(_Recipe):
    """Facts of the unit itself."""

    source: Literal["units"] = Field(alias="from")
    statistics: tuple[Literal["tenure"], ...] = Field(min_length=1)


class AreaRecipe(_Recipe):
    """Figures of the area that the unit lies in."""

    source: Literal["areas"] = Field(alias="from")
    measure: str
    statistics: tuple[Literal["latest"], ...] = Field(min_length=1)


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
