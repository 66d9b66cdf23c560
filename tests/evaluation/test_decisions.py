"""Net benefit, overlap of lists and regret: published formulas and hand calculations."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from tegenkracht.core.decision import Costs, break_even
from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.progress import silent
from tegenkracht.core.text import Text
from tegenkracht.evaluation.bootstrap import Resampled, resample
from tegenkracht.evaluation.net_benefit import check_worth, net_benefits
from tegenkracht.evaluation.overlap import check_kept, disagreement_statistics, disagreements, overlaps
from tegenkracht.evaluation.regret import regret_estimates
from tegenkracht.evaluation.sample import sample_of


def study(scores_from, *, mine, other, outcomes, **where):
    """Two models on the same rows."""
    scores = scores_from({"mine": mine, "other": other}, outcomes, **where)
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


COSTS = Costs(
    unit=Text(nl="uren", en="hours"), visit=4, finding=44, harm=6, weights=(0.1, 0.5), why=Text(nl="proef", en="test")
)


def measured(value: float, low: float, high: float, *, form: str = "labelled", model: str = "mine") -> Estimate:
    """Precision of a list of four out of ten places."""
    return Estimate(model, "precision_at_capacity", value, low, high, n=4, method=form, level=0.95, at="capacity=4")


COUNTS = (
    Estimate("", "rows", 10.0, n=10, method="count"),
    Estimate("mine", "list_length", 4.0, n=4, method="count", at="capacity=4"),
)


def worth(*estimates: Estimate) -> dict[str, Estimate]:
    """Net benefits by id."""
    return {
        e.id: e for e in net_benefits((*COUNTS, *estimates), costs=COSTS, capacity=4, main="mine", reference="other")
    }


def test_stated_costs_become_a_weight_and_a_share_at_which_a_list_breaks_even():
    """(4 + 6) / (44 - 4) = 1/4 of a find for an empty visit: one visit in five must find something."""
    assert COSTS.weight == pytest.approx(0.25)
    assert break_even(COSTS.weight) == pytest.approx(0.2)
    assert COSTS.every_weight == (0.1, 0.25, 0.5)


def test_net_benefit_is_the_published_formula():
    """Ten places, a list of four with three finds, weight 1/4: 3/10 - 1/10 * 1/4; ends are those of precision on the same line."""
    found = worth(measured(0.75, 0.2, 1.0))
    benefit = found["mine/net_benefit//capacity=4,weight=0.25/all/labelled"]
    assert benefit.value == pytest.approx(0.3 - 0.1 * 0.25)
    assert benefit.low == pytest.approx(0.0)  # two of ten visits at break-even bring nothing
    assert benefit.high == pytest.approx(0.4)


def test_a_hundred_visits_in_the_unit_of_the_costs():
    """75 finds bring 40 hours each, 25 empty visits cost 10 each."""
    found = worth(measured(0.75, 0.2, 1.0))
    assert found["mine/worth_of_visits//capacity=4/all/labelled"].value == pytest.approx(75 * 40 - 25 * 10)


def test_everybody_is_worth_what_prevalence_says():
    """Two finds among ten places, weight 1/2: 0.2 - 0.8 / 2."""
    found = worth(measured(0.75, 0.2, 1.0), Estimate("", "prevalence", 0.2, 0.1, 0.3, n=10, level=0.95))
    assert found["/net_benefit//everybody,weight=0.5/all/labelled"].value == pytest.approx(-0.2)


def test_a_figure_without_a_number_keeps_its_reason():
    """Too few visits by lot on the list: no net benefit, and the same note."""
    none = none_because("few_visits", model="mine", metric="precision_at_capacity", method="audit", at="capacity=4")
    assert worth(measured(0.75, 0.2, 1.0), none)["mine/worth_of_visits//capacity=4/all/audit"].note == "few_visits"


@pytest.mark.parametrize(
    ("estimates", "costs", "verdict", "reason"),
    [
        ((measured(0.5, 0.3, 0.7),), COSTS, "not_found", None),
        ((measured(0.5, 0.1, 0.7),), COSTS, "found", None),
        ((measured(0.5, 0.3, 0.7), measured(0.4, 0.15, 0.6, form="weighted")), COSTS, "found", None),
        ((), COSTS, "not_applicable", "nobody_visited"),
        ((measured(0.5, 0.3, 0.7),), None, "not_applicable", "no_costs"),
    ],
    ids=["shown", "interval reaches below", "the weighted form counts", "nobody went", "not asked"],
)
def test_a_list_must_be_shown_to_pay(estimates, costs, verdict, reason):
    """TK124: the whole interval lies above one in five, in the better form that is known."""
    finding = check_worth(estimates, costs=costs, main="mine", capacity=4)
    assert (finding.verdict, finding.facts.get("reason")) == (verdict, reason)


@pytest.mark.parametrize("weights", [(-0.1,), (0.5, 0.1), (0.1, 0.1)])
def test_weights_ascend_from_zero(weights):
    """A negative weight, or one given twice, is a mistake in the study."""
    with pytest.raises(ValidationError, match="must be zero or more and ascend"):
        Costs(**{**COSTS.model_dump(), "weights": weights})


def test_a_finding_is_worth_more_than_a_visit_costs():
    """Otherwise no list can pay."""
    with pytest.raises(ValidationError, match="a finding is worth 4 and a visit costs 4: no list can pay"):
        Costs(**{**COSTS.model_dump(), "finding": 4})


def test_overlap_by_hand(scores_from):
    """Lists of two on two days: models share one of three places on each; one of the two stays from the first day to the next."""
    sample = study(
        scores_from,
        mine=[4, 3, 2, 1, 4, 1, 3, 2],
        other=[4, 2, 3, 1, 4, 3, 1, 2],
        outcomes=[1, 0, 0, 0, 0, 1, 0, 0],
        unit=[f"u{i % 4}" for i in range(8)],
        as_of=["2024-01-01"] * 4 + ["2024-07-01"] * 4,
    )
    told = list(overlaps(sample, capacity=2, versus={"mine": ["other"], "other": []}))
    assert {e.note for e in told if e.metric == "list_kept"} == {"describes_lists"}
    found = {e.id: e.value for e in told}
    assert found["mine/list_overlap//capacity=2,versus=other/all/sample"] == pytest.approx(1 / 3)
    assert found["mine/list_kept//capacity=2/all/sample"] == pytest.approx(1 / 2)
    assert found["mine/list_kept//capacity=2,from=2024-01-01/all/sample"] == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("kept", "verdict", "by"),
    [(0.3, "found", "much"), (0.7, "not_found", "some"), (0.97, "found", "hardly"), (None, "not_applicable", None)],
)
def test_a_list_that_changes_much_or_hardly_is_found(kept, verdict, by):
    """TK125: below half, or above 95 of a hundred; one list has no next one."""
    at = {"at": "capacity=2", "method": "sample"}
    one = none_because("one_list", model="mine", metric="list_kept", **at)
    estimates = [one if kept is None else Estimate("mine", "list_kept", kept, n=9, **at)]
    finding = check_kept(estimates, lists="per_as_of", main="mine", capacity=2)
    assert (finding.verdict, finding.facts.get("by")) == (verdict, by)


def test_a_schedule_has_no_next_list():
    """Other visits stand in the next window, so what stays says nothing."""
    kept = Estimate("mine", "list_kept", 0.1, n=9, method="sample", at="capacity=2")
    finding = check_kept([kept], lists="whole_window", main="mine", capacity=2)
    assert (finding.verdict, finding.facts["reason"]) == ("not_applicable", "scheduled")


def test_disagreement_counts_only_what_one_list_has(scores_from):
    """Only mine: three finds of four; only the other's: one of four. What both have does not count."""
    mine = [9] * 4 + [8] * 4 + [1] * 4
    other = [9] * 4 + [1] * 4 + [8] * 4
    sample = study(scores_from, mine=mine, other=other, outcomes=[0] * 4 + [1, 1, 1, 0] + [1, 0, 0, 0])
    versus = {"mine": ["other"], "other": ["mine"]}
    statistics = disagreement_statistics(sample, capacity=8, versus=versus)
    numbers = resample(statistics, clusters=sample.clusters, replicates=200, seed=1, threads=1, progress=silent)
    gap, back = disagreements(numbers, capacity=8, level=0.95)
    assert (gap.value, gap.n) == (pytest.approx(0.5), 8)
    assert back.value == -gap.value
    assert gap.low < 0.5 < gap.high


def fixed(*values: float) -> Resampled:
    """Figures per split that are the same in every replicate."""
    return Resampled(np.array(values), np.tile(values, (20, 1)))


def test_regret_by_hand():
    """Choosing the best mean costs 0 and then .4; the last, equal at .5, leaves a lot between .8 and .4, so 0 and .2."""
    figures = {"rising": fixed(0.2, 0.5, 0.8), "steady": fixed(0.6, 0.5, 0.4)}
    found = {e.at: e.value for e in regret_estimates(figures, metric="precision", n=9, level=0.95)}
    assert found["rule=best_mean,by=precision"] == pytest.approx((0.0 + 0.4) / 2)
    assert found["rule=last,by=precision"] == pytest.approx((0.0 + 0.2) / 2)
    assert found["rule=random,by=precision"] == pytest.approx((0.0 + 0.2) / 2)


def test_one_split_has_no_next():
    """Nothing to choose for, and the reason."""
    figures = {"a": fixed(0.2), "b": fixed(0.3)}
    assert {e.note for e in regret_estimates(figures, metric="precision", n=9, level=0.95)} == {"one_fold"}
