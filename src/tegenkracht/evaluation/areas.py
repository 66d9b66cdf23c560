"""How often places of each area are flagged and visited: areas with few places lean on the others, and those with too few are left out.

What is found there, and both kinds of error, are `area_forms`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.crossings import AREA, areas_of
from tegenkracht.evaluation.estimates import About, exactly, nothing, sampled
from tegenkracht.evaluation.families import Largest, gaps_by_chance
from tegenkracht.evaluation.pooling import pooled_rates
from tegenkracht.evaluation.proportions import holm
from tegenkracht.evaluation.sample import Grouping, Sample
from tegenkracht.evaluation.suppression import too_small
from tegenkracht.evaluation.visible_gaps import smallest_gaps

Floats = NDArray[np.float64]

OTHERS = "others"
"""What the gap of one area that could be shown is measured from: all other areas together."""
_DRAWN = 4_000_000


def draws_for(groups: int) -> int:
    """Posterior draws of each rate: fewer when there are thousands of groups."""
    return int(np.clip(_DRAWN // max(groups, 1), 500, 4_000))


def area_estimates(
    sample: Sample, model: str, *, capacity: int, sizes: Sequence[int], minimum: int, level: float, seed: int
) -> Iterator[Estimate]:
    """Per area with enough units, how often its places are visited, and on the list of each length; at capacity also what gap could be shown.

    A unit counts once, whatever the number of dates on which it was scored: with the share of its dates. For visits and for the list at capacity
    also how many areas are shown (`…_areas`), `…_largest_gap` between any two areas beside what chance gives (corrected for both), and per area
    `…_smallest_gap`: of what size its gap to all other areas together must be to be shown nine times in ten, when it comes first of all areas.
    """
    areas = areas_of(sample)
    if len(areas.values) < 2:
        return
    scores, listed = sample.scores[model], About(model)
    of_lists = [
        _OfAreas.of(sample, areas, listed_share(sample, scores, capacity=size), "selection_rate", about, minimum)
        for size in sizes
        for about in [replace(listed, at=f"capacity={size}")]
    ]
    visited = _OfAreas.of(sample, areas, sample.visited.astype(np.float64), "inspected_share", About(), minimum)
    told = [(one, np.random.default_rng([seed, 1_000, m])) for m, one in enumerate((*of_lists, visited))]
    for one, rng in told:
        yield from one.levels(rng, level=level)
    asked = [(one, rng) for one, rng in told if one.shown.size > 1 and one.about.at in ("", f"capacity={capacity}")]
    largest = [one.largest(rng) for one, rng in asked]
    chances = holm([of.chance for of in largest])
    for (one, _), of, chance in zip(asked, largest, chances, strict=True):
        where = replace(one.about, at=joined(one.about.at, f"by={AREA}"))
        yield exactly(one.shown.size, f"{one.metric}_areas", where, n=float((one.units > 0).sum()), method="count")
        yield from of.estimates(
            one.metric, where, n=float(one.units[one.shown].sum()), level=level, chance=float(chance)
        )
        yield from one.smallest(level=level)


@dataclass(frozen=True)
class _OfAreas:
    """One figure of every area: of how many units, and how many of them count (area,).

    Parameters
    ----------
    hidden
        Areas with too few units, and one from which the only such area could be worked out.
    """

    areas: Grouping
    metric: str
    about: About
    found: Floats
    units: Floats
    hidden: NDArray[np.bool_]

    @classmethod
    def of(cls, sample: Sample, areas: Grouping, values: Floats, metric: str, about: About, minimum: int) -> _OfAreas:
        """The figure that says so much of each row (row,)."""
        unit = sample.unit
        share = np.bincount(unit, values) / np.bincount(unit)
        units = units_of(sample, areas)
        found = np.bincount(_area_of_unit(sample, areas), share, minlength=units.size)
        hidden = too_small(units.astype(np.int64), minimum=minimum)
        return cls(areas, metric, about, found.astype(np.float64), units, hidden)

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        """Numbers of areas that are shown."""
        return np.flatnonzero(~self.hidden & (self.units > 0))

    def levels(self, rng: np.random.Generator, *, level: float) -> Iterator[Estimate]:
        """The figure of each area that has units, pooled."""
        shown = self.shown
        rates = pooled_rates(self.found[shown], self.units[shown], rng, draws=draws_for(shown.size))
        for value in np.flatnonzero(self.units > 0).tolist():
            group = replace(self.about, group=self.areas.name(value))
            if self.hidden[value]:
                yield nothing("group_under_minimum", self.metric, group, n=0, method="pooled")
            else:
                draws = rates[:, int(np.searchsorted(shown, value))]
                yield sampled(draws, self.metric, group, n=self.units[value], level=level, method="pooled")

    def largest(self, rng: np.random.Generator) -> Largest:
        """The gap between the two areas that lie farthest apart."""
        share, units = self.found[self.shown] / self.units[self.shown], self.units[self.shown]
        return Largest(float(np.ptp(share)), gaps_by_chance(share, units, rng))

    def smallest(self, *, level: float) -> Iterator[Estimate]:
        """The gaps of each area to all others together that could be shown, up and down."""
        found, units = (float(of[self.shown].sum()) for of in (self.found, self.units))
        for value in self.shown.tolist():
            n, rest = float(self.units[value]), units - float(self.units[value])
            rate = min(
                max((found - float(self.found[value])) / rest, 0.0), 1.0
            )  # sums of parts of tied rows may miss the ends
            about = replace(self.about, group=self.areas.name(value), at=joined(self.about.at, f"versus={OTHERS}"))
            yield from smallest_gaps(
                rate, (n, rest), self.metric, about, n=n, level=level, looks=self.shown.size, method="apart"
            )


def _area_of_unit(sample: Sample, areas: Grouping) -> NDArray[np.int32]:
    """The area of each unit's first row."""
    return areas.of_row[np.unique(sample.unit, return_index=True)[1]]


def units_of(sample: Sample, areas: Grouping, part: Floats | None = None) -> Floats:
    """Units of each area (area,): all, or those of which a row counts for some part (row,)."""
    area = _area_of_unit(sample, areas)
    counts = None if part is None else np.bincount(sample.unit, part) > 0
    return np.bincount(area, counts, minlength=len(areas.values)).astype(np.float64)
