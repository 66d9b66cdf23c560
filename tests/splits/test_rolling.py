"""Training ends where outcomes are settled; a fold without anything to learn is named."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import InputError
from tegenkracht.core.panel import KEYS, OUTCOME, PROCESS, Panel
from tegenkracht.splits.leakage import LeakageError, require_no_leakage
from tegenkracht.splits.rolling import RollingSplit, ScoredWindow, WindowSplit, rolling_folds

TIME = Time(first=date(2020, 1, 1), last=date(2022, 12, 1), step="1 month", horizon="6 months", label_delay="2 months")


def _panel(*, units: int = 6, positive=lambda unit, date: (unit + date.month) % 3 == 0) -> Panel:
    """Six units on 36 months; every second unit is observed."""
    dates = pd.date_range("2020-01-01", "2022-12-01", freq="MS").as_unit("us")
    rows = pd.DataFrame(
        [(f"u{u}@{d:%Y-%m-%d}", f"u{u}", d, u) for d in dates for u in range(units)],
        columns=["row_id", "unit_id", "as_of", "u"],
    )
    observed = rows["u"] % 2 == 0
    outcome = np.where(observed, [float(positive(u, d)) for u, d in zip(rows["u"], rows["as_of"], strict=True)], np.nan)
    rows = rows.assign(
        outcome=outcome,
        observed=observed,
        outcome_known_on=rows["as_of"] + pd.DateOffset(months=8),
        known_until=rows["as_of"],
        x=0.0,
    )
    rows = rows.assign(**{name: "k" for name in (*KEYS, *OUTCOME, *PROCESS) if name not in rows})
    return Panel(rows=rows, features=(), audit=(), scheduled=False, identity="0")


SPLIT = RollingSplit(kind="rolling", first_test=date(2021, 7, 1), every="6 months")


def test_the_gap_is_horizon_plus_delay():
    """A fit on 1 July 2021 learns from as-of dates up to 1 November 2020: eight months settle an outcome."""
    panel = _panel()
    first, *_, last = rolling_folds(panel, split=SPLIT, time=TIME)
    train = panel.rows.iloc[first.train]
    assert train["as_of"].max() == pd.Timestamp("2020-11-01")
    assert train["observed"].all()
    assert panel.rows.iloc[first.test]["as_of"].agg(["min", "max"]).tolist() == [
        pd.Timestamp("2021-07-01"),
        pd.Timestamp("2021-12-01"),
    ]
    assert last.name == "2022-07-01"


def test_history_slides_the_window():
    """With a year of history, a fit on 1 July 2022 forgets everything before July 2021."""
    time = Time(**{**TIME.model_dump(), "training_history": "12 months"})
    last = rolling_folds(_panel(), split=SPLIT, time=time)[-1]
    assert _panel().rows.iloc[last.train]["as_of"].min() == pd.Timestamp("2021-07-01")


def test_every_test_row_is_tested_once():
    """Folds do not overlap and leave nothing out."""
    panel = _panel()
    tested = np.concatenate([fold.test for fold in rolling_folds(panel, split=SPLIT, time=TIME)])
    assert len(np.unique(tested)) == len(tested) == (panel.rows["as_of"] >= "2021-07-01").sum()


@pytest.mark.parametrize(
    ("split", "positive", "message"),
    [
        (
            RollingSplit(kind="rolling", first_test=date(2020, 6, 1), every="12 months"),
            None,
            "split, fold 2020-06-01: no outcome was settled before this date, so there is nothing to learn from.",
        ),
        (
            SPLIT,
            lambda u, d: d.year > 2021,
            "split, fold 2021-07-01: none of the 33 training rows is positive. Test later, or take a longer training history.",
        ),
        (
            SPLIT,
            lambda u, d: d.year < 2022,
            "split, fold 2021-07-01: all 33 training rows are positive. Check `label`, or test later.",
        ),
        (
            WindowSplit(
                kind="windows", test_windows=[ScoredWindow(name="w", first=date(2030, 1, 1), last=date(2030, 2, 1))]
            ),
            None,
            "split, fold w: there are no rows to test on.",
        ),
        (
            RollingSplit(kind="rolling", first_test=date(2023, 6, 1), every="12 months"),
            None,
            "split.first_test: there is no as-of date from this day on. Take one before 2022-12-01.",
        ),
    ],
)
def test_a_fold_that_cannot_be_is_named(split, positive, message):
    """Which fold, and what to change."""
    panel = _panel(positive=positive) if positive else _panel()
    with pytest.raises(InputError, match=re.escape(message)):
        rolling_folds(panel, split=split, time=TIME)


def test_clean_folds_raise_no_alarm():
    """Nothing found; units that come back are told as a fact."""
    panel = _panel()
    findings = require_no_leakage(panel, rolling_folds(panel, split=SPLIT, time=TIME))
    assert [(f.code, f.verdict) for f in findings] == [
        ("TK001", "not_found"),
        ("TK003", "not_found"),
        ("TK004", "found"),
    ]


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (
            lambda rows, fold: np.flatnonzero(rows["observed"] & (rows["as_of"] == "2021-01-01")),
            "TK001: fold 2021-07-01 learns from 3 outcomes that were not settled on 2021-07-01.",
        ),
        (
            lambda rows, fold: np.flatnonzero(~rows["observed"] & (rows["as_of"] == "2020-01-01")),
            "TK001: fold 2021-07-01 learns from 3 rows whose outcome nobody observed.",
        ),
        (lambda rows, fold: fold.test[:2], "TK003: fold 2021-07-01 has 2 rows in training and in test."),
    ],
)
def test_a_planted_leak_is_found(plant, message):
    """Immature outcomes, unobserved rows and shared rows stop a study."""
    panel = _panel()
    fold = rolling_folds(panel, split=SPLIT, time=TIME)[0]
    leaky = type(fold)(fold.name, fold.split_on, np.concatenate([fold.train, plant(panel.rows, fold)]), fold.test)
    with pytest.raises(LeakageError, match=re.escape(message)):
        require_no_leakage(panel, [leaky])
