"""The bootstrap: what is drawn, what stays the same, and what an interval is made of."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Draw, Resampled, draw, percentile_interval, resample, sum_statistic


def mean_of(values: np.ndarray):
    """The mean of one number per cluster, as a statistic."""
    return lambda drawn: (drawn.counts @ values / len(values))[:, None]


def resampled_mean(*, seed: int = 1, threads: int = 1, replicates: int = 1000, clusters: int = 40) -> Resampled:
    """The mean of 0, 1, 2, … resampled."""
    statistics = {"mean": mean_of(np.arange(float(clusters)))}
    return resample(statistics, clusters=clusters, replicates=replicates, seed=seed, threads=threads, progress=silent)[
        "mean"
    ]


def test_as_many_clusters_are_drawn_as_there_are():
    """Multinomial counts: every replicate has as many draws as clusters, each with mean 1 and variance 1 - 1/clusters."""
    counts = draw(np.random.default_rng(1), clusters=20, replicates=4000).counts
    assert (counts.sum(axis=1) == 20).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(20), abs=0.08)
    assert counts.var(axis=0).mean() == pytest.approx(0.95, abs=0.03)


def test_point_estimate_is_the_statistic_of_the_data_as_they_are():
    """Everything drawn once gives the plain mean."""
    assert resampled_mean().point == pytest.approx([19.5])


def test_standard_error_is_the_one_of_the_textbook():
    """The spread of the replicates of a mean is the population standard deviation over the root of n."""
    expected = np.arange(40.0).std() / np.sqrt(40)
    assert resampled_mean(replicates=5000).replicates.std() == pytest.approx(expected, rel=0.05)


def test_same_seed_gives_same_bytes_whatever_the_threads():
    """Blocks of replicates have streams of their own, so the number of threads changes nothing."""
    one, two, other = resampled_mean(), resampled_mean(threads=2), resampled_mean(seed=2)
    assert one.replicates.tobytes() == two.replicates.tobytes()
    assert one.replicates.tobytes() != other.replicates.tobytes()


def test_fewer_replicates_are_the_first_of_more():
    """A short run shows the beginning of the long one (in whole blocks of draws)."""
    assert np.array_equal(resampled_mean(replicates=64).replicates, resampled_mean(replicates=100).replicates[:64])


def test_all_statistics_see_the_same_draws():
    """A difference between two equal statistics is zero in every replicate: comparisons are paired."""
    values = np.random.default_rng(3).normal(size=30)
    both = {"a": mean_of(values), "b": mean_of(values + 1)}
    numbers = resample(both, clusters=30, replicates=100, seed=5, threads=2, progress=silent)
    assert (numbers["b"] - numbers["a"]).replicates == pytest.approx(np.ones((100, 1)))


def test_progress_tells_how_far_it_is():
    """One message for each block, the last one saying that all are done."""
    told: list[tuple[str, int, int]] = []
    statistics = {"mean": mean_of(np.ones(4))}
    resample(statistics, clusters=4, replicates=60, seed=1, threads=1, progress=lambda *message: told.append(message))
    assert told == [("bootstrap", 1, 2), ("bootstrap", 2, 2)]


def test_division_by_nothing_has_no_answer():
    """A share of nothing is NaN in the point and in each replicate where it happens."""
    part = Resampled(np.array(1.0), np.array([1.0, 0.0])) / Resampled(np.array(0.0), np.array([2.0, 0.0]))
    assert np.isnan(part.point)
    assert part.replicates[0] == 0.5
    assert np.isnan(part.replicates[1])


def test_interval_needs_answers_in_nearly_all_replicates():
    """More than one replicate in twenty without an answer means no interval."""
    few = np.r_[np.arange(94.0), np.full(6, np.nan)]
    assert percentile_interval(few, level=0.95) is None
    assert percentile_interval(few[:-2], level=0.95) is not None


def test_sums_count_each_row_as_often_as_its_cluster():
    """Two slices over four rows of two clusters, drawn twice and not at all."""
    statistic = sum_statistic(
        np.array([[1.0], [10.0], [100.0], [1000.0], [1.0], [10.0]]),
        cluster=np.array([0, 1, 0, 1], np.int32),
        slices=[np.arange(4), np.array([0, 1]), np.empty(0, np.int64)],
    )
    counts = np.array([[1, 1], [2, 0]], np.uint8)
    assert statistic(Draw(counts, seed=None))[:, :, 0].tolist() == [[1111.0, 11.0, 0.0], [202.0, 2.0, 0.0]]
