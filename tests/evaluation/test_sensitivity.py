"""Bands over the strength of tips: by hand, against all corners, against the linear program solved by sorting, and with tips of known strength."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tegenkracht.evaluation.bootstrap import Resampled, everything_once
from tegenkracht.evaluation.sensitivity import (
    FINE,
    GAMMAS,
    Band,
    Sums,
    Visits,
    difference,
    ratio_band,
    ratio_difference,
    sharp_band,
    sums_of,
    sums_statistic,
    turning_point,
    weight_range,
)

Floats = NDArray[np.float64]


def visits_of(
    finding: Sequence[float],
    chance: Sequence[float],
    expected: Sequence[float] | None = None,
    row: Sequence[int] | None = None,
) -> Visits:
    """One line a visit, each to a row of its own unless rows are given."""
    n = len(finding)
    return Visits(
        row=np.arange(n) if row is None else np.array(row),
        visit=np.arange(n),
        part=np.ones(n),
        finding=np.array(finding, float),
        chance=np.array(chance, float),
        expected=np.zeros(n) if expected is None else np.array(expected, float),
    )


def sums_for(visits: Visits, shares: dict[str, Floats], gammas: Sequence[float]) -> dict[str, Sums]:
    """Sums with every row its own cluster, drawn once."""
    rows = len(next(iter(shares.values())))
    cluster = np.arange(rows, dtype=np.int32)
    point = sums_statistic(visits, shares, cluster=cluster, gammas=gammas)(everything_once(rows))
    return sums_of(Resampled(point[0], point), tuple(shares), gammas=len(gammas))


def everyone(visits: Visits, rows: int, gammas: Sequence[float]) -> Sums:
    """Sums over all rows."""
    return sums_for(visits, {"all": np.ones(rows)}, gammas)["all"]


def by_sorting(values: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Extremes of the weighted mean over a box of weights: some threshold gives all values above it one end and the rest the other."""
    order = np.argsort(-values)
    y, least, most = values[order], low[order], high[order]

    def mean(weight: Floats) -> float:
        return float(weight @ y / weight.sum())

    n = len(y)
    highs = [mean(np.where(np.arange(n) < k, most, least)) for k in range(n + 1)]
    lows = [mean(np.where(np.arange(n) < k, least, most)) for k in range(n + 1)]
    return min(lows), max(highs)


def test_weights_by_hand() -> None:
    """A chance of one in five stands for 5 places; at strength 2 for between 1 + 4/2 and 1 + 4 x 2."""
    low, high = weight_range(np.array([0.2]), 2.0)
    assert (low[0], high[0]) == (3.0, 9.0)


def test_ratio_band_by_hand() -> None:
    """Chance 1/2 with a finding, chance 1/4 without: weights 1.5 to 3 and 2.5 to 7, so 1.5/8.5 to 3/5.5; without tips 2/6."""
    band = ratio_band(everyone(visits_of([1, 0], [0.5, 0.25]), 6, (1.0, 2.0)), (1.0, 2.0))
    assert band.low.point == pytest.approx([2 / 6, 1.5 / 8.5])
    assert band.high.point == pytest.approx([2 / 6, 3 / 5.5])


def test_sharp_band_by_hand() -> None:
    """Ten rows, four visited with chance 0.4, one finding: like places find a quarter, so at strength 2 between an eighth and a half."""
    band = sharp_band(everyone(visits_of([1, 0, 0, 0], [0.4] * 4), 10, (1.0, 2.0)), (1.0, 2.0))
    assert band.low.point == pytest.approx([(1 + 6 / 4) / 10, (1 + 6 / 8) / 10])
    assert band.high.point == pytest.approx([(1 + 6 / 4) / 10, (1 + 6 / 2) / 10])


def test_the_sharp_band_reads_odds() -> None:
    """Where half is found, twice the odds is not everything but two thirds: 1 - (1 - 1/2)/2 = 3/4 is the bound, and 1/4 below."""
    band = sharp_band(everyone(visits_of([1, 1, 0, 0], [0.4] * 4), 10, (2.0,)), (2.0,))
    assert (band.low.point[0], band.high.point[0]) == pytest.approx(((2 + 6 / 4) / 10, (2 + 6 * 3 / 4) / 10))


