"""A small world as a study sees it, made in memory: hundreds of them tell whether intervals hold the truth.

The tables of a world on disk hold the same rows; writing and reading them is most of the time that a world costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import PROCESS, Panel
from tegenkracht.core.progress import silent
from tegenkracht.core.scores import COLUMNS, Scores
from tegenkracht.core.text import Text
from tegenkracht.data.world.clock import start_of
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import Quarter, Setting, run
from tegenkracht.data.world.visits import CHANNELS
from tegenkracht.data.world.world import World

BURN_IN, WINDOW, STEP, HORIZON, DATES = 8, 8, 2, 4, 4
"""Quarters before anything counts, that indicators look back, between as-of dates, of the horizon; and the number of as-of dates."""


@dataclass(frozen=True)
class SmallWorld:
    """One sector of a world in memory.

    Parameters
    ----------
    panel
        A row per open unit and as-of date, with indicators counted over the window.
    scores
        Of the model `rule` (a sum of indicators, ties broken by lot), in the order of the panel.
    visits
        As `assembly.visits_of_rows` gives them: `row_id, inspection_id, channel, inspector, propensity, finding, positive`.
    potential
        Per row and quarter of its horizon, whether a visit would find something; NaN where the unit is closed: shape (rows, HORIZON).
    present
        Per row, whether there is a true state at the as-of date.
    group
        Per row, the synthetic group of the unit.
    """

    panel: Panel
    scores: Scores
    visits: pd.DataFrame
    potential: NDArray[np.float64]
    present: NDArray[np.bool_]
    group: NDArray[np.int64]


def small_world(world: World, *, sector: str, scale: float, seed: int) -> SmallWorld:
    """Live through a world and look at it as a study does: indicators before a date, visits after it."""
    _, (setting,) = set_up_sectors(world, scale=scale, seed=seed, sectors=[sector], progress=silent)
    until = WINDOW + STEP * (DATES - 1) + HORIZON
    lived = [q for q in run(setting, quarters=until, burn_in=BURN_IN) if q.number >= 0]
    kinds, count = len(setting.seen.kinds), setting.places.count
    told = np.stack([_counts(quarter, kinds, count) for quarter in lived])
    tables = _visits_of(setting, lived)
    parts = [_at(setting, lived, told, tables, WINDOW + STEP * i) for i in range(DATES)]
    rows = pd.concat([part[0] for part in parts], ignore_index=True)
    features, potential, present, unit = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3, 4))
    points = (features * setting.manner).sum(axis=1) + np.random.default_rng([seed, 1]).uniform(0, 0.5, len(rows))
    panel = _panel(setting, rows, features, unit)
    return SmallWorld(
        panel=panel,
        scores=_scores(panel, points),
        visits=pd.concat([part[5] for part in parts], ignore_index=True),
        potential=potential,
        present=present,
        group=setting.places.group[unit],
    )


def _counts(quarter: Quarter, kinds: int, count: int) -> NDArray[np.float64]:
    """Events that became known in a quarter (indicator, unit)."""
    is_indicator = quarter.told.kind < kinds
    place = quarter.told.kind[is_indicator] * count + quarter.told.unit[is_indicator]
    return np.bincount(place, minlength=kinds * count).reshape(kinds, count).astype(np.float64)


def _visits_of(setting: Setting, lived: Sequence[Quarter]) -> list[pd.DataFrame]:
    """First visits per quarter; a second look has no chance of its own and decides nothing here."""
    tables = []
    for quarter in lived:
        visits = quarter.visits
        table = pd.DataFrame(
            {
                "unit": visits.unit,
                "channel": np.array(CHANNELS, object)[visits.channel],
                "inspector": visits.inspector.astype(str),
                "propensity": visits.propensity,
                "finding": visits.finding,
            }
        )[~visits.is_second]
        tables.append(
            table.assign(
                inspection_id=[f"{quarter.number}-{unit}" for unit in table["unit"]],
                positive=table["finding"].astype(np.int64),
            )
        )
    return tables


def _at(
    setting: Setting, lived: Sequence[Quarter], told: NDArray[np.float64], tables: Sequence[pd.DataFrame], start: int
) -> tuple[pd.DataFrame, NDArray, NDArray, NDArray, NDArray, pd.DataFrame]:
    """What a study sees on the first day of a quarter, and what the horizon then brings."""
    places = setting.places
    unit = np.flatnonzero(places.is_open(start))
    ahead = lived[start : start + HORIZON]
    potential = np.column_stack(
        [np.where(places.is_open(q.number), q.chances.potential, np.nan)[unit].astype(np.float64) for q in ahead]
    )
    visits = pd.concat(tables[start : start + HORIZON], ignore_index=True)
    of_unit = visits.groupby("unit")["positive"].max().reindex(unit)
    as_of = pd.Timestamp(start_of(start).item())
    rows = pd.DataFrame(
        {
            "row_id": [f"{u}@{start}" for u in unit],
            "unit_id": unit.astype(str),
            "as_of": as_of,
            "outcome": of_unit.to_numpy(np.float64),
            "observed": of_unit.notna().to_numpy(),
            "earlier_visits": np.bincount(
                np.concatenate([table["unit"] for table in tables[:start]]), minlength=places.count
            )[unit].astype(np.float64),
        }
    )
    seen = visits[visits["unit"].isin(unit)].assign(row_id=lambda v: [f"{u}@{start}" for u in v["unit"]])
    return (
        rows,
        told[start - WINDOW : start].sum(axis=0)[:, unit].T,
        potential,
        lived[start].true.state[unit] > 0,
        unit,
        seen.drop(columns="unit"),
    )


def _panel(setting: Setting, rows: pd.DataFrame, features: NDArray[np.float64], unit: NDArray[np.int64]) -> Panel:
    places, names = setting.places, [f"indicator_{kind}" for kind in setting.seen.kinds]
    columns = rows.assign(
        known_until=rows["as_of"],
        sector=setting.mechanism.sector,
        cluster_id=places.cluster[unit].astype(str),
        area_code=places.area[unit].astype(str),
        outcome_known_on=rows["as_of"],
        inspector=None,
        channel=None,
        group=places.group[unit].astype(str),
        **{name: features[:, i] for i, name in enumerate(names)},
    )
    text = Text(nl="kenmerk", en="indicator")
    declared = tuple(
        Feature(name=name, label=text, definition=text, subject="place", source="events", family=name) for name in names
    )
    return Panel(columns, declared, ("group",), scheduled=False, identity="small")


def _scores(panel: Panel, points: NDArray[np.float64]) -> Scores:
    rows = panel.rows[["row_id", "unit_id", "as_of", "outcome", "observed"]].assign(
        model="rule", fold="all", score=points
    )
    rows["rank"] = rows.groupby("as_of")["score"].rank(ascending=False, method="first").astype(int)
    context = panel.rows.set_index("row_id")[["cluster_id", "area_code", "sector", *PROCESS, *panel.audit]]
    return Scores(rows[list(COLUMNS)], context, panel.audit, ("rule",))
