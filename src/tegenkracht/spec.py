"""One study as a frozen record: everything that decides a result, every key known and every value checked."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.criterion import Criterion
from tegenkracht.core.purpose import Purpose
from tegenkracht.core.text import Text
from tegenkracht.data.sector import Sector
from tegenkracht.features.recipe import Recipe
from tegenkracht.models.plan import ModelPlan
from tegenkracht.splits.rolling import Split


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MadeWorld(_Record):
    """A simulated world that stands in for data, made when the tables are not there.

    `prevalence` asks for the low, middle or high base rate of the sectors; None is what the world says itself.
    """

    name: str
    prevalence: Literal["low", "base", "high"] | None = None
    scale: float = Field(gt=0, le=1)
    seed: int = Field(ge=0)
    sectors: tuple[str, ...] = Field(min_length=1)


class Data(_Record):
    """Where the tables are: a folder with `dataset.yaml`."""

    path: str
    world: MadeWorld | None = None


class Features(_Record):
    """The recipes that make the columns."""

    recipes: tuple[Recipe, ...] = Field(min_length=1)


class Review(_Record):
    """How many places people can look at, and who looks.

    `list`: one list of `capacity` places for each as-of date, or one for a whole test window (scheduled visits).
    """

    capacity: int = Field(ge=1)
    list: Literal["per_as_of", "whole_window"]
    reviewer: Text


class Audit(_Record):
    """Attributes that are only for audits, and the smallest group that is shown."""

    attributes: tuple[str, ...]
    min_group: int = Field(ge=10, description="Groups under 10 are never shown")


class Minimum(_Record):
    """How many places with a finding every fold must have to learn from; with fewer nothing is fitted."""

    positives: int = Field(ge=1)


class Replay(_Record):
    """Re-order the calendar slots of scheduled visits by score; `within` names a process column whose own slots are kept."""

    within: Literal["inspector", "channel"] | None
    random_orders: int = Field(ge=10, le=10_000)


class Evaluate(_Record):
    """Which model the card is about, what it is compared with, and how intervals are made."""

    main: str
    reference: str
    replicates: int = Field(ge=100, le=100_000)
    level: float = Field(gt=0.5, lt=1)
    cluster_by: Literal["unit_id", "cluster_id"]
    replay: Replay | None = None


class Explain(_Record):
    """How many reasons are kept per place, and how often the card's model is learnt again to see which flags and reasons survive."""

    reasons: int = Field(ge=1, le=10)
    refits: int = Field(default=0, ge=0, le=1_000)

    @model_validator(mode="after")
    def _enough(self) -> Explain:
        if self.refits == 1:
            raise ValueError("one refit cannot be compared; write 0, or 2 or more")
        return self


class CardAuthor(_Record):
    """Who answers for the card; what is left out is shown as unfilled."""

    version: str
    author: Text | None = None
    contact: str | None = None


class Tracking(_Record):
    """Where runs are recorded."""

    kind: Literal["local", "server", "off"]
    uri: str | None

    @model_validator(mode="after")
    def _server_has_uri(self) -> Tracking:
        if self.kind == "server" and not self.uri:
            raise ValueError("tracking=server needs an address: tracking.uri=https://mlflow.example.org")
        return self


class Resources(_Record):
    """Threads for one fit; fits run one after the other, so this never asks for more cores than there are."""

    threads: int = Field(ge=1, le=256)


class ExperimentSpec(_Record):
    """Everything that decides a result, frozen and dated by its own digest."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    purpose: Purpose
    sector: Sector | None = None
    data: Data
    cohort: Cohort
    time: Time
    label: Outcome
    features: Features
    split: Split
    models: dict[str, ModelPlan] = Field(min_length=1)
    review: Review
    audit: Audit
    minimum: Minimum
    evaluate: Evaluate
    explain: Explain
    success_criteria: tuple[Criterion, ...] = ()
    card: CardAuthor
    tracking: Tracking
    resources: Resources
    output: str
    cache: bool
    seed: int = Field(ge=0, lt=2**31)

    def as_plain(self) -> dict[str, Any]:
        """The specification as plain data, for `spec.yaml` and for digests."""
        return self.model_dump(mode="json")

    def what_decides(self) -> dict[str, Any]:
        """The part that can change a result: without where files go, where runs are recorded and how many threads."""
        return {
            key: value
            for key, value in self.as_plain().items()
            if key not in {"output", "tracking", "resources", "data", "cache"}
        }
