"""Contributions of trees: against Shapley's definition, against LightGBM's own, and the road that is taken."""

from __future__ import annotations

import itertools
from math import factorial

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tegenkracht.core.progress import silent
from tegenkracht.explanation import trees
from tegenkracht.explanation.forest import Unreadable, read_forest
from tegenkracht.explanation.trees import LITTLE_WORK, TOLERANCE, attribute_trees

ROWS, COLUMNS = 600, 8


def world(seed: int = 0, *, rows: int = ROWS, columns: int = COLUMNS, gaps: float = 0.2, kind: str = "normal"):
    """Columns of numbers, counts or near-zeros with gaps, and an outcome with interactions."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    if kind == "counts":
        X = rng.poisson(1.0, size=X.shape).astype(float)
    if kind == "tiny":
        X = np.where(rng.random(X.shape) < 0.5, X * 1e-35, X)
    full = X.copy()
    X[rng.random(X.shape) < gaps] = np.nan
    odds = full[:, 0] + full[:, 1] * (full[:, 2] > 0) - full[:, 3] ** 2 + 2 * np.isnan(X[:, 4])
    return X, (odds + rng.logistic(size=rows) > np.median(odds)).astype(int)


def own(booster: lgb.Booster, X, *, threads: int = 1, progress=silent):
    """Contributions by our own road, however little the work."""
    return attribute_trees(booster, X, sample=16, little_work=0, threads=threads, progress=progress)


def largest_difference(given_, booster: lgb.Booster, X) -> float:
    """Between our base and contributions, and LightGBM's."""
    theirs = booster.predict(X, pred_contrib=True)
    return max(float(np.abs(given_.values - theirs[:, :-1]).max()), float(np.abs(given_.base - theirs[:, -1]).max()))


