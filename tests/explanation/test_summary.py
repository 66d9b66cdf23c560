"""Mean absolute contribution per column and family, with an interval over units."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.explanation.summary import families_of, summarise


def by_at(estimates):
    """Estimates by what they are measured at."""
    return {estimate.at: estimate for estimate in estimates}


def asked(attributions, *, units=None, features=(), replicates=200, seed=1):
    """A summary with every row its own unit, unless said otherwise."""
    units = np.array([str(i) for i in range(len(attributions.values))]) if units is None else np.array(units)
    return by_at(summarise(attributions, units=units, features=features, replicates=replicates, level=0.95, seed=seed))


def test_a_family_is_the_size_of_the_sum_of_its_members(attributions_of, feature):
    """Members that pull apart cancel: |1 - 1|, |2 + 1| and |-3 + 0| give a mean of 2, not the sum of the members' means."""
    attributions = attributions_of({"x": [1.0, 2.0, -3.0], "y": [-1.0, 1.0, 0.0], "inspector": [0.5, -0.5, 0.5]})
    found = asked(attributions, features=[feature("x", "takeover"), feature("y", "takeover")])
    values = {at: estimate.value for at, estimate in found.items()}
    assert values == {
        "feature=x": 2.0,
        "feature=y": pytest.approx(2 / 3),
        "feature=inspector": 0.5,
        "family=takeover": 2.0,
        "family=inspector": 0.5,
    }
    assert {estimate.method for estimate in found.values()} == {"sample"}
    assert {estimate.n for estimate in found.values()} == {3}


def test_families_keep_the_order_of_columns(feature):
    """The first member says where a family stands; a column without a family is its own."""
    features = [feature("a", "one"), feature("b"), feature("c", "one")]
    assert families_of(["a", "b", "c", "channel"], features) == {
        "one": ("a", "c"),
        "b": ("b",),
        "channel": ("channel",),
    }


def test_interval_is_as_wide_as_the_textbook_says(attributions_of):
    """For rows that are their own units, the interval of a mean is 2 x 1.96 standard errors, within a twentieth."""
    sizes = np.random.default_rng(2).exponential(size=2000)
    found = asked(attributions_of({"x": sizes}), replicates=4000)["feature=x"]
    assert found.high - found.low == pytest.approx(2 * 1.96 * sizes.std() / np.sqrt(2000), rel=0.05)
    assert found.low < found.value < found.high


def test_rows_of_one_place_count_as_one_draw(attributions_of):
    """Every row ten times under its unit's name: the interval stays as wide as without the copies."""
    sizes = np.random.default_rng(3).exponential(size=300)
    once = asked(attributions_of({"x": sizes}), replicates=3000)["feature=x"]
    units = [str(i) for i in range(300)] * 10
    ten = asked(attributions_of({"x": np.tile(sizes, 10)}), units=units, replicates=3000)["feature=x"]
    assert ten.high - ten.low == pytest.approx(once.high - once.low, rel=0.02)


def test_same_seed_gives_the_same_numbers(attributions_of):
    """And another seed others."""
    attributions = attributions_of({"x": np.random.default_rng(4).exponential(size=50)})
    assert asked(attributions, seed=5) == asked(attributions, seed=5)
    assert asked(attributions, seed=5) != asked(attributions, seed=6)


def test_draws_do_not_depend_on_the_size_of_a_block(attributions_of, monkeypatch):
    """Memory is saved in blocks; the replicates stay the same."""
    attributions = attributions_of({"x": np.random.default_rng(4).exponential(size=50)})
    whole = asked(attributions)
    monkeypatch.setattr("tegenkracht.explanation.summary._DRAWS_AT_ONCE", 333)
    assert asked(attributions) == whole


def test_one_unit_alone_has_an_interval_of_no_width(attributions_of):
    """Resampling one place can only give that place."""
    found = asked(attributions_of({"x": [1.0, 3.0]}), units=["u", "u"])["feature=x"]
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)
