"""Estimates about what the models of the made-up study with a calendar learned, weigh and missed."""

from __future__ import annotations

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.explanation.stability import OF_REFITS

from .builders import LEVEL, LISTED, wilson


def weights() -> list[Estimate]:
    """What each feature weighs in the main model."""
    rows = (
        ("takeover_count_36m", 0.31),
        ("tenure_days", 0.19),
        ("late_accounts_sum_24m", 0.14),
        ("takeover_days_since_last", 0.12),
    )
    rows += (
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
        for name, w in rows
    ]


def explained() -> list[Estimate]:
    """What the families weigh by each road, how alike the orders are, and what survived the refits."""
    out: list[Estimate] = []

    def add(metric: str, value: float, spread: float, at: str, method: str, n: int) -> None:
        low, high = value - spread, value + spread
        out.append(Estimate("lightgbm", metric, value, low, high, n=n, method=method, level=LEVEL, at=at))

    for i, family in enumerate(("takeover", "tenure_days", "late_accounts"), 1):
        at = f"family={family}"
        add("mean_abs_shap", 0.5 / i, 0.05, at, "sample", 15000)
        rank = Estimate("lightgbm", "attribution_rank", float(i), i - 0.5, i + 0.5, 10, "sample", 9 / 11, at=at)
        out.append(rank)
        out.append(Estimate("lightgbm", "sign_agreement", 0.9, n=10, method="sample", note=OF_REFITS, at=at))
        add("permutation_importance", 4.0 / i, 1.5, at, "labelled", 2105)
        add("drop_importance", 1.0 / i, 2.5, at, "labelled", 700)
    for versus in ("permutation", "drop"):
        add("importance_tau", 0.4, 0.3, f"versus={versus}", "labelled", 2105)
        add("importance_shared", 2.0, 1.0, f"versus={versus},first=3", "labelled", 2105)
    add("list_overlap", 0.3, 0.05, "", "sample", 10)
    add("flags_depending", 0.47, 0.05, "", "sample", LISTED)
    add("first_shared", 2.0, 1.0, "first=3", "sample", 10)
    add("flags_depending", 0.08, 0.03, "by=seed", "sample", LISTED)
    out.append(Estimate("lightgbm", "models_counted", 3.0, n=3, method="count", at="among=seed"))
    add("ambiguity", 0.62, 0.04, "among=models", "sample", LISTED)
    add("discrepancy", 0.41, 0.04, "among=models", "sample", LISTED)
    out.append(Estimate("lightgbm", "models_counted", 2.0, n=2, method="count", at="among=models"))
    add("reasons_withheld", 0.15, 0.02, "", "sample", LISTED)
    out.append(Estimate("lightgbm", "rank_concordance", 0.95, n=10, method="sample", note=OF_REFITS))
    out.append(
        Estimate("lightgbm", "family_correlation", 0.82, n=15000, method="sample", at="families=takeover+late_accounts")
    )
    return out


def learned(k: str) -> list[Estimate]:
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
    weighted = {"n": 90, "method": "weighted", "at": k}
    out.append(Estimate("lightgbm", "precision_without_directions", 0.16, 0.08, 0.29, level=LEVEL, **weighted))
    out.append(Estimate("lightgbm", "constraint_gain", 0.01, -0.07, 0.08, level=LEVEL, **weighted))
    out.append(Estimate("lightgbm", "constraint_gain_units", 0.13, **weighted))
    return out


def missed(k: str) -> list[Estimate]:
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
    out.append(wilson(44, 141, "missed_share", model="lightgbm", at="rule=inside"))
    out.append(wilson(360, 3273, "missed_share", model="lightgbm", at="rule=outside"))
    out.append(Estimate("lightgbm", "missed_share_gap", 0.202, 0.13, 0.281, n=141, level=LEVEL, at="rule"))
    return [*out, wilson(110, 187, "yield_at_risk", model="lightgbm", at=k)]
