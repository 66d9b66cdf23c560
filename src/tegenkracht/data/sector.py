"""A sector: what its units are, what is known of its base rate, and the dictionary of its indicators."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.errors import wrong
from tegenkracht.core.purpose import UnitKind
from tegenkracht.core.text import Text
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.dictionary import Indicator, Name
from tegenkracht.data.record_file import complaint, read_marked, validated


class BaseRates(BaseModel):
    """The share of units that would be positive if everyone were looked at: a low, a middle and a high guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float = Field(gt=0, lt=1)
    base: float = Field(gt=0, lt=1)
    high: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> BaseRates:
        if not self.low <= self.base <= self.high:
            raise complaint(
                f"{self.low}, {self.base}, {self.high} do not rise.", "Write low, base and high in rising order."
            )
        return self


class SectorIndicator(Indicator):
    """An indicator of a sector, and in which table it is told (none: it is only described)."""

    table: Literal["event", "measure", "link"] | None = None

    @property
    def entry(self) -> Indicator:
        """The indicator as it stands in the dictionary of a dataset."""
        return Indicator(**self.model_dump(exclude={"table"}))


class Dimension(BaseModel):
    """One side of a resilience profile: the signs that are read together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Text
    definition: Text
    indicators: tuple[Name, ...] = Field(min_length=1)


class Sector(BaseModel):
    """One entry of `conf/sector/`.

    `same_cluster` is what the cluster of a unit is called, where it has a name: `the same strip`. `dimensions` are the sides of a resilience
    profile; a sector of areas or public bodies has them, because such a unit is described and never called infiltrated or not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: Name
    unit: UnitKind
    label: Text
    same_cluster: Text | None = None
    base_rates: BaseRates
    reading_guide: Text
    indicators: dict[Name, SectorIndicator]
    dimensions: dict[Name, Dimension] = {}

    @model_validator(mode="after")
    def _profile(self) -> Sector:
        """Areas and public bodies have sides, whose signs are described and tell a direction."""
        if self.unit in ("area", "public_body") and not self.dimensions:
            raise complaint(
                f"units of kind {self.unit} are described by a profile, and there are no `dimensions`.",
                "Write `dimensions`: per side a label, a definition and its indicators.",
            )
        directed = {name for name, indicator in self.indicators.items() if indicator.direction != "±"}
        for side, dimension in self.dimensions.items():
            if unknown := sorted(set(dimension.indicators) - directed):
                raise complaint(
                    f"dimension {side} reads {', '.join(unknown)}, which is not an indicator with a direction.",
                    f"Choose from: {', '.join(sorted(directed))}.",
                )
        return self


def read_sector(name: str) -> Sector:
    """One sector by name.

    Raises
    ------
    InputError
        When there is no such sector (it names those that there are), or its file does not hold.
    """
    if name not in sectors():
        raise wrong(
            f"sector {name}", f"there is no file conf/sector/{name}.yaml.", f"Choose one of: {', '.join(sectors())}."
        )
    marked = read_marked(conf_folder() / "sector" / f"{name}.yaml", where=f"conf/sector/{name}.yaml")
    return validated(marked, Sector)


def sectors() -> tuple[str, ...]:
    """Names of the sectors that are described."""
    return tuple(sorted(path.stem for path in (conf_folder() / "sector").glob("*.yaml")))
