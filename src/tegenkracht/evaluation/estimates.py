"""From numbers to estimates: with an interval where there is one, with the reason where there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.digits import written
from tegenkracht.core.estimate import Estimate, Method, none_because
from tegenkracht.core.normal import reach_of
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.bootstrap import (
    ANSWERED,
    Resampled,
    ends_of,
    enough_answered,
    percentile_interval,
    quantile_of,
)
from tegenkracht.evaluation.bootstrap_bca import bca_interval
from tegenkracht.evaluation.worth import effective_size

_LAST_DIGITS = 1e-12
NEVER_MOVES = "never_moves"
"""Note where every draw gives the same number."""
DESIGNED: tuple[Method, ...] = ("weighted", "audit", "adjusted")
"""Forms whose shares rest on visits that have weights."""


@dataclass(frozen=True)
class About:
    """What a number is about; see `Estimate` for the words."""

    model: str = ""
    at: str = ""
    group: str = ""
    split: str = "all"


def estimate_of(
    number: Resampled,
    metric: str,
    about: About,
    *,
    n: float,
    level: float,
    why_not: str,
    share: bool,
    method: Method = "labelled",
    worth: float | None = None,
) -> Estimate:
    """A resampled number with the interval that was asked, percentile or BCa.

    Where the correction of BCa does not exist the interval is a percentile interval, and the note says so. Where no replicate differs from another, as when
    there is one cluster to draw, there is no interval: percentiles would claim certainty.

    A share of visits that are weighed or drawn by lot gets Wilson's interval at the number of independent visits that its replicates say
    they are worth: percentiles of a few findings are too narrow (experiments/validity: they held the truth in 85 of 100 worlds).

    Parameters
    ----------
    why_not
        Note for when there is no value.
    share
        Whether the number is a share of `n` answers. A share of none or of all is the same in every replicate, and the bootstrap would
        claim certainty; then the interval is Wilson's at what it is worth, or at `n` where nothing says that, and the note says so.
    worth
        How many independent answers a share is worth; None for what its replicates say.
    """
    value = float(number.point)
    if not math.isfinite(value):
        return nothing(why_not, metric, about, n=n, method=method)
    interval: tuple[float, float] | None
    if share and value in (0.0, 1.0):
        interval, note = wilson_interval(value, n if worth is None else worth, level=level), "interval_wilson"
    elif share and method in DESIGNED and enough_answered(number.replicates):
        worth = effective_size(number, n, level=level) if worth is None else worth
        interval, note = wilson_interval(value, worth, level=level), ""
    else:
        interval, note = _interval(number, value, level=level)
    return _estimate(metric, about, value, interval, n=n, method=method, level=level if interval else None, note=note)


def _interval(number: Resampled, value: float, *, level: float) -> tuple[tuple[float, float] | None, str]:
    """The interval that was asked, and a note where it is another or there is none."""
    plain = percentile_interval(number.replicates, level=level)
    if plain is None:
        return None, "too_few_for_interval"
    if _never_moves(number.replicates):
        return None, NEVER_MOVES
    if number.interval == "percentile" or number.left_out is None:
        return plain, ""
    corrected = bca_interval(value, number.replicates, number.left_out, level=level)
    return (corrected, "") if corrected is not None else (plain, "interval_percentile")


def _never_moves(replicates: NDArray[np.float64]) -> bool:
    """Whether replicates with an answer differ in their last digits at most, by sums in another order."""
    answered = replicates[np.isfinite(replicates)]
    least, most = float(answered.min()), float(answered.max())
    return most - least <= _LAST_DIGITS * max(-least, most)


def share_of(part: int, whole: int, metric: str, about: About, *, level: float, why_not: str) -> Estimate:
    """A share of independent answers, with Wilson's interval."""
    if whole == 0:
        return nothing(why_not, metric, about, n=0)
    share = part / whole
    return _estimate(
        metric,
        about,
        share,
        wilson_interval(share, whole, level=level),
        n=whole,
        method="labelled",
        level=level,
        note="",
    )


def count_of(value: float, metric: str, about: About, *, n: float | None = None) -> Estimate:
    """An exact count, or a share of exact counts; no interval."""
    return exactly(value, metric, about, n=value if n is None else n, method="count")


def with_interval(
    value: float,
    interval: tuple[float, float] | None,
    metric: str,
    about: About,
    *,
    n: float,
    level: float,
    method: Method,
) -> Estimate:
    """A number whose interval was made elsewhere; without one the note says that there is too little for it."""
    note = "" if interval else "too_few_for_interval"
    return _estimate(metric, about, value, interval, n=n, method=method, level=level if interval else None, note=note)


def exactly(value: float, metric: str, about: About, *, n: float, method: Method) -> Estimate:
    """A number that nothing is uncertain about, given the rows."""
    return _estimate(metric, about, float(value), None, n=n, method=method, level=None, note="")


def smallest_seen(least: float | None, metric: str, about: About, *, n: float, method: Method = "labelled") -> Estimate:
    """The smallest difference that these data could show; a reason instead where they could show none."""
    if least is None:
        return nothing("no_gap_visible", metric, about, n=n, method=method)
    return exactly(least, metric, about, n=n, method=method)


