"""What a number is measured at and which group it is about, put together and taken apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegenkracht.core.conditions import at_of, attribute_of, conditions_of, joined, value_of, without
from tegenkracht.core.estimate import Estimate

NAMES = st.from_regex("[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters=",=", exclude_categories=["Cs"]), max_size=12)
"""All that the contract lets through as a value of a group, and the asterisk between two of them."""


@pytest.mark.parametrize(
    ("at", "conditions"),
    [
        ("", {}),
        ("capacity=100", {"capacity": "100"}),
        ("capacity=100,versus=high*sole_trader", {"capacity": "100", "versus": "high*sole_trader"}),
        ("visits=all,same=score", {"visits": "all", "same": "score"}),
        ("score,found=yes", {"score": "", "found": "yes"}),
        ("total=0-3", {"total": "0-3"}),
        ("if=unvisited_at_most:1+ceiling:0.5", {"if": "unvisited_at_most:1+ceiling:0.5"}),
        ('versus=<b>x/y</b> & "z"; hoog + laag', {"versus": '<b>x/y</b> & "z"; hoog + laag'}),
    ],
)
def test_conditions_are_read_as_they_are_written(at, conditions):
    """A word alone has no value; signs that mean something in a page, a path or another name mean nothing here."""
    assert conditions_of(at) == conditions
    estimate = Estimate("m", "auc", 0.5, at=at)
    assert {name: at_of(estimate, name) for name in conditions} == conditions
    assert at_of(estimate, "not_given") == ""


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_put_together_comes_apart_again(conditions):
    """Whatever the values are; and a condition that is left out leaves the others as they stood."""
    at = joined(*(f"{name}={value}" for name, value in conditions.items()))
    assert conditions_of(at) == conditions
    for gone in conditions:
        assert conditions_of(without(at, gone)) == {name: conditions[name] for name in conditions if name != gone}


@pytest.mark.parametrize(
    ("at", "wrong"),
    [
        ("capacity=100,", ""),
        (",versus=high", ""),
        ("=100", "=100"),
        ("versus=a=b", "versus=a=b"),
        ("versus=north, east", " east"),
        ("Versus=high", "Versus=high"),
        ("capacity=100,capacity=50", "capacity=50"),
    ],
)
def test_what_is_no_row_of_conditions_is_named(at, wrong):
    """A value with a comma or an equals sign in it is not read as something else."""
    said = re.escape(f"`{at}` does not say what a number is measured at: `{wrong}` is not a condition")
    with pytest.raises(ValueError, match=said):
        conditions_of(at)
    with pytest.raises(ValueError, match=said):
        without(at, "versus")
    with pytest.raises(ValueError, match=said):
        at_of(Estimate("m", "auc", 0.5, at=at), "versus")


@pytest.mark.parametrize(
    ("group", "attribute", "value"),
    [
        ("", "", ""),
        ("deprivation=high", "deprivation", "high"),
        ("deprivation*region=high*north", "deprivation*region", "high*north"),
        ("group=", "group", ""),
        ("area_code=A=1,2*", "area_code", "A=1,2*"),
        ("group=versus: other/1+1", "group", "versus: other/1+1"),
    ],
)
def test_a_group_is_its_attribute_and_its_value(group, attribute, value):
    """Codes of areas are not asked to be plain words; the first equals sign parts them from their attribute."""
    assert (attribute_of(group), value_of(group)) == (attribute, value)


@given(NAMES, st.text(max_size=12))
def test_every_value_of_a_group_is_read_back(attribute, value):
    """Also one that holds commas, equals signs and asterisks."""
    assert (attribute_of(f"{attribute}={value}"), value_of(f"{attribute}={value}")) == (attribute, value)


@pytest.mark.parametrize("group", ["high", "=high"])
def test_what_is_no_group_is_named(group):
    """Without an attribute there is nothing that it is a value of."""
    for read in (attribute_of, value_of):
        with pytest.raises(ValueError, match=f"`{group}` does not name a group; write `attribute=value`"):
            read(group)
