"""How well scores order visited places: area under the ROC curve and average precision, per fold and together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Statistic
from tegenkracht.evaluation.compared import Versus
from tegenkracht.evaluation.estimates import NEVER_MOVES, About, estimate_of
from tegenkracht.evaluation.kernel import walk_ranks
from tegenkracht.evaluation.sample import Sample, by_score

AUC, AVERAGE_PRECISION = 0, 1


def rank_statistic(
    scores: NDArray[np.float64],
    *,
    cluster: NDArray[np.int32],
    finding: NDArray[np.uint8],
    slices: Sequence[NDArray[np.int64]],
) -> Statistic:
    """Area under the ROC curve and average precision (slice, 2) of the rows in each slice, as scikit-learn defines them."""
    rows, starts, new_score = by_score(scores, slices)
    cluster_of, finding_of = cluster[rows], finding[rows]
    begins = np.flatnonzero(new_score)
    block = new_score.copy()
    block[begins] += np.add.reduceat(finding_of, begins, dtype=np.int64) > 0 if begins.size else begins.astype(bool)

    def statistic(draw: Draw) -> NDArray[np.float64]:
        out = np.empty((len(draw.counts), len(slices), 2))
        walk_ranks(draw.by_cluster, cluster_of, finding_of, block, starts, out)
        return out

    return statistic


def rank_statistics(sample: Sample) -> dict[str, Statistic]:
    """The statistic of every model, over visited rows, per split."""
    return {
        model: rank_statistic(scores, cluster=sample.cluster, finding=sample.finding, slices=sample.observed_slices)
        for model, scores in sample.scores.items()
    }


@dataclass(frozen=True)
class RankMeasures:
    """Estimates from the resampled ranks of each model; `versus` says which models each is compared with."""

    sample: Sample
    ranks: Mapping[str, Resampled]
    versus: Versus
    level: float

    def of_model(self, model: str) -> Iterator[Estimate]:
        """Both figures per split, and the difference in area with other models, on the same draws."""
        for s, (split, rows) in enumerate(zip(self.sample.splits, self.sample.observed_slices, strict=True)):
            about, why_not = About(model, split=split), _why_not(self.sample.finding[rows])
            for metric, which in (("auc", AUC), ("average_precision", AVERAGE_PRECISION)):
                estimate = estimate_of(
                    self.ranks[model][s, which],
                    metric,
                    about,
                    n=rows.size,
                    level=self.level,
                    why_not=why_not,
                    share=False,
                )
                yield self._of_perfect(estimate, rows) if metric == "auc" else estimate
        for other in self.versus[model]:
            about, gap = About(model, at=f"versus={other}"), self.ranks[model][-1, AUC] - self.ranks[other][-1, AUC]
            yield estimate_of(gap, "auc_difference", about, n=rows.size, level=self.level, why_not=why_not, share=False)

    def _of_perfect(self, area: Estimate, rows: NDArray[np.int64]) -> Estimate:
        """An area of 0 or 1 with an interval, where more than one cluster was drawn; other areas as they are."""
        if area.note != NEVER_MOVES or area.value not in (0.0, 1.0) or self.sample.clusters < 2:
            return area
        cluster, finding = self.sample.cluster[rows], self.sample.finding[rows] == 1
        found, rest = (np.unique(cluster[side]).size for side in (finding, ~finding))
        least = least_area(found=found, rest=rest, level=self.level)
        low, high = (least, 1.0) if area.value == 1.0 else (0.0, 1 - least)
        return replace(area, low=low, high=high, level=self.level, note="interval_newcombe")


def least_area(*, found: int, rest: int, level: float) -> float:
    r"""The lowest area that a perfect order leaves open: the score interval with Hanley & McNeil's variance (Newcombe 2006, Statistics in Medicine 25, method 5).

    Where :math:`(1-A)^2 = z^2 V(A)`, with :math:`V = A(1-A)\,(1 + N\,(1-A)/(2-A) + N A/(1+A)) / (mn)` and :math:`N = (m+n)/2 - 1`. In a perfect order no draw
    differs, so that a bootstrap says nothing.

    Parameters
    ----------
    found, rest
        Independent places with a finding and without: clusters, for the rows of one may be one answer.

    Examples
    --------
    >>> round(least_area(found=20, rest=40, level=0.95), 3)
    0.925
    """
    z, shared = reach_of(level), (found + rest) / 2 - 1

    def apart(area: float) -> float:
        variance = area * (1 - area) * (1 + shared * (1 - area) / (2 - area) + shared * area / (1 + area))
        return (1 - area) ** 2 - z**2 * variance / (found * rest)

    return float(brentq(apart, 0.0, 1 - 1e-9))


def _why_not(finding: NDArray[np.uint8]) -> str:
    """Why a figure of these outcomes may be missing."""
    if finding.size == 0:
        return "no_outcomes"
    return "one_class" if finding.any() else "no_findings"
