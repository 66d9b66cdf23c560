"""Positive-unlabelled models keep scikit-learn's rules and find the truth of simulated labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.models.positive_unlabelled import ElkanNoto, NonNegativePU, SarEM
from tegenkracht.models.positive_unlabelled.nn_pu import _risk
from tegenkracht.models.positive_unlabelled.sar_em import start_sensitivity


@parametrize_with_checks([SarEM(max_iter=20), ElkanNoto(), NonNegativePU()])
def test_positive_unlabelled_models_pass_the_checks_of_scikit_learn(estimator, check):
    """They behave like scikit-learn's own classifiers."""
    check(estimator)


@pytest.fixture(scope="module")
def made():
    """6,000 places, a tenth of them cases; of cases 20 % are found in one group and 65 % in the other."""
    rng = np.random.default_rng(5)
    group = rng.integers(0, 2, 6_000)
    case = rng.random(6_000) < 0.10
    x = rng.normal(size=(6_000, 3)) + 1.8 * case[:, None]
    found = case & (rng.random(6_000) < np.where(group == 1, 0.65, 0.20))
    return np.column_stack([x, group]), found.astype(int), case


def test_sar_em_finds_the_share_of_cases_and_the_chance_to_be_found(made):
    """Prevalence within 1.5 points, label rates within a quarter of the truth; Elkan-Noto lies above both."""
    X, y, case = made
    model = SarEM(labelled_by=(3,)).fit(X, y)
    assert model.converged_
    assert model.identified_
    assert model.prevalence_ == pytest.approx(case.mean(), abs=0.015)
    rates = [model.found_chance(X[X[:, 3] == group])[0] for group in (0, 1)]
    assert rates == pytest.approx([0.20, 0.65], rel=0.25)
    assert ElkanNoto().fit(X, y).prevalence_upper_ > case.mean()


def test_labelling_by_columns_that_also_tell_cases_is_reported_as_not_identified(made):
    """With every column in both models only the shape of the curves tells them apart."""
    assert not SarEM(labelled_by=(0, 1, 2, 3), only_labelled_by=False, max_iter=2).fit(*made[:2]).identified_


def test_labels_at_random_are_not_called_identified(made):
    """Nothing was declared to decide about labels alone."""
    assert not SarEM(max_iter=2).fit(*made[:2]).identified_


def test_the_end_hardly_depends_on_the_beginning_where_it_is_identified(made):
    """From a share of 6 % or 30 % it ends within 2 points."""
    ends = start_sensitivity(SarEM(labelled_by=(3,)), *made[:2], starts=(0.06, 0.30))
    assert abs(ends[0.06] - ends[0.30]) < 0.02


def test_columns_that_are_not_there_are_refused():
    """Column 7 of 2."""
    with pytest.raises(ValueError, match=r"labelled_by names columns \[7\], but X has 2 columns"):
        SarEM(labelled_by=(7,)).fit(np.eye(2), [0, 1])


def test_the_risk_has_the_gradient_that_it_says():
    """Against finite differences, where the second part counts and where it is cut off."""
    rng = np.random.default_rng(2)
    found, unknown = rng.normal(1, 1, (40, 3)), rng.normal(0, 1, (90, 3))
    for weights in (np.zeros(3), np.array([-3.0, -3.0, -2.0]), rng.normal(size=3)):
        numeric = approx_fprime(weights, lambda w: _risk(w, found, unknown, 0.3, 0.01)[0], 1e-7)
        assert _risk(weights, found, unknown, 0.3, 0.01)[1] == pytest.approx(numeric, abs=1e-5)


def test_with_the_true_share_the_non_negative_risk_gives_true_chances():
    """A case in ten, found at random for a third: the mean chance is the share of cases, and the order is that of the truth."""
    rng = np.random.default_rng(5)
    case = rng.random(20_000) < 0.10
    x = rng.normal(size=(20_000, 2)) + 1.5 * case[:, None]
    found = case & (rng.random(20_000) < 1 / 3)
    model = NonNegativePU(prior=float(case[~found].mean())).fit(x, found)
    assert model.predict_proba(x[~found])[:, 1].mean() == pytest.approx(case[~found].mean(), abs=0.01)
    truth = LogisticRegression().fit(x, case)
    assert np.corrcoef(model.decision_function(x), truth.decision_function(x))[0, 1] > 0.99
    other = NonNegativePU(prior=0.2).fit(x, found)
    assert other.predict_proba(x)[:, 1].mean() > 1.5 * model.predict_proba(x)[:, 1].mean(), "the given share decides"


def test_a_share_of_cases_that_is_no_share_is_refused():
    """It has to lie between 0 and 1."""
    with pytest.raises(ValueError, match=r"prior is 1\.2; a share of cases lies between 0 and 1"):
        NonNegativePU(prior=1.2).fit(np.eye(2), [0, 1])
