"""Would the same visits in another order have found more, earlier?

A schedule is a row of calendar slots. The slots stay where they are; the visits are put in them again, highest score first, and each
positive is found as much earlier as its own date lies after its new slot. It assumes that what was found on the day would have been found
on any other day of the window. This is how the City of Chicago judged its food-inspection model (Chicago/food-inspections-evaluation,
2014); random order, perfect order, slots kept within each inspector's own round, and intervals are what that study did not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import joined
from tegenkracht.core.estimate import Estimate
from tegenkracht.evaluation.bootstrap import Counts, Draw, Resampled, Statistic
from tegenkracht.evaluation.estimates import About, count_of, estimate_of, exactly, nothing
from tegenkracht.evaluation.kernel import walk_slots
from tegenkracht.evaluation.sample import UNKNOWN, Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POSITIVES, DAYS, LATER, FIRST_HALF, MEDIAN = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Replay:
    """How a schedule is re-ordered.

    Parameters
    ----------
    within
        Also re-order only inside the slots of each value of this column: each inspector keeps the visits and the days that were theirs.
    random_orders
        Over how many random orders the random line is averaged.
    """

    within: Literal["inspector", "channel"] | None
    random_orders: int


@dataclass(frozen=True)
class Schedule:
    """Slots as they were, per fold: `calendar` by day and id, `slots` by round, day and id.

    Parameters
    ----------
    day
        Day number of each row.
    positive
        1 where the visit found something.
    rounds
        Which round each row belongs to, counted over folds; visits only change places within a round.
    starts
        Where each fold starts in `calendar` and `slots`.
    tie
        Place of each row's id in ascending order: the order of rows with equal scores.
    """

    day: Ints
    positive: NDArray[np.uint8]
    rounds: Ints
    calendar: Ints
    slots: Ints
    starts: Ints
    tie: Ints
    cluster: NDArray[np.int32]

    def ordered(self, scores: Floats) -> Ints:
        """Rows by round and then by score, high first; equal scores by id."""
        return np.lexsort((self.tie, -scores, self.rounds))


def schedule_of(sample: Sample, *, within: str | None) -> Schedule:
    """The slots of a study's test windows; with `within`, a round for each value of that column."""
    keys = pd.DataFrame({"fold": sample.fold, "round": 0})
    if within is not None:
        keys["round"] = sample.rows[within].astype(object).where(sample.rows[within].notna(), UNKNOWN)
    rounds = np.asarray(keys.groupby(["fold", "round"]).ngroup(), np.int64)
    day = sample.rows["as_of"].to_numpy("datetime64[D]").astype(np.int64)
    tie = id_order(sample.rows["row_id"])
    return Schedule(
        day=day,
        positive=sample.finding,
        rounds=rounds,
        calendar=np.lexsort((tie, day, sample.fold)),
        slots=np.lexsort((tie, day, rounds)),
        starts=np.cumsum([0, *np.bincount(sample.fold, minlength=len(sample.folds))]),
        tie=tie,
        cluster=sample.cluster,
    )


def id_order(ids: pd.Series) -> Ints:
    """Place of each id in ascending order: as whole numbers when all of them are, otherwise as text.

    Examples
    --------
    >>> id_order(pd.Series(["1000", "999"])).tolist(), id_order(pd.Series(["a1000", "a999"])).tolist()
    ([1, 0], [0, 1])
    """
    numbers = ids.str.fullmatch(r"\d{1,18}").all()
    return np.argsort(
        np.argsort(ids.astype(np.int64) if numbers else ids.to_numpy(object), kind="stable"), kind="stable"
    )


def replay_statistic(schedule: Schedule, scores: Floats) -> Statistic:
    """Per split (split, 5): positives, days earlier in all, found later, found in the first half of the slots, median of days earlier.

    Equal scores stand in order of id in the data as they are. In a replicate their order is drawn by lot, so that an interval also holds
    what depends on an order that nobody chose.
    """
    order = schedule.ordered(scores)
    tied = _tied(schedule, scores, order)

    def statistic(draw: Draw) -> Floats:
        orders = np.tile(order, (len(draw.counts), 1))
        if draw.seed is not None and tied.size:
            _shuffle(orders, tied, np.random.default_rng(draw.seed))
        return replayed_orders(schedule, draw.counts, orders)

    return statistic


def replayed_orders(schedule: Schedule, counts: Counts, orders: Ints) -> Floats:
    """What each of these orders (order, row) does, with clusters counted as often as `counts` says."""
    out = np.zeros((len(counts), schedule.starts.size, 5))
    s, span = schedule, int(np.ptp(schedule.day))
    walk_slots(counts, s.cluster, s.day, s.positive, s.calendar, s.slots, orders, s.starts, span, out)
    return out


def _tied(schedule: Schedule, scores: Floats, order: Ints) -> Ints:
    """Per place in the order, the number of its block of equal scores; -1 where a score stands alone in its round."""
    new = np.ones(order.size, bool)
    new[1:] = (np.diff(scores[order]) != 0) | (np.diff(schedule.rounds[order]) != 0)
    block = np.cumsum(new) - 1
    return np.where(np.bincount(block)[block] > 1, block, -1) if not new.all() else np.empty(0, np.int64)


def _shuffle(orders: Ints, tied: Ints, rng: np.random.Generator) -> None:
    """Shuffle each order within its blocks of equal scores, in place."""
    places = np.flatnonzero(tied >= 0)
    for order in orders:
        order[places] = order[places][np.argsort(tied[places] + rng.random(places.size))]


def replay_statistics(sample: Sample, schedule: Schedule) -> dict[str, Statistic]:
    """The statistic of every model's order."""
    return {model: replay_statistic(schedule, scores) for model, scores in sample.scores.items()}


