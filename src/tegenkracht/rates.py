"""What `tegenkracht data rates` tells: what visits found per sector or region of a dataset, alone and leaning on the others, before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tegenkracht.core.conditions import value_of
from tegenkracht.core.errors import wrong
from tegenkracht.core.estimate import Estimate
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.evaluation.answers import Answers, answers_of
from tegenkracht.evaluation.estimates import About, rounded
from tegenkracht.evaluation.pooled import FIGURES, Groups, pooled_estimates
from tegenkracht.evaluation.sample import UNKNOWN

METRIC = FIGURES[0]
MINIMUM, SEED = 10, 1
"""Groups with fewer visits are not shown on a card either; and the seed of posterior draws, so that the same tables give the same lines."""


@dataclass(frozen=True)
class Rates:
    """Estimates of one dataset, as lines for a terminal or as plain data.

    Parameters
    ----------
    head
        What they are estimates of.
    names
        Groups in order of visits, most first.
    units
        Per group how many places it has and to how many somebody went.
    estimates
        As `evaluation.pooled.pooled_estimates` gives them.
    """

    head: str
    names: Sequence[str]
    units: dict[str, tuple[int, int]]
    estimates: tuple[Estimate, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"about": self.head, "estimates": [estimate.as_dict() for estimate in self.estimates]}

    def __str__(self) -> str:
        heads = ("", "places", "visited", "visits", "alone", "pooled", "leans", "foretold by the others")
        lines = [heads, *(self._line(name) for name in self.names), *self._in_common()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        told = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join([self.head, *(f"  {line.rstrip()}" for line in told), *_MEANING])

    def _line(self, name: str) -> tuple[str, ...]:
        by = {e.metric: e for e in self.estimates if e.group == name}
        places, visited = self.units[name]
        own = by.get(METRIC)
        head = (value_of(name), f"{places:,}", f"{visited:,}")
        if own is None or own.value is None:
            return (*head, "", "too few visits to show" if own is not None else "no visits", "", "", "")
        pooled, leaning, foretold = (by.get(f"{METRIC}_{part}") for part in ("pooled", "leaning", "foretold"))
        return (*head, f"{own.n:,}", _share(own), _share(pooled), _leaning(leaning), _share(foretold))

    def _in_common(self) -> Iterator[tuple[str, ...]]:
        for part, called in (
            ("common", "the average group"),
            ("new", "a group never seen"),
            ("spread", "spread between groups"),
        ):
            for e in self.estimates:
                if e.metric == f"{METRIC}_{part}":
                    yield (called, "", "", f"{e.n:,}", "", "one group only" if e.value is None else _share(e), "", "")


_MEANING = (
    "  Visits of a hundred that found something, with intervals of 95 in a hundred. `leans`: 0 looks at itself only, 1 at the others only.",
    "  This is about places where somebody went; why they went there may differ from group to group.",
)


def _share(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None or estimate.low is None or estimate.high is None:
        return "-"
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def _leaning(estimate: Estimate | None) -> str:
    return "-" if estimate is None or estimate.value is None else f"{estimate.value:.2f}"


def rates(path: str | Path, *, by: str, prefix: int | None, sector: str | None, minimum: int, seed: int) -> Rates:
    """What visits found per sector or region of a dataset.

    Parameters
    ----------
    by
        `sector` or `region`; a region is the first `prefix` characters of an area's code (None: all of it).
    sector
        Only this one; None is all.
    minimum
        Groups with fewer visits are not shown.

    Raises
    ------
    InputError
        When the dataset is wrong, has no such sector, or nobody visited anything in it.
    """
    dataset = read_dataset(path)
    units = _units(dataset, by, prefix, sector)
    visits = dataset.tables["inspections"][["inspection_id", "unit_id", "finding"]].merge(units, on="unit_id")
    if visits.empty:
        raise wrong(str(path), "nobody visited any of these places.", "Name another sector, or leave --sector out.")
    codes, names = pd.factorize(units["group"], sort=True)
    visits = visits.assign(number=pd.Index(names).get_indexer(pd.Index(visits["group"])))
    answers = _answers(visits, len(names))
    groups = Groups([f"{by}={name}" for name in names], answers, minimum)
    told = pooled_estimates(groups, METRIC, About(), form="labelled", level=0.95, rng=np.random.default_rng(seed))
    seen = visits.groupby("number")["unit_id"].nunique().reindex(range(len(names)), fill_value=0)
    places = np.bincount(codes, minlength=len(names))
    order = np.argsort(-answers.count, kind="stable")
    return Rates(
        f"{path}: what visits found, by {by}" + (f", {sector}" if sector else ""),
        [groups.names[int(group)] for group in order],
        {groups.names[i]: (int(places[i]), int(seen[i])) for i in range(len(names))},
        tuple(rounded(estimate) for estimate in told),
    )


def _units(dataset: Dataset, by: str, prefix: int | None, sector: str | None) -> pd.DataFrame:
    """`unit_id, group, cluster`: the group that each unit lies in, and what it is alike with."""
    units = dataset.tables["units"]
    if sector is not None:
        known = sorted(units["sector"].unique())
        if sector not in known:
            raise wrong(
                "--sector", f"there is no `{sector}` in dataset {dataset.name}.", f"It has: {', '.join(known)}."
            )
        units = units[units["sector"] == sector]
    code = units["sector"] if by == "sector" else units["area_code"].str.slice(0, prefix)
    group = code.astype(object).where(code.notna(), UNKNOWN).astype(str)
    alike = (
        units["cluster_id"].astype(object).where(units["cluster_id"].notna(), "unit " + units["unit_id"].astype(str))
    )
    return pd.DataFrame({"unit_id": units["unit_id"], "group": group, "cluster": alike})


def _answers(visits: pd.DataFrame, groups: int) -> Answers:
    """Each visit once; visits of one strip are alike."""
    return answers_of(
        group=visits["number"].to_numpy(np.int64),
        groups=groups,
        cluster=pd.factorize(visits["cluster"])[0].astype(np.int64),
        once=pd.factorize(visits["inspection_id"])[0].astype(np.int64),
        yes=visits["finding"].to_numpy(np.float64),
        weight=np.ones(len(visits)),
    )
