"""Intervals around bounds: what they must hold, and where there is none."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.estimates import About, band_between, interval_of_band

ABOUT = About("m")


def around(low: float, high: float, spread: float) -> tuple[Resampled, Resampled]:
    """Two ends whose replicates are the same normal quantiles."""
    draws = np.array([NormalDist(0, spread).inv_cdf((i + 0.5) / 2000) for i in range(2000)])
    return Resampled(np.array(low), low + draws), Resampled(np.array(high), high + draws)


@pytest.mark.parametrize(
    ("width", "deviations"),
    [(0.0, 1.959964), (0.1, 1.644854), (0.005, 1.7697)],
    ids=["a point", "wide", "half a deviation"],
)
def test_a_wide_band_needs_less_on_each_side(width: float, deviations: float) -> None:
    """Imbens & Manski: 1.96 standard errors around a point, 1.645 when the figure lies near one end only; in between their equation decides."""
    low, high = around(0.3, 0.3 + width, 0.01)
    if width == 0.005:
        normal = NormalDist()
        assert normal.cdf(deviations + 0.5) - normal.cdf(-deviations) == pytest.approx(0.95, abs=1e-3)
    ends = interval_of_band(low, high, level=0.95, one_sided=True)
    assert ends == pytest.approx((0.3 - deviations * 0.01, 0.3 + width + deviations * 0.01), abs=2e-4)


def test_both_ends_are_held_with_half_of_the_rest_on_each_side() -> None:
    """However wide the band, 1.96 standard errors."""
    ends = interval_of_band(*around(0.3, 0.4, 0.01), level=0.95, one_sided=False)
    assert ends == pytest.approx((0.3 - 0.0196, 0.4 + 0.0196), abs=2e-4)


def records(low: Resampled, high: Resampled) -> list:
    """The two records of a band."""
    return list(
        band_between(
            low,
            high,
            "prevalence",
            ABOUT,
            n=10,
            level=0.95,
            why_not="nobody_visited",
            method="bounds",
            interval="bounds_interval",
            one_sided=True,
        )
    )


def test_ends_that_never_move_have_no_interval() -> None:
    """No findings in any draw is not certainty."""
    band, interval = records(*(Resampled(np.array(x), np.full(50, x)) for x in (0.0, 0.5)))
    assert (band.low, band.high, band.level) == (0.0, 0.5, None)
    assert (interval.low, interval.note) == (None, "too_few_for_interval")


def test_a_band_that_is_not_there_has_a_reason_twice() -> None:
    """Nobody was visited."""
    band, interval = records(*(Resampled(np.array(np.nan), np.full(50, np.nan)) for _ in range(2)))
    assert (band.note, interval.note) == ("nobody_visited", "nobody_visited")
