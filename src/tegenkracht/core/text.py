"""A sentence in the two languages that every card is written in."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")


class Text(BaseModel):
    """The same sentence in Dutch (level B1) and English.

    Examples
    --------
    >>> Text(nl="winkelpand", en="shop premises").in_("nl")
    'winkelpand'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    nl: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, language: Language) -> str:
        """The sentence in one language."""
        return self.nl if language == "nl" else self.en
