"""Made-up runs that look like real ones: a study with a calendar, the same with mitigated models, a replay of scheduled visits, and one about deciding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.criterion import Criterion, Frozen, Limit
from tegenkracht.core.decision import Costs, NextRound, SinglePlace
from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of
from tegenkracht.core.inspections import Inspections
from tegenkracht.core.purpose import Purpose
from tegenkracht.core.text import LANGUAGES, Language, Text
from tegenkracht.evaluation.answers import Answers
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.imperfect import FIGURES, check_inspections, corrected_estimates
from tegenkracht.evaluation.net_benefit import net_benefits
from tegenkracht.evaluation.next_round import claims_of, plans_of_rounds
from tegenkracht.evaluation.pooled import Groups, check_pooled, pooled_estimates
from tegenkracht.evaluation.sight import DECLARED, sight_estimates, sight_of
from tegenkracht.evaluation.unseen import check_unseen
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import (
    AttributeFacts,
    DatasetFacts,
    FoldFacts,
    ModelFacts,
    PointFacts,
    RunFacts,
    ScorecardFacts,
    TableFacts,
)
from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

CAPACITY, LISTED = 100, 1200
LEVEL = 0.95


def wilson(found: int, n: int, metric: str, *, model: str = "", method: str = "labelled", **where: str) -> Estimate:
    """A share with its Wilson interval."""
    z, p = 1.959964, found / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(
        model, metric, p, max(centre - half, 0.0), min(centre + half, 1.0), n=n, method=method, level=LEVEL, **where
    )


def between(found: int, visited: int, listed: int, metric: str, *, model: str = "", **where: str) -> Estimate:
    """What is possible if none, or all, of the places that nobody visited would have had a finding."""
    return Estimate(
        model, metric, None, found / listed, (found + listed - visited) / listed, n=listed, method="bounds", **where
    )


def count(metric: str, n: int, **where: str) -> Estimate:
    """An exact count about the data."""
    return Estimate(where.pop("model", ""), metric, float(n), n=n, method="count", **where)


MODELS = {
    "random": ("random", "Willekeurige volgorde", "Random order", "features", 0.055),
    "current_rule": ("current_rule", "Huidige regel (puntenlijst)", "Current rule (points list)", "features", 0.21),
    "who_inspects": ("who_inspects", "Alleen wie controleert en waarom", "Only who inspects and why", "process", 0.18),
    "scorecard": ("scorecard", "Puntenkaart", "Scorecard", "features", 0.37),
    "logistic": ("logistic", "Leesbaar model (logistisch)", "Readable model (logistic)", "features", 0.38),
    "lightgbm": ("lightgbm", "Dit model (LightGBM)", "This model (LightGBM)", "features", 0.44),
}
CURVE = {
    25: (140, 80),
    50: (250, 127),
    100: (426, 187),
    150: (560, 216),
    200: (680, 232),
    300: (880, 252),
    400: (1020, 259),
}
FOLDS = ("2022-10-01", "2023-04-01", "2023-10-01")


def calendar_estimates() -> tuple[Estimate, ...]:
    """Estimates as the evaluation names them."""
    k = f"capacity={CAPACITY}"
    out = [
        *(
            count(metric, n)
            for metric, n in (
                ("rows", 15000),
                ("units", 5000),
                ("clusters", 62),
                ("observed", 4210),
                ("positives", 612),
            )
        ),
        Estimate("", "inspected_share", 4210 / 15000, 0.27, 0.29, n=15000, method="sample", level=LEVEL),
        Estimate("", "never_inspected", 0.248, n=5000, method="count"),
        wilson(612, 4210, "prevalence"),
        wilson(18, 337, "precision_by_lot", at=k),
        between(18, 337, LISTED, "precision_by_lot", at=k),
        *_channels(),
        *_inspectors(),
    ]
    for name, (*_, share) in MODELS.items():
        out += _model(name, share, k)
    for capacity, (visited, found) in CURVE.items():
        if capacity != CAPACITY:
            out += _list("lightgbm", visited, found, capacity)
    for fold, (visited, found) in zip(FOLDS, ((130, 62), (146, 65), (150, 60)), strict=True):
        out += [
            wilson(found, visited, "precision_at_capacity", model="lightgbm", at=k, split=fold),
            between(found, visited, 400, "precision_at_capacity", model="lightgbm", at=k, split=fold),
        ]
    out += [*_groups(k), *_audit(k), *_places(k), *_weights(), *_explained(), *_calibration(), *_tips(k), *_origins(k)]
    out += [*_learned(k), *_missed(k), *_regions(k), *_totals()]
    return tuple(out)


def _tips(k: str) -> list[Estimate]:
    """Bands over the strength of tips, where the conclusion turns, a yardstick, and bounds under an assumption."""
    figures = (("", "prevalence", "", 0.03), ("lightgbm", "precision_above_random", f"{k},", 0.2))
    out = []
    for model, metric, at, value in figures:
        for gamma in ("1", "1.25", "2", "10"):
            low, high = value / float(gamma), min(0.9, value * float(gamma))
            where = f"{at}chance=estimated,gamma={gamma}"
            out.append(Estimate(model, metric, None, low, high, n=900, method="tips", at=where))
            low, high = low * 0.8, high * 1.1
            out.append(Estimate(model, metric, None, low, high, n=900, method="tips_interval", level=LEVEL, at=where))
        where, high = f"{at}if=unvisited_at_most:1+unvisited_ceiling:0.25", 1.3 * value
        out.append(Estimate(model, metric, None, value / 5, value, n=900, method="assumed", at=where))
        out.append(
            Estimate(model, metric, None, value / 6, high, n=900, method="assumed_interval", level=LEVEL, at=where)
        )
    out.append(between(612, 4210, 15000, "prevalence"))
    turns = f"{k},chance=estimated"
    out.append(Estimate("lightgbm", "gamma_turns", 3.2, 2.1, 4.4, n=426, method="sample", level=LEVEL, at=turns))
    yardsticks = (("takeover", 1.6), ("deprivation", 1.4), ("earlier_visits", 1.2))
    out += [
        Estimate("", "gamma_benchmark", strength, n=15000, method="sample", at=f"family={name}")
        for name, strength in yardsticks
    ]
    return out


def _channels() -> list[Estimate]:
    rows = (
        ("random", 525, 16),
        ("risk", 1693, 297),
        ("signal", 720, 192),
        ("complaint", 452, 43),
        ("programme", 747, 56),
    )
    out = [wilson(found, n, "finding_rate", group=f"channel={name}") for name, n, found in rows]
    out += [count("visits", n, group=f"channel={name}") for name, n, _ in rows]
    hidden = none_because("group_under_minimum", model="", metric="finding_rate", group="channel=unknown")
    return [*out, hidden]


def _inspectors() -> list[Estimate]:
    rows = (
        ("insp-01", 700, 42),
        ("insp-02", 650, 78),
        ("insp-03", 820, 115),
        ("insp-04", 540, 105),
        ("insp-05", 900, 160),
        ("insp-06", 600, 112),
    )
    return [wilson(found, n, "finding_rate", group=f"inspector={name}") for name, n, found in rows]


def _list(name: str, visited: int, found: int, capacity: int) -> list[Estimate]:
    at = f"capacity={capacity}"
    listed = capacity * 12
    return [
        wilson(found, visited, "precision_at_capacity", model=name, at=at),
        between(found, visited, listed, "precision_at_capacity", model=name, at=at),
        wilson(found, 612, "recall_at_capacity", model=name, at=at),
        Estimate(
            name,
            "recall_at_capacity",
            None,
            found / 1900,
            min(1.0, (found + listed - visited) / 1900),
            n=612,
            method="bounds",
            at=at,
        ),
    ]


def _model(name: str, share: float, k: str) -> list[Estimate]:
    visited = {
        "lightgbm": 426,
        "scorecard": 400,
        "logistic": 410,
        "current_rule": 388,
        "who_inspects": 402,
        "random": 337,
    }[name]
    found = round(share * visited)
    out = [
        *_list(name, visited, found, CAPACITY),
        Estimate(
            name,
            "precision_at_capacity",
            None,
            found / visited - 0.02,
            found / visited + 0.01,
            n=visited,
            method="tie_bounds",
            at=k,
        ),
        Estimate(name, "lift_over_random", share / 0.053, share / 0.08, share / 0.035, n=visited, level=LEVEL, at=k),
        Estimate(
            name, "precision_above_random", share - 0.053, share - 0.12, share + 0.01, n=visited, level=LEVEL, at=k
        ),
        Estimate(name, "auc", 0.5 + share / 1.6, 0.47 + share / 1.6, 0.53 + share / 1.6, n=4210, level=LEVEL),
        Estimate(name, "average_precision", 0.145 + share / 2, 0.11 + share / 2, 0.18 + share / 2, n=4210, level=LEVEL),
    ]
    if name in ("logistic", "lightgbm"):
        out += [
            Estimate(name, "brier", 0.108, 0.099, 0.117, n=4210, level=LEVEL),
            Estimate(name, "calibration_slope", 0.86, 0.61, 1.11, n=4210, level=LEVEL),
            Estimate(name, "expected_observed_ratio", 1.12, 0.98, 1.27, n=4210, level=LEVEL),
        ]
    else:
        out.append(none_because("not_a_probability", model=name, metric="brier"))
    if name != "lightgbm":
        low = {"scorecard": -0.02, "logistic": -0.03, "current_rule": 0.13, "who_inspects": 0.16, "random": 0.3}[name]
        at = f"{k},versus={name}"
        out.append(
            Estimate("lightgbm", "precision_difference", 0.44 - share, low, low + 0.18, n=426, level=LEVEL, at=at)
        )
    return out


def _groups(k: str) -> list[Estimate]:
    main, out = "lightgbm", []
    levels = {
        "deprivation=high": (5001, 0.34, 0.11, 0.015, 0.009, 0.021),
        "deprivation=some": (4998, 0.29, 0.085, 0.006, -0.001, 0.012),
        "deprivation=low": (5001, 0.21, 0.07, None, None, None),
        "location=centre": (13000, 0.29, 0.08, None, None, None),
        "location=village": (1230, 0.16, 0.07, -0.009, -0.019, 0.001),
    }
    for group, (n, inspected, selected, gap, low, high) in levels.items():
        attribute = group.partition("=")[0]
        versus = {"deprivation": "low", "location": "centre"}[attribute]
        out += [
            Estimate(
                "",
                "inspected_share",
                inspected,
                inspected - 0.02,
                inspected + 0.02,
                n=n,
                method="sample",
                level=LEVEL,
                group=group,
            ),
            Estimate(
                main,
                "selection_rate",
                selected,
                selected - 0.01,
                selected + 0.01,
                n=n,
                method="sample",
                level=LEVEL,
                group=group,
                at=k,
            ),
            wilson(int(n * 0.01), int(n * 0.025), "precision_at_capacity", model=main, group=group, at=k),
            wilson(int(n * 0.015), int(n * 0.2), "false_positive_rate", model=main, group=group, at=k),
        ]
        if gap is not None:
            at = f"{k},versus={versus}"
            out += [
                Estimate(
                    main, "selection_rate_gap", gap, low, high, n=n, method="sample", level=LEVEL, group=group, at=at
                ),
                Estimate(
                    main, "false_positive_rate_gap", gap / 2, -0.003, 0.012, n=n // 5, level=LEVEL, group=group, at=at
                ),
            ]
    hidden = "location=harbour_edge"
    out.append(none_because("group_under_minimum", model="", metric="inspected_share", method="sample", group=hidden))
    for metric, at in (
        ("selection_rate", k),
        ("selection_rate_gap", f"{k},versus=centre"),
        ("false_positive_rate_gap", f"{k},versus=centre"),
    ):
        out.append(none_because("group_under_minimum", model=main, metric=metric, method="sample", group=hidden, at=at))
    return out


def _pooled(metric: str, value: float, reach: float, *, n: int, group: str, at: str) -> Estimate:
    """A figure of a group that leans on others."""
    ends = {"low": value - reach, "high": value + reach}
    model = "" if metric.startswith("inspected") else "lightgbm"
    return Estimate(model, metric, value, **ends, n=n, method="pooled", level=LEVEL, group=group, at=at)


def _audit(k: str) -> list[Estimate]:
    """Gaps with what could be seen and what chance gives, combinations of two attributes, other lengths, bounds and areas."""
    out: list[Estimate] = []
    gaps = {
        ("deprivation=high", "low"): (0.015, 0.006, 0.007, 0.001),
        ("deprivation=some", "low"): (0.004, 0.003, 0.007, 0.4),
        ("location=village", "centre"): (-0.009, 0.02, 0.14, 0.6),
        ("deprivation*location=high*village", "low*centre"): (0.01, 0.03, 0.05, 0.7),
    }
    for (group, versus), (gap, reach, least, chance) in gaps.items():
        at, main = f"{k},versus={versus}", "lightgbm"
        for metric in ("selection_rate", "false_positive_rate"):
            about = {"n": 1000, "method": "apart", "group": group, "at": at}
            out += [
                replace(_pooled(f"{metric}_gap", gap, reach, n=1000, group=group, at=at), method="apart"),
                Estimate(main, f"{metric}_smallest_gap", least, **about),
                Estimate(main, f"{metric}_gap_chance", chance, **about),
            ]
    hidden = {"group": "location=harbour_edge", "at": f"{k},versus=centre"}
    for part in ("gap", "smallest_gap", "gap_chance"):
        for metric in ("selection_rate", "false_positive_rate"):
            name = f"{metric}_{part}"
            out.append(none_because("group_under_minimum", model="lightgbm", metric=name, method="apart", **hidden))
    crossed = {"deprivation*location=high*village": 0.02, "deprivation*location=low*centre": 0.01}
    for group, level in crossed.items():
        out += [
            _pooled("inspected_share", 10 * level, level, n=900, group=group, at=""),
            _pooled("selection_rate", level, level / 2, n=900, group=group, at=k),
        ]
    for length in (50, 200):
        at = f"capacity={length}"
        sample = {"n": 5000, "method": "sample", "level": LEVEL, "group": "deprivation=high", "at": at}
        share = length / 6000
        out.append(Estimate("lightgbm", "selection_rate", share, share / 2, 2 * share, **sample))
    out.append(between(40, 60, 900, "false_positive_rate", model="lightgbm", group="deprivation=high", at=k))
    for area, share in (("BU01", 0.08), ("BU02", 0.03)):
        out.append(_pooled("selection_rate", share, 0.02, n=140, group=f"area_code={area}", at=k))
        out.append(_pooled("inspected_share", 0.2, 0.1, n=140, group=f"area_code={area}", at=""))
    return out


def _places(k: str) -> list[Estimate]:
    """Within and between areas, neighbours, and what lies around flagged places."""
    about = {"n": 1200, "method": "sample", "level": LEVEL}
    split = {"group": "location=village", "at": k, **about}
    figures = {"flagged_neighbours": 0.052, "flagged_neighbours_by_lot": 0.011}
    figures |= {"inspected_near_flagged": 0.124, "inspected_elsewhere": 0.099}
    return [
        Estimate("lightgbm", "listed_within_areas", 0.001, -0.004, 0.006, **split),
        Estimate("lightgbm", "listed_between_areas", 0.02, 0.01, 0.03, **split),
        Estimate("lightgbm", "score_within_areas", 0.0012, -0.004, 0.006, **split),
        none_because(
            "attribute_of_areas",
            model="lightgbm",
            metric="listed_within_areas",
            method="sample",
            group="deprivation=high",
            at=k,
        ),
        *(
            Estimate("lightgbm", metric, value, value / 2, 2 * value, at=k, **about)
            for metric, value in figures.items()
        ),
        *(
            Estimate(
                "lightgbm", f"exposure_{name}", value, value - 0.4, value + 0.4, at=f"{k},measure=vacancy", **about
            )
            for name, value in (("flagged", 1.06), ("all", 0.15), ("difference", 0.91))
        ),
    ]


def _origins(k: str) -> list[Estimate]:
    """What the search for where differences come from gives, of two groups."""
    main, out = "lightgbm", []
    for group, versus in (("deprivation=high", "low"), ("location=village", "centre")):
        out += [
            *(
                Estimate(main, "proxy_auc", 0.63, 0.58, 0.68, n=5000, method="sample", level=LEVEL, group=group, at=at)
                for at in ("score", "score,found=no")
            ),
            none_because(
                "base_under_minimum", model=main, metric="proxy_auc", method="sample", group=group, at="score,found=yes"
            ),
            Estimate(
                "",
                "proxy_auc",
                0.71,
                0.66,
                0.75,
                n=5000,
                method="sample",
                level=LEVEL,
                group=group,
                at="columns=together",
            ),
            Estimate(
                "",
                "proxy_auc",
                0.58,
                0.52,
                0.63,
                n=5000,
                method="sample",
                level=LEVEL,
                group=group,
                at="family=takeover",
            ),
        ]
        attribute, about = group.partition("=")[0], {"n": 5000, "method": "sample"}
        for metric, feature, value in (
            ("eta_squared", "takeover_count_36m", 0.04),
            ("eta_squared", "takeover_days_since_last", 0.09),
            ("cramers_v", "takeover_count_12m", 0.25),
        ):
            if attribute == "deprivation":
                at = f"feature={feature}"
                ends = {"low": value / 2, "high": 2 * value, "level": LEVEL}
                out.append(Estimate("", metric, value, **about, **ends, group=f"{attribute}=", at=at))
        for at, model, gap in (
            ("visits=all", "", 0.031),
            ("visits=all,same=score", main, 0.012),
            ("visits=chosen", "", 0.028),
        ):
            out += [
                Estimate(model, "found_gap", gap, gap - 0.02, gap + 0.02, n=900, level=LEVEL, group=group, at=at),
                Estimate(model, "found_gap_detectable", 0.034, n=900, group=group, at=at),
            ]
        lot = "visits=lot,same=score"
        out.append(
            none_because("base_under_minimum", model=main, metric="found_gap", method="audit", group=group, at=lot)
        )
        out += [
            wilson(9, 120, "found_share", group=group, at="channel=random"),
            wilson(14, 110, "found_share", group=group, at="inspector=insp-01"),
            Estimate("", "kappa", 0.41, 0.22, 0.58, n=64, level=LEVEL, group=group),
            Estimate("", "found_again", 0.46, 0.28, 0.63, n=64, level=LEVEL, group=group),
            Estimate("", "visit_threshold", 0.06, 0.03, 0.1, n=5000, level=LEVEL, group=group),
            Estimate(
                "", "visit_threshold_gap", -0.02, -0.05, 0.02, n=5000, level=LEVEL, group=group, at=f"versus={versus}"
            ),
        ]
        for step, share in (("population", 0.33), ("inspected", 0.41), ("confirmed", 0.44)):
            out += [
                Estimate("", "step_count", 900.0, n=900, method="count", group=group, at=f"step={step}"),
                Estimate(
                    "",
                    "step_share",
                    share,
                    share - 0.03,
                    share + 0.03,
                    n=4210,
                    method="sample",
                    level=LEVEL,
                    group=group,
                    at=f"step={step}",
                ),
            ]
        flagged = f"step=flagged,{k}"
        out += [
            Estimate(main, "step_count", 561.0, n=561, method="count", group=group, at=flagged),
            Estimate(
                main, "step_share", 0.47, 0.4, 0.53, n=1200, method="sample", level=LEVEL, group=group, at=flagged
            ),
            none_because("no_appeals", model="", metric="step_share", group=group, at="step=overturned"),
        ]
    at = f"rate=selection_rate,{k}"
    worst = "deprivation=high & location=village"
    return [
        *out,
        Estimate("", "kappa", 0.43, 0.3, 0.55, n=131, level=LEVEL),
        Estimate("", "found_again", 0.48, 0.35, 0.6, n=131, level=LEVEL),
        Estimate(main, "subgroup_gap", 0.05, 0.01, 0.09, n=400, method="sample", level=LEVEL, group=worst, at=at),
        Estimate(main, "subgroup_chance", 0.004, n=15000, method="labelled", at=at),
        Estimate(main, "subgroups_searched", 12.0, n=12, method="count", at=at),
    ]


def _weights() -> list[Estimate]:
    weights = (
        ("takeover_count_36m", 0.31),
        ("tenure_days", 0.19),
        ("late_accounts_sum_24m", 0.14),
        ("takeover_days_since_last", 0.12),
    )
    weights += (
        ("area_vacancy_latest", 0.09),
        ("cluster_takeover_count_12m", 0.08),
        ("late_accounts_max_24m", 0.04),
        ("heat_burglary", 0.02),
    )
    return [
        Estimate(
            "lightgbm",
            "mean_abs_shap",
            w,
            w * 0.8,
            w * 1.2,
            n=15000,
            method="sample",
            level=LEVEL,
            at=f"feature={name}",
        )
        for name, w in weights
    ]


def _explained() -> list[Estimate]:
    """What the families weigh by each road, how alike the orders are, and what survived the refits."""
    out: list[Estimate] = []

    def add(metric: str, value: float, spread: float, at: str, method: str, n: int) -> None:
        low, high = value - spread, value + spread
        out.append(Estimate("lightgbm", metric, value, low, high, n=n, method=method, level=LEVEL, at=at))

    for i, family in enumerate(("takeover", "tenure_days", "late_accounts"), 1):
        at = f"family={family}"
        add("mean_abs_shap", 0.5 / i, 0.05, at, "sample", 15000)
        add("attribution_rank", float(i), 0.5, at, "sample", 10)
        out.append(Estimate("lightgbm", "sign_agreement", 0.9, n=10, method="sample", at=at))
        add("permutation_importance", 4.0 / i, 1.5, at, "labelled", 2105)
        add("drop_importance", 1.0 / i, 2.5, at, "labelled", 700)
    for versus in ("permutation", "drop"):
        add("importance_tau", 0.4, 0.3, f"versus={versus}", "labelled", 2105)
        add("importance_overlap", 2 / 3, 1 / 3, f"versus={versus}", "labelled", 2105)
    add("list_overlap", 0.3, 0.05, "", "sample", 10)
    add("flags_depending", 0.47, 0.05, "", "sample", LISTED)
    add("first_overlap", 0.5, 0.25, "first=3", "sample", 10)
    add("reasons_withheld", 0.15, 0.02, "", "sample", LISTED)
    out.append(Estimate("lightgbm", "rank_concordance", 0.95, n=10, method="sample"))
    out.append(
        Estimate("lightgbm", "family_correlation", 0.82, n=15000, method="sample", at="families=takeover+late_accounts")
    )
    return out


def _calibration() -> list[Estimate]:
    out = []
    for i, (predicted, found, n) in enumerate(
        ((0.011, 5, 421), (0.05, 18, 421), (0.12, 44, 421), (0.22, 86, 421), (0.41, 150, 421)), 1
    ):
        out.append(Estimate("lightgbm", "predicted_mean", predicted, n=n, method="labelled", at=f"bin={i:02}"))
        out.append(wilson(found, n, "observed_mean", model="lightgbm", at=f"bin={i:02}"))
        at, low, high = f"point={i:02}", 0.8 * predicted, 1.2 * predicted
        out.append(Estimate("lightgbm", "curve_score", predicted, n=n, method="fixed", at=at))
        out.append(wilson(found, n, "curve_found", model="lightgbm", at=at))
        out.append(Estimate("lightgbm", "curve_consistent", low=low, high=high, n=n, method="fixed", at=at))
    return out


def _totals() -> Iterator[Estimate]:
    """What visits found per total of the scorecard, and what it expected there."""
    for at, found, n, expected in (("0-0", 9, 812, 0.013), ("2-2", 11, 240, 0.034), ("5-7", 14, 61, 0.208)):
        yield wilson(found, n, "found_at_total", model="scorecard", at=f"total={at}")
        yield Estimate("scorecard", "expected_at_total", expected, n=n, method="labelled", at=f"total={at}")


def _learned(k: str) -> list[Estimate]:
    """Two curves, a pair, the declared directions of two models and their price."""
    kind = {"n": 500, "method": "sample", "level": LEVEL}
    curves = {
        "takeover_count_36m": ((0, -0.4), (1, 0.1), (3, 1.3)),
        "tenure_days": ((12.5, 0.3), (800, 0.05), (5000, -0.35)),
    }
    out = [
        Estimate("lightgbm", "ale", height, height - 0.2, height + 0.2, at=f"feature={name},value={value:g}", **kind)
        for name, points in curves.items()
        for value, height in points
    ]
    out += [
        Estimate("lightgbm", "ale_size", size, size - 0.05, size + 0.05, at=f"feature={name}", **kind)
        for name, size in zip(curves, (0.41, 0.22), strict=True)
    ]
    at = "feature=takeover_count_36m,with=tenure_days"
    out.append(Estimate("lightgbm", "interaction", 0.12, 0.06, 0.18, at=at, **kind))
    out += [
        Estimate(model, "against_direction", share, n=14_000, method="sample")
        for model, share in (("lightgbm", 0.0), ("logistic", 0.286))
    ]
    out.append(wilson(170, 410, "precision_without_directions", model="lightgbm", at=k))
    out.append(Estimate("lightgbm", "constraint_gain", 0.025, -0.04, 0.09, n=426, level=LEVEL, at=k))
    out.append(Estimate("lightgbm", "constraint_gain_units", 0.38, n=426, at=k))
    return out


def _missed(k: str) -> list[Estimate]:
    """Groups, differences per family in three contrasts (one withheld), and hiding."""
    sizes = (("missed", 425), ("caught", 187), ("passed", 3359), ("wrong", 239))
    out = [Estimate("lightgbm", f"places_{group}", float(n), n=n, method="count", at=k) for group, n in sizes]
    values = {"takeover": 0.12, "tenure_days": -0.05, "late_accounts": 0.31}
    for metric, versus in (("missed", "passed"), ("missed", "caught"), ("wrong", "caught")):
        for family, value in values.items():
            at = f"family={family},versus={versus}"
            out.append(
                none_because("few_of_this_kind", model="lightgbm", metric="wrong_difference", at=at)
                if metric == "wrong"
                else Estimate(
                    "lightgbm", f"{metric}_difference", value, value - 0.2, value + 0.2, n=425, level=LEVEL, at=at
                )
            )
    for hidden, found in ((1, 160), (3, 120)):
        at = f"{k},hidden={hidden}"
        out.append(wilson(found, 612, "recall_when_hiding", model="lightgbm", at=at))
        out.append(wilson(found, 420, "precision_when_hiding", model="lightgbm", at=at))
        lost = (187 - found) / 612
        out.append(Estimate("lightgbm", "recall_lost", lost, lost / 2, 2 * lost, n=612, level=LEVEL, at=at))
    return [*out, wilson(110, 187, "yield_at_risk", model="lightgbm", at=k)]


# ---------------------------------------------------------------- what was declared


def _regions(k: str) -> list[Estimate]:
    """Regions that lean on each other: fourteen, one too small to show and one unlike the others; and what the model makes of regions it does not know."""
    visits = np.array([400.0, 300, 220, 200, 160, 140, 120, 90, 70, 50, 30, 20, 12, 6])
    share = np.array([0.05, 0.04, 0.06, 0.05, 0.3, 0.05, 0.04, 0.06, 0.03, 0.06, 0.1, 0.0, 0.08, 0.0])
    names = [f"region=GM{i:04}" for i in range(101, 115)]
    out: list[Estimate] = []
    for metric, model, at, forms in (
        ("group_finding_rate", "", "", ("labelled", "weighted", "audit")),
        ("group_precision", "lightgbm", k, ("labelled",)),
    ):
        for form, part in zip(forms, (1.0, 0.8, 0.3), strict=False):
            answers = Answers(share, visits * part, np.floor(visits * part))
            groups = Groups(names, answers, 10)
            rng = np.random.default_rng(1)
            out += pooled_estimates(groups, metric, About(model, at=at), form=form, level=LEVEL, rng=rng)
    for region, area in (("GM0101", 0.71), ("GM0102", 0.66), ("GM0103", 0.74)):
        out.append(
            Estimate(
                "lightgbm", "auc_unseen", area, area - 0.06, area + 0.05, n=300, level=LEVEL, group=f"unseen={region}"
            )
        )
    for part, low, high in (("common", 0.64, 0.76), ("new", 0.55, 0.83)):
        out.append(Estimate("lightgbm", f"auc_unseen_{part}", 0.7, low, high, n=3, method="pooled", level=LEVEL))
    return out


def _text(nl: str, en: str) -> Text:
    return Text(nl=nl, en=en)


FEATURES = tuple(
    Feature(
        name=name,
        label=_text(nl, en),
        definition=_text(
            f"{nl}, gerekend tot en met de dag waarop de lijst wordt gemaakt.",
            f"{en}, counted up to the day on which the list is made.",
        ),
        subject=subject,
        source=source,
        family=family,
        availability=availability,
        direction=direction,
        proxy_risk=risk,
        manipulability=manipulability,
    )
    for name, nl, en, subject, source, family, availability, direction, risk, manipulability in (
        (
            "takeover_count_36m",
            "Aantal wisselingen van uitbater in 36 maanden",
            "Number of changes of operator in 36 months",
            "business",
            "Handelsregister",
            "takeover",
            "open",
            "+",
            "low",
            1,
        ),
        (
            "takeover_days_since_last",
            "Dagen sinds laatste wisseling van uitbater",
            "Days since last change of operator",
            "business",
            "Handelsregister",
            "takeover",
            "open",
            "-",
            "low",
            1,
        ),
        (
            "cluster_takeover_count_12m",
            "Aantal wisselingen bij de buren in 12 maanden",
            "Number of changes at the neighbours in 12 months",
            "place",
            "Handelsregister",
            "takeover",
            "open",
            "+",
            "medium",
            1,
        ),
        (
            "tenure_days",
            "Dagen sinds opening",
            "Days since opening",
            "business",
            "Handelsregister",
            "",
            "open",
            "-",
            "medium",
            2,
        ),
        (
            "late_accounts_sum_24m",
            "Te late jaarrekeningen, som over 24 maanden",
            "Late accounts, sum over 24 months",
            "business",
            "Jaarrekeningen",
            "late_accounts",
            "licensed",
            "+",
            "medium",
            3,
        ),
        (
            "late_accounts_max_24m",
            "Te late jaarrekeningen, hoogste in 24 maanden",
            "Late accounts, highest in 24 months",
            "business",
            "Jaarrekeningen",
            "late_accounts",
            "licensed",
            "+",
            "medium",
            3,
        ),
        (
            "area_vacancy_latest",
            "Leegstand in het gebied, laatste stand",
            "Vacancy in the area, latest",
            "area",
            "Gemeente",
            "vacancy",
            "open",
            "±",
            "high",
            0,
        ),
        (
            "heat_burglary",
            "Inbraken in de buurt",
            "Burglaries nearby",
            "area",
            "Politie, open data",
            "heat_burglary",
            "closed",
            "+",
            "high",
            0,
        ),
    )
)

PURPOSE = Purpose(
    title=_text(
        "Welke winkelpanden verdienen aandacht van een mens?", "Which shop premises deserve a person’s attention?"
    ),
    question=_text(
        "Bij welke winkelpanden vindt een controle binnen 12 maanden iets dat op crimineel gebruik van de zaak wijst?",
        "At which shop premises would a visit within 12 months find something that points to criminal use of the business?",
    ),
    unit="place",
    unit_name=_text("winkelpanden", "shop premises"),
    outcome=_text("Een bevinding bij een controle binnen 12 maanden.", "A finding on a visit within 12 months."),
    intended_use=(_text("kiezen waar een mens eerst kijkt", "to choose where a person looks first"),),
    out_of_scope=(
        _text("als reden om een vergunning te weigeren", "as a reason to refuse a licence"),
        _text("om personen of families te beoordelen", "to assess persons or families"),
        _text("voor opsporing of door de politie", "for criminal investigation or by the police"),
        _text("om zonder mens iets te besluiten", "to decide anything without a person"),
    ),
    reading_guide=_text(
        "Dat het pand kenmerken heeft die een deskundige wil bekijken. Bijvoorbeeld: veel wisselingen van ondernemer.",
        "That the premises have features that an expert wants to look at. For example: many changes of operator.",
    ),
    deployer=_text("Gemeente Voorbeeldstad", "Municipality of Exampletown"),
    deployer_function=_text(
        "toezicht en vergunningen, geen opsporing", "supervision and licences, no criminal investigation"
    ),
    legal_ground=None,
    sole_traders="exclude",
)


def _table(name: str, rows: int) -> TableFacts:
    return TableFacts(
        name=name,
        source=_text("Wereldgenerator", "World generator"),
        collector="tegenkracht",
        period=(date(2016, 1, 1), date(2023, 12, 31)),
        licence="CC0-1.0",
        original_purpose=_text("onderzoek naar methoden.", "research into methods."),
        permitted_use=("research",),
        entity_scoring_allowed=True,
        personal_data="none",
        rows=rows,
        digest=digest_of([name, rows]),
    )


def _fold(name: str, test_from: date, test_until: date) -> FoldFacts:
    split_on = date.fromisoformat(name)
    return FoldFacts(
        name=name,
        split_on=split_on,
        train_from=date(2017, 1, 1),
        train_until=split_on.replace(year=split_on.year - 1),
        test_from=test_from,
        test_until=test_until,
        n_train=6120,
        n_test=5000,
        n_positive=640,
    )


FINDINGS = (
    Finding(
        "TK101",
        "found",
        "lightgbm",
        {"capacity": 100, "low": 15.6, "high": 80.1, "above_low": -12.5, "above_high": 78.0, "unvisited": 64.5},
    ),
    Finding(
        "TK102",
        "not_found",
        "lightgbm",
        {
            "other": "who_inspects",
            "capacity": 100,
            "difference": 26.0,
            "low": 16.0,
            "high": 34.0,
            "per_hundred_level": 95,
        },
    ),
    Finding("TK103", "found", "lightgbm", {"never": 1240, "units": 5000, "share": 24.8}),
    Finding(
        "TK104",
        "not_found",
        "lightgbm",
        {"folds": 3, "lowest_fold": FOLDS[0], "lowest_ratio": 0.97, "highest_fold": FOLDS[2], "highest_ratio": 1.18},
    ),
    Finding(
        "TK105",
        "found",
        "",
        {
            "by": "inspector",
            "cells": 6,
            "highest": "insp-04",
            "highest_rate": 19.4,
            "lowest": "insp-01",
            "lowest_rate": 6.0,
        },
    ),
    Finding(
        "TK105",
        "found",
        "",
        {
            "by": "channel",
            "cells": 5,
            "highest": "signal",
            "highest_rate": 26.7,
            "lowest": "random",
            "lowest_rate": 3.0,
        },
    ),
    Finding("TK106", "not_found", "lightgbm", {"capacity": 100, "worst": 42.0, "best": 45.0, "range": 3.0}),
    Finding(
        "TK107",
        "not_found",
        "lightgbm",
        {
            "other": "current_rule",
            "capacity": 100,
            "difference": 23.0,
            "low": 13.0,
            "high": 31.0,
            "per_hundred_level": 95,
        },
    ),
    Finding("TK108", "not_found", "", {"visits": 525, "needed": 30}),
    Finding(
        "TK109",
        "not_found",
        "lightgbm",
        {"capacity": 100, "difference": 38.7, "low": 32.0, "high": 45.0, "per_hundred_level": 95},
    ),
    Finding("TK110", "not_found", "", {"clusters": 62, "needed": 30, "cluster_by": "cluster_id"}),
    Finding("TK201", "found", "", {"attribute": "location", "suppressed": 1, "groups": 3, "minimum": 10}),
    Finding(
        "TK202",
        "found",
        "lightgbm",
        {
            **{"attribute": "deprivation", "metric": "selection_rate", "group": "high", "reference_group": "low"},
            **{"gap": 1.5, "low": 0.9, "high": 2.1, "looked_at": 14, "by_chance": 0.7},
        },
    ),
    Finding(
        "TK206",
        "found",
        "lightgbm",
        {
            **{"attribute": "deprivation", "metric": "selection_rate", "group": "high", "reference_group": "low"},
            **{"limit": 1.0, "gap": 1.5, "low": 0.9, "high": 2.1, "by": "limit_open"},
        },
    ),
    Finding(
        "TK207",
        "found",
        "lightgbm",
        {"attribute": "deprivation*location", "matters": 2.0, "looked_at": 6, "short": 4, "shown": 1, "small": 1},
    ),
    Finding(
        "TK209",
        "found",
        "lightgbm",
        {"by": "exposure", "kind": "vacancy", "flagged": 1.06, "all": 0.15, "low": 0.5, "high": 1.3},
    ),
    Finding(
        "TK210",
        "not_found",
        "lightgbm",
        {"looked_at": 6, "attribute": "area_code", "metric": "selection_rate", "gap": 4.0, "chance": 6.1},
    ),
    Finding("TK202", "not_found", "lightgbm", {"attribute": "location", "looked_at": 7, "by_chance": 0.35}),
    Finding("TK308", "not_found", "lightgbm", {"columns": 7, "against": 0}),
    Finding("TK308", "found", "logistic", {"columns": 7, "against": 2, "feature": "tenure_days", "share": 100.0}),
    Finding("TK309", "found", "lightgbm", {"other": "scorecard", "value": 7.0, "low": -2.0, "high": 16.0}),
    Finding("TK310", "found", "lightgbm", {"share": 58.8, "columns": 3}),
    Finding(
        "TK311",
        "found",
        "lightgbm",
        {"pairs": 5, "larger": 1, "feature": "takeover_count_36m", "with": "tenure_days"},
    ),
    Finding("TK312", "found", "lightgbm", {"families": 6, "clear": 1, "family": "late_accounts", "more": "more"}),
    Finding(
        "TK312",
        "found",
        "lightgbm",
        {
            **{"by": "rule_two", "first": "late_accounts_sum_24m", "first_side": "above", "first_limit": 12.5},
            **{"second": "tenure_days", "second_side": "at_most", "second_limit": 800.0},
            **{"inside": 31.2, "outside": 11.0},
        },
    ),
    Finding("TK901", "not_applicable", "", {"reason": "something_new"}),
)


def calendar_facts() -> RunFacts:
    """A synthetic study with five models, three folds, two audit attributes and a group that is too small."""
    return RunFacts(
        study="shopping_strip",
        run_id="20261123-201500-ab12cd",
        created_on=date(2026, 11, 23),
        card_version="0.1",
        author=None,
        contact=None,
        purpose=PURPOSE,
        dataset=DatasetFacts(
            name="shopping_world",
            title=_text("nagemaakte winkelstrips", "made-up shopping strips"),
            synthetic=True,
            known_until=date(2023, 12, 31),
            tables=(_table("units", 5000), _table("events", 48211), _table("inspections", 9120)),
        ),
        features=FEATURES,
        place_pages=True,
        families={
            "takeover": _text("Wisseling van uitbater", "Change of operator"),
            "late_accounts": _text("Te late jaarrekening", "Late accounts"),
        },
        attributes={
            "deprivation": AttributeFacts(
                label=_text("Achterstand van het gebied", "Deprivation of the area"),
                definition=_text(
                    "Een derde van de gebieden met de meeste achterstand heet ‘veel’.",
                    "The third of areas with most deprivation is called ‘high’.",
                ),
                values={"high": _text("veel", "high"), "some": _text("enige", "some"), "low": _text("weinig", "low")},
            ),
            "location": AttributeFacts(
                label=_text("Ligging", "Location"),
                definition=_text("Waar de strip ligt.", "Where the strip lies."),
                values={
                    "centre": _text("centrum", "centre"),
                    "village": _text("dorp", "village"),
                    "harbour_edge": _text("havenrand", "harbour edge"),
                },
            ),
        },
        estimates=calendar_estimates(),
        findings=(
            *FINDINGS,
            *check_pooled(_regions(f"capacity={CAPACITY}"), by=("region",), level=LEVEL),
            check_unseen(_regions(f"capacity={CAPACITY}"), model="lightgbm", left_out=True),
        ),
        models={
            name: ModelFacts(label=_text(nl, en), description=_text(f"{nl}.", f"{en}."), kind=kind, columns=columns)
            for name, (kind, nl, en, columns, _) in MODELS.items()
        },
        main="lightgbm",
        references=("random", "current_rule", "logistic"),
        capacity=CAPACITY,
        scheduled=False,
        one_list_per="as_of",
        reviewer=_text("Een toezichthouder en een jurist lezen samen.", "A supervisor and a lawyer read together."),
        folds=(
            _fold(FOLDS[0], date(2022, 10, 1), date(2023, 1, 1)),
            _fold(FOLDS[1], date(2023, 4, 1), date(2023, 7, 1)),
            _fold(FOLDS[2], date(2023, 10, 1), date(2023, 12, 1)),
        ),
        identity={
            "run": digest_of("run"),
            "spec": digest_of("spec"),
            "data": digest_of("data"),
            "panel": digest_of("panel"),
            "code": digest_of("code"),
        },
        versions={"tegenkracht": "0.1.0", "Python": "3.12.3", "lightgbm": "4.7.0", "shap": "0.51.0"},
        spec={"seed": 20240917, "explain": {"missed": {"hiding": 0.5}}},
        scorecard=ScorecardFacts(
            model="scorecard",
            lines=(
                PointFacts(feature="takeover_count_36m", side="at_least", limit=3, points=5),
                PointFacts(feature="tenure_days", side="at_most", limit=410.5, points=2),
            ),
            bands=((0, 0), (2, 2), (5, 7)),
        ),
        timings={"read": 0.412, "assemble": 2.31, "fit": 4.02, "measure": 11.875},
        intersections=("deprivation*location",),
        smallest_gap=0.02,
        limits=(
            Limit(metric="selection_rate", attribute="deprivation", at_most=1),
            Limit(metric="false_positive_rate", attribute="location", at_most=2.5),
        ),
        limit_verdicts={"selection_rate.deprivation": "not_met", "false_positive_rate.location": "not_shown"},
    )


# ---------------------------------------------------------------- deciding


COSTS = Costs(
    unit=_text("uren werk", "hours of work"),
    visit=6,
    finding=80,
    harm=8.5,
    weights=(0.05, 0.2, 0.4),
    why=_text("Bedacht voor de proef.", "Made up for the test."),
)
ROUND = NextRound(random_share=0.1, shares=(0.0, 0.1, 0.2), half_width=0.025)
PROMISE = Criterion(
    name="better_than_lot",
    label=_text("Meer dan loting", "More than a lot"),
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
        Estimate("lightgbm", "list_kept", 0.73, n=1100, at=k, **sample),
        Estimate("lightgbm", "list_kept", 0.81, n=100, at=f"{k},from=2023-01-01", **sample),
        Estimate("random", "list_kept", 0.02, n=1100, at=k, **sample),
        Estimate("random", "list_kept", 0.01, n=100, at=f"{k},from=2023-01-01", **sample),
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


# ---------------------------------------------------------------- the replay


REPLAYED = {
    "with_inspector": (
        "logistic",
        "Tien kenmerken én de inspecteur",
        "Ten features and the inspector",
        "both",
        7.43,
        4.8,
        10.0,
        0.69,
    ),
    "without_inspector": (
        "logistic",
        "Tien kenmerken, zonder de inspecteur",
        "Ten features, without the inspector",
        "features",
        2.29,
        -0.5,
        5.0,
        0.566,
    ),
    "who_inspects": ("who_inspects", "Alleen de inspecteur", "Inspector only", "process", 7.61, 4.2, 9.8, 0.694),
    "random": ("random", "Willekeurig", "Random", "features", -1.5, -4.1, 1.1, 0.53),
}


def replay_estimates() -> tuple[Estimate, ...]:
    """Days earlier in the shape of the evaluation's replay; figures of the order of a published case."""
    out = [
        count("rows", 1637),
        count("observed", 1637),
        count("positives", 258),
        Estimate("", "never_inspected", 0.0, n=1632, method="count"),
    ]
    k = "capacity=818"
    for name, (*_, days, low, high, half) in REPLAYED.items():
        out += [
            Estimate(name, "days_earlier", days, low, high, n=258, method="replay", level=LEVEL),
            Estimate(name, "days_earlier_median", days - 1, low, high, n=258, method="replay", level=LEVEL),
            Estimate(name, "found_later_share", 0.38, 0.32, 0.44, n=258, method="replay", level=LEVEL),
            Estimate(name, "first_half_share", half, half - 0.06, half + 0.06, n=258, method="replay", level=LEVEL),
            Estimate(name, "auc", 0.5 + half / 5, 0.45 + half / 5, 0.55 + half / 5, n=1637, level=LEVEL),
            wilson(round(818 * half / 3), 818, "precision_at_capacity", model=name, at=k),
            between(round(818 * half / 3), 818, 818, "precision_at_capacity", model=name, at=k),
        ]
        if name != "with_inspector":
            at = f"versus={name}"
            out.append(
                Estimate(
                    "with_inspector",
                    "days_earlier_difference",
                    7.43 - days,
                    low - 7,
                    high + 1,
                    n=258,
                    method="replay",
                    level=LEVEL,
                    at=at,
                )
            )
    out += [
        Estimate(
            "with_inspector",
            "days_earlier",
            0.82,
            -1.7,
            3.3,
            n=258,
            method="replay",
            level=LEVEL,
            at="within=inspector",
        ),
        Estimate("", "days_earlier", -1.49, -3.5, 0.5, n=258, method="replay", level=LEVEL, at="order=random"),
        Estimate("", "days_earlier", 24.1, 21.7, 26.5, n=258, method="replay", level=LEVEL, at="order=oracle"),
        wilson(129, 818, "precision_by_lot", at=k),
    ]
    rates = (
        ("purple", 1273, 519),
        ("blue", 3434, 876),
        ("orange", 4068, 561),
        ("green", 4940, 479),
        ("yellow", 3004, 180),
        ("brown", 1993, 50),
    )
    out += [wilson(found, n, "finding_rate", group=f"inspector={name}") for name, n, found in rates]
    return tuple(out)


