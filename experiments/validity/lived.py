"""Named worlds lived through quarter by quarter, as the audits of where differences come from see them; nothing is written.

Indicators, visits and findings go to the same audits as a planted process (`planted.py`), beside the chances that the world gave them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from planted import BANDS, Process, sample_from

from tegenkracht.core.progress import silent
from tegenkracht.data.world import read_world
from tegenkracht.data.world.clock import start_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import run
from tegenkracht.data.world.visits import CHANNELS
from tegenkracht.evaluation.visited import Visited

QUARTERS, KEPT = 40, 28


@dataclass(frozen=True)
class Truth:
    """Of every row the chance of a visit, of a visit by lot, and that a visit would find something that stays."""

    visit: np.ndarray
    lot: np.ndarray
    chance: np.ndarray

    def label_gap(self, made: Process, member: np.ndarray) -> float:
        """What visits find more in a group at equal scores, were every visit made that could be made."""
        score = made.sample.scores["rule"]
        cuts = np.quantile(score[made.visited.row], np.arange(1, BANDS) / BANDS)
        band = np.searchsorted(cuts, score)
        n, x = (
            np.array([np.bincount(band[side], w[side], minlength=BANDS) for side in (member, ~member)])
            for w in (self.visit, self.visit * self.chance)
        )
        weight = n[0] * n[1] / n.sum(0)
        return float((weight * (x[0] / n[0] - x[1] / n[1])).sum() / weight.sum())

    def threshold_gap(self, member: np.ndarray) -> float:
        """How much higher the chance of a finding is in a group at the margin: where a slightly other rule would change who is visited."""
        chosen = np.clip((self.visit - self.lot) / (1 - self.lot), 0, 1)
        margin = chosen * (1 - chosen)
        if not margin.any():  # every visit by lot: nobody has a threshold
            return 0.0
        inside, rest = (float((margin * self.chance)[side].sum() / margin[side].sum()) for side in (member, ~member))
        return inside - rest


@dataclass(frozen=True)
class Lived:
    """The last quarters of a world: per row its place, strip and score; per place its groups; per visit what was found; and what is true."""

    rows: pd.DataFrame
    cluster: np.ndarray
    score: np.ndarray
    groups: Mapping[str, np.ndarray]
    visited: Visited
    chances: np.ndarray

    def of(self, keep: np.ndarray) -> tuple[Process, Truth]:
        """What a study of some rows sees, and what is true of them."""
        place = np.cumsum(keep) - 1
        on = keep[self.visited.row]
        seen = Visited(
            place[self.visited.row[on]],
            self.visited.positive[on],
            self.visited.on[on],
            self.visited.channel[on],
            self.visited.inspector[on],
        )
        rows, size = self.rows[keep].reset_index(drop=True), int(keep.sum())
        visited, finding = np.zeros(size), np.zeros(size)
        visited[seen.row] = 1
        np.maximum.at(finding, seen.row, seen.positive)
        made = sample_from(
            cluster=np.unique(self.cluster[keep], return_inverse=True)[1],
            score=self.score[keep],
            visited=visited,
            finding=finding,
            groups={name: of[rows["unit_id"]] for name, of in self.groups.items()},
            rows=rows,
        )
        return Process(made, seen), Truth(*self.chances[:, keep])

    @property
    def heaviest(self) -> float:
        """How much of all that visits are to find the strip has that has most of it."""
        found = np.bincount(np.unique(self.cluster, return_inverse=True)[1], self.chances[0] * self.chances[2])
        return float(found.max() / found.sum())

    def with_groups_of_others(self, rng: np.random.Generator) -> Lived:
        """The same, but places have the groups of other places, by lot: then no group differs from another in anything."""
        count = len(next(iter(self.groups.values())))
        whose = rng.permutation(count)
        return replace(self, groups={name: of[whose] for name, of in self.groups.items()})

    def in_parts(self, parts: int, rng: np.random.Generator) -> Iterator[tuple[Process, Truth]]:
        """As many studies, each of its own strips, which are dealt by lot."""
        strips, strip = np.unique(self.cluster, return_inverse=True)
        part = rng.permutation(strips.size) % parts
        for number in range(parts):
            yield self.of(part[strip] == number)


def lived(name: str, seed: int, *, scale: float, prevalence: str = "") -> Lived:
    """Live through a world: a row per open unit and quarter, its score the indicators known by then, its visits and findings.

    With `prevalence` (low, base, high) the state is as common as that instead of as the world says.
    """
    world = read_world(name)
    if prevalence:
        world = world.model_copy(update={"prevalence": prevalence})
    _, settings = set_up_sectors(world, scale=scale, seed=seed, sectors=["shopping_strip"], progress=silent)
    setting = settings[0]
    kinds, count = len(setting.seen.kinds), setting.places.count
    known = np.zeros((kinds, count))
    units, quarters, scores, parts, true = [], [], [], [], []
    kept_findings = 1 - setting.world.detection.overturned
    for quarter in run(setting, quarters=QUARTERS):
        if quarter.number >= QUARTERS - KEPT:
            units.append(np.flatnonzero(setting.places.is_open(quarter.number)))
            quarters.append(np.full(units[-1].size, quarter.number))
            scores.append((setting.manner @ known)[units[-1]])
            c = quarter.chances
            true.append(np.array([c.visit, c.lot, kept_findings * c.finding])[:, units[-1]])
            v = quarter.visits
            parts.append((np.full(v.unit.size, quarter.number), v))
        told = quarter.told.taken(quarter.told.kind < kinds)
        known = 0.875 * known + np.bincount(told.kind * count + told.unit, minlength=kinds * count).reshape(
            kinds, count
        )
    unit, when = np.concatenate(units), np.concatenate(quarters)
    place = pd.MultiIndex.from_arrays([unit, when])
    of_visit = place.get_indexer(
        pd.MultiIndex.from_arrays([np.concatenate([v.unit for _, v in parts]), np.concatenate([q for q, _ in parts])])
    )
    inside = of_visit >= 0

    def take(column: str) -> np.ndarray:
        return np.concatenate([getattr(v, column) for _, v in parts])[inside]

    row = of_visit[inside]
    order = np.argsort(row, kind="stable")
    seen = Visited(
        row[order],
        take("finding").astype(float)[order],
        take("day")[order],
        np.array(CHANNELS)[take("channel")][order],
        take("inspector").astype(str)[order],
    )
    places = setting.places
    rows = pd.DataFrame(
        {
            "unit_id": unit,
            "as_of": start_of(when).astype("datetime64[ns]"),
            "area_code": places.area_code[unit].astype(str),
        }
    )
    groups = {"group": places.group, "second": places.second_group}
    noise = np.random.default_rng([seed, 3]).uniform(0, 1e-6, unit.size)
    return Lived(rows, places.cluster[unit], np.concatenate(scores) + noise, groups, seen, np.concatenate(true, axis=1))
