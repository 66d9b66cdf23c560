"""What stands beside gaps of weighed visits: how rare chance gives as much, and the smallest that they could show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from scipy.stats import norm

from tegenkracht.core.estimate import Estimate, none_because
from tegenkracht.core.gap import SMALLEST, beside, verdict_of_gap
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.proportions import smallest_visible_gap
from tegenkracht.evaluation.weighed_gaps import beside_weighed_gaps

Z = norm.ppf(0.975)
METRIC = "precision_at_capacity"


def gap(value: float, down: float, up: float, metric: str = METRIC, **other: str) -> Estimate:
    """A weighed gap whose interval reaches so many standard errors of 0.01 down and up."""
    about = {"model": "m", "group": "wealth=low", "at": "capacity=100,versus=high", **other}
    low, high = value - 0.01 * Z * down, value + 0.01 * Z * up
    return Estimate(
        **about, metric=f"{metric}_gap", value=value, low=low, high=high, n=90, method="weighted", level=0.95
    )


def rates(
    own: float, reference: float, *, worth: tuple[float, float], metric: str = METRIC, **other: str
) -> list[Estimate]:
    """Rates of both groups with Wilson's intervals of so many answers."""
    about = {"model": "m", "at": "capacity=100", **other}
    out = []
    for group, share, n in zip(("wealth=low", "wealth=high"), (own, reference), worth, strict=True):
        low, high = wilson_interval(share, n, level=0.95)
        e = Estimate(metric=metric, value=share, low=low, high=high, n=n, method="weighted", level=0.95, **about)
        out.append(replace(e, group=group))
    return out


def told(gaps: Sequence[Estimate], known: Sequence[Estimate]) -> dict[str, Estimate]:
    """By id."""
    return {e.id: e for e in (*gaps, *beside_weighed_gaps([*gaps, *known], model="m"))}


@pytest.mark.parametrize(("value", "down", "up"), [(0.03, 1.0, 2.0), (-0.03, 2.0, 1.0)])
def test_chance_of_one_gap(value: float, down: float, up: float) -> None:
    """That of three errors, by the side that lies towards zero."""
    own = gap(value, down, up)
    chance = beside(own, told([own], rates(0.1, 0.1, worth=(90, 200))), "gap_chance")
    assert chance is not None
    assert chance.value == pytest.approx(2 * norm.sf(3))


def test_smallest_gap_is_planned_from_the_reference_group() -> None:
    """A share of 26 and 335 answers on either side show a gap of about 0.116 nine times in ten, whatever rate the other group happens to have."""
    own = gap(0.03, 1, 1)
    for part, share in product(SMALLEST, (0.02, 0.26, 0.5)):
        one = beside(own, told([own], rates(share, 0.26, worth=(335, 335))), part)
        assert one is not None
        up = part == "smallest_gap_up"
        assert one.value == pytest.approx(smallest_visible_gap(0.26, 335, 335, level=0.95, power=0.9, up=up), rel=1e-6)
        assert (one.n, one.method, one.low) == (90, "weighted", None)


@pytest.mark.parametrize("value", [0.03, -0.03])
def test_smallest_gaps_do_not_look_at_the_gap_that_was_seen(value: float) -> None:
    """Both directions are stated alike for a gap up and for a gap down, wide or narrow."""
    known = rates(0.1, 0.26, worth=(335, 335))
    one, other = (
        [beside(own, told([own], known), part) for part in SMALLEST] for own in (gap(0.01, 1, 1), gap(value, 3.0, 2.0))
    )
    assert one == other


def test_few_answers_show_no_gap() -> None:
    """Two groups of three answers: a reason stands where each smallest gap would."""
    own = gap(0.03, 1, 1)
    found = told([own], rates(0.1, 0.5, worth=(3, 3)))
    least = [beside(own, found, part) for part in SMALLEST]
    assert [(one.value, one.note) for one in least if one is not None] == [
        (None, "no_smallest_gap_up"),
        (None, "no_smallest_gap_down"),
    ]


def test_all_gaps_of_a_form_are_corrected_together() -> None:
    """Two gaps, one of the data: off zero by 2.1 errors is shown alone and not beside another; those of other models do not count."""
    own, known = gap(0.021, 1, 1), rates(0.1, 0.1, worth=(90, 200))
    other = gap(0.0, 1, 1, "finding_rate", model="", at="versus=high")
    of_other = rates(0.1, 0.1, worth=(90, 200), metric="finding_rate", model="", at="")
    alone, both = told([own], known), told([own, other], [*known, *of_other])
    assert verdict_of_gap(own, beside(own, alone, "gap_chance"), smallest=None) == "shown"
    assert verdict_of_gap(own, beside(own, both, "gap_chance"), smallest=None) == "not_shown"
    least = beside(own, both, "smallest_gap_up")
    assert least is not None
    assert least.value == pytest.approx(smallest_visible_gap(0.1, 90, 200, level=0.975, power=0.9, up=True), rel=1e-6)
    elsewhere = told([own, replace(other, model="other")], known)
    assert verdict_of_gap(own, beside(own, elsewhere, "gap_chance"), smallest=None) == "shown"


def test_without_an_interval_nothing_stands_beside_it() -> None:
    """Nor beside gaps that are not weighed."""
    few = none_because("few_visits", model="m", metric="precision_at_capacity_gap", n=3, method="weighted")
    apart = replace(gap(0.03, 1, 1), method="apart")
    assert list(beside_weighed_gaps([few, apart], model="m")) == []
