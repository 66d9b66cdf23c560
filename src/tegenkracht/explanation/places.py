"""All that is told of one flagged place, as numbers: reasons that hold, how sure, what was missing, and what would have changed the flag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import Lists
from tegenkracht.core.feature import Feature, Risk
from tegenkracht.core.panel import Panel
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.changes import Asked, Change, changes
from tegenkracht.explanation.comparable import KEYS_COMPARED, Comparison, Typical, comparisons_of, typical
from tegenkracht.explanation.families import Together
from tegenkracht.explanation.refits import SURVIVES, Refits, agreement_of, first_sets
from tegenkracht.explanation.shown import Shown, shown
from tegenkracht.features.telling import Telling
from tegenkracht.models.fitting import FittedModel

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Changed = Literal["none", "last", "all"]

MATTERS = 0.02
"""Share of all contributions from which a column that is not known at a place is named."""
_RISKS: Sequence[Risk] = ("low", "medium", "high")


@dataclass(frozen=True)
class Reason:
    """One thing that spoke for a review.

    Parameters
    ----------
    families
        Families that are explained together here.
    feature
        The column that is told: of the facts in the set that may be told here, the one that added most.
    shown, typical
        Its value as it may be shown, and what is typical of comparable places.
    contribution
        Of the whole set, on the scale of the score.
    agreement
        Share of refits in which the set speaks for a review too; None without refits.
    """

    families: tuple[str, ...]
    feature: str
    shown: Shown
    typical: Typical
    contribution: float
    agreement: float | None


@dataclass(frozen=True)
class Altered:
    """One fact as it is and as it would have to be."""

    feature: str
    now: Shown
    then: Shown


@dataclass(frozen=True)
class Sure:
    """How sure the flag is: of `times` refits, the share that flags the place too, and the middle and ends of its rank over them."""

    times: int
    flagged: float
    rank: int
    low: int
    high: int


@dataclass(frozen=True)
class Place:
    """One flagged place.

    Parameters
    ----------
    row_id, as_of, fold
        Which row of the panel.
    sole_trader
        Whether the business is one person's.
    compared, comparable
        The comparable places, None when too few; and how many they are, as it may be shown.
    in_order
        Whether the reasons stand in order of size; otherwise in order of the dictionary, because too few places share the first.
    reasons
        Those that hold.
    withheld
        How many of the first reasons did not survive the refits.
    untold
        How many of them rest on no fact that may be told here: who inspects, figures of areas, facts that are left out, ties of a sole trader.
    missing
        Columns that matter and that nobody knows of this place.
    left_out
        How many columns the study leaves out of a sole trader's place.
    sure
        None without refits.
    change, altered
        What would have taken the place off the list.
    """

    row_id: str
    as_of: pd.Timestamp
    fold: str
    sole_trader: bool
    compared: Comparison | None
    comparable: Shown
    in_order: bool
    reasons: tuple[Reason, ...]
    withheld: int
    untold: int
    missing: tuple[str, ...]
    left_out: int
    sure: Sure | None
    change: Change
    altered: tuple[Altered, ...]


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


def places_of(
    panel: Panel,
    fitted: Sequence[FittedModel],
    attributions: Attributions,
    refits: Refits | None,
    together: Together,
    facts: Facts,
    *,
    changed: Changed,
) -> tuple[Place, ...]:
    """Every flagged place of the model's lists, in order of list and row id.

    Reasons are sets of columns that are explained together. A reason is told when its set adds to the score and, where the model was learnt again,
    does so in `SURVIVES` of the refits or more.

    Parameters
    ----------
    changed
        For the places of which lists it is asked what would have taken them off: a search, and so the costly part.
    """
    totals = pd.DataFrame(
        {name: attributions.values[list(columns)].sum(axis=1).to_numpy() for name, columns in together.members.items()},
        index=attributions.rows,
    )
    agreed = None if refits is None else agreement_of(refits, together.members, refits.flagged.tolist())
    share = attributions.values.abs().mean() / max(float(attributions.values.abs().mean().sum()), 1e-300)
    weights = _Weights(totals, agreed, share)
    lists = [(model, members) for model in fitted for members in _lists(panel, model, facts.lists)]
    out: list[Place] = []
    for i, (model, members) in enumerate(lists):
        asks = changed == "all" or (changed == "last" and i == len(lists) - 1)
        out += _places(panel, model, members, attributions, refits, together, weights, facts, asks=asks)
    return tuple(out)


def _lists(panel: Panel, model: FittedModel, lists: Lists) -> list[Positions]:
    """Places in the fold's test rows of each list: one for the window, or one for each date."""
    if lists == "whole_window":
        return [np.arange(len(model.fold.test))]
    dates = panel.rows["as_of"].to_numpy()[model.fold.test]
    return [np.flatnonzero(dates == date) for date in np.unique(dates)]


