"""The make-up of every step of the process: of all places, of those visited, flagged for review, confirmed and overturned, how many are of each group?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import attribute_of, joined, value_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, resample, sum_of_parts
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, bounds_between, count_of, estimate_of, interval_of_band, nothing
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.suppression import too_small_cells

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {"TK217": "A group is a larger part of what is flagged than of all places."}
STEPS = ("population", "inspected", "confirmed", "flagged", "flagged_inspected", "flagged_confirmed", "overturned")
"""Of the process as it was: all rows, those visited, those with a finding. Of the list: flagged, and what of it was visited and confirmed.
Then findings that were overturned after an appeal."""
NOT_TOLD = "no_appeals"
"""Note of the last step when no table says which findings were overturned."""
OF_MODEL = STEPS[3:6]
SHARE, COUNT, RATIO = "step_share", "step_count", "flagged_ratio"


def step_weights(sample: Sample, score: Floats, overturned: Floats | None, *, capacity: int) -> Floats:
    """How far each row takes part in each step (row, step); rows with equal scores share the last places of a list.

    `overturned` is per row the number of findings that were; without it nothing is in the last step.
    """
    listed = listed_share(sample, score, capacity=capacity)
    visited, finding = sample.visited.astype(np.float64), sample.finding.astype(np.float64)
    last = np.zeros(listed.size) if overturned is None else overturned
    return np.array([np.ones(listed.size), visited, finding, listed, listed * visited, listed * finding, last]).T


def funnel_estimates(
    sample: Sample,
    overturned: Floats | None,
    *,
    model: str,
    capacity: int,
    minimum: int,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> Iterator[Estimate]:
    """Per group and step `step_count` and `step_share` (the group's part of the step), and `flagged_ratio`: its part of the list over that of all rows.

    Steps smaller than the minimum are withheld, and of other steps every cell that is: with one such cell the next smallest too, for the total of a
    step is known. Of a ratio whose cell of the list is withheld is told between which numbers it lies.

    Parameters
    ----------
    overturned
        Per row of the sample, how many findings of visits to it were overturned on appeal; None when no table tells, which is then the reason that is given.
    """
    weights = step_weights(sample, sample.scores[model], overturned, capacity=capacity)
    numbers = resample(
        {
            grouping.attribute: sum_of_parts(
                weights, cluster=sample.cluster, part=grouping.of_row.astype(np.int64), parts=len(grouping.values)
            )
            for grouping in sample.groupings
        },
        clusters=sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
    )
    steps = STEPS[:-1] if overturned is None else STEPS
    for grouping in sample.groupings:
        totals = numbers[grouping.attribute]
        yield from _of_attribute(totals, grouping, model, f"capacity={capacity}", steps, minimum, level)


def _of_attribute(
    totals: Resampled,
    grouping: Grouping,
    model: str,
    capacity: str,
    told: Sequence[str],
    minimum: int,
    level: float,
) -> Iterator[Estimate]:
    whole = totals.sum(0)
    withheld = grouping.withheld(minimum=minimum)
    hidden = np.stack([too_small_cells(cells, withheld, minimum=minimum) for cells in totals.point.T], axis=1)
    for value in range(len(grouping.values)):
        group = grouping.name(value)
        of_rows, of_list = bool(withheld[value] or hidden[value, 0]), hidden[value, 3]
        for s, step in enumerate(STEPS):
            of_model = step in OF_MODEL
            about = About(model if of_model else "", group=group, at=_at(step, capacity if of_model else ""))
            if step not in told:
                yield nothing(NOT_TOLD, SHARE, about, n=0)
                continue
            n, method = whole.point[s], _method(step)
            if n < minimum or hidden[value, s]:
                yield nothing(_why_withheld(n, of_rows, minimum), SHARE, about, n=0, method=method)
                continue
            yield count_of(float(totals.point[value, s]), COUNT, about)
            yield estimate_of(
                totals[value, s] / whole[s],
                SHARE,
                about,
                n=n,
                level=level,
                why_not="no_outcomes",
                share=True,
                method=method,
            )
        about = About(model, group=group, at=capacity)
        if of_rows or whole.point[3] < minimum:
            yield nothing(_why_withheld(whole.point[3], of_rows, minimum), RATIO, about, n=0, method="sample")
        elif of_list:
            yield _ratio_between(totals, hidden[:, 3], value, about, minimum=minimum, level=level)
        else:
            ratio = (totals[value, 3] / whole[3]) / (totals[value, 0] / whole[0])
            yield estimate_of(
                ratio, RATIO, about, n=whole.point[3], level=level, why_not="no_outcomes", share=False, method="sample"
            )


def _ratio_between(
    totals: Resampled, hidden: NDArray[np.bool_], value: int, about: About, *, minimum: int, level: float
) -> Estimate:
    """Between which numbers `flagged_ratio` lies when the group's cell of the list is withheld, with an interval around both.

    A list with hardly anybody of a group is what an audit must see, and it can without the count: a small cell holds from nothing to the minimum. The one
    that was withheld beside small ones holds all that is left over at most; of several such ones each holds the minimum at least.
    """
    listed, rows = totals[:, 3], totals[value, 0] / totals[:, 0].sum(0)
    left = listed.each(lambda numbers: numbers[..., hidden].sum(-1))
    small = hidden & (listed.point < minimum)
    others = minimum * int(small.sum())
    alone = small.sum() == hidden.sum() - 1
    if listed.point[value] < minimum:
        least, most = left.each(np.zeros_like), left.each(lambda numbers: np.full_like(numbers, float(minimum)))
    else:
        least = left.each(lambda numbers: np.maximum(numbers - others, 0.0) if alone else np.minimum(numbers, minimum))
        most = left
    low, high = ((end / listed.sum(0)) / rows for end in (least, most))
    ends = interval_of_band(low, high, level=level, one_sided=False)
    n = float(listed.point.sum())
    if ends is None:
        return nothing("too_few_for_interval", RATIO, about, n=n, method="bounds_interval")
    return replace(
        bounds_between(*ends, RATIO, about, n=n, why_not="no_outcomes", method="bounds_interval"), level=level
    )


def _why_withheld(whole: float, of_rows: bool, minimum: int) -> str:
    """The group is small, or the step, or the part of the group in the step."""
    return "group_under_minimum" if of_rows else "base_under_minimum" if whole < minimum else "cell_under_minimum"


def _at(step: str, capacity: str) -> str:
    return joined(f"step={step}", capacity)


def _method(step: str) -> Method:
    return "sample" if step in ("population", "inspected", "flagged") else "labelled"


def check_funnel(estimates: Iterable[Estimate], *, model: str, ratio: float) -> Finding:
    """TK217: some group's part of the list is more than `ratio` times its part of all rows, or less than one over it, beyond its interval."""
    ratios = [e for e in estimates if e.metric == RATIO and e.model == model and e.low is not None]
    if not ratios:
        return Finding("TK217", "not_applicable", model, {"reason": "group_under_minimum"})
    widest = max(ratios, key=_beyond)
    facts: dict[str, str | int | float] = {
        "attribute": attribute_of(widest.group),
        "group": value_of(widest.group),
        "low_ratio": round(widest.low or 0.0, 2),
        "high_ratio": round(widest.high or 0.0, 2),
        "limit_ratio": ratio,
        "looked_at": len(ratios),
    }
    facts |= {"by": "withheld"} if widest.value is None else {"part_ratio": round(widest.value, 2)}
    return Finding("TK217", "found" if _beyond(widest) > ratio else "not_found", model, facts, (widest.id,))


def _beyond(estimate: Estimate) -> float:
    """How many times more, or less, the group is flagged at least."""
    if not estimate.high:
        return 0.0
    return max(estimate.low or 0.0, 1 / estimate.high)
