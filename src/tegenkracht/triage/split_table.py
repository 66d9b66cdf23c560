"""The recomputed splits as a table, and whether a matrix is of one of them."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.core.sheet import sheet
from tegenkracht.triage.matrix import Matrix
from tegenkracht.triage.time_splits import TimeSplit


def is_planned(matrix: Matrix, splits: Sequence[TimeSplit]) -> bool:
    """Whether the dates of a matrix are those of some split."""
    dates = set(matrix.metadata.as_of or matrix.rows["as_of"].unique())
    if matrix.metadata.kind == "train":
        return any(dates == set(s.train_as_of) and matrix.metadata.span == s.training_span for s in splits)
    return any(dates == set(t.as_of) and matrix.metadata.span == s.test_span for s in splits for t in s.tests)


HEADER = (
    "split", "first_training_date", "last_training_date", "training_dates", "first_test_date", "last_test_date", "test_dates",
    "test_labels_until", "training_label_timespan", "test_label_timespan", "test_duration", "max_training_history",
)  # fmt: skip


def splits_csv(splits: Sequence[TimeSplit]) -> str:
    """One row for each test matrix: the split, its training dates, its test dates, and what was varied."""
    rows = []
    for s in splits:
        for t in s.tests:
            trained = [f"{s.train_as_of[0]:%Y-%m-%d}", f"{s.train_as_of[-1]:%Y-%m-%d}", len(s.train_as_of)]
            tested = [f"{t.as_of[0]:%Y-%m-%d}", f"{t.as_of[-1]:%Y-%m-%d}", len(t.as_of), f"{t.until:%Y-%m-%d}"]
            varied = [s.training_span, s.test_span, s.test_duration, s.history]
            rows.append([f"{s.split:%Y-%m-%d}", *trained, *tested, *varied])
    return sheet(HEADER, rows)
