"""Bounds under a stated assumption: by hand, narrower than what is possible, and right when the assumption is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pydantic import ValidationError

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.assumed import Assumed, assumed_estimates
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.spec import Assume

NAN = float("nan")


def bounds(scores: Scores, assumed: Assumed, capacity: int) -> dict[tuple[str, str], Estimate]:
    """By metric and method."""
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    found = assumed_estimates(
        sample, assumed, main="m", capacity=capacity, replicates=200, level=0.95, seed=1, threads=1
    )
    return {(e.metric, e.method): e for e in found}


@pytest.fixture(scope="module")
def ten(scores_from) -> Scores:
    """Ten on the list, of which each second slice of two has one visit with and one without; ten off it, all visited without a finding but one unseen."""
    listed = [1.0, NAN, 0.0, NAN, 1.0, NAN, 0.0, NAN, 0.0, NAN]
    return scores_from({"m": list(range(20, 0, -1))}, listed + [0.0] * 9 + [NAN])


def test_no_more_often_than_at_visited_places_by_hand(ten) -> None:
    """Slices of two: where the visited one has a finding the other may have one (twice), elsewhere it cannot. 2/10 to 4/10; off the list 0 to 0 of ten."""
    found = bounds(ten, Assumed(1.0, None), 10)
    assert (found["precision_at_capacity", "assumed"].low, found["precision_at_capacity", "assumed"].high) == (0.2, 0.4)
    assert (found["prevalence", "assumed"].low, found["prevalence", "assumed"].high) == (0.1, 0.2)
    above = found["precision_above_random", "assumed"]
    assert (above.low, above.high) == pytest.approx((0.1, 0.2))
    assert above.at == "capacity=10,if=unvisited_at_most:1"


def test_a_ceiling_by_hand(ten) -> None:
    """Of the five unseen on the list at most a fifth: 2/10 to 3/10; the one off it a fifth: (2 + 1 + 0.2)/20."""
    found = bounds(ten, Assumed(None, 0.2), 10)
    assert (
        found["precision_at_capacity", "assumed"].low,
        found["precision_at_capacity", "assumed"].high,
    ) == pytest.approx((0.2, 0.3))
    assert found["prevalence", "assumed"].high == pytest.approx(3.2 / 20)


def test_both_together_take_the_lower(ten) -> None:
    """Half as often as at visited places, and no more than four in ten: the second binds where the first says a half."""
    found = bounds(ten, Assumed(0.5, 0.4), 10)
    assert found["precision_at_capacity", "assumed"].high == pytest.approx((2 + 2 * 0.4) / 10)
    assert found["prevalence", "assumed"].at == "if=unvisited_at_most:0.5+unvisited_ceiling:0.4"


def test_a_slice_without_visits_stays_open(scores_from) -> None:
    """Where nobody went there is nothing to compare with: the whole slice may be positive."""
    outcome = [NAN, NAN, *[0.0, NAN] * 4, *[0.0] * 10]
    found = bounds(scores_from({"m": list(range(20, 0, -1))}, outcome), Assumed(1.0, None), 10)
    assert found["precision_at_capacity", "assumed"].high == pytest.approx(0.2)


def test_the_truth_lies_inside_when_the_assumption_holds(scores_from: Callable[..., Scores]) -> None:
    """Visitors prefer risky places among like scores, in forty worlds: bounds hold the truth in all but sampling error, intervals in at least 95 %."""
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        score, hidden = rng.random(2000), rng.random(2000)
        positive = rng.random(2000) < 0.3 * score * hidden
        outcome = np.where(rng.random(2000) < 0.1 + 0.3 * hidden, positive, NAN)
        found = bounds(scores_from({"m": score}, outcome), Assumed(1.0, None), 200)
        truth = {"prevalence": positive.mean(), "precision_at_capacity": positive[np.argsort(-score)[:200]].mean()}
        held += [found[m, "assumed_interval"].low <= t <= found[m, "assumed_interval"].high for m, t in truth.items()]
    assert np.mean(held) >= 0.95


def test_an_assumption_must_say_something() -> None:
    """An empty one is refused by name."""
    with pytest.raises(ValidationError, match="nothing is assumed; write unvisited_at_most or unvisited_ceiling"):
        Assume()
