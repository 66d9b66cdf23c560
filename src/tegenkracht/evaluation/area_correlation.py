"""How strongly a feature or a score goes with a figure of the area, such as its deprivation: whether it can stand in for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, exactly, nothing, with_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
METRIC = "area_correlation"


def in_order(value: Floats, lists: NDArray[np.integer]) -> Ints:
    """Rows by list and then by value, low first; those without a value at the end of their list."""
    return np.lexsort((value, lists)).astype(np.int64)


def centred_ranks(value: Floats, lists: NDArray[np.integer], *, rows: Ints) -> Floats:
    """Rank of each value in its list as a share of it, equal values in the middle of theirs, around the middle of the list; 0 of rows that are not asked.

    That is half of how many more lie below than above.

    Parameters
    ----------
    rows
        Which are ranked, as `in_order` sorts them.

    Examples
    --------
    >>> value, lists = np.array([5.0, 1.0, 9.0, 7.0]), np.array([0, 0, 1, 1])
    >>> centred_ranks(value, lists, rows=in_order(value, lists)).tolist()
    [0.25, -0.25, 0.25, -0.25]
    """
    own, ordered = lists[rows], value[rows]
    new_list = np.r_[True, own[1:] != own[:-1]]
    new_value = new_list | np.r_[True, ordered[1:] != ordered[:-1]]
    list_start, list_end = _ends(new_list)
    start, end = _ends(new_value)
    out = np.zeros(value.size)
    out[rows] = ((start - list_start) - (list_end - end)) / 2 / (list_end - list_start)
    return out


def _ends(begins: Flags) -> tuple[Ints, Ints]:
    """Where the run that each place lies in starts, and where it stops."""
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=begins.size)
    return np.repeat(starts, lengths), np.repeat(starts + lengths, lengths)


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
    area
        Number of each row's area.
    """
    spread_x, spread_y = float(x @ x), float(y @ y)
    if min(spread_x, spread_y) < 1e-12:
        return math.nan, math.nan
    rho = float(x @ y) / math.sqrt(spread_x * spread_y)
    some = np.bincount(area) > 0
    pulls = np.bincount(area, x * y / math.sqrt(spread_x * spread_y) - rho / 2 * (x**2 / spread_x + y**2 / spread_y))
    pulls, left = pulls[some], 1 - np.bincount(area, y**2)[some] / spread_y
    return rho, math.sqrt(float(((pulls / np.maximum(left, 1e-12)) ** 2).sum()))


def interval_of(rho: float, error: float, *, areas: int, level: float) -> tuple[float, float] | None:
    """Student's, on Fisher's z, which keeps it between -1 and 1; None without spread."""
    if not error > 0:
        return None
    reach = float(stdtrit(areas - 1, (1 + level) / 2)) * error / (1 - rho**2)
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
    figures = {measure: measures[measure].to_numpy(np.float64) for measure in measures.columns}
    order = {measure: in_order(figure, lists) for measure, figure in figures.items()}
    for about, value in columns.items():
        own_order = in_order(value, lists)
        for measure, figure in figures.items():
            known = np.isfinite(value) & np.isfinite(figure)
            where, n = About(about.model, f"{about.at},measure={measure}"), int(known.sum())
            areas = int(np.count_nonzero(np.bincount(area[known])))
            if min(n, areas) < minimum:
                yield nothing("base_under_minimum", METRIC, where, n=n, method="sample")
                continue
            x, y = (
                centred_ranks(of, lists, rows=by[known[by]])[known]
                for of, by in ((value, own_order), (figure, order[measure]))
            )
            rho, error = clustered_correlation(x, y, area=area[known])
            if math.isnan(rho):
                yield nothing("nothing_varies", METRIC, where, n=n, method="sample")
                continue
            if abs(rho) > 1 - 1e-12:  # the feature is that figure: nothing about it is uncertain
                yield exactly(math.copysign(1.0, rho), METRIC, where, n=n, method="sample")
                continue
            interval = interval_of(rho, error, areas=areas, level=level)
            yield with_interval(rho, interval, METRIC, where, n=n, level=level, method="sample")