def replay_facts() -> RunFacts:
    """Scheduled visits that are replayed: no groups, one fold, real data."""
    base = calendar_facts()
    return RunFacts(
        study="food_replay",
        run_id="20261123-201700-ef34ab",
        created_on=base.created_on,
        card_version="0.1",
        author=_text("Onderzoeksgroep", "Research group"),
        contact="onderzoek@example.org",
        purpose=PURPOSE.model_copy(
            update={
                "unit": "business",
                "unit_name": _text("eetgelegenheden", "food businesses"),
                "legal_ground": _text("Openbare gegevens.", "Public data."),
            }
        ),
        dataset=DatasetFacts(
            name="food",
            title=_text("openbare inspecties", "public inspections"),
            synthetic=False,
            known_until=date(2014, 10, 31),
            tables=(_table("inspections", 18712),),
            note=_text("Regels zijn bezoeken.", "Lines are visits."),
        ),
        features=FEATURES[:3],
        families={},
        attributes={},
        estimates=replay_estimates(),
        findings=(
            Finding(
                "TK102",
                "found",
                "with_inspector",
                {
                    **{
                        "other": "who_inspects",
                        "capacity": 818,
                        "difference": -0.1,
                        "low": -2.0,
                        "high": 1.8,
                        "per_hundred_level": 95,
                    },
                    **{"days_difference": -0.2, "days_low": -2.8, "days_high": 3.8},
                },
            ),
            Finding("TK202", "not_applicable", "with_inspector", {"reason": "no_audit_attributes"}),
        ),
        models={
            name: ModelFacts(label=_text(nl, en), description=_text(f"{nl}.", f"{en}."), kind=kind, columns=columns)
            for name, (kind, nl, en, columns, *_) in REPLAYED.items()
        },
        main="with_inspector",
        references=("who_inspects", "without_inspector", "random"),
        capacity=818,
        scheduled=True,
        one_list_per="window",
        reviewer=_text("De inspectiedienst.", "The inspectorate."),
        folds=(
            FoldFacts(
                name="2014-09-02",
                split_on=date(2014, 9, 2),
                train_from=date(2011, 9, 2),
                train_until=date(2014, 4, 16),
                test_from=date(2014, 9, 2),
                test_until=date(2014, 10, 31),
                n_train=17075,
                n_test=1637,
                n_positive=2402,
            ),
        ),
        identity={"run": digest_of("replay"), "data": digest_of("food")},
        versions={"tegenkracht": "0.1.0"},
        spec={"seed": 1},
    )


