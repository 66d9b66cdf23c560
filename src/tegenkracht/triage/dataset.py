"""The matrices of an experiment as a dataset of ours: units, the features as they came, and the visits that the labels imply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.purpose import UnitKind
from tegenkracht.data.dictionary import Description
from tegenkracht.data.persons import names_a_person
from tegenkracht.data.unknown import no_dates, no_texts
from tegenkracht.triage.described import LISTED, described
from tegenkracht.triage.matrix import Matrix
from tegenkracht.triage.visits import visits_of

_LONGEST = 60


@dataclass(frozen=True)
class Brought:
    """A dataset made of matrices, and what was counted on the way.

    Parameters
    ----------
    columns
        Our name of each feature by triage's.
    left_out
        Features that describe people, by their name or the table that they are made from.
    gaps
        Pairs of unit and date between a unit's first and last matrix in which it is in none.
    filled
        Labels of training matrices that were not taken over, because triage may have filled them in where nobody looked.
    differing
        Cells that have different values in two matrices; the first test matrix decides.
    scores
        Columns that are scores of triage's models, and the class of each.
    """

    tables: dict[str, pd.DataFrame]
    description: Description
    columns: Mapping[str, str]
    left_out: tuple[str, ...]
    gaps: int
    filled: int
    differing: int
    scores: Mapping[str, str] = field(default_factory=dict)


def dataset_of_matrices(
    matrices: Sequence[Matrix], *, name: str, kind: UnitKind, filled_in: bool, people: Sequence[str]
) -> Brought:
    """Tables in contract form.

    Parameters
    ----------
    kind
        What one entity is; triage does not say.
    filled_in
        Whether triage filled in missing labels of training matrices (`include_missing_labels_in_train_as`); such labels are no observations.
    people
        Beginnings of the names of features that are made from a table of people; these are left out.

    Raises
    ------
    InputError
        When the matrices are about different labels, or labels of one unit contradict each other.
    """
    _require_one_label(matrices)
    ordered = sorted(matrices, key=lambda matrix: (matrix.metadata.kind == "train", matrix.name))
    features = list(dict.fromkeys(feature for matrix in ordered for feature in matrix.metadata.features))
    columns = column_names(
        [feature for feature in features if not (names_a_person(feature) or feature.startswith(tuple(people)))]
    )
    given, differing = _given(ordered, columns)
    labels, filled = _labels(ordered, filled_in=filled_in)
    visits = visits_of(labels)
    if not visits.contradicted.empty:
        raise InputError([_contradiction(visits.contradicted)])
    units, gaps = _units(given, kind)
    tables = {
        "units": units,
        "events": _events(given),
        "inspections": _inspections(visits.table),
        "given": given.assign(known_on=no_dates(len(given)), inspection_id=no_texts(len(given))),
    }
    left_out = tuple(feature for feature in features if feature not in columns)
    description = described(name, tables["given"]["as_of"], columns, kind, until=labels["until"].max())
    return Brought(tables, description, columns, left_out, gaps, filled, differing)


def column_names(features: Sequence[str]) -> dict[str, str]:
    """Names that the contract accepts, each different, by triage's own.

    Examples
    --------
    >>> column_names(["a_entity_id_1y_x_max", "a_entity_id_1y_X_max", "2_%"])
    {'a_entity_id_1y_x_max': 'a_entity_id_1y_x_max', 'a_entity_id_1y_X_max': 'a_entity_id_1y_x_max_2', '2_%': 'f_2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for feature in features:
        plain = re.sub(r"[^a-z0-9]+", "_", feature.lower()).strip("_")
        plain = (plain if plain[:1].isalpha() else f"f_{plain}")[:_LONGEST]
        name, number = plain, 1
        while name in taken or name == LISTED:
            number += 1
            name = f"{plain[: _LONGEST - 4]}_{number}"
        taken.add(name)
        names[feature] = name
    return names


def _require_one_label(matrices: Sequence[Matrix]) -> None:
    for what, values in (
        ("labels", {matrix.metadata.label_name for matrix in matrices}),
        ("cohorts", {matrix.metadata.cohort_name for matrix in matrices}),
    ):
        if len(values) > 1:
            told = ", ".join(f"`{value[:40]}`" for value in sorted(values))
            raise wrong("matrices", f"they are about different {what}: {told}.", "Bring one experiment at a time.")


def _given(matrices: Sequence[Matrix], columns: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """One row per unit and date with every feature; and how many cells differ between matrices."""
    parts = [matrix.rows.drop(columns="label").rename(columns=columns) for matrix in matrices]
    kept = ["unit_id", "as_of", *columns.values()]
    rows = pd.concat([part[[name for name in kept if name in part]] for part in parts], ignore_index=True)
    keys = rows.groupby(["unit_id", "as_of"], sort=True)
    first = keys.first()
    repeated = rows[rows.duplicated(["unit_id", "as_of"], keep=False)].groupby(["unit_id", "as_of"])
    differing = int((repeated.max() != repeated.min()).to_numpy().sum() - repeated.max().isna().to_numpy().sum())
    return first.reset_index().reindex(columns=kept), differing


def _labels(matrices: Sequence[Matrix], *, filled_in: bool) -> tuple[pd.DataFrame, int]:
    """Each different unit, date and window once; an empty label in one matrix outweighs a filled-in one in another."""
    parts, filled = [], 0
    for matrix in matrices:
        rows = matrix.rows[["unit_id", "as_of", "label"]]
        rows = rows.assign(until=(rows["as_of"] + matrix.metadata.span.offset).astype("datetime64[us]"))
        if filled_in and matrix.metadata.kind == "train":
            filled += int(rows["label"].notna().sum())
            continue
        parts.append(rows)
    if not parts:
        way_out = "Bring the test matrices too: their labels are empty where nobody looked."
        raise wrong("matrices", "all labels are of training matrices, where missing ones were filled in.", way_out)
    rows = pd.concat(parts, ignore_index=True)
    unseen = rows["label"].isna().groupby([rows["unit_id"], rows["as_of"], rows["until"]]).transform("any")
    rows["label"] = rows["label"].where(~unseen)
    return rows.drop_duplicates().reset_index(drop=True), filled


def _contradiction(rows: pd.DataFrame) -> Problem:
    first = rows.iloc[0]
    what = (
        f"{len(rows):,} labels contradict others of the same entity: that of {first['unit_id']} on {first['as_of']:%Y-%m-%d} "
        f"says {'a finding' if first['label'] == 1 else 'a visit without finding'} until {first['until']:%Y-%m-%d}, another label rules it out."
    )
    return Problem(
        "matrices", what, "The matrices were made from different data, or labels overlap; bring those of one run."
    )


def _units(given: pd.DataFrame, kind: UnitKind) -> tuple[pd.DataFrame, int]:
    """Every entity, open from its first date to the first later one on which no matrix has it; and the dates missed in between."""
    dates = np.sort(given["as_of"].unique())
    spans = given.groupby("unit_id")["as_of"].agg(["min", "max", "count"]).reset_index()
    begin, end = np.searchsorted(dates, spans["min"]), np.searchsorted(dates, spans["max"])
    following = np.append(dates, np.datetime64("NaT", "us"))[end + 1]
    rows = len(spans)
    units = pd.DataFrame(
        {
            "unit_id": spans["unit_id"],
            "sector": "triage",
            "kind": kind,
            "area_code": "unknown",
            "x": np.full(rows, np.nan),
            "y": np.full(rows, np.nan),
            "opened_on": spans["min"],
            "closed_on": pd.Series(following, dtype="datetime64[us]"),
            "legal_form": no_texts(rows),
            "cluster_id": no_texts(rows),
        }
    )
    return units, int((end - begin + 1 - spans["count"]).sum())


def _events(given: pd.DataFrame) -> pd.DataFrame:
    days = given["as_of"]
    return pd.DataFrame(
        {"unit_id": given["unit_id"], "kind": LISTED, "occurred_on": days, "known_on": days, "value": np.nan}
    )


def _inspections(visits: pd.DataFrame) -> pd.DataFrame:
    rows = len(visits)
    return pd.DataFrame(
        {
            "inspection_id": visits["unit_id"] + "@" + visits["inspected_on"].dt.strftime("%Y-%m-%d"),
            "unit_id": visits["unit_id"],
            "inspected_on": visits["inspected_on"],
            "known_on": visits["inspected_on"],
            "channel": "unknown",
            "inspector": no_texts(rows),
            "finding": visits["finding"],
            "severity": np.full(rows, np.nan),
            "propensity": np.full(rows, np.nan),
        }
    )
