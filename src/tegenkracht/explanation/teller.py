"""What may be told of one place, and how it compares with those around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import Lists
from tegenkracht.core.feature import Feature, Risk
from tegenkracht.core.panel import Panel
from tegenkracht.explanation.comparable import KEYS_COMPARED, Comparison, Typical, comparisons_of, typical
from tegenkracht.explanation.shown import Shown, shown
from tegenkracht.features.telling import Telling
from tegenkracht.models.fitting import FittedModel

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

_RISKS: Sequence[Risk] = ("low", "medium", "high")


@dataclass(frozen=True)
class Facts:
    """What the telling of places needs beside panel and model.

    Parameters
    ----------
    tellings
        How each column is told; a column that is not there is no fact about a place (who inspects, and why).
    sole_traders
        Units whose business is one person's.
    blanked
        Whether facts about the place of a sole trader are left out by the study.
    at_least
        Smallest number of places that a number may be about.
    at_most
        Reasons per place.
    change_over
        Largest proxy risk of a fact that may be changed.
    capacity, lists
        Of a list.
    """

    tellings: Mapping[str, Telling]
    sole_traders: Collection[str]
    blanked: bool
    at_least: int
    at_most: int
    change_over: Risk
    capacity: int
    lists: Lists


@dataclass(frozen=True)
class Told:
    """What is the same for every place that is told: each is made once, for all rows of the panel."""

    panel: Panel
    facts: Facts

    @cached_property
    def ids(self) -> NDArray[np.str_]:
        """`row_id` of each row."""
        return self.panel.rows["row_id"].to_numpy(dtype=str)

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """`as_of` of each row."""
        return self.panel.rows["as_of"].to_numpy()

    @cached_property
    def keys(self) -> dict[str, Floats]:
        """`KEYS_COMPARED` of each row as codes, which are compared quicker than words; a missing one is like no other."""
        codes = {name: pd.factorize(self.panel.rows[name])[0] for name in KEYS_COMPARED}
        return {name: np.where(of < 0, np.nan, of) for name, of in codes.items()}

    @cached_property
    def sole_traders(self) -> NDArray[np.bool_]:
        """Whether the business of each row is one person's."""
        return self.panel.rows["unit_id"].isin(self.facts.sole_traders).to_numpy(dtype=bool)

    @cached_property
    def columns(self) -> _Columns:
        """Every column over the rows."""
        return _Columns(self.panel.rows)

    @cached_property
    def by_name(self) -> dict[str, Feature]:
        """The dictionary."""
        return {feature.name: feature for feature in self.panel.features}

    @cached_property
    def of_place(self) -> frozenset[str]:
        """Columns about the place, not its business or its area."""
        return frozenset(name for name, feature in self.by_name.items() if feature.subject == "place")

    @cached_property
    def tellable(self) -> frozenset[str]:
        """Columns that are facts which may be told of a place.

        No figure of an area, which is no fact about one place, and nothing that has no telling: who inspects.
        """
        told = self.by_name.keys() & self.facts.tellings.keys()
        return frozenset(name for name in told if name not in self.panel.kept_out)

    @cached_property
    def tellable_of_person(self) -> frozenset[str]:
        """Those of a sole trader: nothing about the place either, and no ties, because the party is a person."""
        ties = {name for name in self.tellable if self.facts.tellings[name].kind.startswith("links.")}
        return self.tellable - self.of_place - ties


class _Columns(dict[str, Floats]):
    """Columns of a table as numbers, each taken out once."""

    def __init__(self, rows: pd.DataFrame) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, name: str) -> Floats:
        self[name] = taken = self.rows[name].to_numpy(dtype=np.float64)
        return taken


@dataclass(frozen=True)
class Around:
    """The rows on one date (or in one window), as positions in the panel, which the places of a list are among."""

    told: Told
    rows: Positions
    model: FittedModel

    @cached_property
    def keys(self) -> dict[str, Floats]:
        """`KEYS_COMPARED` of each as codes."""
        return {name: codes[self.rows] for name, codes in self.told.keys.items()}

    @cached_property
    def columns_of_place(self) -> int:
        """How many of the model's columns are about the place."""
        return len(self.told.of_place.intersection(self.model.columns))


