"""Whether shuffling a family, or learning without it, gives the order of its attributions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.explanation.attributions import attribute
from tegenkracht.explanation.disagreement import (
    Compared,
    check_disagreement,
    compare,
    disagreement_estimates,
)
from tegenkracht.explanation.refits import refit
from tegenkracht.explanation.stability import stability
from tegenkracht.models.fitting import fit
from tegenkracht.models.plan import Estimator, ModelPlan

TREES = {
    "n_estimators": 40,
    "learning_rate": 0.1,
    "num_leaves": 7,
    "min_child_samples": 20,
    "reg_lambda": 1.0,
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "monotone": False,
}
LOGISTIC = {"C": 1e6, "max_iter": 2000, "missing": "impute", "monotone": False}


def panel_of(features, columns: dict[str, np.ndarray], outcome: np.ndarray) -> Panel:
    """Units with one row each, all of them visited."""
    n = len(outcome)
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:05}" for i in range(n)],
            "unit_id": [f"u{i:05}" for i in range(n)],
            "as_of": pd.Timestamp("2020-01-01"),
            "known_until": pd.Timestamp("2020-01-01"),
            "sector": "shops",
            "cluster_id": [f"c{i % 40}" for i in range(n)],
            "area_code": "A",
            "outcome": outcome.astype(float),
            "observed": True,
            "outcome_known_on": pd.Timestamp("2020-06-01"),
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            **columns,
        }
    )
    return Panel(rows, tuple(features), (), False, "made")


def fitted_on(panel: Panel, *, target: str = "logistic", parameters: dict[str, object] = LOGISTIC):
    """A model learnt from the first half of the rows and tested on the other."""
    half = len(panel.rows) // 2
    fold = Fold("f", pd.Timestamp("2020-01-01"), np.arange(half), np.arange(half, 2 * half))
    text = Text(nl="x", en="x")
    plan = ModelPlan(
        label=text,
        description=text,
        estimator=Estimator(target=f"tegenkracht.models.{target}", parameters=dict(parameters)),
        columns="features",
        probability=True,
        explain=True,
    )
    return fit(panel, fold, "m", plan, seed=1, threads=1)


@pytest.fixture(scope="module")
def twin_world(feature):
    """`a` is what decides; `twin` is the same column under another family; `b` decides less and by itself."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 4000))
    outcome = 1.5 * a + 0.7 * b + rng.logistic(size=4000) > 0
    features = [feature("a", "first"), feature("twin", "second"), feature("b", "third")]
    panel = panel_of(features, {"a": a, "twin": a + rng.normal(scale=1e-3, size=4000), "b": b}, outcome)
    model = fitted_on(panel)
    attributions = attribute([model], [model.test_table(panel)], threads=1)
    families = {"first": ("a",), "second": ("twin",), "third": ("b",)}
    return panel, model, attributions, families


def test_a_twin_costs_nothing_to_leave_out(twin_world) -> None:
    """Without `a` the twin takes over, so that its loss does not rise; without `b` it does. Attributions of twins are large all the same."""
    panel, model, attributions, families = twin_world
    compared = compare(
        panel, [model], attributions, families=families, cluster_by="cluster_id", shuffles=3, drop="every_fold", seed=1,
        threads=1, progress=silent,
    )  # fmt: skip
    found = {(e.metric, e.at): e for e in disagreement_estimates(compared, first=1, replicates=300, level=0.95, seed=1)}
    alone, without = found["drop_importance", "family=first"], found["drop_importance", "family=third"]
    assert alone.value == pytest.approx(0.0, abs=2.0)  # thousandths of the loss
    assert without.low is not None
    assert without.low > 10
    assert without.low <= without.value <= without.high


