"""One calendar out of triage's many dates: all of its test dates where that can be, and no other day tested."""

from __future__ import annotations

import pandas as pd

from tegenkracht.core.span import Span
from tegenkracht.triage.study_dates import first_combination, study_dates
from tegenkracht.triage.tagged_yaml import read_tagged
from tegenkracht.triage.time_splits import read_temporal_config, time_splits

from .conftest import INSPECTIONS, SHIPPED


def _dates(path, held=None):
    config = read_temporal_config(read_tagged(path, where="e.yaml", most_bytes=100_000))
    return study_dates(config, first_combination(time_splits(config, where="e.yaml")), held)


def test_daily_training_dates_do_not_make_daily_tests(written):
    """The shipped example learns from every day and tests every half year: the calendar has half years."""
    found = _dates(written(SHIPPED))
    assert found.step == Span(6, "months")
    assert (found.test_dates, found.all_test_dates) == (6, 6)
    assert (found.dates[-1], found.first_test) == (pd.Timestamp("2014-12-25"), pd.Timestamp("2012-12-25"))


def test_every_monthly_test_date_is_kept(written):
    """A year of monthly tests after each yearly fit: the calendar is monthly, a fit still comes each year."""
    text = (
        INSPECTIONS.replace("model_update_frequency: '6month'", "model_update_frequency: '1y'")
        .replace("training_as_of_date_frequencies: '6month'", "training_as_of_date_frequencies: '1month'")
        .replace("test_durations: '0d'", "test_durations: '1y'")
        .replace("test_as_of_date_frequencies: '6month'", "test_as_of_date_frequencies: '1month'")
    )
    found = _dates(written(text))
    assert (found.step, found.every) == (Span(1, "months"), Span(12, "months"))
    assert found.test_dates == found.all_test_dates == 24
    assert (found.dates[0], found.first_test) == (pd.Timestamp("2015-01-01"), pd.Timestamp("2015-12-01"))


def test_only_dates_of_which_there_are_matrices_count(written):
    """Without the second half of 2016 the calendar stops before it, or starts after it: the longer part with more test dates."""
    held = [pd.Timestamp(day) for day in ("2015-06-01", "2015-12-01", "2016-06-01", "2017-06-01", "2017-12-01")]
    found = _dates(written(INSPECTIONS), held)
    assert found.dates == tuple(held[:3])
    assert (found.test_dates, found.all_test_dates) == (2, 5)


def test_a_single_date_cannot_be_learnt_before(written):
    """Nothing to learn from: no study."""
    assert _dates(written(INSPECTIONS), [pd.Timestamp("2016-06-01")]) is None
