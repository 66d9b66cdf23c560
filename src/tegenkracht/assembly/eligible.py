"""Who is eligible, and on which dates: known then, and apart from what is predicted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.cohort import Cohort, Time, Without
from tegenkracht.data.sources import Dataset


def calendar_rows(
    dataset: Dataset, units: pd.DataFrame, cohort: Cohort, time: Time
) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """Every eligible unit on every as-of date whose outcome could have been known when the tables were drawn."""
    known_until = pd.Timestamp(dataset.description.known_until)
    dates = as_of_dates(time)
    mature = [date for date in dates if settled_on(date, time) <= known_until]
    parts = [units[eligible_on(dataset, units, cohort, date)].assign(as_of=date) for date in mature]
    rows = (
        pd.concat(parts, ignore_index=True) if parts else units.head(0).assign(as_of=pd.Series(dtype="datetime64[us]"))
    )
    rows = rows.assign(
        row_id=rows["unit_id"] + "@" + rows["as_of"].dt.strftime("%Y-%m-%d"),
        known_until=rows["as_of"] - cohort.information_lag.offset,
        inspection_id=pd.array([None] * len(rows), dtype="str"),
    )
    return rows[_ROW], [date for date in dates if date not in mature]


_ROW = [
    "row_id",
    "unit_id",
    "as_of",
    "known_until",
    "sector",
    "cluster_id",
    "area_code",
    "inspection_id",
    "sole_trader",
]


def as_of_dates(time: Time) -> list[pd.Timestamp]:
    """The study's as-of dates; months are counted from the first, so that they do not drift."""
    if time.step is None or time.step.count == 0:
        return [pd.Timestamp(time.first)]
    first, last = pd.Timestamp(time.first), pd.Timestamp(time.last)
    dates: list[pd.Timestamp] = []
    while (date := first + len(dates) * time.step.offset) <= last:
        dates.append(date)
    return dates


def settled_on(date: pd.Timestamp, time: Time) -> pd.Timestamp:
    """The date from which an outcome, also a missing one, is settled."""
    return time.label_delay.after(time.horizon.after(date))


def eligible_on(dataset: Dataset, units: pd.DataFrame, cohort: Cohort, date: pd.Timestamp) -> NDArray[np.bool_]:
    """Which units are open on a date, have been so for long enough, and are not kept out by what was known then (unit,)."""
    since = cohort.open_for.before(date)
    opened = units["opened_on"].isna() | (units["opened_on"] <= since)
    still = units["closed_on"].isna() | (units["closed_on"] > date)
    eligible = (opened & still).to_numpy(bool)
    for reason in cohort.without:
        out = _kept_out(dataset, reason, cohort.information_lag.before(date))
        eligible = eligible & ~units["unit_id"].isin(out).to_numpy(bool)
    return eligible


def _kept_out(dataset: Dataset, reason: Without, known: pd.Timestamp) -> pd.Series:
    """Units about which this was known on a date: a visit, a finding or an event within the span before it."""
    if reason.source == "events":
        facts = dataset.tables["events"]
        facts = facts[facts["kind"] == reason.kind]
        happened = facts["occurred_on"]
    else:
        facts = dataset.tables["inspections"]
        facts = facts[facts["finding"]] if reason.source == "findings" else facts
        happened = facts["inspected_on"]
    recent = (facts["known_on"] <= known) & (happened <= known) & (happened > reason.within.before(known))
    return facts.loc[recent, "unit_id"]


def scheduled_rows(
    dataset: Dataset, units: pd.DataFrame, cohort: Cohort, time: Time
) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """One row per visit of the chosen channels between the first and the last day."""
    visits = dataset.tables["inspections"]
    visits = visits[visits["inspected_on"].between(pd.Timestamp(time.first), pd.Timestamp(time.last))]
    visits = visits[visits["channel"].isin(cohort.channels)] if cohort.channels else visits
    rows = visits[["inspection_id", "unit_id", "inspected_on"]].merge(units, on="unit_id")
    rows = rows.assign(
        row_id=rows["inspection_id"],
        as_of=rows["inspected_on"],
        known_until=rows["inspected_on"] - cohort.information_lag.offset,
    )
    return rows[_ROW], []
