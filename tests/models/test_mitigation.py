"""An attribute may weigh training rows or divide a list; it never reaches a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fairlearn.postprocessing import ThresholdOptimizer as FairlearnThresholds
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tegenkracht.core.cache import Cache
from tegenkracht.core.errors import InputError
from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.models.fitting import FittedModel, check_plans, fit, fit_and_score, order_values, scores_table
from tegenkracht.models.mitigated_learning import Mixture, reweighing
from tegenkracht.models.mitigation import DropProxies, ThresholdOptimizer
from tegenkracht.models.plan import ModelPlan, check_subjects
from tegenkracht.models.proxies import correlation_ratio, proxies
from tegenkracht.models.selection import Levels, by_level, by_quota, lots, shares_of
from tegenkracht.models.store import load_model, save_model, scores_of

TEXT = Text(nl="woord", en="word")
LOGISTIC = {
    "target": "tegenkracht.models.logistic",
    "parameters": {"C": 1.0, "max_iter": 500, "missing": "impute", "monotone": False},
}
TREES = {
    "target": "tegenkracht.models.lightgbm",
    "parameters": {
        "n_estimators": 20,
        "learning_rate": 0.2,
        "num_leaves": 7,
        "min_child_samples": 5,
        "reg_lambda": 0.0,
        "subsample": 1.0,
        "colsample_bytree": 1.0,
        "monotone": True,
    },
}
KINDS: Mapping[str, dict[str, Any]] = {
    "reweigh": {},
    "exponentiated_gradient": {"equal": "selection_rate", "bound": 0.02, "flagged_from": 0.4, "rounds": 4},
    "threshold_optimizer": {"equal": "false_positive_rate", "folds": 2},
    "quota": {"shares": "population"},
    "drop_proxies": {"declared_risk": "high", "strength": None},
}
N = 400


def plan(kind: str | None = None, *, estimator: dict[str, Any] = TREES, **changed: Any) -> ModelPlan:
    """A plan under one kind of mitigation of `group`; keywords change the mitigation."""
    rest = {"label": TEXT, "description": TEXT, "columns": "features", "probability": False, "explain": False}
    if kind is None:
        return ModelPlan(estimator=estimator, **rest)
    mitigation = {"kind": kind, "attribute": "group", **KINDS[kind], **changed}
    return ModelPlan(estimator=estimator, mitigates="plain", mitigation=mitigation, **rest)


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Two dates of 200 places; `proxy` tells the group, `fact` moves the outcome, and group 1 has more findings."""
    rng = np.random.default_rng(7)
    group = rng.integers(0, 2, N)
    fact = rng.normal(size=N)
    chance = 1 / (1 + np.exp(-(fact + group - 0.8)))
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:04}" for i in range(N)],
            "unit_id": [f"u{i:04}" for i in range(N)],
            "as_of": pd.to_datetime(np.repeat(["2020-01-01", "2021-01-01"], N // 2)),
            "known_until": pd.Timestamp("2020-01-01"),
            "sector": "s",
            "cluster_id": None,
            "area_code": "a",
            "outcome": (rng.random(N) < chance).astype(float),
            "observed": True,
            "outcome_known_on": pd.Timestamp("2020-06-01"),
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            "fact": fact,
            "proxy": group + rng.normal(size=N) * 0.3,
            "noise": rng.normal(size=N),
            "group": np.array(["group 0", "group 1"])[group],
        }
    )
    features = tuple(
        Feature(name=n, label=TEXT, definition=TEXT, subject="place", source="s", direction="+", proxy_risk=risk)
        for n, risk in (("fact", "low"), ("proxy", "high"), ("noise", "medium"))
    )
    return Panel(rows, features, ("group",), scheduled=False, identity="p")


