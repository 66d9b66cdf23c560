"""Shares corrected for imperfect inspections: published and hand values, a second library, and planted processes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.inspections import Tally
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.imperfect import (
    FORMULA,
    Recorded,
    bayesian,
    check_inspections,
    corrected_estimates,
    posterior,
    recorded_of,
    rogan_gladen,
)
from tegenkracht.evaluation.sight import DECLARED, Sight, TwoVisits

SEES = Sight(Tally(found=45, of=60), Tally(found=198, of=200))
ABOUT = About()


def corrected(recorded: Recorded, sight: Sight = SEES, level: float = 0.95) -> Estimate:
    """By the formula."""
    return rogan_gladen(recorded, sight, "true_prevalence", ABOUT, level=level)


@pytest.mark.parametrize(
    ("positives", "n", "se", "sp", "published"),
    [
        (23, 150, (96, 100), (89, 100), 0.051),  # brucellosis, the example of epiR's epi.prev
        (50, 3330, (103, 122), (399, 401), 0.012),  # Gelman & Carpenter 2020, Santa Clara
    ],
)
def test_the_corrected_share_is_the_published_one(positives, n, se, sp, published):
    """Two examples of others, to the decimals that they give."""
    sight = Sight(Tally(found=se[0], of=se[1]), Tally(found=sp[0], of=sp[1]))
    assert corrected(Recorded(positives / n, n), sight).value == pytest.approx(published, abs=0.0006)


def test_the_interval_is_that_of_lang_and_reiczigel_by_hand():
    """40 of 500, 45 of 60, 198 of 200 at z = 1.96: every share moved, the shift, and the root of three variances, step by step."""
    made, z = corrected(Recorded(0.08, 500)), 1.959964
    q, se, sp = (40 + z * z / 2) / (500 + z * z), 46 / 62, 199 / 202
    rho = (q + sp - 1) / (se + sp - 1)
    v_se, v_sp = se * (1 - se) / 62, sp * (1 - sp) / 202
    middle = rho + 2 * z * z * (rho * v_se - (1 - rho) * v_sp)
    reach = z * math.sqrt(q * (1 - q) / (500 + z * z) + rho**2 * v_se + (1 - rho) ** 2 * v_sp) / (se + sp - 1)
    assert made.value == pytest.approx(0.07 / 0.74)
    assert (made.low, made.high) == pytest.approx((middle - reach, middle + reach), abs=1e-6)


def test_a_certain_inspection_gives_the_interval_of_agresti_and_coull():
    """Thousands of known cases, all seen, and no false alarms: only the recorded share is uncertain; 20 of 200 by hand."""
    sight = Sight(Tally(found=10**9, of=10**9), None)
    made = corrected(Recorded(0.1, 200), sight)
    z = 1.959964
    moved = (20 + z * z / 2) / (200 + z * z)
    reach = z * math.sqrt(moved * (1 - moved) / (200 + z * z))
    assert (made.value, made.low, made.high) == pytest.approx((0.1, moved - reach, moved + reach), abs=1e-6)


def test_the_posterior_is_the_integral_by_quadrature():
    """With sensitivity 0.6 and no false alarms for certain, the distribution function at three points agrees with scipy's quadrature."""
    drawn = posterior(Recorded(0.06, 200), Sight(Tally(found=6 * 10**7, of=10**8), None), seed=1)

    def density(share: float) -> float:
        return float(stats.binom.pmf(12, 200, 0.6 * share) * stats.beta.pdf(share, 0.5, 0.5))

    whole = integrate.quad(density, 0, 1, points=[0.1])[0]
    for at in (0.07, 0.1, 0.14):
        assert np.mean(drawn.share <= at) == pytest.approx(integrate.quad(density, 0, at)[0] / whole, abs=0.01)
    assert np.all(drawn.false_alarms == 0)


def test_fewer_findings_than_false_alarms_have_a_reason_by_the_formula_and_a_ceiling_by_the_posterior():
    """5 of 500 recorded where 2 of 100 clean places are recorded by mistake."""
    sight = Sight(Tally(found=45, of=60), Tally(found=196, of=200))
    assert corrected(Recorded(0.01, 500), sight).note == "below_false_alarms"
    true, alarms = bayesian(Recorded(0.01, 500), sight, "true_prevalence", ABOUT, level=0.95, seed=1)
    assert 0 <= true.low < true.value < true.high < 0.03
    assert alarms.value > 0.5


@pytest.mark.parametrize(
    ("sight", "reason"),
    [
        (Sight(Tally(found=1, of=200), Tally(found=190, of=200)), "sees_no_more_than_chance"),
        (Sight(TwoVisits(0, 10, 10, 80), None), "agree_by_chance"),
    ],
)
def test_an_inspection_that_sees_nothing_gives_a_reason(sight, reason):
    """Youden's index is below zero, or no case was found twice: a sentence instead of a number, on both roads."""
    assert corrected(Recorded(0.1, 100), sight).note == reason
    assert {e.note for e in bayesian(Recorded(0.1, 100), sight, "x", ABOUT, level=0.95, seed=1)} == {reason}


