"""How much each column, and each family of columns, moves the scores: a mean with an interval over units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.digits import written
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.explanation.attributions import Attributions

Floats = NDArray[np.float64]
_DRAWS_AT_ONCE = 4_000_000


def summarise(
    attributions: Attributions,
    *,
    units: NDArray[np.str_],
    features: Sequence[Feature],
    replicates: int,
    level: float,
    seed: int,
) -> tuple[Estimate, ...]:
    """Estimates of `mean_abs_shap` per column (`at` is `feature=…`) and per family (`family=…`).

    The contribution of a family is the absolute value of the sum of its members, row by row: correlated columns share one story, and how a model
    happens to divide it among them cancels.

    Parameters
    ----------
    attributions
        Of one model.
    units
        `unit_id` of each row; the bootstrap draws units, since rows of one place are alike.
    features
        The dictionary, for families; columns that are not in it (the inspection process) are a family of their own.
    replicates, level, seed
        Of the bootstrap: percentile interval.
    """
    sizes = _sizes(attributions.values, families_of(attributions.values.columns, features))
    codes, names = pd.factorize(units, sort=True)
    sums = sizes.groupby(codes).sum().to_numpy()
    rows = np.bincount(codes, minlength=len(names)).astype(np.float64)
    drawn = _draws(sums, rows, replicates=replicates, seed=seed)
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    means = sums.sum(axis=0) / rows.sum()
    return tuple(
        Estimate(
            attributions.model,
            "mean_abs_shap",
            written(mean),
            written(low),
            written(high),
            n=len(sizes),
            method="sample",
            level=level,
            at=str(name),
        )
        for name, mean, low, high in zip(sizes, means, *ends, strict=True)
    )


def families_of(columns: Sequence[str] | pd.Index, features: Sequence[Feature]) -> Mapping[str, tuple[str, ...]]:
    """Members of each family among `columns`, in order; a column without a family is its own."""
    family = {feature.name: feature.family or feature.name for feature in features}
    members: dict[str, tuple[str, ...]] = {}
    for column in columns:
        name = family.get(column, column)
        members[name] = (*members.get(name, ()), column)
    return members


def _sizes(values: pd.DataFrame, families: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Absolute contribution per row: of each column, then of each family, under its `at`."""
    sizes = {f"feature={name}": values[name].abs() for name in values}
    sizes |= {f"family={name}": values[list(members)].sum(axis=1).abs() for name, members in families.items()}
    return pd.DataFrame(sizes)


def _draws(sums: Floats, rows: Floats, *, replicates: int, seed: int) -> Floats:
    """Means in each replicate, shape (replicate, column): as many units as there are, with replacement, in blocks so that memory stays small."""
    rng, n = np.random.default_rng(seed), len(rows)
    block = max(1, _DRAWS_AT_ONCE // n)
    means = []
    for first in range(0, replicates, block):
        size = min(block, replicates - first)
        drawn = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)
        means.append((weights @ sums) / (weights @ rows)[:, None])
    return np.concatenate(means)
