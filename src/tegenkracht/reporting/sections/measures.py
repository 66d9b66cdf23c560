"""How a metric is shown on the card: in which style, as a value with its interval, or as the reason why there is no number."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import SMALLEST
from tegenkracht.reporting.wording import Words, number, say
from tegenkracht.reporting.words.catalogue import has
from tegenkracht.reporting.words.numbers import Style

WHOLE = frozenset(
    {
        *("rows", "units", "clusters", "observed", "positives", "visits", "sole_traders", "immature_dates"),
        *("list_length", "listed_unobserved", "found_later", "effective_rows", "yield_at_capacity"),
        *("importance_shared", "first_shared"),
        *("group_finding_rate_worth", "group_precision_worth"),
        "residents_reached_count",
    }
)
OF_GROUPS = ("group_finding_rate", "group_precision")
"""Figures of sectors and regions that lean on each other, in the order of the card."""
POOLED_SHARES = ("pooled", "leaning", "foretold", "common", "new", "inside", "all_places")
SHARES = frozenset(
    {
        *(
            "inspected_share",
            "never_inspected",
            "finding_rate",
            "prevalence",
            "precision_by_lot",
            "precision_at_capacity",
            "recall_at_capacity",
        ),
        *("selection_rate", "false_positive_rate", "false_negative_rate", "found_later_share", "first_half_share"),
        *("reasons_withheld", "ambiguity", "discrepancy"),
        *("predicted_mean", "observed_mean", "profile_known", "inspector_variance_share", "channel_variance_share"),
        *("chance_band", "chance_band_seen", "chance_mean", "chance_seen", "chance_under_limit", "chance_smallest"),
        *("areas_without_visits", "residents_reached"),
        *("flagged_neighbours", "flagged_neighbours_by_lot", "inspected_near_flagged", "inspected_elsewhere"),
        *("proxy_auc", "indicator_auc", "found_share", "found_again", "visit_threshold", "step_share"),
        *("recall_when_hiding", "precision_when_hiding", "yield_at_risk", "missed_share", "against_direction"),
        "precision_without_directions",
        *(f"{figure}{part}" for figure in OF_GROUPS for part in ("", *(f"_{name}" for name in POOLED_SHARES))),
        *("group_level", "group_level_common", "group_level_leaning", "group_weights_leaning"),
        *("sensitivity", "specificity", "true_prevalence", "true_precision_at_capacity"),
        *("false_alarm_share_prevalence", "false_alarm_share_precision_at_capacity"),
    }
)

HARMS = ("selection_rate", "false_positive_rate", "exposure")
"""Figures whose gap a mitigation may narrow."""
_OF_PLACES = ("listed_within_areas", "listed_between_areas", "inspected_near_difference")
_OF_ORIGINS = ("found_gap", "found_gap_detectable", "visit_threshold_detectable", "subgroup_gap")
_POINTS = frozenset(
    {
        *("precision_difference", "precision_above_random", "prevalence_gap", "profile_contrast", "profile_gap"),
        *_OF_PLACES,
        *_OF_ORIGINS,
        "precision_change",
        *(
            f"{harm}_{of}_{what}"
            for harm in HARMS
            for of in ("pair", "pairs")
            for what in ("gap", "shift", "gap_detectable", "shift_detectable")
        ),
        *("constraint_gain", "recall_lost"),
    }
)
"""Differences of shares, written in points of a hundred."""

_SPREADS = frozenset(f"{figure}_spread" for figure in OF_GROUPS)
"""Standard deviations of shares between groups."""

_PLAIN: dict[str, Style] = {
    "lift_over_random": "times",
    "auc": "three",
    "mean_score": "three",
    "inspection_auc": "three",
    "average_precision": "three",
    "concordance": "three",
    "brier": "three",
    "auc_difference": "three_signed",
    "group_left_out_gain": "three_signed",
    **dict.fromkeys(("auc_unseen", "auc_unseen_common", "auc_unseen_new"), "three"),
    "score_within_areas": "three_signed",
    "score_between_areas": "three_signed",
    "flags_together": "times",
    **dict.fromkeys(("eta_squared", "cramers_v", "indicator_chance"), "three"),
    "area_correlation": "three_signed",
}


def style_of(metric: str) -> Style:
    """How a metric is written."""
    if metric.removesuffix("_gap") in SHARES:
        return "points" if metric.endswith("_gap") else "per_hundred"
    if metric.endswith(SMALLEST) or "_largest_gap" in metric:
        return "per_hundred_fine"
    if metric in _POINTS:
        return "points"
    if metric in _SPREADS:
        return "per_hundred_fine"
    if metric.startswith("days_earlier"):
        return "days_fine"
    if metric in WHOLE:
        return "count"
    return _PLAIN.get(metric, "two")


def is_gap(metric: str) -> bool:
    """Whether a metric is a difference, so that zero means none."""
    return metric.endswith(("_gap", "_difference")) or metric == "precision_above_random"


def shown(estimate: Estimate | None, style: Style | None = None) -> Words:
    """Value and interval, or the reason why there is none."""
    if estimate is None:
        return say("page.not_measured")
    if not estimate.is_known:
        return reason(estimate)
    return number(estimate.id, "full", style or style_of(estimate.metric))


def reason(estimate: Estimate) -> Words:
    """Why an estimate has no number: a sentence of the catalogue, or the note as it was written."""
    key = f"notes.{estimate.note}"
    return say(key) if has(key) else number(estimate.id, "note")


def because(estimate: Estimate) -> Words:
    """Why an estimate has no number, in words that can stand inside a sentence that says that there is none."""
    key = f"because.{estimate.note}"
    return say(key) if has(key) else reason(estimate)


def usable(estimate: Estimate | None) -> Estimate | None:
    """The estimate when it has a number."""
    return estimate if estimate is not None and estimate.is_known else None


def known_only(estimates: Iterable[Estimate | None]) -> list[Estimate]:
    """Those that have a number."""
    return [estimate for estimate in estimates if estimate is not None and estimate.is_known]


def visible(up: Estimate | None, down: Estimate | None) -> Words:
    """The smallest gaps that could be seen, up and down and without a sign, or why none could."""
    return say("groups.gap.visible", up=_least(up), down=_least(down))


def _least(least: Estimate | None) -> Words:
    if least is None or not least.is_known:
        return shown(least)
    return number(least.id, "value", "per_hundred_fine")
