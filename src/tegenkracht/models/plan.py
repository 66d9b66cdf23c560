"""What a study says about one model: which factory, which columns, and what it is called."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.core.text import Text

Columns = Literal["features", "process", "both"]


class Estimator(BaseModel):
    """A factory of `tegenkracht.models` by name, and its parameters (typed by `check_parameters`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str
    parameters: dict[str, Any]


class ModelPlan(BaseModel):
    """One model of a study.

    `columns` names what it may see: the features, the inspection process (inspector, channel, earlier visits), both, or a list of
    feature and process columns; `without` takes columns away again. `off_when_scoring` columns are learnt from but set to missing when
    scoring. `probability` says that its scores are meant as probabilities, so that calibration is measured. `explain` asks for attributions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Text
    description: Text
    estimator: Estimator
    columns: Columns | tuple[str, ...]
    without: tuple[str, ...] = ()
    off_when_scoring: tuple[str, ...] = ()
    probability: bool
    explain: bool = Field(description="Whether every score gets an attribution per column")
