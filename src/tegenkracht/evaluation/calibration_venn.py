"""Two chances for a single place: what its chance is when it turns out negative, and when it turns out positive.

Inductive Venn-Abers prediction (Vovk & Petej, UAI 2014; Vovk, Petej & Fedorova, NeurIPS 2015): isotonic regression on earlier scores and
outcomes, once with the place added as a negative and once as a positive. One of the two is calibrated whatever the model, when the place
is exchangeable with the earlier ones: visited places are, places that nobody chose to visit need not be. The gap between the two says
how little is known near this score; it is not a confidence interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, count_of, exactly, nothing
from tegenkracht.evaluation.isotonic import pool

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Per row the lower and the higher chance; NaN for rows before which there was too little to compare with."""

    low: Floats
    high: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows that have a band."""
        return np.isfinite(self.low)

    @property
    def width(self) -> Floats:
        """How far the two chances lie apart."""
        return self.high - self.low

    @property
    def middle(self) -> Floats:
        """One chance from the two, which keeps log loss lowest in the worst case (Vovk et al. 2015, section 4)."""
        return np.asarray(self.high / (1 - self.low + self.high))

    def abstains(self, *, wider_than: float) -> NDArray[np.bool_]:
        """Rows about which nothing should be said: without a band, or with one that is too wide."""
        return ~self.known | (self.width > wider_than)


def venn_abers(scores: Floats, *, earlier: Floats, outcome: NDArray[np.uint8], weight: Floats) -> Band:
    """The band of each score, from earlier scores with outcomes.

    Each distinct score costs two passes over the distinct earlier scores.

    Parameters
    ----------
    weight
        How much each earlier row counts (a new place counts 1): ones, or one over the chance of being visited, scaled to mean 1.

    Examples
    --------
    >>> band = venn_abers(np.array([0.5]), earlier=np.array([0.2, 0.8]), outcome=np.array([0, 1], np.uint8), weight=np.ones(2))
    >>> float(band.low[0]), float(band.high[0])
    (0.0, 1.0)
    """
    distinct, place = np.unique(scores, return_inverse=True)
    grid, block = np.unique(np.concatenate([earlier, distinct]), return_inverse=True)
    mass = np.bincount(block[: earlier.size], weight, minlength=grid.size).astype(np.float64)
    hits = np.bincount(block[: earlier.size], weight * outcome, minlength=grid.size).astype(np.float64)
    ends, fitted = np.empty((2, distinct.size)), np.empty(grid.size)
    for i, at in enumerate(block[earlier.size :]):
        mass[at] += 1
        for added in (0, 1):
            hits[at] += added
            pool(mass, hits, fitted)
            ends[added, i] = fitted[at]
        mass[at] -= 1
        hits[at] -= 1
    return Band(ends[0][place], ends[1][place])


def rolling_bands(
    scores: Floats, *, fold: NDArray[np.int64], visited: NDArray[np.uint8], finding: NDArray[np.uint8], minimum: int
) -> Band:
    """The band of every row, fitted on visited rows of earlier folds only; the first fold has none.

    Parameters
    ----------
    fold
        Number of each row's fold, in order of time.
    minimum
        Visited rows that earlier folds must have before a band is given.
    """
    low, high = np.full(scores.size, np.nan), np.full(scores.size, np.nan)
    for current in np.unique(fold):
        rows, before = np.flatnonzero(fold == current), np.flatnonzero((fold < current) & (visited == 1))
        if before.size >= minimum:
            band = venn_abers(
                scores[rows], earlier=scores[before], outcome=finding[before], weight=np.ones(before.size)
            )
            low[rows], high[rows] = band.low, band.high
    return Band(low, high)


def band_estimates(band: Band, *, model: str, wider_than: float) -> Iterator[Estimate]:
    """Average width over rows with a band, and how many rows have none or one wider than `wider_than`."""
    about, rows = About(model), int(band.known.sum())
    if rows:
        yield exactly(float(band.width[band.known].mean()), "band_width", about, n=rows, method="sample")
    else:
        yield nothing("one_fold", "band_width", about, n=0, method="sample")
    abstained = float(band.abstains(wider_than=wider_than).sum())
    yield count_of(abstained, "abstained", About(model, at=f"wider_than={wider_than:g}"), n=band.low.size)