@pytest.fixture(scope="module")
def fold() -> Fold:
    """The first date is learnt from, the second tested."""
    return Fold("2021", pd.Timestamp("2021-01-01"), np.arange(N // 2), np.arange(N // 2, N))


# ---------------------------------------------------------------- the boundary


@pytest.mark.parametrize("kind", KINDS)
def test_a_score_does_not_depend_on_the_group_of_the_place(kind: str, panel: Panel, fold: Fold) -> None:
    """Groups of tested places dealt out anew, or all unknown: the same scores to the last bit, under every kind."""
    given_scores = fit(panel, fold, "m", plan(kind), seed=1, threads=1).scores
    for values in (np.random.default_rng(1).permutation(panel.rows["group"].to_numpy()[fold.test]), None):
        rows = panel.rows.copy()
        rows.loc[fold.test, "group"] = values
        again = fit(replace(panel, rows=rows), fold, "m", plan(kind), seed=1, threads=1)
        assert np.array_equal(again.scores, given_scores)


@pytest.mark.parametrize("kind", KINDS)
def test_no_model_is_fitted_on_a_column_with_the_group(kind: str, panel: Panel, fold: Fold) -> None:
    """The columns of a fit, and the table that it scores, hold features alone."""
    fitted = fit(panel, fold, "m", plan(kind), seed=1, threads=1)
    assert set(fitted.columns) <= set(panel.feature_names)
    assert "group" not in fitted.test_table(panel)


@pytest.mark.parametrize("kind", ["threshold_optimizer", "quota"])
def test_a_list_that_is_divided_keeps_the_scores(kind: str, panel: Panel, fold: Fold) -> None:
    """The fit is the one without mitigation; only the table of scores holds the order of the list, from 1 down, without ties."""
    fitted = fit(panel, fold, "m", plan(kind), seed=1, threads=1)
    assert np.array_equal(fitted.scores, fit(panel, fold, "plain", plan(), seed=1, threads=1).scores)
    values = scores_table(panel, [fitted], one_list=False, seed=1).rows["score"]
    assert sorted(values, reverse=True) == pytest.approx(1 - np.arange(N // 2) / (N // 2))


def test_an_attribute_that_the_study_does_not_audit_is_refused(panel: Panel) -> None:
    """What is not audited may not be acted on; a share for a value that does not occur is named too."""
    plans = {
        "a": plan("reweigh", attribute="nationality"),
        "b": plan("quota", shares={"group 9": 0.5}),
        "c": plan("quota", shares={"group 0": 1 - 1e-12}),
    }
    assert [str(problem) for problem in check_plans(plans, panel)] == [
        "models.a.mitigation.attribute: `nationality` is not an audit attribute of this study. Choose one of: group.",
        "models.b.mitigation.shares: `group 9` is no value of `group`. It has: group 0, group 1.",
        "models.c.mitigation.shares: nothing is left for `group 1`. Name them too, or let the shares add up to less than 1.",
    ]


def test_only_facts_of_places_and_areas_may_be_acted_on() -> None:
    """A business may be one person; an attribute that says nothing about itself is refused with the key to write."""
    plans = {"m": plan("reweigh")}
    assert [*check_subjects(plans, {"group": "place"}), *check_subjects(plans, {"group": "area"})] == []
    assert [str(*check_subjects(plans, {"group": s})) for s in ("business", None)] == [
        "models.m.mitigation.attribute: `group` is a fact of a business, which may be one person; it may be audited and not "
        "acted on. Take an attribute of a place or an area.",
        "models.m.mitigation.attribute: dataset.yaml does not say whether `group` is a fact of a place or of an area. "
        "Write `subject: place` or `subject: area` under attributes.group.",
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mitigates": None}, "a mitigation is compared with the model without it; name that model in `mitigates`"),
        ({"probability": True}, "under reweigh a score is not the chance of a finding; write `probability: false`"),
        (
            {"estimator": {"target": "tegenkracht.models.random", "parameters": {}}},
            "reweigh needs a model that learns with weights",
        ),
        (
            {"explain": True, "mitigation": {"kind": "quota", "attribute": "group", "shares": "population"}},
            "under quota its lists cannot be explained column by column; write `explain: false`",
        ),
    ],
)
def test_a_plan_that_promises_what_a_mitigation_takes_away_is_refused(changed: dict[str, Any], message: str) -> None:
    """Each message says what to write instead."""
    with pytest.raises(ValidationError, match=message):
        ModelPlan(**{**plan("reweigh").model_dump(), **changed})


# ---------------------------------------------------------------- weights


def test_weights_are_those_of_the_paper() -> None:
    """Kamiran & Calders (2012), ten applicants: five women of whom two get the job, five men of whom four: 1.5, 0.67, 0.75 and 2."""
    groups = np.array(["f"] * 5 + ["m"] * 5)
    hired = np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 0])
    assert reweighing(groups, hired) == pytest.approx([1.5, 1.5, *[2 / 3] * 3, *[0.75] * 4, 2.0])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1)), min_size=1, max_size=60))
def test_under_the_weights_group_and_outcome_are_independent(rows: list[tuple[str, int]]) -> None:
    """Where a group has both outcomes, its weighted share of findings is the share of all."""
    groups, outcome = np.array([g for g, _ in rows]), np.array([y for _, y in rows])
    weights = reweighing(groups, outcome)
    for group in np.unique(groups):
        own = groups == group
        if 0 < outcome[own].mean() < 1:
            assert np.average(outcome[own], weights=weights[own]) == pytest.approx(outcome.mean())


