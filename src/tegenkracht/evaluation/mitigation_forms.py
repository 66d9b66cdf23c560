"""What a mitigation does where outcomes are selective: with visits weighed by their chance, with visits by lot alone, and whatever unseen places hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.conditions import at_of, attribute_of
from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.evaluation.bootstrap import Resampled
from tegenkracht.evaluation.bootstrap_t import student_interval
from tegenkracht.evaluation.counting import Counting
from tegenkracht.evaluation.estimates import About, nothing, with_interval
from tegenkracht.evaluation.sample import Sample
from tegenkracht.evaluation.weighed import ALL, FEW, HITS, NONE, Weighed, weigh

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FORMS: tuple[Method, ...] = ("weighted", "audit")


@dataclass(frozen=True)
class Form:
    """One way to count visits: by recorded chance, or by lot alone."""

    method: Method
    weighed: Weighed
    rows: int

    @property
    def counting(self) -> Counting:
        """What each row counts for: its visits and its findings, weighed."""
        sums = self.weighed.sums(self.method, self.rows)
        return Counting(np.ones(self.rows), sums[:, ALL], sums[:, HITS])

    def change(self, number: Resampled, metric: str, about: About, *, n: float, level: float) -> Estimate:
        """A difference of two ratios of weighted sums, with Student's interval: a few visits that were unlikely carry most of its error.

        Parameters
        ----------
        n
            Different visits that it rests on; under 30 nothing is said.
        """
        value = float(number.point)
        if n < FEW or not np.isfinite(value):
            return nothing("few_visits" if n else NONE[self.method], metric, about, n=n, method=self.method)
        interval = student_interval(number, level=level)
        if interval is not None:
            interval = max(interval[0], -1.0), min(interval[1], 1.0)
        return with_interval(value, interval, metric, about, n=n, level=level, method=self.method)


def leading_form(changes: Iterable[Estimate], *, weighs: bool) -> Method:
    """The form in which the same figure of several mitigations leads, so that they can stand on one axis.

    Weighted, where one of them has an interval so and visits by lot do not contradict the weights (TK111); otherwise of visited places alone.

    Parameters
    ----------
    weighs
        Whether visits by lot leave the weights uncontradicted.
    """
    return "weighted" if weighs and any(e.method == "weighted" and e.low is not None for e in changes) else "labelled"


def forms_of_shifts(estimates: Iterable[Estimate], *, weighs: bool) -> dict[str, Method]:
    """Per attribute, the form in which gaps in looks for nothing and their shifts are judged and shown.

    Parameters
    ----------
    estimates
        Of all mitigated models.
    """
    by: dict[str, list[Estimate]] = {}
    for shift in estimates:
        if shift.metric == "false_positive_rate_pair_shift" and at_of(shift, "period") == "all":
            by.setdefault(attribute_of(shift.group), []).append(shift)
    return {attribute: leading_form(shifts, weighs=weighs) for attribute, shifts in by.items()}


def forms_of(visits: pd.DataFrame | None, sample: Sample) -> tuple[Form, ...]:
    """Visits weighed and visits by lot; none when rows are visits that were scheduled."""
    if visits is None:
        return ()
    weighed = weigh(visits, sample)
    return tuple(Form(method, weighed, len(sample.rows)) for method in FORMS)


def bounds_of_shift(mine: Floats, theirs: Floats, sample: Sample, *, most: Flags, least: Flags) -> tuple[float, float]:
    """Lowest and highest shift of the gap in false positive rates between two groups, whatever unseen rows hold.

    Parameters
    ----------
    mine, theirs
        How much of each row is on the list with and without mitigation.
    most, least
        Rows of the group that the gap starts from, and of the other.
    """
    one, other = (_bounds(mine - theirs, sample, group) for group in (most, least))
    return one[0] - other[1], one[1] - other[0]


def _bounds(change: Floats, sample: Sample, group: Flags) -> tuple[float, float]:
    r"""Ends of :math:`(C + \sum_i d_i y_i) / (N + \sum_i y_i)` over :math:`y_i \in [0, 1]`: how a group's rate can change.

    C is the change of the list over rows that were seen without a finding and N their number; an unseen row without something counts with its change d.
    The highest value v takes each row with d > v whole and no other, so it is among the sums over rows sorted by d (Charnes & Cooper 1962).
    """
    clean = group & (sample.visited == 1) & (sample.finding == 0)
    known, n = float(change[clean].sum()), float(clean.sum())
    unseen = np.sort(change[group & (sample.visited == 0)])
    if not n:
        return float("nan"), float("nan")
    below = n + np.arange(unseen.size + 1)
    low, high = ((known + np.cumsum([0.0, *order])) / below for order in (unseen, unseen[::-1]))
    return float(low.min()), float(high.max())
