"""The made-up replay of scheduled visits."""

from __future__ import annotations

from datetime import date

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.finding import Finding
from tegenkracht.core.identity import digest_of
from tegenkracht.reporting.facts import DatasetFacts, FoldFacts, ModelFacts, RunFacts

from .builders import LEVEL, between, count, table, text, wilson
from .calendar import calendar_facts
from .declarations import FEATURES, PURPOSE

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
        author=text("Onderzoeksgroep", "Research group"),
        contact="onderzoek@example.org",
        purpose=PURPOSE.model_copy(
            update={
                "unit": "business",
                "unit_name": text("eetgelegenheden", "food businesses"),
                "legal_ground": text("Openbare gegevens.", "Public data."),
            }
        ),
        dataset=DatasetFacts(
            name="food",
            title=text("openbare inspecties", "public inspections"),
            synthetic=False,
            known_until=date(2014, 10, 31),
            tables=(table("inspections", 18712),),
            note=text("Regels zijn bezoeken.", "Lines are visits."),
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
            name: ModelFacts(label=text(nl, en), description=text(f"{nl}.", f"{en}."), kind=kind, columns=columns)
            for name, (kind, nl, en, columns, *_) in REPLAYED.items()
        },
        main="with_inspector",
        references=("who_inspects", "without_inspector", "random"),
        capacity=818,
        scheduled=True,
        one_list_per="window",
        reviewer=text("De inspectiedienst.", "The inspectorate."),
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
