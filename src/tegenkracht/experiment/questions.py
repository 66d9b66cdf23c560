"""What is asked of the scores of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sample import ClusterBy, Lists


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
    min_positives
        Places with a finding that every fold must have to learn from; with fewer nothing is fitted.
    replicates, level, cluster_by
        Of the bootstrap.
    replay
        How scheduled visits are re-ordered; None for a calendar.
    dimensions
        Sides of a resilience profile with the indicators that are read on each; empty when units are places or businesses.
    refits
        How often the card's model is learnt again; 0 is never.
    """

    main: str
    reference: str
    capacity: int
    lists: Lists
    min_group: int
    min_positives: int
    replicates: int
    level: float
    cluster_by: ClusterBy
    replay: Replay | None
    dimensions: Mapping[str, Sequence[str]]
    refits: int
