r"""How far a figure can move when something unseen, a tip, helped to decide where people went: the marginal sensitivity model.

A strength :math:`\Gamma \ge 1` says how much the odds of a visit to a place may differ from what its chance says, because of something that nobody
wrote down; at 1 nothing was hidden. A visit then stands for between :math:`1 + (1/\pi - 1)/\Gamma` and :math:`1 + (1/\pi - 1)\Gamma` places
(Tan 2006, JASA 101). With outcomes of yes or no this has a plain meaning: the odds of a finding at a place that nobody visited are at most
:math:`\Gamma` times, and at least one :math:`\Gamma`-th of, those at like places that were visited.

Two bands. The *ratio* band lets every weight move by itself (Zhao, Small & Bhattacharya 2019, JRSS-B 81). The *sharp* band also asks that visited
and unvisited places together are all places of a kind (Dorn & Guo 2023, JASA 118); it never lies outside the ratio band. Decision 0011 derives both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Resampled, Statistic, sum_statistic, together

Floats = NDArray[np.float64]

GAMMAS = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Strengths that are shown."""
FINE = tuple(float(g) for g in np.unique(np.append(np.geomspace(1, 10, 31), GAMMAS)))
"""Strengths at which is looked for the one at which a conclusion turns."""


def weight_range(chance: Floats, gamma: float) -> tuple[Floats, Floats]:
    """Lowest and highest number of places that a visit with this chance stands for.

    Examples
    --------
    >>> weight_range(np.array([0.5, 0.1]), 2.0)
    (array([1.5, 5.5]), array([ 3., 19.]))
    """
    odds = 1 / chance - 1
    return 1 + odds / gamma, 1 + odds * gamma


@dataclass(frozen=True)
class Band:
    """Lowest and highest value per strength: `low` and `high` have a strength on their last axis."""

    gammas: tuple[float, ...]
    low: Resampled
    high: Resampled


@dataclass(frozen=True)
class Visits:
    """Lines of visits, as both bands need them.

    Parameters
    ----------
    row
        Of each line, the row that it is about.
    visit
        The number of the visit. A visit stands on a line for each row whose horizon it lies in.
    part
        Which part of its row it is: one over the number of visits to the row when rows are weighed, one when visits are.
    finding
        1.0 where something was found.
    chance
        That the row, or the visit, would be made; above 0, at most 1.
    expected
        The chance of a finding that a model gave without having seen the outcome; it only makes the sharp band narrower.
    """

    row: NDArray[np.int64]
    visit: NDArray[np.int64]
    part: Floats
    finding: Floats
    chance: Floats
    expected: Floats

    def count(self, share: Floats) -> float:
        """How many different visits went to rows of which each counts for its share."""
        most = np.zeros(int(self.visit.max(initial=-1)) + 1)
        np.maximum.at(most, self.visit, share[self.row])
        return float(most.sum())


@dataclass(frozen=True)
class Sums:
    """What the bands of one set of rows (everyone, a list, the rest) are made from; sums over drawn rows.

    Parameters
    ----------
    rows, visits, findings
        How many.
    odds, found_odds
        Sum of the odds against a visit over the visits, and over those with a finding.
    tilted_low, tilted_high
        Per strength: odds times the lowest and highest that a like place without a visit would find.
    """

    rows: Resampled
    visits: Resampled
    findings: Resampled
    odds: Resampled
    found_odds: Resampled
    tilted_low: Resampled
    tilted_high: Resampled

    def __sub__(self, part: Sums) -> Sums:
        """The rows that are not in `part`."""
        return Sums(*(getattr(self, name) - getattr(part, name) for name in self.__dataclass_fields__))


def sums_statistic(
    visits: Visits, shares: Mapping[str, Floats], *, cluster: NDArray[np.int32], gammas: Sequence[float]
) -> Statistic:
    """Sums for each set of rows (set, column), as `sums_of` reads them.

    Parameters
    ----------
    shares
        Per set, how much of each row belongs to it: 1, 0, or the chance that a lot puts it there.
    cluster
        Per row, what is drawn.
    """
    odds = 1 / visits.chance - 1
    plain = [np.ones(len(odds)), visits.finding, odds, odds * visits.finding]
    per_visit = [visits.part * column for column in (*plain, *_tilted(visits, odds, gammas))]
    clusters = np.arange(int(cluster.max()) + 1, dtype=np.int64)
    parts = []
    for share in shares.values():
        parts.append(np.bincount(cluster, share, minlength=len(clusters)))
        there = np.flatnonzero(share[visits.row])
        row = visits.row[there]
        own, of_line = cluster[row], share[row]
        parts += [np.bincount(own, of_line * column[there], minlength=len(clusters)) for column in per_visit]
    return sum_statistic(np.column_stack(parts), cluster=clusters.astype(np.int32), slices=[clusters])


