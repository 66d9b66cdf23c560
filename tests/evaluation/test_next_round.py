"""The next round: hand values, simulated truth, and the sample sizes of methods B-6."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from tegenkracht.core.criterion import Criterion
from tegenkracht.core.decision import NextRound
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.next_round import (
    Claim,
    check_next_round,
    claims_of,
    finds_of_rounds,
    half_width,
    plans_of_rounds,
    visits_for_claim,
    visits_for_width,
)
from tegenkracht.evaluation.sample import sample_of

ASKED = NextRound(random_share=0.1, shares=(0.0, 0.2), half_width=0.02)


def finds(scores, *, asked=ASKED, capacity=100, replicates=100):
    """Expected finds and what is given up, by id."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    made = finds_of_rounds(
        sample,
        None,
        model="m",
        asked=asked,
        capacity=capacity,
        replicates=replicates,
        level=0.95,
        seed=1,
        threads=1,
        progress=silent,
    )
    return {e.id: e for e in made}


def test_finds_by_hand(scores_from):
    """1,000 places, findings at the first 60 scores and at ten more: 100 visits find 60; 80 with 20 by lot find 60 + 20 * 0.07, so lots cost -1.4."""
    outcome = np.zeros(1000)
    outcome[:60] = outcome[990:] = 1
    found = finds(scores_from({"m": np.arange(1000.0)[::-1]}, outcome))
    assert found["m/expected_finds//capacity=100,by_lot=0/all/labelled"].value == pytest.approx(60)
    assert found["m/expected_finds//capacity=100,by_lot=0.2/all/labelled"].value == pytest.approx(60 + 20 * 0.07)
    given = found["m/finds_given_up//capacity=100,by_lot=0.2/all/labelled"]
    assert given.value == pytest.approx(-1.4)
    assert given.low < given.value < given.high
    assert "m/finds_given_up//capacity=100,by_lot=0/all/labelled" not in found


def test_lots_cost_what_the_last_places_of_the_list_would_have_found(scores_from):
    """Every place on the list has a finding and none elsewhere: ten lots among a thousand give up ten finds less one."""
    outcome = np.concatenate([np.ones(100), np.zeros(900)])
    found = finds(scores_from({"m": np.arange(1000.0)[::-1]}, outcome))
    assert found["m/finds_given_up//capacity=100,by_lot=0.1/all/labelled"].value == pytest.approx(10 - 10 * 0.1)


def test_too_few_visits_on_the_list_give_no_finds(scores_from):
    """Ten visited places on a list: the reason, and no number."""
    outcome = np.full(1000, np.nan)
    outcome[:10] = outcome[500:] = 0
    found = finds(scores_from({"m": np.arange(1000.0)[::-1]}, outcome))
    assert {e.note for e in found.values()} == {"few_visits"}


@pytest.mark.parametrize(("half", "visits"), [(0.01, 1118), (0.02, 280)])
def test_visits_for_a_width_are_the_published_ones(half, visits):
    """Prevalence 0.03, as in methods B-6."""
    assert visits_for_width(prevalence=0.03, half_width=half, level=0.95) == visits


def test_that_many_visits_give_that_width():
    """There and back: 1,118 visits at 0.03 reach 0.01 to each side."""
    assert half_width(prevalence=0.03, visits=1118, level=0.95) == pytest.approx(0.01, abs=1e-5)


def test_visits_for_a_claim_establish_it_half_of_the_time():
    """Lists that find 30 and 10 of a hundred: with 29 visits each the interval of the difference leaves zero out in about half of 4,000 draws.

    With twice as many it does in four of five.
    """
    needed = visits_for_claim(list_=0.3, other=0.1, limit=0.0, level=0.95)
    rng = np.random.default_rng(1)
    shares = []
    for visits in (needed, 2 * needed):
        mine, theirs = (rng.binomial(visits, p, 4000) / visits for p in (0.3, 0.1))
        error = np.sqrt((mine * (1 - mine) + theirs * (1 - theirs)) / visits)
        shares.append(float((mine - theirs > 1.96 * error).mean()))
    assert shares == pytest.approx([0.5, 0.8], abs=0.06)


def test_a_claim_above_its_own_figure_is_not_promised_any_number():
    """A list that finds 10 of a hundred will not be shown to find 20."""
    assert visits_for_claim(list_=0.1, other=None, limit=0.2, level=0.95) is None


def measured(metric, value, low=None, high=None, *, model="", form="labelled", at="", n=400):
    """A figure of the study."""
    return Estimate(model, metric, value, low, high, n=n, method=form, level=0.95 if low is not None else None, at=at)


MEASURED = (
    measured("prevalence", 0.04, 0.02, 0.06),
    measured("prevalence", 0.03, 0.01, 0.05, form="audit"),
    measured("listed_unobserved", 60.0, model="m", form="count", at="capacity=100", n=100),
    measured("precision_at_capacity", 0.30, 0.2, 0.4, model="m", at="capacity=100"),
    measured("precision_by_lot", 0.10, 0.05, 0.15, at="capacity=100"),
)


