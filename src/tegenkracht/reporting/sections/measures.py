"""Which estimate answers which question of the card: the only place that knows the names of metrics."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.panel import PROCESS
from tegenkracht.evaluation.comparisons import LOT
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

HEADLINE = ("prevalence", "precision_at_capacity", "yield_at_capacity", "recall_at_capacity", "auc", "brier")
"""Figures that are shown in every form, in the order of the card."""
FORMS: tuple[Method, ...] = ("labelled", "weighted", "audit", "adjusted", "doubly_robust", "bounds")
"""Ways in which a figure is counted, in the order of the card."""
ESTIMATED: tuple[Method, ...] = ("adjusted", "doubly_robust")
"""Forms that hold only if nothing unseen decides who is visited."""

WHOLE = frozenset(
    {
        *("rows", "units", "clusters", "observed", "positives", "visits", "sole_traders", "immature_dates"),
        *("list_length", "listed_unobserved", "found_later", "effective_rows", "yield_at_capacity"),
        *("group_finding_rate_worth", "group_precision_worth"),
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
        *("reasons_withheld", "first_overlap", "importance_overlap"),
        *("predicted_mean", "observed_mean", "profile_known", "inspector_variance_share", "channel_variance_share"),
        *("chance_band", "chance_band_seen", "chance_mean", "chance_seen", "chance_under_limit", "chance_smallest"),
        "areas_without_visits",
        *("flagged_neighbours", "flagged_neighbours_by_lot", "inspected_near_flagged", "inspected_elsewhere"),
        *("proxy_auc", "found_share", "found_again", "visit_threshold", "step_share"),
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
        *(f"{harm}_pair_{what}" for harm in HARMS for what in ("gap", "shift", "gap_detectable", "shift_detectable")),
        *("constraint_gain", "recall_lost"),
    }
)
"""Differences of shares, written in points of a hundred."""

_SPREADS = frozenset(f"{figure}_spread" for figure in OF_GROUPS)
"""Standard deviations of shares between groups."""

_PLAIN: dict[str, Style] = {
    "lift_over_random": "times",
    "auc": "three",
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
    **dict.fromkeys(("eta_squared", "cramers_v"), "three"),
}


def style_of(metric: str) -> Style:
    """How a metric is written."""
    if metric.removesuffix("_gap") in SHARES:
        return "points" if metric.endswith("_gap") else "per_hundred"
    if metric.endswith("_smallest_gap") or "_largest_gap" in metric:
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


def leading_form(facts: RunFacts, known: Known) -> Method:
    """The form in which lists are read beside each other: weighed, where that is known of the card's own and visits by lot do not contradict it (TK111)."""
    if any(finding.code == "TK111" and finding.verdict == "found" for finding in facts.findings):
        return "labelled"
    return "labelled" if usable(precision(known, facts, facts.main, "weighted")) is None else "weighted"


def by_lot(known: Known, facts: RunFacts, method: str) -> Estimate | None:
    """The same for a list of the same length that is drawn by lot."""
    return usable(known.get("", "precision_by_lot", method=method, at=at_capacity(facts.capacity)))


def in_form(known: Known, facts: RunFacts, metric: str, form: Method) -> Estimate | None:
    """A headline figure of the main model (prevalence is one of the data) in one form."""
    model = "" if metric == "prevalence" else facts.main
    at = at_capacity(facts.capacity) if metric.endswith("_at_capacity") else ""
    return known.get(model, metric, method=form, at=at)


def contradicted(facts: RunFacts) -> bool:
    """Whether visits by lot or recorded chances contradict the figures with an estimated chance (TK116)."""
    return any(finding.code == "TK116" and finding.verdict == "found" for finding in facts.findings)


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
    """The main model minus a reference, or minus `LOT`, on the study's own measure and in the form that the card leads with."""
    if days:
        return usable(known.get(facts.main, "days_earlier_difference", method="replay", at=f"versus={reference}"))
    best = known.comparisons(main=facts.main, capacity=facts.capacity).best(reference)
    if best is not None or reference == LOT:
        return best
    at = f"{at_capacity(facts.capacity)},versus={reference}"
    return usable(known.get(facts.main, "precision_difference", method="labelled", at=at))


def at_of(estimate: Estimate, key: str) -> str:
    """One entry of an `at`: `versus` of `capacity=100,versus=random` is `random`."""
    return dict(part.partition("=")[::2] for part in estimate.at.split(",") if part).get(key, "")


# ---------------------------------------------------------------- tips and assumptions


def gamma_turns(known: Known, facts: RunFacts) -> Estimate | None:
    """The strength of tips at which the main model's list may be no better than a lot."""
    return known.get(facts.main, "gamma_turns", method="sample", at=f"{at_capacity(facts.capacity)},chance=estimated")


def gammas(estimates: Iterable[Estimate]) -> list[float]:
    """The strengths of tips that bands are given for."""
    return sorted({float(at_of(e, "gamma")) for e in estimates if e.method == "tips"})


