"""Do intervals of a group's rates and of gaps between groups hold the truth when visits are weighed by their recorded chance, or drawn by lot?

    python experiments/validity/weighed_groups.py --worlds 500          # two processes
    python experiments/validity/weighed_groups.py --worlds 20 --names clean detect_gap

The worlds of `intervals.py`. Of the made-up group 1, and of how far it lies from group 0: what a visit finds, and one to a place on the list, how often a
clear place is on the list, and how often one with something to find is not; of group 1 also how much its scores expect over what there is. The truth is what
a visit would have found at each place in each quarter. Only where somebody went claims nothing: visits go more often to one group in most of these worlds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from in_processes import print_per_name, worlds_parser
from intervals import (
    HEAD,
    KINDS,
    LEVEL,
    MINIMUM,
    REPLICATES,
    RULE,
    as_chances,
    capacity_in,
    counted,
    line_of,
    of_visited,
)
from numpy.typing import NDArray
from small_world import SmallWorld, small_world

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import beside, verdict_of_gap
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.audit_forms import audit_forms
from tegenkracht.evaluation.bounds_everyone import bounds_over_everyone
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh
from tegenkracht.evaluation.weighed_gaps import beside_weighed_gaps
from tegenkracht.evaluation.weighed_largest import check_largest, largest_weighed_gaps
from tegenkracht.evaluation.weighted import weighted_estimates

RATES = ("finding_rate", "precision_at_capacity", "false_positive_rate", "false_negative_rate")
RATIO = "expected_observed_ratio"
FIGURES = (*RATES, *(f"{rate}_gap" for rate in RATES), RATIO)
GROUP = "group=1"
WAYS = ("labelled", "weighted", "audit", "bounds")


@dataclass(frozen=True)
class Seen:
    """What one world gave.

    Parameters
    ----------
    figures
        Per figure and way of counting the truth, the value and the interval.
    shown
        Per weighed gap the truth, the smallest gap that is stated in its direction, and whether the gap is called shown.
    largest
        Whether the largest weighed gap of any figure is called larger than chance gives (TK224).
    """

    figures: Mapping[tuple[str, str], tuple[float, float | None, float, float]]
    shown: Mapping[tuple[str, str], tuple[float, float, bool]]
    largest: str


def one_world(name: str, seed: int) -> Seen:
    """Every figure of a group and gap in every way of counting, in one world."""
    kind = KINDS[name]
    world = small_world(kind.read(), sector=kind.sector, scale=kind.scale, seed=seed)
    capacity = capacity_in(world)
    drawn: dict[str, Any] = {"replicates": REPLICATES, "level": LEVEL, "seed": seed, "threads": 1}
    visits: dict[str, Any] = {"lists": "per_as_of", "visits_by": "inspection_id"}
    asked: dict[str, Any] = {"capacity": capacity, "minimum": MINIMUM, **drawn}
    scores = as_chances(world.scores)
    sample = sample_of(scores, lists="per_as_of", cluster_by="unit_id")
    weighed = weigh(world.visits, sample)
    estimates = [
        *of_visited(scores, reference=RULE, capacity=capacity, **drawn),
        *weighted_estimates(scores, weighed, propensities=None, probability_models=[], versus={}, **visits, **asked),
        *audit_forms(scores, weighed, model=RULE, probability=True, intersections=[], **visits, **asked),
        *bounds_over_everyone(
            sample,
            capacity=capacity,
            probability_models=[],
            versus={},
            minimum=MINIMUM,
        ),
    ]
    true, at = truths(world, scores, capacity), f"capacity={capacity}"
    told = [
        e for e in estimates if e.metric in FIGURES and e.split == "all" and e.low is not None and e.high is not None
    ]
    figures = {
        (e.metric, e.method): (_turned(true[e.metric, e.method == "bounds"], e), e.value, e.low, e.high)
        for e in told
        if (e.group == GROUP and e.at in ("", at)) or e.at.startswith((f"{at},versus=", "versus="))
    }
    by_id = {e.id: e for e in beside_weighed_gaps(estimates, model=RULE)}
    shown = {}
    for e in told:
        truth = _turned(true[e.metric, False], e) if e.metric.endswith("_gap") else 0.0
        least = beside(e, by_id, "smallest_gap_up" if truth > 0 else "smallest_gap_down")
        if least is not None and least.value is not None:
            verdict = verdict_of_gap(e, beside(e, by_id, "gap_chance"), smallest=None)
            shown[e.metric, e.method] = (abs(truth), least.value, verdict == "shown")
    largest = check_largest([*estimates, *largest_weighed_gaps(estimates, model=RULE, seed=seed)], model=RULE)
    return Seen(figures, shown, largest.verdict)


def _turned(gap: float, estimate: Estimate) -> float:
    """Group 1 less group 0, or the other way where group 0 is the smaller one."""
    return gap if estimate.group == GROUP else -gap


def truths(world: SmallWorld, scores: Scores, capacity: int) -> dict[tuple[str, bool], float]:
    """Per figure of group 1, and its gap to group 0, of visits (False) and of rows (True), as `intervals.counted` says."""
    listed = (scores.rows["rank"] <= capacity).to_numpy(np.float64)
    chance, out = scores.rows["score"].to_numpy(), {}
    for of, (hits, visits) in counted(world).items():
        one, other = (rates_of(listed, hits, visits - hits, world.group == g) for g in (1, 0))
        out |= {(rate, of): one[i] for i, rate in enumerate(RATES)}
        out |= {(f"{rate}_gap", of): one[i] - other[i] for i, rate in enumerate(RATES)}
        own = world.group == 1
        there = float(hits[own].sum())
        out[RATIO, of] = float(chance[own] @ visits[own]) / there if there else float("nan")
    return out


def rates_of(
    listed: NDArray[np.float64], found: NDArray[np.float64], clear: NDArray[np.float64], own: NDArray[np.generic]
) -> tuple[float, ...]:
    """The `RATES` of some rows: what a visit finds, precision and both kinds of error."""
    on, found, clear = listed[own], found[own], clear[own]
    hits, misses, there, none = float(on @ found), float(on @ clear), found.sum(), clear.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.array([there, hits, misses, there - hits]) / [there + none, hits + misses, none, there]
    return tuple(parts.tolist())


def summary(name: str, seen: Sequence[Seen]) -> Iterator[str]:
    """A line per figure and way of counting; then, per gap and way, how often one above the smallest that is stated is shown."""
    for figure in FIGURES:
        for way in WAYS:
            told = [one.figures[figure, way] for one in seen if (figure, way) in one.figures]
            told = [one for one in told if np.isfinite(one[0])]
            if told:
                yield line_of(name, figure, way, told)
    for figure, way in dict.fromkeys(key for one in seen for key in one.shown):
        told = [one.shown[figure, way] for one in seen if (figure, way) in one.shown]
        large = [shown for truth, least, shown in told if truth >= least]
        if large:
            least = np.mean([least for _, least, _ in told])
            share = f"{100 * np.mean(large):.1f} %"
            yield f"| {name} | {figure} above the smallest stated is shown | {way} | {len(large)} | | {least:.4f} | {share} | at least 90 % | |"
    looked = [one.largest for one in seen if one.largest != "not_applicable"]
    if looked:
        yield f"| {name} | TK224 found | weighted | {len(looked)} | | | {100 * looked.count('found') / len(looked):.1f} % | no demand | |"


def main() -> None:
    """Every named world, printed as Markdown."""
    print_per_name(HEAD, one_world, summary, worlds_parser(__doc__, names=list(KINDS)).parse_args())


if __name__ == "__main__":
    main()
