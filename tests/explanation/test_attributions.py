"""Attributions of a model over its folds: whole, additive, checked, and the same bytes on disk."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.finding import read_findings, write_findings
from tegenkracht.explanation import attributions as module
from tegenkracht.explanation.attributions import AttributionError, attribute, write_attributions
from tegenkracht.explanation.trees import LinearTrees
from tegenkracht.models import Surroundings, current_rule, lightgbm, logistic, prior
from tegenkracht.models.checklist import Rule
from tegenkracht.models.store import scores_of

TREES = {
    "n_estimators": 20,
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_child_samples": 5,
    "reg_lambda": 0.0,
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "monotone": False,
}
RULES = (Rule(column="a", points=2, at_least=0.0), Rule(column="b", points=0.1, at_most=1.0))
MAKERS = {
    "lightgbm": lambda s: lightgbm(s, **TREES),
    "logistic": lambda s: logistic(s, C=1.0, max_iter=500, missing="flag", monotone=False),
    "signed": lambda s: logistic(s, C=1.0, max_iter=500, missing="flag", monotone=True),
    "checklist": lambda s: current_rule(s, rules=RULES),
}


def table(seed: int, rows: int = 120) -> pd.DataFrame:
    """Two numbers with gaps and a column of words, named by row."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows))
    word = pd.Series(rng.choice(["x", "y"], rows), dtype=object).to_numpy()
    frame = pd.DataFrame({"a": a, "b": np.where(rng.random(rows) < 0.2, np.nan, b), "inspector": word})
    return frame.set_axis([f"{seed}/{i}" for i in range(rows)], axis=0)


def fits(kind: str, folds: int = 2):
    """One model fitted on each fold, as `fit_and_score` leaves it, with its test tables."""
    columns = ("a", "b") if kind == "checklist" else ("a", "b", "inspector")
    surroundings = Surroundings(columns=columns, categorical=columns[2:], features=(), seed=1, threads=1)
    fitted, tables = [], []
    for fold in range(folds):
        train, test = table(fold)[list(columns)], table(fold + 10, rows=30 + fold)[list(columns)]
        y = (train["a"] + np.random.default_rng(fold).normal(size=len(train)) > 0).astype(int)
        model = MAKERS[kind](surroundings).fit(train, y)
        named = SimpleNamespace(name=f"20{20 + fold}-01-01")
        fitted.append(SimpleNamespace(name=kind, estimator=model, fold=named, scores=scores_of(model, test)))
        tables.append(test)
    return fitted, tables


@pytest.mark.parametrize(
    ("kind", "link"),
    [("lightgbm", "log-odds"), ("logistic", "log-odds"), ("signed", "log-odds"), ("checklist", "points")],
)
def test_every_row_of_every_fold_adds_up_to_its_score(kind, link):
    """Rows in order of folds, one column per source column, base plus contributions the score on its own scale."""
    fitted, tables = fits(kind)
    whole = attribute(fitted, tables, threads=1)
    assert whole.link == link
    assert whole.rows.tolist() == [*tables[0].index, *tables[1].index]
    assert whole.folds.tolist() == ["2020-01-01"] * 30 + ["2021-01-01"] * 31
    assert list(whole.values) == list(tables[0])
    score = whole.margin if link == "points" else 1 / (1 + np.exp(-whole.margin))
    assert score == pytest.approx(np.concatenate([model.scores for model in fitted]), abs=1e-9)


def test_findings_say_how_well_it_was_checked():
    """TK301: LightGBM's own values are not compared with themselves, and it says which road was taken; TK302: how far from the score."""
    agreement, additivity = attribute(*fits("lightgbm"), threads=1).findings
    assert (agreement.code, agreement.verdict, agreement.model) == ("TK301", "not_applicable", "lightgbm")
    assert agreement.facts == {"reason": "lightgbm_road", "road": "lightgbm", "why": "little_work", "rows": 61}
    assert (additivity.code, additivity.verdict) == ("TK302", "not_found")
    assert additivity.facts["rows"] == 61
    assert additivity.facts["largest_difference"] < 1e-12
    assert read_findings(write_findings((agreement, additivity))) == (agreement, additivity)


def test_our_own_road_is_reported_as_such(monkeypatch):
    """With enough work, our own values are compared with shap's in every fold."""
    monkeypatch.setattr(module, "LITTLE_WORK", 0)
    agreement, _ = attribute(*fits("lightgbm"), threads=1).findings
    assert agreement.verdict == "not_found"
    assert (agreement.facts["road"], agreement.facts["why"], agreement.facts["by"]) == ("own", "", "all")
    assert agreement.facts["compared"] == 61
    assert agreement.facts["largest_difference"] < 1e-12