@dataclass(frozen=True)
class _Weights:
    """Totals and agreement of each set of columns per row, and the share that each column has in all contributions."""

    totals: pd.DataFrame
    agreed: pd.DataFrame | None
    share: pd.Series


def _places(
    panel: Panel,
    model: FittedModel,
    members: Positions,
    attributions: Attributions,
    refits: Refits | None,
    together: Together,
    weights: _Weights,
    facts: Facts,
    *,
    asks: bool,
) -> list[Place]:
    """The flagged places of one list."""
    tested = panel.rows.iloc[model.fold.test]
    on_list = tested.iloc[members]
    order = np.lexsort((on_list["row_id"].to_numpy(dtype=str), -model.scores[members]))
    listed = np.sort(order[: facts.capacity])
    below = None if len(order) <= facts.capacity else float(model.scores[members][order[facts.capacity]])
    around = on_list if facts.lists == "whole_window" else panel.rows[panel.rows["as_of"] == on_list["as_of"].iat[0]]
    around = around.astype(
        dict.fromkeys(KEYS_COMPARED, "category")
    )  # compared for every place: codes are quicker than words
    tellers = [_Teller(panel, around, int(i), model, facts) for i in around.index.get_indexer(on_list.index[listed])]
    found = [Change("not_asked", {})] * len(tellers)
    if asks:
        place_of = pd.Series(np.arange(len(tested)), tested.index)
        asked = [
            Asked(int(members[i]), _others(teller, place_of), teller.changeable(), below)
            for i, teller in zip(listed, tellers, strict=True)
        ]
        found = list(changes(model, model.test_table(panel), asked))
    explained_at = pd.Index(attributions.rows)
    made = [
        _place(
            teller,
            attributions.values.iloc[int(explained_at.get_indexer([teller.row_id])[0])],
            change,
            refits,
            together,
            weights,
        )
        for teller, change in zip(tellers, found, strict=True)
    ]
    return _ordered(made, together, facts.at_least)


def _others(teller: _Teller, place_of: pd.Series) -> Positions:
    """Comparable places among the fold's own test rows, whose values the model can be asked about; no sole traders, whose facts are left out."""
    if not teller.comparisons:
        return np.zeros(0, dtype=np.int64)
    rows = teller.around.iloc[teller.comparisons[-1].rows]
    whole = rows.index[~rows["unit_id"].isin(teller.facts.sole_traders)]
    return place_of.reindex(whole).dropna().to_numpy(dtype=np.int64)


