"""What can be seen of the true state: indicator events, with what they depend on, when they are known, and how many are missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from tegenkracht.data.world.clock import KNOWN_UNTIL, QUARTERS, STARTS, days_in, stream
from tegenkracht.data.world.country import YEARS, Country
from tegenkracht.data.world.logistic import expit
from tegenkracht.data.world.places import Places

_SPAN = 8  # quarters over which the log-odds of a signal give the chance of at least one event
Value = Literal["", "days", "share", "count", "percent"]


@dataclass(frozen=True, slots=True)
class Signal:
    """Log-odds of a signal: level, by type of state, by deprivation and group; lag in quarters (median); coverage."""

    level: float
    by_type: tuple[float, float, float]
    deprivation: float
    group: float
    lag: float
    coverage: float
    value: Value = ""


SIGNALS: dict[str, dict[str, Signal]] = {
    "shopping_strip": {  # methods D.5
        "takeover_chain": Signal(-2.2, (1.3, 0.7, 0.2), 0.25, 0.10, 0, 1.0),
        "short_tenure": Signal(-1.6, (1.1, 0.6, 0.0), 0.35, 0.15, 0, 1.0),
        "opaque_finance": Signal(-1.9, (1.2, 0.8, 0.4), 0.30, 0.45, 2, 0.25),
        "address_reuse": Signal(-2.6, (1.4, 0.6, 0.3), 0.20, 0.15, 0, 1.0, "count"),
        "no_footfall": Signal(-2.7, (1.5, 0.2, 0.0), 0.35, 0.20, 1, 0.30),
        "late_accounts": Signal(-1.8, (0.9, 0.5, 0.1), 0.40, 0.15, 4, 0.90, "days"),
        "energy_anomaly": Signal(-3.2, (1.0, 0.1, 0.0), 0.10, 0.00, 4, 0.80, "percent"),
        "cash_intensive": Signal(-1.0, (0.5, 0.6, 0.2), 0.25, 0.40, 4, 0.70),
    },
    "marina": {  # of the same strength as those of shops; no source gives numbers
        "unidentified_berths": Signal(-1.8, (1.3, 0.6, 0.2), 0.10, 0.05, 2, 0.50, "share"),
        "cash_share": Signal(-1.5, (0.8, 0.6, 0.2), 0.10, 0.05, 4, 0.50, "share"),
        "no_night_register": Signal(-1.0, (0.7, 0.3, 0.1), 0.05, 0.00, 1, 0.60),
        "weak_access_control": Signal(-0.8, (0.6, 0.2, 0.1), 0.05, 0.00, 1, 0.60),
        "boat_reg_mismatch": Signal(-2.4, (1.3, 0.6, 0.1), 0.05, 0.05, 1, 0.40),
        "winter_activity": Signal(-2.2, (1.2, 0.3, 0.1), 0.05, 0.00, 1, 0.80),
        "operator_change_distress": Signal(-2.6, (1.2, 0.9, 0.4), 0.25, 0.05, 0, 1.0),
        "shed_use": Signal(-2.2, (1.0, 0.5, 0.2), 0.15, 0.05, 0, 1.0),
        "environmental_breach": Signal(-2.3, (0.7, 0.4, 0.1), 0.10, 0.05, 1, 0.70),
    },
}


def make_events(places: Places, country: Country, state: np.ndarray, *, proxies: float, seed: int) -> pd.DataFrame:
    """The events of a sector, and `unit` and `quarter_known` (positions) for those who choose visits.

    The log-odds of a signal are those of at least one event in eight quarters, so that a unit has few events and the
    indicators together are as strong as in methods D.5. What is not yet known at the end is left out.
    """
    made = [
        _events_of(name, signal, places, country, state, proxies=proxies, seed=seed)
        for name, signal in SIGNALS[places.sector].items()
    ]
    if places.berths is not None:
        made.append(_berth_counts(places))
    events = pd.concat(made, ignore_index=True)
    events = events[events["known_on"] <= pd.Timestamp(KNOWN_UNTIL)].reset_index(drop=True)
    known = np.searchsorted(STARTS, events["known_on"].to_numpy().astype("datetime64[D]"), side="left")
    return events.assign(quarter_known=known)


def known_counts(events: pd.DataFrame, units: int) -> np.ndarray:
    """By unit and quarter, how many signals of the eight quarters before it were known on its first day."""
    seen = np.zeros((units, QUARTERS + 1))
    signals = events[events["kind"] != "berths"]
    np.add.at(seen, (signals["unit"].to_numpy(), signals["quarter_known"].to_numpy()), 1.0)
    total = np.cumsum(seen[:, :QUARTERS], axis=1)
    total[:, _SPAN:] -= total[:, :-_SPAN].copy()
    return total


def _events_of(
    name: str, signal: Signal, places: Places, country: Country, state: np.ndarray, *, proxies: float, seed: int
) -> pd.DataFrame:
    rng = stream(seed, places.sector, "events", name)
    own = signal.deprivation * country.deprivation[places.area] / 2 + signal.group * (
        places.group - places.group.mean()
    )
    by_state = signal.level + np.array([0.0, *signal.by_type])
    in_span = expit(by_state[None, :] + proxies * own[:, None])
    in_quarter = signal.coverage * (1 - (1 - in_span) ** (1 / _SPAN))
    chance = np.take_along_axis(in_quarter, state.astype(np.intp), axis=1)
    unit, quarter = np.nonzero((rng.random(state.shape) < chance) & places.is_open)
    occurred = days_in(quarter, rng.random(len(unit)))
    lag = np.floor(signal.lag * 91 * rng.lognormal(0, 0.4, len(unit)) + rng.integers(0, 15, len(unit)))
    return _frame(
        places, unit, name, occurred, occurred + lag.astype("timedelta64[D]"), _values(rng, signal, len(unit))
    )


def _values(rng: np.random.Generator, signal: Signal, count: int) -> np.ndarray:
    if signal.value == "days":
        return 1 + np.floor(rng.gamma(2, 45, count))
    if signal.value == "count":
        return 3.0 + rng.poisson(1.0, count)
    if signal.value == "share":
        return np.asarray(np.round(rng.beta(2, 6, count), 2))
    if signal.value == "percent":
        return np.asarray(rng.choice([-1.0, 1.0], count) * np.round(30 + rng.gamma(2, 15, count)).clip(max=95))
    return np.full(count, np.nan)


def _berth_counts(places: Places) -> pd.DataFrame:
    """A count of the berths each spring, known a month later."""
    assert places.berths is not None  # noqa: S101 - the caller looked
    spring = np.array([f"{year}-04-01" for year in YEARS], dtype="datetime64[D]")
    unit, year = np.nonzero(places.is_open[:, 1::4])
    day = spring[year]
    return _frame(places, unit, "berths", day, day + 30, places.berths[unit])


def _frame(
    places: Places, unit: np.ndarray, kind: str, occurred: np.ndarray, known: np.ndarray, value: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": places.unit_id[unit],
            "kind": kind,
            "occurred_on": occurred.astype("datetime64[s]"),
            "known_on": known.astype("datetime64[s]"),
            "value": value,
            "unit": unit,
        }
    )
