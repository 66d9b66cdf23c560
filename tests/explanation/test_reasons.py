"""Reasons for one place: what raised its score most, with the facts."""

from __future__ import annotations

import pandas as pd
import pytest

from tegenkracht.explanation.reasons import reasons

FACTS = pd.DataFrame({"a": [3.0, 0.0], "b": [None, 1.0], "c": [7.0, 7.0], "inspector": ["x", "y"]}, index=["r0", "r1"])


@pytest.fixture
def explained(attributions_of):
    """Two rows, four columns."""
    return attributions_of({"a": [0.5, -1.0], "b": [0.7, 0.0], "c": [0.5, 0.1], "inspector": [0.1, -0.2]})


def test_largest_come_first_and_ties_in_order_of_columns(explained):
    """`a` and `c` add the same; `a` stands first in the panel."""
    found = reasons(explained, FACTS, rows=["r0"], at_most=3)
    assert found["feature"].tolist() == ["b", "a", "c"]
    assert found["place"].tolist() == [1, 2, 3]
    assert found["contribution"].tolist() == [0.7, 0.5, 0.5]
    assert found["value"].iloc[1:].tolist() == [3.0, 7.0]
    assert pd.isna(found["value"].iloc[0])


def test_what_did_not_raise_the_score_is_no_reason(explained):
    """Only one contribution of the second row is above zero."""
    assert reasons(explained, FACTS, rows=["r1"], at_most=3)["feature"].tolist() == ["c"]


def test_rows_come_in_the_order_asked_for(explained):
    """Also when it is not the order in which they were explained."""
    assert reasons(explained, FACTS, rows=["r1", "r0"], at_most=1)["row_id"].tolist() == ["r1", "r0"]


def test_a_row_that_was_not_explained_is_named(explained):
    """Rather than explained by another row."""
    with pytest.raises(KeyError, match=r"Not explained by m: \['r9'\]"):
        reasons(explained, FACTS, rows=["r0", "r9"], at_most=1)
