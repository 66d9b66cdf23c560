"""Validity studies of worlds in small: intervals, weighed groups and areas."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np


def test_intervals_and_bounds_hold_the_truth_of_a_few_clean_worlds(script: Callable[[str], ModuleType]) -> None:
    """Six worlds, fourteen figures each that claim to hold the truth: at most nine of 84 miss, and bounds hold it always."""
    intervals = script("intervals")
    seen = [intervals.one_world("clean", seed) for seed in range(1, 7)]
    held = {
        (seed, *key): low <= truth <= high
        for seed, one in enumerate(seen)
        for key, (truth, _, low, high) in one.figures.items()
        if np.isfinite(truth)
    }
    bounds = [holds for (*_, method), holds in held.items() if method == "bounds"]
    assert len(bounds) >= 6
    assert all(bounds)
    claimed = [holds for (*_, method), holds in held.items() if method in intervals.VALID]
    assert len(claimed) >= 75
    assert claimed.count(False) <= 9
    assert sum("found" in [one.verdicts[code] for code in intervals.WARNINGS] for one in seen) <= 1


def test_it_is_said_that_tips_decided_where_people_went(script: Callable[[str], ModuleType]) -> None:
    """Three worlds with tips: an estimated chance misses the prevalence, and a finding says so in two of them at least."""
    intervals = script("intervals")
    seen = [intervals.one_world("selected+tips", seed) for seed in (1, 2, 3)]
    too_high = [one.figures["prevalence", "adjusted"] for one in seen]
    assert sum(low > truth for truth, _, low, _ in too_high) >= 2
    assert sum("found" in [one.verdicts[code] for code in intervals.WARNINGS] for one in seen) >= 2


def test_it_is_said_that_most_places_have_no_chance_of_a_visit(script: Callable[[str], ModuleType]) -> None:
    """Three worlds in which all go to the places with most indications: overlap is missing (TK114), and a few visits carry the weight (TK113)."""
    seen = [script("intervals").one_world("no_overlap", seed) for seed in (1, 2, 3)]
    assert {one.verdicts[code] for one in seen for code in ("TK113", "TK114")} == {"found"}


def test_gaps_between_groups_are_held_when_weighed(script: Callable[[str], ModuleType]) -> None:
    """Eight worlds in which visits go more often to one group: at most eight of some sixty weighed figures miss, and bounds hold the truth always.

    Of weighed gaps above the smallest that is stated at most one is not shown.
    """
    seen = [script("weighed_groups").one_world("selected", seed) for seed in range(1, 9)]
    held = [(way, low <= truth <= high) for one in seen for (_, way), (truth, _, low, high) in one.figures.items()]
    bounds = [holds for way, holds in held if way == "bounds"]
    assert len(bounds) >= 8
    assert all(bounds)
    weighed = [holds for way, holds in held if way == "weighted"]
    assert len(weighed) >= 54
    assert weighed.count(False) <= 8
    large = [shown for one in seen for truth, least, shown in one.shown.values() if truth >= least]
    assert large.count(True) >= max(len(large) - 1, 1)
    too_high = [one.figures["false_positive_rate", "labelled"] for one in seen]
    assert (
        sum(low > truth for truth, _, low, _ in too_high) >= 6
    )  # visits go to the list, so that clear places on it are seen too often


def test_areas_of_small_worlds_are_held_where_visits_are_drawn_by_lot(script: Callable[[str], ModuleType]) -> None:
    """Two worlds in which nothing is chosen: nine in ten for what is found and looks for nothing, bounds always; fewer where only visited places count."""
    areas = script("area_intervals")
    lines = areas.summary("clean", [areas.one_world("clean", seed) for seed in (1, 2)])
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    held = {(row[1], row[2]): float(row[7].partition(" ")[0]) for row in rows}
    for figure in ("finding_rate", "false_positive_rate"):
        assert held[figure, "audit"] >= 90
        assert held[figure, "labelled"] < held[figure, "audit"]
    assert all(share == 100 for (_, way), share in held.items() if way == "bounds")
