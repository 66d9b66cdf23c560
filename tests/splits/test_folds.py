"""Every shipped split makes folds in which training knows neither the future nor the place."""

from __future__ import annotations

import pytest

from tegenkracht.config import compose_spec
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.leakage import require_no_leakage

SHIPPED = ["rolling_spatial", "rolling_unit", "rolling_cluster", "rolling_network", "leave_one_municipality", "knndm"]


def _spec(split, *more):
    return compose_spec(["experiment=shopping_strip", f"split={split}", *more])


@pytest.mark.parametrize("split", [*SHIPPED, "rolling", "rolling_embargo"])
def test_a_shipped_split_composes_and_makes_folds(small_world, split):
    """By `split=<name>`: training outcomes are settled, and rows of the place are in test only."""
    dataset, panel = small_world
    spec = _spec(split)
    folds = make_folds(panel, tables=dataset.tables, split=spec.split, time=spec.time)
    require_no_leakage(panel, folds)
    assert len({fold.name for fold in folds}) == len(folds) >= 3
    for fold in folds:
        train, test = panel.rows.iloc[fold.train], panel.rows.iloc[fold.test]
        assert train["outcome_known_on"].max() <= fold.split_on
        if fold.place:
            assert not set(train["unit_id"]) & set(test["unit_id"])
