"""What a visit would find, weighed by the chance of a visit; and the same from visits by lot alone.

Places were visited with a chance that somebody wrote down. A visit that had one chance in fifty stands for fifty; so visits stand for all
places and moments at which somebody could have gone. Visits without a recorded chance (a second look, a tip that nobody planned) stand for nothing here.
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
    """Visits of test rows with their weights; one visit stands on a line for each as-of date whose horizon it lies in.

    Parameters
    ----------
    row, visit
        Of each line, the row (its place in the sample) and the number of the visit.
    positive
        Whether something was found.
    weight
        Per form, what each line stands for.
    """

    row: NDArray[np.int64]
    visit: NDArray[np.int64]
    positive: Floats
    weight: Mapping[Method, Floats]

    def sums(self, form: Method, rows: int) -> Floats:
        """Per row, the weight of visits with a finding and of all visits; shape (rows, 2)."""
        weight = self.weight[form]
        parts = [np.bincount(self.row, w, minlength=rows) for w in (weight * self.positive, weight)]
        return np.column_stack(parts).astype(np.float64)

    def visits(self, form: Method, share: Floats) -> float:
        """How many different visits went to a list, of which each row has its share."""
        most = np.zeros(int(self.visit.max(initial=-1)) + 1)
        counts = self.weight[form] > 0
        np.maximum.at(most, self.visit[counts], share[self.row[counts]])
        return float(most.sum())

    def effective(self, form: Method) -> float:
        """How many visits of equal weight the different visits are worth (Kish 1965)."""
        weight = self.weight[form][np.unique(self.visit, return_index=True)[1]]
        return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def weigh(visits: pd.DataFrame, sample: Sample) -> Weighed:
    """Weights of visits: one over the recorded chance for `weighted`, one for visits by lot for `audit`.

    Parameters
    ----------
    visits
        `row_id, inspection_id, channel, propensity, positive`, a line per row and visit.

    Raises
    ------
    ValueError
        When a line is of a row that is not in the sample.
    """
    row = pd.Index(sample.rows["row_id"]).get_indexer(pd.Index(visits["row_id"])).astype(np.int64)
    if (row < 0).any():
        raise ValueError(f"{int((row < 0).sum()):,} lines are visits of rows that are not tested.")
    chance = visits["propensity"].to_numpy(dtype=np.float64, na_value=np.nan)
    return Weighed(
        row=row,
        visit=pd.factorize(visits["inspection_id"])[0].astype(np.int64),
        positive=visits["positive"].to_numpy(dtype=np.float64),
        weight={
            "weighted": np.divide(1.0, chance, out=np.zeros(len(chance)), where=chance > 0),
            "audit": np.where(visits["channel"] == "random", 1.0, 0.0),
        },
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
            share[:, None] * weighed.sums(form, len(rows)), cluster=sample.cluster, slices=[rows]
        )
        for model, share in shares.items()
        for form in FORMS
    }
    numbers = resample(
        statistics, clusters=sample.clusters, replicates=replicates, seed=seed, threads=threads, progress=silent
    )
    counts = {(model, form): weighed.visits(form, shares[model]) for model, form in statistics}
    told = _Told(numbers, counts, f"capacity={capacity}", level)
    n = counts["", "weighted"]
    effective = exactly(weighed.effective("weighted"), "effective_visits", About(), n=n, method="sample")
    found = (count_of(n, "visits_with_chance", About()), effective, *told.of_data(), *told.of_models(sample.models))
    return tuple(rounded(estimate) for estimate in found)


@dataclass(frozen=True)
class _Told:
    """Sums of every list and form, as estimates."""

    numbers: Mapping[tuple[str, Method], Resampled]
    counts: Mapping[tuple[str, Method], float]
    at: str
    level: float

    def of_data(self) -> Iterator[Estimate]:
        """What a visit anywhere would find."""
        for form in FORMS:
            for metric, at in (("prevalence", ""), ("precision_by_lot", self.at)):
                yield self._estimate("", form, metric, About(at=at), self._ratio("", form))

    def of_models(self, models: tuple[str, ...]) -> Iterator[Estimate]:
        """What a visit to a list would find, and how much more than a visit anywhere."""
        for model in models:
            about = About(model, at=self.at)
            for form in FORMS:
                listed, anywhere = self._ratio(model, form), self._ratio("", form)
                yield self._estimate(model, form, "precision_at_capacity", about, listed)
                yield self._estimate(model, form, "precision_above_random", about, listed - anywhere)

    def _estimate(self, model: str, form: Method, metric: str, about: About, number: Resampled) -> Estimate:
        n = self.counts[model, form]
        if n < FEW:
            return nothing("few_visits" if n else _NONE[form], metric, about, n=n, method=form)
        share = metric != "precision_above_random"
        return estimate_of(number, metric, about, n=n, level=self.level, why_not=_NONE[form], share=share, method=form)

    def _ratio(self, model: str, form: Method) -> Resampled:
        number = self.numbers[model, form]
        return number[0, 0] / number[0, 1]


_NONE: Mapping[Method, str] = {"weighted": "no_chances", "audit": "no_visits_by_lot"}


def check_weighted(estimates: tuple[Estimate, ...], *, main: str) -> Iterator[Finding]:
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
