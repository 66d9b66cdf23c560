"""Are gaps between groups shown where they can be, and do their intervals hold the truth, for each of the six figures that are pooled? Processes with known truth.

    python experiments/validity/group_gaps.py --times 400

Strips of places in three groups. In half of the processes groups have the same of everything; in the other half each group has a chance of a visit, of a
finding and a level of the score of its own, so that all six figures differ at once. True figures are worked out by adding up over the score, without a draw.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from line import AT_LEAST, AT_MOST, COVERED, HEAD, NO_DEMAND, Line, holds
from rich.console import Console
from rich.progress import track
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import norm

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.gap import beside, verdict_of_gap
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.evaluation.audit import OF_DATA, OF_LIST, audit_estimates

CONSOLE = Console(stderr=True)
LEVEL, MINIMUM, REPLICATES = 0.95, 10, 300
STRIPS, PLACES, CAPACITY = 150, 40, 1500
GROUPS, PART = ("a", "b", "c"), np.array([0.25, 0.25, 0.5])
SPREAD = float(np.sqrt(1 + 0.5**2))
"""Of scores within a group: a place by itself, and its strip."""
TELLS, STRIP = 0.3, 0.3
"""How much of a group's chance of a finding goes with the score, and how much of any chance with the strip, up and down."""
FIGURES = (*OF_DATA, *OF_LIST)
NAMES = {
    "inspected_share": "share visited",
    "finding_rate": "findings per visit",
    "selection_rate": "share flagged",
    "precision_at_capacity": "findings per flagged and visited place",
    "false_positive_rate": "flagged of visited without a finding",
    "false_negative_rate": "not flagged of visited with a finding",
}


@dataclass(frozen=True)
class Levels:
    """Of each group how often it is visited, how often a visit finds something, and its middle score."""

    visit: np.ndarray
    found: np.ndarray
    score: np.ndarray

    def figures(self) -> dict[str, np.ndarray]:
        """The six figures of each group, when the list holds the places with the highest scores."""
        share = CAPACITY / (STRIPS * PLACES)
        cut = brentq(lambda at: float(PART @ ndtr((self.score - at) / SPREAD)) - share, -10, 10)
        z = np.linspace(-8, 8, 4001)
        weight = norm.pdf(z) / norm.pdf(z).sum()
        score = self.score[:, None] + SPREAD * z
        chance = self.found[:, None] * (1 + TELLS * (2 * ndtr(score / SPREAD) - 1))
        listed = score > cut
        hit, empty = chance @ weight, (1 - chance) @ weight
        listed_hit, listed_empty = (chance * listed) @ weight, ((1 - chance) * listed) @ weight
        flagged = ndtr((self.score - cut) / SPREAD)
        values = (
            self.visit,
            hit,
            flagged,
            listed_hit / flagged,
            listed_empty / empty,
            1 - listed_hit / hit,
        )
        return dict(zip(FIGURES, values, strict=True))


ALIKE = Levels(np.full(3, 0.4), np.full(3, 0.25), np.zeros(3))


def apart(rng: np.random.Generator) -> Levels:
    """Levels that groups draw for themselves."""
    return Levels(rng.uniform(0.3, 0.5, 3), rng.uniform(0.1, 0.4, 3), rng.uniform(-0.8, 0.8, 3))


def grouped(rng: np.random.Generator, levels: Levels) -> Scores:
    """One draw of the process: what strips add is the same for all groups in them."""
    strip = np.repeat(np.arange(STRIPS), PLACES)
    n = strip.size
    third = (rng.random((STRIPS, 2)).cumsum(1) / 2)[strip]
    group = (rng.random(n)[:, None] > third).sum(1)
    of_strip = 1 + STRIP * (2 * rng.random((2, STRIPS)) - 1)[:, strip]
    score = levels.score[group] + rng.normal(size=n) + 0.5 * rng.normal(size=STRIPS)[strip]
    visits = rng.random(n) < levels.visit[group] * of_strip[0]
    tells = TELLS * (2 * ndtr(score / SPREAD) - 1)
    found = rng.random(n) < levels.found[group] * (of_strip[1] + tells)
    names = [f"r{i:05d}" for i in range(n)]
    rows = pd.DataFrame({"row_id": names, "unit_id": names, "as_of": pd.Timestamp("2024-01-01"), "model": "rule"})
    rows = rows.assign(fold="all", score=score, rank=1, outcome=np.where(visits, found, np.nan), observed=visits)
    context = pd.DataFrame({"cluster_id": strip.astype(str), "area_code": "a", "sector": "s"}, index=names)
    context = context.assign(inspector=None, channel=None, earlier_visits=0.0, group=np.array(GROUPS)[group])
    return Scores(rows[list(COLUMNS)], context, ("group",), ("rule",))


