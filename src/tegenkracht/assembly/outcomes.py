"""What came of it: three-valued outcomes from visits that counted, and the inspection process until then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import DAYS, Panel
from tegenkracht.data.sources import Dataset


def with_outcome(dataset: Dataset, rows: pd.DataFrame, cohort: Cohort, time: Time, outcome: Outcome) -> pd.DataFrame:
    """Outcome, whether it was observed, since when it is settled, and the inspection process."""
    visits = positive_visits(dataset, outcome)
    earlier = _earlier_visits(rows, visits)
    if cohort.kind == "scheduled":
        own = visits.set_index("inspection_id").loc[rows["inspection_id"]]
        return rows.assign(
            outcome=own["positive"].to_numpy(),
            observed=True,
            outcome_known_on=(own["known_on"] + time.label_delay.offset).to_numpy(),
            inspector=own["inspector"].to_numpy(),
            channel=own["channel"].to_numpy(),
            earlier_visits=earlier["visits"],
        )
    pairs = pairs_within_horizon(rows, visits, time)
    found = (pairs.groupby("index")["positive"].sum().reindex(rows.index) >= outcome.at_least).astype(np.float64)
    found = found.where(rows.index.isin(pairs["index"]))
    return rows.assign(
        outcome=found,
        observed=found.notna(),
        **_days(rows, pairs, outcome),
        outcome_known_on=rows["as_of"] + time.horizon.offset + time.label_delay.offset,
        inspector=earlier["inspector"],
        channel=earlier["channel"],
        earlier_visits=earlier["visits"],
    )


def positive_visits(dataset: Dataset, outcome: Outcome) -> pd.DataFrame:
    """The visits, with `positive` 1.0 where what was found is severe enough to count."""
    visits = dataset.tables["inspections"]
    severe = True if outcome.min_severity is None else visits["severity"] >= outcome.min_severity
    return visits.assign(positive=(visits["finding"] & severe).astype(np.float64))


def _days(rows: pd.DataFrame, pairs: pd.DataFrame, outcome: Outcome) -> dict[str, pd.Series]:
    """Days from the as-of date to the first finding, missing where none was seen; only when the study asks for time."""
    if outcome.kind != "time_to_finding":
        return {}
    positive = pairs[pairs["positive"] == 1]
    days = (positive["inspected_on"] - positive["as_of"]).dt.days.astype(np.float64)
    return {DAYS: days.groupby(positive["index"]).min().reindex(rows.index)}


def pairs_within_horizon(rows: pd.DataFrame, visits: pd.DataFrame, time: Time) -> pd.DataFrame:
    """Every row with every visit that counts for its outcome; `index` is the row's."""
    dates = pd.DataFrame({"as_of": rows["as_of"].unique()})
    dates = dates.assign(until=dates["as_of"] + time.horizon.offset)
    dates = dates.assign(settled=dates["until"] + time.label_delay.offset)
    pairs = rows[["unit_id", "as_of"]].reset_index().merge(visits, on="unit_id").merge(dates, on="as_of")
    inside = (
        (pairs["inspected_on"] > pairs["as_of"])
        & (pairs["inspected_on"] <= pairs["until"])
        & (pairs["known_on"] <= pairs["settled"])
    )
    return pairs[inside]


def visits_of_rows(
    dataset: Dataset, panel: Panel, folds: Sequence[Fold], *, time: Time, outcome: Outcome
) -> pd.DataFrame:
    """Every visit that counts for a test row of a calendar, a line per row and visit.

    Columns `row_id, inspection_id, inspected_on, channel, inspector, propensity, finding, appeal, severity`, and `positive` where what was found is severe
    enough. A visit counts for every as-of date whose horizon it lies in, so it can stand on several lines.
    """
    tested = panel.rows.iloc[np.unique(np.concatenate([fold.test for fold in folds]))]
    pairs = pairs_within_horizon(tested, positive_visits(dataset, outcome), time)
    columns = [
        "inspection_id",
        "inspected_on",
        "channel",
        "inspector",
        "propensity",
        "finding",
        "appeal",
        "severity",
        "positive",
    ]
    return pairs[columns].assign(row_id=panel.rows["row_id"].to_numpy()[pairs["index"]]).reset_index(drop=True)


def each_once(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits of `visits_of_rows`, each once, with the first row that it is about: `row_id, channel, inspector, finding`."""
    return visits.drop_duplicates("inspection_id")[["row_id", "channel", "inspector", "finding"]].reset_index(drop=True)


def _earlier_visits(rows: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Per row: number of visits known by then, and inspector and channel of the last of them."""
    pairs = rows[["unit_id", "known_until"]].reset_index().merge(visits, on="unit_id")
    pairs = pairs[(pairs["known_on"] <= pairs["known_until"]) & (pairs["inspected_on"] <= pairs["known_until"])]
    pairs = pairs.sort_values(["index", "inspected_on", "inspection_id"], kind="stable")
    last = pairs.drop_duplicates("index", keep="last").set_index("index")[["inspector", "channel"]]
    visits_known = pairs["index"].value_counts().reindex(rows.index).fillna(0).astype(np.float64)
    return last.reindex(rows.index).assign(visits=visits_known)
