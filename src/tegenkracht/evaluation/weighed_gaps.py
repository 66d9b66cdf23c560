"""What stands beside gaps between groups that are counted from weighed visits: how rare chance gives as much, and the smallest gap that they could show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.contrast import POWER
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.weighted_groups import FIGURES, OF_DATA

FORMS: tuple[Method, ...] = ("weighted", "audit")
GAPS = tuple(f"{metric}_gap" for metric in (OF_DATA, *FIGURES))


def beside_weighed_gaps(estimates: Sequence[Estimate], *, model: str) -> Iterator[Estimate]:
    r"""Per form, of gaps of the data and of one model's list: `…_gap_chance` and `…_smallest_gap`, corrected for all of them together.

    Both are read from the interval of the gap, so that a gap of which it leaves zero out at the level has a chance below one minus the level before the
    correction. The chance is :math:`2\Phi(-|d|/s)` with :math:`s` what the interval reaches towards zero over its normal quantile, corrected as Holm (1979) says.
    The smallest gap is :math:`(z_{1-\alpha/2m} + z_{power})\,s` for :math:`m` gaps and the longer side of the interval: one that comes first of all is
    shown nine times in ten. Gaps without an interval have neither.
    """
    for form in FORMS:
        gaps = [e for e in estimates if e.method == form and e.metric in GAPS and e.model in ("", model)]
        known = [gap for gap in gaps if gap.value is not None and gap.low is not None and gap.high is not None]
        for gap, chance in zip(known, holm([_chance(gap) for gap in known]), strict=True):
            yield _beside(gap, "gap_chance", float(chance))
            yield _beside(gap, "smallest_gap", _smallest(gap, looks=len(known)))


def _beside(gap: Estimate, part: str, value: float) -> Estimate:
    metric = f"{gap.metric.removesuffix('_gap')}_{part}"
    return replace(gap, metric=metric, value=value, low=None, high=None, level=None, note="")


def _chance(gap: Estimate) -> float:
    """How often chance gives as much, by the side of the interval that lies towards zero."""
    value, (down, up) = gap.value or 0.0, _errors(gap)
    error = down if value > 0 else up
    return 1.0 if not value else math.erfc(abs(value) / (math.sqrt(2) * error)) if error > 0 else 0.0


def _smallest(gap: Estimate, *, looks: int) -> float:
    level = 1 - (1 - (gap.level or 0.0)) / looks
    return (reach_of(level) + NormalDist().inv_cdf(POWER)) * max(_errors(gap))


def _errors(gap: Estimate) -> tuple[float, float]:
    """What the interval reaches down and up, in standard errors of a normal one."""
    value, z = gap.value or 0.0, reach_of(gap.level or 0.0)
    return (value - (gap.low or 0.0)) / z, ((gap.high or 0.0) - value) / z
