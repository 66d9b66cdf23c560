"""Which rows a model learns from and which it is tested on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Fold:
    """One split of a panel in time, and perhaps in place.

    Parameters
    ----------
    name
        Shown on figures and in `scores.parquet`: `2023-10-01`, `2023-10-01_block-2`.
    split_on
        The date on which the model would have been fitted: nothing known later may be in `train`.
    train, test
        Positions (0-based) in the panel's rows. `train` holds only rows with an observed outcome.
    place
        Name of the place that training does not know: `block-2`; empty for a split in time only.
    """

    name: str
    split_on: pd.Timestamp
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    place: str = ""
