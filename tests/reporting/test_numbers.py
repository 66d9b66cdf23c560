"""Numbers and dates as readers of each language write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegenkracht.core.text import Language
from tegenkracht.reporting.words.numbers import Style, separated, spelled_date, tick_texts, written


@pytest.mark.parametrize(
    ("x", "style", "dutch", "english"),
    [
        (0.276, "per_hundred", "28", "28"),
        (0.0276, "per_hundred_fine", "2,8", "2.8"),
        (0.0, "per_hundred", "0", "0"),
        (1.0, "per_hundred", "100", "100"),
        (0.0153, "points", "+1,5", "+1.5"),
        (-0.0004, "points", "0,0", "0.0"),
        (0.384, "points_whole", "+38", "+38"),
        (-1.494, "days_fine", "−1,49", "−1.49"),
        (7.431, "one", "7,4", "7.4"),
        (0.6732, "three", "0,673", "0.673"),
        (-0.0041, "three_signed", "−0,004", "−0.004"),
        (1234567, "count", "1.234.567", "1,234,567"),
        (9.66, "times", "9,7", "9.7"),
    ],
)
def test_a_number_is_written_as_its_readers_do(x: float, style: Style, dutch: str, english: str) -> None:
    """Comma and point change places, minus is a minus sign, and a difference carries its sign."""
    assert (written(x, style, "nl"), written(x, style, "en")) == (dutch, english)


@given(st.floats(0, 1))
def test_a_bound_is_never_rounded_inwards(share: float) -> None:
    """`At least` is rounded down and `at most` up, whatever the number; a whole number stays whole."""
    low = int(written(share, "per_hundred", "en", towards="down"))
    high = int(written(share, "per_hundred", "en", towards="up"))
    assert low <= 100 * share + 1e-5
    assert high >= 100 * share - 1e-5
    assert high - low <= 1


@pytest.mark.parametrize("share", [i / 100 for i in range(101)])
def test_a_whole_bound_stays_whole(share: float) -> None:
    """0.29 times 100 is 28.999…96 for a computer; a reader sees 29."""
    assert written(share, "per_hundred", "nl", towards="down") == written(share, "per_hundred", "nl", towards="up")


@pytest.mark.parametrize(("language", "text"), [("nl", "31 augustus 2024"), ("en", "31 August 2024")])
def test_a_date_is_spelled_out(language: Language, text: str) -> None:
    """Nobody has to guess which number is the month."""
    assert spelled_date(date(2024, 8, 31), language) == text


@given(st.integers(-(10**9), 10**9), st.integers(0, 3))
def test_a_written_number_reads_back(x: int, decimals: int) -> None:
    """Writing loses nothing but what was rounded."""
    value = x / 10**decimals
    text = separated(value, decimals, "nl", sign=True)
    assert float(text.replace(".", "").replace(",", ".").replace("−", "-")) == pytest.approx(value)


def test_ticks_have_as_few_decimals_as_tell_them_apart() -> None:
    """Whole steps are written whole, half steps with one decimal."""
    assert tick_texts([0.0, 0.2, 1.0], "per_hundred", "nl") == ["0", "20", "100"]
    assert tick_texts([-0.005, 0.0, 0.005], "points", "nl") == ["−0,5", "0,0", "+0,5"]
