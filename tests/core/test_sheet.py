"""What stands in a cell of a sheet."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from tegenkracht.core.sheet import cell, sheet


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x","y")', "+1", "-1", "@x"])
def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(text: str) -> None:
    """An apostrophe before it, also in the line of names; the rest as it was."""
    ((name,), (value,)) = csv.reader(StringIO(sheet([text], [[text]]), newline=""))
    assert name == value == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [(-2, "-2"), (-0.5, "-0.5"), (1 / 3, "0.3333333333"), (None, ""), (float("nan"), ""), ("a=b", "a=b"), ("", "")],
)
def test_numbers_and_other_texts_stay_what_they_are(value: object, written: str) -> None:
    """A minus sign of a number is no formula."""
    assert cell(value) == written
