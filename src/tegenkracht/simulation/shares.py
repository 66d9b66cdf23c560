"""What visits say of the share of places where something would be found, beside what is true: naive, by lot, weighted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world.truth import read_truth

_LEVEL, _Z = 0.95, 1.959964


def shares(folder: Path, sectors: Sequence[str]) -> pd.DataFrame:
    """By sector: the share with a finding among all visits, among those by lot, and weighted by one over the chance of a visit, with the truth.

    The truth is what visits to every open place in every quarter would find and an appeal would leave. Columns sector, how, value, low, high, n. Second looks
    have no chance of their own and are left out.
    """
    dataset, truth = read_dataset(folder), read_truth(folder)
    rows = []
    for sector in sectors:
        rows += [(sector, *_of(estimate)) for estimate in _estimates(dataset, sector)]
        true = truth.of(sector)["potential"]
        rows.append((sector, "truth", float(true.mean()), np.nan, np.nan, len(true)))
    return pd.DataFrame(rows, columns=["sector", "how", "value", "low", "high", "n"])


def _estimates(dataset: Dataset, sector: str) -> list[Estimate]:
    units = dataset.tables["units"]
    visits = dataset.tables["inspections"].dropna(subset=["propensity"])
    visits = visits[visits["unit_id"].isin(units.loc[units["sector"] == sector, "unit_id"])]
    finding, weight = visits["finding"].to_numpy(dtype=float), 1 / visits["propensity"].to_numpy()
    by_lot = (visits["channel"] == "random").to_numpy()
    return [
        _mean("all visits", finding, np.ones(len(finding))),
        _mean("visits by lot", finding[by_lot], np.ones(int(by_lot.sum()))),
        _mean("weighted", finding, weight),
    ]


def _mean(how: str, finding: np.ndarray, weight: np.ndarray) -> Estimate:
    """A weighted mean with its linearised interval (Hájek)."""
    if len(finding) < 2:
        return none_because("fewer than two visits", model=how, metric="prevalence", n=len(finding))
    value = float(np.average(finding, weights=weight))
    error = float(np.std(weight / weight.mean() * (finding - value)) / np.sqrt(len(finding)))
    return Estimate(how, "prevalence", value, value - _Z * error, value + _Z * error, n=len(finding), level=_LEVEL)


def _of(estimate: Estimate) -> tuple[str, float, float, float, int]:
    value, low, high = (np.nan if one is None else one for one in (estimate.value, estimate.low, estimate.high))
    return estimate.model, value, low, high, estimate.n
