"""A readable model that was not shown to do worse is preferred; one that was is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.evaluation.conftest import build_scores

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import PLAIN
from tegenkracht.evaluation.comparisons import Comparisons
from tegenkracht.evaluation.constraint import constraint_cost, weighed_cost
from tegenkracht.evaluation.readable import check_readable


def gap(low: float, high: float, versus: str) -> Estimate:
    """The card's model less another."""
    at = f"capacity=10,versus={versus}"
    return Estimate("trees", "precision_difference", (low + high) / 2, low, high, n=50, level=0.95, at=at)


def told(estimates: Iterable[Estimate], main: str) -> Comparisons:
    """These estimates as the check reads them."""
    return Comparisons.of(estimates, main=main, capacity=10)


@pytest.mark.parametrize(
    ("card", "sum_", "verdict", "other"),
    [
        ((-0.1, 0.2), (0.1, 0.3), "found", "card"),
        ((0.1, 0.3), (-0.1, 0.2), "found", "sum"),
        ((-0.3, -0.1), (0.1, 0.3), "found", "card"),
        ((0.1, 0.3), (0.01, 0.3), "not_found", None),
    ],
)
def test_the_first_readable_model_that_does_not_surely_find_less(card, sum_, verdict, other) -> None:
    """The easiest to read comes first; a lower end of the difference above zero is needed to leave it."""
    estimates = [gap(*card, "card"), gap(*sum_, "sum")]
    (finding,) = check_readable(told(estimates, "trees"), readable=["card", "sum"])
    assert (finding.code, finding.verdict, finding.facts.get("other")) == ("TK309", verdict, other)


def test_nothing_to_compare_says_why() -> None:
    """The card's own model is readable, or there is no other."""
    assert check_readable(told([], "card"), readable=["card"])[0].facts == {"reason": "already_readable"}
    assert check_readable(told([], "trees"), readable=[])[0].facts == {"reason": "no_readable_model"}


def test_what_is_weighed_goes_before_what_was_seen() -> None:
    """More where somebody went, and not when each visit is weighed by its chance: prefer the readable model, and say in which form."""
    seen = gap(0.1, 0.3, "card")
    weighed = replace(seen, value=0.0, low=-0.1, high=0.1, method="weighted")
    (finding,) = check_readable(told([seen, weighed], "trees"), readable=["card"])
    assert (finding.verdict, finding.facts) == (
        "found",
        {"other": "card", "by": "weighted", "value": 0.0, "low": -10.0, "high": 10.0},
    )


def test_the_cost_of_directions_by_hand() -> None:
    """Lists of two of six: the constrained finds both, the free one of two. The difference is a half, and its units are value over half width."""
    scores = build_scores(
        {"held": [6, 5, 4, 3, 2, 1], "free": [6, 1, 5, 4, 3, 2]}, [1, 1, 0, 0, 0, 1], unit=[f"u{i}" for i in range(6)]
    )
    told = constraint_cost(
        scores,
        main="held",
        free="free",
        capacity=2,
        lists="per_as_of",
        cluster_by="unit_id",
        replicates=200,
        level=0.9,
        seed=1,
        threads=1,
    )
    without, gain, units = told
    assert (without.metric, without.value, gain.metric, gain.value) == (
        "precision_without_directions",
        0.5,
        "constraint_gain",
        0.5,
    )
    assert units.value == pytest.approx(0.5 / ((gain.high - gain.low) / 2))


def test_the_weighed_cost_of_directions_by_hand() -> None:
    """Both lists have forty visits. Of the one, ten findings stand for two each and the thirty others for 20 times two and 80: a sixth; of the other a tenth.

    By count the first would be a quarter.
    """
    n = 80
    scores = build_scores(
        {"held": np.arange(n)[::-1], "free": np.arange(n)}, [0.0] * n, unit=[f"u{i:02}" for i in range(n)]
    )
    found = [*([1.0] * 10), *([0.0] * 30), *([1.0] * 4), *([0.0] * 36)]
    visits = pd.DataFrame(
        {
            "row_id": scores.rows["row_id"].iloc[:n],
            "inspection_id": [f"v{i}" for i in range(n)],
            "channel": "planned",
            "propensity": [*([0.5] * 20), *([0.25] * 20), *([0.5] * 40)],
            "positive": found,
        }
    )
    without, gain, units = weighed_cost(
        scores,
        visits,
        main="held",
        free="free",
        capacity=40,
        lists="per_as_of",
        visits_by="inspection_id",
        replicates=200,
        level=0.95,
        seed=1,
        threads=1,
        how=PLAIN,
    )
    assert (without.id, gain.id) == (
        "held/precision_without_directions//capacity=40/all/weighted",
        "held/constraint_gain//capacity=40/all/weighted",
    )
    assert without.value == pytest.approx(0.1)
    assert gain.value == pytest.approx(1 / 6 - 0.1)
    assert without.low < 0.1 < without.high
    assert gain.low < 0 < gain.high
    assert units.value == pytest.approx(gain.value / ((gain.high - gain.low) / 2))
    assert units.method == "weighted"