def _tilted(visits: Visits, odds: Floats, gammas: Sequence[float]) -> list[Floats]:
    r"""Per strength the low and then the high transform of each outcome, times its odds.

    :math:`q + \Gamma (y - q)^+ - (q - y)^+/\Gamma` for the highest and with :math:`1/\Gamma` for the lowest; any :math:`q` gives a valid bound, and the
    quantile of the outcome at :math:`\Gamma/(1+\Gamma)` (at :math:`1/(1+\Gamma)` for the lowest) the sharp one. An outcome of yes or no has quantile 1
    where its chance is above one minus that level.
    """
    lows, highs = [], []
    for g in gammas:
        lows.append(odds * _transformed(visits.finding, visits.expected > g / (1 + g), 1 / g))
        highs.append(odds * _transformed(visits.finding, visits.expected > 1 / (1 + g), g))
    return [*lows, *highs]


def _transformed(y: Floats, is_one: NDArray[np.bool_], g: float) -> Floats:
    """The transform with a quantile of 0 or 1."""
    return np.where(is_one, 1 - (1 - y) / g, g * y)


def sums_of(number: Resampled, sets: Sequence[str], *, gammas: int) -> dict[str, Sums]:
    """The sums of `sums_statistic` by set."""
    width = 5 + 2 * gammas
    flat = number[0]
    return {name: _sums(flat[i * width : (i + 1) * width], gammas) for i, name in enumerate(sets)}


def _sums(flat: Resampled, gammas: int) -> Sums:
    plain = [flat[i : i + 1] for i in range(5)]
    return Sums(plain[0], plain[1], plain[2], plain[3], plain[4], flat[5 : 5 + gammas], flat[5 + gammas :])


# ---------------------------------------------------------------- the two bands


def ratio_band(sums: Sums, gammas: Sequence[float]) -> Band:
    r"""Lowest and highest Hájek ratio: with outcomes of yes or no, findings get one end of their weights and the rest the other."""
    g = np.array(gammas)
    found, other = sums.found_odds, sums.odds - sums.found_odds
    nothing = sums.visits - sums.findings
    up, down = _scaled(found, g), _scaled(found, 1 / g)
    most, least = sums.findings + up, sums.findings + down
    return Band(
        tuple(gammas),
        low=least / (least + nothing + _scaled(other, g)),
        high=most / (most + nothing + _scaled(other, 1 / g)),
    )


def sharp_band(sums: Sums, gammas: Sequence[float]) -> Band:
    r"""What was found where people went, and the lowest and highest that like places without a visit allow for the rest.

    With :math:`N` rows of which :math:`n` visited with :math:`f` findings, :math:`(f + (N-n)\, m)/N`, where :math:`m` is the mean transform of the outcome,
    weighted by the odds against a visit: three quantiles are tried (as expected, none, all), each gives a valid bound, the narrowest counts.
    Where no visit stands for another place, because nobody went or every visit was certain, nothing tells what the rest would give: none to all of it.
    """
    g = np.array(gammas)
    share = sums.found_odds / sums.odds
    rest = _ones(share) - share
    high = _extreme(
        np.minimum, [sums.tilted_high / sums.odds, _scaled(share, g), _ones(share) - _scaled(rest, 1 / g), _ones(share)]
    )
    low = _extreme(np.maximum, [sums.tilted_low / sums.odds, _scaled(share, 1 / g), _ones(share) - _scaled(rest, g)])
    low, high = _where_told(sums.odds, low, 0.0), _where_told(sums.odds, high, 1.0)
    unseen = sums.rows - sums.visits
    return Band(
        tuple(gammas),
        low=_nested(np.minimum, (sums.findings + _present(unseen, low)) / sums.rows),
        high=_nested(np.maximum, (sums.findings + _present(unseen, high)) / sums.rows),
    )


def difference(part: Band, rest: Band, share_of_rest: Resampled) -> Band:
    """A list minus everybody: the share of rows that are not on it times (list minus rest); these are other places, so each takes its own extreme."""
    return Band(part.gammas, share_of_rest * (part.low - rest.high), share_of_rest * (part.high - rest.low))


