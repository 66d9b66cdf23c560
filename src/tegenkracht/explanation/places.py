"""All that is told of one flagged place, as numbers: reasons that hold, how sure, what was missing, and what would have changed the flag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.panel import Panel
from tegenkracht.explanation.attributions import Attributions
from tegenkracht.explanation.changes import Asked, Change, changes
from tegenkracht.explanation.comparable import Comparison, Typical
from tegenkracht.explanation.families import Together
from tegenkracht.explanation.refits import SURVIVES, Refits, agreement_of, first_sets
from tegenkracht.explanation.shown import Shown, overlap
from tegenkracht.explanation.teller import Around, Facts, Teller, Told, Untold
from tegenkracht.models.fitting import FittedModel

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Changed = Literal["none", "last", "all"]

MATTERS = 0.02
"""Share of all contributions from which a column that is not known at a place is named."""


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
    known
        Of how many places that is typical, as it may be shown; None when it is of all that the place is compared with, and of the place.
    agreement
        Share of refits in which the set speaks for a review too; None without refits.
    """

    families: tuple[str, ...]
    feature: str
    shown: Shown
    typical: Typical
    known: Shown | None
    agreement: float | None


@dataclass(frozen=True)
class Altered:
    """One fact as it is and as it would have to be; `now` is withheld when the page would fit too few places with it."""

    feature: str
    now: Shown
    then: Shown


@dataclass(frozen=True)
class Sure:
    """How sure the flag is: of `times` refits, the share that flags the place too, and the middle, smallest and largest of its ranks."""

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
    listed
        The date of the list, which a page tells: the last one of a window.
    sole_trader
        Whether the business is one person's.
    compared, comparable
        The places that its facts stand beside, None when too few; and how many they are, as it may be shown.
    in_order
        Whether the reasons stand in order of size; otherwise in order of the dictionary, because too few places share the first.
    reasons
        Those that hold.
    withheld
        How many of the first reasons did not survive the refits.
    untold
        How many of those that survived are not told, by why not: of the fact of the set that adds most.
    missing
        Columns that matter and that nobody knows of this place; None when the page would fit too few places with it.
    left_out
        How many columns the study leaves out of a sole trader's place.
    sure
        None without refits.
    change, altered
        What would have taken the place off the list.
    """

    row_id: str
    as_of: pd.Timestamp
    listed: pd.Timestamp
    fold: str
    sole_trader: bool
    compared: Comparison | None
    comparable: Shown
    in_order: bool
    reasons: tuple[Reason, ...]
    withheld: int
    untold: Mapping[Untold, int]
    missing: tuple[str, ...] | None
    left_out: int
    sure: Sure | None
    change: Change
    altered: tuple[Altered, ...]


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
    does so in `SURVIVES` of the refits or more; and while all that the page tells still fits `at_least` places of its date.

    Parameters
    ----------
    changed
        For the places of which lists it is asked what would have taken them off: a search, and so the costly part.
    """
    weights = _weights(attributions, together, at_most=facts.at_most)
    again = None if refits is None else _again(refits, together)
    told = Told(panel, facts)
    lists = [(model, members) for model in fitted for members in _lists(told, model)]
    out: list[Place] = []
    for i, (model, members) in enumerate(lists):
        asks = changed == "all" or (changed == "last" and i == len(lists) - 1)
        out += _places(told, model, members, together, weights, again, asks=asks)
    return tuple(out)


def _lists(told: Told, model: FittedModel) -> list[Positions]:
    """Places in the fold's test rows of each list: one for the window, or one for each date."""
    if told.facts.lists == "whole_window":
        return [np.arange(len(model.fold.test))]
    dates = told.dates[model.fold.test]
    return [np.flatnonzero(dates == date) for date in np.unique(dates)]


@dataclass(frozen=True)
class _Weights:
    """What columns and sets of columns add at the explained rows.

    Parameters
    ----------
    at
        Which line is which `row_id`.
    columns, added
        Names of the columns, and what each adds: (row, column).
    totals, first
        What each set adds, in the order of the sets, and whether it is one of the row's first reasons: (row, set).
    matter
        Columns with `MATTERS` or more of all contributions, the heaviest first.
    """

    at: Mapping[str, int]
    columns: tuple[str, ...]
    added: Floats
    totals: Floats
    first: NDArray[np.bool_]
    matter: tuple[str, ...]


@dataclass(frozen=True)
class _Again:
    """What the refits say of each flagged place: `at` is its line, `agreed` the share of refits in which each set speaks for a review, (place, set)."""

    at: Mapping[str, int]
    agreed: Floats
    sure: tuple[Sure, ...]


