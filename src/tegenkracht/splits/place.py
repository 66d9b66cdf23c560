"""How a split holds out places as well as dates, as it stands in YAML under `split.place`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, model_validator

WithoutCoordinates = Literal["refuse", "left_out"]


class _Place(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Dealt(_Place):
    """Groups that are dealt over `folds` of about the same number of units."""

    folds: int = Field(ge=2, le=50)
    seed: int = Field(ge=0)


class ByUnit(_Dealt):
    """A tested unit was never learnt from."""

    kind: Literal["unit"]


class ByCluster(_Dealt):
    """A tested unit shares no `cluster_id` with a unit that was learnt from; a unit without one stands alone."""

    kind: Literal["cluster"]


class ByComponent(_Dealt):
    """A tested unit is tied to no unit that was learnt from, by links that were known on the day of the fit.

    Links that had ended by then still tie. `roles` limits the links: addresses only, for example; None takes all.
    """

    kind: Literal["component"]
    roles: tuple[str, ...] | None = None


class Blocks(_Dealt):
    """Square blocks of `size` metres, dealt over folds by lot: neighbours mostly fall in the same block."""

    kind: Literal["blocks"]
    size: float = Field(gt=0, description="Side of a block, in the unit of the coordinates: metres")
    without_coordinates: WithoutCoordinates = "refuse"


class LeaveOneOut(_Place):
    """Each municipality, region or sector is held out once.

    `by: area_code` takes whole codes, or their first `prefix` characters (6 for the municipality in a CBS code such as BU03630001);
    `regions` names sets of areas by how their codes begin. Places with fewer than `at_least` units are held out together, as `other`.
    """

    kind: Literal["leave_one_out"]
    by: Literal["area_code", "sector"]
    prefix: int | None = Field(default=None, ge=1)
    regions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    at_least: int = Field(ge=1)

    @model_validator(mode="after")
    def _one_way(self) -> LeaveOneOut:
        if self.regions and self.prefix is not None:
            raise ValueError("`regions` and `prefix` are two ways to make places of areas; keep one")
        if self.by == "sector" and (self.regions or self.prefix is not None):
            raise ValueError("`regions` and `prefix` are about areas; they belong to `by: area_code`")
        return self


class Knndm(_Dealt):
    """Folds whose distances from test to training are like those from the places of use to training (Linnenbrink et al. 2024).

    `predict`: the places of use are tested units that were not learnt from (`unseen`), or all tested units. `largest` is the largest share of
    the units that one fold may hold.
    """

    kind: Literal["knndm"]
    predict: Literal["unseen", "all"]
    largest: float = Field(gt=0, le=1)
    without_coordinates: WithoutCoordinates = "refuse"

    @model_validator(mode="after")
    def _can_be(self) -> Knndm:
        if self.largest * self.folds < 1:
            raise ValueError(f"{self.folds} folds of at most {self.largest:g} of the units do not hold them all")
        return self


Place = Annotated[ByUnit | ByCluster | ByComponent | Blocks | LeaveOneOut | Knndm, Discriminator("kind")]
