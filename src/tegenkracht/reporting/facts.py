"""Everything that a card needs to know of a run, as one frozen record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

from tegenkracht.core.criterion import Criterion, Frozen, Limit, Verdict
from tegenkracht.core.decision import Costs, NextRound, SinglePlace
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.core.gap import Smallest, beside
from tegenkracht.core.inspections import Inspections
from tegenkracht.core.justification import Justification, WhyAudited
from tegenkracht.core.purpose import Purpose
from tegenkracht.core.suitability import IndicatorAnswers
from tegenkracht.core.text import Text
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.evaluation.weighted_checks import contradicted
from tegenkracht.features.telling import Measure


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """Where one table comes from and what it may be used for.

    `period` is `(first day, last day)`; `rows` and `digest` describe what was read.
    """

    name: str
    source: Text
    collector: str
    period: tuple[date, date]
    licence: str
    original_purpose: Text
    permitted_use: tuple[str, ...]
    entity_scoring_allowed: bool
    personal_data: Literal["none", "pseudonymous", "personal"]
    rows: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class SpecialFacts:
    """Under which safeguards a special category of personal data is used: the ground, who may see it, and when it is deleted."""

    label: Text
    ground: Text
    access: tuple[Text, ...]
    delete_on: date


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """What the data are. `note` is the author's remark on them, when there is one; `special` are attributes of a special category of personal data."""

    name: str
    title: Text
    synthetic: bool
    known_until: date
    tables: tuple[TableFacts, ...]
    note: Text | None = None
    special: Mapping[str, SpecialFacts] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What one model is called. `columns` is what it may see: `features`, `process`, `both` or names."""

    label: Text
    description: Text
    kind: str
    columns: str | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FoldFacts:
    """The dates and sizes of one fold. `train_until` is the last as-of date that was learnt from."""

    name: str
    split_on: date
    train_from: date
    train_until: date
    test_from: date
    test_until: date
    n_train: int
    n_test: int
    n_positive: int


@dataclass(frozen=True, kw_only=True)
class AttributeFacts:
    """What an audit attribute and its values are called."""

    label: Text
    definition: Text
    values: Mapping[str, Text]


@dataclass(frozen=True, kw_only=True)
class SideFacts:
    """What one side of a resilience profile is called, and the families of the signs that are read on it."""

    label: Text
    definition: Text
    families: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PointFacts:
    """One line of a scorecard: so many points when a column is `at_least` or `at_most` a limit."""

    feature: str
    side: Literal["at_least", "at_most"]
    limit: float
    points: int


@dataclass(frozen=True, kw_only=True)
class ScorecardFacts:
    """A scorecard as it was learnt last: its lines, and the bands of totals (lowest, highest) at which findings were counted."""

    model: str
    lines: tuple[PointFacts, ...]
    bands: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """A run, ready to be described.

    Parameters
    ----------
    study, run_id
        Name of the study and of this run.
    created_on
        The day that the card carries; passed in, so that the same run gives the same card.
    card_version, author, contact
        What the author declared about the card; None is shown as unfilled.
    purpose, dataset, features, attributes
        As declared.
    measures
        What the number of each feature counts, by name, as `features.telling` knows it; one that is not there is a number of no known kind.
    families
        What the families of features are called (labels of event kinds, measures and roles); a family without one keeps its own name.
    estimates, findings
        All of the run. Numbers on the card come from `estimates` only.
    models
        By name, in study order.
    kept_out
        Names of the features that no model may see, because they are figures of areas and units are places or businesses.
    main
        The model that the card is about.
    references
        Models that the first page compares it with, most important first (at most three are shown there).
    capacity
        How many places people can look at.
    scheduled
        True when rows are visits that were scheduled, so that the list is an order of visits.
    one_list_per
        `as_of` or `window`: what a list of `capacity` places is for.
    reviewer
        Who looks.
    folds
        In order of time.
    identity
        Digests by name: `run`, `spec`, `data`, `panel`, `code`, `lock`, …
    versions
        Software by name.
    spec
        The resolved specification as plain data; `seed`, `time` and `cohort` are read from it.
    timings
        Seconds per stage.
    sides
        Of a resilience profile, by name; empty when units are places or businesses.
    place_pages
        Whether there are pages of single places beside the card.
    criteria, verdicts, frozen
        What was promised, the verdict on each by name, and when it was set and the test period opened.
    costs, next_round, single
        What a visit costs, the share of the next round drawn by lot, and what may be said of a single place; None is not asked.
    intersections
        Crossings of audit attributes that were looked at, as estimates name them: `deprivation*group`.
    smallest_gap
        The smallest gap between groups that matters, as a share; None when the study does not say.
    limits, limit_verdicts
        Gaps that the study accepts, and the verdict on each by name.
    scorecard
        The first scorecard among the models; None when there is none.
    inspections
        What was declared of how well an inspection sees; None when shares are not corrected for it.
    suitability
        What a person answered of families of indicators, by family.
    why
        Why the groups of an attribute are looked at, by attribute.
    justification
        Why a difference between groups is accepted; None when nobody answered.
    sectors
        What sectors are called, by name; one that is not described keeps its own name.
    measure_limit, score_proxy
        How far a feature or the score may go together with a figure of the area, and why the score is used when it goes further; None is not said.
    """

    study: str
    run_id: str
    created_on: date
    card_version: str
    author: Text | None
    contact: str | None
    purpose: Purpose
    dataset: DatasetFacts
    features: tuple[Feature, ...]
    families: Mapping[str, Text]
    attributes: Mapping[str, AttributeFacts]
    estimates: tuple[Estimate, ...]
    findings: tuple[Finding, ...]
    models: Mapping[str, ModelFacts]
    main: str
    references: tuple[str, ...]
    capacity: int
    scheduled: bool
    one_list_per: Literal["as_of", "window"]
    reviewer: Text
    folds: tuple[FoldFacts, ...]
    identity: Mapping[str, str]
    versions: Mapping[str, str]
    spec: Mapping[str, Any]
    timings: Mapping[str, float] = field(default_factory=dict)
    sides: Mapping[str, SideFacts] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    frozen: Frozen | None = None
    costs: Costs | None = None
    next_round: NextRound | None = None
    single: SinglePlace | None = None
    intersections: tuple[str, ...] = ()
    smallest_gap: float | None = None
    limits: tuple[Limit, ...] = ()
    limit_verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    place_pages: bool = False
    kept_out: tuple[str, ...] = ()
    scorecard: ScorecardFacts | None = None
    inspections: Inspections | None = None
    suitability: Mapping[str, IndicatorAnswers] = field(default_factory=dict)
    why: Mapping[str, WhyAudited] = field(default_factory=dict)
    justification: Justification | None = None
    measure_limit: float | None = None
    score_proxy: Text | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    sectors: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """The estimates of a run, to be looked up by what they measure."""

    estimates: Sequence[Estimate]
    _by_id: Mapping[str, Estimate] = field(init=False, repr=False)
    _by_metric: Mapping[str, Sequence[Estimate]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_metric: dict[str, list[Estimate]] = {}
        for estimate in self.estimates:
            by_metric.setdefault(estimate.metric, []).append(estimate)
        object.__setattr__(self, "_by_id", {estimate.id: estimate for estimate in self.estimates})
        object.__setattr__(self, "_by_metric", by_metric)

    def get(
        self, model: str, metric: str, *, method: str, group: str = "", at: str = "", split: str = "all"
    ) -> Estimate | None:
        """One estimate, or None when the run has none."""
        return self._by_id.get("/".join((model, metric, group, at, split, method)))

    def all(self, metric: str, **where: str) -> list[Estimate]:
        """Every estimate of a metric with these values, in the run's order."""
        return [
            e for e in self._by_metric.get(metric, ()) if all(getattr(e, key) == value for key, value in where.items())
        ]

    def find(self, gap: Estimate, part: Smallest | Literal["gap_chance"]) -> Estimate | None:
        """What stands beside a gap between groups: the smallest that could be seen, up or down, or how often chance gives as much."""
        return beside(gap, self._by_id, part)

    @cached_property
    def weighs(self) -> bool:
        """Whether visits by lot leave the weights uncontradicted (TK111)."""
        return not contradicted(self.estimates)

    def comparisons(self, *, main: str, capacity: int) -> Comparisons:
        """What the main model's list finds more than others, in the form that the card leads with."""
        return Comparisons(self._by_id, main, capacity, weighs=self.weighs)

    def with_id(self, key: str) -> Estimate:
        """The estimate of this id."""
        return self._by_id[key]
