"""What two columns do together: nothing in a sum of curves, by hand for a product."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.estimate import Estimate
from tegenkracht.explanation.interactions import check_interactions, interactions_of, pairs_of


def test_a_sum_of_curves_has_no_interactions() -> None:
    """Whatever the curves are: every part is zero."""
    rng = np.random.default_rng(1)
    X, Z = (pd.DataFrame(rng.normal(size=(50, 3)), columns=list("abc")) for _ in range(2))
    sizes = interactions_of(lambda t: (np.sin(t["a"]) + t["b"] ** 3 - t["c"]).to_numpy(), X, Z, pairs_of(list("abc")))
    assert list(sizes) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert max(sizes.values()) < 1e-12


def test_a_product_by_hand() -> None:
    """F = a b: d = (a - a')(b - b') is 2 and 12, so the root of the mean of d² over four is the root of 148 / 8."""
    X = pd.DataFrame({"a": [1.0, 3.0], "b": [2.0, 4.0]})
    Z = pd.DataFrame({"a": [0.0, 0.0], "b": [0.0, 0.0]})
    sizes = interactions_of(lambda t: (t["a"] * t["b"]).to_numpy(), X, Z, [("a", "b")])
    assert sizes["a", "b"] == pytest.approx(np.sqrt((2**2 + 12**2) / 2 / 4))


def test_for_independent_columns_it_is_the_size_of_the_interaction() -> None:
    """F = a + 2 a b with standard normal columns: the interaction 2 a b has standard deviation 2 (Liu & Owen 2006)."""
    rng = np.random.default_rng(2)
    X, Z = (pd.DataFrame(rng.normal(size=(200_000, 2)), columns=list("ab")) for _ in range(2))
    sizes = interactions_of(lambda t: (t["a"] + 2 * t["a"] * t["b"]).to_numpy(), X, Z, [("a", "b")])
    assert sizes["a", "b"] == pytest.approx(2, rel=0.02)


def test_found_when_surely_larger_than_both_alone() -> None:
    """An interval from 0.3 up is above 0.2 and 0.1; not above 0.2 and 0.4; and without pairs nobody looked."""
    pair = Estimate("m", "interaction", 0.5, 0.3, 0.7, n=9, method="sample", level=0.95, at="feature=a,with=b")
    finding = check_interactions("m", [pair], {"a": 0.2, "b": 0.1})
    assert (finding.code, finding.verdict, finding.facts["feature"], finding.facts["with"]) == (
        "TK311",
        "found",
        "a",
        "b",
    )
    assert check_interactions("m", [pair], {"a": 0.2, "b": 0.4}).verdict == "not_found"
    assert check_interactions("m", [], {}).facts == {"reason": "no_pairs"}
