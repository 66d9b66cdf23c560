"""How strongly a feature or a score goes with a figure of the area, such as its deprivation: whether it can stand in for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, exactly, nothing, with_interval

Floats = NDArray[np.float64]
METRIC = "area_correlation"


def centred_ranks(value: Floats, lists: NDArray[np.integer]) -> Floats:
    """Rank of each value in its list as a share of it, equal values in the middle of theirs, around the middle of the list.

    Examples
    --------
    >>> centred_ranks(np.array([5.0, 1.0, 9.0, 7.0]), np.array([0, 0, 1, 1])).tolist()
    [0.25, -0.25, 0.25, -0.25]
    """
    by_list = pd.Series(value).groupby(np.asarray(lists))
    rank, size = by_list.rank().to_numpy(np.float64), by_list.transform("size").to_numpy(np.float64)
    out: Floats = (rank - (size + 1) / 2) / size
    return out


def clustered_correlation(x: Floats, y: Floats, *, area: NDArray[np.integer]) -> tuple[float, float]:
    """The correlation of centred ranks, and its standard error when what an area adds is drawn as a whole; NaN where either does not vary.

    What each area adds to the figure is weighed up by its share of the spread of `y`, as leaving it out would (MacKinnon & White 1985, HC3): the figures
    of a few areas at the ends decide much.

    Parameters
    ----------
    x
        Of the feature or score, per row.
    y
        Of the measure.
    """
    spread_x, spread_y = float(x @ x), float(y @ y)
    if min(spread_x, spread_y) < 1e-12:
        return math.nan, math.nan
    rho = float(x @ y) / math.sqrt(spread_x * spread_y)
    place = np.unique(area, return_inverse=True)[1]
    pulls = np.bincount(place, x * y / math.sqrt(spread_x * spread_y) - rho / 2 * (x**2 / spread_x + y**2 / spread_y))
    left = 1 - np.bincount(place, y**2) / spread_y
    return rho, math.sqrt(float(((pulls / np.maximum(left, 1e-12)) ** 2).sum()))


def interval_of(rho: float, error: float, *, areas: int, level: float) -> tuple[float, float] | None:
    """Student's, on Fisher's z, which keeps it between -1 and 1; None without spread."""
    if not error > 0:
        return None
    reach = float(t.ppf((1 + level) / 2, areas - 1)) * error / (1 - rho**2)
    return math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach)


def area_correlations(
    columns: Mapping[About, Floats],
    measures: pd.DataFrame,
    *,
    area: NDArray[np.integer],
    lists: NDArray[np.integer],
    minimum: int,
    level: float,
) -> Iterator[Estimate]:
    """`area_correlation` of every column with every measure: Spearman's, of ranks within lists (Spearman 1904).

    All places of an area have one figure, so that areas are what is independent, not places.

    Parameters
    ----------
    columns
        Per what it is about (its `at` is completed with the measure) a value per row; NaN where missing.
    measures
        A column per measure, of the same rows; NaN where it is not known.
    area, lists
        Of each row.
    minimum
        Of rows where both are known, and of areas that they lie in.
    """
    for about, value in columns.items():
        for measure in measures.columns:
            figure = measures[measure].to_numpy(np.float64)
            known = np.isfinite(value) & np.isfinite(figure)
            where, n = About(about.model, f"{about.at},measure={measure}"), int(known.sum())
            areas = np.unique(area[known]).size
            if min(n, areas) < minimum:
                yield nothing("base_under_minimum", METRIC, where, n=n, method="sample")
                continue
            x, y = (centred_ranks(v[known], lists[known]) for v in (value, figure))
            rho, error = clustered_correlation(x, y, area=area[known])
            if math.isnan(rho):
                yield nothing("nothing_varies", METRIC, where, n=n, method="sample")
                continue
            if abs(rho) > 1 - 1e-12:  # the feature is that figure: nothing about it is uncertain
                yield exactly(math.copysign(1.0, rho), METRIC, where, n=n, method="sample")
                continue
            interval = interval_of(rho, error, areas=areas, level=level)
            yield with_interval(rho, interval, METRIC, where, n=n, level=level, method="sample")
