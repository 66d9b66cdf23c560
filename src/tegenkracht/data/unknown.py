"""Columns of a table of which nobody knows a value, with the type that the contract asks."""

from __future__ import annotations

import pandas as pd


def no_dates(rows: int) -> pd.Series:
    """As many unknown days."""
    return pd.Series(pd.NaT, index=range(rows), dtype="datetime64[us]")


def no_texts(rows: int) -> pd.Series:
    """As many unknown words."""
    return pd.Series([None] * rows, dtype="str")
