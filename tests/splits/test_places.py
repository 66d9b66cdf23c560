"""Who is held out together, on a small ground of which every answer is known; and what cannot be made."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import InputError
from tegenkracht.core.panel import KEYS, OUTCOME, PROCESS, Panel
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.rolling import RollingSplit, Split

TIME = Time(first=date(2020, 1, 1), last=date(2022, 12, 1), step="1 month", horizon="6 months", label_delay="2 months")
UNITS = 12
LINKED = [("u00", "a"), ("u01", "a"), ("u01", "b"), ("u02", "b"), ("u03", "late"), ("u04", "late")]


def _panel(*, positive=lambda u, d: (u + d.month) % 2 == 0) -> Panel:
    """Twelve units on 36 months, four clusters of three, two sectors, three areas of four."""
    dates = pd.date_range("2020-01-01", "2022-12-01", freq="MS").as_unit("us")
    rows = pd.DataFrame([(d, u) for d in dates for u in range(UNITS)], columns=["as_of", "u"])
    rows = rows.assign(
        unit_id=[f"u{u:02d}" for u in rows["u"]],
        row_id=[f"u{u:02d}@{d:%Y-%m-%d}" for d, u in zip(rows["as_of"], rows["u"], strict=True)],
        outcome=[float(positive(u, d)) for d, u in zip(rows["as_of"], rows["u"], strict=True)],
        observed=True,
        outcome_known_on=rows["as_of"] + pd.DateOffset(months=8),
        known_until=rows["as_of"],
        cluster_id=[f"c{u // 3}" for u in rows["u"]],
        sector=["odd" if u % 2 else "even" for u in rows["u"]],
        area_code=[f"BU000{u // 4}0{u}" for u in rows["u"]],
    )
    rows = rows.assign(**{name: "k" for name in (*KEYS, *OUTCOME, *PROCESS) if name not in rows})
    return Panel(rows=rows, features=(), audit=(), scheduled=False, identity="0")


def _tables(*, missing=0, scale=1000.0, linked=LINKED):
    """Units on a line, one each `scale` metres; the link to `late` becomes known after the first fit."""
    x = np.arange(UNITS) * scale + 10
    x[:missing] = np.nan
    units = pd.DataFrame({"unit_id": [f"u{u:02d}" for u in range(UNITS)], "x": x, "y": np.full(UNITS, 10.0)})
    links = pd.DataFrame(linked, columns=["unit_id", "party_id"]).assign(role="address")
    links["known_on"] = pd.Timestamp("2020-01-01")
    links.loc[links["party_id"] == "late", "known_on"] = pd.Timestamp("2022-01-01")
    return {"units": units, "links": links}


def _split(**place) -> Split:
    plain = {"kind": "rolling", "first_test": "2021-07-01", "every": "12 months", "place": place}
    return TypeAdapter(Split).validate_python(plain)


def _folds(panel=None, tables=None, **place):
    return make_folds(panel or _panel(), tables=tables or _tables(), split=_split(**place), time=TIME)


def _tested(panel, fold):
    return set(panel.rows.iloc[fold.test]["unit_id"])


@pytest.mark.parametrize(
    "place",
    [
        {"kind": "unit", "folds": 4, "seed": 1},
        {"kind": "cluster", "folds": 4, "seed": 1},
        {"kind": "component", "folds": 3, "seed": 1},
        {"kind": "blocks", "size": 3000, "folds": 4, "seed": 1},
        {"kind": "leave_one_out", "by": "sector", "at_least": 1},
        {"kind": "leave_one_out", "by": "area_code", "prefix": 6, "at_least": 1},
        {"kind": "knndm", "folds": 2, "predict": "all", "largest": 0.7, "seed": 1},
    ],
)
def test_time_and_place_hold_together(place):
    """Every test row is tested once; training is settled and knows no unit of the place, and nothing else is left out."""
    panel = _panel()
    folds = _folds(panel, **place)
    tested = np.concatenate([fold.test for fold in folds])
    assert len(np.unique(tested)) == len(tested) == (panel.rows["as_of"] >= "2021-07-01").sum()
    for fold in folds:
        train = panel.rows.iloc[fold.train]
        assert train["outcome_known_on"].max() <= fold.split_on
        settled = panel.rows[panel.rows["outcome_known_on"] <= fold.split_on]
        assert set(train["row_id"]) == set(settled.loc[~settled["unit_id"].isin(_tested(panel, fold)), "row_id"])


def test_clusters_and_blocks_stay_whole():
    """Blocks of 3 km hold three units, just as the clusters do."""
    panel = _panel()
    whole = {frozenset(f"u{u:02d}" for u in range(first, first + 3)) for first in range(0, 12, 3)}
    for place in ({"kind": "cluster", "folds": 4, "seed": 1}, {"kind": "blocks", "size": 3000, "folds": 4, "seed": 1}):
        assert {frozenset(_tested(panel, fold)) for fold in _folds(panel, **place)} == whole


def test_a_component_is_tied_by_links_known_on_the_day_of_the_fit():
    """Units 0, 1 and 2 hang together through two addresses from the start; 3 and 4 share one that is known from 2022 only."""
    panel = _panel()
    folds = _folds(panel, kind="component", folds=6, seed=3)
    where = {
        (fold.split_on.year, unit): fold.place
        for fold in folds
        for unit in ("u00", "u01", "u02", "u03", "u04")
        if unit in _tested(panel, fold)
    }
    for year in (2021, 2022):
        assert where[year, "u00"] == where[year, "u01"] == where[year, "u02"]
    assert where[2022, "u03"] == where[2022, "u04"]
    assert where[2021, "u03"] != where[2021, "u04"]


def test_regions_and_small_places():
    """Areas by how their code begins; places under `at_least` units are one place, `other`."""
    regions = {"north": ("BU0000",), "south": ("BU0001", "BU0002")}
    folds = _folds(kind="leave_one_out", by="area_code", regions=regions, at_least=1)
    assert {fold.place for fold in folds} == {"north", "south"}
    assert {len(_tested(_panel(), fold)) for fold in folds} == {4, 8}
    folds = _folds(kind="leave_one_out", by="area_code", regions=regions, at_least=5)
    assert {fold.place for fold in folds} == {"south", "other"}


def test_an_embargo_moves_the_end_of_training():
    """A month of embargo takes one as-of date away from the end."""
    panel = _panel()
    split = RollingSplit(kind="rolling", first_test=date(2021, 7, 1), every="12 months", embargo="1 month")
    first, *_ = make_folds(panel, tables={}, split=split, time=TIME)
    assert panel.rows.iloc[first.train]["as_of"].max() == pd.Timestamp("2020-10-01")


def test_a_split_in_time_only_is_recorded_as_before():
    """No key that was not there: digests of earlier studies stay what they were."""
    split = RollingSplit(kind="rolling", first_test=date(2021, 7, 1), every="12 months")
    assert split.model_dump(mode="json") == {"kind": "rolling", "first_test": "2021-07-01", "every": "12 months"}


def test_units_without_coordinates_can_be_left_out():
    """They are in no training and in no test."""
    panel = _panel()
    place = {"kind": "blocks", "size": 1000, "folds": 3, "seed": 1, "without_coordinates": "left_out"}
    for fold in _folds(panel, _tables(missing=2), **place):
        used = set(panel.rows.iloc[np.concatenate([fold.train, fold.test])]["unit_id"])
        assert not used & {"u00", "u01"}


BLOCKS = {"kind": "blocks", "size": 3000, "folds": 4, "seed": 1}


@pytest.mark.parametrize(
    ("place", "given", "message"),
    [
        (BLOCKS, {"tables": _tables(missing=2)}, "split.place: 2 of 12 units have no coordinates, such as u00, u01."),
        (BLOCKS, {"tables": _tables(missing=12)}, "Fill in x and y, take `cluster` instead."),
        (BLOCKS, {"tables": _tables(scale=1.0)}, "split.place: the coordinates look like degrees"),
        (
            BLOCKS | {"size": 50_000},
            {},
            "split.place.folds: there are 1 groups of kind block, fewer than 4 folds. Take fewer folds, or smaller groups.",
        ),
        (
            {"kind": "component", "folds": 3, "seed": 1},
            {"tables": {"units": _tables()["units"]}},
            "split.place.kind: this dataset has no table `links`.",
        ),
        (
            {"kind": "component", "folds": 3, "seed": 1, "roles": ["aunt"]},
            {},
            "split.place.roles: no link has role `aunt`. Roles are: address.",
        ),
        (
            {"kind": "component", "folds": 3, "seed": 1},
            {"tables": _tables(linked=[(f"u{u:02d}", "a") for u in range(9)])},
            "split.place.roles: one component holds 75 of 100 units",
        ),
        (
            {"kind": "leave_one_out", "by": "sector", "at_least": 7},
            {},
            "split.place: there are 1 places with at least 7 units by this rule",
        ),
        (
            {"kind": "leave_one_out", "by": "area_code", "regions": {"moon": ["XX"]}, "at_least": 1},
            {},
            "split.place.regions.moon: no unit lies in an area whose code begins with XX.",
        ),
        (
            {"kind": "knndm", "folds": 2, "predict": "unseen", "largest": 0.7, "seed": 1},
            {},
            "split.place: every tested unit was learnt from, so there is no unseen place to match. Write `predict: all`.",
        ),
        (
            {"kind": "leave_one_out", "by": "sector", "at_least": 1},
            {"panel": _panel(positive=lambda u, d: u % 2 == 0 and d.month % 2 == 0)},
            "split, fold 2021-07-01_even: none of the 66 training rows is positive.",
        ),
        (
            {"kind": "leave_one_out", "by": "sector", "at_least": 1},
            {"panel": _panel(positive=lambda u, d: u % 2 == 0 and d.month % 2 == 0)},
            "split.place, odd: none of the 108 test rows with an outcome is positive. Raise `at_least`",
        ),
    ],
)
def test_a_place_that_cannot_be_held_out_says_why(place, given, message):
    """What is wrong, where, and the way out."""
    with pytest.raises(InputError, match=re.escape(message)):
        _folds(**given, **place)
