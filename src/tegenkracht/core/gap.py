"""A gap between groups: what its interval says, beside what chance gives and what the data could show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tegenkracht.core.conditions import attribute_of, without
from tegenkracht.core.estimate import Estimate

CROSSED = "*"
"""Between two attributes, and between their values, when combinations of both are groups."""
Smallest = Literal["smallest_gap_up", "smallest_gap_down"]
SMALLEST: tuple[Smallest, Smallest] = ("smallest_gap_up", "smallest_gap_down")
"""The smallest gap that could be seen by which a group lies above the other, and by which it lies below."""
GapVerdict = Literal["shown", "none_that_matters", "not_enough", "not_shown"]
"""`shown` off zero, also after correcting for the number of gaps that were looked at; `none_that_matters` wholly smaller than the gap that matters;
`not_enough` neither; `not_shown` the same where the study does not say what matters."""


def verdict_of_gap(gap: Estimate, chance: Estimate | None, *, smallest: float | None) -> GapVerdict | None:
    """What the interval of a gap says; None when the gap is withheld.

    A gap whose whole interval lies within `smallest` both ways does not matter, even where it is not zero (two one-sided tests: Schuirmann 1987,
    here at the level of the interval, which is stricter).

    Parameters
    ----------
    gap
        An `apart` estimate with its interval.
    chance
        How often chance gives as much, corrected for all gaps that were looked at.
    smallest
        The smallest gap that matters, as a share; None when the study does not say.
    """
    if gap.low is None or gap.high is None or gap.level is None:
        return None
    if smallest is not None and -smallest < gap.low and gap.high < smallest:
        return "none_that_matters"
    rare = chance is not None and chance.value is not None and chance.value < 1 - gap.level
    if rare and (gap.low > 0 or gap.high < 0):
        return "shown"
    return "not_shown" if smallest is None else "not_enough"


def beside(gap: Estimate, estimates: Mapping[str, Estimate], part: Smallest | Literal["gap_chance"]) -> Estimate | None:
    """What stands beside a gap: the smallest that could be seen, up or down, or how often chance gives as much."""
    metric = f"{gap.metric.removesuffix('_gap')}_{part}"
    return estimates.get("/".join((gap.model, metric, gap.group, gap.at, gap.split, gap.method)))


def at_of_rates(at: str) -> str:
    """The `at` of the two rates that a gap is the difference of.

    Examples
    --------
    >>> at_of_rates("capacity=100,versus=high"), at_of_rates("versus=high"), at_of_rates("capacity=100")
    ('capacity=100', '', 'capacity=100')
    """
    return without(at, "versus")


def gaps_of(estimates: Sequence[Estimate], *, metric: str, attribute: str) -> list[Estimate]:
    """Gaps of all groups of an attribute (or of a crossing) to its largest group, also those that are withheld."""
    return [
        e
        for e in estimates
        if e.method == "apart" and e.metric == f"{metric}_gap" and attribute_of(e.group) == attribute
    ]
