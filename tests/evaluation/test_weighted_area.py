"""The area of weighted visits: how far it may be off by the model of which visits find something."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import t

from tegenkracht.core.progress import silent
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import Resampled, resample
from tegenkracht.evaluation.weighed import Drawn, Weighed
from tegenkracht.evaluation.weighted_area import AreaOfVisits

Floats = NDArray[np.float64]


def area_of(score: Floats, found: Floats, weight: Floats, *, visits: bool = True) -> AreaOfVisits:
    """One visit to each row, drawn whole."""
    number = np.arange(score.size)
    weighed = Weighed(number, number, found.astype(float), {"weighted": weight})
    return AreaOfVisits(
        weighed, "weighted", Drawn(number.astype(np.int32), score.size, np.ones(score.size), visits), score
    )


def value_of(score: Floats, found: Floats, weight: Floats) -> float:
    """All pairs, one by one."""
    hit, miss = weight * found, weight * (1 - found)
    above = (score[:, None] > score) + (score[:, None] == score) / 2
    return float(hit @ above @ miss / (hit.sum() * miss.sum()))


def resampled(value: float, *replicates: float) -> Resampled:
    """A number with these replicates, which stand for the jackknife too."""
    return Resampled(np.array(value), np.array(replicates), np.array(replicates))


@pytest.mark.parametrize("weight", [1.0, 30.0])
def test_where_chances_are_a_line_the_model_has_the_error_of_delong(weight: float) -> None:
    """Spread of what findings beat over findings, and of what clear visits are beaten by over clear visits; a weight of all cancels."""
    rng = np.random.default_rng(1)
    score = rng.random(20_000)
    found = (rng.random(20_000) < expit(-5 + 2 * score)).astype(float)
    hits, misses = score[found == 1], score[found == 0]
    beaten = hits[:, None] > misses
    error = np.sqrt(beaten.mean(axis=1).var() / hits.size + beaten.mean(axis=0).var() / misses.size)
    value = beaten.mean()
    modelled = area_of(score, found, np.full(20_000, weight)).modelled
    assert modelled == pytest.approx(value * (1 - value) / error**2, rel=0.1)


def test_the_lesser_of_what_a_model_and_the_draws_say() -> None:
    """Draws that hardly move make nothing sure; draws that move much count, with Student's quantile for thirty findings."""
    rng = np.random.default_rng(2)
    found = np.r_[np.ones(30), np.zeros(300)]
    score, weight = rng.normal(size=330) + found, np.full(330, 5.0)
    area, value = area_of(score, found, weight), value_of(score, found, weight)
    low, high = area.interval(resampled(value, value - 1e-6, value + 1e-6), n=330, found=30, level=0.95)
    assert (low, high) == wilson_interval(value, area.modelled, level=0.95)
    wide = area.interval(resampled(value, value - 0.15, value + 0.15), n=330, found=30, level=0.95)
    worth = value * (1 - value) / 0.15**2 * (1.959964 / t.ppf(0.975, 29)) ** 2
    assert worth < area.modelled
    assert wide == pytest.approx(wilson_interval(value, worth, level=0.95))


def test_where_places_are_drawn_their_draws_decide() -> None:
    """Student's interval, whatever a model of single visits says."""
    found = np.r_[np.ones(30), np.zeros(300)]
    score, weight = np.random.default_rng(3).normal(size=330) + found, np.full(330, 5.0)
    value = value_of(score, found, weight)
    steps = np.tile([-0.01, 0.01], 50)
    number = resampled(value, *(value + steps))
    single, places = (area_of(score, found, weight, visits=visits) for visits in (True, False))
    low, high = places.interval(number, n=330, found=12, level=0.95)
    assert 0.035 < high - low < 0.045
    assert np.diff(single.interval(number, n=330, found=12, level=0.95)) > 0.1


def test_an_area_of_one_is_not_certain_when_visits_are_drawn() -> None:
    """Twelve findings above all else: no draw ever differs, and yet the next finding may lie lower: no more is known than of twelve answers that are all yes."""
    found = np.r_[np.ones(12), np.zeros(100)]
    score = np.r_[np.full(12, 9.0), np.linspace(0, 1, 100)]
    one = resampled(1.0, *np.ones(40))
    low, high = area_of(score, found, np.ones(112)).interval(one, n=112, found=12, level=0.95)
    assert (low, high) == wilson_interval(1.0, 12, level=0.95)
    assert area_of(score, found, np.ones(112), visits=False).interval(one, n=112, found=12, level=0.95) is None


def test_scores_that_are_all_the_same_have_no_interval() -> None:
    """Half of all pairs, whoever finds something."""
    found = np.r_[np.ones(12), np.zeros(100)]
    area = area_of(np.ones(112), found, np.ones(112))
    assert area.interval(resampled(0.5, 0.5, 0.5), n=112, found=12, level=0.95) is None


@pytest.mark.parametrize("slope", [0.0, 0.4, 1.0])
def test_few_findings_of_which_the_heavy_ones_are_seldom_seen(slope: float) -> None:
    """Places with a high score are visited five times as often, so that all heavy findings have a low one. With twelve to thirty findings 94 of 100 intervals or
    more hold the area of all places, however well the score orders.
    """
    rng, held, times = np.random.default_rng(5), 0, 300
    score = rng.normal(size=4_000)
    there = rng.random(4_000) < expit(-3.6 + slope * score)
    chance = np.where(score > 0.8, 0.3, 0.06)
    true = value_of(score, there.astype(float), np.ones(4_000))
    for _ in range(times):
        seen = rng.random(4_000) < chance
        s, y, w = score[seen], there[seen].astype(float), 1 / chance[seen]
        area = area_of(s, y, w)
        draws = resample({"": area.statistic()}, clusters=s.size, replicates=200, seed=1, threads=1, progress=silent)[
            ""
        ][0]
        low, high = area.interval(draws, n=s.size, found=y.sum(), level=0.95)
        held += low <= true <= high
    assert 0.94 <= held / times <= 0.985
