"""What is asked of the scores of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tegenkracht.core.criterion import Limit
from tegenkracht.core.decision import Costs, NextRound, SinglePlace
from tegenkracht.core.drawing import ClusterBy, Lists, VisitsBy
from tegenkracht.core.inspections import Inspections
from tegenkracht.core.justification import Justification
from tegenkracht.evaluation.assumed import Assumed
from tegenkracht.evaluation.bootstrap import PLAIN, Resampling
from tegenkracht.evaluation.next_round import Claim
from tegenkracht.evaluation.propensity import Chances
from tegenkracht.evaluation.replay import Replay
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
class Origins:
    """How it is looked for where differences between groups come from.

    Parameters
    ----------
    proxy_size
        How far the AUC of the score for a group may be from a half.
    flagged_ratio
        How many times a group's part of all rows its part of the list may be.
    folds
        Into how many parts clusters are cut when columns are asked to tell a group.
    bands
        Bands of equal scores.
    areas
        Bands of areas over which thresholds are estimated.
    second_look_days
        How soon after a visit one by another inspector is a second look at the same thing.
    draws
        How often signs of clusters are turned to correct a search.
    """

    proxy_size: float
    flagged_ratio: float
    folds: int
    bands: int
    areas: int
    second_look_days: int
    draws: int


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
class Pooled:
    """Which groups lean on each other: sectors, regions, or both; a region is the first `region_prefix` characters of an area's code (None: all)."""

    by: Sequence[str]
    region_prefix: int | None


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
    visits_by
        How visits were drawn: each by itself, place by place or whole clusters, which is what figures of weighed visits draw; None is as `cluster_by`.
    replay
        How scheduled visits are re-ordered; None for a calendar.
    dimensions
        Sides of a resilience profile with the indicators that are read on each; empty when units are places or businesses.
    chances
        How the chance of a visit is learnt; None when it is not asked.
    refits
        How often the card's model is learnt again; 0 is never.
    resampling
        How clusters are drawn, and which interval follows.
    costs, next_round, single
        What a visit costs, the share of the next round drawn by lot, and the two chances of a single place; None is not asked.
    claims
        What the study promised about the list, which visits by lot could establish.
    base_rates
        Base rates of the sector by name (`low`, `base`, `high`) at which chances are told again; empty when the study has no sector.
    assume
        What is assumed of places that nobody visited; None when nothing is.
    intersections
        Pairs of audit attributes whose combinations are audited too.
    smallest_gap
        The smallest gap between groups that matters, as a share; None when the study does not say.
    limits
        Gaps that the study accepts.
    origins
        How it is looked for where differences between groups come from; None when it is not asked.
    reasons
        How many reasons a place gets at most.
    importance
        How families are weighed by other roads than attributions; None is not at all.
    pooled
        Which groups lean on each other; None is not asked.
    learned, missed
        What the model learnt as a whole, and whom its list misses; None is not asked.
    inspections
        How well an inspection sees; None when shares are not corrected for it.
    justification
        Why a difference between groups is accepted; None when nobody answered.
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
    reasons: int
    importance: Importance | None
    chances: Chances | None = None
    resampling: Resampling = PLAIN
    costs: Costs | None = None
    next_round: NextRound | None = None
    single: SinglePlace | None = None
    claims: Sequence[Claim] = ()
    base_rates: Mapping[str, float] = field(default_factory=dict)
    assume: Assumed | None = None
    intersections: Sequence[tuple[str, str]] = ()
    smallest_gap: float | None = None
    limits: Sequence[Limit] = ()
    origins: Origins | None = None
    learned: Learned | None = None
    missed: Missed | None = None
    pooled: Pooled | None = None
    visits_by: VisitsBy | None = None
    inspections: Inspections | None = None
    justification: Justification | None = None
