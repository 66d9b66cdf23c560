"""Where the first factors of the card's model say nothing: what somebody wrote of it, or that nobody did."""

from __future__ import annotations

from collections.abc import Sequence

from tegenkracht.reporting.facts import RunFacts
from tegenkracht.reporting.tree import Block, Column, Table
from tegenkracht.reporting.wording import fact, say

FIRST = 5
"""Families that weigh most, of which limits are asked."""


def without_limits(facts: RunFacts, families: Sequence[str]) -> list[str]:
    """Of the first families those of which nobody wrote where they say nothing."""
    return [f for f in families[:FIRST] if (answers := facts.suitability.get(f)) is None or answers.limits is None]


def limits_block(facts: RunFacts, families: Sequence[str]) -> Block:
    """The first families in order of weight, each with its limits.

    Parameters
    ----------
    families
        Heaviest first.
    """
    empty = without_limits(facts, families)
    rows = tuple(
        (
            fact(f"family.{family}", "title"),
            say("explanation.limits.none") if family in empty else fact(f"suitability.{family}.limits"),
        )
        for family in families[:FIRST]
    )
    columns = (Column(title=say("explanation.family")), Column(title=say("explanation.limits.head")))
    return Table(name=say("explanation.limits.title"), columns=columns, rows=rows)