def plans(*claims):
    """Arithmetic on those figures, by id."""
    made = plans_of_rounds(MEASURED, asked=ASKED, claims=claims, main="m", capacity=100, level=0.95)
    return {e.id: e for e in made}


def test_visits_by_lot_are_counted_from_the_prevalence_that_nobody_chose():
    """From 0.03 by lot (0.01 to 0.05), not from 0.04 where somebody went: 280 visits (96 to 457), 14 rounds of 20."""
    found = plans()
    needed = found["/visits_needed//half_width=0.02/all/audit"]
    assert (needed.value, needed.low, needed.high) == (280, 96, 457)
    rounds = found["m/rounds_needed//capacity=100,by_lot=0.2/all/audit"]
    assert (rounds.value, rounds.low, rounds.high) == (14, 5, 23)
    assert found["m/rounds_needed//capacity=100,by_lot=0/all/fixed"].note == "no_lots"


def test_what_stays_open_about_the_list():
    """Sixty of a hundred lines now; after a round with a fifth by lot twenty, without lots none."""
    found = plans()
    assert found["m/bounds_width//capacity=100,by_lot=now/all/count"].value == pytest.approx(0.6)
    widths = [found[f"m/bounds_width//capacity=100,by_lot={s}/all/fixed"].value for s in ("0", "0.1", "0.2")]
    assert widths == pytest.approx([0.0, 0.1, 0.2])


def test_claims_are_taken_from_the_promises_of_the_study():
    """Better than a lot by 5 points: 30 against 10 of a hundred needs z^2 * 0.30 / 0.15^2 = 52 visits to each; a promise about AUC is not about visits."""
    text = Text(nl="b", en="p")
    common = {"label": text, "model": "m", "method": "labelled"}
    criteria = (
        Criterion(name="lot", metric="precision_above_random", at_least=0.05, **common),
        Criterion(name="auc", metric="auc", at_least=0.7, **common),
        Criterion(name="rule", metric="precision_difference", versus="other", at_least=0.0, **common),
    )
    claims = claims_of(criteria)
    assert claims == (Claim("lot", "m", "lot", 0.05), Claim("rule", "m", "other", 0.0))
    found = plans(*claims)
    assert found["m/visits_needed//claim=lot/all/labelled"].value == 52
    assert found["m/visits_needed//claim=rule/all/labelled"].note == "nobody_visited"


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.0, "found"), (0.004, "found"), (0.1, "not_found"), (None, "not_applicable")]
)
def test_a_round_without_lots_is_found(share, verdict):
    """TK127: none of a hundred visits, also when the share rounds to none."""
    asked = None if share is None else NextRound(random_share=share, shares=(0.0,), half_width=0.02)
    finding = check_next_round(asked, capacity=100, main="m")
    assert finding.verdict == verdict
    assert finding.facts.get("reason") == ("no_next_round" if share is None else None)


@pytest.mark.parametrize("shares", [(0.2, 0.1), (0.1, 0.1), (0.5, 1.0)])
def test_shares_ascend_and_stay_below_one(shares):
    """Half of the visits is 0.5, and a round of lots alone needs no list."""
    with pytest.raises(ValidationError, match="must ascend from 0 to below 1"):
        NextRound(random_share=0.1, shares=shares, half_width=0.02)


@pytest.mark.parametrize("found", [0.0, 1.0])
def test_none_found_is_no_reason_to_plan_no_visits(found):
    """Sixty visits that found nothing (or at each something) leave up to 6 of 100 open: the plan starts from Wilson's centre, not from certainty."""
    low, high = wilson_interval(found, 60, level=0.95)
    share = measured("prevalence", found, low, high, form="audit", n=60)
    made = plans_of_rounds([share], asked=ASKED, claims=(), main="m", capacity=100, level=0.95)
    told = {e.id: e for e in made}
    needed = told["/visits_needed//half_width=0.02/all/audit"]
    centre = (low + high) / 2
    assert needed.value == visits_for_width(prevalence=centre, half_width=0.02, level=0.95) > 0
    width = told["m/prevalence_half_width//capacity=100,by_lot=0.2/all/audit"]
    assert width.value == pytest.approx(half_width(prevalence=centre, visits=20, level=0.95))


def test_a_share_of_none_without_an_interval_plans_nothing():
    """Nothing tells how much is open, so no number of visits is promised."""
    share = replace(measured("prevalence", 0.0, form="audit"), note="never_moves")
    made = plans_of_rounds([share], asked=ASKED, claims=(), main="m", capacity=100, level=0.95)
    told = {(e.metric, e.value, e.note) for e in made if e.metric in ("visits_needed", "prevalence_half_width")}
    assert told == {
        ("visits_needed", None, "never_moves"),
        ("prevalence_half_width", None, "never_moves"),
        ("prevalence_half_width", None, "no_lots"),
    }
