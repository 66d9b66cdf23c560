"""What a learner says of rows that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.models.cross_fitted import cross_fitted, deal_out, prepared


@pytest.mark.parametrize("learner", ["logistic", "boosted"])
def test_a_row_is_never_judged_by_itself(learner) -> None:
    """A column that is different for each cluster and decides everything within it says nothing of other clusters."""
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(200), 10).astype(np.int32)
    outcome = rng.integers(2, size=200)[cluster].astype(float)
    own = np.eye(200)[cluster]
    said = cross_fitted(
        prepared(own, learner),
        part=deal_out(cluster, parts=5, seed=1),
        learn_from=np.arange(2_000),
        positive=outcome,
        weight=np.ones(2_000),
        learner=learner,
        seed=1,
        threads=1,
    )
    assert abs(np.corrcoef(said, outcome)[0, 1]) < 0.2


def test_clusters_are_not_cut_in_two() -> None:
    """All rows of a cluster fall in one part, and the parts are of equal numbers of clusters."""
    cluster = np.repeat(np.arange(50), 3).astype(np.int32)
    part = deal_out(cluster, parts=5, seed=3)
    assert all(len(set(part[cluster == c])) == 1 for c in range(50))
    assert np.bincount(part).tolist() == [30] * 5


def test_missing_values_and_dull_columns_are_no_trouble() -> None:
    """A column without values, one without variation and one with holes: the holes tell all."""
    rng = np.random.default_rng(2)
    outcome = rng.integers(2, size=400).astype(float)
    columns = np.column_stack([np.full(400, np.nan), np.ones(400), np.where(outcome == 1, np.nan, 3.0)])
    said = cross_fitted(
        prepared(columns, "logistic"),
        part=np.arange(400) % 2,
        learn_from=np.arange(400),
        positive=outcome,
        weight=np.ones(400),
        learner="logistic",
        seed=1,
        threads=1,
    )
    assert said[outcome == 1].min() > 0.9
    assert said[outcome == 0].max() < 0.1


def test_nothing_to_tell_apart_gives_the_share() -> None:
    """Where the other part holds one kind only, its share is said."""
    said = cross_fitted(
        prepared(np.zeros((4, 1)), "logistic"),
        part=np.array([0, 0, 1, 1]),
        learn_from=np.arange(4),
        positive=np.array([0.0, 0.0, 1.0, 1.0]),
        weight=np.ones(4),
        learner="logistic",
        seed=1,
        threads=1,
    )
    assert said.tolist() == [1.0, 1.0, 0.0, 0.0]
