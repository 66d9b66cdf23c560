"""The lowest and highest value that figures of groups can have when nobody knows what was to be found at unseen rows, and those of gaps between groups.

All bounds are sharp: some assignment of the unseen outcomes reaches them (Manski, Partial Identification of Probability Distributions, 2003, chapter 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, bounds_between, nothing
from tegenkracht.evaluation.expected_ratio import ratio_bounds
from tegenkracht.evaluation.sample import Grouping, Sample

Floats = NDArray[np.float64]
KINDS = "FNU"
"""Rows with a finding, visited without one, and not visited."""
KINDS_OF = np.array([[2, 2], [1, 0]])
"""Which of them a row is, by whether it was visited and whether something was found."""
Ends = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class BoundsOfGroups:
    """Bounds of groups of rows.

    Parameters
    ----------
    groupings
        Attributes, crossings or sectors.
    hidden
        Per grouping, which of its groups are withheld (group,).
    """

    sample: Sample
    groupings: Sequence[Grouping]
    hidden: Sequence[NDArray[np.bool_]]

    def found(self) -> Iterator[Estimate]:
        """What is found in each group: at least the findings there are, at most those and all unseen rows."""
        for place, everywhere in enumerate(self._everywhere):
            ends = [
                {"finding_rate": (_part(F, F + N + U), _part(F + U, F + N + U))}
                for F, N, U in everywhere.tolist()  # the letters of the formulas
            ]
            yield from self._levels(place, ends, About())
            yield from self._gaps(place, ends, About())

    def of_list(self, share: Floats, about: About, *, gaps: bool = True) -> Iterator[Estimate]:
        r"""Precision and both kinds of error of a list that holds so much of each row (row,).

        With findings :math:`F`, negatives :math:`N` and unseen :math:`U`, on the list (L) and off it (O): the false positive rate lies in
        :math:`[N_L/(N + U_O), (N_L + U_L)/(N + U_L)]`, and the share of findings that is missed in
        :math:`[F_O/(F + U_L), (F_O + U_O)/(F + U_O)]`; a tied row stands for the part of it that a lot puts on the list.
        """
        on_list = np.flatnonzero(share)
        kind = KINDS_OF[self.sample.visited[on_list], self.sample.finding[on_list]]
        for place, (grouping, everywhere) in enumerate(zip(self.groupings, self._everywhere, strict=True)):
            cell = grouping.of_row[on_list].astype(np.int64) * len(KINDS) + kind
            listed = np.bincount(cell, share[on_list], minlength=everywhere.size).astype(np.float64)
            parts = (("L", listed.reshape(everywhere.shape)), ("O", everywhere - listed.reshape(everywhere.shape)))
            sums = {name + where: part[:, i] for where, part in parts for i, name in enumerate(KINDS)}
            ends = [
                _rates(**{key: float(of[value]) for key, of in sums.items()}) for value in range(len(grouping.values))
            ]
            yield from self._levels(place, ends, about)
            if gaps:
                yield from self._gaps(place, ends, about)

    def expected(self, scores: Floats, about: About) -> Iterator[Estimate]:
        """Findings that scores expect over those that there are, of all rows of each group."""
        for place, (grouping, everywhere) in enumerate(zip(self.groupings, self._everywhere, strict=True)):
            sums = np.bincount(grouping.of_row, scores, minlength=len(grouping.values)).tolist()
            ends = [
                {"expected_observed_ratio": ratio_bounds(total, F, U)}
                for total, (F, _, U) in zip(sums, everywhere.tolist(), strict=True)  # the letters of the formulas
            ]
            yield from self._levels(place, ends, about, why_not="no_findings")

    def _levels(
        self, place: int, ends: Sequence[Ends], about: About, *, why_not: str = "no_outcomes"
    ) -> Iterator[Estimate]:
        """Bounds of every group."""
        grouping, hidden = self.groupings[place], self.hidden[place]
        for value, rates in enumerate(ends):
            own, n = replace(about, group=grouping.name(value)), int(grouping.sizes[value])
            yield from _between(rates, own, n=n, hidden=bool(hidden[value]), why_not=why_not)

    def _gaps(self, place: int, ends: Sequence[Ends], about: About) -> Iterator[Estimate]:
        """Bounds of the gap of every group to the largest one: two groups share no row, so that each may be at either end whatever the other is."""
        grouping, hidden = self.groupings[place], self.hidden[place]
        reference = int(np.argmax(grouping.sizes))
        versus = ",".join(part for part in (about.at, f"versus={grouping.values[reference]}") if part)
        for value, rates in enumerate(ends):
            if value == reference:
                continue
            gaps = {
                f"{metric}_gap": (low - ends[reference][metric][1], high - ends[reference][metric][0])
                for metric, (low, high) in rates.items()
            }
            pair = [value, reference]
            own, n = replace(about, group=grouping.name(value), at=versus), int(grouping.sizes[pair].min())
            yield from _between(gaps, own, n=n, hidden=bool(hidden[pair].any()), why_not="no_outcomes")

    @cached_property
    def _everywhere(self) -> tuple[Floats, ...]:
        """Per grouping the rows of each group and kind (group, kind)."""
        kind = KINDS_OF[self.sample.visited, self.sample.finding]
        cells = ((g.of_row.astype(np.int64) * len(KINDS) + kind, len(g.values)) for g in self.groupings)
        return tuple(
            np.bincount(cell, minlength=groups * len(KINDS)).reshape(groups, -1).astype(np.float64)
            for cell, groups in cells
        )


def _between(ends: Ends, about: About, *, n: int, hidden: bool, why_not: str) -> Iterator[Estimate]:
    for metric, (low, high) in ends.items():
        if hidden:
            yield nothing("group_under_minimum", metric, about, n=0, method="bounds")
        else:
            yield bounds_between(low, high, metric, about, n=n, why_not=why_not)


def _rates(*, FL: float, FO: float, NL: float, NO: float, UL: float, UO: float) -> Ends:  # the letters of the formulas
    """Ends of each rate; NaN where no assignment gives one."""
    listed, negatives, findings = FL + NL + UL, NL + NO, FL + FO
    return {
        "precision_at_capacity": (_part(FL, listed), _part(FL + UL, listed)),
        "false_positive_rate": _both(_part(NL, negatives + UO), _part(NL + UL, negatives + UL)),
        "false_negative_rate": _both(_part(FO, findings + UL), _part(FO + UO, findings + UO)),
    }


def _part(part: float, whole: float) -> float:
    # Sums of parts of tied rows may miss zero by the last bit.
    return part / whole if whole > 1e-9 else float("nan")


def _both(low: float, high: float) -> tuple[float, float]:
    """Where one end has no rows, every assignment that gives a rate gives the other."""
    return (high if np.isnan(low) else low), (low if np.isnan(high) else high)
