"""Regressions that are settled together, against scikit-learn's of each by itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tegenkracht.models import regressions
from tegenkracht.models.regressions import without_families, without_parts

Floats = np.ndarray


def drawn(rows: int, columns: int, *, seed: int, strength: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Columns (column, row) of which two say the same, outcomes that follow them, and weights."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(columns, rows))
    table[1] = table[0]
    chance = 1 / (1 + np.exp(2 - strength * (table[0] + table[2] - 0.5 * table[-1])))
    return table, (rng.random(rows) < chance).astype(float), rng.uniform(0.2, 2.0, rows)


def alone(table: Floats, positive: Floats, weight: Floats, *, C: float) -> Floats:
    """Constant and coefficients as scikit-learn finds them."""
    fitted = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-13, max_iter=500)
    fitted.fit(table.T, positive, sample_weight=weight)
    return np.r_[fitted.intercept_, fitted.coef_[0]]


def in_parts(rows: int, parts: int) -> list[slice]:
    """Rows cut in parts of about as many."""
    cuts = np.linspace(0, rows, parts + 1).astype(int)
    return [slice(*ends) for ends in pairwise(cuts)]


@pytest.mark.parametrize(("rows", "columns", "strength"), [(300, 4, 1.0), (9_000, 12, 1.0), (9_000, 5, 6.0)])
def test_all_rows_but_a_part_teach_what_they_teach_alone(rows, columns, strength) -> None:
    """Few rows and many, also so many that an eighth of them gives the start, and outcomes that hardly leave any doubt."""
    table, positive, weight = drawn(rows, columns, seed=1, strength=strength)
    cuts = in_parts(rows, 4)
    for beta, cut in zip(without_parts(table, positive, weight, cuts, C=1.0), cuts, strict=True):
        kept = np.ones(rows, bool)
        kept[cut] = False
        assert beta == pytest.approx(alone(table[:, kept], positive[kept], weight[kept], C=1.0), abs=1e-7)


def test_all_columns_but_some_teach_what_they_teach_alone() -> None:
    """One column, two that say the same, and all but one."""
    table, positive, _ = drawn(2_000, 6, seed=2)
    kept = [np.arange(6) != 2, np.arange(6) > 1, np.arange(6) == 5, np.ones(6, bool)]
    for beta, some in zip(without_families(table, positive, kept, C=0.5), kept, strict=True):
        assert beta[1:][~some].tolist() == [0.0] * int((~some).sum())
        assert beta[np.r_[True, some]] == pytest.approx(alone(table[some], positive, np.ones(2_000), C=0.5), abs=1e-7)


def test_regressions_that_do_not_settle_are_left_to_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a single step of their own they come out as scikit-learn has them, with and without parts and columns."""
    table, positive, weight = drawn(400, 4, seed=3)
    monkeypatch.setattr(regressions, "_STEPS", 0)
    beta = without_parts(table, positive, weight, [slice(0, 100)], C=1.0)[0]
    assert beta == pytest.approx(alone(table[:, 100:], positive[100:], weight[100:], C=1.0), abs=1e-4)
    beta = without_families(table, positive, [np.array([False, True, True, True])], C=1.0)[0]
    assert beta[[0, 2, 3, 4]] == pytest.approx(alone(table[1:], positive, np.ones(400), C=1.0), abs=1e-4)


def test_outcomes_that_columns_foretell_without_fault_are_held_back_by_the_penalty() -> None:
    """Without one there would be no end to the coefficients."""
    table = np.linspace(-1, 1, 200)[None]
    positive = (table[0] > 0).astype(float)
    beta = without_parts(table, positive, np.ones(200), [slice(0, 20)], C=1.0)[0]
    assert beta == pytest.approx(alone(table[:, 20:], positive[20:], np.ones(180), C=1.0), abs=1e-7)
