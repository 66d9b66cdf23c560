"""What figures become when tips helped to decide where people went: bands, the strength at which a conclusion turns, and what is known of tips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate
from tegenkracht.core.panel import Panel
from tegenkracht.core.progress import silent
from tegenkracht.evaluation.bootstrap import Resampled, Resampling, Statistic, resample
from tegenkracht.evaluation.bootstrap_t import student_interval
from tegenkracht.evaluation.capacity import lists_of
from tegenkracht.evaluation.estimates import (
    About,
    band_between,
    count_of,
    estimate_of,
    exactly,
    nothing,
    rounded,
    with_interval,
)
from tegenkracht.evaluation.propensity import Propensities
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.sensitivity import (
    FINE,
    GAMMAS,
    Band,
    Sums,
    Visits,
    difference,
    ratio_band,
    ratio_difference,
    sharp_band,
    sums_of,
    sums_statistic,
    turning_point,
)
from tegenkracht.evaluation.visited import LOT
from tegenkracht.evaluation.weighed import FEW
from tegenkracht.evaluation.weighted import doubly_robust, shown_doubly_robust
from tegenkracht.evaluation.yardstick import strength_of_families

Floats = NDArray[np.float64]
Source = Literal["estimated", "recorded"]
SOURCES: tuple[Source, ...] = ("estimated", "recorded")
"""Where the chance of a visit comes from. Recorded chances are of visits, so there are no rows to be all of; they get the ratio band."""

TIPPED = ("signal", "complaint")
"""Channels by which somebody told where to look."""
EVERYONE, LISTED, BY_LOT, NO_TIPS, ROBUST = "everyone", "listed", "by lot", "without tips", "doubly robust"
WITH_JACKKNIFE = Resampling("multinomial", "percentile", jackknife=True)
"""How clusters are drawn: a distance wants to know how far each cluster pulls it."""
ROBUSTLY = "chance=estimated,how=doubly_robust"


@dataclass(frozen=True)
class Seen:
    """Everything that is weighed, ready to be resampled.

    Parameters
    ----------
    sample
        The test rows.
    listed
        Per row, how much of it is on the list of the card's model.
    model
        The card's model.
    estimated
        Lines of all visits, with the estimated chance of their row; None when everybody was visited.
    recorded
        Lines of the visits whose chance was written down.
    by_lot
        Lines of visits by lot, with a chance of 1.
    without
        The estimated lines without visits after a signal or complaint, with the same chances; None when there are no such visits.
    strengths
        By family of columns, how far it moves the odds of a visit.
    found
        The chance and the expectation of each row.
    """

    sample: Sample
    model: str
    listed: Floats
    estimated: Visits | None
    recorded: Visits
    by_lot: Visits
    without: Visits | None
    strengths: Mapping[str, float]
    found: Propensities


def seen_of(
    panel: Panel,
    sample: Sample,
    visits: pd.DataFrame,
    found: Propensities,
    *,
    model: str,
    capacity: int,
    seed: int,
) -> Seen:
    """Every set of visits with its chances.

    Parameters
    ----------
    visits
        Lines of `assembly.visits_of_rows`.
    found
        The chance and the expectation of each row of the sample.
    """
    row = sample.row_of(visits)
    recorded = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    tipped, by_lot = visits["channel"].isin(TIPPED).to_numpy(), (visits["channel"] == LOT).to_numpy()
    positive, number = visits["positive"].to_numpy(dtype=np.float64), pd.factorize(visits["inspection_id"])[0]

    def lines(chance: Floats, chosen: NDArray[np.bool_], *, by_row: bool) -> Visits:
        """Some of the lines; `by_row` when the visits to a row share its weight."""
        own = row[chosen]
        part = 1 / np.bincount(own, minlength=len(sample.rows))[own] if by_row else np.ones(len(own))
        return Visits(own, number[chosen].astype(np.int64), part, positive[chosen], chance[chosen], found.expected[own])

    is_open = not found.observed.all()
    return Seen(
        sample=sample,
        model=model,
        listed=lists_of(sample, capacity=capacity)[model],
        estimated=lines(found.chance[row], np.ones(len(row), bool), by_row=True) if is_open else None,
        recorded=lines(recorded, recorded > 0, by_row=False),
        by_lot=lines(np.ones(len(row)), by_lot, by_row=False),
        without=lines(found.chance[row], ~tipped, by_row=True) if is_open and tipped.any() else None,
        strengths=strength_of_families(panel, sample, found.observed, seed=seed),
        found=found,
    )


def tips_estimates(
    seen: Seen, *, capacity: int, replicates: int, level: float, seed: int, threads: int
) -> tuple[Estimate, ...]:
    """Per source of chances and per strength: prevalence, and for the card's model precision and its distance to a lot; where they turn.

    A band has two records: the ends as they are (`tips`), and an interval that holds both ends (`tips_interval`): percentiles of the ends over
    draws of clusters, half of what is left on each side (Zhao, Small & Bhattacharya 2019, theorem 1). Chances, lists and expectations stay as they are.
    """
    numbers = resample(
        dict(_statistics(seen)),
        clusters=seen.sample.clusters,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=silent,
        how=WITH_JACKKNIFE,
    )
    robust = numbers.pop(ROBUST, None)
    sums = {name: sums_of(number, _sets(name), gammas=len(FINE)) for name, number in numbers.items()}
    written = _Written(seen, sums, None if robust is None else robust[0], capacity, level)
    return tuple(rounded(estimate) for estimate in written.all())


def _sets(name: str) -> tuple[str, ...]:
    return (EVERYONE,) if name in (BY_LOT, NO_TIPS) else (EVERYONE, LISTED)


def _statistics(seen: Seen) -> Iterator[tuple[str, Statistic]]:
    shares = {EVERYONE: np.ones(len(seen.listed)), LISTED: seen.listed}
    for name, visits in _parts(seen).items():
        own = {key: shares[key] for key in _sets(name)}
        yield name, sums_statistic(visits, own, cluster=seen.sample.cluster, gammas=FINE)
    if seen.estimated is not None:
        yield ROBUST, doubly_robust(seen.sample, np.ones(len(seen.listed)), seen.found)


@dataclass(frozen=True)
class _Written:
    """Sums of every source, as estimates."""

    seen: Seen
    sums: Mapping[str, Mapping[str, Sums]]
    robust: Resampled | None
    capacity: int
    level: float

    def all(self) -> Iterator[Estimate]:
        """Every record, in a fixed order."""
        for source in SOURCES:
            if source in self.sums:
                yield from self._of_source(source)
        yield from self._references()
        yield from self._without()
        for name, strength in self.seen.strengths.items():
            about = About(at=f"family={name}")
            yield exactly(strength, "gamma_benchmark", about, n=len(self.seen.listed), method="sample")

    def _of_source(self, source: Source) -> Iterator[Estimate]:
        model, place = self.seen.model, f"capacity={self.capacity},chance={source}"
        for metric, about, band, n in (
            ("prevalence", About(at=f"chance={source}"), self.band(source), self._visits(source)),
            ("precision_at_capacity", About(model, place), self._precision(source), self._visits(source, LISTED)),
            ("precision_above_random", About(model, place), self._above(source), self._visits(source, LISTED)),
        ):
            yield from self._band(metric, about, band, n)
        turns = self._turns(source)
        yield self._strength(turns, "gamma_turns", About(model, place), self._visits(source, LISTED))

    def band(self, source: str) -> Band:
        """The prevalence."""
        own = self.sums[source][EVERYONE]
        return sharp_band(own, FINE) if source == "estimated" else ratio_band(own, FINE)

    def _precision(self, source: Source) -> Band:
        own = self.sums[source][LISTED]
        return sharp_band(own, FINE) if source == "estimated" else ratio_band(own, FINE)

    def _above(self, source: Source) -> Band:
        everyone, listed = (self.sums[source][name] for name in (EVERYONE, LISTED))
        rest = everyone - listed
        if source == "recorded":
            return ratio_difference(listed, rest, FINE)
        return difference(sharp_band(listed, FINE), sharp_band(rest, FINE), rest.rows / everyone.rows)

    def _turns(self, source: Source) -> Resampled:
        """The strength at which a list that is better than a lot may be no better."""
        low = self._above(source).low
        nothing_more = Resampled(np.zeros(1), np.zeros((len(low.replicates), 1)))
        return turning_point(low, nothing_more, FINE, falls=True)

    def _references(self) -> Iterator[Estimate]:
        """How far figures with an estimated chance lie from visits by lot, or recorded chances, and the strength at which their band reaches these.

        The difference is the doubly robust one: how well the chance could be estimated hardly moves it, so that its interval, which takes the chance as it
        is, does not speak up for that alone (Chernozhukov et al., Econometrics Journal 21, 2018).
        """
        if "estimated" not in self.sums or self.robust is None:
            return
        band, robust = self.band("estimated"), shown_doubly_robust(self.robust)
        yield estimate_of(
            robust,
            "prevalence",
            About(at=ROBUSTLY),
            n=self._visits("estimated"),
            level=self.level,
            why_not="few_visits",
            share=False,
            method="doubly_robust",
        )
        references = {"audit": BY_LOT, "recorded": "recorded"}
        looks = sum(self._visits(name) >= FEW for name in references.values())
        for reference, name in references.items():
            about, n = About(at=f"chance=estimated,reference={reference}"), self._visits(name)
            if n < FEW:
                yield nothing("few_visits" if n else _NONE[reference], "gamma_meets", about, n=n, method="sample")
                continue
            value = self.band(name).low[0:1]
            yield self._gap(robust - value[0], about, n, looks)
            falls = bool(band.low.point[0] > value.point[0])
            meets = turning_point(band.low if falls else band.high, value, FINE, falls=falls)
            yield self._strength(meets, "gamma_meets", about, n)

    def _without(self) -> Iterator[Estimate]:
        """What the prevalence would be without the visits that a signal or complaint led to."""
        about = About(at=f"without={'+'.join(TIPPED)}")
        if NO_TIPS not in self.sums or "estimated" not in self.sums:
            yield nothing("no_tipped_visits", "prevalence_gap", about, n=0, method="weighted")
            return
        n = self._visits("estimated") - self._visits(NO_TIPS)
        yield count_of(n, "tipped_visits", about, n=self._visits("estimated"))
        gap = self.band("estimated").low[0:1] - sharp_band(self.sums[NO_TIPS][EVERYONE], FINE).low[0:1]
        yield self._gap(gap[0], about, n, 1)

    def _gap(self, gap: Resampled, about: About, n: float, looks: int) -> Estimate:
        """A distance with an interval for all `looks` at once (Bonferroni), Student's: a few clusters hold most of the findings."""
        level = 1 - (1 - self.level) / looks
        value, interval = float(gap.point), student_interval(gap, level=level)
        if not np.isfinite(value):
            return nothing("few_visits", "prevalence_gap", about, n=n, method="weighted")
        return with_interval(value, interval, "prevalence_gap", about, n=n, level=level, method="weighted")

    def _band(self, metric: str, about: About, band: Band, n: float) -> Iterator[Estimate]:
        for gamma in GAMMAS:
            here, i = replace(about, at=f"{about.at},gamma={gamma:g}"), FINE.index(gamma)
            if n < FEW:
                yield nothing("few_visits", metric, here, n=n, method="tips")
                continue
            yield from band_between(
                band.low[i],
                band.high[i],
                metric,
                here,
                n=n,
                level=self.level,
                why_not="few_visits",
                method="tips",
                interval="tips_interval",
                one_sided=False,
            )

    def _strength(self, number: Resampled, metric: str, about: About, n: float) -> Estimate:
        """A strength with its interval; only a reason above the greatest that was tried, and where there is nothing that could turn."""
        if n < FEW or np.isnan(number.point[0]):
            return nothing("few_visits", metric, about, n=n, method="sample")
        if not np.isfinite(number.point[0]):
            return nothing("no_tip_so_strong", metric, about, n=n, method="sample")
        capped = Resampled(number.point, np.minimum(number.replicates, FINE[-1]))[0]
        return estimate_of(
            capped, metric, about, n=n, level=self.level, why_not="few_visits", share=False, method="sample"
        )

    def _visits(self, name: str, rows: str = EVERYONE) -> float:
        """How many visits a source has, in all or on the list."""
        visits = _parts(self.seen).get(name)
        share = self.seen.listed if rows == LISTED else np.ones(len(self.seen.listed))
        return visits.count(share) if visits is not None else 0.0


def _parts(seen: Seen) -> dict[str, Visits]:
    """Every set of visits by name, without those that hold none."""
    parts = {"estimated": seen.estimated, "recorded": seen.recorded, BY_LOT: seen.by_lot, NO_TIPS: seen.without}
    return {name: visits for name, visits in parts.items() if visits is not None and len(visits.row)}


_NONE = {"audit": "no_visits_by_lot", "recorded": "no_chances"}
