"""The reasons of all flagged places as one table: what their pages may say, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tegenkracht.explanation.places import Place, Reason

COLUMNS = (
    *("row_id", "as_of", "fold", "place", "feature", "families", "state", "low", "high"),
    *("typical", "typical_n", "typical_scope", "agreement"),
)


def reasons_table(places: Sequence[Place]) -> pd.DataFrame:
    """One line per reason, from the same records as the pages, so that a run gives one answer.

    What a page leaves out is not here either: figures of areas, facts of sole traders that are about a person or a home, values that few places
    share, reasons that did not survive, and the order where it would point at a place. What each adds to the score is in neither.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: `place` counts from 1 within a row, and is missing where the order may not be told; `state`, `low` and `high` are the value
        as it may be shown (`explanation.shown`); `families` are joined by a plus; `agreement` is missing without refits.
    """
    found = [_line(place, i, reason) for place in places for i, reason in enumerate(place.reasons, 1)]
    table = pd.DataFrame(found, columns=list(COLUMNS))
    numbers = dict.fromkeys(("low", "high", "typical", "agreement"), "float64")
    return table.astype({"place": "Int64", "typical_n": "Int64", **numbers})


def _line(place: Place, i: int, reason: Reason) -> tuple[object, ...]:
    """One reason in the order of `COLUMNS`."""
    return (
        place.row_id,
        place.as_of,
        place.fold,
        i if place.in_order else None,
        reason.feature,
        "+".join(reason.families),
        reason.shown.state,
        reason.shown.low,
        reason.shown.high,
        reason.typical.value,
        reason.typical.n,
        reason.typical.scope,
        reason.agreement,
    )
