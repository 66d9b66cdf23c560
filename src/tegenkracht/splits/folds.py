"""The folds of a study: a rule in time, and when the split asks for it, places that training does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import InputError, Problem
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.splits.ground import Ground, ground_of
from tegenkracht.splits.held_out import Places, changes_over_time, places_of
from tegenkracht.splits.place import LeaveOneOut, Place
from tegenkracht.splits.rolling import Period, Split, fold_problems, periods, rolling_folds


def make_folds(panel: Panel, *, tables: Mapping[str, pd.DataFrame], split: Split, time: Time) -> tuple[Fold, ...]:
    """The folds of a study, in order of time and then of place.

    Without `split.place` a fold is a fit in time. With it, each fit is made once per place: training rows were settled in time and lie outside
    the place, test rows lie inside it and in the test period.

    Parameters
    ----------
    panel
        The rows.
    tables
        The dataset's tables; `units` (x, y) and `links` are read, and only when there are places.
    split, time
        The declarations.

    Raises
    ------
    InputError
        When a fold is empty or without positives, or a place cannot be made; all folds are told at once.
    """
    if split.place is None:
        return rolling_folds(panel, split=split, time=time)
    ground = ground_of(panel, tables)
    made = tuple(_in_places(panel.rows, split.place, ground, periods(panel.rows, split, time)))
    if problems := [*_problems(panel.rows, made, split.place)]:
        raise InputError(problems)
    return made


def _in_places(rows: pd.DataFrame, place: Place, ground: Ground, fits: Sequence[Period]) -> Iterator[Fold]:
    places: Places | None = None
    for fit in fits:
        if places is None or changes_over_time(place):
            places = places_of(place, ground, split_on=fit.split_on, settled=fit.settled, tested=fit.tested)
        of_row = places.number[ground.of_row]
        settled = fit.settled & (of_row >= 0)
        for number, (name, short) in enumerate(zip(places.names, _file_names(places.names), strict=True)):
            inside = of_row == number
            test = np.flatnonzero(fit.tested & inside)
            if len(test) or not isinstance(place, LeaveOneOut):  # a sector or area may be empty in a period
                yield Fold(f"{fit.name}_{short}", fit.split_on, np.flatnonzero(settled & ~inside), test, name)


def _file_names(names: Sequence[str]) -> list[str]:
    """Names that can stand in the name of a file, still unique."""
    short = [re.sub(r"[^A-Za-z0-9.-]+", "-", name) for name in names]
    return [f"{name}-{i + 1}" if short.count(name) > 1 else name for i, name in enumerate(short)]


def _problems(rows: pd.DataFrame, folds: Sequence[Fold], place: Place) -> Iterator[Problem]:
    way_out = (
        "Raise `at_least`, so that small places are held out together."
        if isinstance(place, LeaveOneOut)
        else "Take fewer folds."
    )
    if not folds:
        yield Problem("split.place", "no place has rows to test on.", "Move the test dates into the study's dates.")
    for fold in folds:
        for problem in fold_problems(rows, fold):
            yield Problem(problem.where, problem.what, f"{problem.way_out} Or: {way_out[0].lower()}{way_out[1:]}")
    outcome = rows["outcome"].to_numpy()
    for name in dict.fromkeys(fold.place for fold in folds):
        tested = [outcome[fold.test] for fold in folds if fold.place == name]
        seen = int(sum(np.count_nonzero(~np.isnan(one)) for one in tested))
        if not any((one == 1).any() for one in tested):
            yield Problem(
                f"split.place, {name}", f"none of the {seen:,} test rows with an outcome is positive.", way_out
            )