def test_weights_reach_the_last_step_of_a_pipeline(panel: Panel, fold: Fold) -> None:
    """The fit is scikit-learn's own with the same `sample_weight`."""
    fitted = fit(panel, fold, "m", plan("reweigh", estimator=LOGISTIC), seed=1, threads=1)
    train = panel.rows.iloc[fold.train]
    y = train["outcome"].to_numpy(np.int64)
    scaled = StandardScaler().fit_transform(train[list(panel.feature_names)])
    expected = LogisticRegression(max_iter=500).fit(
        scaled, y, sample_weight=reweighing(train["group"].to_numpy(str), y)
    )
    assert fitted.estimator[-1].coef_ == pytest.approx(expected.coef_)


@pytest.mark.parametrize("kind", [None, "reweigh", "exponentiated_gradient"])
def test_monotone_constraints_hold_under_every_way_of_learning(kind: str | None, panel: Panel, fold: Fold) -> None:
    """No step on a grid goes against the declared direction, also when rows are weighed; a constraint on rates may relabel rows and is let off."""
    model = fit(panel, fold, "m", plan(kind), seed=1, threads=1).estimator
    grid = pd.DataFrame({"fact": np.linspace(-3, 3, 200), "proxy": 0.5, "noise": 0.0})
    assert (np.diff(scores_of(model, grid)) >= -1e-12).all()


# ---------------------------------------------------------------- learning under a constraint


def test_a_constraint_narrows_the_gap_that_it_is_about(panel: Panel, fold: Fold) -> None:
    """On training rows, the share that is flagged differs less between the groups than without a constraint."""
    train = replace(fold, test=fold.train)
    groups = panel.rows["group"].to_numpy(str)[fold.train]

    def gap(model: FittedModel) -> float:
        flagged = model.scores >= np.quantile(model.scores, 0.7)
        return abs(flagged[groups == "group 1"].mean() - flagged[groups == "group 0"].mean())

    free = fit(panel, train, "m", plan(estimator=LOGISTIC), seed=1, threads=1)
    bound = fit(panel, train, "m", plan("exponentiated_gradient", estimator=LOGISTIC, rounds=20), seed=1, threads=1)
    assert gap(bound) < 0.5 * gap(free)


def test_a_mixture_comes_back_from_disk_without_code(tmp_path, panel: Panel, fold: Fold) -> None:
    """Members as trees in text or as skops, weights as JSON; also a member that always says the same."""
    table = panel.rows[["fact", "proxy"]]
    constant = make_pipeline(StandardScaler(), DummyClassifier(strategy="constant", constant=1))
    learnt = make_pipeline(StandardScaler(), LogisticRegression())
    members = [member.fit(table, panel.rows["outcome"].astype(int)) for member in (constant, learnt)]
    constant.fit(table, np.ones(N, int))
    mixture = Mixture(members, [0.25, 0.75])
    save_model(mixture, tmp_path / "mixture")
    scores = scores_of(load_model(tmp_path / "mixture"), table)
    assert np.array_equal(scores, scores_of(mixture, table))
    assert scores == pytest.approx(0.25 + 0.75 * learnt.predict_proba(table)[:, 1])
    assert {path.suffix for path in (tmp_path / "mixture").rglob("*") if path.is_file()} == {".json", ".skops"}


def test_a_kept_fit_is_recalled_with_its_thresholds(tmp_path, panel: Panel, fold: Fold) -> None:
    """From the cache come the same scores, members and curves; nothing is fitted twice."""
    plans = {kind: plan(kind) for kind in ("exponentiated_gradient", "threshold_optimizer")}
    once, again = (
        fit_and_score(panel, [fold], plans, seed=1, threads=1, cache=Cache(tmp_path, silent), progress=silent)
        for _ in range(2)
    )
    for one, other in zip(once, again, strict=True):
        assert np.array_equal(one.scores, other.scores)
        assert scores_of(other.estimator, other.test_table(panel)) == pytest.approx(one.scores, abs=1e-12)
    orders = [order_values(panel, fits[1], one_list=True, seed=1) for fits in (once, again)]
    assert np.array_equal(*orders)


# ---------------------------------------------------------------- proxies


