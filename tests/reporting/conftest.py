"""Two made-up runs that look like real ones: a synthetic study with a calendar, and a replay of scheduled visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import sqrt

import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.feature import Feature
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of
from tegenkracht.core.purpose import Purpose
from tegenkracht.core.text import LANGUAGES, Language, Text
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
    )  # type: ignore[arg-type]


def between(found: int, visited: int, listed: int, metric: str, *, model: str = "", **where: str) -> Estimate:
    """What is possible if none, or all, of the places that nobody visited would have had a finding."""
    return Estimate(
        model, metric, None, found / listed, (found + listed - visited) / listed, n=listed, method="bounds", **where
    )


def count(metric: str, n: int, **where: str) -> Estimate:
    """An exact count about the data."""
    return Estimate(where.pop("model", ""), metric, float(n), n=n, method="count", **where)  # type: ignore[arg-type]


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
    out += [*_groups(k), *_weights(), *_calibration(), *_learned(k), *_missed(k)]
    return tuple(out)


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
        subject=subject,  # type: ignore[arg-type]
        source=source,
        family=family,
        availability=availability,  # type: ignore[arg-type]
        direction=direction,  # type: ignore[arg-type]
        proxy_risk=risk,  # type: ignore[arg-type]
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
        findings=FINDINGS,
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
            chances={0: 0.011, 2: 0.034, 5: 0.172, 7: 0.391},
        ),
        timings={"read": 0.412, "assemble": 2.31, "fit": 4.02, "measure": 11.875},
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


# ---------------------------------------------------------------- as fixtures


@pytest.fixture(scope="session")
def calendar() -> RunFacts:
    """A run of the synthetic study with a calendar."""
    return calendar_facts()


@pytest.fixture(scope="session")
def replay() -> RunFacts:
    """A run of scheduled visits."""
    return replay_facts()


@pytest.fixture(scope="session", params=["calendar", "replay"])
def facts(request: pytest.FixtureRequest) -> RunFacts:
    """Each of the two runs."""
    return calendar_facts() if request.param == "calendar" else replay_facts()


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
        return Estimate("lightgbm", "precision_at_capacity", value, low, high, n=n, method=method, level=level, at=at)  # type: ignore[arg-type]

    return made
