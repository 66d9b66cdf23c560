"""A world: which mechanisms are switched on and how far, how common the state is, how visits are chosen and what they detect."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tegenkracht.core.errors import wrong
from tegenkracht.core.text import Text
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.dictionary import Name
from tegenkracht.data.record_file import read_marked, validated

Chance = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
WorldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_+]{0,62}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Switches(_Record):
    """The 17 mechanisms, each from 0 (off) to 1; what a world does not name is off.

    Parameters
    ----------
    selection_bias
        Visits go to group 1 and to deprived neighbourhoods for the same indicators.
    hidden_tips
        Visitors act on tips that follow the true state and stand in no table.
    feedback
        Visits go where something was found before.
    model_in_loop
        Visitors follow a model that is refitted each year on their own findings, instead of the sum of indicators.
    detection_gap
        The same visit finds more at units of group 1.
    inspector_effect
        Inspectors differ in what they find, and in how readily they go.
    proxies
        Indicators depend on deprivation and group, whatever the true state.
    true_gap
        The true state is more common in group 1.
    spatial
        Neighbouring areas share an effect on the true state that stands in no table.
    network
        The state spreads along parties and within clusters.
    label_lag
        Results of visits are known quarters later.
    drift
        Indicators lose their meaning over the ten years.
    adversary
        After a first visit, half of the cases hide their most manipulable indicators.
    er_noise
        Parties in `links` are split and merged by mistake.
    missing_by_inspection
        Some indicators are only seen at units that were just visited.
    ecological
        Deprivation works between areas and not between units within an area.
    relational_share
        More of the states are of the type that hardly any indicator shows.
    """

    selection_bias: Chance = 0
    hidden_tips: Chance = 0
    feedback: Chance = 0
    model_in_loop: Chance = 0
    detection_gap: Chance = 0
    inspector_effect: Chance = 0
    proxies: Chance = 0
    true_gap: Chance = 0
    spatial: Chance = 0
    network: Chance = 0
    label_lag: Chance = 0
    drift: Chance = 0
    adversary: Chance = 0
    er_noise: Chance = 0
    missing_by_inspection: Chance = 0
    ecological: Chance = 0
    relational_share: Chance = 0


class Visiting(_Record):
    """How units are chosen for a visit (methods D.6).

    Parameters
    ----------
    by
        `rule`: log-odds follow the sum of known indicators times `on_indicators`; `lot`: everyone has the same chance.
    lot_share
        Share of the budget that is drawn by lot and recorded as channel `random`.
    draw
        `poisson`: each unit by itself; `fixed`: as many visits each quarter as the budget, drawn one after another along a random order.
    inspectors
        `random` caseload, or by `area`.
    """

    by: Literal["rule", "lot"]
    on_indicators: float = Field(ge=0, le=5)
    lot_share: Chance
    draw: Literal["poisson", "fixed"]
    inspectors: Literal["random", "area"]


class Detection(_Record):
    """What a visit finds (methods D.7): by type of true state, of units without one, after appeal, and looked at twice."""

    functional: Chance
    competitive: Chance
    relational: Chance
    specificity: Chance
    overturned: Chance
    seen_twice: Chance
    inspector_sd: float = Field(ge=0, le=2)


class Space(_Record):
    """The unobserved effect of areas: its standard deviation when fully on, and how far it reaches."""

    effect_sd: float = Field(ge=0, le=3)
    range_km: float = Field(gt=0, le=20)


class World(_Record):
    """One entry of `conf/world/`.

    Parameters
    ----------
    about, must_show
        What the world is for, and what a good tool must show on it.
    prevalence
        Share of units in a true state other than none: `low`, `base` or `high` of each sector, or a share by sector.
    signal
        How strongly indicators follow the true state: 1 as in the methods, 0 not at all.
    end_after_finding
        Chance that a state ends in the quarter after a finding; 0 leaves the truth untouched by visits.
    budget
        Share of units visited in a quarter, by sector, where it differs from the sector's own.
    units
        Number of units by sector, whatever the scale, where it is not the sector's own; not for neighbourhoods and councils.
    """

    name: WorldName
    about: Text
    must_show: Text
    prevalence: Literal["low", "base", "high"] | dict[Name, Share]
    signal: float = Field(ge=0, le=3)
    end_after_finding: Chance
    switches: Switches
    visits: Visiting
    detection: Detection
    space: Space
    budget: dict[Name, Share] = Field(default_factory=dict)
    units: dict[Name, Annotated[int, Field(ge=20)]] = Field(default_factory=dict)


def read_world(name: str) -> World:
    """One world by name.

    Raises
    ------
    InputError
        When there is no such world (it names those that there are), or its file does not hold: an unknown switch, an intensity outside 0-1 …
    """
    if name not in worlds():
        raise wrong(
            f"world {name}", f"there is no file conf/world/{name}.yaml.", f"Choose one of: {', '.join(worlds())}."
        )
    return validated(read_marked(conf_folder() / "world" / f"{name}.yaml", where=f"conf/world/{name}.yaml"), World)


def worlds() -> tuple[str, ...]:
    """Names of the worlds that are described."""
    return tuple(sorted(path.stem for path in (conf_folder() / "world").glob("*.yaml")))