def tips_bands(known: Known, metric: str, model: str, source: str) -> list[tuple[float, Estimate, Estimate]]:
    """Per strength the band of a figure and the interval around it, where both are there."""
    pairs = [
        (float(at_of(e, "gamma")), usable(e), usable(known.get(model, metric, method="tips_interval", at=e.at)))
        for e in known.all(metric, model=model, method="tips")
        if at_of(e, "chance") == source
    ]
    return [(gamma, band, interval) for gamma, band, interval in pairs if band is not None and interval is not None]


def assumed(known: Known, metric: str, model: str) -> tuple[Estimate, Estimate] | None:
    """Bounds of a figure under the study's assumption, and the interval around them."""
    band = next((e for e in known.all(metric, model=model, method="assumed")), None)
    interval = band and usable(known.get(model, metric, method="assumed_interval", at=band.at))
    return (band, interval) if band is not None and band.is_known and interval is not None else None


def assumptions(estimate: Estimate) -> dict[str, float]:
    """What an estimate assumes: `if=unvisited_at_most:1` is {"unvisited_at_most": 1.0}."""
    named = (part.partition(":") for part in at_of(estimate, "if").split("+"))
    return {name: float(value) for name, _, value in named}


# ---------------------------------------------------------------- imperfect inspections


def corrected(known: Known, facts: RunFacts, figure: str, form: Method, road: str) -> Estimate | None:
    """What is there behind a recorded share, by posterior (`bayes`) or by formula (`rogan_gladen`)."""
    return _behind(known, facts, f"true_{figure}", form, road)


def false_alarms(known: Known, facts: RunFacts, figure: str, form: Method) -> Estimate | None:
    """Part of what is recorded that is a false alarm."""
    return usable(_behind(known, facts, f"false_alarm_share_{figure}", form, "bayes"))


def _behind(known: Known, facts: RunFacts, metric: str, form: Method, road: str) -> Estimate | None:
    of_list = metric.endswith("_at_capacity")
    at = f"{at_capacity(facts.capacity)},by={road}" if of_list else f"by={road}"
    return known.get(facts.main if of_list else "", metric, method=form, at=at)


def sights(known: Known) -> list[tuple[str, str, Estimate]]:
    """Sensitivity and specificity of inspections with their source, `double_visits` before `declared`."""
    wanted = (("sensitivity", "double_visits"), ("sensitivity", "declared"), ("specificity", "declared"))
    return [
        (metric, source, e) for metric, source in wanted for e in known.all(metric, at=f"source={source}", group="")
    ]


def double_visits(known: Known) -> dict[str, Estimate]:
    """At how many places that were visited twice `both`, only the `first`, only the `second` or `neither` visit found something."""
    return {at_of(e, "found"): e for e in known.all("double_visits")}


# ---------------------------------------------------------------- mitigations


def mitigated(known: Known) -> dict[str, str]:
    """Per mitigated model, in the run's order, the model that it is compared with."""
    return {e.model: at_of(e, "versus") for e in known.all("precision_change", split="all", method="labelled")}


def pair_gaps(known: Known, model: str, harm: str, attribute: str) -> Estimate | None:
    """The gap of a model between the pair of groups of an attribute, over all test periods."""
    return next((e for e in _pair(known, model, f"{harm}_pair_gap", attribute, "all")), None)


def pair_shift(
    known: Known, model: str, harm: str, attribute: str, period: str, method: Method | None = None
) -> Estimate | None:
    """How much a mitigated model's gap lies further up or down than without mitigation; where outcomes count, in the form that is asked."""
    found = _pair(known, model, f"{harm}_pair_shift", attribute, period)
    return next((e for e in found if method in (None, e.method)), None)


def pair_could_show(known: Known, model: str, harm: str, attribute: str) -> Estimate | None:
    """The smallest shift that the data of all test periods could show."""
    return next((e for e in _pair(known, model, f"{harm}_pair_shift_detectable", attribute, "all")), None)


def reference_of_pair(estimate: Estimate) -> str:
    """The group of a pair that is hit least, as `attribute=value`."""
    return f"{estimate.group.partition('=')[0]}={at_of(estimate, 'versus')}"


def yields(known: Known, model: str, metric: str, method: str = "labelled") -> Estimate | None:
    """What a mitigated model finds, compared with the model without mitigation, over all test periods."""
    return next((e for e in known.all(metric, model=model, method=method) if at_of(e, "period") == "all"), None)


def rate_of_group(known: Known, facts: RunFacts, model: str, harm: str, group: str) -> Estimate | None:
    """A rate of one group at the study's capacity."""
    found = known.all(harm, model=model, group=group, at=at_capacity(facts.capacity), split="all")
    return next(iter(found), None)


def _pair(known: Known, model: str, metric: str, attribute: str, period: str) -> list[Estimate]:
    return [
        e
        for e in known.all(metric, model=model)
        if e.group.startswith(f"{attribute}=") and at_of(e, "period") == period
    ]


# ---------------------------------------------------------------- groups that lean on each other


