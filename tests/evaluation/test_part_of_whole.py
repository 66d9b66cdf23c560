"""Intervals of a part of a whole that is known from weighed visits."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.part_of_whole import Weight, each_of_share, part_interval, worth_of_part

NO_VISIT = float("nan")


@pytest.mark.parametrize(("part", "rest"), [(0, 11), (1, 12), (4, 9), (11, 0)])
def test_equal_weights_give_wilsons_interval_of_as_many_visits(part: int, rest: int) -> None:
    """Whatever a visit weighs."""
    ends = part_interval(Weight(7.0 * part, 7.0), Weight(7.0 * rest, 7.0), level=0.95)
    assert ends == pytest.approx(wilson_interval(part / (part + rest), part + rest, level=0.95), abs=1e-9)


def test_the_rest_is_the_other_side() -> None:
    """What is part and what is rest may change places."""
    part, rest = Weight(6.0, 1.5), Weight(80.0, 9.0)
    low, high = part_interval(part, rest, level=0.9)
    assert part_interval(rest, part, level=0.9) == pytest.approx((1 - high, 1 - low))


def test_heavier_visits_tell_less() -> None:
    """The same weight from fewer visits has a wider interval, most where the part itself is known from fewer."""
    widths = [
        np.diff(part_interval(Weight(20.0, part), Weight(300.0, rest), level=0.95))[0]
        for part, rest in ((1.0, 1.0), (1.0, 5.0), (5.0, 1.0), (5.0, 5.0))
    ]
    assert widths == sorted(widths)


def test_without_a_visit_that_tells_what_one_weighs_that_of_the_rest_serves() -> None:
    """Nobody went to the list, or only there."""
    none, other = Weight(0.0, NO_VISIT), Weight(40.0, 4.0)
    assert part_interval(none, other, level=0.95) == part_interval(Weight(0.0, 4.0), other, level=0.95)
    low, high = part_interval(other, none, level=0.95)
    assert low == pytest.approx(wilson_interval(1.0, 10, level=0.95)[0])
    assert high == 1.0


def test_what_a_part_is_worth() -> None:
    """Of equal weights as many answers as visits; else so many that a share of them has the variance of the part."""
    assert worth_of_part(Weight(30.0, 3.0), Weight(90.0, 3.0)) == pytest.approx(40)
    assert worth_of_part(Weight(0.0, NO_VISIT), Weight(90.0, 3.0)) == pytest.approx(30)
    part, rest, share = Weight(20.0, 2.0), Weight(80.0, 5.0), 0.2
    by_hand = ((1 - share) ** 2 * 2.0 * 20 + share**2 * 5.0 * 80) / 100**2
    assert worth_of_part(part, rest) == pytest.approx(share * (1 - share) / by_hand)
    assert worth_of_part(Weight(0.0, 1.0), Weight(0.0, NO_VISIT)) == 0


@pytest.mark.parametrize("left", [1e-15, -1e-15])
def test_a_last_digit_of_weight_is_none(left: float) -> None:
    """All of the weight is on the list: what is left elsewhere is a rounding, above nought or below it."""
    assert part_interval(Weight(3.0, 1.0), Weight(left, NO_VISIT), level=0.95)[1] == 1.0
    assert part_interval(Weight(left, NO_VISIT), Weight(3.0, 1.0), level=0.95)[0] == 0.0


@pytest.mark.parametrize("listed", [1.5, 20.0])
def test_it_holds_the_part_also_of_a_list_with_one_or_two_findings(listed: float) -> None:
    """How many visits a list has is chance too: so many findings on it are expected, of light visits, and twenty-four elsewhere, of heavy ones."""
    rng, held, times, elsewhere, (light, heavy) = np.random.default_rng(4), 0, 2_000, 24.0, (2.0, 5.0)
    true = light * listed / (light * listed + heavy * elsewhere)
    for _ in range(times):
        part, rest = rng.poisson([listed, elsewhere])
        low, high = part_interval(Weight(light * part, light), Weight(heavy * rest, heavy), level=0.95)
        held += low <= true <= high
    assert 0.94 <= held / times <= 0.965


def test_where_places_are_drawn_a_visit_weighs_as_much_as_the_share_varies() -> None:
    """Weight of so much, as a share of all that is worth so many answers; and where all of it is of one kind."""
    kind, all_ = (
        Resampled(np.array([point]), np.array([[low], [high]]), None)
        for point, low, high in ((10.0, 8.0, 12.0), (100.0, 100.0, 100.0))
    )
    each = each_of_share(kind, all_, np.array([400.0]), level=0.95)
    assert each == pytest.approx([90 / (0.1 * 0.9 / 0.02**2)])
    still = Resampled(np.array([100.0]), np.array([[100.0], [100.0]]), None)
    assert each_of_share(still, still, np.array([400.0]), level=0.95) == pytest.approx([0.25])
