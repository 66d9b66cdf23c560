"""The area under the ROC curve of weighted visits, and how far it may be off: a few findings that weigh much carry it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tegenkracht.core.estimate import Method
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic
from tegenkracht.evaluation.bootstrap_t import student_interval_of_odds
from tegenkracht.evaluation.kernel import walk_weighted_area
from tegenkracht.evaluation.weighed import Drawn, Weighed
from tegenkracht.evaluation.worth import equal_answers, part_told, variance_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LAST_DIGIT = 1e-15
"""A variance that is less than this is that of rounding: scores that are all the same."""
_SLOPES = 1.0, 2.0
"""Standard deviations of the priors of how findings go with the logarithm of the weight, and with the order of scores from the lowest (0) to the highest (1)."""


@dataclass(frozen=True)
class AreaOfVisits:
    """The chance that a visit that finds something went to a place with a higher score than one that finds nothing, both weighted.

    Parameters
    ----------
    scores
        Of each row.
    """

    weighed: Weighed
    form: Method
    drawn: Drawn
    scores: Floats

    def statistic(self) -> Statistic:
        """The area (1,).

        Only from one block of equal scores with a finding to the next does the order matter: what lies within or between such blocks is added up by what is drawn.
        """
        order, drawn = np.argsort(-self._score, kind="stable"), self.drawn
        lines, hit, miss = self._lines[order], self._hit[order], self._miss[order]
        block = np.cumsum(np.diff(self._score[order], prepend=np.inf) != 0) - 1
        with_finding = np.bincount(block, hit) > 0
        part = (2 * np.cumsum(with_finding) - with_finding)[block]
        place, number = np.unique(part * drawn.things + drawn.of_line[lines], return_inverse=True)
        hit, miss = (np.bincount(number, column, minlength=place.size).astype(np.float64) for column in (hit, miss))
        moves = np.empty(place.size)
        moves[number] = drawn.moves[lines]
        new_score = (np.diff(place // drawn.things, prepend=-1) != 0).astype(np.uint8)
        cluster = (place % drawn.things).astype(np.int32)

        def statistic(draw: Draw) -> Floats:
            out = np.empty(len(draw.counts))
            walk_weighted_area(draw.by_cluster, cluster, hit, miss, moves, new_score, out)
            return out[:, None]

        return statistic

    def interval(self, area: Resampled, *, n: float, found: float, level: float) -> tuple[float, float] | None:
        """Wilson's interval at what single visits are worth for it; None when nothing tells how far it may be off.

        They are worth what a model says (`modelled`), since a heavy finding is often not seen and draws do not show it then; or what the draws say, with Student's
        quantile for as many findings as those that were seen are worth, when that is less. When no draw differs they are worth no more than these findings.
        Where more than single visits is drawn, the interval is Student's on the scale of log-odds, no nearer to its ends than half a pair of visits.
        """
        if not self.drawn.visits:
            return student_interval_of_odds(area, nearest=0.5 / max(found * (n - found), 1.0), level=level)
        value, spread, findings = float(area.point), float(variance_of(area.replicates)), self._findings
        drawn = value * (1 - value) / spread * float(part_told(findings - 1, level=level)) if spread > 0 else findings
        worth = min(self.modelled, drawn)
        return wilson_interval(value, worth, level=level) if worth > 0 else None

    @property
    def _findings(self) -> float:
        """How many findings of equal weight those that were seen are worth; two at least."""
        of_visits = np.bincount(self.weighed.visit[self._lines], self._hit).astype(np.float64)
        return max(equal_answers(of_visits), 2.0)

    @cached_property
    def modelled(self) -> float:
        r"""How many independent answers the area of single visits is worth, by a model of which of them find something; nought where it says nothing.

        With :math:`F_i` how much of the clear weight has a lower score than visit :math:`i` and :math:`G_i` how much of the weight with a finding has a higher one,
        the variance is :math:`V = \sum m_i^2 w_i^2 \pi_i (F_i - \bar F)^2 / (\sum w_i \pi_i)^2 + \sum m_i^2 w_i^2 (1-y_i) (G_i - A)^2 / (\sum w_i (1-y_i))^2`, with
        :math:`\bar F` the mean of :math:`F_i` weighted by :math:`w_i \pi_i`, and the worth :math:`\bar F (1-\bar F) / V`: DeLong, DeLong & Clarke-Pearson (1988,
        Biometrics 44) with weights, in which findings are not those that were seen but those that were to be expected. The log-odds of :math:`\pi_i` are a line in
        :math:`\log w_i` and :math:`F_i`, of which the slopes have normal priors around nought (`_SLOPES`).
        """
        weighed, lines = self.weighed, self._lines
        _, visit = np.unique(weighed.visit[lines], return_inverse=True)
        of_line, hit, miss = self._weight, self._hit, self._miss
        _, score = np.unique(self._score, return_inverse=True)
        hits, misses = np.bincount(score, hit), np.bincount(score, miss)
        below = ((np.cumsum(misses) - misses / 2) / misses.sum())[score]
        above = (1 - (np.cumsum(hits) - hits / 2) / hits.sum())[score]
        weight = np.bincount(visit, of_line).astype(np.float64)
        beats, beaten, found = (
            np.bincount(visit, of_line * column) / weight for column in (below, above, weighed.positive[lines])
        )
        moved = np.bincount(visit, of_line * self.drawn.moves[lines])
        chance = _chances(weight, beats, found > 0)
        area, expected = float(hit @ below / hit.sum()), float(weight @ chance)
        mean = float((weight * chance) @ beats) / expected
        of_hits = float((moved * (beats - mean)) ** 2 @ chance) / expected**2
        of_misses = float((moved * (beaten - area)) ** 2 @ (1 - found)) / float(miss.sum()) ** 2
        variance = of_hits + of_misses
        return mean * (1 - mean) / variance if variance > _LAST_DIGIT else 0.0

    @cached_property
    def _lines(self) -> Ints:
        return self.weighed.with_weight(self.form)

    @cached_property
    def _weight(self) -> Floats:
        return self.weighed.weight[self.form][self._lines]

    @cached_property
    def _hit(self) -> Floats:
        """Weight of each line as a finding."""
        return self._weight * self.weighed.positive[self._lines]

    @cached_property
    def _miss(self) -> Floats:
        """Weight of each line as none."""
        return self._weight - self._hit

    @cached_property
    def _score(self) -> Floats:
        return self.scores[self.weighed.row[self._lines]]


def _chances(weight: Floats, beats: Floats, found: NDArray[np.bool_]) -> Floats:
    """Modelled chance of a finding of each visit."""
    logs = np.log(weight)
    columns = np.column_stack([logs - logs.mean(), beats - beats.mean()]) * _SLOPES
    model = LogisticRegression(C=1.0, solver="newton-cholesky").fit(columns, found)
    return np.asarray(model.predict_proba(columns)[:, 1])
