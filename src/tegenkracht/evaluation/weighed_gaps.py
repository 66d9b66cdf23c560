"""What stands beside gaps between groups that are counted from weighed visits: how rare chance gives as much, and the smallest gaps that they could show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.gap import at_of_rates
from tegenkracht.core.normal import reach_of
from tegenkracht.evaluation.estimates import About, exactly
from tegenkracht.evaluation.proportions import answers_behind, holm
from tegenkracht.evaluation.visible_gaps import smallest_gaps
from tegenkracht.evaluation.weighted_groups import FIGURES, OF_DATA

FORMS: tuple[Method, ...] = ("weighted", "audit")
GAPS = tuple(f"{metric}_gap" for metric in (OF_DATA, *FIGURES))


def beside_weighed_gaps(estimates: Sequence[Estimate], *, model: str) -> Iterator[Estimate]:
    r"""Per form, of gaps of the data and of one model's list: `…_gap_chance` and `…_smallest_gap_up` and `…_down`, corrected for all of them together.

    The chance is read from the interval of the gap, so that a gap of which it leaves zero out at the level has a chance below one minus the level before the
    correction. The chance is :math:`2\Phi(-|d|/s)` with :math:`s` what the interval reaches towards zero over its normal quantile, corrected as Holm (1979) says.

    The smallest gaps are planned from the rate of the reference group and from what both groups' figures are worth by their intervals: one that comes first of all
    is shown nine times in ten (`smallest_gaps`). They are not read from the interval of the gap that was seen, for that is narrow where a rate
    happens to come out low, so that least would be stated exactly where a gap is missed. Gaps without an interval have neither.
    """
    by_id = {e.id: e for e in estimates}
    for form in FORMS:
        gaps = [e for e in estimates if e.method == form and e.metric in GAPS and e.model in ("", model)]
        known = [gap for gap in gaps if gap.value is not None and gap.low is not None and gap.high is not None]
        for gap, chance in zip(known, holm([_chance(gap) for gap in known]), strict=True):
            name = gap.metric.removesuffix("_gap")
            about = About(gap.model, at=gap.at, group=gap.group, split=gap.split)
            yield exactly(float(chance), f"{name}_gap_chance", about, n=gap.n, method=form)
            yield from smallest_gaps(
                *_planned(gap, by_id), name, about, n=gap.n, level=gap.level or 0.0, looks=len(known), method=form
            )


def _chance(gap: Estimate) -> float:
    """How often chance gives as much, by what the interval reaches towards zero, in standard errors of a normal one."""
    value, z = gap.value or 0.0, reach_of(gap.level or 0.0)
    error = (value - (gap.low or 0.0) if value > 0 else (gap.high or 0.0) - value) / z
    return 1.0 if not value else math.erfc(abs(value) / (math.sqrt(2) * error)) if error > 0 else 0.0


def _planned(gap: Estimate, by_id: Mapping[str, Estimate]) -> tuple[float, tuple[float, float]]:
    """The rate of the reference group, and what the figures of both groups are worth."""
    attribute = attribute_of(gap.group)
    reference = at_of(gap, "versus")
    pair = [
        by_id[replace(gap, metric=gap.metric.removesuffix("_gap"), group=group, at=at_of_rates(gap.at)).id]
        for group in (gap.group, f"{attribute}={reference}")
    ]
    own, other = (answers_behind(e.value or 0.0, e.low or 0.0, e.high or 0.0, level=e.level or 0.0) for e in pair)
    return pair[1].value or 0.0, (own, other)
