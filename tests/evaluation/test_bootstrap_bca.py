"""BCa intervals and Poisson weights: SciPy's, hand calculations and the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Draw, Resampled, Resampling, draw, jackknife_counts, poisson_draw, resample
from tegenkracht.evaluation.bootstrap_bca import bca_interval
from tegenkracht.evaluation.estimates import About, estimate_of


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
    left_out = statistic(Draw(jackknife_counts(rng, clusters=60), seed=None))[:, 0]
    mine = bca_interval(values.var(), replicates, left_out, level=0.9)
    theirs = bootstrap((values,), np.var, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=3)
    assert mine == pytest.approx(tuple(theirs.confidence_interval), rel=0.02)


def test_without_bias_or_skew_it_is_the_percentile_interval():
    """Symmetric replicates and symmetric points of the jackknife: nothing to correct."""
    low, high = bca_interval(50.0, np.arange(101.0), np.array([-1.0, 0.0, 1.0]), level=0.5)
    assert (low, high) == pytest.approx((25.0, 75.0))


def test_jackknife_leaves_out_one_cluster_or_one_group():
    """Twenty clusters: each mean without one. A thousand: two hundred points, each without five."""
    few = jackknife_counts(np.random.default_rng(1), clusters=20)
    many = jackknife_counts(np.random.default_rng(1), clusters=1000)
    assert (few.sum(axis=1) == 19).all()
    assert many.shape == (200, 1000)
    assert (many.sum(axis=1) == 995).all()


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


def variance(values, *, interval, draws="multinomial"):
    """The variance of these numbers, one a cluster, as an estimate."""
    numbers = resample(
        {"v": variance_of(values)},
        clusters=len(values),
        replicates=4000,
        seed=1,
        threads=1,
        progress=silent,
        how=Resampling(draws, interval),
    )
    return estimate_of(numbers["v"][0], "v", About(), n=len(values), level=0.9, why_not="", share=False)


def test_an_estimate_gets_the_interval_that_was_asked():
    """The BCa ends lie above the percentile ends for a variance of skewed numbers, and near SciPy's (within 4 in 100)."""
    values = np.random.default_rng(1).exponential(size=60)
    plain, corrected = variance(values, interval="percentile"), variance(values, interval="bca")
    theirs = bootstrap((values,), np.var, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=3)
    assert plain.value == corrected.value == pytest.approx(values.var())
    assert corrected.low > plain.low
    assert corrected.high > plain.high
    assert (corrected.low, corrected.high) == pytest.approx(tuple(theirs.confidence_interval), rel=0.04)


def test_poisson_draws_change_the_ends_and_not_the_value():
    """Another way to draw, about the same interval."""
    values = np.random.default_rng(1).exponential(size=60)
    one, other = variance(values, interval="percentile"), variance(values, interval="percentile", draws="poisson")
    assert one.value == other.value
    assert one.low != other.low
    assert (other.low, other.high) == pytest.approx((one.low, one.high), rel=0.1)


def test_arithmetic_on_numbers_is_done_on_the_jackknife_too():
    """A ratio of two sums at a point of the jackknife is the ratio without that cluster."""
    values = np.array([1.0, 2.0, 6.0])
    statistics = {"sum": lambda d: (d.counts @ values)[:, None], "n": lambda d: d.counts.sum(axis=1)[:, None] * 1.0}
    numbers = resample(
        statistics,
        clusters=3,
        replicates=20,
        seed=1,
        threads=1,
        progress=silent,
        how=Resampling("multinomial", "bca"),
    )
    mean = (numbers["sum"] / numbers["n"])[0]
    assert sorted(mean.left_out) == pytest.approx([1.5, 3.5, 4.0])


def test_where_the_correction_does_not_exist_the_note_says_so():
    """A point above all of its replicates: a percentile interval, and which one it is; without a replicate that differs none."""
    spread = Resampled(np.array(2.0), np.linspace(0.0, 1.0, 101), np.array([1.9, 2.0, 2.1]), "bca")
    told = {"n": 40, "level": 0.9, "why_not": "", "share": False}
    estimate = estimate_of(spread, "figure", About(), **told)
    assert (estimate.low, estimate.high) == pytest.approx((0.05, 0.95))
    assert estimate.note == "interval_percentile"
    still = variance(np.ones(40), interval="bca")
    assert (still.low, still.note) == (None, "never_moves")
