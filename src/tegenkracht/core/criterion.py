"""What a study promises to reach before it looks: a figure, and the end that it must reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.conditions import at_capacity, joined
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.identity import digest_of
from tegenkracht.core.text import Text

AT_CAPACITY = ("precision_at_capacity", "recall_at_capacity", "precision_above_random", "selection_rate_gap")
DIFFERENCES = ("precision_difference",)
ELSEWHERE = (
    *("auc", "average_precision", "lift_over_random", "brier", "calibration_slope", "calibration_intercept"),
    *("expected_observed_ratio", "concordance", "auc_difference", "days_earlier", "days_earlier_difference"),
)
METRICS = (*AT_CAPACITY, *DIFFERENCES, *ELSEWHERE)
"""Figures that a criterion can be about."""

Verdict = Literal["met", "not_met", "not_shown", "no_number"]


class Criterion(BaseModel):
    """One success criterion: `metric` of `model` (compared with `versus`), counted by `method`, `at_least` or `at_most` a number.

    It is met when the whole interval (or both bounds) reaches the number, not met when none of it does, and not shown in between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    label: Text
    metric: str
    model: str
    method: Method
    versus: str | None = None
    group: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Criterion:
        if self.metric not in METRICS:
            raise ValueError(
                f"`{self.metric}` is not a figure that a criterion can be about; choose one of: {', '.join(METRICS)}"
            )
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either `at_least` or `at_most`")
        if abs(round(self.limit, 3) - self.limit) > 1e-9:
            raise ValueError(f"{self.limit} has more than three decimals, and the card could not show it as it is")
        if self.metric.endswith("_difference") != (self.versus is not None):
            raise ValueError("`versus` names the other model of a difference, and belongs to one only")
        return self

    @property
    def limit(self) -> float:
        """The number that must be reached."""
        return self.at_least if self.at_least is not None else self.at_most or 0.0

    def estimate_id(self, capacity: int) -> str:
        """The id of the estimate that it is about."""
        where = at_capacity(capacity) if self.metric in (*AT_CAPACITY, *DIFFERENCES) else ""
        at = joined(where, f"versus={self.versus}" if self.versus else "")
        return "/".join((self.model, self.metric, self.group, at, "all", self.method))

    def judge(self, estimate: Estimate | None) -> Verdict:
        """Whether an estimate reaches the number."""
        if estimate is None or not estimate.is_known:
            return "no_number"
        low = estimate.low if estimate.low is not None else estimate.value
        high = estimate.high if estimate.high is not None else estimate.value
        if low is None or high is None:
            return "no_number"
        if self.at_least is not None:
            return "met" if low >= self.at_least else "not_met" if high < self.at_least else "not_shown"
        return "met" if high <= self.limit else "not_met" if low > self.limit else "not_shown"


class Limit(BaseModel):
    """The gap that a study accepts: `metric` of every group of `attribute` lies at most `at_most` points of a hundred from that of the largest group.

    It is met when the whole interval of every gap lies within the limit, not met when the whole interval of one lies beyond it, and not shown otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Literal[
        "inspected_share",
        "finding_rate",
        "selection_rate",
        "precision_at_capacity",
        "false_positive_rate",
        "false_negative_rate",
    ]
    attribute: str
    at_most: float = Field(gt=0, le=100, description="Points of a hundred")

    @property
    def name(self) -> str:
        """What a card calls it by: metric and attribute."""
        return f"{self.metric}.{self.attribute}"

    def judge(self, gaps: Iterable[Estimate]) -> Verdict:
        """Whether the gaps of the attribute's groups stay within the limit; a gap that could not be given leaves it open."""
        limit, ends = self.at_most / 100, [(e.low, e.high) for e in gaps]
        known = [(low, high) for low, high in ends if low is not None and high is not None]
        if not known:
            return "no_number"
        if any(low > limit or high < -limit for low, high in known):
            return "not_met"
        within = all(-limit <= low and high <= limit for low, high in known)
        return "met" if within and len(known) == len(ends) else "not_shown"


@dataclass(frozen=True)
class Frozen:
    """When criteria were set, and how often the test period was opened.

    `frozen_on` ISO day on which these criteria were first written down for this test period; `digest` of the criteria; `look` counts this opening
    from 1 (the same study on the same data is the same look); `changed` whether other criteria stood when the test period was first opened.
    """

    frozen_on: str
    digest: str
    look: int
    changed: bool


def digest_of_criteria(criteria: Iterable[Criterion | Limit]) -> str:
    """Names what is promised, apart from the words that describe it."""
    return digest_of([criterion.model_dump(mode="json", exclude={"label"}) for criterion in criteria])


def judged(criteria: Iterable[Criterion], estimates: Mapping[str, Estimate], capacity: int) -> dict[str, Verdict]:
    """The verdict on each criterion, by name."""
    return {c.name: c.judge(estimates.get(c.estimate_id(capacity))) for c in criteria}