CASES = {
    "numbers with gaps": ({}, {}, {}),
    "no gaps": ({"gaps": 0.0}, {}, {}),
    "counts": ({"kind": "counts"}, {}, {}),
    "zero is missing": ({"kind": "counts"}, {"zero_as_missing": True}, {}),
    "missing values not used": ({}, {"use_missing": False}, {}),
    "values closer to zero than LightGBM sees": ({"kind": "tiny"}, {}, {}),
    "the same, zero is missing": ({"kind": "tiny"}, {"zero_as_missing": True}, {}),
    "one column: every path repeats it": ({"columns": 5}, {"interaction_constraints": [[0], [1], [2], [3], [4]]}, {}),
    "stumps": ({}, {"num_leaves": 2}, {}),
    "depth three": ({}, {"max_depth": 3}, {}),
    "63 leaves": ({"rows": 2000}, {"num_leaves": 63, "min_data_in_leaf": 2}, {}),
    "255 leaves": ({"rows": 3000}, {"num_leaves": 255, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0}, {}),
    "long paths of many columns": (
        {"rows": 3000, "columns": 40},
        {"num_leaves": 200, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "feature_fraction_bynode": 0.2},
        {},
    ),
    "monotone": ({}, {"monotone_constraints": [1] + [0] * 7, "monotone_constraints_method": "advanced"}, {}),
    "rows of unequal weight": ({}, {}, {"weight": np.random.default_rng(1).random(ROWS) * 5}),
    "few rows and columns at a time": ({}, {"bagging_fraction": 0.5, "bagging_freq": 1, "feature_fraction": 0.5}, {}),
    "extra random": ({}, {"extra_trees": True}, {}),
    "shrunk, smoothed": ({}, {"lambda_l1": 0.5, "lambda_l2": 3.0, "path_smooth": 2.0}, {}),
    "dropped trees": ({}, {"boosting": "dart"}, {}),
    "one-sided sampling": ({}, {"data_sample_strategy": "goss", "top_rate": 0.3, "other_rate": 0.2}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_contributions_are_those_of_lightgbm(case, grow):
    """Whatever the trees, base and contributions are LightGBM's own within 1e-10, by our road."""
    made, parameters, data = CASES[case]
    X, y = world(**made)
    booster = grow(X, y, data=data, **parameters)
    some = X[:300]  # LightGBM takes seconds for more, where trees are large
    given_ = own(booster, some)
    assert given_.road == "own"
    assert largest_difference(given_, booster, some) < 1e-10


def test_long_paths_are_really_long(grow):
    """The case of long paths has leaves below more than twelve different columns, where tables of patterns give up."""
    made, parameters, data = CASES["long paths of many columns"]
    booster = grow(*world(**made), data=data, **parameters)
    assert read_forest(booster.model_to_string())[0].points.max() > 6


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    leaves=st.integers(2, 40),
    columns=st.integers(5, 12),
    gaps=st.sampled_from([0.0, 0.1, 0.6]),
    kind=st.sampled_from(["normal", "counts", "tiny"]),
    zero_as_missing=st.booleans(),
)
def test_any_model_agrees_and_adds_up(grow, seed, leaves, columns, gaps, kind, zero_as_missing):
    """Contributions are LightGBM's within 1e-10 and add up to its margin, also for rows that it never saw."""
    X, y = world(seed, rows=300, columns=columns, gaps=gaps, kind=kind)
    booster = grow(X, y, rounds=5, num_leaves=leaves, zero_as_missing=zero_as_missing)
    unseen = np.vstack([world(seed + 1, rows=100, columns=columns, gaps=0.3, kind=kind)[0], np.full(columns, np.inf)])
    given_ = own(booster, unseen)
    assert largest_difference(given_, booster, unseen) < 1e-10
    margin = booster.predict(unseen, raw_score=True)
    assert given_.base + given_.values.sum(axis=1) == pytest.approx(margin, abs=1e-10)


def test_contributions_are_shapley_values_by_definition(grow):
    """Every coalition of columns counted out by hand: the mean over orders of what a column adds to the tree's conditional mean."""
    X, y = world(3, rows=200, columns=5)
    booster = grow(X, y, rounds=3, num_leaves=6)
    given_ = own(booster, X[:20])
    by_hand = np.array([shapley(booster, row) for row in X[:20]])
    assert given_.values == pytest.approx(by_hand, abs=1e-12)


def shapley(booster: lgb.Booster, row: np.ndarray) -> np.ndarray:
    """Shapley values of the game whose worth of a set of columns is the path-dependent mean (cover-weighted where a column is not in the set)."""
    structures = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    n = row.size
    worth = {
        s: sum(mean_given(t, row, s) for t in structures)
        for r in range(n + 1)
        for s in itertools.combinations(range(n), r)
    }
    values = np.zeros(n)
    for column in range(n):
        for s in (s for s in worth if column not in s):
            weight = factorial(len(s)) * factorial(n - len(s) - 1) / factorial(n)
            values[column] += weight * (worth[tuple(sorted((*s, column)))] - worth[s])
    return values


def mean_given(node: dict, row: np.ndarray, known: tuple[int, ...]) -> float:
    """Walk where a known column says, and average by training rows where it is not known."""
    if "leaf_value" in node:
        return node["leaf_value"]
    sides = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        x = row[node["split_feature"]]
        default = node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        left = default if np.isnan(x) else x <= node["threshold"]
        return mean_given(sides[0 if left else 1], row, known)
    rows = [side.get("leaf_count", side.get("internal_count")) for side in sides]
    return sum(n * mean_given(side, row, known) for n, side in zip(rows, sides, strict=True)) / sum(rows)


def test_a_threshold_that_is_hit_exactly_goes_left(grow):
    """Rows exactly at, just below and just above every threshold get LightGBM's contributions, as float64 and float32."""
    X, y = world(4, gaps=0.0)
    booster = grow(X, y)
    forest, _ = read_forest(booster.model_to_string())
    at = np.zeros((forest.threshold.size, COLUMNS))
    at[np.arange(at.shape[0]), forest.feature] = forest.threshold
    for table in (at, np.nextafter(at, -np.inf), np.nextafter(at, np.inf), at.astype(np.float32)):
        assert largest_difference(own(booster, table), booster, table) < 1e-10


@pytest.mark.parametrize("kind", ["float32", "int64", "int8", "frame", "mixed frame", "column by column"])
def test_any_kind_of_table_reads_as_in_lightgbm(kind, grow):
    """Float32, whole numbers and data frames give what LightGBM gives for the same table."""
    X, y = world(5, gaps=0.0, kind="counts")
    tables = {
        "float32": X.astype(np.float32) * np.float32(0.1),
        "int64": X.astype(np.int64) * 100_000_007,
        "int8": X.astype(np.int8),
        "frame": pd.DataFrame(X),
        "mixed frame": pd.DataFrame(X).astype({0: np.int64, 1: np.float32, 2: bool}),
        "column by column": np.asfortranarray(X),
    }
    booster = grow(tables[kind], y)
    assert largest_difference(own(booster, tables[kind]), booster, tables[kind]) < 1e-10


def test_a_tree_of_one_leaf_pays_nobody(grow):
    """Constant columns cannot be split on: the base is all there is."""
    booster = grow(np.zeros((50, 3)), np.arange(50) % 2, rounds=2)
    given_ = own(booster, np.ones((4, 3)))
    assert (given_.values == 0).all()
    assert given_.base == pytest.approx(booster.predict(np.ones((1, 3)), raw_score=True)[0], abs=1e-12)


def test_a_constant_column_gets_exactly_nothing(grow):
    """A column that no tree splits on has contribution 0.0, not a rounding error."""
    X, y = world(6)
    X[:, 7] = 3.0
    assert (own(grow(X, y), X).values[:, 7] == 0.0).all()


def test_stopped_early_uses_the_best_round(grow):
    """Only the rounds that LightGBM itself predicts with are explained."""
    X, y = world(7)
    booster = grow(X, y, rounds=20)
    booster.best_iteration = 4
    given_ = own(booster, X)
    assert given_.road == "own"
    assert largest_difference(given_, booster, X) < 1e-10


def test_number_of_threads_and_of_rows_changes_no_bit(grow):
    """Two threads give the bytes of one, and a row explained alone those of the row among thousands."""
    X, y = world(8, rows=9000)
    booster = grow(X, y)
    one, two = own(booster, X, threads=1), own(booster, X, threads=2)
    assert one.values.tobytes() == two.values.tobytes()
    assert own(booster, X[8191:8192]).values.tobytes() == one.values[8191:8192].tobytes()


def test_progress_is_told_per_chunk(grow):
    """9,000 rows are three chunks."""
    told: list[tuple[str, int, int]] = []
    X, y = world(8, rows=9000)
    own(grow(X, y, rounds=2), X, progress=lambda *step: told.append(step))
    assert told == [("explain trees", done, 3) for done in (1, 2, 3)]


def words_table(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """A column of words as pandas categories beside a number."""
    rng = np.random.default_rng(seed)
    word = rng.integers(6, size=ROWS)
    number = rng.normal(size=ROWS)
    y = (np.isin(word, [1, 4]) + number + rng.normal(size=ROWS) > 0.5).astype(int)
    return pd.DataFrame({"word": pd.Categorical(np.array(list("abcdef"))[word]), "number": number}), y


def test_categories_take_lightgbms_road(grow):
    """Splits on categories are left to LightGBM, and it says so."""
    frame, y = words_table()
    codes = np.column_stack([frame["word"].cat.codes, frame["number"]]).astype(float)
    as_words, as_codes = grow(frame, y), grow(codes, y, data={"categorical_feature": [0]})
    for booster, table in ((as_words, frame), (as_codes, codes)):
        given_ = own(booster, table)
        assert (given_.road, given_.why) == ("lightgbm", "categorical_splits")
        assert given_.base + given_.values.sum(axis=1) == pytest.approx(
            booster.predict(table, raw_score=True), abs=1e-10
        )


def test_averaged_trees_take_lightgbms_road(grow):
    """A forest whose trees are averaged is not read by us."""
    X, y = world(9)
    given_ = own(grow(X, y, boosting="rf", bagging_freq=1, bagging_fraction=0.5), X)
    assert (given_.road, given_.why) == ("lightgbm", "averaged_trees")


def test_linear_trees_are_refused(grow):
    """Trees with a regression in each leaf have no path-dependent contributions, in LightGBM neither."""
    X, y = world(9, gaps=0.0)
    with pytest.raises(
        ValueError, match=r"^Trees with a regression in each leaf have no exact contributions per column"
    ):
        own(grow(X, y, data={"params": {"linear_tree": True}}, linear_tree=True), X)


def test_trees_without_training_counts_are_not_read(grow):
    """Shares of training rows are what an unknown column is averaged by; without counts there are none."""
    text = grow(*world(10), rounds=1).model_to_string()
    zeros = "\n".join(
        "internal_count=" + "0 " * line.count(" ") + "0" if line.startswith("internal_count") else line
        for line in text.split("\n")
    )
    with pytest.raises(Unreadable, match=r"^no_training_counts$"):
        read_forest(zeros)


def test_little_work_is_not_worth_compiling_for(grow):
    """Below the measured number of rows x leaves, LightGBM's own road is taken."""
    X, y = world(11)
    booster = grow(X, y)
    given_ = attribute_trees(booster, X, sample=16, little_work=LITTLE_WORK, threads=1, progress=silent)
    assert (given_.road, given_.why, given_.difference) == ("lightgbm", "little_work", 0.0)


def test_values_that_differ_from_shap_are_not_used(grow, monkeypatch):
    """When a sample differs by more than the tolerance, every row takes LightGBM's road, and the difference is kept."""
    X, y = world(12)
    booster = grow(X, y)
    walk = trees._walk
    monkeypatch.setattr(trees, "_walk", lambda *a, **k: walk(*a, **k) + 2 * TOLERANCE)
    given_ = own(booster, X)
    assert (given_.road, given_.why) == ("lightgbm", "differs")
    assert given_.difference == pytest.approx(2 * TOLERANCE, rel=1e-3)
    assert largest_difference(given_, booster, X) == 0.0


def test_sample_is_compared_with_shap(grow):
    """As many rows as asked, or all when there are fewer; the largest difference is rounding."""
    X, y = world(13)
    booster = grow(X, y)
    assert own(booster, X).compared == 16
    assert own(booster, X[:3]).compared == 3
    assert own(booster, X).difference < 1e-12


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's plots, on import
def test_shap_is_asked_and_agrees_to_the_last_but_few_bits(grow):
    """`shap.TreeExplainer` itself, on other rows than the ones that were fitted."""
    import shap

    X, y = world(14)
    booster, unseen = grow(X, y), world(15)[0]
    theirs = shap.TreeExplainer(booster)(unseen)
    given_ = own(booster, unseen)
    assert np.abs(theirs.values - given_.values).max() < 1e-12
    assert theirs.base_values == pytest.approx(given_.base, abs=1e-12)


def test_a_table_of_another_shape_is_refused(grow):
    """Columns that the booster does not know, and no rows at all."""
    X, y = world(16)
    booster = grow(X, y)
    with pytest.raises(ValueError, match=r"^The booster has 8 columns; a table of \(600, 7\) cannot be explained\.$"):
        own(booster, X[:, :7])
    with pytest.raises(ValueError, match=r"a table of \(0, 8\) cannot be explained"):
        own(booster, X[:0])


def test_more_classes_are_refused():
    """Three classes have three contributions per column, which nobody here could show."""
    X, _ = world(17)
    booster = lgb.train(
        {"objective": "multiclass", "num_class": 3, "verbosity": -1, "num_threads": 1},
        lgb.Dataset(X, np.arange(ROWS) % 3),
        2,
    )
    with pytest.raises(ValueError, match=r"^The booster has 3 classes; one is explained at a time"):
        own(booster, X)


def test_twin_columns_share_one_stable_total(grow):
    """Two copies of a column (one a little noisy): refits divide it differently, their sum stays."""
    rng = np.random.default_rng(18)
    cause, other = rng.normal(size=(2, 2000))
    y = (1.5 * cause + 0.5 * other + rng.logistic(size=2000) > 0).astype(int)
    twins = np.column_stack([cause, cause + rng.normal(scale=0.01, size=2000), other])
    first, family = [], []
    for seed in range(8):
        booster = grow(
            twins, y, rounds=40, seed=seed, feature_fraction=0.34, max_depth=3, min_data_in_leaf=30, learning_rate=0.1
        )
        values = own(booster, twins).values
        first.append(np.abs(values[:, 0]).mean() / np.abs(values[:, 2]).mean())
        family.append(np.abs(values[:, :2].sum(axis=1)).mean() / np.abs(values[:, 2]).mean())
    assert np.std(first) / np.mean(first) > 2 * np.std(family) / np.mean(family)
