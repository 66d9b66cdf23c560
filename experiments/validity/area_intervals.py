"""Do intervals of areas hold the truth: what a visit finds there, precision and both kinds of error, weighed, by lot and as bounds?

    python experiments/validity/area_intervals.py --worlds 200          # two processes
    python experiments/validity/area_intervals.py --worlds 20 --names clean

The worlds of `intervals.py`, at twice their scale, so that areas have visits. Shares of areas lean on each other, so that what is claimed is an average over
areas: not that each area is held as often. Standard errors are those of worlds, as areas of one world lean on the same visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from in_processes import print_per_name, worlds_parser
from intervals import DIGITS, KINDS, LEVEL, MINIMUM, REPLICATES, RULE, as_chances, capacity_in, counted
from numpy.typing import NDArray
from small_world import SmallWorld, small_world
from weighed_groups import RATES, WAYS, rates_of

from tegenkracht.core.conditions import conditions_of, value_of
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.area_forms import area_forms
from tegenkracht.evaluation.sample import sample_of
from tegenkracht.evaluation.weighed import weigh

HEAD = (
    "| world | figure of an area | way of counting | intervals | of so many worlds | truth | estimate | hold the truth (standard error) | wanted | width |\n"
    + "| --- " * 10
    + "|"
)
Told = tuple[float, float | None, float, float]


@dataclass(frozen=True)
class Seen:
    """Per figure and way of counting, of each area with an interval: truth, value and ends."""

    figures: Mapping[tuple[str, str], Sequence[Told]]


def one_world(name: str, seed: int) -> Seen:
    """Every figure of every area that has an interval, in one world."""
    kind = KINDS[name]
    world = small_world(kind.read(), sector=kind.sector, scale=2 * kind.scale, seed=seed)
    scores, capacity = as_chances(world.scores), capacity_in(world)
    asked: dict[str, Any] = {"capacity": capacity, "minimum": MINIMUM, "replicates": REPLICATES, "level": LEVEL}
    estimates = area_forms(
        scores,
        weigh(world.visits, sample_of(scores, lists="per_as_of", cluster_by="cluster_id")),
        model=RULE,
        probability=False,
        lists="per_as_of",
        cluster_by="cluster_id",
        seed=seed,
        threads=1,
        **asked,
    )
    true, figures = truths(world, scores, capacity), {}
    for e in estimates:
        where = conditions_of(e.at)
        at_capacity = where.get("capacity", str(capacity)) == str(capacity)
        if e.metric not in RATES or e.low is None or e.high is None or not at_capacity:
            continue
        way = where.get("form", e.method)
        truth = true[way == "bounds"][value_of(e.group)][RATES.index(e.metric)]
        if np.isfinite(truth):
            figures.setdefault((e.metric, way), []).append((truth, e.value, e.low, e.high))
    return Seen(figures)


def truths(world: SmallWorld, scores: Scores, capacity: int) -> dict[bool, dict[str, tuple[float, ...]]]:
    """The true `RATES` of each area, of visits (False) and of rows (True), as `intervals.counted` says."""
    listed = (scores.rows["rank"] <= capacity).to_numpy(np.float64)
    area = world.panel.rows["area_code"].to_numpy(str)
    rows_of = {name: np.flatnonzero(area == name) for name in np.unique(area).tolist()}
    return {
        of: {name: rates_of(listed, hits, visits - hits, rows) for name, rows in rows_of.items()}
        for of, (hits, visits) in counted(world).items()
    }


def summary(name: str, seen: Sequence[Seen]) -> Iterator[str]:
    """A line per figure and way of counting."""
    for key in ((figure, way) for figure in RATES for way in WAYS):
        of_worlds = [np.array(one.figures[key], float) for one in seen if one.figures.get(key)]
        if of_worlds:
            yield _line(name, *key, of_worlds)


def _line(name: str, figure: str, way: str, of_worlds: Sequence[NDArray[np.float64]]) -> str:
    """Truth, value and ends of the areas of each world: how many are held, with the standard error of a ratio of sums over worlds."""
    held = np.array([((t[:, 2] - DIGITS <= t[:, 0]) & (t[:, 0] <= t[:, 3] + DIGITS)).sum() for t in of_worlds])
    areas = np.array([len(t) for t in of_worlds])
    share = held.sum() / areas.sum()
    error = np.sqrt(((held - share * areas) ** 2).sum()) / areas.sum()
    every = np.concatenate(of_worlds)
    wanted = "100 %" if way == "bounds" else "93 to 97 %" if way in KINDS[name].valid else "no claim"
    value = "–" if way == "bounds" else f"{every[:, 1].mean():.4f}"
    return (
        f"| {name} | {figure} | {way} | {areas.sum()} | {areas.size} | {every[:, 0].mean():.4f} | {value} | "
        f"{100 * share:.1f} % ({100 * error:.1f}) | {wanted} | {(every[:, 3] - every[:, 2]).mean():.3f} |"
    )


def main() -> None:
    """Every named world, printed as Markdown."""
    print_per_name(HEAD, one_world, summary, worlds_parser(__doc__, names=list(KINDS)).parse_args())


if __name__ == "__main__":
    main()
