"""Figures of the area around tested places, as they were known on each date."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.assembly import area_figures, unknown_measures
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import PROCESS, Panel


@pytest.fixture(scope="module")
def dataset(make_dataset):
    """One area, with a figure of 2020 that became known in July 2021 and one of 2021 that is known a year later."""
    return make_dataset(
        areas=[
            {
                "area_code": "x",
                "measure": "vacancy",
                "period_end": "2020-12-31",
                "known_on": "2021-07-01",
                "value": 0.1,
            },
            {
                "area_code": "x",
                "measure": "vacancy",
                "period_end": "2021-12-31",
                "known_on": "2022-07-01",
                "value": 0.3,
            },
        ]
    )


def panel() -> Panel:
    """Three dates of one place, and a place in an area without figures."""
    dates = pd.to_datetime(["2021-01-01", "2021-08-01", "2022-08-01", "2022-08-01"])
    rows = pd.DataFrame({"row_id": list("abcd"), "unit_id": list("uuuv"), "as_of": dates, "known_until": dates})
    rows = rows.assign(sector="s", cluster_id=None, area_code=["x", "x", "x", "y"], outcome=0.0, observed=True)
    rows = rows.assign(outcome_known_on=dates, **dict.fromkeys(PROCESS))
    return Panel(rows=rows, features=(), audit=(), scheduled=False, identity="i")


def test_only_what_was_known_by_then(dataset):
    """Nothing in January 2021, the figure of 2020 in August, that of 2021 a year later; missing where an area has none."""
    fold = Fold("f", pd.Timestamp("2021-01-01"), np.array([], np.int64), np.array([1, 2, 3]))
    found = area_figures(dataset, panel(), [fold], measures=["vacancy"])["vacancy"]
    assert found.index.tolist() == ["b", "c", "d"]
    assert found.tolist()[:2] == [0.1, 0.3]
    assert np.isnan(found["d"])
    everything = Fold("f", pd.Timestamp("2021-01-01"), np.array([], np.int64), np.arange(4))
    assert np.isnan(area_figures(dataset, panel(), [everything], measures=["vacancy"])["vacancy"]["a"])


def test_nothing_is_looked_up_when_nothing_is_asked(dataset):
    """A study without measures has no surroundings."""
    assert area_figures(dataset, panel(), [], measures=[]) is None


def test_an_unknown_measure_is_named(dataset):
    """With those that there are."""
    (problem,) = unknown_measures(dataset, ["income"])
    assert problem.way_out == "It has: vacancy."
    assert "`income` is not a measure of areas in dataset small." in str(
        problem.what if hasattr(problem, "what") else problem
    )
