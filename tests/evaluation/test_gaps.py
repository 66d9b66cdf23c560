"""What is said of gaps: three verdicts, accepted limits, and the findings on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tegenkracht.core.criterion import Limit
from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.finding import Finding
from tegenkracht.core.gap import verdict_of_gap
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.audit import audit_estimates
from tegenkracht.evaluation.gaps import check_gaps, check_limits, check_weighed_gaps, judged_limits, with_sectors
from tegenkracht.evaluation.measure import measure

AT = "capacity=100,versus=high"
CONTRADICTED = [
    Estimate("", "prevalence", value, value - 0.01, value + 0.01, n=400, method=method, level=0.95)
    for value, method in ((0.02, "weighted"), (0.08, "audit"))
]
"""Visits by lot that say something else than visits weighed by their chance (TK111)."""


def gap(low: float, high: float, *, group: str = "wealth=low", metric: str = "selection_rate") -> Estimate:
    """A gap with this interval."""
    value = (low + high) / 2
    return Estimate("m", f"{metric}_gap", value, low, high, n=500, method="apart", level=0.95, group=group, at=AT)


def chance(value: float, *, group: str = "wealth=low", metric: str = "selection_rate") -> Estimate:
    """How often chance gives as much."""
    return Estimate("m", f"{metric}_gap_chance", value, n=500, method="apart", group=group, at=AT)


def checked(estimates: list[Estimate], *, smallest: float | None = None) -> list[Finding]:
    """What is said of gaps in wealth."""
    return [*check_gaps(estimates, model="m", attributes=["wealth"], crossings=[], smallest=smallest)]


@pytest.mark.parametrize(
    ("low", "high", "rare", "smallest", "verdict"),
    [
        (0.03, 0.07, 0.001, 0.02, "shown"),
        (0.01, 0.07, 0.001, 0.02, "shown"),
        (0.01, 0.07, 0.200, 0.02, "not_enough"),
        (-0.01, 0.015, 0.5, 0.02, "none_that_matters"),
        (0.005, 0.015, 0.001, 0.02, "none_that_matters"),
        (-0.03, 0.05, 0.9, 0.02, "not_enough"),
        (-0.03, 0.05, 0.9, None, "not_shown"),
        (-0.07, -0.03, 0.001, None, "shown"),
    ],
    ids=[
        "off zero",
        "off zero and wide",
        "not after correction",
        "within",
        "off zero but small",
        "wide",
        "unsaid",
        "below",
    ],
)
def test_a_gap_gets_one_of_three_verdicts(low, high, rare, smallest, verdict):
    """Shown, none of the size that matters, or not enough data; without a size that matters, not shown."""
    assert verdict_of_gap(gap(low, high), chance(rare), smallest=smallest) == verdict


def test_a_withheld_gap_gets_none():
    """Nothing is said of a group that is too small."""
    hidden = none_because("group_under_minimum", model="m", metric="selection_rate_gap", method="apart")
    assert verdict_of_gap(hidden, None, smallest=0.02) is None


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ([gap(-0.005, 0.008)], "met"),
        ([gap(-0.005, 0.008), gap(0.012, 0.03)], "not_met"),
        ([gap(-0.03, -0.012)], "not_met"),
        ([gap(-0.005, 0.02)], "not_shown"),
        (
            [
                gap(-0.005, 0.008),
                none_because("x", model="m", metric="selection_rate_gap", method="apart", group="wealth=mid"),
            ],
            "not_shown",
        ),
        ([], "no_number"),
    ],
    ids=["inside", "one beyond", "beyond below", "across", "one withheld", "none"],
)
def test_a_limit_is_judged_by_whole_intervals_of_every_gap(gaps, verdict):
    """Met when all lie within, not met when one lies beyond, otherwise it cannot be said."""
    limit = Limit(metric="selection_rate", attribute="wealth", at_most=1)
    assert judged_limits([limit], gaps) == {"selection_rate.wealth": verdict}


def test_a_limit_that_is_not_met_is_found_and_names_the_gap():
    """TK206 in points, with the group and what it is compared with."""
    limit = Limit(metric="selection_rate", attribute="wealth", at_most=1)
    (found,) = check_limits([gap(0.012, 0.03)], model="m", limits=[limit])
    assert (found.code, found.verdict) == ("TK206", "found")
    assert found.facts == {
        **{"attribute": "wealth", "metric": "selection_rate", "limit": 1.0, "group": "low", "reference_group": "high"},
        **{"gap": 2.1, "low": 1.2, "high": 3.0, "by": "limit_beyond"},
    }


def test_without_limits_or_a_size_that_matters_the_checks_say_so():
    """Not applicable is not a pass."""
    gaps = [gap(0.0, 0.1)]
    findings = [
        *check_limits(gaps, model="m", limits=[]),
        *(f for f in checked(gaps) if f.code != "TK202"),
    ]
    assert [(f.code, f.verdict, f.facts["reason"]) for f in findings] == [
        ("TK206", "not_applicable", "no_limits"),
        ("TK207", "not_applicable", "no_smallest_gap"),
        ("TK210", "not_applicable", "no_audit_attributes"),
    ]


def test_too_few_data_are_counted_per_attribute():
    """TK207: two gaps, one wide and one shown."""
    estimates = [gap(-0.05, 0.06), chance(0.8), gap(0.03, 0.06, group="wealth=mid"), chance(0.001, group="wealth=mid")]
    found = next(f for f in checked(estimates, smallest=0.02) if f.code == "TK207")
    assert (found.code, found.verdict) == ("TK207", "found")
    assert {key: found.facts[key] for key in ("looked_at", "short", "shown", "small")} == {
        **{"looked_at": 2, "short": 1, "shown": 1, "small": 0}
    }


@pytest.mark.parametrize(("rare", "verdict"), [(0.01, "found"), (0.4, "not_found")])
def test_the_largest_gap_is_held_beside_chance(rare, verdict):
    """TK210: found when chance, corrected for the number of measures, gives as much less often than the level leaves."""
    parts = {"": 0.2, "_by_chance": 0.1, "_chance": rare}
    estimates = [
        Estimate("m", f"selection_rate_largest_gap{name}", value, n=9, method="sample", at="capacity=100,by=wealth")
        for name, value in parts.items()
    ]
    found = checked([*estimates, gap(0.0, 0.1)])[-1]
    assert (found.code, found.verdict, found.facts["attribute"], found.facts["gap"]) == (
        "TK210",
        verdict,
        "wealth",
        20.0,
    )


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """TK202: verdict and figure."""
    return [(f.verdict, str(f.facts.get("metric", ""))) for f in findings if f.code == "TK202"]


def test_a_gap_that_was_found_is_the_widest_and_says_how_many_were_looked_at() -> None:
    """One finding per figure that has a gap shown, after a correction for three; a figure without one is silent."""
    findings = checked(
        [
            *(gap(0.03, 0.06), chance(0.01)),
            *(gap(0.05, 0.09, group="wealth=mid"), chance(0.001, group="wealth=mid")),
            *(gap(-0.1, 0.1, metric="false_positive_rate"), chance(0.9, metric="false_positive_rate")),
        ]
    )
    assert told(findings) == [("found", "selection_rate")]
    assert findings[0].facts == {
        **{"attribute": "wealth", "metric": "selection_rate", "group": "mid", "reference_group": "high"},
        **{"gap": 7.0, "low": 5.0, "high": 9.0, "looked_at": 3, "by": "gap_seen"},
    }


@pytest.mark.parametrize(
    ("estimates", "smallest", "verdict"),
    [
        ([gap(0.01, 0.07), chance(0.2)], 0.02, "not_found"),
        ([gap(0.01, 0.07), chance(0.2)], None, "not_found"),
        ([gap(0.005, 0.015), chance(0.001)], 0.02, "not_found"),
        ([replace(gap(0.01, 0.07), model="rule", method="sample")], 0.02, "not_applicable"),
        (
            [none_because("x", model="m", metric="selection_rate_gap", method="apart", group="wealth=low")],
            0.02,
            "not_applicable",
        ),
    ],
    ids=["not after correction", "nor where nothing matters", "too small to matter", "of another model", "withheld"],
)
def test_an_interval_that_leaves_zero_out_is_not_enough(estimates, smallest, verdict) -> None:
    """TK202 says what the gap's own verdict says: an uncorrected interval off zero is no gap that was found."""
    (found,) = [f for f in checked(estimates, smallest=smallest) if f.code == "TK202"]
    assert found.verdict == verdict
    assert ("reason" in found.facts) == (verdict == "not_applicable")


