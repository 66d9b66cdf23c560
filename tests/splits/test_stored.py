"""Folds that were kept are the folds that were made."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tegenkracht.core.fold import Fold
from tegenkracht.splits.stored import read_folds, write_folds


def test_folds_come_back_as_they_were(tmp_path) -> None:
    """Names, dates, places and positions."""
    made = (
        Fold("a", pd.Timestamp("2020-01-01"), np.array([0, 2, 5]), np.array([7, 8]), "block-1"),
        Fold("b", pd.Timestamp("2021-01-01"), np.array([], np.int64), np.array([1])),
    )
    write_folds(made, tmp_path)
    for one, other in zip(made, read_folds(tmp_path), strict=True):
        assert (one.name, one.split_on, one.place) == (other.name, other.split_on, other.place)
        assert one.train.tolist() == other.train.tolist()
        assert one.test.tolist() == other.test.tolist()