def test_folds_that_took_another_road_are_not_counted_as_compared(monkeypatch):
    """Of two folds one has enough work for our own values: its 31 rows are compared, and the finding says that it is about one of two."""
    fitted, tables = fits("lightgbm")
    seen = []

    def work(forest):
        seen.append(forest)
        return 10**9 if len(seen) == 2 else 0

    monkeypatch.setattr("tegenkracht.explanation.trees.leaves_of", work)
    agreement, _ = attribute(fitted, tables, threads=1).findings
    facts = agreement.facts
    assert (facts["road"], facts["by"], facts["fits"], facts["checked"]) == ("lightgbm own", "part", 2, 1)
    assert facts["compared"] == 31


def test_linear_trees_are_refused_by_the_models_key(monkeypatch):
    """The refusal names the key of the study that is to be changed, not our own code."""
    fitted, tables = fits("lightgbm")

    def refuse(*_, **__):
        raise LinearTrees("Trees with a regression in each leaf have no exact contributions per column.")

    monkeypatch.setattr(module, "attribute_trees", refuse)
    with pytest.raises(
        InputError,
        match=r"models\.lightgbm\.explain: Trees with a regression .* Set it to false, or learn without linear_tree\.",
    ):
        attribute(fitted, tables, threads=1)


def test_values_that_differ_from_shap_are_a_finding(monkeypatch):
    """Found: the reader hears that our own values were not used."""
    monkeypatch.setattr(module, "LITTLE_WORK", 0)
    monkeypatch.setattr("tegenkracht.explanation.trees.TOLERANCE", -1.0)
    agreement, _ = attribute(*fits("lightgbm"), threads=1).findings
    assert (agreement.verdict, agreement.facts["road"], agreement.facts["why"]) == ("found", "lightgbm", "differs")


@pytest.mark.parametrize("kind", ["logistic", "checklist"])
def test_sums_need_no_comparison(kind):
    """A linear model and a checklist are exact by definition, and the finding says so instead of passing in silence."""
    agreement, _ = attribute(*fits(kind), threads=1).findings
    assert (agreement.verdict, agreement.facts) == ("not_applicable", {"reason": "exact_by_definition"})


def test_contributions_that_miss_the_score_are_not_shown():
    """A score that is not the model's own (here moved by a thousandth) stops the study."""
    fitted, tables = fits("logistic")
    fitted[1].scores = fitted[1].scores + 0.001
    with pytest.raises(
        AttributionError, match=r"^Contributions of logistic miss its score by up to 0\.001; they may not"
    ):
        attribute(fitted, tables, threads=1)


def test_a_score_that_is_not_a_number_is_no_pass():
    """NaN differs from everything."""
    fitted, tables = fits("logistic")
    fitted[0].scores = fitted[0].scores * np.nan
    with pytest.raises(AttributionError, match="miss its score"):
        attribute(fitted, tables, threads=1)


def test_a_model_without_contributions_is_named():
    """The base rate has no columns; the way out is one word in the study."""
    X = table(0)[["a"]]
    model = prior(Surroundings(columns=("a",), categorical=(), features=(), seed=1, threads=1)).fit(
        X, np.arange(len(X)) % 2
    )
    fit = SimpleNamespace(name="prior", estimator=model, fold=SimpleNamespace(name="f"), scores=scores_of(model, X))
    message = "models.prior.explain: a DummyClassifier has no contributions per column. Set it to false."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        attribute([fit], [X], threads=1)


def test_same_attributions_are_the_same_bytes(tmp_path):
    """Written twice, from two computations with different threads: one digest."""
    for name, threads in (("one", 1), ("two", 2)):
        write_attributions(attribute(*fits("lightgbm"), threads=threads), tmp_path / name / "a.parquet")
    assert (tmp_path / "one/a.parquet").read_bytes() == (tmp_path / "two/a.parquet").read_bytes()


def test_what_is_written_is_what_was_computed(tmp_path):
    """Keys exactly, contributions to float32's seven digits; columns `row_id, fold, base` and one per source column; model and link in the schema."""
    whole = attribute(*fits("checklist"), threads=1)
    write_attributions(whole, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    again = table.to_pandas()
    assert list(again) == ["row_id", "fold", "base", "a", "b"]
    assert {key: table.schema.metadata[key] for key in (b"model", b"link")} == {
        b"model": b"checklist",
        b"link": b"points",
    }
    assert again["row_id"].tolist() == whole.rows.tolist()
    assert again["fold"].tolist() == whole.folds.tolist()
    assert again["base"].tolist() == whole.base.tolist()
    pd.testing.assert_frame_equal(again[["a", "b"]].astype(float), whole.values, rtol=1e-7)


def test_a_column_named_like_a_key_is_not_written_over(tmp_path, attributions_of):
    """A feature called `base` would silently take the place of the base."""
    with pytest.raises(ValueError, match=r"^Columns \['base'\] of the model have the name of a key; rename them\.$"):
        write_attributions(attributions_of({"base": [1.0], "a": [2.0]}), tmp_path / "a.parquet")
