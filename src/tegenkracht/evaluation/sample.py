"""The test rows as every measure needs them: what all models share once, and one column of scores for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tegenkracht.core.clusters import cluster_names
from tegenkracht.core.drawing import ClusterBy, Lists
from tegenkracht.core.panel import Panel
from tegenkracht.core.scores import Scores
from tegenkracht.evaluation.bootstrap import concatenated
from tegenkracht.evaluation.suppression import too_small

UNKNOWN = "unknown"
"""The group of rows that have no value for an attribute: they are counted, not dropped."""


@dataclass(frozen=True, eq=False)
class Grouping:
    """One audit attribute: the values that occur, sorted, which of them each row has, and the number of each row's unit.

    Equal to itself alone, for rows are not compared one by one.
    """

    attribute: str
    values: tuple[str, ...]
    of_row: NDArray[np.int32]
    unit: NDArray[np.integer]

    def name(self, value: int) -> str:
        """The group as estimates name it: `attribute=value`."""
        return f"{self.attribute}={self.values[value]}"

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Rows per value."""
        return np.bincount(self.of_row, minlength=len(self.values))

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Units per value: one that is scored on many dates counts once."""
        units = int(self.unit.max(initial=0)) + 1
        pairs = np.sort(self.of_row.astype(np.int64) * units + self.unit)
        once = np.diff(pairs, prepend=-1) > 0
        return np.bincount(pairs[once] // units, minlength=len(self.values))

    def only(self, rows: NDArray[np.int64]) -> Grouping:
        """The same of some rows."""
        return Grouping(self.attribute, self.values, self.of_row[rows], self.unit[rows])

    def withheld(self, *, minimum: int) -> NDArray[np.bool_]:
        """Groups of fewer units than the minimum, and one from which the only such group could be worked out."""
        return too_small(self.places, minimum=minimum)


@dataclass(frozen=True, eq=False)
class Sample:
    """Test rows, sorted as in `Scores`, with what is needed to count them; equal to itself alone, so that what is made from it can be kept.

    Parameters
    ----------
    rows
        One row per test row: the columns of `Scores` that do not depend on the model, and its context.
    scores
        Per model one score a row.
    visited, finding
        1 where the outcome is observed; 1 where it is observed and positive.
    cluster, clusters
        What the bootstrap draws, as a number per row, and how many there are.
    folds, fold
        Names, and which of them a row is in.
    lists, list_fold
        On which list a row competes (one for each as-of date, or one for each fold), and the fold of each list.
    groupings
        One for each audit attribute.
    """

    rows: pd.DataFrame
    scores: Mapping[str, NDArray[np.float64]]
    visited: NDArray[np.uint8]
    finding: NDArray[np.uint8]
    cluster: NDArray[np.int32]
    clusters: int
    folds: tuple[str, ...]
    fold: NDArray[np.int64]
    lists: NDArray[np.int64]
    list_fold: NDArray[np.int64]
    groupings: tuple[Grouping, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """Names in study order."""
        return tuple(self.scores)

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the folds, and `all` for everything together."""
        return (*self.folds, "all")

    def only(self, *models: str) -> Sample:
        """The same rows with the scores of these models alone."""
        return replace(self, scores={model: self.scores[model] for model in models})

    def row_of(self, lines: pd.DataFrame) -> NDArray[np.int64]:
        """Which row each line of a table is about, by its `row_id`; -1 where it is none of these."""
        return _looked_up(lines["row_id"], self.rows["row_id"])

    @cached_property
    def unit(self) -> NDArray[np.int64]:
        """Number of each row's unit."""
        return np.asarray(pd.factorize(self.rows["unit_id"])[0], np.int64)

    @cached_property
    def list_slices(self) -> list[NDArray[np.int64]]:
        """Positions of the rows that compete for each list."""
        return [np.flatnonzero(self.lists == s) for s in range(self.list_fold.size)]

    @cached_property
    def group_count(self) -> int:
        """Number of audit groups, over all attributes."""
        return sum(len(grouping.values) for grouping in self.groupings)

    @cached_property
    def group_of_row(self) -> NDArray[np.int32]:
        """Number of each row's group (attribute, row), counted through over all attributes."""
        offsets = np.cumsum([0, *(len(grouping.values) for grouping in self.groupings)])
        numbers = [grouping.of_row + offset for grouping, offset in zip(self.groupings, offsets[:-1], strict=True)]
        return np.array(numbers, np.int32).reshape(len(numbers), len(self.rows))

    @cached_property
    def observed_slices(self) -> list[NDArray[np.int64]]:
        """Positions of the rows with an outcome, per split."""
        seen = np.flatnonzero(self.visited)
        return [seen[self.fold[seen] == f] for f in range(len(self.folds))] + [seen]


