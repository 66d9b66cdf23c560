"""What a visit would find, weighed by the chance of a visit; and the same from visits by lot alone.

Places were visited with a chance that somebody wrote down. A visit that had one chance in fifty stands for fifty; so visits stand for all
places and quarters, whoever was sent where. Visits without a recorded chance (a second look, a tip that nobody planned) stand for nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.finding import Finding
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import Resampled, resample, sum_statistic
from tegenkracht.evaluation.capacity import listed_share
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, exactly, nothing, rounded
from tegenkracht.evaluation.sample import ClusterBy, Lists, Sample, sample_of

Floats = NDArray[np.float64]

CODES: Mapping[str, str] = {
    "TK111": "Visits weighed by their chance and visits by lot give different answers.",
    "TK112": "Visits by lot are too few to establish that the list is better than a lot.",
    "TK113": "A few visits carry most of the weight.",
}
FEW = 30
"""Visits on a list below which neither form is given."""
CARRIED = 0.2
"""Share of visits that the weighted ones are worth, below which a few carry most (TK113)."""
FORMS: tuple[Method, ...] = ("weighted", "audit")


@dataclass(frozen=True)
class Weighed:
    """Sums over the visits of each test row, in the order of a sample.

    Parameters
    ----------
    found, stood_for
        Per form, the sum of weights of visits with a finding, and of all visits.
    visits
        Per form, how many visits there are.
    effective
        How many visits of equal weight the weighted ones are worth.
    """

    found: Mapping[Method, Floats]
    stood_for: Mapping[Method, Floats]
    visits: Mapping[Method, Floats]
    effective: float


def weigh(visits: pd.DataFrame, sample: Sample) -> Weighed:
    """Weights of the visits of each row: one over the chance for `weighted`, one for visits by lot for `audit`.

    Parameters
    ----------
    visits
        `row_id, channel, propensity, positive`, a line per row and visit.
    """
    place = pd.Index(sample.rows["row_id"]).get_indexer(pd.Index(visits["row_id"]))
    chance = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    weight = {
        "weighted": np.where(chance > 0, 1 / np.where(chance > 0, chance, 1.0), 0.0),
        "audit": (visits["channel"] == "random").to_numpy(dtype=np.float64),
    }
    positive, n = visits["positive"].to_numpy(dtype=np.float64), len(sample.rows)
    inside = place >= 0

    def summed(values: Floats) -> Floats:
        return np.bincount(place[inside], values[inside], minlength=n).astype(np.float64)

    w = weight["weighted"]
    return Weighed(
        found={form: summed(weight[form] * positive) for form in FORMS},
        stood_for={form: summed(weight[form]) for form in FORMS},
        visits={form: summed((weight[form] > 0).astype(np.float64)) for form in FORMS},
        effective=float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0,
    )


def weighted_estimates(
    scores: Scores,
    visits: pd.DataFrame | None,
    *,
    capacity: int,
    lists: Lists,
    cluster_by: ClusterBy,
    replicates: int,
    level: float,
    seed: int,
    threads: int,
) -> tuple[Estimate, ...]:
    r"""Per form (`weighted`, `audit`): `prevalence`, `precision_by_lot`, and per model `precision_at_capacity` and what it is above a lot.

    Hájek's ratio of weighted sums; the interval draws clusters, the list and the chances stay as they are. `effective_visits` is
    :math:`(\sum w)^2/\sum w^2` (Kish 1965). Nothing when rows are visits that were scheduled: then everybody on a list was visited.
    """
    if visits is None:
        return ()
    sample = sample_of(scores, lists=lists, cluster_by=cluster_by)
    weighed = weigh(visits, sample)
    shares = {"": np.ones(len(sample.rows))} | {
        model: listed_share(sample, sample.scores[model], capacity=capacity) for model in sample.models
    }
    rows = np.arange(len(sample.rows))
    statistics = {
        (model, form): sum_statistic(
            np.column_stack([share * weighed.found[form], share * weighed.stood_for[form]]),
            cluster=sample.cluster,
            slices=[rows],
        )
        for model, share in shares.items()
        for form in FORMS
    }
    numbers = resample(
        statistics, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )
    counts = {key: float((shares[key[0]] * weighed.visits[key[1]]).sum()) for key in statistics}
    told = _Told(numbers, counts, f"capacity={capacity}", level)
    effective = exactly(weighed.effective, "effective_visits", About(), n=counts["", "weighted"], method="sample")
    found = (
        count_of(counts["", "weighted"], "visits_with_chance", About()),
        effective,
        *told.of_data(),
        *told.of_models(sample.models),
    )
    return tuple(rounded(estimate) for estimate in found)


@dataclass(frozen=True)
class _Told:
    """Sums of every list and form, as estimates."""

    numbers: Mapping[tuple[str, Method], Resampled]
    counts: Mapping[tuple[str, Method], float]
    at: str
    level: float

    def of_data(self) -> Iterator[Estimate]:
        for form in FORMS:
            for metric, at in (("prevalence", ""), ("precision_by_lot", self.at)):
                yield self._share("", form, metric, About(at=at))

    def of_models(self, models: tuple[str, ...]) -> Iterator[Estimate]:
        for model in models:
            for form in FORMS:
                yield self._share(model, form, "precision_at_capacity", About(model, at=self.at))
                yield self._above(model, form)

    def _share(self, model: str, form: Method, metric: str, about: About) -> Estimate:
        if (why := self._refused(model, form)) is not None:
            return nothing(why, metric, about, n=self.counts[model, form], method=form)
        return estimate_of(
            self._ratio(model, form),
            metric,
            about,
            n=self.counts[model, form],
            level=self.level,
            why_not=_NONE[form],
            share=True,
            method=form,
        )

    def _above(self, model: str, form: Method) -> Estimate:
        about = About(model, at=self.at)
        if (why := self._refused(model, form)) is not None:
            return nothing(why, "precision_above_random", about, n=self.counts[model, form], method=form)
        gap = self._ratio(model, form) - self._ratio("", form)
        return estimate_of(
            gap,
            "precision_above_random",
            about,
            n=self.counts[model, form],
            level=self.level,
            why_not=_NONE[form],
            share=False,
            method=form,
        )

    def _refused(self, model: str, form: Method) -> str | None:
        n = self.counts[model, form]
        return None if n >= FEW else _NONE[form] if n == 0 else "few_visits"

    def _ratio(self, model: str, form: Method) -> Resampled:
        number = self.numbers[model, form]
        return number[0, 0] / number[0, 1]


_NONE: Mapping[Method, str] = {"weighted": "no_chances", "audit": "no_visits_by_lot"}


def check_weighted(estimates: tuple[Estimate, ...], *, main: str, capacity: int) -> Iterator[Finding]:
    """TK111 to TK113, on the prevalence of both forms and on the main model."""
    by = {(e.model, e.metric, e.method): e for e in estimates}
    yield _disagree(by.get(("", "prevalence", "weighted")), by.get(("", "prevalence", "audit")))
    above = by.get((main, "precision_above_random", "audit"))
    if above is None or above.low is None:
        yield Finding("TK112", "not_applicable", main, {"reason": above.note if above is not None else "scheduled"})
    else:
        facts: dict[str, str | int | float] = {
            "low": round(100 * above.low, 1),
            "high": round(100 * (above.high or 0.0), 1),
            "visits": above.n,
        }
        yield Finding("TK112", "found" if above.low <= 0 else "not_found", main, facts, (above.id,))
    effective = by.get(("", "effective_visits", "sample"))
    if effective is None or not effective.n or effective.value is None:
        yield Finding(
            "TK113", "not_applicable", facts={"reason": "no_chances" if effective is not None else "scheduled"}
        )
    else:
        facts = {"visits": effective.n, "worth": round(effective.value)}
        yield Finding(
            "TK113", "found" if effective.value < CARRIED * effective.n else "not_found", "", facts, (effective.id,)
        )


def _disagree(weighted: Estimate | None, audit: Estimate | None) -> Finding:
    """Both intervals are apart: what was written down as the chance of a visit is not what it was, or places were hidden from it."""
    if weighted is None or audit is None:
        return Finding("TK111", "not_applicable", facts={"reason": "scheduled"})
    if weighted.low is None or weighted.high is None or audit.low is None or audit.high is None:
        return Finding("TK111", "not_applicable", facts={"reason": (weighted if weighted.low is None else audit).note})
    apart = weighted.low > audit.high or audit.low > weighted.high
    facts = {
        "chance_low": round(100 * weighted.low, 1),
        "chance_high": round(100 * weighted.high, 1),
        "lot_low": round(100 * audit.low, 1),
        "lot_high": round(100 * audit.high, 1),
    }
    return Finding("TK111", "found" if apart else "not_found", "", facts, (weighted.id, audit.id))