def test_knowing_what_is_expected_narrows_the_sharp_band() -> None:
    """Half the places always have a finding and half never: a model that knows leaves nothing open, whatever tips there were."""
    finding, chance = [1, 0], [0.5, 0.5]
    blind = sharp_band(everyone(visits_of(finding, chance), 4, (3.0,)), (3.0,))
    knows = sharp_band(everyone(visits_of(finding, chance, expected=[1.0, 0.0]), 4, (3.0,)), (3.0,))
    assert knows.high.point[0] - knows.low.point[0] < blind.high.point[0] - blind.low.point[0]
    assert (knows.low.point[0], knows.high.point[0]) == pytest.approx((0.5, 0.5))


boxes = st.integers(2, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n),
        st.lists(st.floats(0.05, 0.95), min_size=n, max_size=n),
        st.floats(1, 10),
    )
)


@given(boxes)
@settings(max_examples=60, deadline=None)
def test_the_ratio_band_is_the_extreme_over_all_corners(box) -> None:
    """No choice of an end for each weight gives less or more; and sorting solves the same program."""
    finding, chance, gamma = np.array(box[0]), np.array(box[1]), box[2]
    low, high = weight_range(chance, gamma)
    corners = [np.array(w) @ finding / np.sum(w) for w in itertools.product(*zip(low, high, strict=True))]
    band = ratio_band(everyone(visits_of(finding, chance), len(finding), (gamma,)), (gamma,))
    assert (band.low.point[0], band.high.point[0]) == pytest.approx((min(corners), max(corners)), abs=1e-9)
    assert by_sorting(finding, low, high) == pytest.approx((min(corners), max(corners)), abs=1e-9)


@given(boxes, st.integers(1, 6))
@example(
    box=([1, 0, 1, 1, 0, 0, 0], [0.125, 0.5, 0.5, 0.0625, 0.5, 0.5, 0.25], 8.0), cut=4
)  # between points of a coarser grid
@settings(max_examples=60, deadline=None)
def test_the_distance_to_everybody_is_the_extreme_over_the_box(box, cut) -> None:
    """A fine grid over the weights of a list's findings and other visits, and the ends for the rest, finds nothing beyond, and comes near."""
    finding, chance, gamma = np.array(box[0]), np.array(box[1]), box[2]
    on = (np.arange(len(finding)) < cut).astype(float)
    if on.all():
        on[-1] = 0.0
    sums = sums_for(visits_of(finding, chance), {"all": np.ones(len(on)), "list": on}, (gamma,))
    band = ratio_difference(sums["list"], sums["all"] - sums["list"], (gamma,))
    low, high = weight_range(chance, gamma)
    ends = [[(end * on * kind).sum() for end in (low, high)] for kind in (finding, 1 - finding)]
    rest = [[(end * (1 - on) * kind).sum() for end in (low, high)] for kind in (finding, 1 - finding)]
    sides = [np.linspace(*end, 240) for end in ends]
    a, b, c, d = np.meshgrid(*sides, *map(np.array, rest))
    grid = a / (a + b) - (a + c) / (a + b + c + d)
    assert band.low.point[0] <= grid.min() + 1e-9
    assert band.high.point[0] >= grid.max() - 1e-9
    assert band.low.point[0] == pytest.approx(grid.min(), abs=2e-3)
    assert band.high.point[0] == pytest.approx(grid.max(), abs=2e-3)


@given(boxes, st.lists(st.floats(0, 1), min_size=7, max_size=7), st.integers(0, 20))
@settings(max_examples=80, deadline=None)
def test_bands_are_nested(box, expected, unvisited) -> None:
    """Stronger tips allow more; at strength 1 nothing is open; the sharp band lies within the ratio band when the odds add up to the unvisited."""
    finding, chance = np.array(box[0]), np.array(box[1])
    visits = visits_of(finding, chance, expected=expected[: len(finding)])
    sums = everyone(visits, len(finding) + unvisited, GAMMAS)
    for band in (ratio_band(sums, GAMMAS), sharp_band(sums, GAMMAS)):
        assert (np.diff(band.low.point) <= 1e-12).all()
        assert (np.diff(band.high.point) >= -1e-12).all()
        assert band.low.point[0] == pytest.approx(band.high.point[0], abs=1e-9)
    odds = float((1 / chance - 1).sum())
    scaled = Sums(**{**{n: getattr(sums, n) for n in Sums.__dataclass_fields__}, "rows": _number(len(finding) + odds)})
    sharp, ratio = sharp_band(scaled, GAMMAS), ratio_band(scaled, GAMMAS)
    assert (sharp.low.point >= ratio.low.point - 1e-9).all()
    assert (sharp.high.point <= ratio.high.point + 1e-9).all()


