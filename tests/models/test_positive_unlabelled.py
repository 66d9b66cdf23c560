"""Positive-unlabelled models keep scikit-learn's rules and find the truth of simulated labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from tegenkracht.models.positive_unlabelled import ElkanNoto, SarEM
from tegenkracht.models.positive_unlabelled.sar_em import start_sensitivity


@parametrize_with_checks([SarEM(), ElkanNoto()])
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
