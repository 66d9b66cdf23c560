"""Lists that are divided over groups: the scores stay as they are, the order of the places changes.

What comes out is an *order value* in (0, 1], high first, without ties: it stands where a score stands, but it is a place on a list and not a chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.models.mitigation import Rate

Floats = NDArray[np.float64]
Groups = NDArray[np.str_]

LEAST = 30
"""Training rows that a group needs for a curve of its own; a smaller one, or one that is new, takes the curve of everybody."""


@dataclass(frozen=True)
class Levels:
    """What share of a group's training rows has at least a certain score.

    Parameters
    ----------
    curves
        Per group the scores of its training rows that count (all of them, those without or with a finding), sorted.
    everyone
        The same of all groups together.
    """

    curves: Mapping[str, Floats]
    everyone: Floats

    @classmethod
    def of(cls, scores: Floats, outcome: NDArray[np.int64], groups: Groups, *, equal: Rate) -> Levels:
        """Curves of training rows whose scores were made without them."""
        counts = {
            "selection_rate": np.ones(outcome.size, bool),
            "false_positive_rate": outcome == 0,
            "true_positive_rate": outcome == 1,
        }[equal]
        own = {str(group): np.sort(scores[counts & (groups == group)]) for group in np.unique(groups)}
        return cls({group: curve for group, curve in own.items() if curve.size >= LEAST}, np.sort(scores[counts]))

    def at(self, scores: Floats, groups: Groups) -> Floats:
        """Per row the rate that its group would have if the threshold were its score."""
        out = np.empty(scores.size)
        for group in np.unique(groups):
            rows, curve = groups == group, self.curves.get(str(group), self.everyone)
            out[rows] = 1 - np.searchsorted(curve, scores[rows], side="left") / max(curve.size, 1)
        return out

    def as_plain(self) -> dict[str, object]:
        """For `levels.json`."""
        return {
            "curves": {group: curve.tolist() for group, curve in self.curves.items()},
            "everyone": self.everyone.tolist(),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Mapping[str, list[float]] | list[float]]) -> Levels:
        """From `levels.json`."""
        curves, everyone = plain["curves"], plain["everyone"]
        assert isinstance(curves, Mapping)  # noqa: S101 - as `as_plain` writes it
        return cls({group: np.array(curve) for group, curve in curves.items()}, np.array(everyone))


def by_level(scores: Floats, groups: Groups, levels: Levels, *, lot: NDArray[np.uint64]) -> Floats:
    """One list in order of the rate of each group, so that at any length every group is at the same rate (on training rows).

    Hardt, Price & Srebro, Equality of opportunity in supervised learning, NIPS 2016. fairlearn's `ThresholdOptimizer` chooses how many
    places are flagged; here the list says so, and at the length that fairlearn chooses both flag the same places. Within a step of the
    curves the score decides, then `lot`.
    """
    return _values(np.lexsort((lot, -scores, levels.at(scores, groups))))


def by_quota(scores: Floats, groups: Groups, shares: Mapping[str, float], *, lot: NDArray[np.uint64]) -> Floats:
    """One list in which, at any length, every group has its share, each by its own best scores (equal scores by `lot`).

    The j-th place of a group with share s comes at (j - 1/2) / s: the divisor method of Sainte-Laguë (1910), which is nearest to
    proportional. A group that has no more places leaves the rest to the others.

    Examples
    --------
    >>> scores, groups = np.array([0.9, 0.8, 0.7, 0.6]), np.array(["a", "a", "a", "b"])
    >>> by_quota(scores, groups, {"a": 0.5, "b": 0.5}, lot=np.arange(4, dtype=np.uint64)).argsort()[::-1].tolist()
    [0, 3, 1, 2]
    """
    best_first = np.lexsort((lot, -scores))
    own_rank = np.empty(scores.size)
    own_rank[best_first] = pd.Series(best_first).groupby(groups[best_first]).cumcount().to_numpy() + 0.5
    share = pd.Series(groups).map(dict(shares)).fillna(0.0).to_numpy(np.float64)
    due = np.divide(own_rank, share, out=np.full(scores.size, np.inf), where=share > 0)
    return _values(np.lexsort((lot, -scores, due)))


def shares_of(groups: Groups, asked: Mapping[str, float] | None) -> dict[str, float]:
    """The share of each group: as asked, and what is left by its part of the places; None asks for nothing.

    Examples
    --------
    >>> shares_of(np.array(["a", "b", "b", "c"]), {"a": 0.4})
    {'a': 0.4, 'b': 0.4, 'c': 0.2}
    """
    values, sizes = np.unique(groups, return_counts=True)
    named = dict(asked or {})
    rest = {str(v): int(n) for v, n in zip(values, sizes, strict=True) if str(v) not in named}
    left, places = max(0.0, 1 - sum(named.values())), sum(rest.values())
    return {**named, **{value: round(left * n / places, 12) for value, n in rest.items()}}


def lots(names: NDArray[np.str_], seed: int) -> NDArray[np.uint64]:
    """A number by lot for each row, from its own name and the seed: who comes first of two places with the same score."""
    drawn: NDArray[np.uint64] = pd.util.hash_array(np.asarray(names, dtype=object), hash_key=f"{seed:016d}")
    return drawn


def _values(order: NDArray[np.int64]) -> Floats:
    """From who comes first to a value per row, 1 for the first and falling evenly."""
    values = np.empty(order.size)
    values[order] = 1 - np.arange(order.size) / max(order.size, 1)
    return values
