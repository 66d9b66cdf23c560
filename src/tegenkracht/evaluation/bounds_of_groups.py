"""The lowest and highest value that figures of groups can have when nobody knows what was to be found at unseen rows, and those of gaps between groups.

All bounds are sharp: some assignment of the unseen outcomes reaches them (Manski, Partial Identification of Probability Distributions, 2003, chapter 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bounds import one_for_both
from tegenkracht.evaluation.crossings import Groups
from tegenkracht.evaluation.estimates import About, bounds_between, nothing
from tegenkracht.evaluation.expected_ratio import ratio_bounds
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.sample import Grouping, Sample

Floats = NDArray[np.float64]
KINDS = "FNU"
"""Rows with a finding, visited without one, and not visited."""
KINDS_OF = np.array([[2, 2], [1, 0]])
"""Which of them a row is, by whether it was visited and whether something was found."""


class _Figure(NamedTuple):
    """One figure of every group (group,).

    Parameters
    ----------
    low, high
        Its ends; NaN where no assignment gives one.
    n
        How many rows it is about.
    bases
        Of what it needs none at all, or enough: with its bounds a reader can count these rows.
    """

    low: Floats
    high: Floats
    n: Floats
    bases: tuple[Floats, ...]


Figures = Mapping[str, _Figure]


@dataclass(frozen=True)
class BoundsOfGroups:
    """Bounds of groups of rows: attributes, crossings or sectors.

    A figure that is withheld as it was counted, because it rests on too few visits or findings, is withheld as bounds too: with its `n` they would tell how many
    findings there were. Where there are none of them at all, bounds tell nothing that is not known.
    """

    sample: Sample
    groups: Groups

    def found(self, *, gaps: bool = True) -> Iterator[Estimate]:
        """What is found in each group: at least the findings there are, at most those and all unseen rows."""
        for grouping, everywhere in zip(self.groups.groupings, self._everywhere, strict=True):
            F, N, U = everywhere.T  # the letters of the formulas
            whole = F + N + U
            figures = {"finding_rate": _Figure(_part(F, whole), _part(F + U, whole), whole, (F + N,))}
            yield from self._levels(grouping, figures, About())
            if gaps:
                yield from self._gaps(grouping, figures, About())

    def of_list(self, share: Floats, about: About, *, gaps: bool = True) -> Iterator[Estimate]:
        r"""Precision and both kinds of error of a list that holds so much of each row (row,).

        With findings :math:`F`, negatives :math:`N` and unseen :math:`U`, on the list (L) and off it (O): the false positive rate lies in
        :math:`[N_L/(N + U_O), (N_L + U_L)/(N + U_L)]`, and the share of findings that is missed in
        :math:`[F_O/(F + U_L), (F_O + U_O)/(F + U_O)]`; a tied row stands for the part of it that a lot puts on the list. Precision is about the
        places on the list, errors about what is known to be a negative or a finding.
        """
        on_list = np.flatnonzero(share)
        kind = KINDS_OF[self.sample.visited[on_list], self.sample.finding[on_list]]
        for grouping, everywhere in zip(self.groups.groupings, self._everywhere, strict=True):
            cell = grouping.of_row[on_list].astype(np.int64) * len(KINDS) + kind
            listed = np.bincount(cell, share[on_list], minlength=everywhere.size).astype(np.float64)
            figures = _rates(*listed.reshape(everywhere.shape).T, *everywhere.T)
            yield from self._levels(grouping, figures, about)
            if gaps:
                yield from self._gaps(grouping, figures, about)

    def expected(self, scores: Floats, about: About) -> Iterator[Estimate]:
        """Findings that scores expect over those that there are, of all rows of each group."""
        for grouping, everywhere in zip(self.groups.groupings, self._everywhere, strict=True):
            F, N, U = everywhere.T  # the letters of the formulas
            sums = np.bincount(grouping.of_row, scores, minlength=len(grouping.values)).tolist()
            ends = np.array([ratio_bounds(*one) for one in zip(sums, F.tolist(), U.tolist(), strict=True)])
            figures = {"expected_observed_ratio": _Figure(ends[:, 0], ends[:, 1], F + N + U, (F + N, F))}
            yield from self._levels(grouping, figures, about, why_not="no_findings")

    def _levels(
        self, grouping: Grouping, figures: Figures, about: About, *, why_not: str = "no_outcomes"
    ) -> Iterator[Estimate]:
        """Bounds of every group."""
        why = self._why(grouping, figures)
        for value in range(len(grouping.values)):
            own = replace(about, group=grouping.name(value))
            for metric, figure in figures.items():
                ends, n = (float(figure.low[value]), float(figure.high[value])), float(figure.n[value])
                yield _between(ends, metric, own, n=n, reason=why[metric][value], why_not=why_not)

    def _gaps(self, grouping: Grouping, figures: Figures, about: About) -> Iterator[Estimate]:
        """Bounds of the gap of every group to the largest one: two groups share no row, so that each may be at either end whatever the other is."""
        why = self._why(grouping, figures)
        reference = int(np.argmax(grouping.sizes))
        versus = joined(about.at, f"versus={grouping.values[reference]}")
        for value in range(len(grouping.values)):
            if value == reference:
                continue
            own = replace(about, group=grouping.name(value), at=versus)
            for metric, figure in figures.items():
                low = float(figure.low[value] - figure.high[reference])
                high = float(figure.high[value] - figure.low[reference])
                n, reason = float(figure.n[[value, reference]].min()), why[metric][value] or why[metric][reference]
                yield _between((low, high), f"{metric}_gap", own, n=n, reason=reason, why_not="no_outcomes")

    def _why(self, grouping: Grouping, figures: Figures) -> dict[str, list[str]]:
        """Of each figure why it is withheld, per group; empty when it is not."""
        return {
            metric: self.groups.reasons(
                grouping, np.any([self.groups.without(grouping, base) for base in figure.bases], axis=0)
            )
            for metric, figure in figures.items()
        }

    @cached_property
    def _everywhere(self) -> tuple[Floats, ...]:
        """Per grouping the rows of each group and kind (group, kind)."""
        kind = KINDS_OF[self.sample.visited, self.sample.finding]
        cells = ((g.of_row.astype(np.int64) * len(KINDS) + kind, len(g.values)) for g in self.groups.groupings)
        return tuple(
            np.bincount(cell, minlength=groups * len(KINDS)).reshape(groups, -1).astype(np.float64)
            for cell, groups in cells
        )


def _between(ends: tuple[float, float], metric: str, about: About, *, n: float, reason: str, why_not: str) -> Estimate:
    if reason:
        return nothing(reason, metric, about, n=0, method="bounds")
    return bounds_between(*ends, metric, about, n=n, why_not=why_not)


def _rates(
    FL: Floats, NL: Floats, UL: Floats, F: Floats, N: Floats, U: Floats
) -> Figures:  # the letters of the formulas
    """Precision and both kinds of error of every group."""
    listed, FO, UO = FL + NL + UL, F - FL, U - UL
    return {
        "precision_at_capacity": _Figure(_part(FL, listed), _part(FL + UL, listed), listed, (listed, FL + NL)),
        "false_positive_rate": _Figure(*one_for_both(_part(NL, N + UO), _part(NL + UL, N + UL)), N, (F + N, N)),
        "false_negative_rate": _Figure(*one_for_both(_part(FO, F + UL), _part(FO + UO, F + UO)), F, (F + N, F)),
    }


def _part(part: Floats, whole: Floats) -> Floats:
    # Sums of parts of tied rows may miss zero by the last bit.
    return over(part, np.where(whole > 1e-9, whole, 0.0))
