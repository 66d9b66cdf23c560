"""Estimates about groups in the made-up study with a calendar: their gaps, places, regions and where differences come from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.evaluation.answers import Answers
from tegenkracht.evaluation.estimates import About
from tegenkracht.evaluation.pooled import Groups, pooled_estimates

from .builders import LEVEL, between, wilson


def groups(k: str) -> list[Estimate]:
    """Figures per group, gaps with the group of reference, and a group that is too small to show."""
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
            *(
                Estimate(
                    main, "mean_score", mean, mean - 0.002, mean + 0.002, n=n, method=method, level=LEVEL, group=group
                )
                for method, mean in (("sample", 0.031), ("labelled", 0.047))
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


def _of(k: str, versus: str) -> dict[str, tuple[str, str]]:
    """Figures whose gaps are looked at, with the model and the `at` of the gap."""
    at = f"{k},versus={versus}"
    return {
        "selection_rate": ("lightgbm", at),
        "inspected_share": ("", f"versus={versus}"),
        "false_positive_rate": ("lightgbm", at),
    }


def audit(k: str) -> list[Estimate]:
    """Gaps with what could be seen and what chance gives, combinations of two attributes, other lengths, bounds and areas."""
    out: list[Estimate] = []
    gaps = {
        ("deprivation=high", "low"): (0.015, 0.006, 0.007, 0.001),
        ("deprivation=some", "low"): (0.004, 0.003, 0.007, 0.4),
        ("location=village", "centre"): (-0.009, 0.02, 0.14, 0.6),
        ("deprivation*location=high*village", "low*centre"): (0.01, 0.03, 0.05, 0.7),
    }
    for (group, versus), (gap, reach, least, chance) in gaps.items():
        for metric, (model, at) in _of(k, versus).items():
            about = {"n": 1000, "method": "apart", "group": group, "at": at}
            out += [
                replace(_pooled(f"{metric}_gap", gap, reach, n=1000, group=group, at=at), method="apart"),
                Estimate(model, f"{metric}_smallest_gap_up", least, **about),
                none_because("no_smallest_gap_down", model=model, metric=f"{metric}_smallest_gap_down", **about),
                Estimate(model, f"{metric}_gap_chance", chance, **about),
            ]
    for metric, (model, at) in _of(k, "centre").items():
        hidden = {"model": model, "method": "apart", "group": "location=harbour_edge", "at": at}
        for part in ("gap", "smallest_gap_up", "smallest_gap_down", "gap_chance"):
            out.append(none_because("group_under_minimum", metric=f"{metric}_{part}", **hidden))
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


def places(k: str) -> list[Estimate]:
    """Within and between areas, neighbours, and what lies around flagged places."""
    about = {"n": 1200, "method": "sample", "level": LEVEL}
    split = {"group": "location=village", "at": k, **about}
    figures = {"flagged_neighbours": 0.052, "flagged_neighbours_by_lot": 0.011}
    figures |= {"inspected_near_flagged": 0.124, "inspected_elsewhere": 0.099, "inspected_near_difference": 0.025}
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


def origins(k: str) -> list[Estimate]:
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
            ("visits=all,same=score,outcome=severe", main, 0.008),
            ("visits=all,same=score,outcome=before_appeal", main, 0.014),
            ("visits=chosen", "", 0.028),
        ):
            out += [
                Estimate(model, "found_gap", gap, gap - 0.02, gap + 0.02, n=900, level=LEVEL, group=group, at=at),
                Estimate(model, "found_gap_detectable", 0.034, n=900, group=group, at=at),
                Estimate(model, "found_gap_chance", 0.004 if at == "visits=all" else 0.11, n=900, group=group, at=at),
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
            Estimate("", "visit_threshold_gap_chance", 0.3, n=5000, group=group, at=f"versus={versus}"),
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


def regions(k: str) -> list[Estimate]:
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
            rng = np.random.default_rng(1)
            out += pooled_estimates(
                Groups(names, answers, 10), metric, About(model, at=at), form=form, level=LEVEL, rng=rng
            )
    for region, area in (("GM0101", 0.71), ("GM0102", 0.66), ("GM0103", 0.74)):
        out.append(
            Estimate(
                "lightgbm", "auc_unseen", area, area - 0.06, area + 0.05, n=300, level=LEVEL, group=f"unseen={region}"
            )
        )
    for part, low, high in (("common", 0.64, 0.76), ("new", 0.55, 0.83)):
        out.append(Estimate("lightgbm", f"auc_unseen_{part}", 0.7, low, high, n=3, method="pooled", level=LEVEL))
    return out
