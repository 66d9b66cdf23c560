"""A number on a page is one that enough places share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegenkracht.explanation.shown import MONTH, YEAR, Shown, holds, overlap, shown

COUNTS = np.array([0.0] * 50 + [1.0] * 12 + [2.0] * 9 + [5.0] * 2 + [np.nan] * 5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, Shown("exact", 0.0, 0.0)),
        (1.0, Shown("exact", 1.0, 1.0)),
        (2.0, Shown("or_more", 2.0, None)),  # nine have two, eleven have two or more
        (5.0, Shown("or_more", 2.0, None)),  # two have five; two or more is the largest that ten reach
        (np.nan, Shown("withheld")),  # five are missing
    ],
)
def test_a_count_that_few_have_becomes_so_many_or_more(value, expected) -> None:
    """By hand, with a smallest cell of ten."""
    assert shown(value, COUNTS, "count", at_least=10) == expected
    assert shown(np.nan, np.append(COUNTS, [np.nan] * 5), "count", at_least=10) == Shown("missing")


def test_days_are_told_in_bands_of_months_or_years() -> None:
    """Two years and more in whole years, two months and more in whole months."""
    days = np.arange(0.0, 5000.0)
    assert shown(800.0, days, "days", at_least=10) == Shown("band", round(2 * YEAR, 9), round(3 * YEAR, 9))
    assert shown(100.0, days, "days", at_least=10) == Shown("band", round(3 * MONTH, 9), round(4 * MONTH, 9))
    assert shown(12.0, days, "days", at_least=10) == Shown("band", 10.0, 20.0)


def test_what_no_band_holds_is_withheld() -> None:
    """Nine places in all cannot hide anybody."""
    assert shown(3.0, np.arange(9.0), "number", at_least=10) == Shown("withheld")
    assert shown(1.0, np.array([0.0] * 90 + [1.0] * 3), "yes_no", at_least=10) == Shown("withheld")


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=80),
    st.sampled_from(["count", "days", "number", "metres", "signed", "share"]),
)
def test_whatever_is_shown_fits_ten_places_or_more_and_the_place_itself(values, measure) -> None:
    """The small-cell rule holds for every value of every measure."""
    known = np.array(values, dtype=np.float64)
    for value in known:
        told = shown(float(value), known, measure, at_least=10)
        if told.state == "withheld":
            continue
        assert told.low is not None
        high = np.inf if told.high is None else told.high
        inside = (known >= told.low) & ((known < high) | (known == told.low))
        assert inside.sum() >= 10
        assert told.low <= value <= high


def test_a_figure_of_the_surroundings_is_shared_by_areas_and_not_by_their_places() -> None:
    """Thirty places of one area have the same share: as many as are asked, and they are one area. In ten areas it may be told."""
    values, one = np.full(30, 0.13), np.repeat("a", 30)
    assert shown(0.13, values, "share", at_least=10).state == "exact"
    assert shown(0.13, values, "share", at_least=10, shared_by=one) == Shown("withheld")
    ten = np.array([f"a{i % 10}" for i in range(30)])
    assert shown(0.13, values, "share", at_least=10, shared_by=ten) == Shown("exact", 0.13, 0.13)
    counts = np.repeat([3.0, 2.0], [3, 30])
    areas = np.array([*("a", "b", "c"), *(f"d{i % 9}" for i in range(30))])
    assert shown(3.0, counts, "count", at_least=10, shared_by=areas) == Shown("or_more", 2.0, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            Shown("band", 4.0, 5.0),
            Shown("band", 0.0, 5.0),
            True,
        ),  # between four and five years, in place of less than five
        (Shown("band", 4.0, 5.0), Shown("band", 5.0, 10.0), False),  # the end of a band is not in it
        (Shown("exact", 5.0, 5.0), Shown("band", 4.0, 5.0), False),
        (Shown("exact", 4.0, 4.0), Shown("band", 4.0, 5.0), True),
        (Shown("or_more", 2.0), Shown("exact", 3.0, 3.0), True),
        (Shown("or_more", 2.0), Shown("exact", 1.0, 1.0), False),
        (Shown("or_more", 2.0), Shown("or_more", 1.0), True),
        (Shown("withheld"), Shown("exact", 1.0, 1.0), False),
        (Shown("exact", 1.0, 1.0), Shown("missing"), False),
    ],
)
def test_two_forms_overlap_when_a_value_fits_both(one, other, expected) -> None:
    """Whichever is named first, and as a search through values finds."""
    assert (overlap(one, other), overlap(other, one)) == (expected, expected)
    values = np.arange(0, 12, 0.25)
    if None not in (one.low, other.low):
        assert bool((holds(one, values) & holds(other, values)).any()) == expected