@dataclass(frozen=True)
class _Teller:
    """What may be told of one place, and how it compares.

    `around` holds the panel's rows on the same date (or in the same window), with `KEYS_COMPARED` as categories, and `i` is the place among them.
    """

    panel: Panel
    around: pd.DataFrame
    i: int
    model: FittedModel
    facts: Facts

    @cached_property
    def row_id(self) -> str:
        """Of the place."""
        return str(self.around["row_id"].iat[self.i])

    @cached_property
    def sole_trader(self) -> bool:
        """Whether the business is one person's."""
        return str(self.around["unit_id"].iat[self.i]) in self.facts.sole_traders

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Comparable places, the nearest kind first."""
        return comparisons_of(self.around, self.i, at_least=self.facts.at_least)

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
        areas = self.around["area_code"].cat.codes.to_numpy()
        others = self._of_sector[areas[self._of_sector] != areas[self.i]]
        sizes = np.unique(areas[others], return_counts=True)[1] - 1.0
        return shown(n, np.append(sizes, n), "count", at_least=self.facts.at_least)

    @cached_property
    def _of_sector(self) -> Positions:
        """Positions of the rows around that are of the same sector, this one included."""
        sector = self.around["sector"]
        return np.flatnonzero((sector == sector.iat[self.i]).to_numpy(dtype=bool))

    @cached_property
    def _by_name(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in self.panel.features}

    def value(self, name: str) -> float:
        """The place's own value."""
        return float(self.around[name].to_numpy(dtype=np.float64)[self.i])

    def left_out(self, name: str) -> bool:
        """Whether the study leaves this fact out of this place."""
        return self.facts.blanked and self.sole_trader and self._by_name[name].subject == "place"

    def may_tell(self, name: str) -> bool:
        """Whether this column is a fact that may be told here.

        No figure of an area, which is no fact about one place; of a sole trader nothing about the place either, and no ties, because the party is a
        person.
        """
        told = self.facts.tellings.get(name)
        if told is None or name not in self._by_name or name in self.panel.kept_out:
            return False
        return not (self.sole_trader and (told.kind.startswith("links.") or self._by_name[name].subject == "place"))

    def changeable(self) -> dict[str, dict[str, int]]:
        """Columns of each family that are facts of the place or business itself, and no proxy to speak of, with the sign of their direction."""
        found: dict[str, dict[str, int]] = {}
        limit = _RISKS.index(self.facts.change_over)
        for feature in self.panel.features:
            name, family = feature.name, feature.family or feature.name
            sees = name in self.model.columns and name not in self.model.plan.off_when_scoring
            own = name in self.facts.tellings and self.facts.tellings[name].own
            if sees and own and _RISKS.index(feature.proxy_risk) <= limit and self.may_tell(name):
                found.setdefault(family, {})[name] = feature.monotone
        return found if self.comparisons else {}

    def shown(self, name: str, value: float) -> Shown:
        """A value of this column as it may be shown among places of this sector; of the surroundings, which neighbours share, among areas."""
        if self.left_out(name):
            return Shown("left_out")
        told, among = self.facts.tellings[name], self._of_sector
        values = self.around[name].to_numpy(dtype=np.float64)[among]
        shared_by = self.around["area_code"].cat.codes.to_numpy()[among].astype(np.int64) if told.around else None
        return shown(value, values, told.measure, at_least=self.facts.at_least, shared_by=shared_by)

    def typical(self, name: str) -> Typical:
        """What is typical of comparable places; for a figure of the surroundings, of places in all areas."""
        values = self.around[name].to_numpy(dtype=np.float64)
        groups = self.comparisons[-1:] if self.facts.tellings[name].around else self.comparisons
        return typical(values, groups, self.facts.tellings[name].measure, at_least=self.facts.at_least)


def _place(
    teller: _Teller,
    added: pd.Series,
    change: Change,
    refits: Refits | None,
    together: Together,
    weights: _Weights,
) -> Place:
    """One place from its teller, its contributions and what would have changed the flag."""
    reasons, withheld, untold = _reasons(teller, added, together, weights)
    return Place(
        row_id=teller.row_id,
        as_of=pd.Timestamp(teller.around["as_of"].to_numpy()[teller.i]),
        fold=teller.model.fold.name,
        sole_trader=teller.sole_trader,
        compared=teller.comparisons[0] if teller.comparisons else None,
        comparable=teller.comparable,
        in_order=True,
        reasons=reasons,
        withheld=withheld,
        untold=untold,
        missing=_missing(teller, weights.share),
        left_out=sum(teller.left_out(f.name) for f in teller.panel.features if f.name in teller.model.columns),
        sure=None if refits is None else _sure(refits, teller.row_id),
        change=change,
        altered=tuple(
            Altered(name, teller.shown(name, teller.value(name)), teller.shown(name, value))
            for name, value in change.values.items()
            if not _same(teller.value(name), value)
        ),
    )


