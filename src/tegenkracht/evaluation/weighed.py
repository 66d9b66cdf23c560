"""Visits of test rows with what each stands for, in every form in which visits have weights.

Places were visited with a chance that somebody wrote down, or that can be estimated. A visit that had one chance in fifty stands for fifty; so visits stand
for all places and moments at which somebody could have gone. Visits without a recorded chance (a second look, a tip that nobody planned) stand for nothing
in the form `weighted`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.drawing import VisitsBy
from tegenkracht.core.estimate import Method
from tegenkracht.evaluation.bootstrap import Statistic, everything_once
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.visited import LOT
from tegenkracht.evaluation.worth import equal_answers
from tegenkracht.evaluation.worth_of_visits import VisitsWorth, slope_of, visits_worth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW, FEW_FOUND = 30, 10
"""Visits below which no form is given, and visits with a finding below which no share of findings is."""
FORMS: tuple[Method, ...] = ("weighted", "audit", "adjusted")
"""Forms in which visits have weights."""
HITS, ALL, ERROR, SCORE = 0, 1, 2, 3
_LEAST_WEIGHT = 2.0
"""A visit that was surer than even still goes with the draws as if it were even: a chance of one that was none would leave nothing to vary."""
NONE: Mapping[Method, str] = {
    "weighted": "no_chances",
    "audit": "no_visits_by_lot",
    "adjusted": "nobody_visited",
    "doubly_robust": "nobody_visited",
}
"""Per form, why there is no number at all."""


class Drawn(NamedTuple):
    """What the bootstrap draws: its number for each line, how many there are, and which part of the weight of each line goes with how often it is drawn.

    `visits` is whether each of them is one visit.
    """

    of_line: NDArray[np.int32]
    things: int
    moves: Floats
    visits: bool

    def sums(self, build: Callable[[Floats], Statistic], columns: Floats, lines: Ints) -> Statistic:
        """What `build` makes of columns of these lines (sums of them), of which only a part goes with the draws."""
        moved = columns * self.moves[lines, None]
        moving, kept = build(moved), build(columns - moved)(everything_once(self.things))
        return lambda draw: kept + moving(draw)


@dataclass(frozen=True)
class Weighed:
    """Visits of test rows with their weights; one visit stands on a line for each as-of date whose horizon it lies in.

    Parameters
    ----------
    row, visit
        Of each line, the row (its place in the sample) and the number of the visit.
    positive
        Whether something was found.
    weight
        Per form, what each line stands for.
    """

    row: Ints
    visit: Ints
    positive: Floats
    weight: Mapping[Method, Floats]

    def sums(self, form: Method, rows: int) -> Floats:
        """Per row, the weight of visits with a finding and of all visits (rows, 2)."""
        return np.column_stack([np.bincount(self.row, part, minlength=rows) for part in self.of_lines(form).T]).astype(
            np.float64
        )

    def of_lines(self, form: Method) -> Floats:
        """Per line, its weight where something was found, and its weight (lines, 2)."""
        weight = self.weight[form]
        return np.column_stack([weight * self.positive, weight])

    def errors(self, form: Method, scores: Floats) -> Floats:
        """Per line, the weighted squared error of its score and the weighted score (lines, 2)."""
        weight, score = self.weight[form], scores[self.row]
        return np.column_stack([weight * (score - self.positive) ** 2, weight * score])

    def expected(self, form: Method, scores: Floats) -> float:
        """How many visits of a form scores expect to find something, each visit by the highest score that one of its lines has."""
        return float(self.expected_by(form, scores, np.zeros(len(scores), np.int64), 1)[0])

    def expected_by(self, form: Method, scores: Floats, part: Ints, parts: int) -> Floats:
        """The same of each part, by the part that each row lies in (part,)."""
        return self.visits_by(form, scores[self.row][:, None], part[self.row], parts)[:, 0]

    def mean_errors(self, form: Method, scores: Floats) -> tuple[float, float]:
        """The mean squared error of scores where something was found, and where nothing was; where there is no such visit, what it would be over all visits."""
        weight, score = self.weight[form], scores[self.row]
        found, clear = weight * self.positive, weight * (1 - self.positive)
        of_found, of_clear = (part if part.any() else weight for part in (found, clear))
        return float(of_found @ (1 - score) ** 2 / of_found.sum()), float(of_clear @ score**2 / of_clear.sum())

    def with_weight(self, form: Method) -> Ints:
        """Lines that have any weight."""
        return np.flatnonzero(self.weight[form] > 0)

    def drawn(self, form: Method, sample: Sample, visits_by: VisitsBy) -> Drawn:
        r"""What visits are drawn by: each by itself, or with all others to its unit or cluster, as the sample has them.

        A visit that had a chance :math:`e` of its own varies a total by :math:`(1-e)/e^2` (Poisson sampling: Särndal, Swensson & Wretman 1992, Model Assisted
        Survey Sampling, section 3.5), and one that is drawn again by :math:`1/e^2`. So of its weight the part :math:`\sqrt{1-e}` goes with the draws, as in
        bootstraps of finite populations (Rao & Wu 1988, Journal of the American Statistical Association 83); never less than that of a chance of a half.
        Visits by lot are drawn again whole: what is written down is their chance of any visit, and that by lot was smaller.
        """
        whole = np.ones(len(self.row))
        if visits_by != "inspection_id" or form == "adjusted":
            return Drawn(sample.cluster[self.row], sample.clusters, whole, visits=False)
        weight = self.weight[form]
        moves = np.sqrt(1 - 1 / np.maximum(weight, _LEAST_WEIGHT)) if form == "weighted" else whole
        return Drawn(self.visit.astype(np.int32), int(self.visit.max(initial=0)) + 1, moves, visits=True)

    def visits(self, form: Method, share: Floats, *, positive: bool | None = None) -> float:
        """How many different visits went to a list, of which each row has its share; all, or those with (without) a finding."""
        own = share[self.row]
        if positive is not None:
            own = np.where((self.positive > 0) == positive, own, 0.0)
        return float(self.visits_by(form, own[:, None])[0, 0])

    def visits_by(self, form: Method, share: Floats, part: Ints | None = None, parts: int = 1) -> Floats:
        """How many different visits each part of each list had (part, list); a visit counts once in a part, for the line of which most is on the list.

        Parameters
        ----------
        share
            How much of each line is on each list (line, list).
        part
            Number of the part that each line lies in; None when all lines are one part.
        """
        lines = self.with_weight(form)
        count = int(self.visit.max(initial=-1)) + 1
        number = self.visit[lines] if part is None else part[lines] * count + self.visit[lines]
        order = np.argsort(number, kind="stable")
        lines, number = lines[order], number[order]
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        if not starts.size:
            return np.zeros((parts, share.shape[1]))
        most = np.maximum.reduceat(share[lines], starts, axis=0)
        of_part = number[starts] // count
        return np.column_stack([np.bincount(of_part, column, minlength=parts) for column in most.T])

    def worth(self, form: Method, drawn: Drawn, share: Floats, *, lines: Ints | None = None) -> VisitsWorth | None:
        """What the visits to each list (line, list) are worth by the model of `visits_worth`, of all lines or of some; None when more than single visits is drawn."""
        if not drawn.visits:
            return None
        weight = self._on_lists(form, share, np.arange(len(self.row)) if lines is None else lines)
        found, moves = self.positive[self._first], drawn.moves[self._first]
        return visits_worth(weight, found, moves, slope=self._slopes[form])

    @cached_property
    def _slopes(self) -> dict[Method, float]:
        """How findings go with the weight of all visits, per form."""
        found, anywhere = self.positive[self._first], np.ones((len(self.row), 1))
        return {
            form: slope_of(self._on_lists(form, anywhere, np.arange(len(self.row)))[:, 0], found)
            for form in self.weight
        }

    def _on_lists(self, form: Method, share: Floats, lines: Ints) -> Floats:
        """What each visit stands for on each list (visit, list), of how much of these lines of it is on each (line, list)."""
        visit, weight, visits = self.visit[lines], self.weight[form][lines], int(self.visit.max(initial=-1)) + 1
        out = np.empty((visits, share.shape[1]))
        for place, column in enumerate(share[lines].T):
            out[:, place] = np.bincount(visit, weight * column, minlength=visits)
        return out

    @cached_property
    def _first(self) -> Ints:
        """Of each visit, one of its lines."""
        return np.unique(self.visit, return_index=True)[1]

    def effective(self, form: Method) -> float:
        """How many visits of equal weight the different visits are worth (Kish 1965)."""
        return equal_answers(self.weight[form][self._first])


def weigh(visits: pd.DataFrame, sample: Sample, propensities: Propensities | None = None) -> Weighed:
    """Weights of visits: one over the recorded chance for `weighted`, one for visits by lot for `audit`.

    With estimated chances of rows also `adjusted`: one over the chance of the row, shared by its visits.

    Parameters
    ----------
    visits
        `row_id, inspection_id, channel, propensity, positive`, a line per row and visit.

    Raises
    ------
    ValueError
        When a line is of a row that is not in the sample.
    """
    row = sample.row_of(visits)
    if (row < 0).any():
        raise ValueError(f"{int((row < 0).sum()):,} lines are visits of rows that are not tested.")
    chance = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    weight: dict[Method, Floats] = {
        "weighted": np.divide(1.0, chance, out=np.zeros(len(chance)), where=chance > 0),
        "audit": np.where(visits["channel"] == LOT, 1.0, 0.0),
    }
    if propensities is not None:
        weight["adjusted"] = propensities.weight[row] / np.bincount(row, minlength=len(sample.rows))[row]
    return Weighed(
        row=row,
        visit=pd.factorize(visits["inspection_id"])[0].astype(np.int64),
        positive=visits["positive"].to_numpy(dtype=np.float64),
        weight=weight,
    )
