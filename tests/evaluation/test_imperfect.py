"""Shares corrected for imperfect inspections: hand values, and simulated worlds whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from tegenkracht.core.errors import InputError
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.imperfect import (
    Inspection,
    Tally,
    TwoVisits,
    bayesian,
    rogan_gladen,
    sensitivity_from_two_visits,
)

SEES = Inspection(sensitivity=Tally(found=45, of=60), specificity=Tally(found=198, of=200))


def test_the_corrected_share_and_its_interval_are_the_hand_values():
    """40 of 500: (0.08 + 0.99 - 1) / 0.74 = 0.094595; the variance by hand from its three parts."""
    made = rogan_gladen(40, 500, SEES, "prevalence", About(), level=0.95).estimate
    rho = 0.07 / 0.74
    spread = math.sqrt(0.08 * 0.92 / 500 + rho**2 * 0.75 * 0.25 / 60 + (1 - rho) ** 2 * 0.99 * 0.01 / 200) / 0.74
    assert made.value == pytest.approx(rho, abs=1e-12)
    assert (made.low, made.high) == pytest.approx((rho - 1.959964 * spread, rho + 1.959964 * spread), abs=1e-6)


def test_a_share_below_zero_is_cut_off_and_says_so():
    """With 1 % recorded where 2 % of clean places are recorded by mistake, the formula gives less than nothing."""
    sees = Inspection(sensitivity=Tally(found=45, of=60), specificity=Tally(found=196, of=200))
    made = rogan_gladen(5, 500, sees, "prevalence", About(), level=0.95)
    assert made.estimate.value == 0.0
    assert made.before_truncation == pytest.approx(-0.01 / 0.73)
    assert (made.truncated, made.estimate.note) == (1.0, "truncated")


def test_the_bayesian_interval_agrees_with_the_formula_where_counts_are_large_and_repeats():
    """Thousands of known cases: both intervals are the same to half a point; the same seed gives the same draws."""
    sees = Inspection(sensitivity=Tally(found=4500, of=6000), specificity=Tally(found=9900, of=10000))
    formula = rogan_gladen(800, 5000, sees, "precision", About(), level=0.95).estimate
    drawn, again = (
        bayesian(800, 5000, sees, "precision", About(), level=0.95, draws=20_000, seed=4).estimate for _ in range(2)
    )
    assert drawn == again
    assert (drawn.value, drawn.low, drawn.high) == pytest.approx((formula.value, formula.low, formula.high), abs=0.005)


def test_the_bayesian_way_tells_how_many_draws_were_cut_off():
    """With nothing recorded, most draws lie below zero."""
    made = bayesian(0, 200, SEES, "prevalence", About(), level=0.95, draws=5_000, seed=1)
    assert made.truncated > 0.5
    assert made.estimate.note == "truncated"


@pytest.mark.parametrize("sensitivity", [0.3, 0.5, 0.7])
def test_intervals_cover_the_true_share_in_simulated_worlds(sensitivity):
    """300 worlds with prevalence 0.10: nominal 95 % intervals cover in 95 %, within three Monte Carlo errors (or are conservative)."""
    rng, covered = np.random.default_rng(11), np.zeros(2)
    for world in range(300):
        q = rng.binomial(600, 0.10 * sensitivity + 0.90 * 0.01)
        sees = Inspection(
            sensitivity=Tally(found=rng.binomial(80, sensitivity), of=80),
            specificity=Tally(found=rng.binomial(400, 0.99), of=400),
        )
        made = (
            rogan_gladen(q, 600, sees, "prevalence", About(), level=0.95).estimate,
            bayesian(q, 600, sees, "prevalence", About(), level=0.95, draws=1_500, seed=world).estimate,
        )
        covered += [one.low <= 0.10 <= one.high for one in made]
    assert (covered / 300 > 0.95 - 3 * math.sqrt(0.0475 / 300)).all()


def test_two_visits_give_the_sensitivity_and_the_number_of_cases():
    """30 found twice, 10 by the first alone, 20 by the second alone: 30 of 50; Chapman 41 * 51 / 31 - 1."""
    sensitivity, cases = sensitivity_from_two_visits(TwoVisits(both=30, first=10, second=20), About(), level=0.95)
    assert (sensitivity.value, sensitivity.n) == (0.6, 50)
    assert cases.value == pytest.approx(41 * 51 / 31 - 1)
    spread = math.sqrt(41 * 51 * 10 * 20 / (31**2 * 32))
    assert cases.high == pytest.approx(cases.value + 1.959964 * spread, abs=1e-4)
    assert cases.low == 60.0, "at least as many as were seen"


def test_without_a_second_finding_there_is_a_reason_instead_of_a_number():
    """Nothing recaptured: no sensitivity."""
    assert {e.note for e in sensitivity_from_two_visits(TwoVisits(both=0, first=4, second=0), About(), level=0.95)} == {
        "second_visit_found_nothing"
    }


def test_an_inspection_that_sees_no_more_than_chance_is_refused():
    """Sensitivity 0.4 and specificity 0.5 add up to less than one."""
    blind = Inspection(sensitivity=Tally(found=4, of=10), specificity=Tally(found=5, of=10))
    with pytest.raises(InputError, match=r"label\.inspection: sensitivity and specificity add up to 0\.90"):
        rogan_gladen(4, 10, blind, "prevalence", About(), level=0.95)


def test_a_tally_above_its_whole_is_refused():
    """61 of 60 is a slip of the pen."""
    with pytest.raises(ValidationError, match="61 of 60 is not a share"):
        Tally(found=61, of=60)
