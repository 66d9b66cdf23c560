"""Wilson's interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tegenkracht.core.wilson import wilson_interval


@pytest.mark.parametrize(("found", "n", "level"), [(0, 10, 0.95), (3, 17, 0.9), (50, 50, 0.99), (1, 400, 0.95)])
def test_wilson_interval_is_scipys(found, n, level):
    """The same numbers as `scipy.stats.binomtest`."""
    wilson = binomtest(found, n).proportion_ci(level, method="wilson")
    assert wilson_interval(found / n, n, level=level) == pytest.approx((wilson.low, wilson.high), abs=1e-12)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_the_interval_holds_the_share_and_lies_within_none_and_all(counts, level):
    """Also where the share is none or all of the answers, so that nobody who reads it has to clip its ends."""
    found, n = counts
    low, high = wilson_interval(found / n, n, level=level)
    assert 0 <= low <= found / n <= high <= 1
