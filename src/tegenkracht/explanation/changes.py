"""What would have taken a place off the list: the smallest change of one or two facts that can be checked, to values that occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.models.fitting import FittedModel
from tegenkracht.models.store import scores_of

Floats = NDArray[np.float64]
State = Literal["found", "none", "no_facts", "whole_list", "not_asked", "untold"]

_TRIED = 12  # values of one fact that are tried
_PAIRED = 4  # values of one fact that are tried together with another's
_AT_ONCE = 200_000  # rows that are scored in one go


@dataclass(frozen=True)
class Change:
    """Other values that would have taken the place off the list.

    Parameters
    ----------
    state
        `found`; `none` when no change of one or two facts would do; `no_facts` when no fact of this place can move to where it gives less reason to
        look; `whole_list` when every place is on the list; `not_asked` when nobody asked;
        `untold` when there is one that would tell which place it is.
    values
        New value of each column that changes; columns of one fact change together.
    facts
        Names of the facts that change: one or two.
    step
        How far they change: mean difference in rank among comparable places (0 to 1), summed over facts.
    score
        Score after the change.
    """

    state: State
    values: Mapping[str, float]
    facts: tuple[str, ...] = ()
    step: float = 0.0
    score: float | None = None


@dataclass(frozen=True)
class Asked:
    """One place for which a change is wanted.

    Parameters
    ----------
    row
        Position in the fold's test rows.
    others
        Positions in the fold's test table of comparable places, whose values may be taken over: none whose facts the study leaves out.
    facts
        Columns of each fact that may change here, each with the sign of its declared direction: 1 when more is more reason to look, -1 when less is,
        0 when neither is claimed.
    below
        Score of the first place that is not on the list: a lower one is off it, when the others stay as they are. None when all are on it.
    """

    row: int
    others: NDArray[np.int64]
    facts: Mapping[str, Mapping[str, int]]
    below: float | None


@dataclass(frozen=True)
class _Try:
    """Values of one fact that are tried at one place."""

    fact: str
    values: Mapping[str, float]
    step: float


def changes(model: FittedModel, table: pd.DataFrame, asked: Sequence[Asked]) -> tuple[Change, ...]:
    """The smallest change for each place: one fact before two, and the smaller step before the larger (cf. Wachter et al. 2017; Karimi et al. 2021).

    All columns of a fact (`12 months`, `36 months`, `days since`) are taken over together from a place that has them, so that no combination is
    tried that nobody has; two facts may come from two places. A fact moves only to where it gives less reason to look by the dictionary: against the
    direction of a column, never along it, and a column without a direction stays as it is. What is not known is no value to move to, and none to move
    from. The model of the fold scores each, as it scored the place.

    Parameters
    ----------
    table
        The fold's test rows as the model saw them.
    """
    names = sorted({name for place in asked for signs in place.facts.values() for name in signs})
    columns = {name: table[name].to_numpy(dtype=np.float64) for name in names}
    tried = [_tries(columns, place) for place in asked]
    single = _scored(
        model, table, [(place.row, (one,)) for place, ones in zip(asked, tried, strict=True) for one in ones]
    )
    out: list[Change] = []
    paired: list[tuple[int, list[tuple[_Try, ...]]]] = []
    at = 0
    for place, ones in zip(asked, tried, strict=True):
        scores = single[at : at + len(ones)]
        at += len(ones)
        out.append(_of_place(place, [(one,) for one in ones], scores, empty="no_facts"))
        if out[-1].state == "none":
            paired.append((len(out) - 1, _pairs(ones, scores)))
    double = _scored(model, table, [(asked[i].row, pair) for i, pairs in paired for pair in pairs])
    at = 0
    for i, pairs in paired:
        out[i] = _of_place(asked[i], pairs, double[at : at + len(pairs)], empty="none")
        at += len(pairs)
    return tuple(out)


def _tries(columns: Mapping[str, Floats], place: Asked) -> list[_Try]:
    """Values of each fact that give less reason and occur at comparable places, at most `_TRIED`: half the most common ones, half spread over the rest."""
    found = []
    for fact, signs in place.facts.items():
        names = list(signs)
        seen = np.column_stack([columns[name][place.others] for name in names])
        seen = seen[~np.isnan(seen).any(axis=1)]
        own = np.array([columns[name][place.row] for name in names])
        values, counts = np.unique(seen, axis=0, return_counts=True)
        less = _less_reason(values - own, np.array(list(signs.values())))
        values, counts = values[less], counts[less]
        ranks, own_ranks = _ranks(seen, values), _ranks(seen, own[None, :])
        for i in _chosen(counts):
            step = float(np.abs(ranks[i] - own_ranks[0]).mean())
            found.append(_Try(fact, dict(zip(names, values[i].tolist(), strict=True)), step))
    return found


def _less_reason(moves: Floats, signs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which moves (value, column) give less reason to look: one column or more against its sign, none along it, none without a sign, none unknown."""
    along = moves * signs
    still = (signs != 0) | (moves == 0)
    return np.asarray((along <= 0).all(axis=1) & (along < 0).any(axis=1) & still.all(axis=1))