def test_an_answer_of_two_visits_sees_more():
    """Half the answers rest on two visits with sensitivity 0.5: together 0.5 * 0.5 + 0.5 * 0.75 = 0.625; a record of 0.125 is a fifth."""
    sight = Sight(Tally(found=500, of=1000), None)
    assert corrected(Recorded(0.125, 400, {1: 0.5, 2: 0.5}), sight).value == pytest.approx(0.2)


def test_counts_that_are_no_share_are_refused():
    """More findings than visits."""
    with pytest.raises(InputError, match=r"recorded: 1\.2 of 10 answers is not a share"):
        Recorded(1.2, 10)


@pytest.mark.parametrize("method", ["audit", "labelled"])
def test_an_interval_tells_how_many_answers_it_is_worth(method):
    """Wilson's at 90 for visits by lot; a normal one at 90 for resampled ones."""
    low, high = wilson_interval(0.2, 90, level=0.95)
    if method == "labelled":
        reach = 1.959964 * math.sqrt(0.2 * 0.8 / 90)
        low, high = 0.2 - reach, 0.2 + reach
    told = recorded_of(Estimate("", "prevalence", 0.2, low, high, 400, method, 0.95), {1: 1.0})
    assert told.n == pytest.approx(90, abs=0.01)


def test_an_interval_without_width_is_worth_no_number_of_answers():
    """It says nothing of how far the share may be off, so nothing can be corrected with it."""
    assert recorded_of(Estimate("", "prevalence", 0.6, 0.6, 0.6, 60, "labelled", 0.95), {1: 1.0}) is None
    assert recorded_of(Estimate("", "prevalence", 0.6, 0.6, 0.6, 60, "audit", 0.95), {1: 1.0}) is None


def test_every_form_is_corrected_in_its_own_right_or_has_its_reason():
    """A form without an interval keeps its note; the same seed gives the same numbers."""
    low, high = wilson_interval(0.1, 300, level=0.95)
    shares = [
        Estimate("", "prevalence", 0.1, low, high, 300, "audit", 0.95),
        Estimate("", "prevalence", n=7, method="weighted", note="few_visits"),
    ]
    told, again = (
        tuple(corrected_estimates(shares, SEES, DECLARED, {"prevalence": {1: 1.0}}, level=0.95, seed=3))
        for _ in range(2)
    )
    assert told == again
    assert [(e.metric, e.method, e.note) for e in told] == [
        ("true_prevalence", "audit", ""),
        ("true_prevalence", "audit", ""),
        ("false_alarm_share_prevalence", "audit", ""),
        ("true_prevalence", "weighted", "few_visits"),
        ("true_prevalence", "weighted", "few_visits"),
    ]
    assert told[0].value == pytest.approx(0.09 / 0.74)
    assert told[0].at == FORMULA


def test_a_record_outside_what_is_there_is_found_in_the_fairest_form():
    """Half is missed for certain: 10 of 100 recorded, 20 there."""
    low, high = wilson_interval(0.1, 3000, level=0.95)
    shares = [Estimate("", "prevalence", 0.1, low, high, 3000, m, 0.95) for m in ("weighted", "audit")]
    sight = Sight(Tally(found=5000, of=10000), None)
    told = tuple(corrected_estimates(shares, sight, DECLARED, {}, level=0.95, seed=3))
    found = {(f.code, f.facts.get("by")): f for f in check_inspections(told, shares, DECLARED)}
    first = found["TK133", "prevalence"]
    assert (first.verdict, first.facts["counted"], first.facts["recorded"]) == ("found", "audit", 10.0)
    assert first.facts["low"] > 17
    assert found["TK136", "prevalence"].verdict == "not_found"
    assert found["TK133", "precision_at_capacity"].facts["reason"] == "nothing_corrected"


def test_intervals_hold_the_truth_of_planted_processes():
    """200 times prevalence 0.10 with sensitivity 0.5: at least 95 in 100 less three Monte Carlo errors; what was recorded does not."""
    rng, held = np.random.default_rng(11), np.zeros(3)
    for seed in range(200):
        recorded = Recorded(rng.binomial(600, 0.10 * 0.5 + 0.90 * 0.01) / 600, 600)
        sight = Sight(Tally(found=int(rng.binomial(80, 0.5)), of=80), Tally(found=int(rng.binomial(400, 0.99)), of=400))
        made = (corrected(recorded, sight), bayesian(recorded, sight, "x", ABOUT, level=0.95, seed=seed)[0])
        naive = wilson_interval(recorded.share, 600, level=0.95)
        held += [*(e.low <= 0.10 <= e.high for e in made), naive[0] <= 0.10 <= naive[1]]
    assert (held[:2] / 200 > 0.95 - 3 * math.sqrt(0.0475 / 200)).all()
    assert held[2] / 200 < 0.2
