"""The table of reasons says what the pages say, and nothing that they withhold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tegenkracht.explanation.changes import Change
from tegenkracht.explanation.comparable import Comparison, Typical
from tegenkracht.explanation.places import Place, Reason
from tegenkracht.explanation.reasons import COLUMNS, reasons_table
from tegenkracht.explanation.shown import Shown

OFTEN = Reason(("takeovers",), "takeovers", Shown("exact", 3.0, 3.0), Typical(0.4, 40, "area", True), None, 1.0)
SELDOM = Reason(("late", "network"), "late", Shown("withheld"), Typical(None, 0, "sector", True), None, None)
COARSE = Reason(("reuse",), "reuse", Shown("or_more", 2.0, None), Typical(0.1, 40, "area", True), None, 0.8)


def place(row_id: str, *reasons: Reason, in_order: bool = True) -> Place:
    """A flagged place with these reasons."""
    return Place(
        row_id=row_id,
        as_of=pd.Timestamp("2022-04-01"),
        listed=pd.Timestamp("2022-04-01"),
        fold="f",
        sole_trader=False,
        compared=Comparison("area", np.arange(40)),
        comparable=Shown("withheld"),
        in_order=in_order,
        reasons=reasons,
        withheld=1,
        untold={"few": 2},
        missing=(),
        left_out=0,
        sure=None,
        change=Change("not_asked", {}),
        altered=(),
    )


def test_a_line_for_each_reason_with_what_may_be_shown() -> None:
    """A value that few places share has none here either; two families that are one reason stand together."""
    table = reasons_table([place("a@d", OFTEN, SELDOM), place("b@d", COARSE), place("c@d")])
    assert list(table) == list(COLUMNS)
    assert table["row_id"].tolist() == ["a@d", "a@d", "b@d"]
    assert table["place"].tolist() == [1, 2, 1]
    assert table["families"].tolist() == ["takeovers", "late+network", "reuse"]
    assert table["state"].tolist() == ["exact", "withheld", "or_more"]
    assert table["low"].fillna(-1).tolist() == [3.0, -1.0, 2.0]
    assert table["high"].fillna(-1).tolist() == [3.0, -1.0, -1.0]
    assert table["agreement"].fillna(-1).tolist() == [1.0, -1.0, 0.8]


def test_where_the_order_may_not_be_told_nothing_tells_it() -> None:
    """No number of order, and no contribution to sort by."""
    table = reasons_table([place("a@d", OFTEN, COARSE, in_order=False)])
    assert table["place"].isna().all()
    assert "contribution" not in table
    assert not (table.select_dtypes("number") == 0.9).any(axis=None)


def test_without_flagged_places_the_table_has_its_columns() -> None:
    """And can be written."""
    table = reasons_table([])
    assert (list(table), len(table)) == (list(COLUMNS), 0)