def _weights(attributions: Attributions, together: Together, *, at_most: int) -> _Weights:
    """Everything that is counted over the explained rows, once."""
    values = attributions.values
    share = values.abs().mean() / max(float(values.abs().mean().sum()), 1e-300)
    matter = {str(name): float(size) for name, size in share.items() if size >= MATTERS}
    totals = np.column_stack([values[list(columns)].sum(axis=1).to_numpy() for columns in together.members.values()])
    return _Weights(
        at=_lines(attributions.rows),
        columns=tuple(str(name) for name in values.columns),
        added=values.to_numpy(dtype=np.float64),
        totals=totals,
        first=first_sets(totals, at_most=at_most),
        matter=tuple(sorted(matter, key=lambda name: (-matter[name], name))),
    )


def _again(refits: Refits, together: Together) -> _Again:
    """Everything that is counted over the refits, once."""
    ranks = np.quantile(refits.ranks, [0, 0.5, 1], axis=0, method="nearest").astype(np.int64).tolist()
    flagged = refits.flags.mean(axis=0).tolist()
    sure = tuple(
        Sure(len(refits.ranks), share, middle, low, high)
        for share, low, middle, high in zip(flagged, *ranks, strict=True)
    )
    agreed = agreement_of(refits, together.members, refits.flagged.tolist()).to_numpy(dtype=np.float64)
    return _Again(_lines(refits.flagged), agreed, sure)


def _lines(rows: NDArray[np.str_]) -> dict[str, int]:
    """Where each row id stands."""
    return {row: i for i, row in enumerate(rows.tolist())}


def _places(
    told: Told,
    model: FittedModel,
    members: Positions,
    together: Together,
    weights: _Weights,
    again: _Again | None,
    *,
    asks: bool,
) -> list[Place]:
    """The flagged places of one list."""
    facts, on_list = told.facts, model.fold.test[members]
    order = np.lexsort((told.ids[on_list], -model.scores[members]))
    listed = np.sort(order[: facts.capacity])
    below = None if len(order) <= facts.capacity else float(model.scores[members][order[facts.capacity]])
    whole = facts.lists == "whole_window"
    rows = on_list if whole else np.flatnonzero(told.dates == told.dates[on_list[0]])
    around = Around(told, rows, model)
    tellers = [Teller(around, int(i)) for i in (listed if whole else np.searchsorted(rows, on_list[listed]))]
    found = [Change("not_asked", {})] * len(tellers)
    if asks:
        among_tested = np.full(len(told.dates), -1)
        among_tested[model.fold.test] = np.arange(len(model.fold.test))
        asked = [
            Asked(
                int(members[i]),
                _others(teller, among_tested[rows]),
                teller.changeable(_held(teller, together, again)),
                below,
            )
            for i, teller in zip(listed, tellers, strict=True)
        ]
        found = list(changes(model, model.test_table(told.panel), asked))
    made = [_place(teller, change, together, weights, again) for teller, change in zip(tellers, found, strict=True)]
    return _ordered(made, together, facts.at_least)


def _held(teller: Teller, together: Together, again: _Again | None) -> frozenset[str]:
    """Columns of the sets that survived the refits for this place; all of them without refits."""
    agreed = np.ones(len(together.members)) if again is None else again.agreed[again.at[teller.row_id]]
    sets = zip(together.members.values(), agreed.tolist(), strict=True)
    return frozenset(name for columns, share in sets if share >= SURVIVES for name in columns)


def _others(teller: Teller, among_tested: Positions) -> Positions:
    """Comparable places among the fold's own test rows, whose values the model can be asked about; no sole traders, whose facts are left out.

    Parameters
    ----------
    among_tested
        Position of each row around among the fold's test rows; -1 where it is none.
    """
    if not teller.comparisons:
        return np.zeros(0, dtype=np.int64)
    around, rows = teller.around, teller.comparisons[-1].rows
    at = among_tested[rows[~around.told.sole_traders[around.rows[rows]]]]
    return at[at >= 0]


@dataclass(frozen=True)
class _Page:
    """What is told of one place beside one group, and which places around still fit all of it."""

    group: Comparison | None
    reasons: tuple[Reason, ...]
    untold: Mapping[Untold, int]
    fit: Positions