def test_a_column_by_lot_tells_nothing_and_the_group_itself_everything() -> None:
    """The correlation ratio is 1 for the group's own number, the point-biserial correlation for two groups, and about 0 for noise."""
    rng = np.random.default_rng(3)
    groups = rng.choice(["a", "b"], 3000)
    assert correlation_ratio(pd.Series((groups == "b") * 1.0), groups) == pytest.approx(1.0)
    assert correlation_ratio(pd.Series(rng.normal(size=3000)), groups) < 0.05
    values = pd.Series(rng.normal(size=3000) + (groups == "b"))
    expected = abs(np.corrcoef(values.rank(), groups == "b")[0, 1])
    assert correlation_ratio(values, groups) == pytest.approx(expected, abs=1e-3)
    assert correlation_ratio(values.where(groups == "a"), groups) > 0.8


@pytest.mark.parametrize(
    ("risk", "strength", "dropped"),
    [
        ("high", None, ("proxy",)),
        ("medium", None, ("proxy", "noise")),
        (None, 0.5, ("proxy",)),
        ("medium", 0.5, ("proxy", "noise")),
    ],
)
def test_what_a_rule_says_is_left_out(
    risk: str | None, strength: float | None, dropped: tuple[str, ...], panel: Panel, fold: Fold
) -> None:
    """By declaration, by what training rows show, or by either; the rest is what the model is fitted on."""
    rule = DropProxies(kind="drop_proxies", attribute="group", declared_risk=risk, strength=strength)
    groups = panel.rows["group"].to_numpy(str)[fold.train]
    assert proxies(panel, panel.feature_names, train=fold.train, groups=groups, rule=rule) == dropped
    fitted = fit(panel, fold, "m", plan("drop_proxies", declared_risk=risk, strength=strength), seed=1, threads=1)
    assert fitted.columns == tuple(name for name in panel.feature_names if name not in dropped)


def test_a_rule_that_leaves_nothing_is_refused(panel: Panel, fold: Fold) -> None:
    """The fold is named, and the way out."""
    everything = plan("drop_proxies", strength=1e-9).model_copy(update={"columns": ("proxy",)})
    with pytest.raises(
        InputError, match=r"every column is a proxy of `group` by this rule; none is left in fold 2021\."
    ):
        fit(panel, fold, "m", everything, seed=1, threads=1)
    with pytest.raises(ValidationError, match="give `declared_risk`, `strength` or both"):
        plan("drop_proxies", declared_risk=None)


# ---------------------------------------------------------------- lists


def test_seats_are_divided_as_in_an_election() -> None:
    """Sainte-Laguë: 53,000, 24,000 and 23,000 votes give 3, 2 and 2 of seven seats."""
    groups = np.repeat(["yellow", "white", "red"], 10)
    shares = {"yellow": 0.53, "white": 0.24, "red": 0.23}
    values = by_quota(np.random.default_rng(1).random(30), groups, shares, lot=np.arange(30, dtype=np.uint64))
    listed = groups[np.argsort(-values)[:7]]
    assert {str(g): int(n) for g, n in zip(*np.unique(listed, return_counts=True), strict=True)} == {
        "yellow": 3,
        "white": 2,
        "red": 2,
    }


@given(st.integers(1, 40), st.floats(0.05, 0.95), st.integers(0, 1000))
def test_a_divided_list_has_its_length_and_its_shares(length: int, share: float, seed: int) -> None:
    """At any length: as many places as asked, within one of the share, and of each group its own best."""
    rng = np.random.default_rng(seed)
    scores, groups = rng.random(120).round(1), np.repeat(["a", "b"], 60)
    values = by_quota(scores, groups, {"a": share, "b": 1 - share}, lot=lots(np.arange(120).astype(str), 1))
    listed = values >= np.sort(values)[::-1][length - 1]
    assert listed.sum() == length
    assert abs(listed[groups == "a"].sum() - share * length) <= 1
    for group in ("a", "b"):
        own = groups == group
        if listed[own].any() and not listed[own].all():
            assert scores[own & listed].min() >= scores[own & ~listed].max()


def test_a_group_without_places_leaves_its_seats_to_others() -> None:
    """Two places of the small group are all there are; the list is full all the same."""
    groups = np.array(["a"] * 8 + ["b"] * 2)
    values = by_quota(np.linspace(1, 0, 10), groups, {"a": 0.5, "b": 0.5}, lot=np.arange(10, dtype=np.uint64))
    assert list(groups[np.argsort(-values)[:8]]).count("b") == 2


def test_shares_follow_the_places_that_compete() -> None:
    """Without a request each group has its part of the places; what is not named divides the rest."""
    groups = np.array(["a", "b", "b", "c"])
    assert shares_of(groups, None) == {"a": 0.25, "b": 0.5, "c": 0.25}
    assert shares_of(groups, {"a": 0.4}) == {"a": 0.4, "b": 0.4, "c": 0.2}