def test_sectors_are_judged_like_attributes_where_there_are_several() -> None:
    """A gap between two sectors makes the sector one more attribute, also one that is withheld; places of an area do not."""
    sectors = gap(0.05, 0.15, group="sector=marina")
    estimates = [gap(0.0, 0.01), sectors, chance(0.001, group="sector=marina")]
    assert with_sectors(["wealth"], estimates) == ("wealth", "sector")
    withheld = replace(sectors, value=None, low=None, high=None, level=None, note="base_under_minimum")
    assert with_sectors(["wealth"], [withheld]) == ("wealth", "sector")
    assert with_sectors(["wealth"], [gap(0.0, 0.1), replace(sectors, method="sample")]) == ("wealth",)
    findings = check_gaps(
        estimates, model="m", attributes=with_sectors(["wealth"], estimates), crossings=[], smallest=0.02
    )
    found = [
        (f.code, f.facts["group"]) for f in findings if f.verdict == "found" and f.facts.get("attribute") == "sector"
    ]
    assert found == [("TK202", "marina")]


def test_where_weighed_gaps_lead_they_decide() -> None:
    """Shown where somebody went and not when weighed: not found, unless visits by lot contradict the weights (TK111); and the other way round."""
    metric = "false_positive_rate"
    seen, off_zero = gap(0.02, 0.06, metric=metric), chance(0.001, metric=metric)
    weighed = replace(gap(-0.01, 0.07, metric=metric), method="weighted")
    open_ = replace(chance(0.3, metric=metric), method="weighted")
    assert told(checked([seen, off_zero, weighed, open_])) == [("not_found", "")]
    assert told(checked([seen, off_zero, weighed, open_, *CONTRADICTED])) == [("found", metric)]
    swapped = (
        [replace(e, method="weighted") for e in (seen, off_zero)],
        [replace(e, method="apart") for e in (weighed, open_)],
    )
    findings = checked([*swapped[0], *swapped[1]])
    assert (told(findings), findings[0].facts["by"]) == ([("found", metric)], "gap_weighed")