def _place(teller: Teller, change: Change, together: Together, weights: _Weights, again: _Again | None) -> Place:
    """One place from its teller, its contributions and what would have changed the flag."""
    agreed = None if again is None else again.agreed[again.at[teller.row_id]].tolist()
    first = _first(teller, weights)
    kept = [i for i in first if agreed is None or agreed[i] >= SURVIVES]
    pages = [_page(teller, group, kept, together, weights, agreed) for group in teller.comparisons]
    page = max(pages, key=lambda page: len(page.reasons), default=_untold(kept))
    missing, fit = _missing(teller, weights.matter, page.fit)
    change, altered = _altered(teller, change, page.reasons, fit)
    return Place(
        row_id=teller.row_id,
        as_of=pd.Timestamp(teller.told.dates[teller.row]),
        listed=teller.around.listed,
        fold=teller.around.model.fold.name,
        sole_trader=teller.sole_trader,
        compared=page.group,
        comparable=Shown("missing") if page.group is None else teller.comparable(page.group),
        in_order=True,
        reasons=page.reasons,
        withheld=len(first) - len(kept),
        untold=page.untold,
        missing=missing,
        left_out=teller.around.columns_of_place if teller.facts.blanked and teller.sole_trader else 0,
        sure=None if again is None else again.sure[again.at[teller.row_id]],
        change=change,
        altered=altered,
    )


def _first(teller: Teller, weights: _Weights) -> list[int]:
    """The first sets that add to the score, the heaviest first."""
    at = weights.at[teller.row_id]
    return sorted(np.flatnonzero(weights.first[at]).tolist(), key=lambda i: -weights.totals[at, i])


def _untold(kept: Sequence[int]) -> _Page:
    """Beside nothing, nothing can be told: there are too few places."""
    return _Page(None, (), {"few": len(kept)} if kept else {}, np.zeros(0, dtype=np.int64))


def _page(
    teller: Teller,
    group: Comparison,
    kept: Sequence[int],
    together: Together,
    weights: _Weights,
    agreed: Sequence[float] | None,
) -> _Page:
    """Reasons by weight, each in the narrowest form with which all that is told still fits enough places; one that has no such form is not told.

    Parameters
    ----------
    kept
        The sets that survived, the heaviest first.
    agreed
        Share of refits in which each set speaks for a review of this place; None without refits.
    """
    at, sets = weights.at[teller.row_id], list(together.members.items())
    adds = dict(zip(weights.columns, weights.added[at].tolist(), strict=True))
    fit, reasons, untold = teller.fitting(group), [], Counter[Untold]()
    for i in kept:
        members = sorted((name for name in sets[i][1] if adds[name] > 0), key=lambda name: -adds[name])
        why = {name: teller.why_not(name, fit, group) for name in members}
        feature = next((name for name in members if why[name] is None), None)
        if feature is None:
            untold[next((reason for reason in why.values() if reason), "no_fact")] += 1
            continue
        told = teller.shown(feature, teller.value(feature), fit)
        fit = teller.still(feature, told, fit)
        beside = teller.typical(feature, group)
        reasons.append(
            Reason(
                families=together.families[sets[i][0]],
                feature=feature,
                shown=told,
                typical=beside,
                known=teller.known(feature, beside, group),
                agreement=None if agreed is None else agreed[i],
            )
        )
    return _Page(group, tuple(reasons), dict(untold), fit)


def _missing(teller: Teller, matter: Sequence[str], fit: Positions) -> tuple[tuple[str, ...] | None, Positions]:
    """Columns that nobody knows of this place and that move scores elsewhere, the heaviest first; and which places fit when that is told.

    It tells of each column that weighs whether it is known, so that only places of which the same is known fit.
    """
    weigh = [
        name
        for name in matter
        if teller.may_tell(name) and teller.facts.tellings[name].absent == "unknown" and not teller.left_out(name)
    ]
    alike = fit
    for name in weigh:
        known = np.isfinite(teller.around_of(name)[alike])
        alike = alike[known == bool(np.isfinite(teller.value(name)))]
    if not teller.enough(alike):
        return None, fit
    return tuple(name for name in weigh if not np.isfinite(teller.value(name))), alike


def _altered(
    teller: Teller, change: Change, reasons: Sequence[Reason], fit: Positions
) -> tuple[Change, tuple[Altered, ...]]:
    """What would have taken the place off the list as it may be told; the state `untold` where the page would fit too few places with it.

    A change tells that the place has more reason to look than the value that it would have, and so does not fit places that have that value. Where the
    value that it has and the one that it would have can only be told in bands that share a value, they tell no change.
    """
    moved = {name: value for name, value in change.values.items() if not _same(teller.value(name), value)}
    for name, value in moved.items():
        sign = teller.told.by_name[name].monotone
        fit = fit[(teller.around_of(name)[fit] - value) * sign > 0]
    if moved and not teller.enough(fit):
        return Change("untold", {}), ()
    told = {reason.feature: reason.shown for reason in reasons}
    altered = []
    for name, value in moved.items():
        now = told.get(name) or teller.shown(name, teller.value(name), fit)
        fit = teller.still(name, now, fit)
        altered.append(Altered(name, now, teller.shown(name, value)))
    if any(overlap(one.now, one.then) for one in altered):
        return Change("untold", {}), ()
    return change, tuple(altered)


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
