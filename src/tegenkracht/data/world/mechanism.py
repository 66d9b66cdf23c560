"""How one sector is made: numbers of units, where they stand, its budget, and how strongly each indicator follows what."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.data.conf import conf_folder
from tegenkracht.data.dictionary import Name
from tegenkracht.data.record_file import read_marked, validated
from tegenkracht.data.sector import sectors
from tegenkracht.data.world.world import Chance, Share


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Signal(_Record):
    """One indicator (methods D.5): log-odds of at least one event in eight quarters.

    Parameters
    ----------
    level
        At no true state, in an average area.
    by_type
        Added for a functional, competitive and relational state.
    deprivation, group
        Added by what is no sign of anything, when `proxies` is on: half the deprivation, and group 1.
    lag
        Median quarters until it is known.
    coverage
        Share of the units about which it can be known at all.
    value
        What its value counts: nothing, days, a share, percent, or a number (negative binomial, k = 2).
    season
        Log-odds added in winter and taken off in summer.
    on_sight
        Seen by visitors; with `missing_by_inspection` only at units that were visited in the quarter before.
    """

    level: float
    by_type: tuple[float, float, float]
    deprivation: float
    group: float
    lag: float = Field(ge=0, le=8)
    coverage: Share | Literal[1]
    value: Literal["none", "days", "share", "percent", "number"] = "none"
    season: float = 0.0
    on_sight: bool = False


class Measure(_Record):
    """A yearly figure of an area: `centre` times exp(`spread` times a standard score), known `lag` quarters after the year.

    The score is made of the state (`by_type`), deprivation, group and noise; `of` names a figure that is made from the country or the units
    instead: `vacancy`, `deprivation`, `residents` or `road_distance`.
    """

    centre: float = 1.0
    spread: float = 0.5
    by_type: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deprivation: float = 0.0
    group: float = 0.0
    lag: int = Field(ge=0, le=12)
    coverage: Share | Literal[1] = 1
    of: Literal["state", "vacancy", "deprivation", "residents", "road_distance"] = "state"


class Size(_Record):
    """A yearly count of the unit's size, as an event: lognormal with this mean and sigma."""

    kind: Name
    mean: float = Field(gt=0)
    sigma: float = Field(gt=0)


class Roles(_Record):
    """Names of the link roles of a sector."""

    owner: Name | None = None
    director: Name | None = None
    beneficial_owner: Name | None = None
    address: Name | None = None


class Mechanism(_Record):
    """One entry of `conf/world/sectors/`.

    `count` units and `clusters` at scale 1; `fewest` whatever the scale; `cluster_sigma` is how uneven strips are (0: all alike). `layout` says
    where they stand.
    """

    sector: Name
    letter: str = Field(pattern=r"^[A-Z]$")
    layout: Literal["strips", "water", "towns", "areas", "councils"]
    count: int = Field(gt=0)
    clusters: int = Field(ge=0)
    cluster_sigma: float = Field(default=1.0, ge=0, le=2)
    fewest: int = Field(gt=0)
    budget: Share
    deep: Chance
    visits_per_inspector: float = Field(gt=0)
    legal_forms: dict[str, Chance]
    comes_and_goes: bool
    roles: Roles = Roles()
    turnover: Name | None = None
    complaint: Name | None = None
    size: Size | None = None
    signals: dict[Name, Signal]
    measures: dict[Name, Measure] = Field(default_factory=dict)

    def units_at(self, scale: float) -> int:
        """Number of units at a scale."""
        return max(self.fewest, round(self.count * scale))


@cache
def read_mechanism(sector: str) -> Mechanism:
    """How one sector is made; InputError when its file does not hold."""
    where = f"conf/world/sectors/{sector}.yaml"
    return validated(read_marked(conf_folder() / "world" / "sectors" / f"{sector}.yaml", where=where), Mechanism)


def made_sectors() -> tuple[str, ...]:
    """Sectors that can be made, in the order in which their units stand in the tables."""
    there = [name for name in sectors() if (conf_folder() / "world" / "sectors" / f"{name}.yaml").is_file()]
    return tuple(sorted(there, key=lambda name: read_mechanism(name).letter))
