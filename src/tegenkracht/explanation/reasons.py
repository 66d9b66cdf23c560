"""What spoke for a review of one place: its largest positive contributions, with the values that they came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tegenkracht.explanation.attributions import Attributions

COLUMNS = ("row_id", "place", "feature", "value", "contribution")


def reasons(attributions: Attributions, facts: pd.DataFrame, *, rows: Sequence[str], at_most: int) -> pd.DataFrame:
    """The largest positive contributions of each row, one line each.

    Parameters
    ----------
    attributions
        Of one model.
    facts
        What the model knew of each row, indexed by `row_id`, with at least the columns of the attributions.
    rows
        `row_id` of the rows wanted; the answer keeps their order.
    at_most
        Reasons per row; fewer when fewer contributions are above zero.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: `place` counts from 1 within a row (equal contributions in order of columns), `value` is the fact, as it is.

    Raises
    ------
    KeyError
        When a row was not explained.
    """
    at = pd.Index(attributions.rows).get_indexer(list(rows))
    if (at < 0).any():
        raise KeyError(
            f"Not explained by {attributions.model}: {[row for row, i in zip(rows, at, strict=True) if i < 0]}"
        )
    contributions = attributions.values.to_numpy()[at]
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :at_most]
    names = attributions.values.columns
    found = [
        (row, place + 1, names[column], facts.at[row, names[column]], contributions[i, column])
        for i, row in enumerate(rows)
        for place, column in enumerate(order[i])
        if contributions[i, column] > 0
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))
