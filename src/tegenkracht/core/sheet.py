"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from io import StringIO
from numbers import Real

FORMULA = ("=", "+", "-", "@")
"""How a text begins that a spreadsheet reads as a formula (OWASP, CSV injection); control characters are refused where data come in."""


def sheet(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    r"""The text of a CSV file: a line of names, and a line per row.

    Examples
    --------
    >>> sheet(["unit", "n"], [["=1+1", -2], ["harbour", None]])
    "unit,n\n'=1+1,-2\nharbour,\n"
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: object) -> str:
    """A value as it stands in a sheet: numbers in ten digits, nothing for what is missing, and `'` before a text that would be read as a formula."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not isinstance(value, Real) else text
