"""How much of what is found goes with who looked and why: variance components of visits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import f as f_distribution

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, nothing
from tegenkracht.evaluation.sample import UNKNOWN

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
_ROUNDING = 1e-12
"""A part of the squares that is less than this is that of rounding."""


def process_shares(visits: pd.DataFrame | None, *, minimum: int, level: float) -> Iterator[Estimate]:
    r"""Share of the variance of findings between inspectors, between channels, and between inspectors within a channel.

    A random intercept for each inspector (channel): :math:`y_{ij} = \mu + a_i + e_{ij}`; the share is
    :math:`\sigma_a^2/(\sigma_a^2 + \sigma_e^2)`, from the one-way analysis of variance with unequal groups, its interval from the F
    distribution (Searle, Linear Models, 1971, chapter 9; Thomas & Hultquist 1978 for unequal groups). Within a channel inspectors are fitted after
    a mean of each channel, with the rank that is left. Who went where was chosen, so a share between inspectors may also lie in the places that they were sent to.

    Parameters
    ----------
    visits
        `channel`, `inspector` (may be null) and `finding`, a row per visit; None when not known.
    minimum
        No number on fewer visits than this.
    """
    if visits is None:
        return
    finding = visits["finding"].to_numpy(dtype=np.float64)
    codes = {name: pd.factorize(visits[name].fillna(UNKNOWN), sort=True)[0] for name in ("inspector", "channel")}
    together = np.zeros_like(codes["channel"])
    for name, within, about in (
        ("inspector", together, About()),
        ("channel", together, About()),
        ("inspector", codes["channel"], About(at="within=channel")),
    ):
        yield _share(finding, codes[name], within, f"{name}_variance_share", about, minimum=minimum, level=level)


def _share(
    values: Floats, codes: Codes, within: Codes, metric: str, about: About, *, minimum: int, level: float
) -> Estimate:
    """The share between groups, after a mean of its own for each stratum of `within`."""
    n = values.size
    between = _between(values, codes, within) if n else None
    if n < minimum or between is None:
        return nothing("base_under_minimum" if between is not None else "one_inspector", metric, about, n=n)
    free = n - between.freedom - len(np.unique(within))
    if free < 1 or between.rest <= _ROUNDING * between.whole:
        return nothing("one_class", metric, about, n=n)
    typical = between.weight / between.freedom
    ratio = (between.square / between.freedom) / (between.rest / free)
    ends = [f_distribution.ppf(p, between.freedom, free) for p in ((1 + level) / 2, (1 - level) / 2)]
    low, value, high = (_clipped((r - 1) / (r - 1 + typical)) for r in (ratio / ends[0], ratio, ratio / ends[1]))
    return Estimate(
        "", metric, value, min(low, value), max(high, value), n=n, method="labelled", level=level, at=about.at
    )


@dataclass(frozen=True)
class _Between:
    """Sums of squares of groups after strata: of all that strata leave over (`whole`), between groups (`square`) and within them (`rest`).

    `freedom` is the rank of groups given strata, `weight` what a variance of one between groups adds to `square`.
    """

    whole: float
    square: float
    rest: float
    freedom: int
    weight: float


def _between(values: Floats, codes: Codes, within: Codes) -> _Between | None:
    r"""Groups fitted after a mean of each stratum; None where no stratum holds two groups.

    With :math:`N` the diagonal of group sizes, :math:`M` the counts (stratum, group) and :math:`n` the stratum sizes, :math:`A = N - M' n^{-1} M` is what is
    left of the groups; its rank is the number of groups less that of the sets of strata that share groups: groups less strata when each group lies in one
    stratum. Its trace is what multiplies the variance between groups in the expected sum of squares (Henderson 1953, Biometrics 9, method 3).
    """
    strata, groups = int(within.max()) + 1, int(codes.max()) + 1
    counts = np.bincount(within * groups + codes, minlength=strata * groups).reshape(strata, groups).astype(np.float64)
    means = _sums(values, within) / counts.sum(axis=1)
    apart = values - means[within]
    left = np.diag(counts.sum(axis=0)) - counts.T @ (counts / counts.sum(axis=1)[:, None])
    sets = connected_components(csr_array(counts.T @ counts > 0))[0]
    if groups == sets:
        return None
    effect = np.linalg.pinv(left, hermitian=True) @ np.bincount(codes, weights=apart, minlength=groups)
    fitted = effect[codes] - (counts @ effect / counts.sum(axis=1))[within]
    whole, rest = float((apart**2).sum()), float(((apart - fitted) ** 2).sum())
    return _Between(whole, float((fitted**2).sum()), rest, groups - sets, float(np.trace(left)))


def _sums(values: Floats, codes: Codes) -> Floats:
    return np.bincount(codes, weights=values).astype(np.float64)


def _clipped(share: float) -> float:
    """A negative component is none."""
    return min(max(share, 0.0), 1.0)
