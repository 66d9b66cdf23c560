"""What only a person can answer of an indicator: whether it may be used, and what it has to do with the question."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from tegenkracht.core.text import Text

Question = Literal["allowed", "proxy", "quality", "relation", "limits"]
QUESTIONS: tuple[Question, ...] = get_args(Question)


class IndicatorAnswers(BaseModel):
    """Answers about one family of indicators, as Algoritmekader dat-02 asks them; what is left out is shown as unfilled.

    `allowed` by which rule it may be used; `proxy` why it may be used though it goes together with a group or an area; `quality` how good the
    records are; `relation` what it has to do with the outcome; `limits` where it says nothing. How it goes with findings in a
    random sample is measured, not answered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: Text | None = None
    proxy: Text | None = None
    quality: Text | None = None
    relation: Text | None = None
    limits: Text | None = None
