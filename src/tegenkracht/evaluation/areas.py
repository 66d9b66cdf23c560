"""How often places of each area are flagged and visited: areas with few places lean on the others, and those with too few are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.crossings import AREA, areas_of
from tegenkracht.evaluation.estimates import About, nothing, sampled
from tegenkracht.evaluation.families import Largest, gaps_by_chance
from tegenkracht.evaluation.pooling import pooled_rates
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.suppression import too_small

Floats = NDArray[np.float64]

_DRAWN = 4_000_000


def area_estimates(
    sample: Sample, model: str, *, capacity: int, minimum: int, level: float, seed: int
) -> Iterator[Estimate]:
    """Per area with enough units, how often its places are on the list and visited, pooled; and the largest gap beside chance.

    A unit counts once, whatever the number of dates on which it was scored: with the share of its dates.
    """
    areas = areas_of(sample)
    if len(areas.values) < 2:
        return
    listed = listed_share(sample, sample.scores[model], capacity=capacity)
    unit = sample.unit
    dates = np.bincount(unit)
    first = np.unique(unit, return_index=True)[1]
    of_unit = areas.of_row[first]
    units = np.bincount(of_unit, minlength=len(areas.values)).astype(np.float64)
    hidden = too_small(units.astype(np.int64), minimum=minimum)
    shown = np.flatnonzero(~hidden & (units > 0))
    for m, (metric, values) in enumerate(
        (("selection_rate", listed), ("inspected_share", sample.visited.astype(np.float64)))
    ):
        about = About(model, at=f"capacity={capacity}") if m == 0 else About()
        share = np.bincount(unit, values) / dates
        found: Floats = np.bincount(of_unit, share, minlength=units.size).astype(np.float64)
        rng = np.random.default_rng([seed, 1_000, m])
        rates = pooled_rates(
            found[shown], units[shown], rng, draws=int(np.clip(_DRAWN // max(shown.size, 1), 500, 4_000))
        )
        for value, name in enumerate(areas.values):
            group = replace(about, group=f"{AREA}={name}")
            if hidden[value]:
                yield nothing("group_under_minimum", metric, group, n=0, method="pooled")
            elif units[value]:
                draws = rates[:, int(np.searchsorted(shown, value))]
                yield sampled(draws, metric, group, n=units[value], level=level, method="pooled")
        if shown.size > 1:
            where = replace(about, at=",".join(part for part in (about.at, f"by={AREA}") if part))
            gaps = gaps_by_chance(found[shown] / units[shown], units[shown], rng)
            largest = Largest(float(np.ptp(found[shown] / units[shown])), gaps)
            n = float(units[shown].sum())
            yield from largest.estimates(metric, where, n=n, level=level, chance=largest.chance)
