"""The made-up study with a calendar, with mitigated models."""

from __future__ import annotations

from dataclasses import replace

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.reporting.facts import ModelFacts, RunFacts

from .builders import CAPACITY, LEVEL, text
from .calendar import calendar_facts

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
                names = ("pair",) if period == "earlier" else ("pair", "pairs")
                out += [Estimate(name, f"{harm}_{of}_gap", left, left - 0.006, left + 0.006, **where) for of in names]
                if harm == "false_positive_rate":
                    weighed = {**where, "method": "weighted"}
                    wide = (left - 0.024, left + 0.024)
                    out += [Estimate(name, f"{harm}_{of}_gap", left, *wide, **weighed) for of in names]
                if name in MITIGATED:
                    ends = (shift - 0.007, shift + 0.007)
                    out += [Estimate(name, f"{harm}_{of}_shift", shift, *ends, **where) for of in names]
                    where = {key: value for key, value in where.items() if key != "level"}
                    out.append(Estimate(name, f"{harm}_pair_shift_detectable", 0.012, **where))
                    if harm == "false_positive_rate":
                        wide = (shift - 0.028, shift + 0.028)
                        later = names if period != "all" else ("pairs",)
                        out += [Estimate(name, f"{harm}_{of}_shift", shift, *wide, **weighed) for of in later]
                        if period == "all":
                            out += in_other_ways(name, f"{harm}_pair_shift", shift, at=at, group="deprivation=high")
    for name, (*_, change) in MITIGATED.items():
        at = f"capacity={CAPACITY},versus=lightgbm"
        out += [
            Estimate(name, "precision_difference", change, change - 0.02, change + 0.02, n=400, level=LEVEL, at=at),
            *in_other_ways(name, "precision_difference", change, at=at),
            Estimate(name, "findings_kept", 0.93, 0.8, 1.05, n=187, level=LEVEL, at=f"{at},period=all"),
        ]
    where = {"other": "lightgbm", "attribute": "deprivation", "metric": "selection_rate", "way": "sample"}
    numbers = {"before": 1.5, "after": -0.1, "after_low": -0.7, "after_high": 0.5, "shift": -1.6, "low": -2.3}
    told = {**where, "group": "high", "reference_group": "low", **numbers, "high": -0.9}
    paid = {"other": "lightgbm", "capacity": CAPACITY, "change": -1.2, "low": -5.2, "high": 2.8, "by": "weighted"}
    both = {"by": "weighted_apart", "seen": -2.2, "seen_low": -4.0, "seen_high": -0.1}
    return replace(
        base,
        estimates=(*base.estimates, *out),
        findings=(
            *base.findings,
            Finding("TK218", "found", "lightgbm_quota", {**told, "period": "all", "turned": "plain", "looked_at": 18}),
            Finding("TK219", "found", "lightgbm_reweighed", told),
            Finding("TK219", "not_found", "lightgbm_quota", told),
            Finding("TK220", "not_found", "lightgbm_quota", {**paid, **both}),
            Finding("TK220", "found", "lightgbm_reweighed", {**paid, "low": -2.2, "high": -0.2}),
            Finding("TK221", "found", "lightgbm_quota", {**told, "earlier": -1.7}),
            Finding("TK221", "not_applicable", "lightgbm_reweighed", {"reason": "no_gain_earlier"}),
            Finding("TK222", "found", "lightgbm_quota", {**told, "metric": "exposure", "looked_at": 8}),
            Finding("TK222", "not_found", "lightgbm_reweighed", {"other": "lightgbm", "looked_at": 8}),
        ),
        models={
            **base.models,
            **{
                name: ModelFacts(label=text(nl, en), description=text(f"{nl}.", f"{en}."), kind="x", columns="features")
                for name, (nl, en, *_) in MITIGATED.items()
            },
        },
        spec={**base.spec, "models": {name: {"mitigation": {"attribute": "deprivation"}} for name in MITIGATED}},
    )
