"""Rolling origin: learn from what was settled before a date, test on what came after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.span import Span
from tegenkracht.splits.place import Place

_NONE = Span(0, "days")


class _InTime(BaseModel):
    """What every split has: an embargo on top of horizon and delay, and perhaps places that are held out too.

    What is left at its default is left out of the record, so that a split in time only keeps its digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embargo: Span = Field(default=_NONE, exclude_if=lambda span: not span.count)
    place: Place | None = Field(default=None, exclude_if=lambda place: place is None)


class RollingSplit(_InTime):
    """A model is fitted on `first_test` and then each `every`, and tested on the as-of dates until the next fit."""

    kind: Literal["rolling"]
    first_test: date
    every: Span


class ScoredWindow(BaseModel):
    """A named period in which visits are scored by a model that was fitted on its first day."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$")
    first: date = Field(alias="from")
    last: date = Field(alias="until")


class WindowSplit(_InTime):
    """Explicit test windows, for scheduled visits."""

    kind: Literal["windows"]
    test_windows: tuple[ScoredWindow, ...] = Field(min_length=1)


Split = Annotated[RollingSplit | WindowSplit, Discriminator("kind")]


@dataclass(frozen=True)
class Period:
    """One fit in time: its name and day, the rows that it may learn from and the rows that it is tested on (bool per row of the panel)."""

    name: str
    split_on: pd.Timestamp
    settled: NDArray[np.bool_]
    tested: NDArray[np.bool_]


def rolling_folds(panel: Panel, *, split: Split, time: Time) -> tuple[Fold, ...]:
    """The folds of a study in time only, in order; `folds` also holds out places.

    Training rows have an observed outcome that was settled on or before the day of the fit, less the embargo (so the gap of horizon and delay
    follows), and are no older than the training history.

    Raises
    ------
    InputError
        When a fold has no test rows, no training rows or one class only; all folds are told at once.
    """
    made = tuple(
        Fold(period.name, period.split_on, np.flatnonzero(period.settled), np.flatnonzero(period.tested))
        for period in periods(panel.rows, split, time)
    )
    if problems := [problem for fold in made for problem in fold_problems(panel.rows, fold)]:
        raise InputError(problems)
    return made


def periods(rows: pd.DataFrame, split: Split, time: Time) -> tuple[Period, ...]:
    """The fits of a split in order of time; an InputError when there is none."""
    made = tuple(_period(rows, window, split, time) for window in _windows(rows, split))
    if not made:
        raise wrong(
            "split.first_test",
            "there is no as-of date from this day on.",
            f"Take one before {rows['as_of'].max():%Y-%m-%d}.",
        )
    return made


def _windows(rows: pd.DataFrame, split: Split) -> Iterator[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Name, first and last day of each test period."""
    if isinstance(split, WindowSplit):
        for window in split.test_windows:
            yield window.name, pd.Timestamp(window.first), pd.Timestamp(window.last)
        return
    start, last = pd.Timestamp(split.first_test), rows["as_of"].max()
    while start <= last:
        following = split.every.after(start)
        yield f"{start:%Y-%m-%d}", start, following - pd.Timedelta(days=1)
        start = following


def _period(rows: pd.DataFrame, window: tuple[str, pd.Timestamp, pd.Timestamp], split: Split, time: Time) -> Period:
    name, first, last = window
    until = split.embargo.before(first)
    settled = rows["observed"] & (rows["outcome_known_on"] <= until) & (rows["as_of"] < until)
    if time.training_history is not None:
        settled &= rows["as_of"] >= time.training_history.before(first)
    return Period(name, first, settled.to_numpy(bool), rows["as_of"].between(first, last).to_numpy(bool))


def fold_problems(rows: pd.DataFrame, fold: Fold) -> Iterator[Problem]:
    """What keeps a fold from being learnt and tested."""
    where, outcomes = f"split, fold {fold.name}", rows["outcome"].to_numpy()[fold.train]
    if not len(fold.test):
        yield Problem(where, "there are no rows to test on.", "Move the test dates into the study's dates.")
    if not len(fold.train):
        yield Problem(
            where,
            "no outcome was settled before this date, so there is nothing to learn from.",
            "Test later, or start the study earlier.",
        )
    elif not outcomes.any():
        yield Problem(
            where,
            f"none of the {len(outcomes):,} training rows is positive.",
            "Test later, or take a longer training history.",
        )
    elif outcomes.all():
        yield Problem(where, f"all {len(outcomes):,} training rows are positive.", "Check `label`, or test later.")
