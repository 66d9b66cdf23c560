"""The true state of every unit in every quarter: none, functional, competitive or relational."""

from __future__ import annotations

import numpy as np

from tegenkracht.data.world.clock import QUARTERS, stream
from tegenkracht.data.world.country import Country
from tegenkracht.data.world.logistic import expit, shift_for
from tegenkracht.data.world.places import Places

STATES = ("none", "functional", "competitive", "relational")
_MIX = (0.60, 0.25, 0.15)  # of the three types at onset (methods D.4)
_EXIT = 0.04  # chance a quarter that it ends: 25 quarters on average


def make_state(places: Places, country: Country, *, prevalence: float, seed: int) -> np.ndarray:
    """State (0 to 3) by unit and quarter, int8, in balance from the first quarter on.

    Onset has log-odds a + 0.30 deprivation + 0.5 vacancy + an area effect + a cluster effect; `a` is set by bisection so
    that the expected share in balance, onset / (onset + exit) over all units, is `prevalence` (methods D.4, without
    ownership network and without an end after a finding: visits change nothing in the truth).
    """
    rng = stream(seed, places.sector, "state")
    onset = _onset(rng, places, country, prevalence)
    types = 1 + rng.choice(3, size=(places.count, QUARTERS), p=_MIX).astype(np.int8)
    chance = rng.random((places.count, QUARTERS))
    state = np.zeros((places.count, QUARTERS), dtype=np.int8)
    state[:, 0] = np.where(chance[:, 0] < onset / (onset + _EXIT), types[:, 0], 0)
    for quarter in range(1, QUARTERS):
        before, draw = state[:, quarter - 1], chance[:, quarter]
        begins = np.where(draw < onset, types[:, quarter], 0)
        state[:, quarter] = np.where(before == 0, begins, np.where(draw < _EXIT, 0, before))
    return state


def _onset(rng: np.random.Generator, places: Places, country: Country, prevalence: float) -> np.ndarray:
    """Chance of onset in a quarter, by unit."""
    vacancy = country.vacancy.mean(axis=1)
    score = 0.30 * country.deprivation + 0.5 * (vacancy - vacancy.mean()) / vacancy.std() + country.effect
    in_cluster = rng.normal(0, 0.4, int(places.cluster.max()) + 1)[places.cluster]
    log_odds = score[places.area] + in_cluster

    def share(shift: float) -> float:
        onset = expit(log_odds + shift)
        return float((onset / (onset + _EXIT)).mean())

    return expit(log_odds + shift_for(share, prevalence))