def test_shuffling_costs_what_is_left_without_the_family(feature) -> None:
    """In an independent linear world a shuffled column costs about what leaving it out does, and the orders are the same."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(3, 6000))
    outcome = x.T @ np.array([2.0, 1.0, 0.3]) + rng.logistic(size=6000) > 0
    features = [feature(n, n) for n in "abc"]
    panel = panel_of(features, dict(zip("abc", x, strict=True)), outcome)
    model = fitted_on(panel)
    attributions = attribute([model], [model.test_table(panel)], threads=1)
    compared = compare(
        panel, [model], attributions, families={n: (n,) for n in "abc"}, cluster_by="unit_id", shuffles=5,
        drop="last_fold", seed=1, threads=1, progress=silent,
    )  # fmt: skip
    estimates = disagreement_estimates(compared, first=2, replicates=200, level=0.95, seed=1)
    found = {(e.metric, e.at): e.value for e in estimates}
    assert found["importance_tau", "versus=permutation"] == 1.0
    assert found["importance_tau", "versus=drop"] == 1.0
    assert found["importance_shared", "versus=drop,first=2"] == 2
    finding = check_disagreement(estimates, model="m")
    assert (finding.code, finding.verdict, finding.facts["shared"]) == ("TK305", "not_found", 2)


def test_orders_that_share_one_of_three_are_found() -> None:
    """By hand: attributions order a b c d e, shuffling orders c d e b a; of the first three only c is shared; 3 pairs agree and 7 do not."""
    one = np.array([[5.0, 4.0, 3.0, 2.0, 1.0]])
    other = np.array([[1.0, 2.0, 5.0, 4.0, 3.0]])
    compared = Compared(
        "m", tuple("abcde"), {"shap": one, "permutation": other}, {"shap": np.ones(1), "permutation": np.ones(1)}, 50
    )
    estimates = disagreement_estimates(compared, first=3, replicates=100, level=0.95, seed=1)
    found = {(e.metric, e.at): e.value for e in estimates}
    assert found["importance_shared", "versus=permutation,first=3"] == 1
    assert found["importance_tau", "versus=permutation"] == pytest.approx(-0.4)
    finding = check_disagreement(estimates, model="m")
    assert finding.verdict == "found"
    assert finding.facts == {"first": 3, "shared": 1, "versus": "permutation", "tau_ratio": -0.4}


def test_few_findings_cannot_tell() -> None:
    """Nine findings are too few for a loss: silence is not a pass."""
    compared = Compared("m", ("a", "b"), {"shap": np.ones((1, 2))}, {"shap": np.ones(1)}, 9)
    assert disagreement_estimates(compared, first=1, replicates=100, level=0.95, seed=1) == ()
    finding = check_disagreement([], model="m")
    assert (finding.verdict, finding.facts) == ("not_applicable", {"reason": "few_findings_to_compare"})


def test_in_a_world_with_a_duplicate_single_ranks_turn_and_the_family_stays(feature) -> None:
    """Trees that learn again from other draws give the credit to `a` or to its copy by chance; the sum of both is always first.

    Between them lies `b`: a single column runs from before it to behind it, and the family never does.
    """
    rng = np.random.default_rng(11)
    a, b = rng.normal(size=(2, 1200))
    outcome = 1.2 * a + 0.8 * b + rng.logistic(size=1200) > 0
    features = [feature("a", "one"), feature("copy", "one"), feature("b", "two")]
    panel = panel_of(features, {"a": a, "copy": a + rng.normal(scale=0.05, size=1200), "b": b}, outcome)
    model = fitted_on(panel, target="lightgbm", parameters=TREES)
    refits = refit(panel, [model], capacity=20, one_list=True, times=12, seed=1, threads=1, progress=silent)
    found = {
        e.at: e for e in stability(refits.attributions, features=features, level=0.9) if e.metric == "attribution_rank"
    }
    assert (found["family=one"].low, found["family=one"].high) == (1.0, 1.0)
    assert found["feature=copy"].high - found["feature=copy"].low >= 1
    totals = np.array([np.abs(fit.values[["a", "copy"]].sum(axis=1)).mean() for fit in refits.attributions])
    single = np.array([np.abs(fit.values["a"]).mean() for fit in refits.attributions])
    assert single.std() / single.mean() > 2 * totals.std() / totals.mean()
    assert refits.ranks.shape == refits.flags.shape == (11, 20)
    assert (refits.seeds.tolist(), refits.seed_moves) == ([[True] * 20], False)
    assert ((refits.ranks <= 20) == refits.flags).all()


@pytest.mark.parametrize(
    ("other", "tau", "verdict"),
    [([1.0, 2.0, 3.0], -1.0, "found"), ([2.0, 3.0, 1.0], 0.33, "not_found"), ([2.0, 1.0, 3.0], -0.33, "found")],
)
def test_no_more_families_than_are_counted_are_judged_by_their_whole_order(other, tau, verdict) -> None:
    """Every order of three names the same first five: that fewer than two in three pairs stand the same way round is what tells."""
    compared = Compared(
        "m", tuple("abc"), {"shap": np.array([[3.0, 2.0, 1.0]]), "permutation": np.array([other])},
        {"shap": np.ones(1), "permutation": np.ones(1)}, 50,
    )  # fmt: skip
    estimates = disagreement_estimates(compared, first=5, replicates=100, level=0.95, seed=1)
    finding = check_disagreement(estimates, model="m")
    assert finding.verdict == verdict
    assert finding.facts == {"by": "order", "first": 3, "versus": "permutation", "tau_ratio": tau}


def test_a_unit_and_a_cluster_of_one_name_are_two(twin_world) -> None:
    """Half of the units have no cluster, and one of them is called as a cluster is."""
    panel, model, attributions, families = twin_world
    rows = panel.rows.copy()
    rows.loc[rows.index % 2 == 0, "cluster_id"] = None
    rows.loc[rows.index[-2], "unit_id"] = "c1"
    compared = compare(
        replace(panel, rows=rows), [model], attributions, families=families, cluster_by="cluster_id", shuffles=1,
        drop="none", seed=1, threads=1, progress=silent,
    )  # fmt: skip
    assert len(compared.rows["shap"]) == 20 + 1000


def test_a_model_that_draws_rows_is_learnt_with_other_seeds_and_with_other_units(feature) -> None:
    """Trees on half of the rows use their seed: of nine refits three are with the seed alone, and those keep more flags than other units do."""
    rng = np.random.default_rng(12)
    a, b = rng.normal(size=(2, 1200))
    panel = panel_of([feature("a"), feature("b")], {"a": a, "b": b}, 1.2 * a + 0.8 * b + rng.logistic(size=1200) > 0)
    model = fitted_on(panel, target="lightgbm", parameters={**TREES, "subsample": 0.5})
    refits = refit(panel, [model], capacity=60, one_list=True, times=9, seed=1, threads=1, progress=silent)
    assert (refits.seeds.shape, refits.flags.shape, refits.seed_moves) == ((3, 60), (6, 60), True)
    assert refits.flags.mean() < refits.seeds.mean() < 1


def test_two_refits_are_both_from_other_units(feature) -> None:
    """The fewest that can be compared leave none for the seed alone."""
    rng = np.random.default_rng(13)
    a = rng.normal(size=400)
    model = fitted_on(panel := panel_of([feature("a")], {"a": a}, a + rng.logistic(size=400) > 0))
    refits = refit(panel, [model], capacity=20, one_list=True, times=2, seed=1, threads=1, progress=silent)
    assert (refits.seeds.shape, refits.flags.shape) == ((0, 20), (2, 20))
