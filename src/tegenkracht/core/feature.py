"""What one column of a panel means, in words that a practitioner can check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tegenkracht.core.text import Text

Subject = Literal["place", "business", "area"]
Direction = Literal["+", "-", "±"]
OPPOSITE: Mapping[Direction, Direction] = {"+": "-", "-": "+", "±": "±"}
"""What a direction becomes when less of the column is more of the indicator: days since, distance to."""
Risk = Literal["low", "medium", "high"]
Person = Literal["never", "sole_trader", "always"]
"""Whether a column leads to a person: at no place, where the business is one person's, or everywhere."""
Availability = Literal["open", "licensed", "closed"]


class Feature(BaseModel):
    """One entry of the feature dictionary: name, definition sentence, source, and what can be wrong with it.

    `direction` is `+` when more means more reason to look, `-` when less does, `±` when neither is claimed; monotone models
    take their constraints from it. `manipulability` runs from 0 (cannot be changed cheaply) to 3 (a form field).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: Text
    definition: Text
    subject: Subject
    source: str
    window: str = Field(default="", description="Span that it looks back over, or empty")
    family: str = Field(
        default="", description="Event kind, measure or column that it is made from; members of a family correlate"
    )
    availability: Availability = "open"
    direction: Direction = "±"
    proxy_risk: Risk = "low"
    manipulability: int = Field(default=0, ge=0, le=3)
    leads_to_person: Person = Field(default="never", description="Where it does, no page about a place tells it")

    @property
    def monotone(self) -> int:
        """The sign of the constraint: 1, -1 or 0."""
        return {"+": 1, "-": -1, "±": 0}[self.direction]
