"""Rolling origin: learn from what was settled before a date, test on what came after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Discriminator, Field

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.span import Span


class RollingSplit(BaseModel):
    """A model is fitted on `first_test` and then each `every`, and tested on the as-of dates until the next fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["rolling"]
    first_test: date
    every: Span


class ScoredWindow(BaseModel):
    """A named period in which visits are scored by a model that was fitted on its first day."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$")
    first: date = Field(alias="from")
    last: date = Field(alias="until")


class WindowSplit(BaseModel):
    """Explicit test windows, for scheduled visits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["windows"]
    test_windows: tuple[ScoredWindow, ...] = Field(min_length=1)


Split = Annotated[RollingSplit | WindowSplit, Discriminator("kind")]


def rolling_folds(panel: Panel, *, split: Split, time: Time) -> tuple[Fold, ...]:
    """The folds of a study, in order of time.

    Training rows have an observed outcome that was settled on or before the day of the fit (so the gap of horizon and delay follows), and are no
    older than the training history.

    Raises
    ------
    InputError
        When a fold has no test rows, no training rows or one class only; all folds are told at once.
    """
    folds = tuple(_fold(panel.rows, name, first, last, time) for name, first, last in _windows(panel.rows, split))
    problems = [problem for fold in folds for problem in _problems(panel.rows, fold)]
    if not folds:
        problems.append(
            Problem(
                "split.first_test",
                "there is no as-of date from this day on.",
                f"Take one before {panel.rows['as_of'].max():%Y-%m-%d}.",
            )
        )
    if problems:
        raise InputError(problems)
    return folds


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


def _fold(rows: pd.DataFrame, name: str, first: pd.Timestamp, last: pd.Timestamp, time: Time) -> Fold:
    settled = rows["observed"] & (rows["outcome_known_on"] <= first) & (rows["as_of"] < first)
    if time.training_history is not None:
        settled &= rows["as_of"] >= time.training_history.before(first)
    tested = rows["as_of"].between(first, last)
    return Fold(name, first, np.flatnonzero(settled), np.flatnonzero(tested))


def _problems(rows: pd.DataFrame, fold: Fold) -> Iterator[Problem]:
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
