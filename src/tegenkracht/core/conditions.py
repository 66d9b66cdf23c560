"""What a number is measured at and which group it is about: the `at` and the `group` of an estimate, put together and taken apart.

An `at` is a row of conditions, `capacity=100,versus=high`, in which a word can stand alone, as `score` does in `score,found=yes`. A group is
`attribute=value`. Values hold no comma and no equals sign: the contract of a dataset refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from tegenkracht.core.estimate import Estimate

_KEY = re.compile("[a-z][a-z0-9_]*")


def at_capacity(capacity: int) -> str:
    """The `at` of what is measured at a capacity."""
    return f"capacity={capacity}"


def joined(*conditions: str) -> str:
    """The `at` of all conditions that are given; an empty one says nothing.

    Examples
    --------
    >>> joined("capacity=100", "", "versus=high")
    'capacity=100,versus=high'
    """
    return ",".join(condition for condition in conditions if condition)


def conditions_of(at: str) -> Mapping[str, str]:
    """The value of each condition of an `at`, in order; of a word that stands alone it is empty.

    Raises
    ------
    ValueError
        When a condition has no name, is given twice, or holds a second equals sign.

    Examples
    --------
    >>> dict(conditions_of("score,found=yes"))
    {'score': '', 'found': 'yes'}
    """
    return {name: condition.partition("=")[2] for name, condition in _by_name(at).items()}


def without(at: str, name: str) -> str:
    """An `at` without one of its conditions.

    Examples
    --------
    >>> without("capacity=100,versus=high", "versus"), without("score", "versus")
    ('capacity=100', 'score')
    """
    return joined(*(condition for other, condition in _by_name(at).items() if other != name))


def at_of(estimate: Estimate, name: str) -> str:
    """One condition of an estimate: `versus` of `capacity=100,versus=random` is `random`; empty where it is not given."""
    return _by_name(estimate.at).get(name, "").partition("=")[2]


@cache
def _by_name(at: str) -> Mapping[str, str]:
    """Each condition as it stands, by its name."""
    found: dict[str, str] = {}
    for condition in at.split(",") if at else ():
        name, _, value = condition.partition("=")
        if not _KEY.fullmatch(name) or "=" in value or name in found:
            raise ValueError(
                f"`{at}` does not say what a number is measured at: `{condition}` is not a condition, or not the only one of its name; "
                "write `name=value` with commas between them, such as `capacity=100,versus=high`."
            )
        found[name] = condition
    return found


def attribute_of(group: str) -> str:
    """The attribute that a group is one of; empty where a number is about no group.

    Of a crossing these are both, `deprivation*region`; of a subgroup of several attributes the first.

    Raises
    ------
    ValueError
        When there is no attribute, or no equals sign after it.

    Examples
    --------
    >>> attribute_of("deprivation=high"), value_of("deprivation=high")
    ('deprivation', 'high')
    """
    return _cut(group)[0]


def value_of(group: str) -> str:
    """The value of its attribute that a group has: all that follows the first equals sign."""
    return _cut(group)[1]


def _cut(group: str) -> tuple[str, str]:
    attribute, sign, value = group.partition("=")
    if group and not (attribute and sign):
        raise ValueError(f"`{group}` does not name a group; write `attribute=value`, such as `deprivation=high`.")
    return attribute, value
