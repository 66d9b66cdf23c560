"""What is asked of the scores of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sample import ClusterBy, Lists


@dataclass(frozen=True)
class Learned:
    """What is asked of the card's model as a whole; the fields of `explain.learned`."""

    columns: int
    bins: int
    pairs: int
    rows: int
    constraint_cost: bool


@dataclass(frozen=True)
class Missed:
    """What is asked of places that the list misses; the fields of `explain.missed`."""

    hidden: tuple[int, ...]
    hiding: float


@dataclass(frozen=True)
class Questions:
    """What is asked of the scores.

    Parameters
    ----------
    main, reference
        The model that the card is about, and the one that it is compared with first.
    capacity, lists
        How many places people can look at, per as-of date or per test window.
    min_group
        Groups smaller than this are withheld.
    replicates, level, cluster_by
        Of the bootstrap.
    replay
        How scheduled visits are re-ordered; None for a calendar.
    dimensions
        Sides of a resilience profile with the indicators that are read on each; empty when units are places or businesses.
    refits
        How often the card's model is learnt again; 0 is never.
    learned, missed
        What the model learnt as a whole, and whom its list misses; None is not asked.
    """

    main: str
    reference: str
    capacity: int
    lists: Lists
    min_group: int
    replicates: int
    level: float
    cluster_by: ClusterBy
    replay: Replay | None
    dimensions: Mapping[str, Sequence[str]]
    refits: int
    learned: Learned | None = None
    missed: Missed | None = None
