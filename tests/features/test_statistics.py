"""Trend, share, distinct values, change of an area, legal forms, and what takes the place of missing values; by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world
from tegenkracht.features import Recipe, build
from tegenkracht.features.column import columns_of
from tegenkracht.features.reference import aggregate_plainly
from tegenkracht.features.windowed import windowed_columns

READ = TypeAdapter(tuple[Recipe, ...])
NOW = pd.Timestamp("2022-01-01")


@pytest.fixture(scope="module")
def dataset(make_dataset):
    """Unit a with four takeovers and one other event in 2021, b with nothing; an area with two yearly figures."""
    days = ["2021-02-01", "2021-08-01", "2021-09-01", "2021-10-01"]
    return make_dataset(
        units=[
            {"unit_id": "a", "area_code": "x", "legal_form": "bv"},
            {"unit_id": "b", "area_code": "y"},
        ],
        events=[
            *(
                {"unit_id": "a", "kind": "takeover", "occurred_on": day, "known_on": day, "value": value}
                for day, value in zip(days, (1.0, 2.0, 2.0, 3.0), strict=True)
            ),
            {"unit_id": "a", "kind": "late", "occurred_on": "2021-05-01", "known_on": "2021-05-01", "value": 9.0},
        ],
        areas=[
            {
                "area_code": "x",
                "measure": "vacancy",
                "period_end": "2019-12-31",
                "known_on": "2020-06-01",
                "value": 0.10,
            },
            {
                "area_code": "x",
                "measure": "vacancy",
                "period_end": "2020-12-31",
                "known_on": "2021-06-01",
                "value": 0.16,
            },
        ],
    )


def made(dataset, *recipes) -> tuple[pd.DataFrame, tuple]:
    """The columns of a and b on 1 January 2022."""
    rows = pd.DataFrame(
        {
            "row_id": ["a", "b"],
            "unit_id": ["a", "b"],
            "as_of": NOW,
            "known_until": NOW,
            "cluster_id": pd.array([None, None], dtype="str"),
            "area_code": ["x", "y"],
            "inspection_id": pd.array([None, None], dtype="str"),
        }
    )
    return build(dataset, rows, READ.validate_python(recipes), threads=1)


def test_a_trend_is_the_newer_half_minus_the_older(dataset) -> None:
    """In 12 months: three takeovers since July, one before."""
    table, features = made(
        dataset, {"from": "events", "kind": "takeover", "statistics": ["trend"], "windows": ["12 months"]}
    )
    assert table["takeover_trend_12m"].tolist() == [2.0, 0.0]
    assert features[0].direction == "±"


def test_a_share_is_of_all_events_of_the_unit(dataset) -> None:
    """Four takeovers among five events; nothing of nothing is missing."""
    table, _ = made(dataset, {"from": "events", "kind": "takeover", "statistics": ["share"], "windows": ["all"]})
    assert table["takeover_share"].iloc[0] == pytest.approx(0.8)
    assert np.isnan(table["takeover_share"].iloc[1])


def test_distinct_values_are_counted_once(dataset) -> None:
    """1, 2, 2 and 3 are three values; nobody's are none."""
    table, _ = made(dataset, {"from": "events", "kind": "takeover", "statistics": ["distinct"], "windows": ["all"]})
    assert table["takeover_distinct"].tolist() == [3.0, 0.0]


def test_a_change_compares_with_what_was_known_then(dataset) -> None:
    """0.16 now, 0.10 was known a year earlier; an area without figures has none."""
    table, _ = made(
        dataset, {"from": "areas", "measure": "vacancy", "statistics": ["latest", "change"], "over": "12 months"}
    )
    assert table["area_vacancy_latest"].iloc[0] == 0.16
    assert table["area_vacancy_change_12m"].iloc[0] == pytest.approx(0.06)
    assert np.isnan(table["area_vacancy_change_12m"].iloc[1])


def test_legal_forms_are_yes_no_or_not_known(dataset) -> None:
    """A is a bv and no foundation; b is not known."""
    table, features = made(dataset, {"from": "units", "statistics": ["legal_form"], "forms": ["bv", "stichting"]})
    assert table.iloc[0].tolist() == [1.0, 0.0]
    assert table.iloc[1].isna().all()
    assert features[0].label.nl == "Rechtsvorm: bv"


def test_missing_values_can_be_filled_and_flagged(dataset) -> None:
    """Days since the last takeover of b: 9999 with a flag."""
    table, features = made(
        dataset,
        {
            **{"from": "events", "kind": "takeover", "statistics": ["days_since_last"], "windows": ["all"]},
            **{"fill": 9999, "flag_missing": True},
        },
    )
    assert table["takeover_days_since_last"].tolist() == [92.0, 9999.0]
    assert table["takeover_days_since_last_missing"].tolist() == [0.0, 1.0]
    assert features[1].label.en.startswith("Not known: ")


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            {"from": "events", "kind": "t", "statistics": ["trend"], "windows": ["all"]},
            "compares two halves of a window",
        ),
        ({"from": "units", "statistics": ["legal_form"]}, "`forms` names the legal forms"),
        (
            {"from": "units", "statistics": ["legal_form"], "forms": ["eenmanszaak"]},
            "is one person's business; that is no feature",
        ),
        ({"from": "areas", "measure": "v", "statistics": ["change"]}, "`over` says since when"),
        (
            {"from": "events", "kind": "t", "statistics": ["share"], "windows": ["all"], "scope": "area"},
            "is of one unit",
        ),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(recipe, message: str) -> None:
    """What is missing, what does not fit, and what tells of a person."""
    with pytest.raises(ValidationError, match=message):
        READ.validate_python([recipe])


def test_the_fast_road_and_the_plain_one_agree_on_a_made_up_world(tmp_path) -> None:
    """Every event kind of a small strip world, four windows, all that both roads know, on eight dates; cell by cell."""
    made_at = tmp_path / "w"
    make_world(
        read_world("selected"), scale=0.02, seed=3, sectors=["shopping_strip"], to=made_at, force=False, progress=silent
    )
    world = read_dataset(made_at)
    units = world.tables["units"]["unit_id"]
    dates = pd.date_range("2018-01-01", periods=8, freq="182D")
    rows = pd.concat([pd.DataFrame({"unit_id": units, "known_until": date}) for date in dates], ignore_index=True)
    kinds = sorted(world.tables["events"]["kind"].unique())
    statistics = ["count", "sum", "mean", "min", "max", "last", "days_since_last"]
    windows = ["90 days", "6 months", "24 months", "all"]
    recipes = READ.validate_python(
        [{"from": "events", "kind": kind, "statistics": statistics, "windows": windows} for kind in kinds]
    )
    fast = dict(windowed_columns(world, rows, columns_of(recipes), threads=2))
    for recipe in recipes:
        events = world.tables["events"]
        facts = events.loc[events["kind"] == recipe.kind, ["unit_id", "occurred_on", "known_on", "value"]]
        columns = columns_of([recipe])
        plain = aggregate_plainly(facts, rows, [(c.statistic, c.window) for c in columns], "unit_id", 2)
        for i, column in enumerate(columns):
            np.testing.assert_allclose(fast[column.name], plain[:, i], rtol=1e-9, atol=1e-12, err_msg=column.name)
