"""Spans of time read as people write them."""

from __future__ import annotations

import pandas as pd
import pytest

from tegenkracht.core.span import Span


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 month", "2024-01-31", "2024-02-29"),
        ("12 months", "2024-02-29", "2025-02-28"),
        ("2 years", "2022-03-01", "2024-03-01"),
        ("90 days", "2024-01-01", "2024-03-31"),
        ("0 days", "2024-01-01", "2024-01-01"),
    ],
)
def test_a_span_after_a_date_is_a_calendar_date(text, start, end):
    """Months are calendar months: the day is clipped to the month's last."""
    assert Span.parse(text).after(pd.Timestamp(start)) == pd.Timestamp(end)


@pytest.mark.parametrize("text", ["12 moons", "months", "-3 months", "1.5 years", "", "12months", None])
def test_what_is_not_a_span_says_how_to_write_one(text):
    """The message shows what was found and three ways to write it."""
    with pytest.raises(
        ValueError, match=r"is not a span of time; write for example `90 days`, `12 months` or `2 years`"
    ):
        Span.parse(text)
