"""What may be told of one place, and how it compares with those around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import Lists
from tegenkracht.core.feature import Feature, Risk
from tegenkracht.core.panel import Panel
from tegenkracht.explanation.comparable import KEYS_COMPARED, Comparison, Typical, comparisons_of, says, typical
from tegenkracht.explanation.others import Others
from tegenkracht.explanation.shown import Shown, holds, shown
from tegenkracht.features.telling import Telling
from tegenkracht.models.fitting import FittedModel

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

Untold = Literal["no_fact", "person", "says_nothing", "few"]
"""Why a fact is not told: it is none of this place, it leads to a person or a home, it is not beyond what is typical, or too few places would be left.

What happened at one of a few other places leads to a person too: a reason of its own for it would tell that something happened there.
"""

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
    others
        Whom each column that tells what happened at other places is about.
    proxies
        Columns that were measured to go with a figure of the area beyond the study's limit: they may not be changed either.
    capacity, lists
        Of a list.
    """

    tellings: Mapping[str, Telling]
    sole_traders: Collection[str]
    blanked: bool
    at_least: int
    at_most: int
    change_over: Risk
    others: Mapping[str, Others]
    proxies: Collection[str]
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
        """`KEYS_COMPARED` and cluster of each row as codes, which are compared quicker than words; a missing one is like no other."""
        codes = {name: pd.factorize(self.panel.rows[name])[0] for name in (*KEYS_COMPARED, "cluster_id")}
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
    def of_person(self) -> frozenset[str]:
        """Columns that lead to a person at every place."""
        return frozenset(name for name, feature in self.by_name.items() if feature.leads_to_person == "always")

    @cached_property
    def of_sole_trader(self) -> frozenset[str]:
        """Columns that lead to the person or the home of a sole trader: ties, because the party is a person, the place, and own findings."""
        ties = {name for name, told in self.facts.tellings.items() if told.kind.startswith("links.")}
        own = {name for name, feature in self.by_name.items() if feature.leads_to_person != "never"}
        return self.of_place | ties | own


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
        """`KEYS_COMPARED` and cluster of each as codes."""
        return {name: codes[self.rows] for name, codes in self.told.keys.items()}

    @cached_property
    def units(self) -> Floats | None:
        """Unit of each row as a code, where a unit may have more rows than one; else None: a row is a unit."""
        return self.keys["unit_id"] if self.told.facts.lists == "whole_window" else None

    @cached_property
    def listed(self) -> pd.Timestamp:
        """The date of the list, which is the last one of a window."""
        return pd.Timestamp(self.told.dates[self.rows].max())

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

    def comparable(self, group: Comparison) -> Shown:
        """How many comparable places there are.

        Their number in one area may be the number of that area alone, so that it is shown as a count that ten areas have (small-cell rule, over areas).
        """
        n = float(len(group.rows))
        if group.scope != "area":
            return Shown("exact", n, n)
        areas = self.around.keys["area_code"]
        others = self._of_sector[areas[self._of_sector] != areas[self.i]]
        sizes = np.unique(areas[others], return_counts=True)[1] - 1.0
        return shown(n, np.append(sizes, n), "count", at_least=self.facts.at_least)

    def known(self, name: str, beside: Typical, group: Comparison) -> Shown | None:
        """How many places what is typical of a column was taken from, as it may be shown; None when it is all of the group and this place.

        A column that some places miss (days since what never happened, what is left out of sole traders) is compared with fewer, or with others.
        """
        if beside.value is None or (beside.scope == group.scope and beside.n == len(group.rows) + 1):
            return None
        n = float(beside.n)
        if beside.scope != "area":
            return Shown("exact", n, n)
        have = self._of_sector[np.isfinite(self.around_of(name)[self._of_sector])]
        sizes = np.unique(self.around.keys["area_code"][have], return_counts=True)[1]
        return shown(n, sizes.astype(np.float64), "count", at_least=self.facts.at_least)

    def fitting(self, group: Comparison) -> Positions:
        """Places around, this one included, that a page may be about before it tells a fact: of its date, sector and legal form.

        What is typical of an area tells which area it is, so that beside an area only its own places fit.
        """
        legal = self.told.sole_traders[self.around.rows[self._of_sector]] == self.sole_trader
        fit = self._of_sector[legal]
        areas = self.around.keys["area_code"]
        return fit if group.scope != "area" else np.asarray(fit[areas[fit] == areas[self.i]])

    def enough(self, fit: Positions) -> bool:
        """Whether these are as many places as a page must fit."""
        units = self.around.units
        return (len(fit) if units is None else np.unique(units[fit]).size) >= self.facts.at_least

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
        return self.forbids(name) is None

    def forbids(self, name: str) -> Untold | None:
        """Why this column is no fact that may be told here, whatever its value; None when it may."""
        if name not in self.told.tellable:
            return "no_fact"
        persons = self.told.of_sole_trader if self.sole_trader else self.told.of_person
        return "person" if name in persons else None

    def why_not(self, name: str, fit: Positions, group: Comparison) -> Untold | None:
        """Why this column is no reason that may be told on a page which so far fits these places; None when it is one."""
        if why := self.forbids(name):
            return why
        sign, beside, value = self.told.by_name[name].monotone, self.typical(name, group), self.value(name)
        if not np.isfinite(value) or not says(Shown("exact", value, value), beside, sign):
            return "says_nothing"
        if says(self.shown(name, value, fit), beside, sign):
            return None
        return "person" if says(self._form(name, value, fit), beside, sign) else "few"

    def enough_others(self, name: str, told: Shown) -> bool:
        """Whether what is told may be about enough other places, where it is about others.

        A finding next door is that business's, and may be one person's: the place's own page would tell it of whoever lives or works there.
        """
        others = self.facts.others.get(name)
        if others is None:
            return True
        if others.by not in ("cluster_id", "area_code"):
            return others.within(self._distances[name], told.low or 0.0, told.high) >= self.facts.at_least
        keys, units = self.around.keys[others.by], self.around.keys["unit_id"]
        return np.unique(units[(keys == keys[self.i]) & (units != units[self.i])]).size >= self.facts.at_least

    @cached_property
    def _distances(self) -> dict[str, Floats]:
        """Metres to every other place that a column may be about."""
        rows = self.told.panel.rows
        unit_id, date = rows["unit_id"].iloc[self.row], rows["known_until"].iloc[self.row]
        return {name: others.distances(unit_id, date) for name, others in self.facts.others.items()}

    def changeable(self, held: Collection[str]) -> dict[str, dict[str, int]]:
        """Columns of each family that are facts of the place or business itself, and no proxy to speak of, with the sign of their direction.

        Parameters
        ----------
        held
            Columns of the families that speak for a review of this place in enough refits too: a reason that did not stay is no fact to look at first.
        """
        found: dict[str, dict[str, int]] = {}
        limit, model = _RISKS.index(self.facts.change_over), self.around.model
        for feature in self.told.panel.features:
            name, family = feature.name, feature.family or feature.name
            sees = name in held and name in model.columns and name not in model.plan.off_when_scoring
            own = name in self.facts.tellings and self.facts.tellings[name].own
            risky = _RISKS.index(feature.proxy_risk) > limit or name in self.facts.proxies
            if sees and own and not risky and self.may_tell(name):
                found.setdefault(family, {})[name] = feature.monotone
        return found if self.comparisons else {}

    def shown(self, name: str, value: float, fit: Positions | None = None) -> Shown:
        """A value of this column in the narrowest form that enough of some places share; of the surroundings, which neighbours share, enough areas.

        What happened at other places is told in a form that may be about enough of them, or not.

        Parameters
        ----------
        fit
            Those that fit what was told before; all of this sector when nothing was.
        """
        if self.left_out(name):
            return Shown("left_out")
        return self._form(name, value, fit, allowed=partial(self.enough_others, name))

    def _form(
        self, name: str, value: float, fit: Positions | None, allowed: Callable[[Shown], bool] | None = None
    ) -> Shown:
        """The narrowest form that enough places, or areas, share and that is allowed."""
        told, among = self.facts.tellings[name], self._of_sector if fit is None else fit
        units = self.around.units
        shared_by = self.around.keys["area_code"][among] if told.around else None if units is None else units[among]
        values, at_least = self.around_of(name)[among], self.facts.at_least
        return shown(value, values, told.measure, at_least=at_least, shared_by=shared_by, allowed=allowed)

    def still(self, name: str, told: Shown, fit: Positions) -> Positions:
        """Which of the places fit when this is told too."""
        return fit[holds(told, self.around_of(name)[fit])]

    def around_of(self, name: str) -> Floats:
        """One column over the rows around."""
        return self.told.columns[name][self.around.rows]

    def typical(self, name: str, group: Comparison) -> Typical:
        """What is typical of a group, this place included: without it, the figure would tell the place's own value. Of the surroundings, in all areas."""
        told = self.facts.tellings[name]
        wider = [other for other in self.comparisons if other.scope == "sector"]
        groups = wider if told.around or group.scope == "sector" else [group, *wider]
        with_own = [replace(one, rows=np.append(one.rows, self.i)) for one in groups]
        return typical(self.around_of(name), with_own, told.measure, at_least=self.facts.at_least)
