"""Figures of the area around each tested place: for audits of where flags fall, never a feature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.errors import Problem
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.data.sources import Dataset
from tegenkracht.features.build import latest_figures


def unknown_measures(dataset: Dataset, measures: Sequence[str]) -> Iterator[Problem]:
    """Measures that the dataset has no figures of."""
    known = dataset.description.measures
    for name in measures:
        if name not in known or "areas" not in dataset.tables:
            yield Problem(
                "audit.measures",
                f"`{name}` is not a measure of areas in dataset {dataset.name}.",
                f"It has: {', '.join(known) or 'none'}.",
            )


def area_figures(
    dataset: Dataset, panel: Panel, folds: Sequence[Fold], *, measures: Sequence[str]
) -> pd.DataFrame | None:
    """Per test row the latest figure of its area that was known then: a column per measure, index `row_id`; None when none is asked for."""
    if not measures:
        return None
    tested = panel.rows.iloc[np.unique(np.concatenate([fold.test for fold in folds]))]
    columns = {measure: latest_figures(dataset, tested, measure) for measure in measures}
    return pd.DataFrame(columns, index=pd.Index(tested["row_id"], name="row_id"))
