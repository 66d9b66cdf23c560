"""Shares corrected for inspections that miss cases or see cases that are not there (methods B-8)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tegenkracht.core.errors import wrong
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.estimates import About, nothing, share_of


class Tally(BaseModel):
    """A share as it was counted: `found` of `of` known cases (sensitivity), or of known clean places (specificity)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    found: int = Field(ge=0)
    of: int = Field(gt=0)

    @model_validator(mode="after")
    def _part_of_whole(self) -> Self:
        if self.found > self.of:
            raise ValueError(f"{self.found} of {self.of} is not a share: `found` cannot be above `of`")
        return self

    @property
    def share(self) -> float:
        """The counted share."""
        return self.found / self.of


class Inspection(BaseModel):
    """How well an inspection sees: `label.inspection` of a study.

    Sensitivity is the share of known cases that an inspection records; specificity the share of known clean places where it records nothing.

    Examples
    --------
    >>> Inspection(sensitivity={"found": 45, "of": 60}, specificity={"found": 198, "of": 200}).youden
    0.74
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sensitivity: Tally
    specificity: Tally

    @property
    def youden(self) -> float:
        """Sensitivity + specificity - 1: how much of a difference in truth is left in what is recorded."""
        return self.sensitivity.share + self.specificity.share - 1


@dataclass(frozen=True)
class Corrected:
    """A corrected share, and how much of it was cut off at 0 or 1.

    Parameters
    ----------
    estimate
        The share with its interval, both within [0, 1].
    before_truncation
        The share before it was cut off at 0 or 1; None where there is none.
    truncated
        Share of the draws (Bayesian) outside [0, 1], or 1.0 when the point itself was cut off (Rogan-Gladen), else 0.0.
    """

    estimate: Estimate
    before_truncation: float | None
    truncated: float


def rogan_gladen(
    positives: int, inspected: int, inspection: Inspection, metric: str, about: About, *, level: float
) -> Corrected:
    """Share of true cases behind a recorded share, with a delta-method interval (Rogan and Gladen 1978).

    Rho = (q + Sp - 1) / (Se + Sp - 1); the variance adds the binomial variances of q, Se and Sp. For independent visits to a random part of
    the set that the share is about (all places: prevalence; the list: precision).

    Raises
    ------
    InputError
        When an inspection sees no more than chance, or the counts are no share.

    Examples
    --------
    >>> perfect = Inspection(sensitivity={"found": 60, "of": 60}, specificity={"found": 60, "of": 60})
    >>> round(rogan_gladen(10, 100, perfect, "prevalence", About(), level=0.95).estimate.value, 6)
    0.1
    """
    _check(positives, inspected, inspection)
    if inspected == 0:
        return Corrected(nothing("nobody_inspected", metric, about, n=0), None, 0.0)
    q, se, sp, youden = (
        positives / inspected,
        inspection.sensitivity.share,
        inspection.specificity.share,
        inspection.youden,
    )
    raw = (q + sp - 1) / youden
    variance = (
        q * (1 - q) / inspected
        + raw**2 * se * (1 - se) / inspection.sensitivity.of
        + (1 - raw) ** 2 * sp * (1 - sp) / inspection.specificity.of
    ) / youden**2
    reach = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    value, low, high = (_cut(x) for x in (raw, raw - reach, raw + reach))
    cut = float(value != raw)
    if variance == 0:
        return Corrected(_estimate(value, None, "too_few_for_interval", metric, about, inspected, level), raw, cut)
    return Corrected(
        _estimate(value, (low, high), "truncated" if cut else "", metric, about, inspected, level), raw, cut
    )


def bayesian(
    positives: int,
    inspected: int,
    inspection: Inspection,
    metric: str,
    about: About,
    *,
    level: float,
    draws: int,
    seed: int,
) -> Corrected:
    """Posterior median and interval of the share of true cases, by seeded draws of q, Se and Sp.

    Each of the three has a Beta posterior under Jeffreys' prior Beta(1/2, 1/2); each draw of the three gives one corrected share. Draws in
    which an inspection sees no more than chance are left out; shares outside [0, 1] are cut off, and `truncated` tells how many.
    """
    _check(positives, inspected, inspection)
    if inspected == 0:
        return Corrected(nothing("nobody_inspected", metric, about, n=0), None, 0.0)
    rng = np.random.default_rng(seed)
    q = _posterior(rng, positives, inspected, draws)
    se = _posterior(rng, inspection.sensitivity.found, inspection.sensitivity.of, draws)
    sp = _posterior(rng, inspection.specificity.found, inspection.specificity.of, draws)
    telling = se + sp > 1
    raw = (q + sp - 1)[telling] / (se + sp - 1)[telling]
    shares = np.clip(raw, 0.0, 1.0)
    low, value, high = np.quantile(shares, [(1 - level) / 2, 0.5, (1 + level) / 2]).tolist()
    outside = float(np.mean(shares != raw))
    note = "truncated" if outside > 0 else ""
    return Corrected(
        _estimate(value, (low, high), note, metric, about, inspected, level), float(np.median(raw)), outside
    )


@dataclass(frozen=True)
class TwoVisits:
    """What two independent visits to the same places recorded: `both`, only the `first`, only the `second`."""

    both: int
    first: int
    second: int


def sensitivity_from_two_visits(visits: TwoVisits, about: About, *, level: float) -> tuple[Estimate, Estimate]:
    """Sensitivity of the first visit, and the number of true cases (Chapman 1951), from places that were visited twice.

    The first visit found `both` of the `both + second` cases that the second recorded. This holds when the visits are independent given the
    state (another inspector who has not read the first report), when every case is equally easy to see, when the state did not change between
    them, and when nothing is recorded where there is nothing. Cases that are hard for everybody make the estimate too high.
    """
    recaptured = visits.both + visits.second
    if recaptured == 0:
        reason = "second_visit_found_nothing"
        return nothing(reason, "sensitivity", about, n=0), nothing(reason, "true_cases", about, n=0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    sensitivity = share_of(visits.both, recaptured, "sensitivity", about, level=level, why_not="")
    n1, n2, m = visits.both + visits.first, recaptured, visits.both
    cases = (n1 + 1) * (n2 + 1) / (m + 1) - 1
    spread = math.sqrt((n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2)))
    seen = n1 + n2 - m
    interval = (max(float(seen), cases - z * spread), max(cases, cases + z * spread)) if spread else None
    note = "" if spread else "too_few_for_interval"
    return sensitivity, _estimate(cases, interval, note, "true_cases", about, seen, level)


def _check(positives: int, inspected: int, inspection: Inspection) -> None:
    if not 0 <= positives <= inspected:
        raise wrong(
            "positives", f"{positives} of {inspected} visits is not a share.", "Count findings among the visits."
        )
    if inspection.youden <= 0:
        raise wrong(
            "label.inspection",
            f"sensitivity and specificity add up to {inspection.youden + 1:.2f}: an inspection sees no more than chance.",
            "Check both tallies; with a sum of 1 or less nothing can be corrected.",
        )


def _posterior(rng: np.random.Generator, found: int, of: int, draws: int) -> NDArray[np.float64]:
    return rng.beta(found + 0.5, of - found + 0.5, size=draws)


def _cut(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _estimate(
    value: float, interval: tuple[float, float] | None, note: str, metric: str, about: About, n: int, level: float
) -> Estimate:
    low, high = interval or (None, None)
    return Estimate(
        about.model, metric, value, low, high, n, "labelled", level if interval else None, note,
        about.group, about.at, about.split,
    )  # fmt: skip
