"""How well an inspection sees: as declared in tallies, or from places that two inspectors visited shortly after one another (methods B-8)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.estimate import Estimate, Method
from tegenkracht.core.inspections import Inspections, Tally
from tegenkracht.core.wilson import wilson_interval
from tegenkracht.evaluation.estimates import About, nothing
from tegenkracht.evaluation.sample import UNKNOWN

Floats = NDArray[np.float64]
DECLARED, TWICE = "source=declared", "source=double_visits"
"""Where a figure of an inspection comes from."""


@dataclass(frozen=True)
class TwoVisits:
    """Places that were visited twice: at how many `both` found something, only the `first`, only the `second`, and `neither`."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def places(self) -> int:
        """How many places were visited twice."""
        return self.both + self.first + self.second + self.neither

    @property
    def found(self) -> int:
        """At how many of them somebody found something."""
        return self.both + self.first + self.second


def looked_twice(visits: pd.DataFrame, *, within_days: int) -> pd.DataFrame:
    """Each visit with the next one to the same unit, when that is by somebody else and within so many days.

    Parameters
    ----------
    visits
        `unit_id, inspection_id, inspected_on, channel, inspector, positive`, a line per visit.

    Returns
    -------
    DataFrame
        `first, second` (found something), and `channel, inspector` of the first visit. A visit by nobody known is no part of a pair.
    """
    lines = visits.sort_values(["unit_id", "inspected_on", "inspection_id"], kind="stable").reset_index(drop=True)
    pairs = seen_again(lines["unit_id"], lines["inspected_on"], lines["inspector"], within_days=within_days)
    one, two = lines.iloc[pairs], lines.iloc[pairs + 1]
    return pd.DataFrame(
        {
            "first": one["positive"].to_numpy(dtype=np.float64) > 0,
            "second": two["positive"].to_numpy(dtype=np.float64) > 0,
            "channel": one["channel"].to_numpy(),
            "inspector": one["inspector"].to_numpy(),
        }
    )


def seen_again(
    unit: pd.Series | NDArray[np.generic],
    on: pd.Series | NDArray[np.datetime64],
    inspector: pd.Series | NDArray[np.generic],
    *,
    within_days: int,
) -> NDArray[np.int64]:
    """Which visits, in order of unit and day, are followed by one to the same unit, within so many days, by somebody else.

    Of a visit by nobody known (missing, or `unknown`) nobody can tell that it was by somebody else, so that it is no part of a pair.
    """
    unit, on, who = (pd.Series(np.asarray(column)) for column in (unit, on, inspector))
    known = who.notna() & (who != UNKNOWN)
    pairs = known & known.shift(-1, fill_value=False) & (unit == unit.shift(-1)) & (who != who.shift(-1))
    return np.flatnonzero(pairs & ((on.shift(-1) - on) <= pd.Timedelta(days=within_days))).astype(np.int64)


def counted(pairs: pd.DataFrame) -> TwoVisits:
    """The four counts of `looked_twice`."""
    one, two = pairs["first"].to_numpy(bool), pairs["second"].to_numpy(bool)
    return TwoVisits(int((one & two).sum()), int((one & ~two).sum()), int((~one & two).sum()), int((~one & ~two).sum()))


@dataclass(frozen=True)
class Share:
    """A share, and how many independent answers it is worth; `n` is infinite when it is taken as certain."""

    share: float
    n: float


