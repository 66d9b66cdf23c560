"""How well inspections see: pairs of visits by hand, sensitivity by closed form, and planted processes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tegenkracht.core.inspections import DoubleVisits, Inspections, Tally
from tegenkracht.core.text import Text
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.sight import (
    DECLARED,
    TWICE,
    Sight,
    TwoVisits,
    counted,
    looked_twice,
    sight_estimates,
    sight_of,
)

WHY = Text(nl="geteld", en="counted")
TWICE_ASKED = DoubleVisits(within_days=14, at_least=10)


def pairs_of(both: int, first: int, second: int, neither: int) -> pd.DataFrame:
    """As `looked_twice` gives them, by two inspectors in turn."""
    cells = [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither
    table = pd.DataFrame(cells, columns=["first", "second"])
    return table.assign(channel="risk", inspector=[f"i{k % 2}" for k in range(len(table))])


def test_pairs_are_near_in_time_at_one_place_and_by_two_people():
    """Of six visits one pair: others are by the same person, too late, at another place, or by nobody known."""
    visits = pd.DataFrame(
        [
            ("a", "1", "2024-01-01", "risk", "x", 1.0),
            ("a", "2", "2024-01-10", "programme", "y", 0.0),
            ("a", "3", "2024-01-12", "risk", "y", 1.0),
            ("a", "4", "2024-03-01", "risk", "x", 1.0),
            ("b", "5", "2024-03-02", "risk", "y", 1.0),
            ("b", "6", "2024-03-03", "risk", None, 1.0),
        ],
        columns=["unit_id", "inspection_id", "inspected_on", "channel", "inspector", "positive"],
    )
    visits["inspected_on"] = pd.to_datetime(visits["inspected_on"])
    pairs = looked_twice(visits.sample(frac=1, random_state=1), within_days=14)
    assert pairs.values.tolist() == [[True, False, "risk", "x"]]
    assert counted(pairs) == TwoVisits(0, 1, 0, 0)


def test_without_false_alarms_sensitivity_is_what_was_found_again():
    """30 found twice and 40 once: 60 of 100 findings were shared; worth what the delta method by hand gives."""
    found = Sight(TwoVisits(30, 25, 15, 930), None).cases
    assert found.share == pytest.approx(0.6)
    p = 30 / 70
    variance = (2 / (1 + p) ** 2) ** 2 * p * (1 - p) / 70
    assert found.n == pytest.approx(0.6 * 0.4 / variance)


def test_false_alarms_are_taken_out_of_double_visits():
    """Prevalence 0.1, sensitivity 0.5, specificity 0.98 of ten thousand pairs as expected: 0.5 again; without that knowledge it is lower."""
    both, q = 0.1 * 0.25 + 0.9 * 0.0004, 0.1 * 0.5 + 0.9 * 0.02
    cells = (both, q - both, q - both, 1 - 2 * q + both)
    told = TwoVisits(*(round(1_000_000 * cell) for cell in cells))
    assert Sight(told, Tally(found=98, of=100)).cases.share == pytest.approx(0.5, abs=1e-4)
    assert Sight(told, None).cases.share == pytest.approx(both / q, abs=1e-4)


def test_draws_lie_around_the_share_and_see_more_than_chance():
    """Ten thousand draws: the mean of what 300 pairs say, and no draw at or below chance."""
    sight = Sight(TwoVisits(60, 40, 40, 160), Tally(found=190, of=200))
    cases, clean = sight.draws(np.random.default_rng(2), 10_000)
    assert cases.mean() == pytest.approx(sight.cases.share, abs=0.01)
    assert clean.mean() == pytest.approx(0.95, abs=0.01)
    assert (cases + clean > 1).all()


def test_double_visits_go_before_a_declared_sensitivity_where_they_are_enough():
    """Twenty findings are; with nine the declared one is used, and without one there is a reason."""
    both = Inspections(sensitivity=Tally(found=5, of=10), double_visits=TWICE_ASKED, why=WHY)
    only = Inspections(double_visits=TWICE_ASKED)
    assert sight_of(both, pairs_of(10, 5, 5, 80))[1] == TWICE
    assert sight_of(both, pairs_of(3, 3, 3, 80))[1] == DECLARED
    assert sight_of(only, pairs_of(3, 3, 3, 80)) == (None, "few_double_visits")
    assert sight_of(only, pairs_of(0, 10, 10, 80)) == (None, "agree_by_chance")


def test_estimates_tell_the_source_and_the_reason():
    """Declared shares have Wilson's interval; pairs are counted; groups are told only where all together are enough."""
    asked = Inspections(
        sensitivity=Tally(found=5, of=10), specificity=Tally(found=99, of=100), double_visits=TWICE_ASKED, why=WHY
    )
    few = {(e.metric, e.at): e for e in sight_estimates(asked, pairs_of(3, 3, 2, 20), level=0.95)}
    declared = few["sensitivity", DECLARED]
    assert (declared.low, declared.high) == pytest.approx(wilson_interval(0.5, 10, level=0.95))
    assert few["double_visits", f"{TWICE},found=first"].value == 3
    assert (few["sensitivity", TWICE].note, few["sensitivity", TWICE].n) == ("few_double_visits", 8)
    enough = [e for e in sight_estimates(asked, pairs_of(20, 8, 8, 100), level=0.95) if e.group]
    assert [e.group for e in enough] == ["channel=risk", "inspector=i0", "inspector=i1"]
    assert all(e.is_known for e in enough)


def test_the_interval_of_sensitivity_holds_the_truth_of_planted_pairs():
    """300 times 1,500 pairs with prevalence 0.1, sensitivity 0.5 and specificity 0.99: at least 95 in 100 less three Monte Carlo errors."""
    rng, held = np.random.default_rng(5), 0
    for _ in range(300):
        see = np.where(rng.random(1500) < 0.1, 0.5, 0.01)
        one, two = rng.random((2, 1500)) < see
        told = TwoVisits(int((one & two).sum()), int((one & ~two).sum()), int((~one & two).sum()), 0)
        told = TwoVisits(told.both, told.first, told.second, 1500 - told.found)
        found = Sight(told, Tally(found=int(rng.binomial(2000, 0.99)), of=2000)).cases
        low, high = wilson_interval(found.share, found.n, level=0.95)
        held += low <= 0.5 <= high
    assert held / 300 > 0.95 - 3 * math.sqrt(0.0475 / 300)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"sensitivity": {"found": 61, "of": 60}, "why": WHY}, "61 of 60 is not a share"),
        ({"specificity": {"found": 9, "of": 10}, "why": WHY}, "how well an inspection sees is not said"),
        ({"sensitivity": {"found": 9, "of": 10}}, "write in `why` who counted it"),
        (
            {"sensitivity": {"found": 4, "of": 10}, "specificity": {"found": 5, "of": 10}, "why": WHY},
            "sensitivity and specificity add up to 0.90: such an inspection sees no more than chance",
        ),
        ({"double_visits": {"within_days": 14, "at_least": 5}}, "greater than or equal to 10"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused(record, message):
    """The message says what is wrong."""
    with pytest.raises(ValidationError, match=message):
        Inspections(**record)