# ---------------------------------------------------------------- the calendar, with mitigated models

MITIGATED = {
    "lightgbm_quota": ("Beslisbomen met een verdeelde lijst", "Decision trees with a divided list", -0.016, -0.012),
    "lightgbm_reweighed": (
        "Beslisbomen met gewogen voorbeelden",
        "Decision trees with weighted examples",
        -0.006,
        0.01,
    ),
}
"""By name: labels, shift of the gap on the list, change of precision."""


def in_other_ways(model: str, metric: str, value: float, **where: str) -> list[Estimate]:
    """A change with visits weighed, too few visits by lot for one, and its bounds."""
    return [
        Estimate(model, metric, value, value - 0.04, value + 0.04, n=300, level=LEVEL, method="weighted", **where),
        none_because("few_visits", model=model, metric=metric, n=12, method="audit", **where),
        Estimate(model, metric, None, -0.3, 0.31, n=1200, method="bounds", **where),
    ]


def mitigated_facts() -> RunFacts:
    """The calendar run with two mitigated models: one turns the gap of 1.5 points round, the other does not narrow it for sure."""
    base, gap = calendar_facts(), 0.015
    out: list[Estimate] = []
    for name in ("lightgbm", *MITIGATED):
        for harm, method in (("selection_rate", "sample"), ("false_positive_rate", "labelled"), ("exposure", "sample")):
            for period in ("all", "earlier", "next"):
                at = f"capacity={CAPACITY},versus=low,period={period}"
                shift = MITIGATED[name][2] if name in MITIGATED else 0.0
                where = {"n": 900, "method": method, "level": LEVEL, "group": "deprivation=high", "at": at}
                left = gap + shift
                out.append(Estimate(name, f"{harm}_pair_gap", left, left - 0.006, left + 0.006, **where))
                if name in MITIGATED:
                    ends = (shift - 0.007, shift + 0.007)
                    out.append(Estimate(name, f"{harm}_pair_shift", shift, *ends, **where))
                    where = {key: value for key, value in where.items() if key != "level"}
                    out.append(Estimate(name, f"{harm}_pair_shift_detectable", 0.012, **where))
                    if harm == "false_positive_rate" and period == "all":
                        out += in_other_ways(name, f"{harm}_pair_shift", shift, at=at, group="deprivation=high")
    for name, (*_, change) in MITIGATED.items():
        at = f"capacity={CAPACITY},versus=lightgbm,period=all"
        out += [
            Estimate(name, "precision_change", change, change - 0.02, change + 0.02, n=400, level=LEVEL, at=at),
            *in_other_ways(name, "precision_change", change, at=at),
            Estimate(name, "findings_kept", 0.93, 0.8, 1.05, n=187, level=LEVEL, at=at),
        ]
    where = {"other": "lightgbm", "attribute": "deprivation", "metric": "selection_rate", "group": "high"}
    numbers = {"before": 1.5, "after": -0.1, "after_low": -0.7, "after_high": 0.5, "shift": -1.6, "low": -2.3}
    told = {**where, "reference_group": "low", **numbers, "high": -0.9}
    paid = {"other": "lightgbm", "capacity": CAPACITY, "change": -1.2, "low": -3.2, "high": 0.8}
    return replace(
        base,
        estimates=(*base.estimates, *out),
        findings=(
            *base.findings,
            Finding("TK218", "found", "lightgbm_quota", {**told, "turned": "plain"}),
            Finding("TK219", "found", "lightgbm_reweighed", told),
            Finding("TK219", "not_found", "lightgbm_quota", told),
            Finding("TK220", "not_found", "lightgbm_quota", paid),
            Finding("TK220", "found", "lightgbm_reweighed", paid),
            Finding("TK221", "found", "lightgbm_quota", {**told, "earlier": -1.7}),
            Finding("TK221", "not_applicable", "lightgbm_reweighed", {"reason": "no_gain_earlier"}),
            Finding("TK222", "found", "lightgbm_quota", {**told, "metric": "exposure"}),
            Finding("TK222", "not_found", "lightgbm_reweighed", {"other": "lightgbm"}),
        ),
        models={
            **base.models,
            **{
                name: ModelFacts(
                    label=_text(nl, en), description=_text(f"{nl}.", f"{en}."), kind="x", columns="features"
                )
                for name, (nl, en, *_) in MITIGATED.items()
            },
        },
        spec={**base.spec, "models": {name: {"mitigation": {"attribute": "deprivation"}} for name in MITIGATED}},
    )


