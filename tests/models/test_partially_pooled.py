"""A model with a level and weights per group: between one for all and one each, as far as data say; and the numbers that stand for groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.core.errors import InputError
from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.models import FACTORIES, Surroundings, check_parameters
from tegenkracht.models.fitting import check_plans, fit
from tegenkracht.models.group_codes import GroupCodes
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic
from tegenkracht.models.plan import ModelPlan

SETTINGS = {
    **{"by": "sector", "characters": None, "missing": "impute"},
    **{"C": 1.0, "levels_apart": 1.0, "weights_apart": 0.5, "rows_a_visit": 1.0},
}
SIZES = (60, 150, 400, 1_500, 3_000)
SMALL = (60, 120, 300, 600)
TEXT = Text(nl="woord", en="word")


@parametrize_with_checks([PartiallyPooledLogistic(), GroupCodes()])
def test_pooled_estimators_pass_the_checks_of_scikit_learn(estimator, check):
    """An estimator that we write behaves like scikit-learn's own."""
    check(estimator)


def sectors(seed: int, *, levels: float, weights: float, sizes=SIZES, columns: int = 4):
    """Rows of sectors whose levels and weights come from one distribution; with the true ones (sector, 1 + columns)."""
    rng = np.random.default_rng(seed)
    true = np.array([-2.0, *np.linspace(0.8, -0.4, columns)]) + rng.normal(size=(len(sizes), 1 + columns)) * np.array(
        [levels, *[weights] * columns]
    )
    group = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(size=(group.size, columns))
    margin = true[group, 0] + (x * true[group, 1:]).sum(axis=1)
    return np.column_stack([group, x]), (rng.random(group.size) < expit(margin)).astype(int), true


def test_groups_that_may_not_differ_have_the_ridge_regression_of_all():
    """With spreads near nought it is scikit-learn's own logistic regression on columns that are scaled alike."""
    X, y, _ = sectors(1, levels=0.0, weights=0.0)
    model = PartiallyPooledLogistic(C=2.0, levels_apart=1e-5, weights_apart=1e-5).fit(X, y)
    scaled = (X[:, 1:] - model.middle_) / model.scale_
    one = LogisticRegression(C=2.0, tol=1e-10, max_iter=1000).fit(scaled, y)
    assert model.coef_[:, 1:] == pytest.approx(np.tile(one.coef_, (5, 1)), abs=2e-3)
    assert model.decision_function(X) == pytest.approx(one.decision_function(scaled), abs=0.01)


def test_groups_that_may_differ_freely_have_their_own_shares():
    """With a wide spread of levels and no columns, a large group's level is the log-odds of its own share."""
    X, y, _ = sectors(2, levels=1.5, weights=0.0)
    model = PartiallyPooledLogistic(levels_apart=50.0, weights_apart=0).fit(X[:, :1], y)
    shares = [y[X[:, 0] == group].mean() for group in (3, 4)]
    assert expit(model.level_[3:]) == pytest.approx(shares, abs=2e-3)


def test_spreads_are_learnt():
    """Forty sectors alike or apart: the spread that is drawn lies near the true one, and a small sector leans more on sectors that are alike."""
    leaning = {}
    for levels, weights in ((0.1, 0.05), (0.8, 0.4)):
        X, y, _ = sectors(3, levels=levels, weights=weights, sizes=[120] * 40)
        model = PartiallyPooledLogistic().fit(X, y)
        drawn = model.spreads_drawn(np.random.default_rng(1), 2_000)
        for draws, true in zip(drawn, (levels, weights), strict=True):
            assert np.quantile(draws, 0.01) < true < np.quantile(draws, 0.99)
        leaning[levels] = np.tensordot(model.chance_, model.leaning_, axes=1).mean(axis=0)
    assert (leaning[0.1] > leaning[0.8] + 0.1).all()


def test_a_small_sector_is_foretold_better_than_by_one_model_for_all_or_one_each():
    """Log loss on new rows of the sector of sixty, over twelve worlds; and intervals of its weights hold the truth in about 95 of 100."""
    lost = {"pooled": 0.0, "one": 0.0, "each": 0.0}
    held = []
    for seed in range(12):
        X, y, true = sectors(seed, levels=0.6, weights=0.4, sizes=SMALL)
        rng = np.random.default_rng([seed, 1])
        new = rng.normal(size=(2_000, 4))
        chance = expit(true[0, 0] + new @ true[0, 1:])
        small, outcome = np.column_stack([np.zeros(2_000), new]), (rng.random(2_000) < chance).astype(int)
        own = X[:, 0] == 0
        model = PartiallyPooledLogistic().fit(X, y)
        lost["pooled"] += log_loss(outcome, model.predict_proba(small)[:, 1])
        lost["one"] += log_loss(outcome, LogisticRegression().fit(X[:, 1:], y).predict_proba(new)[:, 1])
        lost["each"] += log_loss(outcome, LogisticRegression().fit(X[own, 1:], y[own]).predict_proba(new)[:, 1])
        off = model.coef_[:, 1:] / model.scale_ - true[:, 1:]
        held.append(np.abs(off) < 1.96 * model.error_[:, 1:] / model.scale_)
    assert lost["pooled"] < min(lost["one"], lost["each"])
    assert 0.9 < np.mean(held) < 0.99


def test_a_sector_that_was_not_learnt_from_gets_what_sectors_share():
    """Its rows are scored with the shared level and weights."""
    X, y, _ = sectors(5, levels=0.6, weights=0.3)
    model = PartiallyPooledLogistic().fit(X, y)
    new = np.array([[9.0, *model.middle_]])
    assert model.decision_function(new)[0] == pytest.approx(model.shared_[0])


