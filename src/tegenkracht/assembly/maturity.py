"""How far outcomes could be known on each as-of date: in time, too late to count, or not yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.assembly.eligible import as_of_dates, eligible_on, settled_on
from tegenkracht.core.cohort import Cohort, Time
from tegenkracht.core.estimate import Estimate
from tegenkracht.data.sources import Dataset

METRICS = ("maturity_units", "maturity_in_time", "maturity_late", "maturity_open")


def maturity_report(dataset: Dataset, units: pd.DataFrame, *, cohort: Cohort, time: Time) -> tuple[Estimate, ...]:
    """Counts per as-of date of the calendar, also of the dates that are left out.

    `maturity_units` eligible units; `maturity_in_time` those with a visit within the horizon that was known when the outcome is settled;
    `maturity_late` those with such a visit that became known only later (they count as not visited); `maturity_open` those whose outcome
    was not settled on the day that the tables were drawn (all of them, on a date that is left out).
    """
    visits = dataset.tables["inspections"]
    place = pd.Index(units["unit_id"]).get_indexer(pd.Index(visits["unit_id"]))
    ours = place >= 0
    looked = _Looked(place[ours], visits["inspected_on"].to_numpy()[ours], visits["known_on"].to_numpy()[ours])
    known_until = pd.Timestamp(dataset.description.known_until)
    return tuple(
        Estimate("", metric, float(count), n=n, method="count", at=f"as_of={date:%Y-%m-%d}")
        for date in as_of_dates(time)
        for metric, count, n in _on(eligible_on(dataset, units, cohort, date), looked, date, time, known_until)
    )


@dataclass(frozen=True)
class _Looked:
    """Visits to units: which unit, when, and since when it was known (visit,)."""

    unit: NDArray[np.int64]
    on: NDArray[np.datetime64]
    known: NDArray[np.datetime64]


def _on(
    eligible: NDArray[np.bool_], looked: _Looked, date: pd.Timestamp, time: Time, known_until: pd.Timestamp
) -> Iterator[tuple[str, int, int]]:
    settled, end = settled_on(date, time), time.horizon.after(date)
    inside = (looked.on > date.to_datetime64()) & (looked.on <= end.to_datetime64()) & eligible[looked.unit]
    in_time = np.unique(looked.unit[inside & (looked.known <= settled.to_datetime64())]).size
    n = int(eligible.sum())
    counts = (n, in_time, np.unique(looked.unit[inside]).size - in_time, n if settled > known_until else 0)
    yield from ((metric, count, n) for metric, count in zip(METRICS, counts, strict=True))
