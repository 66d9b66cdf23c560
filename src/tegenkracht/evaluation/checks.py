"""What a reader must know about the numbers before believing them, as findings.

Every check reads estimates only: what it says can be found in `evaluation.json`. A check that finds nothing says so, and one that could not
look says why. Facts are points of a hundred for shares, days for days, and plain counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from tegenkracht.core.conditions import attribute_of, value_of
from tegenkracht.core.difference import points
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.normal import reach_of

CODES: Mapping[str, str] = {
    "TK101": "Places that nobody visited leave room for the list being no better than one drawn by lot.",
    "TK103": "A large share of the places was never inspected.",
    "TK104": "Probabilities come true in one period and not in another.",
    "TK105": "Findings depend much on who visited, or on why.",
    "TK106": "Many places have the same score, and the order among them changes the result.",
    "TK108": "Too few visits were drawn by lot to check the figures with.",
    "TK110": "Intervals rest on few units that were resampled.",
    "TK201": "Some groups are too small to show.",
}
"""Codes of this layer and what it means when one is found."""

NEVER_INSPECTED = 0.10
RATE_RATIO = 1.5
TIE_RANGE = 0.05
VISITS_BY_LOT = 30
FEW_CLUSTERS = 30
TINY = 1e-9

Facts = dict[str, str | int | float]
Where = Literal["model", "metric", "group", "at", "split", "method"]


@dataclass(frozen=True)
class Asked:
    """What the checks ask about.

    Parameters
    ----------
    main_model, reference_model
        The model that the card is about, and the one that it should beat.
    process_models
        Models that see the inspection process only.
    audit
        Audit attributes of the study.
    """

    main_model: str
    reference_model: str
    process_models: Sequence[str]
    audit: Sequence[str]
    capacity: int
    cluster_by: str
    min_group: int
    level: float

    @property
    def at(self) -> str:
        """How estimates name the capacity."""
        return f"capacity={self.capacity}"


def check(estimates: Iterable[Estimate], asked: Asked) -> tuple[Finding, ...]:
    """Every finding about the estimates of a study where somebody went, in order of code; comparisons are `comparison_checks`."""
    book = {estimate.id: estimate for estimate in estimates}
    checks = chain(
        _unvisited(book, asked),
        _never_inspected(book),
        _calibration_drift(book, asked),
        *(_who_and_why(book, asked, column) for column in ("inspector", "channel")),
        *(_ties(book, asked, model) for model in dict.fromkeys((asked.main_model, asked.reference_model))),
        _visits_by_lot(book),
        _few_clusters(book, asked),
        *(_small_groups(book, asked, attribute) for attribute in asked.audit),
    )
    return tuple(checks)


Book = Mapping[str, Estimate]


def find(book: Book, metric: str, *, model: str = "", at: str = "", method: str) -> Estimate | None:
    """One estimate of everybody that has a number, or None."""
    estimate = book.get("/".join((model, metric, "", at, "all", method)))
    return estimate if estimate is not None and estimate.is_known else None


def _all(book: Book, metric: str, **where: str) -> list[Estimate]:
    """Every estimate of a metric with these values, in the run's order."""
    return [
        e for e in book.values() if e.metric == metric and all(getattr(e, key) == value for key, value in where.items())
    ]


def verdict(found: bool) -> Literal["found", "not_found"]:
    """The word for it."""
    return "found" if found else "not_found"


def not_applicable(code: str, reason: str, *, model: str = "", **facts: str) -> Finding:
    """A check that could not look, or need not, and the key of the sentence why."""
    return Finding(code, "not_applicable", model, {**facts, "reason": reason})


def _unvisited(book: Book, asked: Asked) -> Iterator[Finding]:
    """TK101."""
    model, at = asked.main_model, asked.at
    above = find(book, "precision_above_random", model=model, at=at, method="bounds")
    precision = find(book, "precision_at_capacity", model=model, at=at, method="bounds")
    unseen = find(book, "listed_unobserved", model=model, at=at, method="count")
    if above is None or precision is None or unseen is None or unseen.value is None or above.low is None:
        yield not_applicable("TK101", "nobody_visited", model=model)
        return
    facts: Facts = {
        "capacity": asked.capacity,
        "low": points(precision.low),
        "high": points(precision.high),
        "above_low": points(above.low),
        "above_high": points(above.high),
        "unvisited": points(unseen.value / max(unseen.n, 1)),
    }
    yield Finding("TK101", verdict(above.low <= 0), model, facts, (above.id, precision.id, unseen.id))


def _never_inspected(book: Book) -> Iterator[Finding]:
    """TK103."""
    share = find(book, "never_inspected", method="count")
    if share is None or share.value is None:
        yield not_applicable("TK103", "no_outcomes")
        return
    facts: Facts = {"never": round(share.value * share.n), "units": share.n, "share": points(share.value)}
    yield Finding("TK103", verdict(share.value >= NEVER_INSPECTED), "", facts, (share.id,))


