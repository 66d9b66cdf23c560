"""What is true in a made world, for those who judge estimators; nothing that makes estimates may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import yaml

from tegenkracht.core.errors import wrong
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import Dataset
from tegenkracht.data.world.arrays import Flags, Floats, Ints
from tegenkracht.data.world.clock import quarter_of
from tegenkracht.data.world.logistic import expit, in_a_quarter
from tegenkracht.data.world.maker import set_up_sectors
from tegenkracht.data.world.sector_run import Setting
from tegenkracht.data.world.signals import fading
from tegenkracht.data.world.state import ENDS, STATES
from tegenkracht.data.world.world import World

_WINDOW = 8  # quarters of indicators that the oracle reads
_TYPES = np.array([0.60, 0.25, 0.15])


@dataclass(frozen=True)
class Truth:
    """The truth of one dataset.

    Parameters
    ----------
    about
        The content of `truth.yaml`: the world, scale, seed, and by sector the wanted prevalence and the level of onset.
    units
        One row per unit, by `unit_id`: sector, area_effect, deprivation, context, group, second_group, hides.
    quarters
        One row per quarter in which a unit is open: unit (row number in `units`), quarter (0 is the first of 2014), state (0 none, 1 functional,
        2 competitive, 3 relational), began, potential (whether a visit would find something that stands after
        any appeal), finding_chance (before appeals), propensity, tip, inspector.
    """

    about: Mapping[str, Any]
    units: pd.DataFrame
    quarters: pd.DataFrame

    def of(self, sector: str, quarter: int | None = None) -> pd.DataFrame:
        """The quarters of one sector, or one of them, indexed by unit_id."""
        rows = self.quarters if quarter is None else self.quarters[self.quarters["quarter"] == quarter]
        rows = rows[self.units["sector"].to_numpy()[rows["unit"]] == sector]
        unit_id = pd.Index(self.units["unit_id"].to_numpy()[rows["unit"]])
        placed: pd.DataFrame = rows.set_axis(unit_id, axis=0)
        return placed


def read_truth(folder: Path) -> Truth:
    """The truth beside a dataset folder.

    Raises
    ------
    InputError
        When there is none.
    """
    path = folder.with_name(f"{folder.name}.truth")
    if not (path / "truth.yaml").is_file():
        raise wrong(str(path), "there is no truth beside this dataset.", "Make the world with `tegenkracht data make`.")
    return Truth(
        about=yaml.safe_load((path / "truth.yaml").read_text(encoding="utf-8")),
        units=pq.read_table(path / "units.parquet").to_pandas(),
        quarters=pq.read_table(path / "quarters.parquet").to_pandas(),
    )


def prevalence(truth: Truth, sector: str) -> float:
    """The share of open unit-quarters with a true state."""
    return float((truth.of(sector)["state"] > 0).mean())


def types(truth: Truth, sector: str) -> dict[str, float]:
    """The share of each type among unit-quarters with a true state; NaN when there are none."""
    state = truth.of(sector)["state"].to_numpy()
    present = state[state > 0]
    return {name: _share(present == number) for number, name in enumerate(STATES) if number}


def state_at(truth: Truth, unit_id: pd.Series, on: pd.Series) -> pd.Series:
    """The true state of units on days; missing where a unit is not open."""
    number = pd.Series(np.arange(len(truth.units)), index=truth.units["unit_id"])
    asked = pd.DataFrame(
        {
            "unit": number.reindex(unit_id).to_numpy(),
            "quarter": quarter_of(on.to_numpy().astype("datetime64[D]")),
        },
        index=unit_id.index,
    )
    found = asked.reset_index().merge(truth.quarters[["unit", "quarter", "state"]], on=["unit", "quarter"], how="left")
    return found.set_index("index")["state"].reindex(unit_id.index)


def precision_at(truth: Truth, sector: str, quarter: int, score: pd.Series, *, capacity: int) -> dict[str, float]:
    """Among the `capacity` units with the highest score (ties shared out): the share with a state, and the share where a visit would find it."""
    rows = truth.of(sector, quarter).join(score.rename("score"), how="inner")
    weight = _listed(rows["score"].to_numpy(), capacity)
    return {
        "prevalence": float(weight @ (rows["state"] > 0) / weight.sum()),
        "yield": float(weight @ rows["potential"] / weight.sum()),
    }


def auc(truth: Truth, sector: str, quarter: int, score: pd.Series) -> float:
    """The chance that a unit with a state scores above one without; ties count half. NaN when all or none have one."""
    rows = truth.of(sector, quarter).join(score.rename("score"), how="inner")
    rank = rows["score"].rank().to_numpy()
    positive = (rows["state"] > 0).to_numpy()
    n, others = int(positive.sum()), int((~positive).sum())
    return float((rank[positive].sum() - n * (n + 1) / 2) / (n * others)) if n and others else float("nan")


def rates_by_group(truth: Truth, sector: str, quarter: int, listed: pd.Series, *, attribute: str) -> pd.DataFrame:
    """True and false positive rate and precision of a list, by group: index the groups, columns n, base_rate, tpr, fpr, ppv."""
    rows = truth.of(sector, quarter).join(listed.rename("listed"), how="inner")
    rows = rows.assign(group=truth.units[attribute].to_numpy()[rows["unit"]], positive=rows["state"] > 0)
    return pd.DataFrame({group: _rates(part) for group, part in rows.groupby("group")}).T


def amplification(truth: Truth, dataset: Dataset, sector: str, *, attribute: str) -> dict[int, float]:
    """By group its share of the visits over its share of the true states; 1 is proportional."""
    visits = dataset.tables["inspections"].merge(truth.units, on="unit_id")
    visits = visits[visits["sector"] == sector]
    rows = truth.of(sector)
    positive = rows[rows["state"] > 0]
    of_states = pd.Series(truth.units[attribute].to_numpy()[positive["unit"]]).value_counts(normalize=True)
    of_visits = visits[attribute].value_counts(normalize=True)
    return {group: float(of_visits.get(group, 0.0) / of_states[group]) for group in of_states.index}


def oracle(truth: Truth, dataset: Dataset, sector: str, quarter: int) -> pd.Series:
    """The log-odds of a state from the last eight quarters of indicators, for one who knows every mechanism but not the states.

    It takes each indicator by itself, as the generator does, and the state as unchanged over the window; so it is the best score to
    within the states that began or ended in between.
    """
    setting = remade(truth, sector)
    counts, since = _known_counts(dataset, setting, quarter)
    onset = expit(setting.pressure.fixed + setting.level)
    chance = onset / (onset + ENDS)
    by_type = np.array([_log_likelihood(setting, counts, since, quarter, kind) for kind in range(4)])
    ratio = np.log(np.tensordot(_TYPES, np.exp(by_type[1:] - by_type[0]), axes=1))
    return pd.Series(np.log(chance / (1 - chance)) + ratio, index=setting.places.unit_id)


def remade(truth: Truth, sector: str) -> Setting:
    """The sector as it was before its first quarter, made again from the world, scale and seed."""
    about = truth.about
    world = World.model_validate(about["world"])
    _, settings = set_up_sectors(world, scale=about["scale"], seed=about["seed"], sectors=[sector], progress=silent)
    return settings[0]


def _known_counts(dataset: Dataset, setting: Setting, quarter: int) -> tuple[Floats, Ints]:
    """By indicator and unit the quarters with an event that was known by the start of a quarter; by indicator how many could be known."""
    events = dataset.tables["events"]
    happened = quarter_of(events["occurred_on"].to_numpy().astype("datetime64[D]"))
    known = quarter_of(events["known_on"].to_numpy().astype("datetime64[D]"))
    inside = (happened >= quarter - _WINDOW) & (happened < quarter) & (known < quarter)
    unit = pd.Series(np.arange(setting.places.count), index=setting.places.unit_id)
    counts = np.zeros((len(setting.seen.kinds), setting.places.count))
    for place, kind in enumerate(setting.seen.kinds):
        rows = unit.reindex(events["unit_id"][inside & (events["kind"] == kind).to_numpy()]).to_numpy()
        counts[place] = np.bincount(rows.astype(np.int64), minlength=setting.places.count)
    since = np.array([max(_WINDOW - round(signal.lag), 1) for signal in setting.seen.signals])
    return np.minimum(counts, since[:, None]), since


def _log_likelihood(setting: Setting, counts: Floats, since: Ints, quarter: int, kind: int) -> Floats:
    """The log of the chance of the counts at a unit of one type of state; what could not be known there says nothing."""
    world, seen = setting.world, setting.seen
    effect = np.array([0.0 if kind == 0 else signal.by_type[kind - 1] for signal in seen.signals])
    chance = in_a_quarter(expit(seen.log_odds + world.signal * fading(world, quarter) * effect[:, None]))
    covered = seen.cover < np.array([signal.coverage for signal in seen.signals])[:, None]
    log = counts * np.log(chance) + (since[:, None] - counts) * np.log1p(-chance)
    return np.asarray((log * covered).sum(axis=0))


def _listed(score: Floats, capacity: int) -> Floats:
    """How much of each unit is on the list: 1 above the last score, what is left shared out among those that tie on it."""
    last = np.sort(score)[::-1][min(capacity, len(score)) - 1]
    above, tied = score > last, score == last
    return np.asarray(above + tied * (min(capacity, len(score)) - above.sum()) / tied.sum())


def _rates(rows: pd.DataFrame) -> dict[str, float]:
    listed: Flags = rows["listed"].to_numpy(dtype=bool)
    positive: Flags = rows["positive"].to_numpy(dtype=bool)
    return {
        "n": float(len(rows)),
        "base_rate": float(positive.mean()),
        "tpr": _share(listed[positive]),
        "fpr": _share(listed[~positive]),
        "ppv": _share(positive[listed]),
    }


def _share(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
