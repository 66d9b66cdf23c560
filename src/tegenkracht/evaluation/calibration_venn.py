"""Two chances for a single place: what its chance is when it turns out negative, and when it turns out positive.

Inductive Venn-Abers prediction (Vovk & Petej, UAI 2014; Vovk, Petej & Fedorova, NeurIPS 2015): isotonic regression on earlier scores and
outcomes, once with the place added as a negative and once as a positive. One of the two is calibrated whatever the model, when the place
is exchangeable with the earlier ones: visited places are, places that nobody chose to visit need not be. The gap between the two says
how little is known near this score; it is not a confidence interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.evaluation.estimates import About, count_of, exactly, nothing
from tegenkracht.evaluation.isotonic import pool

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK126": "For many flagged places the model cannot say a chance that means something.",
}
MANY = 0.2
"""Share of flagged places about which the model abstains, above which a reader must know."""


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


def settled_before(
    *,
    fold: NDArray[np.int64],
    split_on: NDArray[np.datetime64],
    known_on: NDArray[np.datetime64],
    visited: NDArray[np.uint8],
    unit: NDArray[np.str_],
) -> list[NDArray[np.int64]]:
    """Per fold the rows that its scores may be compared with: visited, of a fold made earlier, and settled on the day it was made.

    A unit counts once, with its last row: one visit stands on several dates, and rows that share it are no new evidence.

    Parameters
    ----------
    fold
        Number of each row's fold; rows in order of time.
    split_on
        Per fold the day on which it was made.
    known_on
        Per row the day on which its outcome was settled.
    """
    earlier = []
    for made in split_on:
        rows = np.flatnonzero((split_on[fold] < made) & (known_on <= made) & (visited == 1))
        _, last = np.unique(unit[rows][::-1], return_index=True)
        earlier.append(np.sort(rows[::-1][last]))
    return earlier


def rolling_bands(
    scores: Floats,
    *,
    fold: NDArray[np.int64],
    asked: NDArray[np.bool_],
    finding: NDArray[np.uint8],
    earlier: Sequence[NDArray[np.int64]],
    minimum: int,
) -> Band:
    """The band of the rows that are asked, fitted on rows that were settled before their own fold was made.

    Parameters
    ----------
    earlier
        Per fold those rows, as `settled_before` gives them.
    minimum
        How many of them there must be before a band is given.
    """
    low, high = np.full(scores.size, np.nan), np.full(scores.size, np.nan)
    for current, before in enumerate(earlier):
        rows = np.flatnonzero((fold == current) & asked)
        if before.size >= minimum and rows.size:
            band = venn_abers(
                scores[rows], earlier=scores[before], outcome=finding[before], weight=np.ones(before.size)
            )
            low[rows], high[rows] = band.low, band.high
    return Band(low, high)


def band_estimates(band: Band, *, model: str, wider_than: float) -> Iterator[Estimate]:
    """Over rows that have a band their average ends and width, and the share with one wider than `wider_than`; and how many rows have none."""
    about, at = About(model), About(model, at=f"wider_than={wider_than:g}")
    rows, none = int(band.known.sum()), int((~band.known).sum())
    yield count_of(none, "without_band", about, n=band.low.size)
    if not rows:
        for metric, where in (("band_width", about), ("band_low", about), ("band_high", about), ("abstained", at)):
            yield nothing("no_earlier_outcomes", metric, where, n=0, method="sample")
        return
    for metric, ends in (("band_width", band.width), ("band_low", band.low), ("band_high", band.high)):
        yield exactly(float(ends[band.known].mean()), metric, about, n=rows, method="sample")
    abstained = band.abstains(wider_than=wider_than)[band.known]
    yield exactly(float(abstained.mean()), "abstained", at, n=rows, method="sample")


def check_bands(estimates: Iterable[Estimate], *, asked: bool, main: str) -> Finding:
    """TK126: of flagged places with two chances, the model abstains about many."""
    abstained = next((e for e in estimates if e.metric == "abstained" and e.model == main), None)
    if abstained is None or abstained.value is None:
        reason = "no_single" if not asked else abstained.note if abstained is not None else "not_a_probability"
        return Finding("TK126", "not_applicable", main, {"reason": reason})
    facts: dict[str, str | int | float] = {
        "share": round(100 * abstained.value),
        "places": abstained.n,
        "wide": round(100 * float(at_of(abstained, "wider_than"))),
    }
    return Finding("TK126", "found" if abstained.value > MANY else "not_found", main, facts, (abstained.id,))
