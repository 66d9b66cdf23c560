"""The made-up study with a calendar: its findings and its facts."""

from __future__ import annotations

from datetime import date

from tegenkracht.core.criterion import Limit
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of
from tegenkracht.evaluation.missed import RULES
from tegenkracht.evaluation.pooled import check_pooled
from tegenkracht.evaluation.unseen import check_unseen
from tegenkracht.reporting.facts import AttributeFacts, DatasetFacts, ModelFacts, PointFacts, RunFacts, ScorecardFacts

from .builders import CAPACITY, LEVEL, fold, table, text
from .calendar_estimates import FOLDS, MODELS, calendar_estimates
from .calendar_groups import regions
from .declarations import FEATURES, PURPOSE

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
            **{"gap": 1.5, "low": 0.9, "high": 2.1, "looked_at": 14, "by": "gap_seen"},
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
    Finding("TK202", "not_found", "lightgbm", {"attribute": "location", "gaps": 7, "looked_at": 14}),
    Finding("TK308", "not_found", "lightgbm", {"columns": 7, "against": 0}),
    Finding("TK308", "found", "logistic", {"columns": 7, "against": 2, "feature": "tenure_days", "share": 100.0}),
    Finding("TK309", "found", "lightgbm", {"other": "scorecard", "value": 7.0, "low": -2.0, "high": 16.0}),
    Finding("TK310", "found", "lightgbm", {"share": 58.8, "columns": 3, "caught": 187}),
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
            **{"by": RULES[1], "first": "area_vacancy_latest", "first_side": "above", "first_limit": 0.0225},
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
            title=text("nagemaakte winkelstrips", "made-up shopping strips"),
            synthetic=True,
            known_until=date(2023, 12, 31),
            tables=(table("units", 5000), table("events", 48211), table("inspections", 9120)),
        ),
        features=FEATURES,
        place_pages=True,
        measures={"takeover_count_36m": "count", "tenure_days": "days", "area_vacancy_latest": "share"},
        families={
            "takeover": text("Wisseling van uitbater", "Change of operator"),
            "late_accounts": text("Te late jaarrekening", "Late accounts"),
        },
        attributes={
            "deprivation": AttributeFacts(
                label=text("Achterstand van het gebied", "Deprivation of the area"),
                definition=text(
                    "Een derde van de gebieden met de meeste achterstand heet ‘veel’.",
                    "The third of areas with most deprivation is called ‘high’.",
                ),
                values={"high": text("veel", "high"), "some": text("enige", "some"), "low": text("weinig", "low")},
            ),
            "location": AttributeFacts(
                label=text("Ligging", "Location"),
                definition=text("Waar de strip ligt.", "Where the strip lies."),
                values={
                    "centre": text("centrum", "centre"),
                    "village": text("dorp", "village"),
                    "harbour_edge": text("havenrand", "harbour edge"),
                },
            ),
        },
        estimates=calendar_estimates(),
        findings=(
            *FINDINGS,
            *check_pooled(regions(f"capacity={CAPACITY}"), by=("region",), level=LEVEL),
            check_unseen(regions(f"capacity={CAPACITY}"), model="lightgbm", left_out=True),
        ),
        models={
            name: ModelFacts(label=text(nl, en), description=text(f"{nl}.", f"{en}."), kind=kind, columns=columns)
            for name, (kind, nl, en, columns, _) in MODELS.items()
        },
        main="lightgbm",
        references=("random", "current_rule", "logistic"),
        capacity=CAPACITY,
        scheduled=False,
        one_list_per="as_of",
        reviewer=text("Een toezichthouder en een jurist lezen samen.", "A supervisor and a lawyer read together."),
        folds=(
            fold(FOLDS[0], date(2022, 10, 1), date(2023, 1, 1)),
            fold(FOLDS[1], date(2023, 4, 1), date(2023, 7, 1)),
            fold(FOLDS[2], date(2023, 10, 1), date(2023, 12, 1)),
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