def test_a_made_up_study_whose_raw_interval_leaves_zero_out_gives_no_finding(scores_from) -> None:
    """One group of places is on the list a little more often: the interval of the counted gap leaves zero out, and after a correction for all gaps nothing was found."""
    rng = np.random.default_rng(6)
    wealth = rng.choice(["high", "low"], 1_000, p=[0.6, 0.4])
    score = rng.random(1_000) + 0.05 * (wealth == "low")
    scores = scores_from({"m": score}, rng.random(1_000) < 0.3, context={"wealth": wealth}, audit=("wealth",))
    asked = {
        "capacity": 200,
        "lists": "per_as_of",
        "cluster_by": "unit_id",
        "replicates": 300,
        "level": 0.95,
        "seed": 1,
    }
    estimates = audit_estimates(
        scores, model="m", probability=False, intersections=[], minimum=10, threads=1, progress=silent, **asked
    )
    measured = measure(
        scores,
        main_model="m",
        reference_model="m",
        probability_models=[],
        min_group=10,
        replay=None,
        visits=None,
        threads=1,
        progress=silent,
        **asked,
    )
    raw = next(e for e in measured if (e.metric, e.method) == ("selection_rate_gap", "sample"))
    assert raw.low > 0
    assert told(checked([*measured, *estimates], smallest=0.02)) == [("not_found", "")]


