"""Only listed factories can be named, and their parameters are held to their signatures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.feature import Feature
from tegenkracht.core.text import Text
from tegenkracht.explanation.directions import moves_of
from tegenkracht.models import FACTORIES, Surroundings, check_parameters

WORDS = Text(nl="woord", en="word")
TREES = {
    "n_estimators": 30,
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_child_samples": 5,
    "reg_lambda": 0.0,
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "monotone": True,
}


def surroundings(*columns: str, categorical: tuple[str, ...] = (), direction: str = "±") -> Surroundings:
    """Columns that are all features of the same direction."""
    features = tuple(
        Feature(name=c, label=WORDS, definition=WORDS, subject="place", source="s", direction=direction)
        for c in columns
        if c not in categorical
    )
    return Surroundings(columns=columns, categorical=categorical, features=features, seed=1, threads=1)


@pytest.mark.parametrize(
    "target", ["builtins.open", "joblib.load", "pandas.read_pickle", "os.system", "sklearn.svm.SVC", ""]
)
def test_a_target_off_the_list_is_never_looked_at(target):
    """What a file names is looked up, not imported; the message lists what there is."""
    typed, problems = check_parameters(target, {})
    assert typed == {}
    assert problems[0][1] == f"`{target}` is not a model of tegenkracht."
    assert "tegenkracht.models.logistic" in problems[0][2]


def test_a_misspelt_parameter_is_named_with_what_was_meant():
    """LightGBM would swallow `learning_ratee`; we do not."""
    parameters = {**TREES, "learning_ratee": 0.1}
    del parameters["learning_rate"]
    _, problems = check_parameters("tegenkracht.models.lightgbm", parameters)
    assert problems == [
        (
            "learning_ratee",
            "`learning_ratee` is not a parameter of tegenkracht.models.lightgbm.",
            "Did you mean `learning_rate`?",
        ),
        (
            "learning_rate",
            "this parameter is missing.",
            "Give it a value; tegenkracht.models.lightgbm has no defaults.",
        ),
    ]


def test_a_parameter_of_the_wrong_type_is_named_with_what_was_found():
    """`C: strong` is not a number."""
    _, problems = check_parameters(
        "tegenkracht.models.logistic", {"C": "strong", "max_iter": 100, "missing": "flag", "monotone": True}
    )
    assert problems == [
        (
            "C",
            "Input should be a valid number, unable to parse string as a number (found `strong`).",
            "Correct the value.",
        )
    ]


def test_monotone_trees_never_turn_against_a_declared_direction():
    """On noise, a free model turns; a constrained one may not, anywhere on a grid."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"a": rng.normal(size=600), "b": rng.normal(size=600)})
    y = (table["a"] + rng.normal(size=600) * 3 > 0).astype(int)
    grid = pd.DataFrame({"a": np.linspace(-3, 3, 200), "b": 0.0})
    for monotone in (True, False):
        model = FACTORIES["tegenkracht.models.lightgbm"](
            surroundings("a", "b", direction="+"), **{**TREES, "monotone": monotone}
        )
        steps = np.diff(model.fit(table, y).predict_proba(grid)[:, 1])
        assert bool((steps >= -1e-12).all()) is monotone


def test_a_monotone_regression_never_turns_against_a_declared_direction():
    """Outcomes fall with a column that is declared to rise, which has gaps and stands beside words: free, all steps go against; held, none."""
    rng = np.random.default_rng(4)
    a, word = rng.normal(size=600), rng.choice(["x", "y"], size=600).astype(object)
    table = pd.DataFrame(
        {"inspector": word, "a": np.where(rng.random(600) < 0.2, np.nan, a), "b": rng.normal(size=600)}
    )
    y = (table["b"] - a + rng.logistic(size=600) > 0).astype(int)
    around = surroundings("inspector", "a", "b", categorical=("inspector",), direction="+")
    grid = np.linspace(-3, 3, 20)
    share = {}
    for monotone in (True, False):
        model = FACTORIES["tegenkracht.models.logistic"](
            around, C=1.0, max_iter=500, missing="flag", monotone=monotone
        ).fit(table, y)
        moves = moves_of(model.decision_function, table, {"a": 1, "b": 1}, {"a": grid, "b": grid})
        share[monotone] = {name: m.against / m.looked_at for name, m in moves.items()}
    assert share == {True: {"a": 0.0, "b": 0.0}, False: {"a": 1.0, "b": 0.0}}


