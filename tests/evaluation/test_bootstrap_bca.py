"""BCa intervals and Poisson weights: SciPy's, hand calculations and the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from tegenkracht.evaluation.bootstrap import draw
from tegenkracht.evaluation.bootstrap_bca import bca_interval, jackknife, poisson_draw


def variance_of(values: np.ndarray):
    """The variance of one number per cluster, as a statistic."""

    def statistic(drawn):
        counts = drawn.counts.astype(float)
        rows = counts.sum(axis=1)
        return (counts @ values**2 / rows - (counts @ values / rows) ** 2)[:, None]

    return statistic


def test_interval_is_scipys_on_a_skewed_statistic():
    """The variance of 60 exponential numbers: the same ends as SciPy's BCa from 20,000 draws of its own, within 2 in 100."""
    values = np.random.default_rng(1).exponential(size=60)
    statistic, rng = variance_of(values), np.random.default_rng(2)
    replicates = statistic(draw(rng, clusters=60, replicates=20_000))[:, 0]
    left_out = jackknife(statistic, clusters=60, rng=rng)[:, 0]
    mine = bca_interval(values.var(), replicates, left_out, level=0.9)
    theirs = bootstrap((values,), np.var, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=3)
    assert mine == pytest.approx(tuple(theirs.confidence_interval), rel=0.02)


def test_without_bias_or_skew_it_is_the_percentile_interval():
    """Symmetric replicates and symmetric points of the jackknife: nothing to correct."""
    low, high = bca_interval(50.0, np.arange(101.0), np.array([-1.0, 0.0, 1.0]), level=0.5)
    assert (low, high) == pytest.approx((25.0, 75.0))


def test_jackknife_leaves_out_one_cluster_or_one_group():
    """Twenty clusters: each mean without one. A thousand: two hundred points, each without five."""
    few = jackknife(lambda d: d.counts.sum(axis=1)[:, None] * 1.0, clusters=20, rng=np.random.default_rng(1))
    many = jackknife(lambda d: d.counts.sum(axis=1)[:, None] * 1.0, clusters=1000, rng=np.random.default_rng(1))
    assert (few == 19).all()
    assert many.shape == (200, 1)
    assert (many == 995).all()


@pytest.mark.parametrize("replicates", [np.full(100, 2.0), np.full(100, np.nan)])
def test_no_interval_where_all_replicates_lie_on_one_side(replicates):
    """A bias without end, or no answers: no interval."""
    assert bca_interval(1.0, replicates, np.arange(5.0), level=0.95) is None


def test_poisson_weights_have_mean_and_variance_one_and_the_same_standard_error():
    """The spread of the replicates of a mean equals that of the textbook, as it does with multinomial draws."""
    drawn, values = poisson_draw(np.random.default_rng(4), clusters=80, replicates=5000), np.arange(80.0)
    assert drawn.counts.mean() == pytest.approx(1, abs=0.01)
    assert drawn.counts.var() == pytest.approx(1, abs=0.02)
    means = drawn.counts @ values / drawn.counts.sum(axis=1)
    assert means.std() == pytest.approx(values.std() / np.sqrt(80), rel=0.05)
