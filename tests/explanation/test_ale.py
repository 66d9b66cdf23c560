"""A curve says what a model makes of one column: exactly for a straight line, by hand for a small table, and never by values that no row is near."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.explanation.ale import curves_of, edges_of


def test_a_linear_model_gives_beta_times_the_distance_from_the_mean() -> None:
    """Also when columns are correlated, where partial dependence would leave the data (Apley & Zhu 2020)."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    X = pd.DataFrame({"x": x, "z": x + 0.1 * rng.normal(size=300)})
    edges = edges_of(X["x"].to_numpy(), bins=10)
    curve = curves_of(lambda t: (2 * t["x"] - 3 * t["z"]).to_numpy(), X, {"x": edges})["x"]
    assert np.allclose(curve.heights, 2 * (edges - X["x"].mean()), atol=1e-12)
    assert curve.size == pytest.approx(2 * X["x"].std(ddof=0))


def test_a_curve_by_hand() -> None:
    """Rows 0, 1, 1, 2 and f = x². Steps 0-1 and 1-2 rise by 1 and 3: heights 0, 1, 4, whose mean over the rows is 1.5."""
    X = pd.DataFrame({"x": [0.0, 1.0, 1.0, 2.0]})
    curve = curves_of(lambda t: t["x"].to_numpy() ** 2, X, {"x": np.array([0.0, 1.0, 2.0])})["x"]
    assert curve.heights.tolist() == [-1.5, -0.5, 2.5]
    assert curve.rows == 4


def test_each_row_is_moved_with_its_other_values() -> None:
    """F = x z. Rows (0, 1) and (1, 1) lie in step 0-1, which rises by z = 1; row (2, 5) in step 1-2, which rises by 5: heights 0, 1, 6."""
    X = pd.DataFrame({"x": [0.0, 1.0, 2.0], "z": [1.0, 1.0, 5.0]})
    curve = curves_of(lambda t: (t["x"] * t["z"]).to_numpy(), X, {"x": np.array([0.0, 1.0, 2.0])})["x"]
    assert np.allclose(np.diff(curve.heights), [1, 5])


def test_a_missing_value_has_no_place_on_the_curve() -> None:
    """A row without a value is not moved; the curve rests on the others."""
    X = pd.DataFrame({"x": [0.0, np.nan, 1.0]})
    curve = curves_of(lambda t: t["x"].to_numpy(), X, {"x": np.array([0.0, 1.0])})["x"]
    assert (curve.rows, curve.heights.tolist()) == (2, [-0.5, 0.5])


def test_a_count_that_is_mostly_zero_keeps_steps_above_zero() -> None:
    """Quantiles of all values would all be zero."""
    values = np.concatenate([np.zeros(900), np.arange(1, 101)])
    assert edges_of(values, bins=8).tolist() == [0.0, 1.0, 25.0, 50.0, 75.0, 100.0]


def test_a_column_of_one_value_has_no_curve() -> None:
    """It is refused by name."""
    with pytest.raises(ValueError, match=r"Columns \['x'\] have one value only; a curve needs two"):
        curves_of(lambda t: t["x"].to_numpy(), pd.DataFrame({"x": [1.0, 1.0]}), {"x": np.array([1.0])})
