"""A scorecard finds the facts and the points that made the data, and says so in whole numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.models.scorecard import Scorecard


@parametrize_with_checks([Scorecard()])
def test_a_scorecard_passes_the_checks_of_scikit_learn(estimator, check):
    """An estimator that we write behaves like scikit-learn's own."""
    check(estimator)


def planted(points: dict[str, int], *, per_pattern: int, base: float, step: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Every pattern of facts equally often, with the card's own share of positives in each: a card without noise."""
    columns, outcomes = [], []
    for pattern in product((0, 1), repeat=len(points)):
        total = sum(p * held for p, held in zip(points.values(), pattern, strict=True))
        positives = round(per_pattern * expit(base + step * total))
        columns += [pattern] * per_pattern
        outcomes += [1] * positives + [0] * (per_pattern - positives)
    return pd.DataFrame(columns, columns=list(points), dtype=float), np.array(outcomes)


@pytest.mark.parametrize("points", [{"a": 3, "b": 1, "c": 2}, {"a": 5, "b": 4, "c": 1, "d": 2}, {"a": 1, "b": 1}])
def test_a_planted_card_without_noise_is_recovered_exactly(points):
    """Same facts, same limits, same points."""
    X, y = planted(points, per_pattern=20_000, base=-3, step=0.7)
    card = Scorecard().fit(X, y)
    assert {rule["column"]: rule["points"] for rule in card.rules_} == points
    assert {rule["at_least"] for rule in card.rules_} == {1.0}
    assert card.step_ == pytest.approx(0.7, abs=1e-2)
    assert card.intercept_ == pytest.approx(-3, abs=1e-2)


def test_the_limits_of_a_planted_card_are_recovered_too():
    """Points at 2 changes and at most 3 years, among counts from 0 to 9; a column of chance gets none."""
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.integers(0, 10, size=(40_000, 3)).astype(float), columns=["changes", "years", "chance"])
    total = 3 * (X["changes"] >= 2) + 2 * (X["years"] <= 3)
    y = (rng.random(len(X)) < expit(-4 + 0.8 * total)).astype(int)
    card = Scorecard(directions=[1, -1, 0]).fit(X, y)
    assert [(r["column"], r.get("at_least", r.get("at_most")), r["points"]) for r in card.rules_] == [
        ("changes", 2.0, 3),
        ("years", 3.0, 2),
    ]


def test_points_go_only_the_declared_way():
    """More of a column that must not lower the score does not, even where data say that it does."""
    rng = np.random.default_rng(2)
    X = pd.DataFrame({"x": rng.normal(size=4_000), "z": rng.normal(size=4_000)})
    y = (rng.random(4_000) < expit(-1.5 * X["x"] + X["z"])).astype(int)
    assert {r["column"] for r in Scorecard(directions=[1, 1]).fit(X, y).rules_} == {"z"}
    free = Scorecard().fit(X, y)
    assert all("at_most" in r for r in free.rules_ if r["column"] == "x")


def test_a_missing_value_meets_no_fact():
    """Nothing is known, so nothing is counted: the chance of no points."""
    X, y = planted({"a": 3, "b": 1}, per_pattern=1000, base=-2, step=0.5)
    card = Scorecard().fit(X, y)
    nothing = card.predict_proba(pd.DataFrame({"a": [np.nan], "b": [np.nan]}))[0, 1]
    assert nothing == pytest.approx(expit(card.intercept_))


def test_without_a_fact_that_says_enough_the_card_gives_the_base_rate():
    """Chance alone earns no points: 100 columns of noise give an empty card, or nearly so, and the share of positives."""
    rng = np.random.default_rng(3)
    X, y = pd.DataFrame(rng.normal(size=(2_000, 5))).add_prefix("n"), (rng.random(2_000) < 0.1).astype(int)
    card = Scorecard(cuts=3).fit(X, y)
    assert len(card.rules_) <= 1
    assert card.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=1e-4)


def test_as_many_directions_as_columns():
    """One direction too few is refused by count."""
    with pytest.raises(ValueError, match="1 directions for 2 columns; give one for each"):
        Scorecard(directions=[1]).fit(np.eye(2), [0, 1])
