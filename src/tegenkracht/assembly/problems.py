"""What can be wrong with a study once it meets its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from tegenkracht.core.cohort import Cohort, Time
from tegenkracht.core.errors import Problem
from tegenkracht.data.sources import Dataset


def unknown_names(dataset: Dataset, cohort: Cohort, audit: Sequence[str]) -> Iterator[Problem]:
    """Sectors, event kinds and audit attributes that the dataset does not have."""
    sectors = sorted(dataset.tables["units"]["sector"].unique())
    for sector in set(cohort.sectors) - set(sectors):
        yield Problem(
            "cohort.sectors",
            f"dataset {dataset.name} has no units of sector `{sector}`.",
            f"It has: {', '.join(sectors)}.",
        )
    kinds = dataset.description.event_kinds
    for i, reason in enumerate(cohort.without):
        if reason.source == "events" and reason.kind not in kinds:
            yield Problem(
                f"cohort.without.{i}.kind",
                f"`{reason.kind}` is not an event kind of dataset {dataset.name}.",
                f"It has: {', '.join(kinds) or 'none'}.",
            )
    yield from unknown_attributes(dataset, "audit.attributes", audit)


def unknown_attributes(dataset: Dataset, key: str, names: Iterable[str]) -> Iterator[Problem]:
    """Attributes named under a key of the study that the dataset does not have."""
    known = dataset.description.attributes
    for name in names:
        if name not in known or "groups" not in dataset.tables:
            yield Problem(
                key,
                f"`{name}` is not an attribute of dataset {dataset.name}.",
                f"It has: {', '.join(known) or 'none'}.",
            )


def nothing_left(dataset: Dataset, cohort: Cohort, time: Time, immature: Sequence[pd.Timestamp]) -> Problem:
    """Why no row is left at all."""
    if immature:
        needed = f"{time.horizon} horizon and {time.label_delay} delay"
        return Problem(
            "time.horizon",
            f"no as-of date has an outcome that could be known by {dataset.description.known_until}: {needed} after {time.first} is later.",
            "Take earlier as-of dates, a shorter horizon or a shorter delay.",
        )
    return Problem(
        "cohort",
        f"no {cohort.kind} row is left between {time.first} and {time.last}.",
        "Check the dates, sectors and channels.",
    )


def without_cohort(rows: pd.DataFrame, dates: Sequence[pd.Timestamp]) -> Iterator[Problem]:
    """As-of dates on which nobody is eligible."""
    empty = [date for date in dates if not (rows["as_of"] == date).any()]
    if empty:
        named = ", ".join(f"{date:%Y-%m-%d}" for date in empty[:5])
        yield Problem(
            "cohort",
            f"no unit is eligible on {len(empty):,} of {len(dates):,} as-of dates ({named}).",
            "Start or end the study at dates on which there are units, or loosen `without` and `open_for`.",
        )


def one_sided(rows: pd.DataFrame) -> Iterator[Problem]:
    """Outcomes of one class only, or none at all."""
    outcomes = rows.loc[rows["observed"], "outcome"]
    if outcomes.empty:
        yield Problem(
            "label",
            "no outcome is observed: nobody inspected any of these units within the horizon.",
            "Take a longer horizon, or other dates.",
        )
    elif outcomes.nunique() == 1:
        what = "a finding" if outcomes.iloc[0] == 1 else "no finding"
        yield Problem(
            "label",
            f"all {len(outcomes):,} outcomes are {what}; there is nothing to learn.",
            "Check `label`, or take other dates.",
        )


def constant_columns(columns: pd.DataFrame) -> Iterator[Problem]:
    """A column that never differs says nothing, and is most often a mistake in a window or a kind."""
    for name in columns:
        if columns[name].nunique(dropna=False) == 1:
            value = columns[name].iloc[0]
            shown = "missing" if pd.isna(value) else f"{value:g}"
            yield Problem(
                "features.recipes",
                f"the column `{name}` is {shown} in all {len(columns):,} rows.",
                "Remove it, or take another window.",
            )