def _calibration_drift(book: Book, asked: Asked) -> Iterator[Finding]:
    """TK104: expected over observed differs between folds."""
    model = asked.main_model
    if find(book, "brier", model=model, method="labelled") is None:
        yield not_applicable("TK104", "not_a_probability", model=model)
        return
    ratios = [
        (e.value, e)
        for e in _all(book, "expected_observed_ratio", model=model)
        if e.split != "all" and e.value is not None and e.low is not None
    ]
    if len(ratios) < 2:
        yield not_applicable("TK104", "one_fold", model=model)
        return
    (low_value, lowest), (high_value, highest) = min(ratios, key=_first), max(ratios, key=_first)
    facts: Facts = {
        "folds": len(ratios),
        "lowest_fold": lowest.split,
        "lowest_ratio": round(low_value, 2),
        "highest_fold": highest.split,
        "highest_ratio": round(high_value, 2),
    }
    logs = np.log([max(value, TINY) for value, _ in ratios])
    errors = np.array([_log_error(e) for _, e in ratios])
    found = _differ(logs, errors, level=asked.level)
    yield Finding("TK104", verdict(found), model, facts, tuple(e.id for _, e in ratios))


def _log_error(ratio: Estimate) -> float:
    """Standard error of the logarithm of a ratio, from its interval."""
    z = reach_of(ratio.level or 0.95)
    return math.log(max(ratio.high or 0.0, TINY) / max(ratio.low or 0.0, TINY)) / (2 * z)


def _differ(values: NDArray[np.float64], errors: NDArray[np.float64], *, level: float) -> bool:
    """Whether several numbers with standard errors differ by more than chance (Cochran 1954), however many they are."""
    weights = 1 / np.maximum(errors, TINY) ** 2
    spread = float((weights * (values - np.average(values, weights=weights)) ** 2).sum())
    return bool(chdtrc(values.size - 1, spread) < 1 - level)


def _first(pair: tuple[float, Estimate]) -> float:
    return pair[0]


def _who_and_why(book: Book, asked: Asked, column: str) -> Iterator[Finding]:
    """TK105."""
    cells = [e for e in _all(book, "finding_rate", model="", method="labelled") if attribute_of(e.group) == column]
    rates = [(e.value, e) for e in cells if e.value is not None]
    if len(rates) < 2:
        yield not_applicable("TK105", f"no_{column}", by=column)
        return
    (low, lowest), (high, highest) = _clearest(rates)
    facts: Facts = {
        "by": column,
        "cells": len(rates),
        "highest": value_of(highest.group),
        "highest_rate": points(high),
        "lowest": value_of(lowest.group),
        "lowest_rate": points(low),
    }
    n = np.array([e.n for _, e in rates], np.float64)
    shares = np.array([value for value, _ in rates])
    pooled = float(np.average(shares, weights=n))
    much = 0 < pooled < 1 and _differ(shares, np.sqrt(pooled * (1 - pooled) / n), level=asked.level)
    yield Finding("TK105", verdict(much and high >= RATE_RATIO * low), "", facts, (highest.id, lowest.id))


def _clearest(rates: Sequence[tuple[float, Estimate]]) -> tuple[tuple[float, Estimate], tuple[float, Estimate]]:
    """The cells that are low and high most clearly: by the end of their interval, so that a cell of few visits does not stand for all."""
    highest = max(rates, key=lambda pair: pair[1].low or 0.0)
    return min((pair for pair in rates if pair is not highest), key=lambda pair: pair[1].high or 0.0), highest


def _ties(book: Book, asked: Asked, model: str) -> Iterator[Finding]:
    """TK106."""
    ends = find(book, "precision_at_capacity", model=model, at=asked.at, method="tie_bounds")
    if ends is None or ends.low is None or ends.high is None:
        yield not_applicable("TK106", "nobody_visited", model=model)
        return
    facts: Facts = {"capacity": asked.capacity, "worst": points(ends.low), "best": points(ends.high)}
    facts["range"] = points(ends.high - ends.low)
    yield Finding("TK106", verdict(ends.high - ends.low >= TIE_RANGE), model, facts, (ends.id,))


def _visits_by_lot(book: Book) -> Iterator[Finding]:
    """TK108."""
    channels = [e for e in _all(book, "visits", model="") if attribute_of(e.group) == "channel"]
    if not channels:
        yield not_applicable("TK108", "no_channel")
        return
    lot = [e for e in channels if e.group == "channel=random"]
    n = sum(e.n for e in lot)
    facts: Facts = {"visits": n, "needed": VISITS_BY_LOT}
    yield Finding("TK108", verdict(n < VISITS_BY_LOT), "", facts, tuple(e.id for e in lot))


def _few_clusters(book: Book, asked: Asked) -> Iterator[Finding]:
    """TK110."""
    clusters = book["/clusters///all/count"]
    facts: Facts = {"clusters": clusters.n, "needed": FEW_CLUSTERS, "cluster_by": asked.cluster_by}
    yield Finding("TK110", verdict(clusters.n < FEW_CLUSTERS), "", facts, (clusters.id,))


def _small_groups(book: Book, asked: Asked, attribute: str) -> Iterator[Finding]:
    """TK201."""
    groups = [e for e in _all(book, "rows", model="", method="count") if attribute_of(e.group) == attribute]
    small = [e for e in groups if not e.is_known]
    facts: Facts = {
        "attribute": attribute,
        "suppressed": len(small),
        "groups": len(groups),
        "minimum": asked.min_group,
    }
    yield Finding("TK201", verdict(bool(small)), "", facts, tuple(e.id for e in small))
