"""What is asked of the scores of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tegenkracht.evaluation.propensity import Chances
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sample import ClusterBy, Lists
from tegenkracht.explanation.disagreement import Drop


@dataclass(frozen=True)
class Importance:
    """How families are weighed beside their attributions.

    Parameters
    ----------
    first
        How many of the first families are compared.
    shuffles
        Times that each family is dealt out again among visited rows.
    drop
        In which folds the model is learnt again without each family.
    """

    first: int
    shuffles: int
    drop: Drop


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
    chances
        How the chance of a visit is learnt; None when it is not asked.
    refits
        How often the card's model is learnt again; 0 is never.
    reasons
        How many reasons a place gets at most.
    importance
        How families are weighed by other roads than attributions; None is not at all.
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
    reasons: int
    importance: Importance | None
    chances: Chances | None = None
