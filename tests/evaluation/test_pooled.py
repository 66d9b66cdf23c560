"""Sectors and regions that lean on each other: how far, and which one the others do not foretell."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.answers import Answers
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.pooled import Groups, check_pooled, left_out, pooled_estimates

RATE = "group_finding_rate"


def told_of(found, n, *, seed=1, minimum=10, form="labelled", attribute="region"):
    """Estimates of groups with so many of so many independent answers, by metric and group."""
    found, n = np.array(found, float), np.array(n, float)
    answers = Answers(np.divide(found, n, out=np.zeros(n.size), where=n > 0), n, n)
    names = [f"{attribute}={chr(97 + i)}" for i in range(n.size)]
    estimates = pooled_estimates(
        Groups(names, answers, minimum), RATE, About(), form=form, level=0.95, rng=np.random.default_rng(seed)
    )
    return {(e.metric.removeprefix(RATE), e.group.partition("=")[2]): e for e in estimates}


def findings_of(told):
    """Verdicts on the finding rate, by code."""
    checks = check_pooled(list(told.values()), by=("region",), level=0.95)
    return {f.code: f for f in checks if f.facts.get("metric", RATE) == RATE}


def test_groups_that_are_all_alike_become_one():
    """Thirty groups of 5 in 50: nine tenths of each is what they have in common, and all get one rate."""
    told = told_of([5] * 26, [50] * 26)
    assert min(told["_leaning", chr(97 + i)].value for i in range(26)) > 0.9
    assert told["_pooled", "a"].value == pytest.approx(0.1, abs=0.01)
    assert told["_spread", ""].low < 0.01
    assert findings_of(told)["TK142"].verdict == "found"


def test_large_groups_that_differ_much_stay_themselves():
    """2, 20, 50 and 80 in a hundred of two thousand each: hardly anything is taken from the others."""
    told = told_of([40, 400, 1000, 1600], [2000] * 4)
    for name, own in zip("abcd", (0.02, 0.2, 0.5, 0.8), strict=True):
        assert told["_leaning", name].value < 0.02
        assert told["_pooled", name].value == pytest.approx(own, abs=0.01)
    assert findings_of(told)["TK142"].verdict == "not_found"


def test_a_small_group_moves_further_than_a_large_one():
    """The same share, in 15 and in 300 answers, beside eight groups of a tenth: the small one ends nearer to them."""
    told = told_of([6, 120, *[10] * 8], [15, 300, *[100] * 8])
    assert told["", "a"].value == told["", "b"].value == 0.4
    assert told["_pooled", "a"].value < told["_pooled", "b"].value < 0.4
    assert told["_leaning", "a"].value > told["_leaning", "b"].value
    width = [e.high - e.low for e in (told["", "a"], told["_pooled", "a"])]
    assert width[1] < width[0]


def test_a_group_outside_what_the_others_foretell_is_named():
    """Nine groups of about 5 in a hundred and one of 40: TK140 names it, with its own share and what was foretold."""
    told = told_of([5, 4, 6, 5, 5, 4, 6, 5, 5, 40], [100] * 10)
    finding = findings_of(told)["TK140"]
    assert finding.verdict == "found"
    assert (finding.facts["group"], finding.facts["own"], finding.facts["outside"]) == ("j", 40.0, 1)
    assert finding.facts["high"] < 40
    assert findings_of(told)["TK141"].verdict == "not_found"
    assert told["_inside", ""].value == pytest.approx(0.9)


def test_groups_that_are_alike_are_all_foretold():
    """No group lies outside, and the finding says how many were looked at."""
    finding = findings_of(told_of([5, 4, 6, 5, 5, 4, 6, 5, 5, 7], [100] * 10))["TK140"]
    assert (finding.verdict, finding.facts["looked_at"]) == ("not_found", 10)


def test_a_group_under_the_minimum_is_not_shown_but_counts():
    """Groups of 9 and 10 with a minimum of 10: both hidden, since one alone could be worked out; what is common rests on all 219."""
    told = told_of([1, 2, 5, 6], [9, 10, 100, 100])
    for name in "ab":
        assert told["", name].note == told["_pooled", name].note == "group_under_minimum"
        assert ("_leaning", name) not in told
        assert ("_foretold", name) not in told
    assert told["_common", ""].n == 219
    assert {name for part, name in told if part == "_foretold"} == {"c", "d"}


def test_two_groups_cannot_foretell_each_other():
    """Leaving one of two out leaves one: no check, and a reason."""
    told = told_of([5, 6], [100, 100])
    assert told["_inside", ""].note == "too_few_groups"
    assert findings_of(told)["TK140"].facts["reason"] == "too_few_groups"


def test_one_group_has_nothing_to_lean_on():
    """A group without answers is no second group; the first has its own share only."""
    told = told_of([5, 0], [100, 0])
    assert [(key, e.note) for key, e in told.items()] == [(("", "a"), ""), (("_common", ""), "one_group")]
    assert {f.verdict for f in findings_of(told).values()} == {"not_applicable"}


def test_a_new_group_is_less_sure_than_the_average_group():
    """A region that nobody saw may lie anywhere between regions."""
    told = told_of([5, 20, 12, 2, 30, 9], [100] * 6)
    assert told["_new", ""].low < told["_common", ""].low
    assert told["_new", ""].high > told["_common", ""].high


def test_the_same_seed_gives_the_same_numbers():
    """Every number, to the last digit."""
    assert told_of([5, 20, 12], [100] * 3) == told_of([5, 20, 12], [100] * 3)


@pytest.mark.parametrize("middle", [0.05, 0.2])
def test_exchangeable_groups_raise_the_alarm_seldom_and_lie_within_as_often_as_told(middle):
    """Twelve groups of 20 to 200 from one Beta, a hundred times: at most 8 alarms (5 expected at most), and about 95 in a hundred within."""
    rng, size = np.random.default_rng(7), middle * (1 - middle) / (0.4 * middle) ** 2 - 1
    n = np.linspace(20, 200, 12).round()
    alarms, within = 0, []
    for _ in range(100):
        found = rng.binomial(n.astype(int), rng.beta(middle * size, (1 - middle) * size, 12)).astype(float)
        chances = np.array([told.chance for told in left_out(Answers(found / n, n, n), range(12), rng)])
        alarms += 12 * chances.min() < 0.05
        within.append((chances >= 0.05).mean())
    assert alarms <= 8
    assert 0.93 <= np.mean(within) <= 0.985