def ratio_difference(part: Sums, rest: Sums, gammas: Sequence[float]) -> Band:
    """A list minus everybody, both Hájek ratios, with the same weight for a visit in both.

    The list pulls both ratios, so its extreme need not lie at an end of its weights; the rest of the rows pulls one. The difference has no turning point
    inside the rectangle of what findings and other visits of the list can weigh, so its corners and edges are enough (decision 0011).
    """
    g = np.array(gammas)
    found, other = _weights(part, g), _weights(part, g, findings=False)
    found_rest, other_rest = _weights(rest, g), _weights(rest, g, findings=False)
    return Band(
        tuple(gammas),
        low=together(_least_difference, *found, *other, found_rest[1], other_rest[0]),
        high=together(lambda *x: -_least_difference(*x), *other, *found, other_rest[1], found_rest[0]),
    )


def _weights(sums: Sums, g: Floats, *, findings: bool = True) -> tuple[Resampled, Resampled]:
    """The least and most that visits with a finding, or without one, can weigh together."""
    count = sums.findings if findings else sums.visits - sums.findings
    odds = sums.found_odds if findings else sums.odds - sums.found_odds
    return count + _scaled(odds, 1 / g), count + _scaled(odds, g)


def _least_difference(
    found_low: Floats, found_high: Floats, other_low: Floats, other_high: Floats, found_rest: Floats, other_rest: Floats
) -> Floats:
    r"""The least of :math:`A/(A+B) - (A+a)/(A+B+a+b)` over a rectangle of :math:`A, B`: at a corner, or on an edge where its slope is zero."""

    def at(found: Floats, other: Floats) -> Floats:
        gap: Floats = found / (found + other) - (found + found_rest) / (found + other + found_rest + other_rest)
        return gap

    def where_flat(fixed: Floats, rest: Floats) -> Floats:
        """On an edge: the other side at which the slope is zero."""
        root = np.sqrt(fixed / (fixed + rest))
        side: Floats = root * (found_rest + other_rest) / (1 - root) - fixed
        return side

    with np.errstate(divide="ignore", invalid="ignore"):
        options = [at(found, other) for found in (found_low, found_high) for other in (other_low, other_high)]
        for found in (found_low, found_high):
            options.append(at(found, np.clip(where_flat(found, found_rest), other_low, other_high)))
        for other in (other_low, other_high):
            options.append(at(np.clip(where_flat(other, other_rest), found_low, found_high), other))
    least = options[0]
    for option in options[1:]:
        least = np.fmin(least, option)
    return least


def turning_point(ends: Resampled, target: Resampled, gammas: Sequence[float], *, falls: bool) -> Resampled:
    """The least strength at which an end of a band reaches `target`, straight between two strengths; infinite when none that was tried does.

    Parameters
    ----------
    ends
        One end of a band, with a strength on its last axis.
    target
        What it may reach: one number, on an axis of its own.
    falls
        Whether the end comes from above. A replicate that starts on the other side has reached it at strength 1.
    """
    sign = 1.0 if falls else -1.0
    return together(lambda end, aim: _crossing(sign * (end - aim), np.array(gammas)), ends, target)


def _crossing(gap: Floats, gammas: Floats) -> Floats:
    """Where lines of gaps (…, strength) that fall with the strength are zero: shape (…, 1)."""
    reached = gap <= 0
    first = reached.argmax(axis=-1)[..., None]
    before = np.maximum(first - 1, 0)
    left, right = np.take_along_axis(gap, before, -1), np.take_along_axis(gap, first, -1)
    step = np.divide(left, left - right, out=np.zeros_like(left), where=(left != right) & (first > 0))
    at = gammas[before] + step * (gammas[first] - gammas[before])
    return np.where(np.isnan(gap[..., :1]), np.nan, np.where(reached.any(axis=-1, keepdims=True), at, np.inf))


def _ones(like: Resampled) -> Resampled:
    return together(np.ones_like, like)


def _scaled(number: Resampled, factors: Floats) -> Resampled:
    return together(lambda x: x * factors, number)


def _present(unseen: Resampled, mean: Resampled) -> Resampled:
    """Unseen rows times their mean; rows that are all visited need none."""
    return together(lambda rows, each: np.where(rows == 0, 0.0, rows * each), unseen, mean)


def _where_told(odds: Resampled, mean: Resampled, otherwise: float) -> Resampled:
    """The mean where the odds of some visit tell of other places."""
    return together(lambda sum_, each: np.where(sum_ == 0, otherwise, each), odds, mean)


def _extreme(choose: np.ufunc, options: Sequence[Resampled]) -> Resampled:
    return together(lambda *x: reduce(choose, x), *options)


def _nested(choose: np.ufunc, ends: Resampled) -> Resampled:
    """A band at a greater strength holds every band at a smaller one."""
    return together(lambda x: choose.accumulate(x, axis=-1), ends)