def pooled_by(known: Known) -> list[str]:
    """Attributes whose groups lean on each other."""
    return [at_of(e, "by") for e in known.all(f"{OF_GROUPS[0]}_common") if at_of(e, "form") == "labelled"]


def pooled_groups(known: Known, metric: str, attribute: str, form: str = "labelled") -> dict[str, Estimate]:
    """A figure of every group of an attribute in one form of visits, by group."""
    found = [e for e in known.all(metric) if e.group.startswith(f"{attribute}=") and at_of(e, "form") == form]
    return {e.group: e for e in found}


def pooled_together(known: Known, metric: str, attribute: str, form: str) -> Estimate | None:
    """A figure of all groups of an attribute together in one form of visits."""
    return next((e for e in known.all(metric) if at_of(e, "by") == attribute and at_of(e, "form") == form), None)


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
        if e.method in ("labelled", "sample", "count") and at_of(e, "capacity") in ("", str(facts.capacity))
    ]
    return [e for attribute in facts.attributes for e in chosen if e.group.startswith(f"{attribute}=")]


def reference_group(estimate: Estimate) -> str:
    """The group that a gap is measured from, as `attribute=value`; empty when it is no gap."""
    value = at_of(estimate, "versus")
    return f"{estimate.group.partition('=')[0]}={value}" if value else ""


def of_audit(known: Known, metric: str, attribute: str, *, at: str | None = None) -> list[Estimate]:
    """The pooled figure, or the gap, of every group of an attribute or of a crossing, also those that are withheld."""
    return [
        e
        for e in known.all(metric, method="apart" if is_gap(metric) else "pooled", split="all")
        if e.group.startswith(f"{attribute}=") and (at is None or e.at == at)
    ]


def list_lengths(known: Known, facts: RunFacts) -> list[int]:
    """Lengths of the list at which groups were looked at."""
    found = known.all("selection_rate", model=facts.main, method="sample", split="all")
    return sorted({int(length) for e in found if (length := at_of(e, "capacity")).isdigit()})


def weight_of(known: Known, model: str, at: str) -> Estimate | None:
    """Mean size of the attributions to a feature or family."""
    found = known.all("mean_abs_shap", model=model, at=at, split="all")
    return next((estimate for estimate in found if estimate.value is not None), None)


IMPORTANCE = {"permutation": "permutation_importance", "drop": "drop_importance"}
"""What a family weighs by roads that look at outcomes."""


def importance_of(known: Known, model: str, road: str, family: str) -> Estimate | None:
    """What a family weighs by shuffling it, or by leaving it out."""
    return known.get(model, IMPORTANCE[road], method="labelled", at=f"family={family}")


def agreement_of(known: Known, model: str, road: str) -> tuple[Estimate, Estimate] | None:
    """How alike the order of a road is to that of the attributions: Kendall's tau, and the share of first families in common."""
    at = f"versus={road}"
    tau, overlap = (
        usable(known.get(model, metric, method="labelled", at=at))
        for metric in ("importance_tau", "importance_overlap")
    )
    return None if tau is None or overlap is None else (tau, overlap)


def families_by_weight(known: Known, facts: RunFacts) -> list[tuple[str, Estimate]]:
    """Families with the mean size of their attributions, heaviest first."""
    families = dict.fromkeys(feature.family or feature.name for feature in facts.features)
    weights = [(family, weight_of(known, facts.main, f"family={family}")) for family in families]
    found = [(family, weight) for family, weight in weights if weight is not None]
    return sorted(found, key=lambda item: -(item[1].value or 0.0))


def order_agreement(known: Known, model: str) -> tuple[Estimate, Estimate] | None:
    """Kendall's W of the orders of families over refits, and the overlap of the first families of each two."""
    whole = usable(known.get(model, "rank_concordance", method="sample"))
    first = next((e for e in known.all("first_overlap", model=model, method="sample") if e.is_known), None)
    return None if whole is None or first is None else (whole, first)


def withheld_share(known: Known, model: str) -> Estimate | None:
    """Share of flagged places of which a reason was withheld."""
    return usable(known.get(model, "reasons_withheld", method="sample"))


def families_alike(known: Known, model: str) -> list[tuple[str, str, Estimate]]:
    """Pairs of families that are explained together, with their correlation."""
    found = known.all("family_correlation", model=model, method="sample")
    return [(*e.at.removeprefix("families=").partition("+")[::2], e) for e in found]


def replayed(facts: RunFacts, known: Known) -> list[Estimate]:
    """Days earlier of every order: each model, its own slots kept, then random and best possible."""
    every = [e for e in known.all("days_earlier", split="all") if e.method == "replay"]
    return [e for name in facts.models for e in every if e.model == name] + [e for e in every if e.model == ""]


def order_of(estimate: Estimate) -> tuple[str, str]:
    """Which order was replayed (`random`, `oracle`, or empty for a model) and within whose own slots."""
    return at_of(estimate, "order"), at_of(estimate, "within")


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
