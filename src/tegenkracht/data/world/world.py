"""A world: how common the state is, how visits are chosen, and how well they detect."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.errors import wrong
from tegenkracht.core.text import Text
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.dictionary import Name
from tegenkracht.data.record_file import complaint, read_marked, validated

Chance = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Selection(_Record):
    """How much more likely a visit is, in log-odds, by what the visitors know; `tips` are in no table."""

    indicators: float
    deprivation: float
    group: float
    hits: float
    tips: float


class Sensitivity(_Record):
    """The chance that a visit finds something, by type of true state."""

    functional: Chance
    competitive: Chance
    relational: Chance


class World(_Record):
    """One entry of `conf/world/`.

    Parameters
    ----------
    prevalence
        By sector, the share of units in a true state other than none.
    budget
        By sector, the share of units that is visited in a quarter.
    proxies
        How much indicators depend on deprivation and group: 0 not at all, 1 as in the table of signals.
    random_share
        The share of the visits that is drawn by lot.
    inspector_effect
        Standard deviation between teams of the log of what they find.
    """

    name: Name
    about: Text
    prevalence: dict[Name, Share]
    budget: dict[Name, Share]
    proxies: Chance
    selection: Selection
    random_share: Chance
    inspector_effect: float = Field(ge=0, le=2)
    sensitivity: Sensitivity
    specificity: Chance

    @model_validator(mode="after")
    def _same_sectors(self) -> World:
        if set(self.prevalence) != set(self.budget):
            raise complaint("prevalence and budget do not name the same sectors.", "Give each sector both.")
        return self


def read_world(name: str) -> World:
    """One world by name.

    Raises
    ------
    InputError
        When there is no such world (it names those that there are), or its file does not hold.
    """
    if name not in worlds():
        raise wrong(
            f"world {name}", f"there is no file conf/world/{name}.yaml.", f"Choose one of: {', '.join(worlds())}."
        )
    return validated(read_marked(conf_folder() / "world" / f"{name}.yaml", where=f"conf/world/{name}.yaml"), World)


def worlds() -> tuple[str, ...]:
    """Names of the worlds that are described."""
    return tuple(sorted(path.stem for path in (conf_folder() / "world").glob("*.yaml")))
