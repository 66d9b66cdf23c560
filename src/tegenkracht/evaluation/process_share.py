"""How much of what is found goes with who looked and why: variance components of visits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, nothing
from tegenkracht.evaluation.sample import UNKNOWN

Floats = NDArray[np.float64]


def process_shares(visits: pd.DataFrame | None, *, minimum: int, level: float) -> Iterator[Estimate]:
    r"""Share of the variance of findings between inspectors, between channels, and between inspectors within a channel.

    A random intercept for each inspector (channel): :math:`y_{ij} = \mu + a_i + e_{ij}`; the share is
    :math:`\sigma_a^2/(\sigma_a^2 + \sigma_e^2)`, from the one-way analysis of variance with unequal groups, its interval from the F
    distribution (Searle, Linear Models, 1971, chapter 9; Thomas & Hultquist 1978 for unequal groups). Who went where was chosen, so a share
    between inspectors may also lie in the places that they were sent to.

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
    for name in ("inspector", "channel"):
        yield _share(finding, codes[name], f"{name}_variance_share", About(), used=1, minimum=minimum, level=level)
    channels = int(codes["channel"].max()) + 1 if finding.size else 0
    means = _sums(finding, codes["channel"]) / np.maximum(np.bincount(codes["channel"]), 1) if finding.size else finding
    within = finding - means[codes["channel"]] if finding.size else finding
    about = About(at="within=channel")
    yield _share(
        within, codes["inspector"], "inspector_variance_share", about, used=channels, minimum=minimum, level=level
    )


def _share(
    values: Floats, codes: NDArray[np.intp], metric: str, about: About, *, used: int, minimum: int, level: float
) -> Estimate:
    """The share between groups; `used` degrees of freedom went into means that were taken off before."""
    sizes = np.bincount(codes).astype(np.float64)
    groups, n = sizes.size, values.size
    if n < minimum or groups < 2:
        return nothing("base_under_minimum" if groups > 1 else "one_inspector", metric, about, n=n)
    free = n - groups - used + 1
    between = _sums(values, codes) / sizes
    within_square = float(((values - between[codes]) ** 2).sum()) / max(free, 1)
    between_square = float((sizes * (between - values.mean()) ** 2).sum()) / (groups - 1)
    if free < 1 or within_square == 0:
        return nothing("one_class", metric, about, n=n)
    typical = (n - float((sizes**2).sum()) / n) / (groups - 1)
    ratio = between_square / within_square
    ends = [f_distribution.ppf(p, groups - 1, free) for p in ((1 + level) / 2, (1 - level) / 2)]
    low, value, high = (_clipped((r - 1) / (r - 1 + typical)) for r in (ratio / ends[0], ratio, ratio / ends[1]))
    return Estimate(
        "", metric, value, min(low, value), max(high, value), n=n, method="labelled", level=level, at=about.at
    )


def _sums(values: Floats, codes: NDArray[np.intp]) -> Floats:
    return np.bincount(codes, weights=values).astype(np.float64)


def _clipped(share: float) -> float:
    """A negative component is none."""
    return min(max(share, 0.0), 1.0)
