"""How validity studies count."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


def test_a_share_over_worlds_knows_that_studies_of_one_world_go_together(script: Callable[[str], ModuleType]) -> None:
    """Two worlds that disagree are two answers, however many studies they have; one world says nothing of how worlds differ."""
    share_over_worlds = script("line").share_over_worlds
    assert share_over_worlds([[True] * 10, [False] * 10]) == "50.0 % (MCSE 50.0)"
    assert share_over_worlds([[True, False], []]) == "50.0 %"
    assert share_over_worlds([[], []]) == "none"


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
