"""Columns hold what was known then, cell by cell, against a loop that anyone can follow."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tegenkracht.core.cohort import Time
from tegenkracht.core.text import Text
from tegenkracht.features import Recipe, build
from tegenkracht.features.check import check_recipes

UNITS = pd.DataFrame(
    {
        "unit_id": ["a", "b", "c"],
        "cluster_id": pd.array(["k", "k", None], dtype="str"),
        "area_code": ["x", "x", "y"],
        "opened_on": pd.to_datetime(["2020-01-01", None, "2021-06-01"]),
    }
)
START = pd.Timestamp("2021-01-01")
RECIPES = TypeAdapter(tuple[Recipe, ...]).validate_python(
    [
        {
            "from": "events",
            "kind": "takeover",
            "statistics": ["count", "sum", "mean", "min", "max", "last", "days_since_last"],
            "windows": ["90 days", "12 months", "all"],
        },
        {
            "from": "events",
            "kind": "takeover",
            "statistics": ["count", "sum", "mean"],
            "windows": ["90 days"],
            "scope": "cluster",
        },
        {"from": "events", "kind": "takeover", "statistics": ["count"], "windows": ["all"], "scope": "area"},
        {
            "from": "inspections",
            "statistics": ["count", "finding_count", "finding_share", "previous_finding", "days_since_last"],
            "windows": ["all"],
        },
    ]
)


@pytest.fixture(scope="module")
def small(make_dataset):
    """Three units with these events and visits, and other tables as records."""

    def make(events=(), visits=(), **tables):
        return make_dataset(
            units=UNITS.assign(opened_on=UNITS["opened_on"]).to_dict("records"),
            events=[dict(zip(("unit_id", "kind", "occurred_on", "known_on", "value"), e, strict=True)) for e in events],
            inspections=[
                dict(zip(("inspection_id", "unit_id", "inspected_on", "known_on", "finding"), v, strict=True))
                for v in visits
            ],
            **tables,
        )

    return make


def _rows(days=(200, 500)) -> pd.DataFrame:
    pairs = [(unit, START + timedelta(days=day)) for day in days for unit in UNITS["unit_id"]]
    rows = pd.DataFrame(pairs, columns=["unit_id", "known_until"]).merge(UNITS, on="unit_id")
    return rows.assign(as_of=rows["known_until"], inspection_id=pd.array([None] * len(rows), dtype="str"))


def _facts(dataset) -> dict[str, list[dict]]:
    """Every event and every visit, each with what is known of its unit."""
    tables = {"takeover": dataset.tables["events"], "visit": dataset.tables["inspections"]}
    return {family: table.merge(UNITS, on="unit_id").to_dict("records") for family, table in tables.items()}


def _by_hand(all_facts, row, name) -> float:
    """One cell, by a plain loop over the facts."""
    scope = next((s for s in ("cluster", "area") if name.startswith(f"{s}_")), "unit")
    bare = name.removeprefix(f"{scope}_")
    family, rest = (
        ("takeover", bare.removeprefix("takeover_"))
        if bare.startswith("takeover")
        else ("visit", bare.removeprefix("visit_"))
    )
    statistic, _, window = rest.rpartition("_") if rest[-1] in "md" and rest[-2].isdigit() else (rest, "", "")
    happened = "occurred_on" if family == "takeover" else "inspected_on"
    place = {"unit": "unit_id", "cluster": "cluster_id", "area": "area_code"}[scope]
    facts = []
    for fact in all_facts[family]:
        if family == "takeover" and fact["kind"] != "takeover":
            continue
        same = fact[place] == row[place] and not pd.isna(row[place])
        if not same or (scope != "unit" and fact["unit_id"] == row["unit_id"]):
            continue
        until = row["known_until"]
        since = (
            until
            - (pd.DateOffset(months=int(window[:-1])) if window.endswith("m") else pd.DateOffset(days=int(window[:-1])))
            if window
            else pd.Timestamp.min
        )
        if fact["known_on"] <= until and since < fact[happened] <= until:
            facts.append(
                (fact[happened], fact["known_on"], float(fact["value"] if family == "takeover" else fact["finding"]))
            )
    values = [value for *_, value in sorted(facts)]
    if not values and statistic not in ("count", "sum", "finding_count"):
        return np.nan
    if scope != "unit" and pd.isna(row[place]):
        return np.nan
    return {
        "count": lambda: len(values),
        "sum": lambda: sum(values),
        "finding_count": lambda: sum(values),
        "mean": lambda: sum(values) / len(values),
        "finding_share": lambda: sum(values) / len(values),
        "min": lambda: min(values),
        "max": lambda: max(values),
        "last": lambda: values[-1],
        "previous_finding": lambda: values[-1],
        "days_since_last": lambda: (row["known_until"] - max(f[0] for f in facts)).days,
    }[statistic]()


day = st.integers(0, 600).map(lambda n: START + timedelta(days=n))
late = st.integers(0, 400)
event = st.tuples(st.sampled_from("abc"), st.sampled_from(["takeover", "other"]), day, late, st.integers(0, 9)).map(
    lambda e: (e[0], e[1], e[2], e[2] + timedelta(days=e[3]), float(e[4]))
)
visit = st.tuples(st.sampled_from("abc"), day, late, st.booleans()).map(
    lambda v: (v[0], v[1], v[1] + timedelta(days=v[2]), v[3])
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(event, max_size=25), visits=st.lists(visit, max_size=12))
def test_every_cell_equals_a_plain_loop_also_with_facts_that_arrive_late(small, events, visits):
    """Windows, scopes and late knowledge give what a reader would count by hand."""
    dataset = small(events, [(str(i), *v) for i, v in enumerate(visits)])
    rows = _rows()
    columns, features = build(dataset, rows, RECIPES, threads=1)
    assert [feature.name for feature in features] == list(columns)
    facts = _facts(dataset)
    for name in columns:
        expected = [_by_hand(facts, row, name) for row in rows.to_dict("records")]
        np.testing.assert_allclose(columns[name].to_numpy(), expected, rtol=1e-12, err_msg=name)


def test_tenure_is_missing_where_the_opening_is_unknown_or_still_to_come(small):
    """Days since opening: 376 for a on 11 January 2021; nothing for b (unknown), nor for c before it opened."""
    recipes = TypeAdapter(tuple[Recipe, ...]).validate_python([{"from": "units", "statistics": ["tenure"]}])
    columns, _ = build(small(), _rows(days=(10, 200)), recipes, threads=1)
    assert columns["tenure_days"].tolist()[0] == 376
    assert columns["tenure_days"].isna().tolist() == [False, True, True, False, True, False]


def test_an_area_figure_counts_from_the_day_it_was_published(small):
    """The figure of 2020 came out in June 2021: before that, nothing was known."""
    figure = {
        "area_code": "x",
        "measure": "vacancy",
        "period_end": "2020-12-31",
        "known_on": "2021-06-01",
        "value": 7.0,
    }
    dataset = small(areas=[figure])
    recipes = TypeAdapter(tuple[Recipe, ...]).validate_python(
        [{"from": "areas", "measure": "vacancy", "statistics": ["latest"]}]
    )
    columns, _ = build(dataset, _rows(days=(100, 200)), recipes, threads=1)
    assert np.isnan(columns["area_vacancy_latest"].to_numpy()[:2]).all()
    assert columns["area_vacancy_latest"].tolist()[3:5] == [7.0, 7.0]


@pytest.mark.parametrize(
    ("change", "expected"), [({}, [80.0, 3.0]), ({"at_most": 70}, [70.0, 3.0]), ({"above": 4}, [1.0, 0.0])]
)
def test_given_columns_are_capped_or_made_yes_or_no(small, change, expected):
    """80 and 3: as they are, at most 70, more than 4."""
    rows = _rows(days=(100,)).iloc[:2].assign(inspection_id=["i1", "i2"])
    dataset = small(
        given=[
            {"unit_id": "a", "inspection_id": "i1", "density": 80.0},
            {"unit_id": "b", "inspection_id": "i2", "density": 3.0},
        ]
    )
    recipes = TypeAdapter(tuple[Recipe, ...]).validate_python([{"from": "given", "columns": ["density"], **change}])
    assert build(dataset, rows, recipes, threads=1)[0]["density"].tolist() == expected


def test_the_dictionary_says_in_words_what_a_column_is(small):
    """Label and definition in both languages; `days since` turns the direction round."""
    _, features = build(small(), _rows(), RECIPES, threads=1)
    by_name = {feature.name: feature for feature in features}
    count, since = by_name["takeover_count_12m"], by_name["takeover_days_since_last_90d"]
    assert count.label == Text(nl="Aantal keer ‘wisseling’ in 12 maanden", en="Number of times ‘change’ in 12 months")
    assert count.definition.nl == "Aantal keer ‘wisseling’ in 12 maanden. Een nieuwe uitbater."
    assert (count.direction, since.direction) == ("+", "-")
    assert (
        by_name["cluster_takeover_count_90d"].label.en
        == "Number of times ‘change’ at the other places in the same cluster in 90 days"
    )


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            {"from": "events", "kind": "takeovr", "statistics": ["count"], "windows": ["all"]},
            "features.recipes.0.kind: `takeovr` is not an event kind of dataset small. Did you mean `takeover`?",
        ),
        (
            {"from": "areas", "measure": "wealth", "statistics": ["latest"]},
            "features.recipes.0.measure: `wealth` is an audit attribute; it may never be a feature. Remove it.",
        ),
        (
            {"from": "given", "columns": ["heat"]},
            "features.recipes.0.columns: `heat` is not a given column of dataset small. It has: density.",
        ),
        (
            {"from": "events", "kind": "takeover", "statistics": ["count"], "windows": ["10 years"]},
            "features.recipes.0.windows: a window of 120 months before 2022-12-31 starts before the data do, on 2020-01-01. Take a shorter window, or `all`.",
        ),
    ],
)
def test_a_recipe_for_what_is_not_there_is_named(small, recipe, message):
    """Key, what is wrong and what there is instead."""
    recipes = TypeAdapter(tuple[Recipe, ...]).validate_python([recipe])
    time = Time(
        first=date(2021, 1, 1), last=date(2022, 12, 31), step="3 months", horizon="12 months", label_delay="0 days"
    )
    assert [str(problem) for problem in check_recipes(small(), recipes, time)] == [message]


def test_a_statistic_of_one_unit_cannot_be_asked_of_a_cluster():
    """`last` of the others in a cluster means nothing."""
    with pytest.raises(ValueError, match="statistic `last` is of one unit; of a cluster take count, sum, mean"):
        TypeAdapter(Recipe).validate_python(
            {"from": "events", "kind": "x", "statistics": ["last"], "windows": ["all"], "scope": "cluster"}
        )
