"""Net benefit, overlap of lists and regret: published formulas and hand calculations."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, resample
from tegenkracht.evaluation.capacity import BY_LOT, list_statistics, unpacked
from tegenkracht.evaluation.net_benefit import Costs, net_benefits
from tegenkracht.evaluation.overlap import disagreement_statistics, disagreements, overlaps
from tegenkracht.evaluation.regret import choice_of, regret_estimates
from tegenkracht.evaluation.sample import sample_of


def study(scores_from, *, mine, other, outcomes, **where):
    """Two models on the same rows."""
    scores = scores_from({"mine": mine, "other": other}, outcomes, **where)
    return sample_of(scores, lists="per_as_of", cluster_by="unit_id")


def resampled(sample, *, size: int):
    """Lists of each model and by lot, at one size."""
    statistics = list_statistics(sample, sizes=[size], capacity=size)
    numbers = resample(statistics, clusters=sample.clusters, replicates=50, seed=1, threads=1, progress=silent)
    return {m: unpacked(n, sample, sizes=1 + (m == BY_LOT)) for m, n in numbers.items()}


def test_net_benefit_is_the_published_formula(scores_from):
    """Ten places, a list of four with three finds, ratio 1/4: 3/10 - 1/10 * 1/4; a list by lot expects two finds."""
    outcomes = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    sample = study(scores_from, mine=np.arange(10.0)[::-1], other=np.arange(10.0), outcomes=outcomes)
    costs = Costs(empty_visit=(0.25,), why="a test")
    found = {e.id: e for e in net_benefits(resampled(sample, size=4), capacity=4, sizes=(4,), costs=costs, level=0.9)}
    assert found["mine/net_benefit//capacity=4,ratio=0.25/all/labelled"].value == pytest.approx(0.3 - 0.1 * 0.25)
    assert found["/net_benefit//capacity=4,ratio=0.25/all/labelled"].value == pytest.approx(0.2 - 0.2 * 0.25)
    above = found["mine/net_benefit_above_random//capacity=4,ratio=0.25/all/labelled"]
    assert above.value == pytest.approx(0.125)
    assert above.low < above.value < above.high


@pytest.mark.parametrize("ratios", [(-0.1,), (0.5, 0.1), (0.1, 0.1)])
def test_costs_ascend_from_zero(ratios):
    """A negative cost, or one given twice, is a mistake in the study."""
    with pytest.raises(ValidationError, match="must be zero or more and ascend"):
        Costs(empty_visit=ratios, why="a test")


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
    found = {e.id: e.value for e in overlaps(sample, capacity=2, versus={"mine": ["other"], "other": []})}
    assert found["mine/list_overlap//capacity=2,versus=other/all/sample"] == pytest.approx(1 / 3)
    assert found["mine/list_kept//capacity=2/all/sample"] == pytest.approx(1 / 2)


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
    assert choice_of(figures).rule == "last"
    assert choice_of(figures).model == "rising"


def test_one_split_has_no_next():
    """Nothing to choose for, and the reason."""
    figures = {"a": fixed(0.2), "b": fixed(0.3)}
    assert {e.note for e in regret_estimates(figures, metric="precision", n=9, level=0.95)} == {"one_fold"}
    assert choice_of(figures) is None
