"""What training has not seen lies outside; what it has seen lies inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import KEYS, OUTCOME, PROCESS, Panel
from tegenkracht.core.text import Text
from tegenkracht.splits.applicability import ApplicabilityError, _farther, _nearest, applicability

WORDS = Text(nl="kenmerk", en="feature")


def _panel(**columns):
    n = len(next(iter(columns.values())))
    rows = pd.DataFrame({"row_id": [f"r{i}" for i in range(n)], "unit_id": [f"u{i}" for i in range(n)], **columns})
    rows = rows.assign(**{name: "k" for name in (*KEYS, *OUTCOME, *PROCESS) if name not in rows})
    features = tuple(Feature(name=name, label=WORDS, definition=WORDS, subject="place", source="x") for name in columns)
    return Panel(rows=rows, features=features, audit=(), scheduled=False, identity="0")


def _fold(train, test):
    return Fold("f", pd.Timestamp("2020-01-01"), np.arange(train), np.arange(train, train + test))


def test_the_index_of_a_hand_calculation():
    """Training at 0, 2 and 4: the mean distance is 8/3, and each is 2 / (8/3) = 0.75 from the nearest other; a test row at 6 is as far, at 6.01 farther."""
    found = applicability(_panel(a=[0.0, 2, 4, 6, 2, 6.01]), [_fold(3, 3)], weights=None, at_most=100, seed=1)
    assert found.thresholds["f"] == pytest.approx(0.75)
    assert found.rows["outside"].tolist() == [False, False, True]


def test_a_shifted_half_lies_outside():
    """Half of the test rows come from elsewhere: they are outside, the others almost all inside."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 700))
    a[600:] += 20
    found = applicability(_panel(a=a, b=b), [_fold(500, 200)], weights=None, at_most=400, seed=1)
    outside = found.rows["outside"].to_numpy()
    assert outside[100:].all()
    assert outside[:100].mean() < 0.1
    assert found.estimates[-1].value == pytest.approx(outside.mean())


def test_a_weight_of_nothing_takes_a_column_away():
    """The column in which test rows differ does not count, so nothing is outside."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    a[200:] += 20
    panel, fold = _panel(a=a, b=b), _fold(200, 100)
    assert applicability(panel, [fold], weights={"b": 1.0}, at_most=300, seed=1).estimates[0].value < 0.1
    with pytest.raises(ApplicabilityError, match="weights, c: there is no such column"):
        applicability(panel, [fold], weights={"c": 1.0}, at_most=300, seed=1)


def test_a_missing_value_that_training_misses_too_is_inside():
    """It takes the median, with an indicator; a column that is always missing counts for nothing."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=300)
    a[::3] = np.nan
    empty = np.full(300, np.nan)
    found = applicability(_panel(a=a, empty=empty), [_fold(200, 100)], weights=None, at_most=300, seed=1)
    assert not found.rows["outside"][np.isnan(a[200:])].any()


def test_training_without_differences_gives_a_reason():
    """No number, but why there is none."""
    found = applicability(_panel(a=np.ones(10)), [_fold(6, 4)], weights=None, at_most=10, seed=1)
    assert [estimate.note for estimate in found.estimates] == ["no_spread", "no_spread"]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_nearest_point_is_the_one_that_all_distances_give(scale):
    """More rows than are looked at together; a row that is a point has no distance at all."""
    rng = np.random.default_rng(6)
    points, rows = rng.normal(size=(70, 5)) * scale, rng.normal(size=(1_100, 5)) * scale
    rows[:3] = points[:3]
    assert _nearest(rows, points) == pytest.approx(cdist(rows, points).min(axis=1), rel=1e-12, abs=1e-12 * scale)
    assert _nearest(rows, points)[:3].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("count", [1, 5, 90])
def test_a_row_is_far_when_all_distances_say_so(size, count):
    """Also when it is farther by a billionth, or just as far; and when all points are far away from zero."""
    rng = np.random.default_rng(7)
    points, rows = (rng.normal(size=(n, 4)) * size for n in (count, 300))
    rows[:2] = points[0]
    rows[:2, 0] += points[:, 0].max() - points[0, 0] + 3 * size * np.array([1, 1 + 1e-9])
    distance = cdist(rows, points).min(axis=1)
    for reach in (*np.quantile(distance, [0.1, 0.5, 0.9]), distance[0], distance[1]):
        assert _farther(rows.T, points, 2.0, reach / 2.0).tolist() == (distance > reach).tolist()
    moved = [table + 1e6 * size for table in (rows, points)]
    distance = cdist(*moved).min(axis=1)
    reach = float(np.median(distance) * 1.001)
    assert _farther(moved[0].T, moved[1], 1.0, reach).tolist() == (distance > reach).tolist()
