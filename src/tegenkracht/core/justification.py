"""Why a group is audited, and why a difference between groups is accepted: what a person must answer."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from tegenkracht.core.text import Text

Asked = Literal["aim", "suitability", "necessity", "proportionality"]
ASKED: tuple[Asked, ...] = get_args(Asked)
SIGNATURE = "signature"


class WhyAudited(BaseModel):
    """Why the groups of an attribute are looked at, and what harm they could come to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Text
    harm: Text


class Justification(BaseModel):
    """The four answers when a difference between groups is found (Algoritmekader ver-03, step 2; IAMA 4.2.3), and who signed them.

    `aim` which legitimate aim is served; `suitability` whether the list reaches it; `necessity` why no other way with a smaller difference will do;
    `proportionality` why the aim outweighs the difference. What is left out is shown as unfilled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    aim: Text | None = None
    suitability: Text | None = None
    necessity: Text | None = None
    proportionality: Text | None = None
    signed_by: Text | None = None
    signed_on: date | None = None

    @model_validator(mode="after")
    def _signature_is_whole(self) -> Justification:
        if (self.signed_by is None) != (self.signed_on is None):
            raise ValueError("a signature is `signed_by` with `signed_on`; fill in both, or leave both out")
        return self

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the four answers are not given, and `signature` when nobody signed."""
        unsigned = (SIGNATURE,) if self.signed_by is None else ()
        return (*(name for name in ASKED if getattr(self, name) is None), *unsigned)
