"""Faults that recipes of every kind can have: names that are not there, and windows that never fill."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem
from tegenkracht.core.span import Span
from tegenkracht.data.dictionary import TableName
from tegenkracht.data.sources import Dataset


def unknown(where: str, asked: Iterable[str], known: Iterable[str], what: str, dataset: Dataset) -> Iterator[Problem]:
    """Names that the dataset does not have, and audit attributes, which are never features."""
    known = list(known)
    for name in asked:
        if name in dataset.description.attributes:
            yield Problem(where, f"`{name}` is an audit attribute; it may never be a feature.", "Remove it.")
        elif name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            choice = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(known) or 'none'}."
            yield Problem(where, f"`{name}` is not {what} of dataset {dataset.name}.", choice)


def too_long(
    dataset: Dataset, windows: Sequence[Span | None], where: str, table: TableName, time: Time, *, what: str
) -> Iterator[Problem]:
    """Windows that start before the first fact, even on the last as-of date: they never fill. `what` is what the facts are called."""
    first, last = pd.Timestamp(dataset.description.tables[table].period[0]), pd.Timestamp(time.last)
    for window in windows:
        if window is not None and window.before(last) < first:
            yield Problem(
                where,
                f"a window of {window} before {last:%Y-%m-%d} starts before the {what} do, on {first:%Y-%m-%d}.",
                "Take a shorter window, or `all`.",
            )