# ---------------------------------------------------------------- as fixtures


@pytest.fixture(scope="session")
def calendar() -> RunFacts:
    """A run of the synthetic study with a calendar."""
    return calendar_facts()


@pytest.fixture(scope="session")
def replay() -> RunFacts:
    """A run of scheduled visits."""
    return replay_facts()


@pytest.fixture(scope="session")
def decision() -> RunFacts:
    """A run that states costs and a next round."""
    return decision_facts()


@pytest.fixture(scope="session")
def mitigated() -> RunFacts:
    """A run with mitigated models."""
    return mitigated_facts()


RUNS = {"calendar": calendar_facts, "replay": replay_facts, "decision": decision_facts, "mitigated": mitigated_facts}


@pytest.fixture(scope="session", params=list(RUNS))
def facts(request: pytest.FixtureRequest) -> RunFacts:
    """Each of the runs."""
    return RUNS[request.param]()


@pytest.fixture(scope="session")
def card(facts: RunFacts) -> Card:
    """The card of each run, as it comes back from its own `card.json`."""
    return Card.from_json(make_card(facts).as_json())


@pytest.fixture(scope="session", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    """Each language."""
    return request.param


@pytest.fixture(scope="session")
def page(card: Card, language: Language) -> str:
    """Each card as a page, in each language."""
    return render_html(card, language)


@pytest.fixture
def with_estimates(calendar: RunFacts) -> Callable[..., RunFacts]:
    """The calendar run with other estimates."""
    return lambda *estimates: replace(calendar, estimates=estimates)


@pytest.fixture
def share() -> Callable[..., Estimate]:
    """A share of the main model's list, by method."""

    def made(
        method: str, value: float | None, low: float | None = None, high: float | None = None, n: int = 400
    ) -> Estimate:
        level = LEVEL if value is not None and low is not None else None
        at = f"capacity={CAPACITY}"
        return Estimate("lightgbm", "precision_at_capacity", value, low, high, n=n, method=method, level=level, at=at)

    return made
