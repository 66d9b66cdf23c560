"""Student's interval of a number that few clusters carry: wider than the middle of its replicates, and no wider than it need be with many."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Resampling, percentile_interval, resample, sum_statistic
from tegenkracht.evaluation.bootstrap_t import (
    freedom_of_few,
    freedom_of_pulls,
    student_interval,
    student_interval_of_odds,
)


def _mean_of(value: np.ndarray, seed: int) -> Resampled:
    """The mean of clusters of one row, with its jackknife."""
    cluster = np.arange(value.size, dtype=np.int32)
    sums = sum_statistic(
        np.column_stack([value, np.ones_like(value)]), cluster=cluster, slices=[cluster.astype(np.int64)]
    )
    numbers = resample(
        {"mean": sums},
        clusters=value.size,
        replicates=200,
        seed=seed,
        threads=1,
        progress=silent,
        how=Resampling("multinomial", "percentile", jackknife=True),
    )["mean"][0]
    return numbers[0] / numbers[1]


def test_with_few_clusters_it_holds_the_truth_where_percentiles_are_too_narrow():
    """Means of eight normal clusters: 95 of 100 of Student's intervals hold zero, and far fewer of the percentile ones."""
    rng, held, narrow, times = np.random.default_rng(1), 0, 0, 120
    for seed in range(times):
        mean = _mean_of(rng.normal(size=8), seed)
        low, high = student_interval(mean, level=0.95)
        held += low <= 0 <= high
        low, high = percentile_interval(mean.replicates, level=0.95)
        narrow += low <= 0 <= high
    assert narrow / times < 0.92
    assert 0.91 <= held / times <= 0.99


def test_with_many_equal_clusters_it_is_the_normal_interval():
    """Two thousand clusters leave nothing to correct."""
    mean = _mean_of(np.random.default_rng(2).normal(size=2_000), 2)
    low, high = student_interval(mean, level=0.95)
    assert (high - low) / 2 == pytest.approx(1.96 * mean.replicates.std(ddof=1), rel=0.02)


def test_one_cluster_that_carries_everything_leaves_one_degree_of_freedom():
    """However many others there are that carry nothing."""
    assert freedom_of_pulls(np.array([10.0, *np.zeros(50)])) == 1.0


def test_things_that_are_there_or_not_leave_fewer_degrees_of_freedom():
    """Of five hundred things forty count alike: their sum of squares varies as a count of forty does."""
    assert freedom_of_few(np.r_[np.ones(40), np.zeros(460)]) == pytest.approx(2 / (1 / 40 - 1 / 500))
    assert freedom_of_few(np.array([10.0, *np.zeros(50)])) == pytest.approx(2, rel=0.03)
    assert freedom_of_few(np.zeros(4)) == np.inf


def test_without_an_answer_in_many_replicates_there_is_none():
    """One replicate in two without an answer is too many."""
    number = Resampled(np.array(0.5), np.array([np.nan, 0.4, 0.6]), np.array([0.4, 0.6]))
    assert student_interval(number, level=0.95) is None


def test_the_jackknife_has_to_be_taken():
    """Percentile draws alone do not say how far each cluster pulls."""
    with pytest.raises(ValueError, match="jackknife"):
        student_interval(Resampled(np.array(0.5), np.array([0.4, 0.6])), level=0.95)


def test_on_the_scale_of_odds_it_stays_inside_and_reaches_farther_to_the_middle():
    """Near one there is more room below than above."""
    spread = np.array([0.85, 0.9, 0.95, 0.99] * 10)
    low, high = student_interval_of_odds(Resampled(np.array(0.93), spread, spread), nearest=0.001, level=0.95)
    assert 0 < low < 0.93 < high < 1
    assert 0.93 - low > high - 0.93
    low, high = student_interval_of_odds(Resampled(np.array(1.0), spread, spread), nearest=0.01, level=0.95)
    assert low < 0.99
    assert high == 1.0


def test_a_share_that_no_draw_changes_has_no_interval():
    """An area of one in every replicate is not certain; there is only nothing that tells how uncertain it is."""
    sure = Resampled(np.array(1.0), np.ones(40), np.ones(10))
    assert student_interval_of_odds(sure, nearest=0.01, level=0.95) is None
