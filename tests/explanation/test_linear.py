"""Contributions of sums: β (x - mean), under the columns that people know."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.explanation.linear import attribute_linear, attribute_points, attribute_pooled, attribute_scorecard
from tegenkracht.models import FACTORIES, Surroundings, logistic
from tegenkracht.models.checklist import Checklist
from tegenkracht.models.scorecard import Scorecard

ROWS = 400


def independent_world(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three independent columns and an outcome that is linear in them."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"a": rng.normal(3, 1, ROWS), "b": rng.poisson(2, ROWS).astype(float), "c": rng.random(ROWS)})
    odds = 1.0 * X["a"] - 0.5 * X["b"] + 0.0 * X["c"] - 2
    return X, (odds + rng.logistic(size=ROWS) > 0).to_numpy().astype(int)


def mixed_world(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Words with gaps, a number with gaps and one without."""
    X, y = independent_world(seed)
    rng = np.random.default_rng(seed + 1)
    word = pd.Series(rng.choice(["x", "y", "z"], ROWS), dtype=object).where(rng.random(ROWS) > 0.1, None)
    return X.assign(b=X["b"].where(rng.random(ROWS) > 0.3), inspector=word)[["inspector", "a", "b"]], y


def fitted(X: pd.DataFrame, y: np.ndarray, *, missing: str = "flag"):
    """The study's own logistic regression."""
    words = tuple(name for name in X if X[name].dtype == object)
    surroundings = Surroundings(columns=tuple(X), categorical=words, features=(), seed=1, threads=1)
    return logistic(surroundings, C=1.0, max_iter=1000, missing=missing, monotone=False).fit(X, y)


def test_independent_linear_world_gives_beta_times_distance_from_the_mean():
    """In a linear world of independent columns, the contribution is β (x - mean) exactly, in the panel's own units."""
    X, y = independent_world()
    model = fitted(X, y)
    base, values = attribute_linear(model, X, background=None)
    scaler, regression = model[0].named_transformers_["numbers"][-1], model[-1]
    beta = regression.coef_[0] / scaler.scale_
    assert values.to_numpy() == pytest.approx(((X - X.mean()) * beta).to_numpy(), abs=1e-12)
    assert base == pytest.approx(model.decision_function(X).mean(), abs=1e-12)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's plots, on import
def test_contributions_are_those_of_shaps_own_linear_explainer():
    """`shap.LinearExplainer` on the prepared columns, with the same background."""
    import shap

    X, y = independent_world(1)
    model = fitted(X, y)
    background = X.iloc[:100]
    prepare = model[:-1]
    explainer = shap.LinearExplainer(
        model[-1], shap.maskers.Independent(prepare.transform(background), max_samples=len(background))
    )
    base, values = attribute_linear(model, X, background=background)
    assert values.to_numpy() == pytest.approx(explainer(prepare.transform(X)).values, abs=1e-12)
    assert base == pytest.approx(float(np.ravel(explainer.expected_value)[0]), abs=1e-12)


@pytest.mark.parametrize("missing", ["flag", "impute"])
@pytest.mark.parametrize("background", [None, slice(0, 50)])
def test_words_and_flags_count_under_their_own_column(missing, background):
    """Seven prepared columns become three, and base plus contributions are the margin of rows never seen."""
    X, y = mixed_world()
    model = fitted(X, y, missing=missing)
    unseen = mixed_world(7)[0]
    base, values = attribute_linear(model, unseen, background=None if background is None else X.iloc[background])
    assert list(values) == ["inspector", "a", "b"]
    assert base + values.sum(axis=1).to_numpy() == pytest.approx(model.decision_function(unseen), abs=1e-12)


def test_each_column_moves_with_its_own_value_only():
    """Another word changes the word's contribution and nothing else; so does a value that goes missing."""
    X, y = mixed_world()
    model = fitted(X, y)
    one = X[X["b"].notna() & (X["inspector"] == "x")].head(1)
    _, before = attribute_linear(model, one, background=None)
    for changed, column in ((one.assign(inspector="y"), "inspector"), (one.assign(b=np.nan), "b")):
        _, after = attribute_linear(model, changed, background=None)
        moved = (after - before).iloc[0]
        assert moved[column] != 0
        assert (moved.drop(column) == 0).all()


def test_a_column_that_was_always_missing_pays_nothing():
    """It is filled with a constant, has no weight, and is still there."""
    X, y = independent_world()
    X = X.assign(c=np.nan)
    _, values = attribute_linear(fitted(X, y), X, background=None)
    assert values["c"].to_numpy() == pytest.approx(np.zeros(ROWS), abs=1e-12)