def test_rows_that_repeat_a_visit_say_no_more_than_the_visit():
    """Every row twice at two rows a visit: the same model."""
    X, y, _ = sectors(6, levels=0.6, weights=0.3)
    once = PartiallyPooledLogistic().fit(X, y)
    twice = PartiallyPooledLogistic(rows_a_visit=2).fit(np.tile(X, (2, 1)), np.tile(y, 2))
    assert twice.coef_ == pytest.approx(once.coef_, abs=1e-4)
    assert twice.error_ == pytest.approx(once.error_, rel=1e-3)


def test_a_column_of_one_small_sector_is_scaled_by_what_it_varies_there():
    """Berths are filled in everywhere with one number but vary by 50 among sixty marinas: over all rows they would vary by 6."""
    X, y, _ = sectors(7, levels=0.5, weights=0.2)
    berths = np.where(X[:, 0] == 0, 100 + 50 * np.sign(X[:, 1]), 100.0)
    model = PartiallyPooledLogistic().fit(np.column_stack([X, berths]), y)
    assert model.scale_[-1] == pytest.approx(50, rel=0.05)
    assert berths.std() < 7


def test_regions_are_the_beginnings_of_area_codes_and_new_ones_are_none():
    """`BU0363` and `BU0344` are two regions by six characters; one that was not learnt from is -1."""
    codes = GroupCodes(characters=6).fit(pd.DataFrame({"area_code": ["BU036301", "BU034402", "BU036399"]}))
    assert codes.names_ == ["BU0344", "BU0363"]
    told = codes.transform(pd.DataFrame({"area_code": ["BU036307", "BU999901"]}))
    assert told.tolist() == [[1.0], [-1.0]]
    assert codes.get_feature_names_out().tolist() == ["area_code"]


def test_words_beside_the_groups_are_refused():
    """The inspector is no number; the message says what to write."""
    around = Surroundings(("x", "inspector", "sector"), ("inspector", "sector"), (), seed=1, threads=1)
    with pytest.raises(InputError, match=r"inspector holds words; a level per sector is for numbers\."):
        FACTORIES["tegenkracht.models.partially_pooled"](around, **SETTINGS)


def panel(*sectors: str, areas: str = "BU0363") -> Panel:
    """Two dates of 120 places; `wealth` is an audit attribute that says everything."""
    rng = np.random.default_rng(1)
    outcome = rng.integers(0, 2, 240).astype(float)
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:03}" for i in range(240)],
            "unit_id": [f"u{i % 120:03}" for i in range(240)],
            "as_of": pd.to_datetime(np.repeat(["2020-01-01", "2021-01-01"], 120)),
            "known_until": pd.Timestamp("2020-01-01"),
            "sector": [sectors[i % len(sectors)] for i in range(240)],
            "cluster_id": None,
            "area_code": [f"{areas}{i % 7:02}" for i in range(240)],
            "outcome": outcome,
            "observed": True,
            "outcome_known_on": pd.Timestamp("2020-06-01"),
            **{"inspector": None, "channel": None, "earlier_visits": 0.0, "fact": rng.normal(size=240)},
            "wealth": outcome.astype(str),
        }
    )
    fact = Feature(name="fact", label=TEXT, definition=TEXT, subject="place", source="s", direction="+")
    return Panel(rows, (fact,), ("wealth",), scheduled=False, identity="p")


def plan(**changed: object) -> ModelPlan:
    """A plan of a model with a level per sector."""
    return ModelPlan(
        label=TEXT,
        description=TEXT,
        estimator={"target": "tegenkracht.models.partially_pooled", "parameters": SETTINGS | changed},
        **{"columns": "features", "probability": True, "explain": False},
    )


def test_a_model_sees_the_sector_beside_its_features_and_no_audit_attribute():
    """The columns of the fit: the feature, then the sector; the attribute that gives the outcome away moves no score."""
    table, fold = panel("marina", "club"), Fold("2021", pd.Timestamp("2021-01-01"), np.arange(120), np.arange(120, 240))
    fitted = fit(table, fold, "m", plan(), seed=1, threads=1)
    assert fitted.columns == ("fact", "sector")
    swapped = replace(table, rows=table.rows.assign(wealth="same"))
    assert np.array_equal(fit(swapped, fold, "m", plan(), seed=1, threads=1).scores, fitted.scores)


def test_an_audit_attribute_cannot_be_what_rows_are_grouped_by():
    """Sectors and areas may; anything else is wrong input."""
    _, problems = check_parameters("tegenkracht.models.partially_pooled", SETTINGS | {"by": "wealth"})
    assert problems == [("by", "Input should be 'sector' or 'area_code' (found `wealth`).", "Correct the value.")]


@pytest.mark.parametrize(
    ("changed", "kind"), [({}, "sector"), ({"by": "area_code", "characters": 6}, "region")], ids=["sector", "region"]
)
def test_one_group_is_refused(changed, kind):
    """There is nothing to lean on; the way out is a plain regression."""
    problems = check_plans({"m": plan(**changed)}, panel("marina"))
    assert [str(problem) for problem in problems] == [
        f"models.m.estimator.by: this study has one {kind}; there is nothing to lean on. "
        "Take tegenkracht.models.logistic, or more of them."
    ]
    assert not check_plans({"m": plan(by="area_code")}, panel("marina"))
