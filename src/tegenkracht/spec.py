"""One study as a frozen record: everything that decides a result, every key known and every value checked."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.cohort import Cohort, Outcome, Time
from tegenkracht.core.criterion import Criterion, Limit
from tegenkracht.core.decision import Costs, NextRound, SinglePlace
from tegenkracht.core.drawing import ClusterBy, Draws, Interval, Lists, VisitsBy
from tegenkracht.core.inspections import Inspections
from tegenkracht.core.justification import Justification, WhyAudited
from tegenkracht.core.purpose import Purpose
from tegenkracht.core.suitability import IndicatorAnswers
from tegenkracht.core.text import Text
from tegenkracht.data.sector import Sector
from tegenkracht.features.column import columns_of
from tegenkracht.features.recipe import Recipe
from tegenkracht.models.plan import ModelPlan
from tegenkracht.splits.rolling import Split


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MadeWorld(_Record):
    """A simulated world that stands in for data, made when the tables are not there.

    `prevalence` asks for the low, middle or high base rate of the sectors; None is what the world says itself.
    """

    name: str
    prevalence: Literal["low", "base", "high"] | None = None
    scale: float = Field(gt=0, le=1)
    seed: int = Field(ge=0)
    sectors: tuple[str, ...] = Field(min_length=1)


class Data(_Record):
    """Where the tables are: a folder with `dataset.yaml`."""

    path: str
    world: MadeWorld | None = None


class Features(_Record):
    """The recipes that make the columns, and per family of columns what only a person can answer of it.

    A family is the event kind, measure or given column that columns are made from, or `visit`, `tenure`, `legal_form`, `surroundings` and the like.
    """

    recipes: tuple[Recipe, ...] = Field(min_length=1)
    answers: dict[str, IndicatorAnswers] = Field(default_factory=dict, exclude_if=lambda answers: not answers)

    @model_validator(mode="after")
    def _answers_are_about_families(self) -> Features:
        families = sorted({column.family for column in columns_of(self.recipes)})
        if unknown := sorted(set(self.answers) - set(families)):
            raise ValueError(
                f"`answers.{unknown[0]}` is about no family of these recipes; take one of: {', '.join(families)}"
            )
        return self


class Review(_Record):
    """How many places people can look at, and who looks.

    `list`: one list of `capacity` places for each as-of date, or one for a whole test window (scheduled visits). `costs`: what a visit costs and
    what a finding is worth, when somebody stated it; `next_round`: the share of the next round's visits that is drawn by lot. What is not asked is left
    out of the record, so that its digest stays what it was.
    """

    capacity: int = Field(ge=1)
    list: Lists
    reviewer: Text
    costs: Costs | None = Field(default=None, exclude_if=lambda costs: costs is None)
    next_round: NextRound | None = Field(default=None, exclude_if=lambda round_: round_ is None)


class Origins(_Record):
    """How it is looked for where differences between groups come from; see `experiment.questions.Origins`."""

    proxy_size: float = Field(ge=0, lt=0.5)
    flagged_ratio: float = Field(ge=1, le=10)
    folds: int = Field(ge=2, le=20)
    bands: int = Field(ge=2, le=50)
    areas: int = Field(ge=3, le=50)
    second_look_days: int = Field(ge=0, le=366)
    draws: int = Field(ge=100, le=100_000)


class Audit(_Record):
    """Attributes that are only for audits, the smallest group that is shown, and which gaps are accepted.

    `intersections` are pairs of attributes whose combinations are groups too; `measures` are figures of areas that are compared around flagged
    and around all places. `smallest_gap_that_matters` and the limits are points of a hundred, set before the test period is opened.
    `origins` asks where differences between groups come from; None does not ask. `why` tells of each attribute why it is looked at and what harm its
    groups could come to; `justification` why a difference that is found is accepted. `measure_limit` is how far (0 to 1) a feature or the score may
    go together with a measure before somebody must say why it is used: of a feature in `features.answers`, of the score in `score_proxy`.
    """

    attributes: tuple[str, ...]
    min_group: int = Field(ge=10, description="Groups under 10 are never shown")
    intersections: tuple[tuple[str, str], ...] = ()
    measures: tuple[str, ...] = ()
    smallest_gap_that_matters: float | None = Field(default=None, gt=0, le=100)
    limits: tuple[Limit, ...] = ()
    origins: Origins | None = None
    why: dict[str, WhyAudited] = Field(default_factory=dict, exclude_if=lambda why: not why)
    justification: Justification | None = Field(default=None, exclude_if=lambda given: given is None)
    measure_limit: float | None = Field(default=None, gt=0, lt=1, exclude_if=lambda limit: limit is None)
    score_proxy: Text | None = Field(default=None, exclude_if=lambda reason: reason is None)

    @model_validator(mode="after")
    def _attributes_are_named(self) -> Audit:
        for first, second in self.intersections:
            if first == second:
                raise ValueError(f"an intersection of `{first}` with itself is that attribute; name two attributes")
        named = {name for pair in self.intersections for name in pair} | {limit.attribute for limit in self.limits}
        if unknown := sorted(named - set(self.attributes)):
            raise ValueError(f"`{unknown[0]}` is not among `audit.attributes`; add it there, or leave it out here")
        names = [limit.name for limit in self.limits] + [f"{a} with {b}" for a, b in map(sorted, self.intersections)]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"`{twice[0]}` stands there twice; keep one")
        return self


class Minimum(_Record):
    """How many places with a finding every fold must have to learn from; with fewer nothing is fitted."""

    positives: int = Field(ge=1)


class Replay(_Record):
    """Re-order the calendar slots of scheduled visits by score; `within` names a process column whose own slots are kept."""

    within: Literal["inspector", "channel"] | None
    random_orders: int = Field(ge=10, le=10_000)


class Chances(_Record):
    """How the chance that somebody looks is learnt where it was not written down; below `limit` it is called practically none."""

    learner: Literal["logistic", "boosted"]
    parts: int = Field(ge=2, le=20)
    limit: float = Field(gt=0, lt=0.5)


class Assume(_Record):
    """What is assumed of places that nobody visited; at least one of two. Bounds that rest on it are named after it.

    `unvisited_at_most`: among places with like scores something is found at most so many times as often as at visited ones (1 is monotone selection).
    `unvisited_ceiling`: something is found at no more than this share of them, on the list or not.
    """

    unvisited_at_most: float | None = Field(default=None, gt=0)
    unvisited_ceiling: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _something(self) -> Assume:
        if self.unvisited_at_most is None and self.unvisited_ceiling is None:
            raise ValueError("nothing is assumed; write unvisited_at_most or unvisited_ceiling, or leave `assume` out")
        return self


class Pooled(_Record):
    """Which groups lean on each other: sectors, regions, or both.

    A region is the first `region_prefix` characters of an area's code (6 for the municipality in a CBS code); None is the whole code.
    """

    by: tuple[Literal["sector", "region"], ...] = Field(min_length=1)
    region_prefix: int | None = Field(ge=1)


class Evaluate(_Record):
    """Which model the card is about, what it is compared with, and how intervals are made.

    `visits_by`: what visits were drawn by, which figures of weighed visits draw; as `cluster_by` unless said.
    `draws` and `interval`: clusters drawn with replacement or each on its own, and percentile or bias-corrected intervals. `single`: two chances for
    each flagged place, and how far apart they may lie; `pooled`: which groups lean on each other; `inspections`: how well an
    inspection sees. None is not asked.
    """

    main: str
    reference: str
    replicates: int = Field(ge=100, le=100_000)
    level: float = Field(gt=0.5, lt=1)
    cluster_by: ClusterBy
    visits_by: VisitsBy | None = Field(default=None, exclude_if=lambda by: by is None)
    replay: Replay | None = None
    chances: Chances | None = None
    draws: Draws = Field(default="multinomial", exclude_if=lambda draws: draws == "multinomial")
    interval: Interval = Field(default="percentile", exclude_if=lambda interval: interval == "percentile")
    single: SinglePlace | None = Field(default=None, exclude_if=lambda single: single is None)
    assume: Assume | None = None
    pooled: Pooled | None = Field(default=None, exclude_if=lambda pooled: pooled is None)
    inspections: Inspections | None = Field(default=None, exclude_if=lambda asked: asked is None)


class ImportanceAsked(_Record):
    """How families of columns are weighed beside their attributions: `shuffles` times dealt out again, and learnt without in the folds that `drop` names.

    `first` is how many of the first families are compared.
    """

    first: int = Field(ge=1, le=20)
    shuffles: int = Field(ge=1, le=100)
    drop: Literal["none", "last_fold", "every_fold"]


class Learned(_Record):
    """What is asked of the card's model as a whole.

    `columns`: how many get a curve; `bins`: most steps of a curve; `pairs`: how many pairs are shown; `rows`: on how many test rows all this is
    measured. `constraint_cost` fits every fold again without the declared directions, to see what they cost.
    """

    columns: int = Field(ge=1, le=12)
    bins: int = Field(ge=2, le=40)
    pairs: int = Field(ge=0, le=20)
    rows: int = Field(ge=50, le=100_000)
    constraint_cost: bool = False


class Missed(_Record):
    """What is asked of places that the list misses.

    `hidden`: how many of the columns that are easiest to change a place hides; `hiding`: the share of found places that do.
    """

    hidden: tuple[int, ...] = Field(min_length=1)
    hiding: float = Field(gt=0, le=1)


class Explain(_Record):
    """How many reasons are kept per place, and how often the card's model is learnt again to see which flags and reasons survive.

    `place_pages` says for which flagged places there is a page: those on the last list, on all lists, or none. `change_over` is the largest proxy
    risk of facts that a page may change to see what would have taken the place off the list. `importance` compares attributions with other roads.
    `learned` and `missed` ask what the model learnt as a whole and whom its list misses; None is not asked.
    """

    reasons: int = Field(ge=1, le=10)
    refits: int = Field(default=0, ge=0, le=1_000)
    place_pages: Literal["last", "all", "none"] = "last"
    change_over: Literal["low", "medium"] = "medium"
    importance: ImportanceAsked | None = None
    learned: Learned | None = None
    missed: Missed | None = None

    @model_validator(mode="after")
    def _enough(self) -> Explain:
        if self.refits == 1:
            raise ValueError("one refit cannot be compared; write 0, or 2 or more")
        return self


class CardAuthor(_Record):
    """Who answers for the card; what is left out is shown as unfilled."""

    version: str
    author: Text | None = None
    contact: str | None = None


class Tracking(_Record):
    """Where runs are recorded."""

    kind: Literal["local", "server", "off"]
    uri: str | None

    @model_validator(mode="after")
    def _server_has_uri(self) -> Tracking:
        if self.kind == "server" and not self.uri:
            raise ValueError("tracking=server needs an address: tracking.uri=https://mlflow.example.org")
        return self


class Resources(_Record):
    """Threads for one fit; fits run one after the other, so this never asks for more cores than there are."""

    threads: int = Field(ge=1, le=256)


class ExperimentSpec(_Record):
    """Everything that decides a result, frozen and dated by its own digest."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    purpose: Purpose
    sector: Sector | None = None
    data: Data
    cohort: Cohort
    time: Time
    label: Outcome
    features: Features
    split: Split
    models: dict[str, ModelPlan] = Field(min_length=1)
    review: Review
    audit: Audit
    minimum: Minimum
    evaluate: Evaluate
    explain: Explain
    success_criteria: tuple[Criterion, ...] = ()
    card: CardAuthor
    tracking: Tracking
    resources: Resources
    output: str
    cache: bool
    seed: int = Field(ge=0, lt=2**31)

    @model_validator(mode="after")
    def _findings_can_be_corrected(self) -> ExperimentSpec:
        if self.evaluate.inspections is not None and self.label.kind == "count":
            raise ValueError(
                "evaluate.inspections: a label of kind `count` needs several findings, and only single ones can be corrected; leave one of the two out"
            )
        return self

    def as_plain(self) -> dict[str, Any]:
        """The specification as plain data, for `spec.yaml` and for digests."""
        return self.model_dump(mode="json")

    def what_decides(self) -> dict[str, Any]:
        """The part that can change a result: without where files go, where runs are recorded and how many threads."""
        return {
            key: value
            for key, value in self.as_plain().items()
            if key not in {"output", "tracking", "resources", "data", "cache"}
        }
