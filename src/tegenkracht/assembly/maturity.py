"""How far outcomes could be known on each as-of date: in time, too late to count, or not yet."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tegenkracht.assembly.eligible import as_of_dates, eligible_on, settled_on
from tegenkracht.assembly.outcomes import positive_visits
from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.estimate import Estimate
from tegenkracht.data.sources import Dataset

METRICS = ("maturity_units", "maturity_in_time", "maturity_late", "maturity_open")


def maturity_report(
    dataset: Dataset, units: pd.DataFrame, *, cohort: Cohort, time: Time, outcome: Outcome
) -> tuple[Estimate, ...]:
    """Counts per as-of date of the calendar, also of the dates that are left out.

    `maturity_units` eligible units; `maturity_in_time` those with a visit within the horizon that was known when the outcome is settled;
    `maturity_late` those with such a visit that became known only later (they count as not visited); `maturity_open` those whose outcome
    was not settled on the day that the tables were drawn (all of them, on a date that is left out).
    """
    visits = positive_visits(dataset, outcome)
    known_until = pd.Timestamp(dataset.description.known_until)
    return tuple(
        Estimate("", metric, float(count), n=n, method="count", at=f"as_of={date:%Y-%m-%d}")
        for date in as_of_dates(time)
        for metric, count, n in _on(dataset, units, visits, date, cohort, time, known_until)
    )


def _on(
    dataset: Dataset,
    units: pd.DataFrame,
    visits: pd.DataFrame,
    date: pd.Timestamp,
    cohort: Cohort,
    time: Time,
    known_until: pd.Timestamp,
) -> Iterator[tuple[str, int, int]]:
    eligible = eligible_on(dataset, units, cohort, date)["unit_id"]
    settled = settled_on(date, time)
    inside = (visits["inspected_on"] > date) & (visits["inspected_on"] <= time.horizon.after(date))
    own = visits[inside]
    own = own[own["unit_id"].isin(eligible)]
    in_time = own.loc[own["known_on"] <= settled, "unit_id"].nunique()
    n = len(eligible)
    counts = (n, in_time, own["unit_id"].nunique() - in_time, n if settled > known_until else 0)
    yield from ((metric, count, n) for metric, count in zip(METRICS, counts, strict=True))
