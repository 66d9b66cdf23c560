"""The share of all places of a group: what was seen stays as it is, and the rest is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.evaluation.all_places import AllPlaces, all_places_estimates
from tegenkracht.evaluation.answers import Answers
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.pooled import Groups


def told_of(found, visited, places, *, minimum=1):
    """Estimates of groups of independent places, by name."""
    n, worth = np.array(visited, float), np.array(places, float)
    share = np.divide(found, n, out=np.zeros(n.size), where=n > 0)
    groups = Groups([f"region={i}" for i in range(n.size)], Answers(share, n, n), minimum)
    told = all_places_estimates(
        groups,
        AllPlaces(worth, worth, n),
        "rate",
        About(),
        form="audit",
        level=0.95,
        rng=np.random.default_rng(1),
    )
    return {e.group: e for e in told}


def test_a_group_of_which_every_place_was_seen_is_known():
    """Three of thirty places, all seen: a tenth, without doubt; the number that it rests on is that of its places."""
    told = told_of([3, 4], [30, 40], [30, 400])
    known = told["region=0"]
    assert (known.value, known.low, known.high, known.n) == (
        pytest.approx(0.1),
        pytest.approx(0.1),
        pytest.approx(0.1),
        30,
    )
    assert told["region=1"].high - told["region=1"].low > 0.02
    assert known.id == "/rate_all_places/region=0/form=audit/all/pooled"


def test_a_small_group_can_have_no_case_or_several():
    """Regions that are alike at one in a hundred: a region of forty places has none or more than twice the rate, one of forty thousand has not."""
    visited = [2_000] * 12
    told = told_of([20] * 12, visited, [2_040] * 11 + [42_000])
    small = told_of([20] * 11 + [0], [2_000] * 11 + [0.001], [42_000] * 11 + [40])["region=11"]
    assert (small.low, small.high >= 0.025) == (0, True)
    large = told["region=11"]
    assert large.high - large.low < 0.01


def test_a_count_of_few_places_is_held_as_often_as_promised():
    """Forty regions of two hundred places with rates around a tenth, half of which were seen: 93 to 97.5 of 100 counts lie inside (whole cases make it more than 95)."""
    rng = np.random.default_rng(2)
    held = []
    for _ in range(25):
        cases = rng.random((40, 200)) < rng.beta(4, 36, size=(40, 1))
        told = told_of(cases[:, :100].sum(axis=1), [100] * 40, [200] * 40)
        counted = cases.mean(axis=1)
        held += [
            told[f"region={i}"].low - 1e-9 <= share <= told[f"region={i}"].high + 1e-9
            for i, share in enumerate(counted)
        ]
    assert 0.93 < np.mean(held) < 0.975


def test_places_of_one_strip_that_are_alike_are_worth_less():
    """Two strips of four, of which one finds everywhere and one nowhere, beside strips that agree: eight places count as two."""
    strip = np.repeat(np.arange(6), 4)
    yes = np.repeat([1.0, 0, 1, 0, 1, 0], 4)
    told = AllPlaces.of(
        group=np.repeat([0, 0, 1, 1, 2, 2], 4),
        groups=3,
        cluster=strip,
        visited=np.arange(24),
        yes=yes,
        weight=np.ones(24),
    )
    assert told.count.tolist() == [8, 8, 8]
    assert told.worth == pytest.approx([2, 2, 2])
    assert told.seen == pytest.approx(told.worth)


def test_a_group_under_the_minimum_is_not_told():
    """Six visits where ten are asked: a reason, and the smallest of the others goes too."""
    told = told_of([3, 4, 1], [30, 40, 6], [300, 400, 60], minimum=10)
    assert [e.note for e in told.values()] == ["group_under_minimum", "", "group_under_minimum"]


def test_one_group_has_nothing_to_lean_on():
    """Nothing is told."""
    assert told_of([3], [30], [300]) == {}
