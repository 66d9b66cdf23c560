"""How far a test period differs from what was learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.feature import Feature
from tegenkracht.core.fold import Fold
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.evaluation.shift import LARGE, _index, check_shift, shift_estimates

TEXT = Text(nl="x", en="x")


def panel_of(columns: dict[str, np.ndarray]) -> tuple[Panel, tuple[Fold, ...]]:
    """Rows of which the first half is learnt from and the second tested."""
    n = len(next(iter(columns.values())))
    rows = pd.DataFrame(
        {
            "row_id": [f"r{i:05}" for i in range(n)],
            "unit_id": [f"u{i:05}" for i in range(n)],
            "as_of": pd.Timestamp("2020-01-01"),
            "known_until": pd.Timestamp("2020-01-01"),
            "sector": "shop",
            "cluster_id": None,
            "area_code": "x",
            "outcome": np.nan,
            "observed": False,
            "outcome_known_on": pd.Timestamp("2021-01-01"),
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            **columns,
        }
    )
    features = tuple(
        Feature(name=name, label=TEXT, definition=TEXT, subject="place", source="-", family=name) for name in columns
    )
    fold = Fold("f", pd.Timestamp("2020-06-01"), np.arange(n // 2), np.arange(n // 2, n))
    return Panel(rows, features, (), scheduled=False, identity="test"), (fold,)


def test_the_index_by_hand() -> None:
    """Shares 0.5 and 0.5 against 0.8 and 0.2, with half a row added to each bin of a thousand."""
    p, q = np.array([500.5, 500.5]) / 1001, np.array([800.5, 200.5]) / 1001
    by_hand = ((q - p) * np.log(q / p)).sum()
    assert _index(np.array([500.0, 500.0]), np.array([800.0, 200.0])) == pytest.approx(by_hand)
    assert _index(np.array([5.0, 5.0]), np.array([5.0, 5.0])) == 0.0


@pytest.fixture(scope="module")
def shifted():
    """One column that stays, one that moves up by a standard deviation, one that goes missing; two thousand rows."""
    rng = np.random.default_rng(1)
    n = 2_000
    same, moved, lost = (rng.normal(size=n) for _ in range(3))
    moved[n // 2 :] += 1.0
    lost[n // 2 :][rng.uniform(size=n // 2) < 0.3] = np.nan
    panel, folds = panel_of({"same": same, "moved": moved, "lost": lost})
    return panel, folds, shift_estimates(panel, folds, level=0.95, seed=1)


def test_a_shift_is_told_from_what_stays(shifted) -> None:
    """A move of one standard deviation is large; noise is near zero."""
    by = {e.at: e for e in shifted[2] if e.metric == "psi"}
    assert by["feature=same"].value < 0.05
    assert by["feature=moved"].low > 0.25


def test_missing_values_are_counted_apart(shifted) -> None:
    """Three in ten went missing, within Newcombe's interval."""
    lost = next(e for e in shifted[2] if e.metric == "missing_difference")
    assert lost.at == "feature=lost"
    assert lost.low < 0.3 < lost.high


def test_the_checks_name_what_shifted(shifted) -> None:
    """TK020 counts the column that moved and the one that went missing; TK021 names the second."""
    psi, missing = check_shift(shifted[2])
    assert (psi.verdict, psi.facts["shifted"]) == ("found", 2)
    assert (missing.verdict, missing.facts["feature"]) == ("found", "lost")


def test_all_features_together_say_whether_rows_were_dealt_out_by_lot(shifted) -> None:
    """With a shift the chance is small; without one it is not, in nine of ten draws."""
    energy = next(e for e in shifted[2] if e.metric == "energy_p")
    assert energy.value <= 0.01
    panel, folds, _ = shifted
    rng = np.random.default_rng(5)
    quiet = 0
    for seed in range(10):
        rows = panel.rows.assign(moved=rng.normal(size=2_000), lost=rng.normal(size=2_000))
        found = shift_estimates(replace(panel, rows=rows), folds, level=0.95, seed=seed)
        quiet += next(e for e in found if e.metric == "energy_p").value > 0.05
    assert quiet >= 7


def test_without_missing_values_nobody_looks(shifted) -> None:
    """TK021 is not applicable."""
    panel, folds = panel_of({"a": np.random.default_rng(1).normal(size=400)})
    _, missing = check_shift(shift_estimates(panel, folds, level=0.95, seed=1))
    assert missing.verdict == "not_applicable"


@pytest.mark.parametrize("units", [30, 60, 100, 300])
def test_units_dealt_out_by_lot_raise_few_alarms(units) -> None:
    """Of two hundred columns that did not shift at most one in forty is called shifted, however few units there are on either side."""
    rng = np.random.default_rng(units)
    panel, folds = panel_of({f"x{i:03}": rng.normal(size=2 * units) for i in range(200)})
    indices = [e for e in shift_estimates(panel, folds, level=0.95, seed=1) if e.metric == "psi"]
    assert np.mean([e.low > LARGE for e in indices]) <= 1 / 40
    assert np.mean([e.low == 0.0 for e in indices]) >= 0.8
    assert np.mean([e.value for e in indices]) < 0.15


def test_a_large_shift_of_a_hundred_units_is_still_seen() -> None:
    """One and a half standard deviations, of which the index is above two: found in nine of ten columns."""
    rng = np.random.default_rng(3)
    panel, folds = panel_of({f"x{i:02}": np.r_[rng.normal(size=100), rng.normal(1.5, size=100)] for i in range(50)})
    indices = [e for e in shift_estimates(panel, folds, level=0.95, seed=1) if e.metric == "psi"]
    assert np.mean([e.low > LARGE for e in indices]) >= 0.9


def test_rows_of_one_unit_make_missingness_no_surer() -> None:
    """Sixty units of ten equal rows each say as much as sixty rows."""
    values = np.where(np.random.default_rng(4).uniform(size=120) < 0.3, np.nan, 1.0)
    alone, folds = panel_of({"x": values})
    many, of_many = panel_of({"x": np.repeat(values, 10)})
    many = replace(many, rows=many.rows.assign(unit_id=np.repeat(alone.rows["unit_id"].to_numpy(), 10)))
    one, ten = (
        next(e for e in shift_estimates(panel, fold, level=0.95, seed=1) if e.metric == "missing_difference")
        for panel, fold in ((alone, folds), (many, of_many))
    )
    assert (ten.value, ten.low, ten.high) == pytest.approx((one.value, one.low, one.high))
