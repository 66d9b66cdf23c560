"""Which estimate answers which question of the card: the only place that knows the names of metrics."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.panel import PROCESS
from tegenkracht.reporting.facts import Known, ModelFacts, RunFacts
from tegenkracht.reporting.tree import Shape
from tegenkracht.reporting.wording import Words, fact, number, say
from tegenkracht.reporting.words.catalogue import has
from tegenkracht.reporting.words.numbers import Style

COUNTS = (
    *("rows", "units", "clusters", "observed", "positives", "inspected_share", "never_inspected", "prevalence"),
    *("sole_traders", "immature_dates"),
)
"""What is counted about the data, in the order of the card."""

PER_MODEL = ("lift_over_random", "auc", "average_precision", "concordance")
CALIBRATION = ("brier", "calibration_intercept", "calibration_slope", "expected_observed_ratio")
PER_REPLAY = ("days_earlier_median", "found_later_share", "first_half_share")

GROUP_LEVELS = (
    *("inspected_share", "finding_rate", "selection_rate", "precision_at_capacity", "false_positive_rate"),
    "false_negative_rate",
)
GROUP_FIGURES = ("selection_rate_gap", "inspected_share", "false_positive_rate_gap")
"""The three that are drawn: who is on the list more often, who is inspected, who is looked at for nothing."""

WHOLE = frozenset(
    {
        *("rows", "units", "clusters", "observed", "positives", "visits", "sole_traders", "immature_dates"),
        *("list_length", "listed_unobserved", "found_later"),
    }
)
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
        *("predicted_mean", "observed_mean", "profile_known", "inspector_variance_share", "channel_variance_share"),
        *("recall_when_hiding", "precision_when_hiding", "yield_at_risk", "missed_share", "against_direction"),
        "precision_without_directions",
    }
)


_POINTS = frozenset(
    {
        "precision_difference",
        "precision_above_random",
        "profile_contrast",
        "profile_gap",
        "constraint_gain",
        "recall_lost",
    }
)
"""Differences of shares, written in points of a hundred."""

_PLAIN: dict[str, Style] = {
    "lift_over_random": "times",
    "auc": "three",
    "average_precision": "three",
    "concordance": "three",
    "brier": "three",
    "auc_difference": "three_signed",
}


def style_of(metric: str) -> Style:
    """How a metric is written."""
    if metric.removesuffix("_gap") in SHARES:
        return "points" if metric.endswith("_gap") else "per_hundred"
    if metric in _POINTS:
        return "points"
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


def usable(estimate: Estimate | None) -> Estimate | None:
    """The estimate when it has a number."""
    return estimate if estimate is not None and estimate.is_known else None


def known_only(estimates: Iterable[Estimate | None]) -> list[Estimate]:
    """Those that have a number."""
    return [estimate for estimate in estimates if estimate is not None and estimate.is_known]


# ---------------------------------------------------------------- the list


def at_capacity(capacity: int) -> str:
    """The `at` of what is measured at a capacity."""
    return f"capacity={capacity}"


def precision(known: Known, facts: RunFacts, model: str, method: str) -> Estimate | None:
    """Share of the list with a finding."""
    return known.get(model, "precision_at_capacity", method=method, at=at_capacity(facts.capacity))


def by_lot(known: Known, facts: RunFacts, method: str) -> Estimate | None:
    """The same for a list of the same length that is drawn by lot."""
    return usable(known.get("", "precision_by_lot", method=method, at=at_capacity(facts.capacity)))


def at_any(known: Known, facts: RunFacts, model: str, metric: str) -> Estimate | None:
    """A metric of a model, at the study's capacity or at no capacity."""
    found = (known.get(model, metric, method="labelled", at=at) for at in ("", at_capacity(facts.capacity)))
    return next((estimate for estimate in found if estimate is not None), None)


def capacities(known: Known, facts: RunFacts) -> list[int]:
    """The capacities of the curve of the main model."""
    return sorted(
        {
            int(estimate.at.removeprefix("capacity="))
            for estimate in known.all("precision_at_capacity", model=facts.main, split="all", group="")
            if estimate.at.removeprefix("capacity=").isdigit()
        }
    )


def is_settled(bounds: Estimate | None) -> bool:
    """Whether everything on the list was inspected, so that the bounds leave nothing open."""
    return bounds is not None and bounds.low is not None and bounds.low == bounds.high


def main_is_settled(facts: RunFacts, known: Known) -> bool:
    """Whether the card's own list leaves nothing open."""
    return is_settled(precision(known, facts, facts.main, "bounds"))


def knows_only_the_process(model: ModelFacts) -> bool:
    """Whether a model sees nothing but who inspects, how a visit came about and how often somebody came."""
    columns = model.columns
    return columns == "process" if isinstance(columns, str) else bool(columns) and set(columns) <= set(PROCESS)


def shape_of(estimate: Estimate, *, main: bool, settled: bool) -> Shape:
    """The mark of a model: hollow when it rests only on places where somebody went."""
    if not main:
        return "reference"
    return "main" if settled or estimate.method in ("replay", "weighted") else "hollow"


# ---------------------------------------------------------------- comparisons


def above_random(facts: RunFacts, known: Known, method: str) -> Estimate | None:
    """The main model minus a list by lot."""
    return usable(known.get(facts.main, "precision_above_random", method=method, at=at_capacity(facts.capacity)))


