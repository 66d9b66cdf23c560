"""Who is visited, with which chance, by which team, and what is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tegenkracht.data.world.clock import KNOWN_UNTIL, QUARTERS, STARTS, days_in, stream
from tegenkracht.data.world.country import Country
from tegenkracht.data.world.logistic import expit, shift_for
from tegenkracht.data.world.places import Places
from tegenkracht.data.world.world import World

TEAMS = 10
_CHANNELS, _CHANNEL_SHARES = ("risk", "programme", "complaint", "signal"), (0.40, 0.25, 0.20, 0.15)
_LONGEST_LAG = 120  # days from a visit until its result is known


@dataclass(frozen=True)
class Visits:
    """The inspections, and by unit and quarter the exact chance of a visit (NaN when not open)."""

    table: pd.DataFrame
    propensity: np.ndarray


@dataclass(frozen=True)
class _Draws:
    """Everything that is left to chance, drawn beforehand by unit and quarter, whatever is done with it."""

    lot: np.ndarray
    choice: np.ndarray
    finding: np.ndarray
    day: np.ndarray
    lag: np.ndarray
    channel: np.ndarray
    severity: np.ndarray
    tip: np.ndarray


def make_visits(
    places: Places, country: Country, state: np.ndarray, known: np.ndarray, *, world: World, seed: int
) -> Visits:
    """A Poisson sample of the open units each quarter, in expectation `budget` of them.

    A share `random_share` of the budget is drawn by lot. The rest has log-odds that add up what the world's selection
    says of known indicators, deprivation, group, findings known in the cluster, and hidden tips; the level is set each
    quarter so that the expected number is right (methods D.6, D.7). At most one visit to a unit in a quarter.
    """
    draws = _draw(places, state, seed)
    team = country.region[places.area]
    detection = _detection(state, team, world, stream(seed, "teams"))
    fixed = _fixed_score(places, country, known, draws.tip, world)
    is_open, lag = places.is_open, 1 + np.floor(draws.lag * _LONGEST_LAG).astype(int)
    propensity = np.full(state.shape, np.nan)
    hits = np.zeros((int(places.cluster.max()) + 1, QUARTERS + 4))
    rows = []
    for quarter in range(QUARTERS):
        score = fixed[:, quarter] + world.selection.hits * np.log1p(hits[places.cluster, quarter])
        lot, chosen = _chances(score, is_open[:, quarter], world.budget[places.sector], world.random_share)
        by_lot = draws.lot[:, quarter] < lot
        unit = np.flatnonzero(by_lot | (draws.choice[:, quarter] < chosen))
        propensity[:, quarter] = np.where(is_open[:, quarter], 1 - (1 - lot) * (1 - chosen), np.nan)
        found = draws.finding[unit, quarter] < detection[unit, quarter]
        day = days_in(np.full(len(unit), quarter), draws.day[unit, quarter])
        told = np.minimum(day + lag[unit, quarter], KNOWN_UNTIL)
        _note(hits, places.cluster[unit[found]], told[found])
        channel = np.where(by_lot[unit], "random", np.take(_CHANNELS, draws.channel[unit, quarter]))
        severity = np.where(found, draws.severity[unit, quarter], np.nan)
        rows.append(
            pd.DataFrame(
                {
                    "inspection_id": [f"{places.unit_id[one]}-{quarter + 1:02d}" for one in unit],
                    "unit_id": places.unit_id[unit],
                    "inspected_on": day.astype("datetime64[s]"),
                    "known_on": told.astype("datetime64[s]"),
                    "channel": channel,
                    "inspector": [f"team {one}" for one in team[unit]],
                    "finding": found,
                    "severity": severity,
                    "propensity": propensity[unit, quarter],
                }
            )
        )
    return Visits(pd.concat(rows, ignore_index=True), propensity)


def _draw(places: Places, state: np.ndarray, seed: int) -> _Draws:
    def rng(name: str) -> np.random.Generator:
        return stream(seed, places.sector, "visits", name)

    shape = state.shape
    return _Draws(
        lot=rng("lot").random(shape),
        choice=rng("choice").random(shape),
        finding=rng("finding").random(shape),
        day=rng("day").random(shape),
        lag=rng("lag").random(shape),
        channel=rng("channel").choice(len(_CHANNELS), size=shape, p=_CHANNEL_SHARES),
        severity=rng("severity").choice([1.0, 2.0, 3.0], size=shape, p=[0.5, 0.3, 0.2]),
        tip=rng("tip").standard_normal(shape) + (state > 0),
    )


def _detection(state: np.ndarray, team: np.ndarray, world: World, rng: np.random.Generator) -> np.ndarray:
    """Chance of a finding if visited, by unit and quarter."""
    skill = np.exp(world.inspector_effect * rng.standard_normal(TEAMS + 1))[team]
    se = world.sensitivity
    by_state = np.array([0.0, se.functional, se.competitive, se.relational])
    return np.where(state > 0, np.minimum(1.0, by_state[state] * skill[:, None]), 1 - world.specificity)


def _fixed_score(places: Places, country: Country, known: np.ndarray, tip: np.ndarray, world: World) -> np.ndarray:
    """Log-odds of being chosen that do not depend on earlier visits, by unit and quarter."""
    by = world.selection
    own = by.deprivation * country.deprivation[places.area] + by.group * places.group
    signals = np.log1p(known)
    return np.asarray(own[:, None] + by.indicators * signals / signals.std() + by.tips * tip)


def _chances(
    score: np.ndarray, is_open: np.ndarray, budget: float, random_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """The chance of a visit by lot, and of one by choice: the numbers expected of each are their share of the budget."""
    lot = np.where(is_open, random_share * budget, 0.0)
    wanted = (1 - random_share) * budget * is_open.sum()
    if wanted == 0:
        return lot, np.zeros(len(score))
    among = score[is_open]
    shift = shift_for(lambda level: float(expit(among + level).sum()), float(wanted))
    return lot, np.where(is_open, expit(score + shift), 0.0)


def _note(hits: np.ndarray, cluster: np.ndarray, told: np.ndarray) -> None:
    """Count findings in their cluster from the quarter on in which they are known on the first day."""
    for place, quarter in zip(cluster, np.searchsorted(STARTS, told, side="left"), strict=True):
        hits[place, quarter:] += 1