class Given(ClassifierMixin, BaseEstimator):
    """A score that stands in the table."""

    def fit(self, X, y):
        """Nothing to learn."""
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X):
        """The score."""
        return np.asarray(X)[:, 0]

    def __sklearn_is_fitted__(self):
        return True


def test_thresholds_flag_the_same_places_as_fairlearn_at_its_own_length() -> None:
    """Two groups whose curves meet exactly: at the number of flags that fairlearn chooses, the list is fairlearn's."""
    rng = np.random.default_rng(11)
    n = 400
    groups, outcome = np.repeat(["a", "b"], n), np.tile(np.repeat([0, 1], n // 2), 2)
    scores = np.round(rng.random(2 * n) + 0.6 * outcome + 0.5 * (groups == "b"), 6)
    theirs = FairlearnThresholds(
        estimator=Given(), constraints="false_positive_rate_parity", objective="balanced_accuracy_score", prefit=True,
        predict_method="predict", grid_size=n // 2,
    )  # fmt: skip
    theirs.fit(scores[:, None], outcome, sensitive_features=groups)
    flagged = theirs.predict(scores[:, None], sensitive_features=groups, random_state=1).astype(bool)
    levels = Levels.of(scores, outcome, groups, equal="false_positive_rate")
    values = by_level(scores, groups, levels, lot=np.arange(2 * n, dtype=np.uint64))
    ours = values >= np.sort(values)[::-1][flagged.sum() - 1]
    assert np.mean(ours == flagged) > 0.98
    for group in ("a", "b"):
        clean = (groups == group) & (outcome == 0)
        assert ours[clean].mean() == pytest.approx(flagged[clean].mean(), abs=0.02)


@pytest.mark.parametrize("equal", ["selection_rate", "false_positive_rate", "true_positive_rate"])
def test_at_any_length_the_rate_is_equal_on_the_rows_of_the_curve(equal: Any) -> None:
    """Within one row of each group, for every length of the list."""
    rng = np.random.default_rng(5)
    groups, outcome = np.repeat(["a", "b"], 300), rng.integers(0, 2, 600)
    scores = rng.random(600) + (groups == "b") * 2
    values = by_level(
        scores, groups, Levels.of(scores, outcome, groups, equal=equal), lot=np.arange(600, dtype=np.uint64)
    )
    counts = {"selection_rate": outcome >= 0, "false_positive_rate": outcome == 0, "true_positive_rate": outcome == 1}
    for length in (10, 60, 300):
        listed = values >= np.sort(values)[::-1][length - 1]
        one, other = (listed[counts[equal] & (groups == g)].mean() for g in ("a", "b"))
        assert abs(one - other) <= 2 / (counts[equal] & (groups == "a")).sum() + 1e-9


def test_a_small_or_new_group_takes_the_curve_of_everybody() -> None:
    """Twenty rows are too few for a curve, and a group that was never learnt from has none."""
    scores, groups = np.linspace(0, 1, 120), np.array(["a"] * 100 + ["b"] * 20)
    levels = Levels.of(scores, np.zeros(120, int), groups, equal="selection_rate")
    assert set(levels.curves) == {"a"}
    assert levels.at(np.array([0.5, 0.5]), np.array(["b", "new"])).tolist() == [0.5, 0.5]
    again = Levels.read(levels.as_plain())
    assert np.array_equal(again.everyone, levels.everyone)
    assert np.array_equal(again.curves["a"], levels.curves["a"])


def test_who_comes_first_of_two_equal_scores_depends_on_name_and_seed_alone() -> None:
    """The same lot whatever the order of the rows; another seed, another lot."""
    names = np.array(["x", "y", "z"])
    assert np.array_equal(lots(names, 1)[::-1], lots(names[::-1], 1))
    assert not np.array_equal(lots(names, 1), lots(names, 2))


def test_thresholds_are_read_from_scores_that_a_unit_did_not_help_to_make(panel: Panel, fold: Fold) -> None:
    """The curve is of cross-fitted scores: it is not that of the fit's own scores on its training rows, which are too good."""
    fitted = fit(panel, fold, "m", plan("threshold_optimizer"), seed=1, threads=1)
    own = fit(panel, replace(fold, test=fold.train), "m", plan(), seed=1, threads=1).scores
    y = panel.rows["outcome"].to_numpy()[fold.train]
    assert fitted.levels is not None
    assert isinstance(fitted.plan.mitigation, ThresholdOptimizer)
    assert fitted.levels.everyone.size == (y == 0).sum()
    assert fitted.levels.everyone.mean() > own[y == 0].mean()
