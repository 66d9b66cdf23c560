"""What a study is for, and what it may not be used for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.core.text import Text

UnitKind = Literal["place", "business", "area", "public_body"]
OF_AREAS: Sequence[UnitKind] = ("area", "public_body")
"""Units that are described by figures of areas; of a place or a business such a figure says nothing."""
SoleTraders = Literal["exclude", "business_facts_only"]


class Purpose(BaseModel):
    """Question, unit, outcome and limits of a study, as its author states them.

    A person is never a unit: `unit` has no such value. What an author leaves out (`legal_ground`) is shown as unfilled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    question: Text
    unit: UnitKind
    unit_name: Text = Field(description="What one unit is called, in the plural: shop premises")
    outcome: Text
    intended_use: tuple[Text, ...] = Field(min_length=1)
    out_of_scope: tuple[Text, ...] = Field(min_length=1)
    reading_guide: Text = Field(description="What a place on the list means, in one or two sentences")
    deployer: Text
    deployer_function: Text
    legal_ground: Text | None = None
    sole_traders: SoleTraders