def of_errors(
    low: float, high: float, weighed: tuple[float, float] | None, *, group: str, rare: float = 0.001
) -> list[Estimate]:
    """A gap in looks for nothing where somebody went, how rare chance gives it, and the same weighed."""
    seen = gap(low, high, group=group, metric="false_positive_rate")
    told = [seen, replace(chance(rare, group=group), metric="false_positive_rate_gap_chance")]
    if weighed is None:
        return told
    return [*told, replace(seen, method="weighted", value=sum(weighed) / 2, low=weighed[0], high=weighed[1])]


def test_gaps_that_do_not_stand_when_weighed_are_counted_and_the_widest_is_told() -> None:
    """Three were shown where somebody went: one stands, one is not shown and the widest turned round; the fourth was not shown and does not count."""
    estimates = [
        *of_errors(0.02, 0.06, (0.01, 0.07), group="wealth=low"),
        *of_errors(0.01, 0.03, (-0.02, 0.04), group="wealth=middle"),
        *of_errors(0.05, 0.15, (-0.12, -0.02), group="wealth=lower"),
        *of_errors(0.01, 0.15, (-0.1, 0.1), group="wealth=unknown", rare=0.4),
        *of_errors(0.02, 0.06, None, group="wealth=none"),
    ]
    finding = check_weighed_gaps(estimates, model="m", smallest=None)
    assert finding.verdict == "found"
    assert finding.facts == {
        **{"looked_at": 4, "shown": 3, "gone": 2, "attribute": "wealth", "metric": "false_positive_rate"},
        **{"group": "lower", "reference_group": "high"},
        **{
            "seen": 10.0,
            "seen_low": 5.0,
            "seen_high": 15.0,
            "weighed": -7.0,
            "weighed_low": -12.0,
            "weighed_high": -2.0,
        },
    }


def test_gaps_that_stand_or_were_never_weighed_are_no_finding() -> None:
    """Said with how many there were; and where no gap was weighed, why nothing is said."""
    stands = check_weighed_gaps(of_errors(0.02, 0.06, (0.01, 0.07), group="wealth=low"), model="m", smallest=0.02)
    assert (stands.verdict, stands.facts) == ("not_found", {"looked_at": 1, "shown": 1, "gone": 0})
    none = check_weighed_gaps(of_errors(0.02, 0.06, None, group="wealth=low"), model="m", smallest=0.02)
    assert (none.verdict, none.facts) == ("not_applicable", {"reason": "not_weighed"})


def test_a_limit_is_judged_by_weighed_gaps_where_there_are_some() -> None:
    """Within where somebody went, and beyond when weighed: not met, and said so; unless visits by lot contradict the weights (TK111)."""
    limit = Limit(metric="false_positive_rate", attribute="wealth", at_most=2)
    estimates = of_errors(-0.01, 0.01, (0.03, 0.09), group="wealth=low")
    assert judged_limits([limit], estimates) == {limit.name: "not_met"}
    (found,) = check_limits(estimates, model="m", limits=[limit])
    assert (found.facts["by"], found.facts["gap"]) == ("limit_beyond_weighed", 6.0)
    assert judged_limits([limit], [*estimates, *CONTRADICTED]) == {limit.name: "met"}


def test_a_gap_that_was_seen_is_not_doubted_by_weights_that_visits_by_lot_contradict() -> None:
    """It goes away when weighed, and nothing is said of it (TK111 says what is wrong)."""
    gone = of_errors(0.02, 0.06, (-0.01, 0.07), group="wealth=low")
    assert check_weighed_gaps(gone, model="m", smallest=0.02).verdict == "found"
    unsaid = check_weighed_gaps([*gone, *CONTRADICTED], model="m", smallest=0.02)
    assert (unsaid.verdict, unsaid.facts) == ("not_applicable", {"reason": "lot_contradicts"})
