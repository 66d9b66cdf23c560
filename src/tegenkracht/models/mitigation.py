"""What a study may do about a gap between groups of places: five kinds, each with the attribute that it is about.

An attribute is used here and nowhere else: while a model learns (weights, constraints, which columns are left out), or while a list is made
from finished scores (quota, threshold per group). It is never a column of a model, so a score never depends on the group of the place that is scored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.feature import Risk

Rate = Literal["selection_rate", "false_positive_rate", "true_positive_rate"]
Harm = Literal["selection_rate", "false_positive_rate"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str


class DropProxies(_Record):
    """Leave out columns that tell the group: by what the dictionary declares, by what training rows show, or both.

    Parameters
    ----------
    declared_risk
        Columns whose declared proxy risk is at least this are left out.
    strength
        Columns whose correlation ratio with the attribute, among training rows without a finding, is at least this are left out.
    """

    kind: Literal["drop_proxies"]
    declared_risk: Literal["medium", "high"] | None
    strength: float | None = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _says_something(self) -> DropProxies:
        if self.declared_risk is None and self.strength is None:
            raise ValueError("give `declared_risk`, `strength` or both; with neither, nothing is left out")
        return self


class Reweigh(_Record):
    """Weigh training rows until outcome and group are independent (Kamiran & Calders 2012)."""

    kind: Literal["reweigh"]


class ExponentiatedGradient(_Record):
    """Learn under a constraint (Agarwal et al. 2018, fairlearn).

    Parameters
    ----------
    equal
        What may differ between a group and everybody by at most `bound`, among training rows.
    flagged_from
        Chance from which a place counts as flagged while learning; errors are weighed accordingly.
    rounds
        Most rounds of the algorithm, each of which fits the model once.
    """

    kind: Literal["exponentiated_gradient"]
    equal: Rate
    bound: float = Field(gt=0, lt=1)
    flagged_from: float = Field(gt=0, lt=1)
    rounds: int = Field(ge=2, le=200)


class ThresholdOptimizer(_Record):
    """A threshold of its own for each group, chosen so that a rate is equal at every length of the list (Hardt et al. 2016).

    Parameters
    ----------
    equal
        The rate, as training rows show it.
    folds
        The rate of a score is read from scores that were made without the row itself; training units are dealt over so many parts.
    """

    kind: Literal["threshold_optimizer"]
    equal: Rate
    folds: int = Field(ge=2, le=20)


class Quota(_Record):
    """Divide the list over the groups, whatever its length, as seats are divided over parties (Sainte-Laguë 1910).

    Parameters
    ----------
    shares
        `population`: each group gets its share of the places that compete for the list. Or a share by value of the attribute; values
        that are not named divide the rest by their share of the places.
    """

    kind: Literal["quota"]
    shares: Literal["population"] | dict[str, Annotated[float, Field(gt=0, lt=1)]]

    @model_validator(mode="after")
    def _adds_up(self) -> Quota:
        if isinstance(self.shares, dict) and not 0 < sum(self.shares.values()) <= 1 + 1e-9:
            raise ValueError(f"the shares add up to {sum(self.shares.values()):g}; they may not exceed 1")
        return self


Mitigation = Annotated[
    DropProxies | Reweigh | ExponentiatedGradient | ThresholdOptimizer | Quota, Field(discriminator="kind")
]

OF_THE_LIST = (ThresholdOptimizer, Quota)
"""Kinds that re-order the list and leave the score as it is."""
OF_LEARNING = (Reweigh, ExponentiatedGradient)
"""Kinds that need a model that learns with weights."""


def aim_of(mitigation: Mitigation | None) -> Harm:
    """The gap that a mitigation is meant to narrow, and is judged by."""
    equal = getattr(mitigation, "equal", "selection_rate")
    return "false_positive_rate" if equal == "false_positive_rate" else "selection_rate"