def test_without_standardised_columns_a_background_is_needed():
    """Where the mean of the fitted rows is not known, it is asked for."""
    X, y = independent_world()
    bare = make_pipeline(StandardScaler(with_mean=False), LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match=r"^Not every column is standardised; give the rows to compare with"):
        attribute_linear(bare, X, background=None)
    base, values = attribute_linear(bare, X, background=X)
    assert base + values.sum(axis=1).to_numpy() == pytest.approx(bare.decision_function(X), abs=1e-12)
    assert values.mean().to_numpy() == pytest.approx(np.zeros(3), abs=1e-12)


def test_columns_of_unknown_source_are_refused():
    """Principal components belong to no column."""
    X, y = independent_world()
    model = make_pipeline(PCA(2), StandardScaler(), LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match=r"^PCA\(n_components=2\) makes columns of which the source is not known\.$"):
        attribute_linear(model, X, background=None)


def test_points_of_a_checklist_stand_under_the_column_of_their_rule():
    """Two rules on one column add up; a missing value gives no points; a column without a rule gives none."""
    rules = [
        {"column": "takeovers", "points": 2.0, "at_least": 1.0},
        {"column": "takeovers", "points": 3.0, "at_least": 3.0},
        {"column": "years", "points": 1.5, "at_most": 2.0},
    ]
    X = pd.DataFrame({"years": [1.0, 5.0, np.nan], "other": [9.0, 9.0, 9.0], "takeovers": [3.0, 1.0, np.nan]})
    base, values = attribute_points(Checklist(rules=rules).fit(X), X)
    assert base == 0.0
    assert values.to_dict("list") == {"years": [1.5, 0.0, 0.0], "other": [0.0] * 3, "takeovers": [5.0, 2.0, 0.0]}


def test_a_scorecard_is_explained_by_its_points():
    """Points times step under the column of each fact, from the mean of the rows that it was learnt from; together the log-odds."""
    rng = np.random.default_rng(5)
    X = pd.DataFrame(rng.integers(0, 6, size=(6_000, 3)).astype(float), columns=["a", "b", "noise"])
    y = (
        rng.random(6_000) < 1 / (1 + np.exp(3 - 1.5 * (X["a"] >= 3) - 0.8 * (X["b"] >= 1) - 0.8 * (X["b"] >= 4)))
    ).astype(int)
    card = Scorecard().fit(X, y)
    base, values = attribute_scorecard(card, X)
    assert base + values.sum(axis=1).to_numpy() == pytest.approx(card.decision_function(X), abs=1e-12)
    assert values.mean().to_numpy() == pytest.approx(np.zeros(3), abs=1e-12)
    assert (values["noise"] == 0).all()
    (points,) = (r["points"] for r in card.rules_ if r["column"] == "a")
    held = (X["a"] >= 3).to_numpy()
    assert np.ptp(values["a"]) == pytest.approx(points * card.step_)
    assert values["a"].to_numpy() == pytest.approx((held - held.mean()) * points * card.step_)


def test_a_model_with_a_level_per_sector_tells_the_sector_first_and_adds_up():
    """Sector, then each column with the weights of that sector; a sector that was not learnt from adds nothing of its own."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"a": rng.normal(size=600), "sector": rng.choice(["club", "marina"], 600), "b": 0.0})
    table.loc[::7, "a"] = np.nan
    marina = table["sector"] == "marina"
    y = (rng.random(600) < np.where(marina, 0.5, 0.1)).astype(int)
    around = Surroundings(tuple(table.columns), ("sector",), (), seed=1, threads=1)
    model = FACTORIES["tegenkracht.models.partially_pooled"](
        around,
        **{"by": "sector", "characters": None, "missing": "flag"},
        **{"C": 1.0, "levels_apart": 1.0, "weights_apart": 0.5, "rows_a_visit": 1.0},
    ).fit(table, y)
    new = pd.concat([table, table.head(3).assign(sector="council")], ignore_index=True)
    base, contributions = attribute_pooled(model, new)
    assert list(contributions.columns) == ["a", "sector", "b"]
    assert base + contributions.sum(axis=1).to_numpy() == pytest.approx(model.decision_function(new), abs=1e-12)
    assert contributions["sector"].tail(3).tolist() == [0, 0, 0]
    assert contributions["sector"][:600][marina].min() > 0 > contributions["sector"][:600][~marina].max()
    assert contributions["b"].abs().max() == 0
