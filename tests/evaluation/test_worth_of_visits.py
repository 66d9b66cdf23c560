"""What shares of weighed visits are worth when few of them found something: a model says how heavy findings could have been."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import PLAIN, Resampled, Resampling, resample, sum_statistic
from tegenkracht.evaluation.worth import worth_of_shares
from tegenkracht.evaluation.worth_of_visits import (
    SPREAD_TOLD_FROM,
    VisitsWorth,
    visits_worth,
    worth_of,
)

Floats = NDArray[np.float64]
WITH_JACKKNIFE = Resampling(PLAIN.draws, PLAIN.interval, jackknife=True)


def worth(weight: Floats, found: Floats, moves: float = 1.0) -> float:
    """By the model, of one figure."""
    return float(visits_worth(weight[:, None], found, np.full(len(found), moves)).modelled[0])


def known(modelled: float, found: int) -> VisitsWorth:
    """Of one figure."""
    return VisitsWorth(np.array([modelled]), np.array([float(found)]), np.ones((2, 1)))


@pytest.mark.parametrize("found", [3, 30])
def test_equal_visits_are_worth_their_number(found: int) -> None:
    """And more where each was so sure that a part of its weight does not go with the draws: of a chance of a half, twice as much."""
    weight, of = np.full(60, 7.0), (np.arange(60) < found).astype(float)
    assert worth(weight, of) == pytest.approx(60)
    assert worth(weight, of, moves=np.sqrt(0.5)) == pytest.approx(120)


def test_findings_that_happen_to_be_light_do_not_make_a_share_sure() -> None:
    """Half of the visits weigh ten times as much and the three findings are light: their own variance says worth more than all visits, the model well below."""
    weight, found = np.repeat([1.0, 10.0], 60), np.zeros(120)
    found[:3] = 1.0
    sums = sum_statistic(
        np.column_stack([weight * found, weight]), cluster=np.arange(120, dtype=np.int32), slices=[np.arange(120)]
    )
    drawn = resample(
        {"": sums}, clusters=120, replicates=2_000, seed=1, threads=1, progress=lambda *_: None, how=WITH_JACKKNIFE
    )[""][0]
    own = float(worth_of_shares(drawn[0] / drawn[1], np.float64(120), np.float64(120), level=0.95))
    assert own == 120
    assert worth(weight, found) < 100
    few, many = (known(60.0, count) for count in (SPREAD_TOLD_FROM - 1, SPREAD_TOLD_FROM))
    assert worth_of(drawn[0], drawn[1], np.float64(120), few, 0, level=0.95) == 60
    assert worth_of(drawn[0], drawn[1], np.float64(120), many, 0, level=0.95) == 60


def test_with_many_findings_their_own_spread_counts_when_it_is_the_wider_one() -> None:
    """The lesser of what the model and the replicates say."""
    found, weight = Resampled(np.array(0.5), np.array([0.4, 0.6, 0.4, 0.6])), Resampled(np.array(1.0), np.ones(4))
    of_many, of_few = (known(80.0, count) for count in (SPREAD_TOLD_FROM, SPREAD_TOLD_FROM - 1))
    assert worth_of(found, weight, np.float64(100), of_many, 0, level=0.95) == pytest.approx(25)
    assert worth_of(found, weight, np.float64(100), of_few, 0, level=0.95) == 80


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.5])
def test_many_findings_tell_how_heavy_they_are(slope: float) -> None:
    """The model finds the variance that the chances of findings give, when these go with the weight in any of three ways."""
    rng = np.random.default_rng(3)
    weight = np.exp(rng.normal(2, 0.8, 20_000))
    chance = 1 / (1 + np.exp(2.5 - slope * (np.log(weight) - 2)))
    found = (rng.random(20_000) < chance).astype(float)
    p = float(weight @ found / weight.sum())
    variance = (weight**2 * (chance * (1 - p) ** 2 + (1 - chance) * p**2)).sum() / weight.sum() ** 2
    assert worth(weight, found) == pytest.approx(p * (1 - p) / variance, rel=0.05)


@pytest.mark.parametrize("found", [0.0, 1.0])
def test_a_share_of_none_or_of_all_is_worth_what_its_weights_leave(found: float) -> None:
    """Eight visits that stand for 250 places and forty-five that stand for little more than one are worth eight, by Kish's count; forty equal ones are worth forty."""
    unequal = np.r_[np.full(8, 250.0), np.full(45, 1.1)]
    assert worth(unequal, np.full(53, found)) == pytest.approx(unequal.sum() ** 2 / (unequal**2).sum())
    assert worth(np.full(40, 3.0), np.full(40, found)) == pytest.approx(40)


