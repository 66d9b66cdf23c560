"""What happened at other places is told only where it may be about enough of them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from tegenkracht.core.feature import Feature
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import Text
from tegenkracht.explanation.others import Others, others_of
from tegenkracht.explanation.shown import Shown
from tegenkracht.explanation.teller import Around, Facts, Teller, Told
from tegenkracht.features.recipe import Recipe
from tegenkracht.features.telling import Telling

TEXT = Text(nl="x", en="x")
NEAR = {"from": "space", "of": "findings", "windows": ["36 months"]}
VISITS = {"from": "inspections", "statistics": ["finding_share"], "windows": ["36 months"]}
TIES = {"from": "links", "roles": ["owner"], "windows": ["all"], "hub_limit": 50, "at_most": 4}
DATE = pd.Timestamp("2022-01-01")


def shops(at: list[float]) -> dict[str, list[dict[str, object]]]:
    """Shops along a street at these metres; the last one opens later."""
    opened = [pd.Timestamp("2015-01-01")] * (len(at) - 1) + [pd.Timestamp("2023-01-01")]
    return {
        "units": [
            {"unit_id": f"u{i}", "kind": "business", "sector": "shops", "x": x, "y": 0.0, "opened_on": day}
            for i, (x, day) in enumerate(zip(at, opened, strict=True))
        ]
    }


@pytest.mark.parametrize(
    ("recipe", "by"),
    [
        ({**NEAR, "statistics": ["distance"]}, "ring"),
        ({**NEAR, "statistics": ["count"], "within": 500}, "reach"),
        ({**NEAR, "statistics": ["count"], "nearest": 12}, "nearest"),
        ({**NEAR, "statistics": ["density"], "kernel": "gaussian", "bandwidth": 100}, "reach"),
        ({**NEAR, "of": "events", "kind": "takeover", "statistics": ["distance"]}, "ring"),
        ({"from": "space", "of": "units", "statistics": ["distance"], "sector": "marina"}, None),
        ({**VISITS, "scope": "cluster"}, "cluster_id"),
        ({**VISITS, "scope": "area"}, "area_code"),
        (VISITS, None),
        ({"from": "areas", "measure": "vacancy", "statistics": ["latest"]}, None),
        ({**TIES, "statistics": ["finding_distance"]}, "ties"),
    ],
)
def test_the_kind_of_a_recipe_says_whether_a_column_is_about_others(make_dataset, recipe, by) -> None:
    """Not its name."""
    found = others_of([TypeAdapter(Recipe).validate_python(recipe)], make_dataset(**shops([0.0, 10.0, 20.0])))
    assert [others.by for others in found.values()] == ([] if by is None else [by])


@pytest.mark.parametrize(
    ("recipe", "low", "high", "expected"),
    [
        (
            {**NEAR, "statistics": ["distance"]},
            0.0,
            50.0,
            3,
        ),  # at 10, 20 and 49; itself does not count, and the last is not there yet
        (
            {**NEAR, "statistics": ["distance"]},
            50.0,
            100.0,
            1,
        ),  # the nearest lies in the ring, so that it is at none of the three
        ({**NEAR, "statistics": ["count"], "within": 500}, 2.0, None, 4),
        ({**NEAR, "statistics": ["count"], "nearest": 3}, 1.0, 1.0, 3),
        ({**NEAR, "statistics": ["count"], "nearest": 12}, 1.0, 1.0, 5),
        ({**TIES, "statistics": ["finding_distance"]}, 1.0, 1.0, 0),  # who is tied is not counted, and so not told
    ],
)
def test_whom_a_fact_may_be_about_are_those_within_what_is_told(make_dataset, recipe, low, high, expected) -> None:
    """Of a place at nought, with others at 10, 20, 49, 60 and 900 metres, and one at 5 that opens later."""
    dataset = make_dataset(**shops([0.0, 10.0, 20.0, 49.0, 60.0, 900.0, 5.0]))
    (others,) = others_of([TypeAdapter(Recipe).validate_python(recipe)], dataset).values()
    assert others.within(others.distances("u0", DATE), low, high) == expected


def test_without_coordinates_there_is_nobody_to_hide_among(make_dataset) -> None:
    """Then the fact is not told."""
    dataset = make_dataset(**shops([0.0, 10.0]))
    (others,) = others_of([TypeAdapter(Recipe).validate_python({**NEAR, "statistics": ["distance"]})], dataset).values()
    assert others.distances("elsewhere", DATE).tolist() == []


WORDS = {"label": ("x", "x"), "near": ("", ""), "units": ("", ""), "where": ("", ""), "window": ("", "")}
COLUMN = Feature(name="near", label=TEXT, definition=TEXT, subject="place", source="s", direction="-")
SHARE = COLUMN.model_copy(update={"name": "share", "direction": "+"})


def teller(make_dataset, near: list[float], clusters: list[str]) -> Teller:
    """Of the first of forty places, with a finding at 20 metres; these lie near it, the others in hundreds of metres."""
    at = [0.0, *near, *(1e6 + 1e5 * i for i in range(40 - len(near)))]
    recipe = TypeAdapter(Recipe).validate_python({**NEAR, "statistics": ["distance"]})
    (others,) = others_of([recipe], make_dataset(**shops(at))).values()
    rows = pd.DataFrame(
        {
            "row_id": [f"u{i}@d" for i in range(40)],
            "unit_id": [f"u{i}" for i in range(40)],
            "as_of": DATE,
            "known_until": DATE,
            "sector": "shops",
            "cluster_id": clusters,
            "area_code": [f"a{i % 20}" for i in range(40)],
            "outcome": np.nan,
            "observed": False,
            "outcome_known_on": DATE,
            "inspector": None,
            "channel": None,
            "earlier_visits": 0.0,
            "near": [20.0] * 15 + [400.0] * 25,
            "share": [0.5] * 15 + [0.0] * 25,
        }
    )
    facts = Facts(
        tellings={
            "near": Telling("space.events.distance", "metres", WORDS, own=False, absent="unknown", around=True),
            "share": Telling("visit.finding_share", "share", WORDS, own=False, absent="none", around=True),
        },
        sole_traders=frozenset(),
        blanked=False,
        at_least=10,
        at_most=5,
        change_over="low",
        others={"near": others, "share": Others("cluster_id")},
        proxies=frozenset(),
        capacity=10,
        lists="per_as_of",
    )
    panel = Panel(rows, (COLUMN, SHARE), (), False, "made")
    model = SimpleNamespace(columns=("near", "share"))
    return Teller(Around(Told(panel, facts), np.arange(40), model), 0)


@pytest.mark.parametrize(
    ("near", "expected", "why"),
    [
        ([20.0] * 10, Shown("exact", 20.0, 20.0), None),
        ([float(i) for i in range(1, 11)], Shown("band", 0.0, 50.0), None),  # nobody but one is at 20 metres exactly
        ([20.0, *(90.0 + i for i in range(9))], Shown("band", 0.0, 100.0), None),  # ten within a hundred metres
        ([20.0, *(200.0 + i for i in range(9))], Shown("band", 0.0, 250.0), None),
        ([20.0, *(300.0 + i for i in range(9))], Shown("band", 0.0, 500.0), "person"),  # as wide as what is typical
        ([20.0], Shown("withheld"), "person"),
    ],
)
def test_a_finding_next_door_is_told_in_a_ring_that_holds_enough_places(make_dataset, near, expected, why) -> None:
    """Else it would be told of one business through its neighbour; the middle distance is 400 metres."""
    made = teller(make_dataset, near, ["c"] * 40)
    (group,) = made.comparisons
    fit = made.fitting(group)
    assert made.shown("near", 20.0, fit) == expected
    assert made.why_not("near", fit, group) == why


@pytest.mark.parametrize(("fellows", "why"), [(10, None), (9, "person")])
def test_a_share_of_findings_in_the_strip_is_told_where_the_strip_is_not_small(make_dataset, fellows, why) -> None:
    """Ten others in the strip, and nine."""
    made = teller(make_dataset, [20.0], ["c"] * (fellows + 1) + ["d"] * (39 - fellows))
    (group,) = made.comparisons
    assert made.why_not("share", made.fitting(group), group) == why
    panel = replace(made.told.panel, rows=made.told.panel.rows.assign(cluster_id=None))
    alone = Teller(Around(Told(panel, made.facts), np.arange(40), made.around.model), 0)
    assert alone.why_not("share", alone.fitting(group), group) == "person"
