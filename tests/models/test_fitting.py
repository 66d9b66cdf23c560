"""Which columns a model is fitted on: never a figure of an area where units are places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.cache import Cache
from tegenkracht.core.errors import InputError
from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.models.fitting import FittedModel, check_plans, columns_of, fit, fit_and_score
from tegenkracht.models.plan import Estimator, ModelPlan

TEXT = Text(nl="x", en="x")
N = 80
LOGISTIC = {"C": 1.0, "max_iter": 1000, "missing": "flag", "monotone": False}


def plan(target: str = "logistic", parameters: dict[str, Any] = LOGISTIC, **changed: Any) -> ModelPlan:
    """A plan of one model on all features."""
    estimator = Estimator(target=f"tegenkracht.models.{target}", parameters=parameters)
    given = {"columns": "features", "probability": False, "explain": False, **changed}
    return ModelPlan(label=TEXT, description=TEXT, estimator=estimator, **given)


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Places with a fact, and with the vacancy of their area, which tells the outcome."""
    rng = np.random.default_rng(5)
    outcome = np.arange(N) % 2
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:03}" for i in range(N)],
            "unit_id": [f"u{i:03}" for i in range(N)],
            "as_of": pd.Timestamp("2020-01-01"),
            "known_until": pd.Timestamp("2020-01-01"),
            "sector": "s",
            "cluster_id": None,
            "area_code": "a",
            "outcome": outcome.astype(float),
            "observed": True,
            "outcome_known_on": pd.Timestamp("2020-06-01"),
            "inspector": "i",
            "channel": "c",
            "earlier_visits": 0.0,
            "fact": rng.normal(size=N),
            "vacancy": outcome + rng.normal(size=N) * 0.01,
        }
    )
    subjects = {"fact": "business", "vacancy": "area"}
    features = tuple(Feature(name=n, label=TEXT, definition=TEXT, subject=of, source="s") for n, of in subjects.items())
    return Panel(rows, features, (), scheduled=False, identity="p")


def learnt(panel: Panel, model: ModelPlan) -> FittedModel:
    """Fitted on the first half of the rows, tested on the second."""
    fold = Fold("f", pd.Timestamp("2021-01-01"), np.arange(N // 2), np.arange(N // 2, N))
    return fit(panel, fold, "m", model, seed=1, threads=1)


@pytest.mark.parametrize("columns", ["features", "both"])
def test_no_model_is_fitted_on_a_figure_of_an_area(panel: Panel, columns: str) -> None:
    """Neither among all features nor with the inspection process; scores do not move with it."""
    fitted = learnt(panel, plan(columns=columns))
    assert "vacancy" not in fitted.columns
    assert "fact" in fitted.columns
    other = replace(panel, rows=panel.rows.assign(vacancy=0.5))
    assert np.array_equal(learnt(other, plan(columns=columns)).scores, fitted.scores)


def test_a_model_of_areas_may_see_their_figures(panel: Panel) -> None:
    """There the figure is about the unit itself."""
    assert columns_of(plan(), replace(panel, of_areas=True)) == ("fact", "vacancy")


RULES = {"rules": [{"column": "fact", "at_least": 1, "points": 1}, {"column": "vacancy", "at_least": 1, "points": 1}]}


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (plan(columns=("fact", "vacancy")), "models.m.columns"),
        (plan("current_rule", RULES), "models.m.estimator.rules.1.column"),
        (plan("given_score", {"column": "vacancy"}), "models.m.estimator.column"),
        (plan(off_when_scoring=("vacancy",)), "models.m.off_when_scoring"),
    ],
)
def test_a_plan_that_names_a_figure_of_an_area_is_refused(panel: Panel, model: ModelPlan, where: str) -> None:
    """With the key and the way out; of areas the same plan is right."""
    (problem,) = check_plans({"m": model}, panel)
    assert str(problem) == (
        f"{where}: `vacancy` is a figure of an area; it says nothing of one place or business in it, and no model may see it. "
        "Remove it here; name its measure in `audit.measures` to see what the lists do in such areas."
    )
    with pytest.raises(InputError, match=r"`vacancy` is a figure of an area"):
        fit_and_score(panel, [], {"m": model}, seed=1, threads=1, cache=Cache(None, notice=silent), progress=silent)
    assert check_plans({"m": model}, replace(panel, of_areas=True)) == ()


def test_taking_it_away_again_is_no_mistake(panel: Panel) -> None:
    """`without` may name it: the answer is the same."""
    assert check_plans({"m": plan(without=("vacancy",))}, panel) == ()
    assert columns_of(plan(without=("vacancy",)), panel) == ("fact",)
