"""The score of a fitted model on the scale on which its contributions add up: log-odds, or points of a checklist."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline


def margin_of(estimator: Any, X: pd.DataFrame, *, threads: int) -> NDArray[np.float64]:
    """One number per row of `X`, which has the columns that the estimator was fitted on; threads do not change it."""
    last = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    if hasattr(last, "booster_"):
        table = X if last is estimator else estimator[:-1].transform(X)
        return np.asarray(last.booster_.predict(table, raw_score=True, num_threads=threads), dtype=np.float64)
    return np.asarray(estimator.decision_function(X), dtype=np.float64)
