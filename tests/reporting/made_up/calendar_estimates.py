"""Estimates of the made-up study with a calendar: its visits, its lists and its models."""

from __future__ import annotations

from collections.abc import Iterator

from tegenkracht.core.estimate import Estimate, none_because

from .builders import CAPACITY, LEVEL, LISTED, between, count, wilson
from .calendar_explanations import explained, learned, missed, weights
from .calendar_groups import audit, groups, origins, places, regions

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
    out += [*groups(k), *audit(k), *places(k), *weights(), *explained(), *_calibration(), *_tips(k), *origins(k)]
    out += [*learned(k), *missed(k), *regions(k), *_totals()]
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
