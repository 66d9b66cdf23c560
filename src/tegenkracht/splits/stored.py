"""Folds on disk and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tegenkracht.core.fold import Fold


def write_folds(folds: Sequence[Fold], folder: Path) -> None:
    """`folds.json`, and the positions of each fold as arrays that load without running code."""
    named = [{"name": fold.name, "split_on": fold.split_on.isoformat(), "place": fold.place} for fold in folds]
    (folder / "folds.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")
    for i, fold in enumerate(folds):
        np.save(folder / f"{i}-train.npy", fold.train, allow_pickle=False)
        np.save(folder / f"{i}-test.npy", fold.test, allow_pickle=False)


def read_folds(folder: Path) -> tuple[Fold, ...]:
    """What `write_folds` wrote."""
    named = json.loads((folder / "folds.json").read_text(encoding="utf-8"))
    return tuple(
        Fold(
            name=one["name"],
            split_on=pd.Timestamp(one["split_on"]),
            train=np.load(folder / f"{i}-train.npy", allow_pickle=False),
            test=np.load(folder / f"{i}-test.npy", allow_pickle=False),
            place=one["place"],
        )
        for i, one in enumerate(named)
    )