def sampled(
    draws: NDArray[np.float64], metric: str, about: About, *, n: float, level: float, method: Method
) -> Estimate:
    """A number known by draws from its posterior: their mean, and the middle `level` of them."""
    low, high = ends_of(draws, level=level)
    interval = (float(low), float(high))
    return _estimate(metric, about, float(draws.mean()), interval, n=n, method=method, level=level, note="")


def bounds_between(
    low: float, high: float, metric: str, about: About, *, n: float, why_not: str, method: Method = "bounds"
) -> Estimate:
    """Lowest and highest possible value; no value between is better than another."""
    if math.isnan(low):
        return nothing(why_not, metric, about, n=n, method=method)
    low, high = _in_order(float(low), float(high))
    return _estimate(metric, about, None, (low, high), n=n, method=method, level=None, note="")


def band_between(
    low: Resampled,
    high: Resampled,
    metric: str,
    about: About,
    *,
    n: float,
    level: float,
    why_not: str,
    method: Method,
    interval: Method,
    one_sided: bool,
) -> Iterator[Estimate]:
    """The ends of a band as they are, and an interval around them.

    Parameters
    ----------
    interval
        Method of the second record.
    one_sided
        Whether the interval must hold the figure, which lies near one end only (Imbens & Manski 2004), rather than both ends.
    """
    ends = bounds_between(float(low.point), float(high.point), metric, about, n=n, why_not=why_not, method=method)
    yield ends
    if not ends.is_known:
        yield nothing(why_not, metric, about, n=n, method=interval)
        return
    around = interval_of_band(low, high, level=level, one_sided=one_sided)
    if around is None:
        yield nothing("too_few_for_interval", metric, about, n=n, method=interval)
    else:
        yield _estimate(metric, about, None, around, n=n, method=interval, level=level, note="")


def interval_of_band(low: Resampled, high: Resampled, *, level: float, one_sided: bool) -> tuple[float, float] | None:
    r"""Percentiles of the two ends of a band over replicates; None when too many replicates have no answer, or no end ever moves.

    Half of what is left on each side holds both ends (Zhao, Small & Bhattacharya 2019, theorem 1). To hold the figure itself, less is needed when the
    band is wide: at :math:`c` with :math:`\Phi(c + \Delta/\max(\sigma)) - \Phi(-c)` equal to the level, for a band of width :math:`\Delta`
    (Imbens & Manski 2004, Econometrica 72, equation 7).
    """
    both = np.stack([low.replicates, high.replicates])
    answered = np.isfinite(both).all(axis=0)
    if answered.mean() < ANSWERED or not answered.any():
        return None
    both = both[:, answered]
    spread = float(both.std(axis=1).max())
    if spread == 0:
        return None
    share = (1 + level) / 2
    if one_sided:
        share = _side(float(high.point - low.point) / spread, level)
    least, most = quantile_of(both[0], 1 - share), quantile_of(both[1], share)
    return min(least, float(low.point)), max(most, float(high.point))


def _side(width: float, level: float) -> float:
    """The share of the normal distribution below Imbens & Manski's `c`, for a band of this many standard errors."""
    normal = NormalDist()
    least, most = normal.inv_cdf(level), reach_of(level)
    while most - least > 1e-9:
        middle = (least + most) / 2
        least, most = (middle, most) if normal.cdf(middle + width) - normal.cdf(-middle) < level else (least, middle)
    return normal.cdf(most)


def nothing(reason: str, metric: str, about: About, *, n: float, method: Method = "labelled") -> Estimate:
    """No number, and the key of the sentence why."""
    return none_because(
        reason,
        model=about.model,
        metric=metric,
        n=round(n),
        method=method,
        group=about.group,
        at=about.at,
        split=about.split,
    )


def rounded(estimate: Estimate) -> Estimate:
    """The estimate with numbers of 12 significant digits, so that a re-run gives the same bytes whatever the last bit of a sum."""
    e = estimate
    if not e.is_known:
        return e
    value, low, high = (None if x is None else written(x) for x in (e.value, e.low, e.high))
    return Estimate(e.model, e.metric, value, low, high, e.n, e.method, e.level, e.note, e.group, e.at, e.split)


def _in_order(low: float, high: float) -> tuple[float, float]:
    """Ends that differ only in the last bit of a sum may stand the wrong way round."""
    return (high, low) if high < low and np.isclose(high, low, rtol=1e-12, atol=1e-12) else (low, high)


def _estimate(
    metric: str,
    about: About,
    value: float | None,
    interval: tuple[float, float] | None,
    *,
    n: float,
    method: Method,
    level: float | None,
    note: str,
) -> Estimate:
    low, high = interval or (None, None)
    return Estimate(
        model=about.model,
        metric=metric,
        value=value,
        low=low,
        high=high,
        n=round(n),
        method=method,
        level=level,
        note=note,
        group=about.group,
        at=about.at,
        split=about.split,
    )
