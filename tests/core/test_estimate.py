"""A number travels with its interval, or with the reason why there is none."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegenkracht.core.estimate import Estimate, none_because, read_estimates, write_estimates

numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_never_reaches_a_reader(number):
    """NaN and infinity are refused where the estimate is made."""
    with pytest.raises(ValueError, match="holds a number that is not finite; give a note instead"):
        Estimate("m", "auc", number)


def test_no_number_needs_a_reason():
    """Empty is an error; a sentence is an answer."""
    with pytest.raises(ValueError, match="m/auc///all/labelled: neither a number nor a reason why there is none"):
        Estimate("m", "auc")
    assert not none_because("one_class", model="m", metric="auc").is_known


@pytest.mark.parametrize(("low", "high"), [(0.6, 0.4), (0.6, None), (None, 0.4)])
def test_an_interval_has_two_ends_in_order(low, high):
    """Upside down or half an interval is refused."""
    with pytest.raises(ValueError, match="is not an interval"):
        Estimate("m", "auc", 0.5, low, high)


@given(value=numbers, ends=st.tuples(numbers, numbers), n=st.integers(0, 10**9), note=st.text(max_size=20))
def test_estimates_come_back_from_json_as_they_were(value, ends, n, note):
    """`evaluation.json` loses nothing, whatever the numbers."""
    estimates = (
        Estimate("m", "auc", value, min(ends), max(ends), n=n, level=0.95, note=note),
        none_because("why", model="", metric="rows"),
    )
    assert read_estimates(write_estimates(estimates)) == estimates


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_file_of_estimates_has_the_layout_of_json_with_an_indent(n):
    """Every key on a line of its own, whatever stands in it."""
    note = 'a "quoted" {brace},\n  né: [1]'
    written = write_estimates([Estimate("m", "auc", 0.1 + 0.2, low=-1e-9, high=1e300, n=3, note=note)] * n)
    assert written == json.dumps(json.loads(written), indent=1, ensure_ascii=False) + "\n"
    assert [record["note"] for record in json.loads(written)] == [note] * n


def test_bounds_have_no_best_value():
    """Bounds are two ends without a level and without a value."""
    bounds = Estimate("m", "precision_at_capacity", low=0.1, high=0.9, method="bounds", n=100)
    assert bounds.is_known
    assert bounds.value is None