def told_of(scores: Scores, seed: int) -> tuple[Estimate, ...]:
    """The audit of one draw."""
    return audit_estimates(
        scores,
        model="rule",
        probability=False,
        capacity=CAPACITY,
        lists="whole_window",
        cluster_by="cluster_id",
        intersections=(),
        minimum=MINIMUM,
        replicates=REPLICATES,
        level=LEVEL,
        seed=seed,
        threads=1,
        progress=silent,
    )


@dataclass(frozen=True)
class Gap:
    """A gap that was told, with what is true, and the smallest that is stated in the direction of the truth; None where none could be shown."""

    metric: str
    true: float
    stated: float | None
    shown: bool
    held: bool


def gaps_in(told: tuple[Estimate, ...], levels: Levels) -> Iterator[Gap]:
    """Every gap of an audit that is shown."""
    by_id, true = {e.id: e for e in told}, levels.figures()
    for e in told:
        if e.method != "apart" or not e.metric.endswith("_gap") or e.low is None:
            continue
        metric = e.metric.removesuffix("_gap")
        group, reference = (GROUPS.index(name) for name in (e.group[-1], e.at[-1]))
        planted = float(true[metric][group] - true[metric][reference])
        least = beside(e, by_id, "smallest_gap_up" if planted > 0 else "smallest_gap_down")
        shown = verdict_of_gap(e, beside(e, by_id, "gap_chance"), smallest=None) == "shown"
        yield Gap(metric, planted, least.value if least else None, shown, holds(e, planted))


def group_gaps(times: int, first_seed: int) -> Iterator[Line]:
    """Alarms and intervals where groups are alike; intervals and power of each figure where they are not."""
    alarm = Line("a gap *shown*, groups alike, six figures of two groups", AT_MOST)
    none = Line("all six gaps: interval holds zero, groups alike", COVERED)
    cover = {metric: Line(f"gap in {name}: interval holds the planted gap", COVERED) for metric, name in NAMES.items()}
    over = {
        metric: Line(f"gap in {name} *shown*, planted above the stated smallest gap", AT_LEAST)
        for metric, name in NAMES.items()
    }
    near = Line("all six gaps *shown*, planted 1 to 1.5 times the stated smallest gap", AT_LEAST)
    under = Line("the same, planted below it", NO_DEMAND)
    for seed in track(range(first_seed, first_seed + times), description="groups", console=CONSOLE):
        rng = np.random.default_rng([seed, 4])
        alike = list(gaps_in(told_of(grouped(rng, ALIKE), seed), ALIKE))
        alarm.add(any(gap.shown for gap in alike))
        for gap in alike:
            none.add(gap.held)
        levels = apart(rng)
        for gap in gaps_in(told_of(grouped(rng, levels), seed), levels):
            cover[gap.metric].add(gap.held)
            above = gap.stated is not None and abs(gap.true) > gap.stated
            (over[gap.metric] if above else under).add(gap.shown)
            if above and abs(gap.true) < 1.5 * (gap.stated or 0.0):
                near.add(gap.shown)
    yield from (alarm, none, *cover.values(), *over.values(), near, under)


def main() -> None:
    """The table, printed as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=1000)
    options = parser.parse_args()
    print(HEAD)
    for line in group_gaps(options.times, options.first_seed):
        print(line)


if __name__ == "__main__":
    main()