def difference(facts: RunFacts, known: Known, reference: str, *, days: bool) -> Estimate | None:
    """The main model minus a reference, on the study's own measure."""
    if days:
        return usable(known.get(facts.main, "days_earlier_difference", method="replay", at=f"versus={reference}"))
    return usable(
        known.get(
            facts.main, "precision_difference", method="labelled", at=f"capacity={facts.capacity},versus={reference}"
        )
    )


DIFFERENCES = ("days_earlier_difference", "days_earlier_difference_within", "precision_difference", "auc_difference")
"""Measures in which models are compared, in the order of the card."""


def differences(facts: RunFacts, known: Known) -> list[tuple[str, str, Estimate]]:
    """Every difference of the main model with another: that model's name, the measure and the estimate."""
    return [
        (_at(estimate, "versus"), metric + ("_within" if _at(estimate, "within") else ""), estimate)
        for metric in ("days_earlier_difference", "precision_difference", "auc_difference")
        for estimate in known.all(metric, model=facts.main, split="all", group="")
        if _at(estimate, "versus") in facts.models
    ]


def verdict_of(difference: Estimate) -> str:
    """`yes`, `no` or `not_shown`: only an interval that leaves zero out says something."""
    if difference.low is None or difference.high is None:
        return "not_shown"
    return "yes" if difference.low > 0 else "no" if difference.high < 0 else "not_shown"


def _at(estimate: Estimate, key: str) -> str:
    """One entry of an `at`: `versus` of `capacity=100,versus=random` is `random`."""
    return dict(part.partition("=")[::2] for part in estimate.at.split(",") if part).get(key, "")


# ---------------------------------------------------------------- the data, groups, explanation, replay


def unobserved_on_list(known: Known, facts: RunFacts) -> Estimate | None:
    """How many lines of the main model's list nobody inspected."""
    return usable(known.get(facts.main, "listed_unobserved", method="count", at=at_capacity(facts.capacity)))


def never_inspected(known: Known) -> Estimate | None:
    """Share of units that nobody inspected."""
    return usable(known.get("", "never_inspected", method="count"))


def count_of(known: Known, metric: str, split: str = "all") -> Estimate | None:
    """A count about the data."""
    return usable(known.get("", metric, method="count", split=split))


def counts(known: Known) -> list[Estimate]:
    """What is counted about the data, with shares where they exist."""
    methods = ("count", "sample", "labelled")
    found = ([known.get("", metric, method=method) for method in methods] for metric in COUNTS)
    return known_only(next((e for e in options if e is not None), None) for options in found)


def finding_rates(known: Known, process: str) -> list[Estimate]:
    """Finding rate per channel or per inspector; the lottery first, then as the run has them."""
    found = [e for e in known.all("finding_rate", model="", split="all") if e.group.startswith(f"{process}=")]
    return sorted(found, key=lambda e: e.group != "channel=random")


def of_groups(facts: RunFacts, known: Known, metric: str) -> list[Estimate]:
    """A metric per group of every audit attribute: of the main model, or of the data."""
    chosen = [
        e
        for model in ("", facts.main)
        for e in known.all(metric, model=model, split="all")
        if e.method != "bounds" and e.method != "tie_bounds"
    ]
    return [e for attribute in facts.attributes for e in chosen if e.group.startswith(f"{attribute}=")]


def reference_group(estimate: Estimate) -> str:
    """The group that a gap is measured from, as `attribute=value`; empty when it is no gap."""
    value = _at(estimate, "versus")
    return f"{estimate.group.partition('=')[0]}={value}" if value else ""


def weight_of(known: Known, model: str, at: str) -> Estimate | None:
    """Mean size of the attributions to a feature or family."""
    found = known.all("mean_abs_shap", model=model, at=at, split="all")
    return next((estimate for estimate in found if estimate.value is not None), None)


def replayed(facts: RunFacts, known: Known) -> list[Estimate]:
    """Days earlier of every order: each model, its own slots kept, then random and best possible."""
    every = [e for e in known.all("days_earlier", split="all") if e.method == "replay"]
    return [e for name in facts.models for e in every if e.model == name] + [e for e in every if e.model == ""]


def order_of(estimate: Estimate) -> tuple[str, str]:
    """Which order was replayed (`random`, `oracle`, or empty for a model) and within whose own slots."""
    return _at(estimate, "order"), _at(estimate, "within")


def calibration_pairs(known: Known, model: str) -> list[tuple[Estimate, Estimate]]:
    """Predicted and found per band of predictions, where both have a number."""
    pairs = []
    for predicted in known.all("predicted_mean", model=model, split="all"):
        found = known.get(model, "observed_mean", method=predicted.method, at=predicted.at)
        if (
            predicted.at.startswith("bin=")
            and predicted.value is not None
            and found is not None
            and found.value is not None
        ):
            pairs.append((predicted, found))
    return pairs


def model_words(facts: RunFacts, name: str) -> Words:
    """A model in the middle of a sentence: a plain word for the ones that everybody knows, else its label."""
    key = f"shorts.{facts.models[name].kind}"
    return say(key) if has(key) else say("shorts.quoted", model=fact(f"model.{name}.label"))
