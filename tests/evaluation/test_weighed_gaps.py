"""What stands beside gaps of weighed visits: how rare chance gives as much, and the smallest that they could show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import norm

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.gap import beside, verdict_of_gap
from tegenkracht.evaluation.weighed_gaps import beside_weighed_gaps

Z = norm.ppf(0.975)


def gap(value: float, down: float, up: float, metric: str = "precision_at_capacity", **other: str) -> Estimate:
    """A weighed gap whose interval reaches so many standard errors of 0.01 down and up."""
    about = {"model": "m", "group": "wealth=low", "at": "capacity=100,versus=wealth=high", **other}
    low, high = value - 0.01 * Z * down, value + 0.01 * Z * up
    return Estimate(
        **about, metric=f"{metric}_gap", value=value, low=low, high=high, n=90, method="weighted", level=0.95
    )


def told(*gaps: Estimate) -> dict[str, Estimate]:
    """By id."""
    return {e.id: e for e in (*gaps, *beside_weighed_gaps(gaps, model="m"))}


@pytest.mark.parametrize(("value", "down", "up"), [(0.03, 1.0, 2.0), (-0.03, 2.0, 1.0)])
def test_one_gap(value: float, down: float, up: float) -> None:
    """Its chance is that of three errors towards zero; the smallest is read from the longer side: 1.96 and 1.28 errors of 0.02."""
    own = gap(value, down, up)
    book = told(own)
    chance, least = (beside(own, book, part) for part in ("gap_chance", "smallest_gap"))
    assert chance is not None
    assert least is not None
    assert chance.value == pytest.approx(2 * norm.sf(3))
    assert least.value == pytest.approx((Z + norm.ppf(0.9)) * 0.02)
    assert (least.n, least.method, least.low) == (90, "weighted", None)


def test_all_gaps_of_a_form_are_corrected_together() -> None:
    """Two gaps, one of the data: off zero by 2.1 errors is shown alone and not beside another; those of other models do not count."""
    own, other = gap(0.021, 1, 1), gap(0.0, 1, 1, "finding_rate", model="", at="versus=wealth=high")
    alone, both = told(own), told(own, other)
    assert verdict_of_gap(own, beside(own, alone, "gap_chance"), smallest=None) == "shown"
    assert verdict_of_gap(own, beside(own, both, "gap_chance"), smallest=None) == "not_shown"
    least = beside(own, both, "smallest_gap")
    assert least is not None
    assert least.value == pytest.approx((norm.ppf(1 - 0.025 / 2) + norm.ppf(0.9)) * 0.01)
    elsewhere = told(own, replace(other, model="other"))
    assert verdict_of_gap(own, beside(own, elsewhere, "gap_chance"), smallest=None) == "shown"


def test_without_an_interval_nothing_stands_beside_it() -> None:
    """Nor beside gaps that are not weighed."""
    few = none_because("few_visits", model="m", metric="precision_at_capacity_gap", n=3, method="weighted")
    apart = replace(gap(0.03, 1, 1), method="apart")
    assert list(beside_weighed_gaps([few, apart], model="m")) == []