@lru_cache(maxsize=2)
def places_in(panel: Panel, sample: Sample) -> NDArray[np.int64]:
    """Where each row of the sample stands in the panel that it comes from; the last two are kept.

    Raises
    ------
    ValueError
        When a row is not in the panel.
    """
    places = _looked_up(sample.rows["row_id"], panel.rows["row_id"])
    if (places < 0).any():
        raise ValueError(f"{int((places < 0).sum()):,} test rows are not in the panel.")
    return places


@lru_cache(maxsize=2)
def sample_of(scores: Scores, *, lists: Lists, cluster_by: ClusterBy) -> Sample:
    """The test rows of a study; every stage asks for those of one table, so that the last two are kept.

    Raises
    ------
    ValueError
        When models were not scored on the same rows, or a score is not a finite number: then no comparison holds.
    """
    sample = _in_units(scores, lists)
    if cluster_by == "unit_id":
        return sample
    cluster = pd.factorize(cluster_names(sample.rows, cluster_by), sort=True)[0]
    return replace(sample, cluster=cluster.astype(np.int32), clusters=int(cluster.max()) + 1)


@lru_cache(maxsize=1)
def _in_units(scores: Scores, lists: Lists) -> Sample:
    """The test rows, of which units are drawn."""
    rows, given = scores.of(scores.models[0]), {}
    codes, models = pd.factorize(scores.rows["model"])
    compared = scores.rows[["row_id", "fold", "score"]]
    for model in scores.models:
        own = _lines(compared, np.flatnonzero(codes == models.get_loc(model)))
        if not (own["row_id"].equals(rows["row_id"]) and own["fold"].equals(rows["fold"])):
            raise ValueError(f"Model `{model}` was not scored on the same test rows as `{scores.models[0]}`.")
        given[model] = own["score"].to_numpy(np.float64)
        if not np.isfinite(given[model]).all():
            raise ValueError(f"Model `{model}` gave a score that is not a finite number.")
    fold, folds = pd.factorize(rows["fold"])
    of_list, list_fold = _lists(rows, fold, lists)
    cluster = pd.factorize(cluster_names(rows, "unit_id"), sort=True)[0]
    return Sample(
        rows=rows.drop(columns=["model", "score", "rank"]),
        scores=given,
        visited=rows["observed"].to_numpy(np.uint8),
        finding=np.array(rows["observed"] & (rows["outcome"] == 1), np.uint8),
        cluster=cluster.astype(np.int32),
        clusters=int(cluster.max()) + 1,
        folds=tuple(folds),
        fold=fold.astype(np.int64),
        lists=of_list,
        list_fold=list_fold,
        groupings=tuple(grouping_of(rows, attribute, cluster) for attribute in scores.audit),
    )


def _lines(table: pd.DataFrame, lines: NDArray[np.int64]) -> pd.DataFrame:
    """Some lines of a table, numbered anew; without a copy where they stand together."""
    together = lines.size > 0 and lines[-1] - lines[0] + 1 == lines.size
    return (table.iloc[lines[0] : lines[-1] + 1] if together else table.take(lines)).reset_index(drop=True)


def _looked_up(asked: pd.Series, among: pd.Series) -> NDArray[np.int64]:
    """Where each value stands among others; -1 where it does not."""
    found = pc.index_in(pa.array(asked), value_set=pa.array(among))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def grouping_of(rows: pd.DataFrame, attribute: str, unit: NDArray[np.integer]) -> Grouping:
    """Which value of an attribute each row has, of units with these numbers; rows without one form a group of their own."""
    codes, found = pd.factorize(rows[attribute])
    named = [*found, UNKNOWN] if (codes < 0).any() else [*found]  # -1, a row without a value, is the last of them
    place, values = pd.factorize(np.array(named, dtype=object), sort=True)
    return Grouping(attribute, tuple(str(value) for value in values), place[codes].astype(np.int32), unit)


def _lists(rows: pd.DataFrame, fold: NDArray[np.int64], lists: Lists) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys = pd.DataFrame({"fold": fold, "as_of": rows["as_of"] if lists == "per_as_of" else pd.Timestamp(0)})
    of_list = np.asarray(keys.groupby(["fold", "as_of"]).ngroup(), np.int64)
    return of_list, np.asarray(keys.groupby(of_list)["fold"].first(), np.int64)


def by_score(
    scores: NDArray[np.float64], slices: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Rows by slice and then by score, high first; where each slice starts; and which rows begin a block of equal scores."""
    rows, starts = concatenated([part[np.argsort(-scores[part], kind="stable")] for part in slices])
    new_score = np.ones(rows.size, np.uint8)
    new_score[1:] = np.diff(scores[rows]) != 0
    new_score[starts[:-1][starts[:-1] < rows.size]] = 1
    return rows, starts, new_score
