"""Validity studies of audits in small: gaps between groups, thresholds and labels."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType


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


def test_label_gaps_that_were_planted_are_found(script: Callable[[str], ModuleType]) -> None:
    """Four processes: what is above the stated smallest gap is found, and where nothing is planted at most one alarm is raised."""
    planted = script("planted")
    seen = [one for seed in range(1, 5) for one in planted.one_of_each(seed)]
    above = [so for name, so in seen if name == planted.ABOVE]
    assert len(above) >= 6
    assert above.count(False) <= 1
    assert [so for name, so in seen if name == planted.TK212_CLEAN].count(True) <= 1
    assert [so for name, so in seen if name == planted.HELD].count(False) <= 3
