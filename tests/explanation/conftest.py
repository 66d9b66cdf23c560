"""Boosters, tables and attributions that the tests of explanations share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.text import Text
from tegenkracht.explanation.attributions import Attributions

WORDS = Text(nl="woord", en="word")
QUIET = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}


@pytest.fixture(scope="session")
def feature() -> Callable[..., Feature]:
    """An entry of the dictionary."""

    def make(name: str, family: str = "") -> Feature:
        return Feature(name=name, label=WORDS, definition=WORDS, subject="place", source="s", family=family)

    return make


@pytest.fixture(scope="session")
def grow() -> Callable[..., lgb.Booster]:
    """A small booster; keywords are LightGBM's, `data` those of its dataset."""

    def make(
        X: Any, y: np.ndarray, *, rounds: int = 10, data: dict[str, Any] | None = None, **parameters: Any
    ) -> lgb.Booster:
        settings = QUIET | {"min_data_in_leaf": 5, "learning_rate": 0.3} | parameters
        return lgb.train(settings, lgb.Dataset(X, y, **(data or {})), rounds)

    return make


@pytest.fixture(scope="session")
def attributions_of() -> Callable[..., Attributions]:
    """Attributions with the given columns of contributions."""

    def make(values: dict[str, Any], *, folds: list[str] | None = None, rows: list[str] | None = None) -> Attributions:
        table = pd.DataFrame(values, dtype=np.float64)
        names = rows or [f"r{i}" for i in range(len(table))]
        return Attributions(
            model="m",
            rows=np.array(names),
            folds=np.array(folds or ["f"] * len(table)),
            base=np.zeros(len(table)),
            values=table,
            link="log-odds",
        )

    return make