def test_a_switched_off_word_counts_for_nobody():
    """With the inspector missing for all, a logistic model orders rows by the other columns alone."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {"x": rng.normal(size=400), "inspector": rng.choice(["strict", "mild"], size=400).astype(object)}
    )
    y = ((table["inspector"] == "strict") | (table["x"] > 1)).astype(int)
    make = FACTORIES["tegenkracht.models.logistic"]
    model = make(
        surroundings("x", "inspector", categorical=("inspector",)), C=1.0, max_iter=500, missing="flag", monotone=False
    ).fit(table, y)
    off = model.predict_proba(table.assign(inspector=None))[:, 1]
    assert np.array_equal(np.argsort(off), np.argsort(table["x"].to_numpy()))


def test_logistic_takes_missing_numbers_and_an_empty_column():
    """The median fills a hole, a flag remembers it, and a column without any value does no harm."""
    table = pd.DataFrame({"x": [0.0, np.nan, 1.0, 2.0] * 20, "empty": np.nan})
    y = np.array([0, 1, 0, 1] * 20)
    make = FACTORIES["tegenkracht.models.logistic"]
    model = make(surroundings("x", "empty"), C=1.0, max_iter=500, missing="flag", monotone=False).fit(table, y)
    assert np.isfinite(model.predict_proba(table)).all()


SUM = {"n_estimators": 60, "learning_rate": 0.2, "min_child_samples": 5, "reg_lambda": 0.0, "monotone": False}
CARD = {"lines": 4, "points": 5, "cuts": 6, "support": 10, "monotone": True}


def test_an_additive_model_cannot_combine_columns():
    """Outcomes follow a product; the log-odds of four corners of any rectangle still cancel, and the model keeps the directions that it is given."""
    rng = np.random.default_rng(6)
    table = pd.DataFrame(rng.normal(size=(800, 2)), columns=["a", "b"])
    y = (table["a"] * table["b"] + 0.3 * table["a"] > 0).astype(int)
    model = FACTORIES["tegenkracht.models.additive"](surroundings("a", "b"), **SUM).fit(table, y)
    corners = pd.DataFrame({"a": [-1.0, -1.0, 1.0, 1.0], "b": [-1.0, 1.0, -1.0, 1.0]})
    odds = np.log(model.predict_proba(corners)[:, 1] / model.predict_proba(corners)[:, 0])
    assert odds[0] - odds[1] - odds[2] + odds[3] == pytest.approx(0, abs=1e-9)
    held = FACTORIES["tegenkracht.models.additive"](
        surroundings("a", "b", direction="+"), **{**SUM, "monotone": True}
    ).fit(table, y)
    grid = pd.DataFrame({"a": 0.0, "b": np.linspace(-3, 3, 200)})
    assert (np.diff(held.predict_proba(grid)[:, 1]) >= -1e-12).all()


def test_a_scorecard_follows_the_declared_directions_when_asked():
    """Outcomes fall with the column; with its direction held there is nothing to count, without it the card turns the fact around."""
    rng = np.random.default_rng(7)
    table = pd.DataFrame({"a": rng.normal(size=1_000)})
    y = (rng.random(1_000) < 1 / (1 + np.exp(2 * table["a"]))).astype(int)
    around, make = surroundings("a", direction="+"), FACTORIES["tegenkracht.models.scorecard"]
    assert make(around, **CARD).fit(table, y).rules_ == []
    assert {"at_most"} == {k for r in make(around, **{**CARD, "monotone": False}).fit(table, y).rules_ for k in r} - {
        "column",
        "points",
    }


def test_a_scorecard_counts_no_words():
    """The inspector's name is no number of points; the way out is named."""
    make = FACTORIES["tegenkracht.models.scorecard"]
    with pytest.raises(InputError, match="inspector holds words; a scorecard counts numbers") as raised:
        make(surroundings("x", "inspector", categorical=("inspector",)), **CARD)
    (problem,) = raised.value.problems
    assert (problem.where, problem.what, problem.way_out) == (
        "models.scorecard.columns",
        "inspector holds words; a scorecard counts numbers.",
        "Write columns: features.",
    )


def test_a_card_has_at_least_one_line_and_at_most_thirty():
    """A longer card is no card, and patterns of facts are counted as whole numbers."""
    _, problems = check_parameters("tegenkracht.models.scorecard", {**CARD, "lines": 31})
    assert problems == [("lines", "Input should be less than or equal to 30 (found `31`).", "Correct the value.")]
