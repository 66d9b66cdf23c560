"""Validity studies of mitigations in small."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType


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
    """Four processes, ten mitigations: bounds always hold; with chances, and by lot, at most one of seven intervals misses.

    What is above the smallest change that is stated is shown, weighed, and nothing is where nothing is done.
    """
    forms = script("mitigation_forms")
    lines = forms.study(4, 1, larger=10)
    assert all(line.yes == line.times == 4 for line in lines if line.wanted == forms.ALWAYS)
    claimed = [line for line in lines if line.wanted == forms.COVERED]
    assert sum(line.times for line in claimed) == 80
    assert sum(line.yes for line in claimed) >= 69
    shown = [line for line in lines if line.wanted == forms.AT_LEAST]
    assert sum(line.yes for line in shown) >= sum(line.times for line in shown) - 1 >= 1
    assert sum(line.yes for line in lines if line.wanted == forms.AT_MOST) <= 1
