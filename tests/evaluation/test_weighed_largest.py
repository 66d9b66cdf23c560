"""The largest gap between groups of weighed visits, beside what chance gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.weighed_largest import check_largest, largest_weighed_gaps

AT = "capacity=100"


def rates(*found: float, of: int = 200, metric: str = "false_positive_rate", model: str = "m") -> list[Estimate]:
    """A rate of each group of `wealth`, with Wilson's interval of so many visits, and one of their gaps: the list is one of which gaps are told."""
    out = []
    for number, part in enumerate(found):
        low, high = wilson_interval(part / of, of, level=0.95)
        about = {"model": model, "group": f"wealth={number}", "at": AT if model else ""}
        out.append(
            Estimate(**about, metric=metric, value=part / of, low=low, high=high, n=of, method="weighted", level=0.95)
        )
    versus = ",".join(part for part in (out[0].at, "versus=0") if part)
    gap = replace(out[-1], metric=f"{metric}_gap", at=versus, value=0.0, low=-0.1, high=0.1)
    return [*out, gap]


def told(*estimates: Estimate) -> dict[str, float | None]:
    """By name of the figure, of the list or of the data."""
    return {e.metric: e.value for e in largest_weighed_gaps(estimates, model="m", seed=1)}


def test_the_gap_of_the_two_groups_that_lie_farthest_apart() -> None:
    """Ten, twelve and forty of two hundred: fifteen points, which chance does not give."""
    found = told(*rates(10, 12, 40))
    assert found["false_positive_rate_largest_gap"] == pytest.approx(0.15)
    assert found["false_positive_rate_largest_gap_by_chance"] == pytest.approx(0.075, abs=0.01)
    assert found["false_positive_rate_largest_gap_chance"] == pytest.approx(0.0005, abs=0.0005)


def test_groups_without_an_interval_and_other_models_have_no_part_in_it() -> None:
    """One group alone has no gap."""
    few = none_because("few_visits", model="m", metric="false_positive_rate", n=3, method="weighted", group="wealth=9")
    assert told(*rates(10), few) == {}
    assert told(*rates(10, 40, model="other")) == {}
    assert told(*(replace(e, method="labelled") for e in rates(10, 40))) == {}
    alone, beside = told(*rates(10, 14)), told(*rates(10, 14), few, *rates(0, 99, model="other"))
    assert alone == beside


def test_lists_of_which_no_gaps_are_told_have_no_part_in_it() -> None:
    """Those of other lengths than the study's own."""
    assert told(*rates(10, 40)[:-1]) == {}


def test_figures_are_corrected_together() -> None:
    """Beside another figure a gap is as rare as twice its chance says."""
    alone = told(*rates(10, 22))["false_positive_rate_largest_gap_chance"]
    both = told(*rates(10, 22), *rates(20, 20, metric="finding_rate", model=""))
    assert alone is not None
    assert both["false_positive_rate_largest_gap_chance"] == pytest.approx(2 * alone, abs=0.02)
    assert both["finding_rate_largest_gap_chance"] == 1


@pytest.mark.parametrize(("parts", "verdict"), [((10, 12, 40), "found"), ((10, 12, 14), "not_found")])
def test_it_is_a_finding_when_chance_gives_as_much_seldom(parts: Sequence[float], verdict: str) -> None:
    """TK224, with the gap in points."""
    estimates = rates(*parts)
    found = check_largest([*estimates, *largest_weighed_gaps(estimates, model="m", seed=1)], model="m")
    assert (found.code, found.verdict, found.facts["attribute"]) == ("TK224", verdict, "wealth")
    assert found.facts["gap"] == (max(parts) - min(parts)) / 2


def test_without_weighed_gaps_or_with_weights_that_lots_contradict_there_is_a_reason() -> None:
    """Nothing is said then."""
    assert check_largest([], model="m").facts["reason"] == "not_weighed"
    estimates = rates(10, 12, 40)
    apart = [
        Estimate("", "prevalence", value, value - 0.05, value + 0.05, n=99, method=form, level=0.95)
        for value, form in ((0.1, "weighted"), (0.4, "audit"))
    ]
    contradicted = check_largest([*estimates, *apart, *largest_weighed_gaps(estimates, model="m", seed=1)], model="m")
    assert (contradicted.verdict, contradicted.facts["reason"]) == ("not_applicable", "lot_contradicts")


def test_groups_that_are_alike_seldom_raise_it() -> None:
    """Four groups with one rate and two figures: at most one in twenty, give or take chance."""
    rng, raised, times = np.random.default_rng(7), 0, 400
    for _ in range(times):
        estimates = [
            *rates(*rng.binomial(200, 0.1, 4)),
            *rates(*rng.binomial(200, 0.2, 4), metric="finding_rate", model=""),
        ]
        chances = told(*estimates)
        raised += any((value or 0.0) < 0.05 for name, value in chances.items() if name.endswith("_gap_chance"))
    assert raised / times <= 0.07
