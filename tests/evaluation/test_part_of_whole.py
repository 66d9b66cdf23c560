"""Intervals of a part of a whole that is known from weighed visits."""

from __future__ import annotations

import numpy as np
import pytest

from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.part_of_whole import (
    Weight,
    at_least_as_if_unseen,
    each_of_share,
    part_interval,
    worth_of_part,
)

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


UNSEEN = Weight(0.0, NO_VISIT)


@pytest.mark.parametrize("own", [0.01, 0.3, 1.0, 4.0, 10.0])
@pytest.mark.parametrize("rest", [Weight(400.0, 4.0), Weight(130.0, 1.0), Weight(15.0, 1.5)])
def test_seeing_more_of_a_part_never_lowers_its_upper_end(own: float, rest: Weight) -> None:
    """From no visit to forty, whatever one weighs, and whatever one of the rest does."""
    seen = [at_least_as_if_unseen(Weight(own * visits, own), rest, level=0.95) for visits in range(1, 41)]
    highs = [part_interval(part, rest, level=0.95)[1] for part in (UNSEEN, *seen)]
    assert (np.diff(highs) > -1e-9).all()


def test_one_light_visit_says_nothing_of_how_heavy_others_are() -> None:
    """Four hundred in a hundred visits elsewhere: 3.7 of a hundred with nothing on the list, and no less with one visit of weight 0.3; it is worth no more either."""
    rest, light = Weight(400.0, 4.0), Weight(0.3, 0.3)
    part = at_least_as_if_unseen(light, rest, level=0.95)
    assert part_interval(light, rest, level=0.95)[1] == pytest.approx(0.0043, abs=5e-5)
    assert part_interval(part, rest, level=0.95)[1] >= part_interval(UNSEEN, rest, level=0.95)[1] > 0.0369
    assert worth_of_part(part, rest) < 110 < worth_of_part(light, rest)


def test_visits_that_reach_as_high_by_themselves_keep_their_weight() -> None:
    """Heavier ones than the rest, or many: nothing is changed, nor where one side has no visit."""
    rest = Weight(400.0, 4.0)
    for part in (Weight(4.0, 4.0), Weight(9.0, 9.0), Weight(20.0, 1.0), UNSEEN):
        assert at_least_as_if_unseen(part, rest, level=0.95).each == pytest.approx(part.each, nan_ok=True)
    assert at_least_as_if_unseen(Weight(0.3, 0.3), UNSEEN, level=0.95) == Weight(0.3, 0.3)


@pytest.mark.parametrize(("whole", "tied", "share"), [(30, 60, 0.3), (40, 100, 0.05)])
def test_by_lot_a_list_with_ties_at_its_end_is_held(whole: int, tied: int, share: float) -> None:
    """A hundred and thirty visits by lot to two thousand places: tied places count for a part, and are at times the only ones on the list that were seen."""
    rng, times, held, taken_at_their_word = np.random.default_rng(12), 2_000, 0, 0
    listed = np.r_[np.ones(whole), np.full(tied, share), np.zeros(2_000 - whole - tied)]
    for _ in range(times):
        seen = listed[rng.random(2_000) < 130 / 2_000]
        part, rest = (Weight(w.sum(), (w * w).sum() / w.sum() if w.sum() else NO_VISIT) for w in (seen, 1 - seen))
        for floored in (False, True):
            sides = (part, rest)
            if floored:
                sides = at_least_as_if_unseen(part, rest, level=0.95), at_least_as_if_unseen(rest, part, level=0.95)
            low, high = part_interval(*sides, level=0.95)
            held += floored and low <= listed.mean() <= high
            taken_at_their_word += not floored and low <= listed.mean() <= high
    assert taken_at_their_word / times < 0.92
    assert 0.95 < held / times < 0.99
