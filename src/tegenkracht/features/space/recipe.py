"""What a study asks of the surroundings of a place."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.purpose import UnitKind
from tegenkracht.core.span import Span, Window
from tegenkracht.data.dictionary import Name

SpaceStatistic = Literal["count", "density", "distance"]
Kernel = Literal["gaussian", "epanechnikov"]


class SpaceRecipe(BaseModel):
    """Events, earlier findings or units around a unit: how many, how dense, how far away the nearest one is.

    Parameters
    ----------
    of
        What is looked for at the other units: `events` of one `kind`, `findings` of earlier inspections, or the `units` themselves.
    sector, unit_kind
        Which units; None is all of them.
    closed
        Whether units that have closed since also count; otherwise only those that were open at the time.
    within
        For `count`: the radius in metres.
    nearest
        For `count`: the number of nearest units to look at. For `of: units` these are the nearest of all units, and those of `sector` and
        `unit_kind` are counted; otherwise they are the nearest of `sector` and `unit_kind`.
    kernel, bandwidth
        For `density`: the kernel, and its bandwidth in metres.
    windows
        How far back events and findings count; units have none.

    Examples
    --------
    >>> recipe = SpaceRecipe.model_validate(
    ...     {"from": "space", "of": "events", "kind": "takeover", "statistics": ["count"], "within": 500, "windows": ["36 months"]}
    ... )
    >>> recipe.model_dump(exclude_defaults=True)
    {'from': 'space', 'of': 'events', 'kind': 'takeover', 'statistics': ('count',), 'within': 500, 'windows': ('36 months',)}

    In YAML::

        - {from: space, of: events, kind: takeover_chain, statistics: [count], within: 500, windows: [36 months], sector: shopping_strip}
        - {from: space, of: events, kind: takeover_chain, statistics: [count], nearest: 10, windows: [36 months], sector: shopping_strip}
        - {from: space, of: findings, statistics: [density, distance], kernel: gaussian, bandwidth: 300, windows: [all]}
        - {from: space, of: units, statistics: [distance], sector: marina}
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    source: Literal["space"] = Field(alias="from")
    of: Literal["events", "findings", "units"]
    kind: str | None = None
    sector: Name | None = None
    unit_kind: UnitKind | None = None
    closed: bool = False
    statistics: tuple[SpaceStatistic, ...] = Field(min_length=1)
    within: int | None = Field(default=None, gt=0)
    nearest: int | None = Field(default=None, gt=0, le=1000)
    kernel: Kernel | None = None
    bandwidth: int | None = Field(default=None, gt=0)
    windows: tuple[Window, ...] = ()

    @property
    def spans(self) -> tuple[Span | None, ...]:
        """The windows that columns are made for; units have one column, without a window."""
        return self.windows or (None,)

    @model_validator(mode="after")
    def _of_its_kind(self) -> SpaceRecipe:
        if (self.of == "events") != (self.kind is not None):
            raise ValueError("`kind` names an event kind: it belongs to `of: events`, and only there")
        if (self.of == "units") != (not self.windows):
            raise ValueError("`windows` belongs to `of: events` and `of: findings`; units have none")
        return self

    @model_validator(mode="after")
    def _measures(self) -> SpaceRecipe:
        counted, dense = "count" in self.statistics, "density" in self.statistics
        if ((self.within is None) == (self.nearest is None)) if counted else (self.within or self.nearest):
            raise ValueError("`count` needs either `within` (metres) or `nearest` (units), and only `count` has them")
        if dense != (self.kernel is not None) or dense != (self.bandwidth is not None):
            raise ValueError("`density` needs `kernel` and `bandwidth` (metres), and only `density` has them")
        if self.of == "units" and self.nearest and not (self.sector or self.unit_kind):
            raise ValueError(f"of the {self.nearest} nearest units all are units; give `sector` or `unit_kind`")
        return self
