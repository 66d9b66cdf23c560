"""Ranking measures are scikit-learn's, in the point and in every replicate."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Draw, resample
from tegenkracht.evaluation.discrimination import RankMeasures, least_area, rank_statistic, rank_statistics
from tegenkracht.evaluation.sample import sample_of


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=2, max_size=30),
    again=st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=0, max_size=10),
)
def test_ranks_with_counts_are_scikit_learns_with_weights(rows, again):
    """Area and average precision, with ties, in two slices, equal scikit-learn's with sample weights to 1e-12."""
    score, finding, counts = (np.array(column) for column in zip(*rows, *again, strict=True))
    slices = [np.arange(len(rows)), np.arange(len(rows), len(score))]
    statistic = rank_statistic(
        score.astype(float),
        cluster=np.arange(len(score), dtype=np.int32),
        finding=finding.astype(np.uint8),
        slices=slices,
    )
    found = statistic(Draw(counts[None].astype(np.uint8), seed=None))[0]
    for s, part in enumerate(slices):
        y, x, w = finding[part], score[part], counts[part]
        if w[y].sum() == 0:
            assert np.isnan(found[s]).all()
            continue
        assert found[s, 1] == pytest.approx(
            average_precision_score(y[w > 0], x[w > 0], sample_weight=w[w > 0]), abs=1e-12
        )
        if w[~y].sum() == 0:
            assert np.isnan(found[s, 0])
        else:
            assert found[s, 0] == pytest.approx(roc_auc_score(y[w > 0], x[w > 0], sample_weight=w[w > 0]), abs=1e-12)


def test_large_table_equals_scikit_learn(scores_from):
    """Twenty thousand rows in four folds with rounded scores and unobserved rows: equal to 1e-12, per fold and together."""
    rng = np.random.default_rng(1)
    n = 20_000
    outcome = np.where(rng.random(n) < 0.5, np.nan, rng.random(n) < 0.1)
    score, fold = (
        np.round(rng.random(n) + 0.3 * np.nan_to_num(outcome), 3),
        rng.permutation(np.repeat(list("abcd"), n // 4)),
    )
    sample = sample_of(scores_from({"m": score}, outcome, fold=fold), lists="whole_window", cluster_by="unit_id")
    numbers = resample(
        rank_statistics(sample), clusters=sample.clusters, replicates=10, seed=1, threads=1, progress=silent
    )
    seen = ~np.isnan(outcome)
    for e in RankMeasures(sample, numbers, {"m": ()}, 0.95).of_model("m"):
        rows = seen & ((fold == e.split) | (e.split == "all"))
        expected = {"auc": roc_auc_score, "average_precision": average_precision_score}[e.metric](
            outcome[rows], score[rows]
        )
        assert e.value == pytest.approx(expected, abs=1e-12)
        assert e.n == rows.sum()


@pytest.mark.parametrize(
    ("outcome", "auc", "precision"),
    [
        ([1, 1], "one_class", "never_moves"),
        ([0, 0], "no_findings", "no_findings"),
        ([np.nan] * 2, "no_outcomes", "no_outcomes"),
    ],
)
def test_missing_classes_are_named(scores_from, outcome, auc, precision):
    """No area without both outcomes, no average precision without a finding, and the note says which."""
    sample = sample_of(scores_from({"m": [1, 2]}, outcome), lists="whole_window", cluster_by="unit_id")
    numbers = resample(rank_statistics(sample), clusters=2, replicates=20, seed=1, threads=1, progress=silent)
    found = {e.metric: e.note for e in RankMeasures(sample, numbers, {"m": ()}, 0.95).of_model("m") if e.split == "all"}
    assert (found["auc"], found["average_precision"]) == (auc, precision)


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_perfect_order_is_not_certain(scores_from, upside_down):
    """Twenty findings before forty others, all in order. The area gets the score interval with Hanley & McNeil's variance; average precision has none."""
    score = np.arange(60.0) * (-1 if upside_down else 1)
    scores = scores_from({"m": score}, [0.0] * 40 + [1.0] * 20)
    sample = sample_of(scores, lists="whole_window", cluster_by="unit_id")
    numbers = resample(rank_statistics(sample), clusters=60, replicates=200, seed=1, threads=1, progress=silent)
    found = {e.metric: e for e in RankMeasures(sample, numbers, {"m": ()}, 0.95).of_model("m") if e.split == "all"}
    auc, precision = found["auc"], found["average_precision"]
    far, near = (auc.low, auc.high) if not upside_down else (1 - auc.high, 1 - auc.low)
    assert (auc.value, near, auc.note) == (0.0 if upside_down else 1.0, 1.0, "interval_newcombe")
    variance = far * (1 - far) * (1 + 29 * (1 - far) / (2 - far) + 29 * far / (1 + far)) / 800
    assert (1 - far) ** 2 == pytest.approx(1.959964**2 * variance, rel=1e-5)
    if not upside_down:
        assert (precision.value, precision.low, precision.note) == (1.0, None, "never_moves")


def test_one_cluster_leaves_an_area_without_an_interval(scores_from):
    """Nothing can be drawn, so nothing tells how far it may be off."""
    scores = scores_from({"m": np.arange(60.0)}, [0.0, 0.0, 1.0] * 20, unit=["u"] * 60)
    sample = sample_of(scores, lists="whole_window", cluster_by="unit_id")
    numbers = resample(rank_statistics(sample), clusters=1, replicates=20, seed=1, threads=1, progress=silent)
    found = {e.metric: e for e in RankMeasures(sample, numbers, {"m": ()}, 0.95).of_model("m") if e.split == "all"}
    assert {(e.low, e.note) for e in found.values()} == {(None, "never_moves")}


def test_the_interval_of_a_perfect_area_holds_the_truth():
    """Findings of which the area is 0.9 order perfectly now and then; of all such draws of 4 and 6, the interval holds 0.9 nearly always."""
    rng = np.random.default_rng(2)
    shift = np.sqrt(2) * NormalDist().inv_cdf(0.9)
    perfect = sum(rng.normal(shift, size=4).min() > rng.normal(size=6).max() for _ in range(2000))
    assert perfect > 100
    assert least_area(found=4, rest=6, level=0.95) < 0.9 < least_area(found=400, rest=600, level=0.95)