@dataclass(frozen=True)
class ReplayMeasures:
    """Estimates from the resampled replays of each model, for one way of keeping rounds.

    Parameters
    ----------
    within
        Column whose values keep their own slots, or None.
    versus
        Per model, the models that it is compared with.
    """

    sample: Sample
    schedule: Schedule
    within: str | None
    replayed: Mapping[str, Resampled]
    versus: Mapping[str, tuple[str, ...]]
    random_orders: int
    level: float

    def of_model(self, model: str) -> Iterator[Estimate]:
        """What the model's order would have done, per split, and on the same draws compared with other models."""
        for s, split in enumerate(self.sample.splits):
            about = About(model, at=self._at(), split=split)
            for metric, number in self._figures(self.replayed[model][s]).items():
                n = self.replayed[model].point[s, POSITIVES]
                yield self._estimate(
                    number, metric, about, n=n, share=metric.endswith("_share"), tied=self._tied(model)
                )
        yield from self._over_windows(model)
        for other in self.versus[model]:
            gap, n = self._days(model) - self._days(other), self.replayed[model].point[-1, POSITIVES]
            about, tied = About(model, at=self._at(f"versus={other}")), self._tied(model) or self._tied(other)
            yield self._estimate(gap, "days_earlier_difference", about, n=n, share=False, tied=tied)

    def _over_windows(self, model: str) -> Iterator[Estimate]:
        """With several windows: the mean over windows, each for one, and in how many of them things were found earlier."""
        counted = self._windows()
        if len(counted) < 2:
            return
        replayed, about = self.replayed[model], About(model, at=self._at())
        days = [replayed[s, DAYS] / replayed[s, POSITIVES] for s in counted]
        total = sum(days[1:], start=days[0])
        mean = total.each(lambda numbers: numbers / len(counted))
        n = sum(replayed.point[s, POSITIVES] for s in counted)
        yield self._estimate(mean, "days_earlier_window_mean", about, n=n, share=False, tied=self._tied(model))
        earlier = sum(float(number.point) > 0 for number in days)
        yield count_of(earlier, "windows_earlier", about, n=len(counted))

    def _windows(self) -> list[int]:
        """Windows in which something was found."""
        found = np.bincount(self.sample.fold, self.sample.finding, minlength=len(self.sample.folds))
        return [int(s) for s in np.flatnonzero(found)]

    def of_orders(self, rng: np.random.Generator) -> Iterator[Estimate]:
        """What random order does (mean over many orders, and the range that holds `level` of them), perfect order, and the order as it was."""
        schedule = self.schedule
        orders = {
            "random": [schedule.ordered(rng.random(schedule.day.size)) for _ in range(self.random_orders)],
            "oracle": [schedule.ordered(schedule.positive.astype(np.float64))],
            "as_scheduled": [schedule.slots],
        }
        for name, several in orders.items():
            once = np.ones((len(several), self.sample.clusters), np.uint8)
            by_split = replayed_orders(schedule, once, np.stack(several))
            figures, counted = by_split[:, -1], self._windows()
            if name != "as_scheduled":
                yield self._order(figures, DAYS, "days_earlier", name)
                if len(counted) > 1:
                    yield self._order(_mean_of_windows(by_split[:, counted]), DAYS, "days_earlier_window_mean", name)
            yield self._order(figures, FIRST_HALF, "first_half_share", name)

    def _figures(self, replayed: Resampled) -> dict[str, Resampled]:
        positives = replayed[POSITIVES]
        return {
            "days_earlier": replayed[DAYS] / positives,
            "days_earlier_median": replayed[MEDIAN],
            "found_later": replayed[LATER],
            "found_later_share": replayed[LATER] / positives,
            "first_half_share": replayed[FIRST_HALF] / positives,
        }

    def _estimate(self, number: Resampled, metric: str, about: About, *, n: float, share: bool, tied: bool) -> Estimate:
        """An estimate whose interval holds its own value, also when equal scores in order of id do better or worse than by lot."""
        estimate = estimate_of(
            number, metric, about, n=n, level=self.level, why_not="no_findings", share=share, method="replay"
        )
        value, low, high = estimate.value, estimate.low, estimate.high
        if not tied or value is None or low is None or high is None or low <= value <= high:
            return estimate
        return replace(estimate, low=min(low, value), high=max(high, value), note="ties_by_id")

    def _tied(self, model: str) -> bool:
        scores = self.sample.scores[model]
        return _tied(self.schedule, scores, self.schedule.ordered(scores)).size > 0

    def _order(self, figures: Floats, which: int, metric: str, name: str) -> Estimate:
        about, n = About(at=self._at(f"order={name}")), figures[0, POSITIVES]
        if n == 0:
            return nothing("no_findings", metric, about, n=0, method="replay")
        values = figures[:, which] / n
        number = Resampled(values.mean(), values)
        if name == "random":
            return estimate_of(number, metric, about, n=n, level=self.level, why_not="", share=False, method="replay")
        return exactly(float(values[0]), metric, about, n=n, method="replay")

    def _days(self, model: str) -> Resampled:
        return self.replayed[model][-1, DAYS] / self.replayed[model][-1, POSITIVES]

    def _at(self, more: str = "") -> str:
        return joined(more, f"within={self.within}" if self.within else "")


def _mean_of_windows(by_split: Floats) -> Floats:
    """Figures (order, 5) whose days, divided by their positives, are the mean over windows (order, window, 5)."""
    together = by_split.sum(axis=1)
    together[:, DAYS] = (by_split[:, :, DAYS] / by_split[:, :, POSITIVES]).mean(axis=1) * together[:, POSITIVES]
    return np.asarray(together)
