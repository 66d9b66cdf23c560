"""Comparable places: the same sector and area, or wider, or none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.explanation.comparable import Typical, comparisons_of, says, typical
from tegenkracht.explanation.shown import Shown


def around(area: int, elsewhere: int) -> pd.DataFrame:
    """The place itself, others in its area and elsewhere, and a marina next door."""
    rows = [("u0", "shops", "A")]
    rows += [(f"a{i}", "shops", "A") for i in range(area)] + [(f"e{i}", "shops", "B") for i in range(elsewhere)]
    return pd.DataFrame([*rows, ("m", "marina", "A")], columns=["unit_id", "sector", "area_code"])


@pytest.mark.parametrize(("area", "elsewhere", "scopes"), [(10, 5, ["area", "sector"]), (9, 5, ["sector"]), (4, 5, [])])
def test_a_group_under_ten_is_widened_and_then_withheld(area, elsewhere, scopes) -> None:
    """Ten in the area; nine there and fourteen in all; nine in all."""
    found = comparisons_of(around(area, elsewhere), 0, at_least=10)
    assert [group.scope for group in found] == scopes
    assert all(0 not in group.rows for group in found)


def test_another_sector_and_the_place_itself_do_not_compare() -> None:
    """Ten in the area, and no marina among them."""
    rows = around(10, 0)
    found = comparisons_of(rows, 0, at_least=10)
    assert rows["sector"].iloc[found[0].rows].unique().tolist() == ["shops"]
    assert len(found[0].rows) == 10


def test_typical_is_a_mean_of_counts_and_a_middle_of_days() -> None:
    """Ten comparable places have 0 … 9: mean and middle 4.5; one has no value, and then nine are too few."""
    rows = around(10, 0)
    values = np.array([99.0, *range(10), 99.0])
    groups = comparisons_of(rows, 0, at_least=10)
    counted = typical(values, groups, "count", at_least=10)
    assert (counted.value, counted.n, counted.is_mean) == (4.5, 10, True)
    assert counted.half == (2.25, 6.75)
    assert typical(np.append(values[:-2], [99.0, 99.0]), groups, "days", at_least=10).value == pytest.approx(4.5)
    values[1] = np.nan
    assert typical(values, groups, "count", at_least=10).value is None


@pytest.mark.parametrize(
    ("told", "beside", "direction", "expected"),
    [
        (Shown("exact", 0.0, 0.0), 0.02, 1, False),  # no event where more is declared as more reason
        (Shown("exact", 1.0, 1.0), 0.02, 1, True),
        (Shown("band", 0.0, 0.5), 0.03, 1, False),  # the band holds the typical value
        (Shown("band", 0.1, 0.2), 0.03, 1, True),
        (Shown("band", 1095.75, 1461.0), 840.0, -1, False),  # longer ago, where less is declared as more reason
        (Shown("band", 365.25, 730.5), 840.0, -1, True),
        (Shown("or_more", 2.0), 1.5, 1, True),
        (Shown("or_more", 2.0), 1.5, -1, False),
        (Shown("exact", 0.0, 0.0), 0.5, 0, True),  # no direction: outside the middle half on either side
        (Shown("exact", 1.0, 1.0), 0.5, 0, True),
        (Shown("exact", 0.4, 0.4), 0.5, 0, False),  # below the middle, and within the middle half
        (Shown("band", 0.2, 0.3), 0.5, 0, False),  # a band that reaches into it
        (Shown("or_more", 0.9), 0.5, 0, True),
        (Shown("exact", 2.0, 2.0), None, 1, False),
        (Shown("withheld"), 1.0, 1, False),
    ],
)
def test_a_value_says_something_only_beyond_what_is_typical(told, beside, direction, expected) -> None:
    """On the declared side; the middle half runs from 0.25 to 0.75, and a value has no side without knowing it."""
    half = None if beside is None else (0.25, 0.75)
    assert says(told, Typical(beside, 40, "area", True, half), direction) == expected


def test_without_a_declared_direction_and_a_middle_half_nothing_stands_out() -> None:
    """Being below the middle is so of half of all places."""
    assert not says(Shown("exact", 0.0, 0.0), Typical(0.5, 40, "area", True), 0)