def _reasons(
    teller: _Teller, added: pd.Series, together: Together, weights: _Weights
) -> tuple[tuple[Reason, ...], int, int]:
    """The first sets that add to the score, how many of them did not survive, and how many rest on no fact that may be told."""
    sizes = weights.totals.loc[[teller.row_id]].to_numpy(dtype=np.float64)
    names = [str(name) for name in weights.totals.columns]
    chosen = first_sets(sizes, at_most=teller.facts.at_most)[0]
    totals = {name: float(size) for name, size in zip(names, sizes[0], strict=True)}
    first = sorted((n for n, is_first in zip(names, chosen, strict=True) if is_first), key=lambda n: -totals[n])
    agreed = _agreed(weights, teller.row_id)
    kept = [name for name in first if agreed is None or agreed[name] >= SURVIVES]
    adds = {str(name): float(size) for name, size in added.items()}
    told = {name: _told(teller, {member: adds[member] for member in together.members[name]}) for name in kept}
    reasons = tuple(
        Reason(
            families=together.families[name],
            feature=feature,
            shown=teller.shown(feature, teller.value(feature)),
            typical=teller.typical(feature),
            contribution=totals[name],
            agreement=None if agreed is None else agreed[name],
        )
        for name, feature in told.items()
        if feature
    )
    return reasons, len(first) - len(kept), len(kept) - len(reasons)


def _agreed(weights: _Weights, row_id: str) -> dict[str, float] | None:
    """Share of refits in which each set speaks for a review of this place; None without refits."""
    if weights.agreed is None:
        return None
    shares = weights.agreed.loc[[row_id]].to_numpy(dtype=np.float64)[0]
    return {str(name): float(share) for name, share in zip(weights.agreed.columns, shares, strict=True)}


def _told(teller: _Teller, added: Mapping[str, float]) -> str:
    """The column that adds most at this place and is a fact that may be told here; empty when there is none."""
    ordered = sorted(added, key=lambda name: -added[name])
    return next((name for name in ordered if added[name] > 0 and teller.may_tell(name)), "")


def _missing(teller: _Teller, share: pd.Series) -> tuple[str, ...]:
    """Columns that nobody knows of this place and that move scores elsewhere, the heaviest first."""
    unknown = [
        str(name)
        for name, size in share.items()
        if size >= MATTERS
        and teller.may_tell(str(name))
        and teller.facts.tellings[str(name)].absent == "unknown"
        and not teller.left_out(str(name))
        and not np.isfinite(teller.value(str(name)))
    ]
    return tuple(sorted(unknown, key=lambda name: (-float(share[name]), name)))


def _sure(refits: Refits, row_id: str) -> Sure:
    at = int(np.flatnonzero(refits.flagged == row_id)[0])
    ranks = refits.ranks[:, at]
    low, middle, high = (int(x) for x in np.quantile(ranks, [0.05, 0.5, 0.95], method="nearest"))
    return Sure(len(ranks), float(refits.flags[:, at].mean()), middle, low, high)


def _ordered(made: Sequence[Place], together: Together, at_least: int) -> list[Place]:
    """The order of reasons is shown where enough places of the list have the same first; else they stand in order of the dictionary."""
    first = Counter(place.reasons[0].families for place in made if place.reasons)
    order = {families: n for n, families in enumerate(together.families.values())}
    return [
        place
        if not place.reasons or first[place.reasons[0].families] >= at_least
        else replace(
            place, in_order=False, reasons=tuple(sorted(place.reasons, key=lambda reason: order[reason.families]))
        )
        for place in made
    ]


def _same(one: float, other: float) -> bool:
    return one == other or (np.isnan(one) and np.isnan(other))