@dataclass(frozen=True)
class Sight:
    """How well an inspection sees.

    Parameters
    ----------
    sensitivity
        A tally of known cases, or what two visits to the same places recorded.
    specificity
        A tally of known clean places; None when an inspection is taken to record nothing where there is nothing.
    """

    sensitivity: Tally | TwoVisits
    specificity: Tally | None

    @property
    def clean(self) -> Share:
        """Specificity."""
        return Share(1.0, math.inf) if self.specificity is None else Share(self.specificity.share, self.specificity.of)

    @property
    def cases(self) -> Share | None:
        """Sensitivity; None when two visits agree no more often than false alarms would."""
        if isinstance(self.sensitivity, Tally):
            return Share(self.sensitivity.share, self.sensitivity.of)
        return _from_two_visits(self.sensitivity, self.clean)

    @property
    def why_not(self) -> str:
        """Why nothing can be corrected with it; empty when something can."""
        cases = self.cases
        if cases is None:
            return "agree_by_chance"
        return "sees_no_more_than_chance" if cases.share + self.clean.share <= 1 else ""

    def draws(self, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
        """Sensitivity and specificity, drawn together from their posterior under Jeffreys' priors; only pairs that see more than chance.

        There can be fewer than `count`, and none when hardly any draw sees more than chance.
        """
        tally = self.specificity
        clean = (
            np.ones(count) if tally is None else rng.beta(tally.found + 0.5, tally.of - tally.found + 0.5, size=count)
        )
        if isinstance(self.sensitivity, Tally):
            found, of = self.sensitivity.found, self.sensitivity.of
            cases = rng.beta(found + 0.5, of - found + 0.5, size=count)
        else:
            told = self.sensitivity
            cells = np.array([told.both, told.first + told.second, told.neither]) + 0.5
            both, one, _ = rng.dirichlet(cells, size=count).T
            cases = _solved(both, both + one / 2, 1 - clean)
        telling = (cases > 0) & (cases <= 1) & (cases + clean > 1)
        return cases[telling], clean[telling]


def _solved(both: Floats, once: Floats, alarms: Floats) -> Floats:
    r"""Sensitivity from shares of places: found by both visits, found by one visit, and the chance of a false alarm :math:`a`.

    With prevalence :math:`\rho`, :math:`q - a = \rho (Se - a)` and :math:`p_{11} - a^2 = \rho (Se^2 - a^2)`, so
    :math:`Se = (p_{11} - a^2) / (q - a) - a`. Without false alarms this is :math:`2 n_{11} / (2 n_{11} + n_{10} + n_{01})`.

    Where cases differ in how hard they are to see, this is :math:`E[Se^2]/E[Se]`, above the mean sensitivity :math:`E[Se]`; two visits cannot tell
    by how much. Without false alarms the number of cases that goes with it is Chao's lower bound for two occasions (1987, Biometrics 43,
    :math:`n_{11} + f_1 + f_1^2/(4 n_{11})` with :math:`f_1 = n_{10} + n_{01}`), so that the sensitivity is an upper bound and a share corrected with it a lower one.
    """
    above = once - alarms
    out = np.divide(both - alarms**2, above, out=np.full_like(above, np.nan), where=above > 0) - alarms
    return np.asarray(out, np.float64)


def _from_two_visits(told: TwoVisits, clean: Share) -> Share | None:
    """Sensitivity with how many independent cases it is worth, by the delta method over the cells and the specificity."""
    if told.places == 0:
        return None
    both, one, a = told.both / told.places, (told.first + told.second) / told.places, 1 - clean.share
    once = both + one / 2
    value = float(_solved(np.array([both]), np.array([once]), np.array([a]))[0])
    if not 0 < value <= 1:
        return None
    above, over = once - a, both - a**2
    slopes = (1 / above - over / above**2, -over / (2 * above**2))
    mean = slopes[0] * both + slopes[1] * one
    variance = (slopes[0] ** 2 * both + slopes[1] ** 2 * one - mean**2) / told.places
    by_alarms = (over - 2 * a * above) / above**2 - 1
    variance += 0.0 if math.isinf(clean.n) else by_alarms**2 * a * (1 - a) / clean.n
    worth = value * (1 - value) / variance if variance > 0 and value < 1 else told.found
    return Share(value, min(float(worth), 2.0 * told.found))


def sight_of(asked: Inspections, pairs: pd.DataFrame | None) -> tuple[Sight | None, str]:
    """What a study corrects with and where it comes from (`DECLARED`, `TWICE`), or None and the reason why there is nothing.

    Double visits go before a declared sensitivity when enough of them found something.
    """
    told = counted(pairs) if pairs is not None else None
    if asked.double_visits and told is not None and told.found >= asked.double_visits.at_least:
        sight = Sight(told, asked.specificity)
        if sight.cases is not None or asked.sensitivity is None:
            return (None, sight.why_not) if sight.why_not else (sight, TWICE)
    if asked.sensitivity is None:
        return None, "few_double_visits"
    return Sight(asked.sensitivity, asked.specificity), DECLARED


def sight_estimates(asked: Inspections, pairs: pd.DataFrame | None, *, level: float) -> Iterator[Estimate]:
    """`sensitivity` and `specificity` as declared; `double_visits`, and `sensitivity` from them.

    Also per channel and inspector of the first visit, where all of them together are enough.

    Two visits give the sensitivity when they are independent given what is there, see equally well, and nothing changed between them. Where
    cases differ in how hard they are to see, it is the most that an inspection sees.
    """
    for metric, tally in (("sensitivity", asked.sensitivity), ("specificity", asked.specificity)):
        if tally is not None:
            yield _told(Share(tally.share, tally.of), metric, About(at=DECLARED), "fixed", level)
    if asked.double_visits is None or pairs is None:
        return
    told, least = counted(pairs), asked.double_visits.at_least
    for name, value in (("both", told.both), ("first", told.first), ("second", told.second), ("neither", told.neither)):
        yield Estimate("", "double_visits", float(value), n=told.places, method="count", at=f"{TWICE},found={name}")
    yield _twice(told, asked.specificity, About(at=TWICE), least, level)
    if told.found < least:
        return
    for column in ("channel", "inspector"):
        named = pairs[column].astype(object).where(pairs[column].notna(), UNKNOWN)
        for name, own in pairs.groupby(named, sort=True):
            yield _twice(counted(own), asked.specificity, About(at=TWICE, group=f"{column}={name}"), least, level)


def _twice(told: TwoVisits, specificity: Tally | None, about: About, least: int, level: float) -> Estimate:
    if told.found < least:
        return nothing("few_double_visits", "sensitivity", about, n=told.found)
    found = Sight(told, specificity).cases
    if found is None:
        return nothing("agree_by_chance", "sensitivity", about, n=told.found)
    return _told(found, "sensitivity", about, "labelled", level)


def _told(found: Share, metric: str, about: About, method: Method, level: float) -> Estimate:
    low, high = wilson_interval(found.share, found.n, level=level)
    return Estimate("", metric, found.share, low, high, round(found.n), method, level, group=about.group, at=about.at)
