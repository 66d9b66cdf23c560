"""A regression whose weights keep to the declared directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.models.signed_logistic import SignedLogistic

BETA = np.array([1.2, -0.8, 0.0, 0.5])


@parametrize_with_checks([SignedLogistic(), SignedLogistic(signs=[1])])
def test_scikit_learn_accepts_it(estimator, check):
    """All of scikit-learn's own checks pass."""
    check(estimator)


def rows(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Four standard normal columns and an outcome by `BETA`."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, (X @ BETA - 1 + rng.logistic(size=n) > 0).astype(int)


@pytest.mark.parametrize("signs", [None, [1, -1, 0, 1]])
@pytest.mark.parametrize("weighed", [False, True])
def test_where_no_sign_binds_it_is_scikit_learns_fit(signs, weighed):
    """Signs that the unconstrained weights have already change nothing, with and without weights of rows."""
    X, y = rows(1)
    weight = np.random.default_rng(2).uniform(0.2, 3, len(y)) if weighed else None
    free = LogisticRegression(C=0.7, tol=1e-10, max_iter=5_000).fit(X, y, weight)
    held = SignedLogistic(C=0.7, signs=signs).fit(X, y, weight)
    assert held.coef_ == pytest.approx(free.coef_, abs=1e-5)
    assert held.intercept_ == pytest.approx(free.intercept_, abs=1e-5)
    assert held.predict_proba(X) == pytest.approx(free.predict_proba(X), abs=1e-5)


def test_a_weight_of_the_wrong_sign_is_nought_and_the_others_are_as_without_its_column():
    """With one sign that binds, the lowest point is that of a regression that never saw the column."""
    X, y = rows(3)
    held = SignedLogistic(signs=[0, 1, 0, 0]).fit(X, y)
    without = LogisticRegression(tol=1e-10, max_iter=5_000).fit(X[:, [0, 2, 3]], y)
    assert held.coef_[0, 1] == 0.0
    assert held.coef_[0, [0, 2, 3]] == pytest.approx(without.coef_[0], abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), signs=st.lists(st.sampled_from([-1, 0, 1]), max_size=4))
def test_weights_keep_their_signs_at_a_lowest_point(seed, signs):
    """Whatever the data: no weight goes against its sign, and no weight that may move could lower the loss (Karush-Kuhn-Tucker)."""
    X, y = rows(seed, n=80)
    model = SignedLogistic(signs=signs).fit(X, y)
    beta = model.coef_[0]
    slope = beta + X.T @ (model.predict_proba(X)[:, 1] - y)
    for j, sign in enumerate([*signs, 0, 0, 0, 0][:4]):
        assert sign * beta[j] >= 0
        if sign and beta[j] == 0:
            assert sign * slope[j] >= -1e-4
        else:
            assert abs(slope[j]) < 1e-4


def test_what_cannot_be_is_refused_and_told():
    """More signs than columns, something that is no sign, one class; and a solver that was stopped says so."""
    X, y = rows(4)
    with pytest.raises(ValueError, match="give 1, -1 or 0 for at most the 4 columns"):
        SignedLogistic(signs=[1] * 5).fit(X, y)
    with pytest.raises(ValueError, match=r"signs are \[2\]"):
        SignedLogistic(signs=[2]).fit(X, y)
    with pytest.raises(ValueError, match="There is one class only"):
        SignedLogistic().fit(X, np.ones(len(y)))
    with pytest.warns(ConvergenceWarning, match="did not settle in 1 steps"):
        SignedLogistic(max_iter=1).fit(X, y)