def _chosen(sizes: NDArray[np.int64]) -> list[int]:
    if len(sizes) <= _TRIED:
        return list(range(len(sizes)))
    common = np.argsort(-sizes, kind="stable")[: _TRIED // 2]
    rest = np.setdiff1d(np.arange(len(sizes)), common)
    spread = rest[np.linspace(0, len(rest) - 1, _TRIED - _TRIED // 2).round().astype(np.int64)]
    return sorted({*common.tolist(), *spread.tolist()})


def _ranks(seen: Floats, values: Floats) -> Floats:
    """Share of comparable places below each value (value, column), ties half."""
    ranks = []
    for known, wanted in zip(np.sort(seen, axis=0).T, values.T, strict=True):
        ends = np.searchsorted(known, wanted, "left") + np.searchsorted(known, wanted, "right")
        ranks.append(ends / (2 * max(len(known), 1)))
    return np.column_stack(ranks)


def _pairs(ones: Sequence[_Try], scores: Floats) -> list[tuple[_Try, ...]]:
    """Values of two facts at once: of each fact those that lower the score most."""
    best: dict[str, list[_Try]] = {}
    for i in np.argsort(scores, kind="stable"):
        of_fact = best.setdefault(ones[i].fact, [])
        if len(of_fact) < _PAIRED:
            of_fact.append(ones[i])
    return [(one, other) for a, b in combinations(sorted(best), 2) for one in best[a] for other in best[b]]


def _scored(model: FittedModel, table: pd.DataFrame, tries: Sequence[tuple[int, tuple[_Try, ...]]]) -> Floats:
    """Score of each place after each change."""
    scores = []
    for start in range(0, len(tries), _AT_ONCE):
        some = tries[start : start + _AT_ONCE]
        changed = table.iloc[[row for row, _ in some]].reset_index(drop=True)
        columns: dict[str, Floats] = {}
        for i, (_, both) in enumerate(some):
            for one in both:
                for name, value in one.values.items():
                    if name not in columns:
                        columns[name] = changed[name].to_numpy(dtype=np.float64, copy=True)
                    columns[name][i] = value
        scores.append(scores_of(model.estimator, changed.assign(**columns)))
    return np.concatenate(scores) if scores else np.zeros(0)


def _of_place(place: Asked, tries: Sequence[tuple[_Try, ...]], scores: Floats, *, empty: State) -> Change:
    """The smallest of the changes that take the place off the list."""
    if place.below is None:
        return Change("whole_list", {})
    if not tries:
        return Change(empty, {})
    off = [i for i in range(len(tries)) if scores[i] < place.below]
    if not off:
        return Change("none", {})
    best = min(off, key=lambda i: (sum(one.step for one in tries[i]), i))
    return Change(
        "found",
        {name: value for one in tries[best] for name, value in one.values.items()},
        tuple(one.fact for one in tries[best]),
        sum(one.step for one in tries[best]),
        float(scores[best]),
    )
