"""What is true in a made world, for those who judge estimators; nothing that makes estimates may read it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tegenkracht.core.errors import wrong


def read_truth(folder: Path) -> pd.DataFrame:
    """The truth beside a dataset folder: unit_id, quarter (its first day), state, and propensity of a visit.

    Raises
    ------
    InputError
        When there is none.
    """
    path = folder.with_name(f"{folder.name}.truth") / "truth.parquet"
    if not path.is_file():
        raise wrong(str(path), "there is no truth beside this dataset.", "Make the world with `tegenkracht data make`.")
    return pd.read_parquet(path)
