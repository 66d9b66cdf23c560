"""Small made-up studies for the tests of evaluation: scores with known outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.scores import COLUMNS, Scores


def build_scores(
    models: Mapping[str, Sequence[float]],
    outcomes: Sequence[float],
    *,
    as_of: Sequence[str] | None = None,
    unit: Sequence[str] | None = None,
    fold: Sequence[str] | None = None,
    context: Mapping[str, Sequence[object]] | None = None,
    audit: tuple[str, ...] = (),
) -> Scores:
    """Scores of models on the same rows; an outcome of NaN was not observed."""
    n = len(outcomes)
    outcome = np.array(outcomes, float)
    row_id = [f"r{i:05d}" for i in range(n)]
    shared = pd.DataFrame(
        {
            "row_id": row_id,
            "unit_id": [f"u{i:05d}" for i in range(n)] if unit is None else list(unit),
            "as_of": pd.to_datetime(["2024-01-01"] * n if as_of is None else list(as_of)),
            "fold": ["f1"] * n if fold is None else list(fold),
            "outcome": outcome,
            "observed": ~np.isnan(outcome),
        }
    )
    parts = [shared.assign(model=name, score=np.array(score, float)) for name, score in models.items()]
    rows = pd.concat(parts, ignore_index=True)
    rows["rank"] = 1
    absent = {
        "cluster_id": None,
        "area_code": "a",
        "sector": "s",
        "inspector": None,
        "channel": None,
        "earlier_visits": 0.0,
    }
    given = {key: pd.Series(list(values), dtype=object) for key, values in (context or {}).items()}
    table = pd.DataFrame({**{key: pd.Series([value] * n, dtype=object) for key, value in absent.items()}, **given})
    return Scores(rows[list(COLUMNS)], table.set_axis(row_id, axis=0), audit, tuple(models))


@pytest.fixture(scope="session")
def scores_from() -> Callable[..., Scores]:
    """The builder of made-up scores."""
    return build_scores
