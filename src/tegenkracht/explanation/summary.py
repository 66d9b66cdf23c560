"""How much each column, and each family of columns, moves the scores: a mean with an interval over units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.explanation.attributions import Attributions

_DIGITS = 12


def summarise(
    attributions: Attributions,
    *,
    units: NDArray[np.str_],
    features: Sequence[Feature],
    replicates: int,
    level: float,
    seed: int,
) -> tuple[Estimate, ...]:
    """Estimates of `mean_abs_shap` per column and per family.

    The contribution of a family is the absolute value of the sum of its members, row by row: correlated columns share one story.

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
    family = {feature.name: feature.family or feature.name for feature in features}
    columns = dict(_columns(attributions.values, family))
    sizes = pd.DataFrame({name: np.abs(values) for name, values in columns.items()})
    codes, names = pd.factorize(units, sort=True)
    sums = sizes.groupby(codes).sum().to_numpy()
    rows = np.bincount(codes, minlength=len(names)).astype(np.float64)
    drawn = _draws(sums, rows, replicates=replicates, seed=seed)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    means = sums.sum(axis=0) / rows.sum()
    return tuple(
        Estimate(
            attributions.model,
            "mean_abs_shap",
            _round(means[i]),
            min(_round(low[i]), _round(means[i])),
            max(_round(high[i]), _round(means[i])),
            n=len(sizes),
            method="sample",
            level=level,
            at=str(name),
        )
        for i, name in enumerate(sizes)
    )


def _columns(values: pd.DataFrame, family: Mapping[str, str]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Each column, then each family, under its `at`."""
    for name in values:
        yield f"feature={name}", values[name].to_numpy()
    for name in dict.fromkeys(family.get(str(column), str(column)) for column in values):
        members = [column for column in values if family.get(str(column), str(column)) == name]
        yield f"family={name}", values[members].to_numpy().sum(axis=1)


def _draws(sums: NDArray[np.float64], rows: NDArray[np.float64], *, replicates: int, seed: int) -> NDArray[np.float64]:
    """Means in each replicate, in blocks so that memory stays small; shape (replicates, columns)."""
    rng, n, out = np.random.default_rng(seed), len(rows), []
    block = max(1, 4_000_000 // n)
    for start in range(0, replicates, block):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=min(block, replicates - start)).astype(np.float64)
        out.append((weights @ sums) / (weights @ rows)[:, None])
    return np.concatenate(out)


def _round(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
