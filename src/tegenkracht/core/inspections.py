"""What people declare about how well an inspection sees, or how the data may tell it."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.text import Text


class Tally(BaseModel):
    """A share as it was counted: `found` of `of` known cases (sensitivity); or of known clean places, those where nothing was found (specificity)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    found: int = Field(ge=0)
    of: int = Field(gt=0)

    @model_validator(mode="after")
    def _part_of_whole(self) -> Self:
        if self.found > self.of:
            raise ValueError(f"{self.found} of {self.of} is not a share: `found` cannot be above `of`")
        return self

    @property
    def share(self) -> float:
        """The counted share."""
        return self.found / self.of


class DoubleVisits(BaseModel):
    """Two visits to one place by different inspectors, at most `within_days` apart, who looked at the same thing.

    Sensitivity is given from them when something was found at `at_least` places that were visited twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    within_days: int = Field(ge=0, le=366)
    at_least: int = Field(ge=10)


class Inspections(BaseModel):
    """How well an inspection sees: key `evaluate.inspections` of a study.

    Parameters
    ----------
    sensitivity
        Of known cases, in how many an inspection records something; used when double visits cannot say it.
    specificity
        Of known clean places, at how many an inspection records nothing; None takes it to be all.
    double_visits
        How sensitivity is read from places that were visited twice; None does not.
    why
        Who counted the tallies, where and when.

    Examples
    --------
    >>> counted = {"nl": "geteld", "en": "counted"}
    >>> Inspections(sensitivity={"found": 45, "of": 60}, specificity={"found": 198, "of": 200}, why=counted).sensitivity.share
    0.75
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sensitivity: Tally | None = None
    specificity: Tally | None = None
    double_visits: DoubleVisits | None = None
    why: Text | None = None

    @model_validator(mode="after")
    def _something_to_go_by(self) -> Self:
        if self.sensitivity is None and self.double_visits is None:
            raise ValueError("how well an inspection sees is not said; write `sensitivity`, `double_visits`, or both")
        if (self.sensitivity or self.specificity) and self.why is None:
            raise ValueError("a tally is declared; write in `why` who counted it, where and when")
        if self.sensitivity and self.specificity and self.sensitivity.share + self.specificity.share <= 1:
            total = self.sensitivity.share + self.specificity.share
            raise ValueError(
                f"sensitivity and specificity add up to {total:.2f}: such an inspection sees no more than chance, and nothing can be corrected; check both tallies"
            )
        return self
