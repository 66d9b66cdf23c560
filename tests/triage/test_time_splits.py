"""The dates of training and testing are those that triage 6.0.0 itself gave."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.span import Span
from tegenkracht.triage.tagged_yaml import read_tagged
from tegenkracht.triage.time_splits import read_interval, read_temporal_config, time_splits

from .conftest import INSPECTIONS, SHIPPED


def _splits(path):
    marked = read_tagged(path, where="experiment.yaml", most_bytes=100_000)
    return time_splits(read_temporal_config(marked), where="experiment.yaml")


def test_the_shipped_example_gives_its_36_splits(written):
    """3 durations x 2 histories x 6 times; counts and dates as triage printed them."""
    splits = _splits(written(SHIPPED))
    assert len(splits) == 36
    first, last = splits[0], splits[-1]
    assert first.split == pd.Timestamp("2012-06-25")
    assert len(first.train_as_of) == 146
    assert (first.train_as_of[0], first.train_as_of[-1]) == (pd.Timestamp("2012-01-01"), pd.Timestamp("2012-05-25"))
    assert last.split == pd.Timestamp("2014-10-25")
    assert (len(last.train_as_of), last.history) == (93, Span(3, "months"))


def test_the_order_is_durations_then_histories_then_time(written):
    """Six times for each combination, the last combination varying fastest."""
    splits = _splits(written(SHIPPED))
    blocks = [(str(s.test_duration), str(s.history)) for s in splits[::6]]
    assert blocks == [(d, h) for d in ("0 days", "1 month", "2 months") for h in ("6 months", "3 months")]
    assert all(
        a.split < b.split
        for block in range(6)
        for a, b in zip(splits[block * 6 : block * 6 + 5], splits[block * 6 + 1 :], strict=False)
    )


def test_the_inspections_example_gives_its_five_splits(written):
    """Each test date learns from one more half year; labels of a date run until the next."""
    dates = ["2015-06-01", "2015-12-01", "2016-06-01", "2016-12-01", "2017-06-01", "2017-12-01", "2018-06-01"]
    expected = [(dates[: n + 1], dates[n + 1], [dates[n + 1]], dates[n + 2]) for n in range(5)]
    found = [
        (
            [f"{d:%Y-%m-%d}" for d in s.train_as_of],
            f"{s.split:%Y-%m-%d}",
            [f"{d:%Y-%m-%d}" for d in s.tests[0].as_of],
            f"{s.tests[0].until:%Y-%m-%d}",
        )
        for s in _splits(written(INSPECTIONS))
    ]
    assert found == expected


def test_clipping_at_the_end_of_a_month_adds_up(written):
    """31 August minus a month is 31 July; minus two steps more, 30 June and then 30 May: the 31st does not come back."""
    text = (
        SHIPPED.replace("feature_end_time: '2015-01-01'", "feature_end_time: '2014-08-31'")
        .replace("label_end_time: '2015-01-01'", "label_end_time: '2014-09-07'")
        .replace("'6month'\n    training", "'1month'\n    training")
        .replace("['0day', '1month', '2month']", "'0day'")
    )
    times = [s.split for s in _splits(written(text))]
    assert [f"{t:%m-%d}" for t in times[: len(times) // 2]][-4:] == ["05-30", "06-30", "07-31", "08-31"]


def test_test_dates_step_forward_and_stop_before_the_end(written):
    """Two months from the split by a month: the split and one month later, not two."""
    text = SHIPPED.replace("test_as_of_date_frequencies: '3month'", "test_as_of_date_frequencies: ['1month', '3month']")
    last = _splits(written(text))[-1]
    assert [[f"{d:%Y-%m-%d}" for d in test.as_of] for test in last.tests] == [
        ["2014-10-25", "2014-11-25"],
        ["2014-10-25"],
    ]
    assert last.tests[0].until == pd.Timestamp("2014-12-02")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("6month", Span(6, "months")),
        ("1 y", Span(12, "months")),
        ("2 weeks", Span(14, "days")),
        ("0d", Span(0, "days")),
    ],
)
def test_intervals_are_read_as_triage_writes_them(text, span):
    """A number and a unit, with or without a blank."""
    assert read_interval(text) == span


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "'6month'\n",
            "'6m'\n",
            "line 7, temporal_config.model_update_frequency: `6m` is 6 minutes to triage; write `6month`.",
        ),
        (
            "'1day'",
            "'0day'",
            "line 8, temporal_config.training_as_of_date_frequencies: a frequency of nothing never ends.",
        ),
        (
            "'7day'",
            "'7hour'",
            "line 13, temporal_config.test_label_timespans: `7hour` is not in days, weeks, months or years",
        ),
        (
            "label_end_time: '2015-01-01'",
            "label_end_time: 'soon'",
            "line 6, temporal_config.label_end_time: `soon` is not a date.",
        ),
        ("    label_end_time: '2015-01-01'\n", "", "temporal_config.label_end_time: this date is missing"),
        (
            "label_end_time: '2015-01-01'",
            "label_end_time: '2011-01-01'",
            "2011-01-01 lies before label_start_time 2012-01-01",
        ),
        (
            "label_end_time: '2015-01-01'",
            "label_end_time: '2012-02-01'",
            "no split fits: the first could be 2012-02-01",
        ),
        (
            "feature_end_time: '2015-01-01'",
            "feature_end_time: '2014-01-01'",
            "the last test labels begin on 2014-12-25, after the features end",
        ),
        ("test_durations:", "test_duration:", "temporal_config.test_duration: this key is not one of triage v8."),
        ("temporal_config:", "time:", "the section `temporal_config` is missing"),
    ],
)
def test_wrong_settings_are_named_with_their_line(written, old, new, message):
    """Key, line and the way out."""
    with pytest.raises(InputError, match=re.escape(message)):
        _splits(written(SHIPPED.replace(old, new)))


def test_all_problems_are_told_at_once(written):
    """Two wrong keys, two sentences."""
    with pytest.raises(InputError, match="temporal_config") as refused:
        _splits(written(SHIPPED.replace("'7day'", "'x'").replace("'1day'", "3")))
    assert len(refused.value.problems) == 2
