"""Validity studies in small: the same scripts as the tables of experiments/validity, with a few worlds or processes each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPTS = Path(__file__).parents[2] / "experiments" / "validity"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A script by name, with its neighbours at hand."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module


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


def test_mitigation_narrows_the_true_gap_and_what_does_nothing_is_not_said_to(
    script: Callable[[str], ModuleType],
) -> None:
    """Eight processes: a quota narrows the true gap in the next period and it is said; nothing done, nothing said; a quota that was dropped is.

    Without the column that tells the group, or with a direction that it goes against, little is left of the gap; directions that nothing goes against leave it.
    """
    table = script("mitigation").study(8, 1, larger=10)
    assert all(abs(after) < abs(before) for before, after, _ in table.true["quota"])
    above = [line for (_, where), line in table.narrower.items() if where == script("mitigation").ABOVE]
    assert sum(line.times for line in above) >= 16
    assert sum(line.yes for line in above) >= sum(line.times for line in above) - 2
    assert table.narrower["nothing", ""].yes <= 1
    for name in ("without", "against"):
        assert all(abs(after) < abs(before) / 4 for before, after, _ in table.true[name])
    assert all(abs(after) > abs(before) / 2 for before, after, _ in table.true["along"])
    assert table.narrower["along", ""].yes <= 1
    assert table.kept["fading", ""].times >= 7
    assert table.kept["fading", ""].yes >= table.kept["fading", ""].times - 1


def test_changes_counted_with_chosen_visits_come_true(script: Callable[[str], ModuleType]) -> None:
    """Four processes, ten mitigations: bounds always hold; with chances, and by lot, at most one of seven intervals misses."""
    forms = script("mitigation_forms")
    lines = forms.study(4, 1, larger=10)
    assert all(line.yes == line.times == 4 for line in lines if line.wanted == forms.ALWAYS)
    claimed = [line for line in lines if line.wanted == forms.COVERED]
    assert sum(line.times for line in claimed) == 80
    assert sum(line.yes for line in claimed) >= 69


def test_gaps_between_groups_are_shown_where_they_can_be(script: Callable[[str], ModuleType]) -> None:
    """Eight processes without a gap and eight with one: seldom an alarm, intervals that hold what was planted."""
    alarm, none, *planted, _, _ = script("group_gaps").group_gaps(8, 1000)
    assert alarm.yes <= 2
    for line in (none, *planted[:6]):
        assert line.yes >= 0.8 * line.times, line
    shown = planted[6:]
    assert all(line.times for line in shown)
    assert sum(line.yes for line in shown) >= 0.9 * sum(line.times for line in shown)


def test_thresholds_are_told_from_what_there_is_to_find(script: Callable[[str], ModuleType]) -> None:
    """Six processes with one threshold and six with a much lower one: no alarm or one, all found, and intervals that hold the true difference."""
    one, lower = "equal thresholds, more to find in one group", "much lower threshold, and more to find"
    _, alarm, held = script("thresholds").thresholds([one], 6, 1000)
    assert alarm.yes <= 1
    _, found, above, _, held_too = script("thresholds").thresholds([lower], 6, 1000)
    assert found.yes == 6
    assert above.times >= 2
    assert above.yes == above.times
    assert held.yes + held_too.yes >= 10


def test_label_gaps_of_small_worlds_are_held(script: Callable[[str], ModuleType]) -> None:
    """Four studies of one world in which nothing is planted: the gap at equal scores, were every visit made that could be made, is outside one at most."""
    fairness = script("fairness")
    heard = fairness.one_world("clean", 1, scale=0.03, parts=4, deals=1)
    gaps = [one.gaps[fairness.GAP, fairness.EQUAL] for one in heard]
    assert sum(gap.low <= gap.true <= gap.high for gap in gaps) >= 3
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in fairness.summary("clean", [heard])]
    held = next(row for row in rows if row[1] == "`found_gap`: interval holds the truth of its world")
    assert held[2] == "4"
    assert float(held[3].partition(" ")[0]) >= 75


def test_a_share_over_worlds_knows_that_studies_of_one_world_go_together(script: Callable[[str], ModuleType]) -> None:
    """Two worlds that disagree are two answers, however many studies they have; one world says nothing of how worlds differ."""
    share_over_worlds = script("line").share_over_worlds
    assert share_over_worlds([[True] * 10, [False] * 10]) == "50.0 % (MCSE 50.0)"
    assert share_over_worlds([[True, False], []]) == "50.0 %"
    assert share_over_worlds([[], []]) == "none"


def test_label_gaps_that_were_planted_are_found(script: Callable[[str], ModuleType]) -> None:
    """Four processes: what is above the stated smallest gap is found, and where nothing is planted at most one alarm is raised."""
    planted = script("planted")
    seen = [one for seed in range(1, 5) for one in planted.one_of_each(seed)]
    above = [so for name, so in seen if name == planted.ABOVE]
    assert len(above) >= 6
    assert above.count(False) <= 1
    assert [so for name, so in seen if name == planted.TK212_CLEAN].count(True) <= 1
    assert [so for name, so in seen if name == planted.HELD].count(False) <= 3


def test_figures_that_hold_the_truth_too_seldom_or_too_often_are_counted(script: Callable[[str], ModuleType]) -> None:
    """Of a table in the README's form; exact intervals of 500 worlds lie within in 97 of 100 studies, and figures of few worlds do not count."""
    tally = script("tally")
    rows = [
        ("weighted", 500, "95.0 % (93 to 97 %)", "93 to 97 %"),
        ("audit", 500, "92.9 % (90 to 95 %)", "93 to 97 %"),
        ("audit", 99, "80.0 % (70 to 90 %)", "93 to 97 %"),
        ("labelled", 500, "50.0 % (45 to 55 %)", "no claim"),
    ]
    table = "\n".join(
        f"| clean | auc | {way} | {n} | 0.6 | 0.6 | {held} | {wanted} | 0.1 |" for way, n, held, wanted in rows
    )
    figures = list(tally.figures_of(table))
    assert [f.held for f in figures] == [95.0, 92.9]
    assert tally.exact_within(500) == pytest.approx(0.97, abs=0.005)
    assert tally.exact_within(250) == pytest.approx(0.86, abs=0.005)
    first, outside = tally.told(figures)
    assert first == "1 of 2 within 93 to 97 % (1 lower, 0 higher); exact intervals: 1.9 on average"
    assert outside == "  92.9 of 500: clean auc audit"
    (both, other) = tally.together([figures, figures[:1]])
    assert (both.worlds, both.held, other.worlds) == (1_000, 95.0, 500)


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
