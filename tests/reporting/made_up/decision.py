"""The made-up study with a calendar that is also about deciding: costs, a next round, a promise and inspections that miss things."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from tegenkracht.core.criterion import Criterion, Frozen
from tegenkracht.core.decision import Costs, NextRound, SinglePlace
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of
from tegenkracht.core.inspections import Inspections
from tegenkracht.evaluation.imperfect import FIGURES, check_inspections, corrected_estimates
from tegenkracht.evaluation.net_benefit import net_benefits
from tegenkracht.evaluation.next_round import claims_of, plans_of_rounds
from tegenkracht.evaluation.overlap import OF_LISTS
from tegenkracht.evaluation.sight import DECLARED, sight_estimates, sight_of
from tegenkracht.reporting.facts import RunFacts

from .builders import CAPACITY, LEVEL, text
from .calendar import FINDINGS, calendar_facts
from .calendar_estimates import calendar_estimates

COSTS = Costs(
    unit=text("uren werk", "hours of work"),
    visit=6,
    finding=80,
    harm=8.5,
    weights=(0.05, 0.2, 0.4),
    why=text("Bedacht voor de proef.", "Made up for the test."),
)
ROUND = NextRound(random_share=0.1, shares=(0.0, 0.1, 0.2), half_width=0.025)
PROMISE = Criterion(
    name="better_than_lot",
    label=text("Meer dan loting", "More than a lot"),
    metric="precision_above_random",
    model="lightgbm",
    method="labelled",
    at_least=0.05,
)
INSPECTIONS = Inspections(
    sensitivity={"found": 55, "of": 100},
    specificity={"found": 1982, "of": 2000},
    double_visits={"within_days": 14, "at_least": 20},
    why={"nl": "Geteld bij bekende gevallen.", "en": "Counted at known cases."},
)


@cache
def _inspected() -> tuple[Estimate, ...]:
    """What is there behind what was recorded, in the forms of the calendar; ten double findings are too few."""
    pairs = pd.DataFrame({"first": [True] * 9 + [False] * 219, "second": [True] * 2 + [False] * 226})
    pairs = pairs.assign(channel="risk", inspector="i")
    sight, source = sight_of(INSPECTIONS, pairs)
    looks = {figure: {1: 0.9, 2: 0.1} for figure in FIGURES}
    return (
        *sight_estimates(INSPECTIONS, pairs, level=LEVEL),
        *corrected_estimates(_shares(), sight, source, looks, level=LEVEL, seed=1),
    )


def _shares() -> list[Estimate]:
    """Recorded prevalence and precision of the main model."""
    k = f"capacity={CAPACITY}"
    return [
        e
        for e in calendar_estimates()
        if e.split == "all" and not e.group and e.method in ("labelled", "weighted", "audit", "adjusted")
        if (e.metric, e.model, e.at) in ((FIGURES[0], "", ""), (FIGURES[1], "lightgbm", k))
    ]


def _deciding() -> tuple[Estimate, ...]:
    """Figures of a list that changes, costs and teaches, on top of those of the calendar."""
    k, base = f"capacity={CAPACITY}", calendar_estimates()
    sample = {"method": "sample"}
    lists = (
        Estimate("lightgbm", "list_length", 1200.0, n=1200, method="count", at=k),
        Estimate("lightgbm", "listed_unobserved", 774.0, n=1200, method="count", at=k),
        Estimate("lightgbm", "list_kept", 0.73, n=1100, at=k, note=OF_LISTS, **sample),
        Estimate("lightgbm", "list_kept", 0.81, n=100, at=f"{k},from=2023-01-01", note=OF_LISTS, **sample),
        Estimate("random", "list_kept", 0.02, n=1100, at=k, note=OF_LISTS, **sample),
        Estimate("random", "list_kept", 0.01, n=100, at=f"{k},from=2023-01-01", note=OF_LISTS, **sample),
        Estimate("lightgbm", "list_overlap", 0.15, n=1200, at=f"{k},versus=current_rule", **sample),
        Estimate("lightgbm", "lift_over", 1.3, 0.8, 2.1, n=426, level=LEVEL, at=f"{k},versus=current_rule"),
    )
    band = (
        Estimate("lightgbm", "abstained", 0.09, n=400, at="wider_than=0.2", **sample),
        Estimate("lightgbm", "band_low", 0.16, n=400, **sample),
        Estimate("lightgbm", "band_high", 0.28, n=400, **sample),
        Estimate("lightgbm", "without_band", 802.0, n=1202, method="count"),
        Estimate("lightgbm", "base_rate", 0.0334, n=1202, at="prior=learnt", **sample),
        Estimate("lightgbm", "chance_flagged", 0.35, n=1202, at="prior=learnt", **sample),
        Estimate("lightgbm", "base_rate", 0.06, n=1202, method="fixed", at="prior=high"),
        Estimate("lightgbm", "chance_flagged", 0.49, n=1202, at="prior=high", **sample),
    )
    finds = tuple(
        Estimate("lightgbm", metric, value, value - 2, value + 3, n=426, level=LEVEL, at=f"{k},by_lot={share}")
        for share in ("0", "0.1", "0.2")
        for metric, value in (("expected_finds", 40.0), ("finds_given_up", 1.9))
        if share != "0" or metric == "expected_finds"
    )
    plans = plans_of_rounds(
        (*base, *lists), asked=ROUND, claims=claims_of((PROMISE,)), main="lightgbm", capacity=CAPACITY, level=LEVEL
    )
    worth = net_benefits((*base, *lists), costs=COSTS, capacity=CAPACITY, main="lightgbm", reference="current_rule")
    return (*base, *lists, *band, *finds, *plans, *worth, *_inspected())


def decision_facts() -> RunFacts:
    """The calendar study that also states costs and a next round, and asks what to say of one place."""
    found = (
        Finding("TK124", "found", "lightgbm", {"form": "labelled", "needed": 15.9, "low": 7.1, "high": 31.9}),
        Finding("TK125", "found", "lightgbm", {"by": "much", "kept": 31}),
        Finding("TK126", "not_found", "lightgbm", {"share": 9, "places": 400, "wide": 20}),
        Finding("TK127", "found", "lightgbm", {"lots": 0, "capacity": 100}),
        *check_inspections(_inspected(), _shares(), DECLARED),
    )
    return replace(
        calendar_facts(),
        estimates=_deciding(),
        findings=(*FINDINGS, *found),
        references=("current_rule", "random"),
        criteria=(PROMISE,),
        verdicts={"better_than_lot": "met"},
        frozen=Frozen("2026-01-01", digest_of("promise"), 1, False),
        costs=COSTS,
        next_round=ROUND,
        single=SinglePlace(wider_than=0.2, minimum=200),
        inspections=INSPECTIONS,
    )