def _number(value: float) -> Resampled:
    return Resampled(np.array([value]), np.array([[value]]))


@given(boxes)
@settings(max_examples=40, deadline=None)
def test_without_tips_the_ratio_is_hajek(box) -> None:
    """At strength 1 each visit stands for one over its chance."""
    finding, chance = np.array(box[0]), np.array(box[1])
    band = ratio_band(everyone(visits_of(finding, chance), len(finding), (1.0,)), (1.0,))
    assert band.low.point[0] == pytest.approx(np.average(finding, weights=1 / chance), abs=1e-12)


def test_a_list_and_the_rest_take_their_own_extremes() -> None:
    """A list of a quarter of the rows between 0.3 and 0.5, the rest between 0.1 and 0.2: 3/4 of 0.1 to 3/4 of 0.4 above everybody."""
    listed, rest = (Band((1.0,), _number(low), _number(high)) for low, high in ((0.3, 0.5), (0.1, 0.2)))
    band = difference(listed, rest, _number(0.75))
    assert (band.low.point[0], band.high.point[0]) == pytest.approx((0.75 * 0.1, 0.75 * 0.4))


def test_where_an_end_reaches_its_target() -> None:
    """Between strengths 2 and 3 the end falls from 0.1 to -0.1: halfway. A replicate below at the start turned at once; one that never falls, never."""
    ends = Resampled(
        np.array([0.3, 0.1, -0.1]), np.array([[-0.1, -0.2, -0.3], [0.3, 0.2, 0.1], [np.nan, np.nan, np.nan]])
    )
    turns = turning_point(ends, Resampled(np.zeros(1), np.zeros((3, 1))), (1.0, 2.0, 3.0), falls=True)
    assert turns.point == pytest.approx([2.5])
    assert turns.replicates[:, 0] == pytest.approx([1.0, np.inf, np.nan], nan_ok=True)


def test_a_visit_on_several_lines_is_one_visit() -> None:
    """Two lines of visit 0, and half a row of visit 1, are one and a half visits."""
    visits = Visits(np.array([0, 1, 2]), np.array([0, 0, 1]), np.ones(3), np.zeros(3), np.ones(3) / 2, np.zeros(3))
    assert visits.count(np.array([1.0, 1.0, 0.5])) == 1.5


@pytest.mark.parametrize("gamma", [1.5, 3.0])
def test_bands_hold_the_truth_when_tips_are_no_stronger(gamma: float) -> None:
    """Visits follow a hidden tip that doubles or halves the odds as strongly as the model allows: with 200,000 places both bands hold the truth
    from the true strength on, and chances estimated without the tip are wrong without a band.
    """
    rng = np.random.default_rng(5)
    n = 200_000
    x = rng.random(n)
    outcome = rng.random(n) < 0.02 + 0.1 * x
    base = 0.05 + 0.2 * x
    # of the odds against a visit, a place with a finding has 1/gamma of what is foretold; the others so much more that all adds up
    mu = 0.02 + 0.1 * x
    odds = base / (1 - base)
    tipped = 1 / (1 + 1 / (odds * np.where(outcome, gamma, 1.0)))
    visited = rng.random(n) < tipped
    foretold = mu * (1 / (1 + 1 / (odds * gamma))) + (1 - mu) * base
    row = np.flatnonzero(visited)
    sums = everyone(visits_of(outcome[row], foretold[row], expected=mu[row], row=row), n, FINE)
    truth = outcome.mean()
    for band in (ratio_band(sums, FINE), sharp_band(sums, FINE)):
        held = (band.low.point <= truth) & (truth <= band.high.point)
        assert not held[0]
        assert held[np.array(FINE) >= gamma].all()