def test_where_findings_are_heavy_elsewhere_none_is_worth_less() -> None:
    """By the slope of all visits: what could have been found would have been heavy."""
    weight, nothing = np.repeat([1.0, 10.0], 60)[:, None], np.zeros(120)
    flat, rising = (float(visits_worth(weight, nothing, np.ones(120), slope=slope).modelled[0]) for slope in (0.0, 1.0))
    assert rising < 0.95 * flat


def test_without_a_visit_the_model_says_nothing() -> None:
    """And where nothing was drawn visit by visit, a share of none is worth what its weights leave."""
    weight = np.column_stack([np.ones(40), np.zeros(40)])
    told = visits_worth(weight, np.r_[np.ones(20), np.zeros(20)], np.ones(40))
    assert told.modelled[0] == pytest.approx(40)
    assert np.isnan(told.modelled[1])
    assert told.found.tolist() == [20, 0]
    assert np.isnan(visits_worth(np.zeros((1, 2)), np.zeros(0), np.zeros(0)).modelled).all()


def test_a_share_of_none_is_worth_as_many_draws_as_carry_its_weight() -> None:
    """Twenty units of four visits each, of which five weigh ten times as much, among two hundred that are drawn: some eight, not eighty."""
    weight = np.repeat(np.r_[np.full(5, 10.0), np.ones(15)], 4)
    cluster = np.repeat(np.arange(20, dtype=np.int32), 4)
    sums = sum_statistic(np.column_stack([0 * weight, weight]), cluster=cluster, slices=[np.arange(80)])
    found, all_of_it = (
        resample(
            {"": sums}, clusters=200, replicates=4_000, seed=1, threads=1, progress=lambda *_: None, how=WITH_JACKKNIFE
        )[""][0, i]
        for i in (0, 1)
    )
    by_unit = np.r_[np.full(5, 40.0), np.full(15, 4.0)]
    kish = by_unit.sum() ** 2 / (by_unit**2).sum()
    seen = float(worth_of(found, all_of_it, np.float64(80), None, 0, level=0.95))
    assert seen == pytest.approx(kish, rel=0.1)
    assert seen < 10


def test_what_a_visit_weighs_is_expected_with_few_and_seen_with_many() -> None:
    """Half of the visits weigh ten times as much. Three light findings: a finding weighs what a visit does, 101/11 by squares; of thirty light ones the model
    expects them lighter. Clear visits are many, so that their own weights count; without a visit nothing is known.
    """
    weight = np.repeat([1.0, 10.0], 60)
    few, many = np.zeros(120), np.zeros(120)
    few[:3], many[:30] = 1.0, 1.0
    of_few, of_many = (visits_worth(weight[:, None], found, np.ones(120)).each[:, 0] for found in (few, many))
    assert of_many[0] < of_few[0] < 101 / 11
    clear = weight[few == 0]
    assert of_few[1] == pytest.approx(np.sum(clear**2) / clear.sum(), rel=0.02)
    nobody = visits_worth(np.column_stack([weight, np.zeros(120)]), few, np.ones(120)).each
    assert np.isnan(nobody[:, 1]).all()


def test_without_a_finding_one_still_weighs_what_a_visit_does() -> None:
    """Five visits of one weight found nothing."""
    assert visits_worth(np.full((5, 1), 4.0), np.zeros(5), np.ones(5)).each[0, 0] == pytest.approx(4)
