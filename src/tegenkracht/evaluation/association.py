r"""How strongly each column goes with an attribute: the correlation ratio of a number, and Cramér's V of a yes or no.

Beside the AUC of a family, which says how well its columns together guess one group, these say of one column how much of it goes with all groups of an
attribute at once, whichever way it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, percentile_interval, resample, sum_statistic
from tegenkracht.evaluation.estimates import About, nothing, with_interval
from tegenkracht.evaluation.ratio import over
from tegenkracht.evaluation.sample import Grouping

Floats = NDArray[np.float64]

ETA, CRAMER = "eta_squared", "cramers_v"
MISSING = ",missing=yes"
"""After the name of a feature: whether it is missing, rather than its value."""


def eta_squared(n: Floats, total: Floats, squares: Floats) -> Floats:
    r"""The correlation ratio :math:`\eta^2`: the part of the spread of a number that lies between groups (Pearson 1905; Kelley 1935). NaN without spread.

    Parameters
    ----------
    n, total, squares
        Of each group (…, group) how many rows, the sum of the number, and that of its squares.

    Examples
    --------
    Two groups of two with 0, 2 and 4, 6: squares 16 between groups and 4 within.

    >>> float(eta_squared(np.array([2.0, 2.0]), np.array([2.0, 10.0]), np.array([4.0, 52.0])))
    0.8
    """
    overall = over(total.sum(-1) ** 2, n.sum(-1), none=0.0)
    between, whole = over(total**2, n, none=0.0).sum(-1) - overall, squares.sum(-1) - overall
    return np.where(whole > 1e-9 * np.abs(squares.sum(-1)), over(between, whole, none=0.0), np.nan)


def cramers_v_squared(table: Floats) -> Floats:
    r"""The square of Cramér's V, :math:`\phi^2/\min(r-1, c-1)`, of tables of counts (…, row, column) (Cramér 1946). NaN when all counts are in one row or column.

    Examples
    --------
    >>> float(cramers_v_squared(np.array([[10.0, 0.0], [0.0, 10.0]])))
    1.0
    """
    rows, columns = table.sum(-1, keepdims=True), table.sum(-2, keepdims=True)
    phi = over(table**2, rows * columns, none=0.0).sum((-1, -2)) - 1
    used = np.minimum((rows > 0).sum((-1, -2)), (columns > 0).sum((-1, -2)))
    return np.where(used > 1, over(phi, used - 1.0, none=0.0), np.nan)


def association_estimates(
    columns: pd.DataFrame,
    groupings: Sequence[Grouping],
    *,
    cluster: NDArray[np.int32],
    minimum: int,
    unknown: str,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """`eta_squared` of each number and `cramers_v` of each yes or no (0 and 1), with every attribute; rows where either is not known take no part.

    Whether a column is missing is a yes or no of its own, where it is missing in some rows and not in others: a fact that is left out for one group tells
    that group by being left out.

    Both are above zero by chance alone, and more so when the places of a cluster are alike. What the bootstrap over clusters adds to the figure is taken
    off it once, and off its replicates twice (Davison & Hinkley 1997, section 5.2); with independent rows this is what Bergsma 2013 takes off V.

    Parameters
    ----------
    columns
        Features, a line per row; NaN where missing.
    groupings
        Attributes of the same rows. Groups under the minimum, and `unknown`, take no part.
    """
    told = _columns(columns)
    cluster = np.unique(cluster, return_inverse=True)[1].astype(np.int32)
    parts = np.array([part for column in told for part in column.parts]).reshape(-1, cluster.size)
    for grouping in groupings:
        values = [v for v, name in enumerate(grouping.values) if name != unknown and grouping.places[v] >= minimum]
        slices = [np.flatnonzero(grouping.of_row == value) for value in values]
        rows = np.concatenate([*slices, np.empty(0, np.int64)])
        if len(values) < 2:
            for column in told:
                yield nothing("base_under_minimum", column.metric, column.about(grouping), n=rows.size, method="sample")
            continue
        sums = resample(
            {"": sum_statistic(np.take(parts, rows, axis=1).T, cluster=cluster, slices=slices)},
            clusters=int(cluster.max()) + 1,
            replicates=replicates,
            seed=seed,
            threads=threads,
            progress=silent,
        )[""]
        at = 0
        for column in told:
            own = sums[:, at : at + len(column.parts)]
            at += len(column.parts)
            yield column.estimate(own, column.about(grouping), level=level)


@dataclass(frozen=True)
class _Column:
    """A column as it is summed: where it is known, its value there and, of a number, the square.

    Parameters
    ----------
    name
        Of the feature.
    parts
        Per row; 0 where it is missing.
    """

    name: str
    parts: tuple[Floats, ...]

    @property
    def metric(self) -> str:
        """What is told of it."""
        return ETA if len(self.parts) == 3 else CRAMER

    def about(self, grouping: Grouping) -> About:
        """Of which attribute and which column it is told."""
        return About(group=f"{grouping.attribute}=", at=f"feature={self.name}")

    def estimate(self, sums: Resampled, about: About, *, level: float) -> Estimate:
        """From sums (group, part) to the figure, with what chance adds taken off."""
        squared = sums.each(self._squared)
        n, point = float(sums.point[:, 0].sum()), float(squared.point)
        answered = squared.replicates[np.isfinite(squared.replicates)]
        interval = percentile_interval(squared.replicates, level=level)
        if not np.isfinite(point) or interval is None:
            return nothing("nothing_varies", self.metric, about, n=n, method="sample")
        if np.count_nonzero(sums.point[:, 0]) < 2:
            return nothing("known_in_one_group", self.metric, about, n=n, method="sample")
        extra = float(answered.mean()) - point
        low, value, high = np.clip([interval[0] - 2 * extra, point - extra, interval[1] - 2 * extra], 0.0, 1.0)
        ends = float(min(low, value)), float(max(high, value))
        if self.metric == CRAMER:
            value, ends = np.sqrt(value), (ends[0] ** 0.5, ends[1] ** 0.5)
        return with_interval(float(value), ends, self.metric, about, n=n, level=level, method="sample")

    def _squared(self, sums: Floats) -> Floats:
        """Of sums (replicate, group, part)."""
        if self.metric == ETA:
            return eta_squared(sums[..., 0], sums[..., 1], sums[..., 2])
        return cramers_v_squared(np.stack([sums[..., 1], sums[..., 0] - sums[..., 1]], axis=-1))


def _columns(columns: pd.DataFrame) -> list[_Column]:
    """Columns as they are summed; numbers in their own standard deviations, around their mean, so that sums of squares stay exact."""
    out = []
    for name in columns:
        value = columns[name].to_numpy(np.float64)
        known = np.isfinite(value)
        inside = value[known]
        if ((inside == 0) | (inside == 1)).all():
            parts: tuple[Floats, ...] = (known.astype(np.float64), np.where(known, value, 0.0))
        else:
            scaled = np.where(known, (value - inside.mean()) / (inside.std() or 1.0), 0.0)
            parts = (known.astype(np.float64), scaled, scaled**2)
        out.append(_Column(str(name), parts))
        if 0 < inside.size < known.size:
            out.append(_Column(f"{name}{MISSING}", (np.ones(known.size), (~known).astype(np.float64))))
    return out
