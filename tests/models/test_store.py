"""Fitted models come back from disk with the same scores, and never run what a file brings along."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from tegenkracht.core.errors import InputError
from tegenkracht.models import FACTORIES, Surroundings
from tegenkracht.models.store import load_model, save_model, scores_of

CASES = {
    "prior": {},
    "random": {},
    "current_rule": {"rules": [{"column": "x", "at_least": 0.5, "points": 2}]},
    "given_score": {"column": "x"},
    "logistic": {"C": 1.0, "max_iter": 100, "missing": "flag", "monotone": True},
    "who_inspects": {"C": 1.0, "max_iter": 100},
    "partially_pooled": {
        **{"by": "sector", "characters": None, "missing": "flag"},
        **{"C": 1.0, "levels_apart": 1.0, "weights_apart": 0.5, "rows_a_visit": 1.0},
    },
    "scorecard": {"lines": 3, "points": 5, "cuts": 4, "support": 2, "monotone": False},
    "additive": {
        "n_estimators": 5,
        "learning_rate": 0.1,
        "min_child_samples": 2,
        "reg_lambda": 0.0,
        "monotone": False,
    },
    "sar_em": {"labelled_by": [], "C": 1.0, "max_iter": 3, "tol": 0.001},
    "nn_pu": {"prior": 0.1, "C": 1.0, "max_iter": 50},
    "elkan_noto": {"C": 1.0, "max_iter": 50},
    "lightgbm": {
        "n_estimators": 5,
        "learning_rate": 0.1,
        "num_leaves": 4,
        "min_child_samples": 2,
        "reg_lambda": 0.0,
        "subsample": 0.8,
        "colsample_bytree": 1.0,
        "monotone": False,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_stored_model_scores_as_before(name, tmp_path):
    """Every factory's model survives the disk, also with words and missing values."""
    from tegenkracht.models import check_parameters

    rng = np.random.default_rng(1)
    words = {"partially_pooled": ("sector",), **dict.fromkeys(("current_rule", "given_score", "scorecard"), ())}.get(
        name, ("inspector",)
    )
    table = pd.DataFrame(
        {
            "x": np.where(rng.random(80) < 0.1, np.nan, rng.random(80)),
            "inspector": rng.choice(["a", "b"], 80).astype(object),
            "sector": rng.choice(["marina", "club"], 80).astype(object),
        }
    )
    table = table[["x", *words]].set_axis([f"u{i}" for i in range(80)], axis=0)
    target = f"tegenkracht.models.{name}"
    parameters, problems = check_parameters(target, CASES[name])
    assert not problems
    around = Surroundings(columns=tuple(table.columns), categorical=words, features=(), seed=1, threads=1)
    model = FACTORIES[target](around, **parameters).fit(table, rng.integers(0, 2, 80))
    save_model(model, tmp_path / name)
    assert np.array_equal(scores_of(load_model(tmp_path / name), table), scores_of(model, table))


def test_a_file_with_a_foreign_type_is_refused(tmp_path):
    """A stored function could run code; the message names the type."""
    skops.io.dump(FunctionTransformer(func=print), tmp_path / "model.skops")
    with pytest.raises(InputError, match=r"model\.skops: it holds types that are not on the list: .*print"):
        load_model(tmp_path)


def test_an_empty_folder_is_named(tmp_path):
    """Nothing there is said in words."""
    with pytest.raises(InputError, match=r"there is no fitted model here\. Name a folder below `models/` of a run\."):
        load_model(tmp_path)
