"""The fewest visits that give every label back."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from tegenkracht.triage.visits import visits_of


def _labels(*windows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(windows, columns=["as_of", "until", "label"])
    return frame.assign(unit_id="1", as_of=pd.to_datetime(frame["as_of"]), until=pd.to_datetime(frame["until"]))


def _given_back(visits: pd.DataFrame, labels: pd.DataFrame) -> list[float]:
    """The label of each window by its definition: the largest finding of a visit in it, nothing without one."""
    back = []
    for window in labels.itertuples():
        inside = visits[(visits["inspected_on"] > window.as_of) & (visits["inspected_on"] <= window.until)]
        back.append(float(inside["finding"].max()) if len(inside) else np.nan)
    return back


def test_windows_apart_have_one_visit_each():
    """On the last day of the window; none where nobody looked."""
    labels = _labels(
        ("2020-01-01", "2020-02-01", 1.0), ("2020-03-01", "2020-04-01", 0.0), ("2020-05-01", "2020-06-01", np.nan)
    )
    visits = visits_of(labels).table
    assert visits["inspected_on"].astype(str).tolist() == ["2020-02-01", "2020-04-01"]
    assert visits["finding"].tolist() == [True, False]


def test_overlapping_windows_share_a_visit_where_they_can():
    """Positive, positive, negative: the finding lies before the negative window begins."""
    labels = _labels(
        ("2020-01-01", "2020-03-01", 1.0), ("2020-01-15", "2020-03-15", 1.0), ("2020-02-01", "2020-04-01", 0.0)
    )
    found = visits_of(labels)
    assert found.contradicted.empty
    assert _given_back(found.table, labels) == [1.0, 1.0, 0.0]
    assert len(found.table) == 2


def test_a_label_that_another_rules_out_is_told():
    """Nobody looked in two months, yet there was a finding in the first of them."""
    labels = _labels(("2020-01-01", "2020-03-01", np.nan), ("2020-01-01", "2020-02-01", 1.0))
    assert visits_of(labels).contradicted["until"].astype(str).tolist() == ["2020-02-01"]


def test_every_set_of_labels_that_visits_can_give_is_given_back():
    """All 3^5 ways to visit in five weeks, seen through windows of two weeks: labels come back, with no more visits than there were."""
    days = pd.date_range("2021-01-01", periods=6, freq="7D")
    windows = [(days[i], days[i + 2]) for i in range(4)]
    for way in itertools.product([None, False, True], repeat=5):
        true = pd.DataFrame(
            {
                "inspected_on": pd.DatetimeIndex([days[i + 1] for i, x in enumerate(way) if x is not None]),
                "finding": [x for x in way if x is not None],
            }
        )
        labels = pd.DataFrame(windows, columns=["as_of", "until"]).assign(unit_id="1", label=0.0)
        labels["label"] = _given_back(true, labels)
        found = visits_of(labels)
        assert found.contradicted.empty
        np.testing.assert_array_equal(_given_back(found.table, labels), labels["label"])
        assert len(found.table) <= len(true)
