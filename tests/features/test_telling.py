"""How every kind of column is told, and what its missing value means."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from tegenkracht.core.text import LANGUAGES, Text
from tegenkracht.data.dictionary import Description
from tegenkracht.features.column import columns_of
from tegenkracht.features.dictionary import feature_of
from tegenkracht.features.recipe import EventRecipe, Recipe, VisitRecipe
from tegenkracht.features.telling import telling, tellings
from tegenkracht.reporting.words.catalogue import has, places, sentence

EVERY_KIND = [
    {"from": "events", "kind": "takeover", "statistics": ["count", "sum", "mean", "min", "max", "last", "days_since_last"], "windows": ["all"]},
    {"from": "events", "kind": "takeover", "statistics": ["trend", "share", "distinct"], "windows": ["24 months"]},
    {"from": "events", "kind": "takeover", "statistics": ["count"], "windows": ["24 months"], "scope": "cluster"},
    {"from": "inspections", "statistics": ["count", "finding_count", "finding_share", "previous_finding", "days_since_last"], "windows": ["all"]},
    {"from": "units", "statistics": ["tenure", "legal_form"], "forms": ["bv"], "flag_missing": True},
    {"from": "areas", "measure": "vacancy", "statistics": ["latest", "change"], "over": "12 months"},
    {"from": "given", "columns": ["density"]},
    {"from": "given", "columns": ["density"], "above": 3.0},
    {"from": "space", "of": "events", "kind": "takeover", "statistics": ["count", "distance"], "within": 500, "windows": ["36 months"]},
    {"from": "space", "of": "findings", "statistics": ["density"], "kernel": "gaussian", "bandwidth": 300, "windows": ["all"]},
    {"from": "space", "of": "units", "statistics": ["count", "density", "distance"], "nearest": 5, "sector": "marina", "kernel": "gaussian", "bandwidth": 300},
    {"from": "links", "roles": ["owner"], "statistics": ["degree", "shared", "component_size"], "hub_limit": 50},
    {"from": "links", "roles": ["owner"], "statistics": ["finding_distance", "operators"], "windows": ["all"], "hub_limit": 50, "at_most": 4},
]  # fmt: skip


@pytest.fixture(scope="module")
def description(make_dataset) -> Description:
    """A dataset that has an owner beside its events."""
    made = make_dataset().description
    return made.model_copy(update={"link_roles": {"owner": made.event_kinds["takeover"]}})


@pytest.fixture(scope="module")
def columns():
    """Every column of every kind of recipe."""
    return columns_of([TypeAdapter(Recipe).validate_python(recipe) for recipe in EVERY_KIND])


def test_every_kind_of_column_has_a_sentence_in_both_languages(columns, description) -> None:
    """And the sentence asks for nothing that the telling does not have."""
    for column in columns:
        told = telling(column, description)
        key = f"places.told.{told.kind}"
        assert has(key), column.name
        for language in LANGUAGES:
            assert places(sentence(key, language)) <= {"value", *told.words}, column.name


def test_every_sentence_of_the_catalogue_is_used(columns, description) -> None:
    """No kind is left over."""
    from tegenkracht.reporting.words.catalogue import sentences

    used = {f"places.told.{telling(column, description).kind}" for column in columns}
    assert {key for key in sentences("nl") if key.startswith("places.told.")} == used


def test_own_facts_are_those_of_the_unit_itself(columns, description) -> None:
    """Not those of its cluster, its area, its surroundings or its parties."""
    own = {column.name for column in columns if telling(column, description).own}
    assert "takeover_count" in own
    assert "tenure_days" in own
    assert not own & {
        "cluster_takeover_count_24m",
        "area_vacancy_latest",
        "within_500_takeover_count_36m",
        "owner_shared",
    }


def test_no_event_is_none_and_no_figure_is_unknown(columns, description) -> None:
    """A place without takeovers has no last one; a place without a figure for its area has one that nobody knows."""
    absent = {column.name: telling(column, description).absent for column in columns}
    assert absent["takeover_days_since_last"] == "none"
    assert absent["visit_finding_share"] == "none"
    assert absent["area_vacancy_latest"] == "unknown"
    assert absent["tenure_days"] == "unknown"


def test_figures_of_the_surroundings_are_compared_elsewhere(columns, description) -> None:
    """Neighbours share them, so that the neighbours tell nothing."""
    around = {column.name for column in columns if telling(column, description).around}
    assert {"area_vacancy_latest", "cluster_takeover_count_24m", "within_500_takeover_count_36m"} <= around
    assert not around & {"takeover_count", "tenure_days", "owner_shared"}


@pytest.mark.parametrize(("declared", "expected"), [(None, "always"), (True, "always"), (False, "never")])
def test_a_link_role_leads_to_a_person_unless_the_dictionary_says_that_it_does_not(
    columns, description, declared, expected
) -> None:
    """A director is a person; a postal address is not."""
    role = description.link_roles["owner"].model_copy(update={"leads_to_person": declared})
    described = description.model_copy(update={"link_roles": {"owner": role}})
    found = {column.name: feature_of(column, described).leads_to_person for column in columns}
    assert {person for name, person in found.items() if name.startswith(("owner_", "network_"))} == {expected}
    assert found["takeover_count"] == "never"


def test_own_earlier_findings_lead_to_the_person_of_a_sole_trader(columns, description) -> None:
    """A count of visits does not, and findings elsewhere do not."""
    found = {column.name: feature_of(column, description).leads_to_person for column in columns}
    assert {name for name, person in found.items() if person == "sole_trader"} == {
        *("visit_finding_count", "visit_finding_share", "previous_finding"),
    }


def test_tellings_are_by_name(description) -> None:
    """One for each column of the recipes."""
    recipes = [
        EventRecipe.model_validate({"from": "events", "kind": "takeover", "statistics": ["count"], "windows": ["all"]}),
        VisitRecipe.model_validate({"from": "inspections", "statistics": ["finding_count"], "windows": ["12 months"]}),
    ]
    found = tellings(recipes, description)
    assert list(found) == ["takeover_count", "visit_finding_count_12m"]
    assert found["visit_finding_count_12m"].words["window"] == (" in 12 maanden", " in 12 months")


def test_a_cluster_is_called_what_its_sector_calls_it(description) -> None:
    """Where the sector has a word; what is told of the place itself stays as it is."""
    recipes = [TypeAdapter(Recipe).validate_python(recipe) for recipe in EVERY_KIND]
    strip = Text(nl="dezelfde strip", en="the same strip")
    found, plainly = tellings(recipes, description, same_cluster=strip), tellings(recipes, description)
    assert found["cluster_takeover_count_24m"].words["where"] == (
        " bij de andere plaatsen in dezelfde strip",
        " at the other places in the same strip",
    )
    assert plainly["cluster_takeover_count_24m"].words["where"][0] == " bij de andere plaatsen in hetzelfde cluster"
    assert {name for name in found if found[name] != plainly[name]} == {"cluster_takeover_count_24m"}
