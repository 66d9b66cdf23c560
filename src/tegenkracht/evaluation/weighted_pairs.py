"""What visits to a list find more than those to another, or anywhere: made of what visits to the one alone, to the other alone and to both find.

Visits to both take part in both shares, and those to one alone tell the lists apart. The three do not overlap, so that each has an interval by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Method
from tegenkracht.evaluation.bootstrap import Resampled, Statistic, sum_statistic
from tegenkracht.evaluation.parts import WeighedVisits, correlation_of, interval_of_sum
from tegenkracht.evaluation.score_interval import Counted, score_interval
from tegenkracht.evaluation.weighed import ALL, HITS, Drawn, Weighed
from tegenkracht.evaluation.worth_of_visits import VisitsWorth, worth_of

Floats = NDArray[np.float64]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Pairs:
    """Pairs of lists that are compared.

    Parameters
    ----------
    names
        The lists of each pair.
    shares
        How much of each row is on each list.
    """

    weighed: Weighed
    names: tuple[Pair, ...]
    shares: Mapping[str, Floats]

    @cached_property
    def _parts(self) -> Floats:
        """How much of each line is on the one list alone, on the other alone and on both (line, pairs of each)."""
        one, other = (np.column_stack([self.shares[pair[i]] for pair in self.names])[self.weighed.row] for i in (0, 1))
        both = np.minimum(one, other)
        return np.concatenate([one - both, other - both, both], axis=1)

    def statistic(self, form: Method, drawn: Drawn) -> Statistic:
        """Per pair the weight of findings on both lists, and of all visits to both."""
        lines, both = self.weighed.with_weight(form), self._parts[:, 2 * len(self.names) :]
        columns = both[lines, :, None] * self.weighed.of_lines(form)[lines, None, :]
        build = partial(sum_statistic, cluster=drawn.of_line, slices=[lines])
        return drawn.sums(build, columns.reshape(len(lines), 2 * len(self.names)), lines)

    def visits(self, form: Method) -> Floats:
        """How many different visits there are to the one list alone, to the other alone and to both (3, pair)."""
        return self.weighed.visits_by(form, self._parts).reshape(3, -1)

    def worth(self, form: Method, drawn: Drawn) -> VisitsWorth | None:
        """What they are worth by the model (3 pairs,); None when more than single visits is drawn."""
        return self.weighed.worth(form, drawn, self._parts)


@dataclass(frozen=True)
class ToldOfPairs:
    """The same in one form, as resampled."""

    pairs: Pairs
    form: Method
    drawn: Drawn
    both: Resampled
    level: float

    @cached_property
    def _visits(self) -> Floats:
        return self.pairs.visits(self.form)

    @cached_property
    def _worth(self) -> VisitsWorth | None:
        return self.pairs.worth(self.form, self.drawn)

    def interval(self, pair: Pair, one: Resampled, other: Resampled) -> tuple[float, float]:
        """Interval of what the one list finds more than the other, from the weights of visits to each, by `HITS, ALL`."""
        place = self.pairs.names.index(pair)
        both = self.both[2 * place : 2 * place + 2]
        sums = (one - both, other - both, both)
        of_one, of_other = 1 / float(one.point[ALL]), 1 / float(other.point[ALL])
        factors = (of_one, -of_other, of_one - of_other)
        parts = [self._part(part, place, i) for i, part in enumerate(sums)]
        if not self.drawn.visits:
            known = [part.found(self.level) for part in parts]
            return interval_of_sum(
                factors, known, correlations=_correlations([part[HITS] / part[ALL] for part in sums])
            )
        counted = [
            Counted(factor * part.weight, part.findings / part.weight, part.worth)
            for factor, part in zip(factors, parts, strict=True)
            if part.n and part.weight > 0
        ]
        return score_interval(counted, level=self.level)

    def _part(self, part: Resampled, place: int, i: int) -> WeighedVisits:
        """The weight of findings in one part, and what it is worth."""
        n, figure = np.float64(self._visits[i, place]), i * len(self.pairs.names) + place
        worth = worth_of(part[HITS], part[ALL], n, self._worth, figure, level=self.level)
        return WeighedVisits(float(part.point[HITS]), float(part.point[ALL]), float(n), float(worth))


def _correlations(shares: list[Resampled]) -> Floats:
    """How shares of visits that are drawn in clusters go together."""
    out = np.eye(len(shares))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        out[i, j] = out[j, i] = correlation_of(shares[i].replicates, shares[j].replicates)
    return out
