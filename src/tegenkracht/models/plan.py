"""What a study says about one model: which factory, which columns, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.errors import Problem
from tegenkracht.core.feature import Subject
from tegenkracht.core.text import Text
from tegenkracht.models.mitigation import OF_LEARNING, OF_THE_LIST, DropProxies, Mitigation

Columns = Literal["features", "process", "both"]
LEARNERS = tuple(f"tegenkracht.models.{name}" for name in ("lightgbm", "logistic", "who_inspects"))
"""Models that can learn with weights."""


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
    `mitigates` names the model of the study that this one should improve on for groups; `mitigation` says what is done (None: something
    in the model itself, such as monotone constraints).
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
    mitigates: str | None = None
    mitigation: Mitigation | None = None

    @property
    def reorders(self) -> bool:
        """Whether its lists follow another order than its scores."""
        return isinstance(self.mitigation, OF_THE_LIST)

    @model_validator(mode="after")
    def _mitigation_holds(self) -> ModelPlan:
        """What a mitigation makes of a score: some are no probability any more, some cannot be explained by columns."""
        done = self.mitigation
        if done is None:
            return self
        if self.mitigates is None:
            raise ValueError("a mitigation is compared with the model without it; name that model in `mitigates`")
        if isinstance(done, OF_LEARNING) and self.estimator.target not in LEARNERS:
            raise ValueError(
                f"{done.kind} needs a model that learns with weights, one of {', '.join(LEARNERS)}; "
                f"{self.estimator.target} is none"
            )
        if self.probability and not isinstance(done, DropProxies):
            raise ValueError(f"under {done.kind} a score is not the chance of a finding; write `probability: false`")
        unexplained = not isinstance(done, DropProxies) and done.kind != "reweigh"
        if self.explain and (unexplained or getattr(done, "strength", None) is not None):
            raise ValueError(
                f"under {done.kind} its lists cannot be explained column by column; write `explain: false`"
            )
        return self


def check_subjects(plans: Mapping[str, ModelPlan], subjects: Mapping[str, Subject | None]) -> Iterator[Problem]:
    """A mitigation acts on a fact of a place or an area only: a business may be one person, and a group of persons is never acted on.

    Parameters
    ----------
    subjects
        Per attribute of the dataset, what it is declared to be a fact of.
    """
    for name, plan in plans.items():
        if plan.mitigation is None or plan.mitigation.attribute not in subjects:
            continue
        attribute, where = plan.mitigation.attribute, f"models.{name}.mitigation.attribute"
        subject = subjects[attribute]
        if subject is None:
            yield Problem(
                where,
                f"dataset.yaml does not say whether `{attribute}` is a fact of a place or of an area.",
                f"Write `subject: place` or `subject: area` under attributes.{attribute}.",
            )
        elif subject == "business":
            yield Problem(
                where,
                f"`{attribute}` is a fact of a business, which may be one person; it may be audited and not acted on.",
                "Take an attribute of a place or an area.",
            )