@dataclass(frozen=True)
class Teller:
    """What may be told of one place, and how it compares; `i` is its position in the rows around."""

    around: Around
    i: int

    @cached_property
    def told(self) -> Told:
        """What is the same for every place."""
        return self.around.told

    @cached_property
    def facts(self) -> Facts:
        """What the telling needs beside panel and model."""
        return self.told.facts

    @cached_property
    def row(self) -> int:
        """Position of the place in the panel."""
        return int(self.around.rows[self.i])

    @cached_property
    def row_id(self) -> str:
        """Of the place."""
        return str(self.told.ids[self.row])

    @cached_property
    def sole_trader(self) -> bool:
        """Whether the business is one person's."""
        return bool(self.told.sole_traders[self.row])

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Comparable places, the nearest kind first."""
        return comparisons_of(self.around.keys, self.i, at_least=self.facts.at_least)

    @cached_property
    def comparable(self) -> Shown:
        """How many comparable places there are.

        Their number in one area may be the number of that area alone, so that it is shown as a count that ten areas have (small-cell rule, over areas).
        """
        if not self.comparisons:
            return Shown("missing")
        first = self.comparisons[0]
        n = float(len(first.rows))
        if first.scope != "area":
            return Shown("exact", n, n)
        areas = self.around.keys["area_code"]
        others = self._of_sector[areas[self._of_sector] != areas[self.i]]
        sizes = np.unique(areas[others], return_counts=True)[1] - 1.0
        return shown(n, np.append(sizes, n), "count", at_least=self.facts.at_least)

    @cached_property
    def _of_sector(self) -> Positions:
        """Positions of the rows around that are of the same sector, this one included."""
        sectors = self.around.keys["sector"]
        return np.flatnonzero(sectors == sectors[self.i])

    def value(self, name: str) -> float:
        """The place's own value."""
        return float(self.told.columns[name][self.row])

    def left_out(self, name: str) -> bool:
        """Whether the study leaves this fact out of this place."""
        return self.facts.blanked and self.sole_trader and name in self.told.of_place

    def may_tell(self, name: str) -> bool:
        """Whether this column is a fact that may be told here."""
        return name in (self.told.tellable_of_person if self.sole_trader else self.told.tellable)

    def changeable(self) -> dict[str, dict[str, int]]:
        """Columns of each family that are facts of the place or business itself, and no proxy to speak of, with the sign of their direction."""
        found: dict[str, dict[str, int]] = {}
        limit, model = _RISKS.index(self.facts.change_over), self.around.model
        for feature in self.told.panel.features:
            name, family = feature.name, feature.family or feature.name
            sees = name in model.columns and name not in model.plan.off_when_scoring
            own = name in self.facts.tellings and self.facts.tellings[name].own
            if sees and own and _RISKS.index(feature.proxy_risk) <= limit and self.may_tell(name):
                found.setdefault(family, {})[name] = feature.monotone
        return found if self.comparisons else {}

    def shown(self, name: str, value: float) -> Shown:
        """A value of this column as it may be shown among places of this sector; of the surroundings, which neighbours share, among areas."""
        if self.left_out(name):
            return Shown("left_out")
        told, among = self.facts.tellings[name], self._of_sector
        shared_by = self.around.keys["area_code"][among] if told.around else None
        values = self.told.columns[name][self.around.rows[among]]
        return shown(value, values, told.measure, at_least=self.facts.at_least, shared_by=shared_by)

    def typical(self, name: str) -> Typical:
        """What is typical of comparable places; for a figure of the surroundings, of places in all areas."""
        told = self.facts.tellings[name]
        groups = self.comparisons[-1:] if told.around else self.comparisons
        values = self.told.columns[name][self.around.rows]
        return typical(values, groups, told.measure, at_least=self.facts.at_least)
