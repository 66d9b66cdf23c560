"""What a sentence about one column needs: which sentence it is, what its number counts, and the words that fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tegenkracht.core.span import in_window
from tegenkracht.core.text import Text
from tegenkracht.data.dictionary import Description
from tegenkracht.features import network, space
from tegenkracht.features.column import Column, columns_of
from tegenkracht.features.dictionary import SCOPES, feature_of, indicator_of
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, UnitRecipe
from tegenkracht.features.space import SpaceRecipe

Measure = Literal["count", "steps", "share", "days", "metres", "number", "signed", "yes_no"]
"""What the number is. `signed` is a difference of counts; `steps` are counted up to a largest number, so that they have no mean."""
Both = tuple[str, str]
"""The same words in Dutch and English; both may be empty."""
Absent = Literal["none", "unknown"]
"""What a missing value means: that there was nothing to count, or that nobody knows."""

_MEASURES: Mapping[str, Measure] = {
    "count": "count",
    "distinct": "count",
    "finding_count": "count",
    "degree": "count",
    "shared": "count",
    "component_size": "count",
    "operators": "count",
    "finding_distance": "steps",
    "share": "share",
    "finding_share": "share",
    "days_since_last": "days",
    "tenure": "days",
    "distance": "metres",
    "trend": "signed",
    "previous_finding": "yes_no",
    "missing": "yes_no",
}


@dataclass(frozen=True)
class Telling:
    """How one column is told of a place.

    Parameters
    ----------
    kind
        Which sentence of the catalogue: `event.count`, `visit.finding_share`, `unit.tenure`, `area.latest`, `space.distance`, `links.shared`, …
    measure
        What its number is.
    words
        What fills the sentence beside the number: `label`, `where`, `window`, and whatever else that kind has.
    own
        Whether it is told by records of the place or business itself, and so can be looked up there; not of its neighbours, area or parties.
    absent
        What a missing value means.
    around
        Whether it is a figure of the surroundings, which neighbours share.
    at_most
        The number from which all is counted as this number; None where it goes on.
    """

    kind: str
    measure: Measure
    words: Mapping[str, Both]
    own: bool
    absent: Absent
    around: bool = False
    at_most: float | None = None


def tellings(
    recipes: Sequence[Recipe], description: Description, *, same_cluster: Text | None = None
) -> dict[str, Telling]:
    """The telling of every column of the recipes, by name.

    Parameters
    ----------
    same_cluster
        What the cluster of a place is called in its sector: `the same strip`; None where no sector says so.
    """
    found = {column.name: telling(column, description) for column in columns_of(recipes)}
    if same_cluster is None:
        return found
    where = (f" bij de andere plaatsen in {same_cluster.nl}", f" at the other places in {same_cluster.en}")
    return {
        name: replace(told, words={**told.words, "where": where})
        if told.words.get("where") == SCOPES["cluster"]
        else told
        for name, told in found.items()
    }


def telling(column: Column, description: Description) -> Telling:
    """How one planned column is told."""
    recipe = column.recipe
    if column.statistic == "missing":
        return _flag(column, description)
    if isinstance(recipe, SpaceRecipe):
        return _of_space(column, recipe, description)
    if isinstance(recipe, NetworkRecipe):
        return _of_links(column, recipe, description)
    label = indicator_of(recipe, column.name, description).label
    words = {"label": (label.nl, label.en), "where": SCOPES[column.scope], "window": in_window(column.window)}
    if isinstance(recipe, UnitRecipe):
        return _of_unit(column, words)
    if isinstance(recipe, AreaRecipe):
        return Telling(f"area.{column.statistic}", "number", words, own=False, absent="unknown", around=True)
    if isinstance(recipe, GivenRecipe):
        yes_no = recipe.above is not None
        return Telling(
            f"given.{'yes_no' if yes_no else 'value'}",
            "yes_no" if yes_no else "number",
            words,
            own=True,
            absent="unknown",
            at_most=recipe.at_most,
        )
    kind = "event" if isinstance(recipe, EventRecipe) else "visit"
    return Telling(
        f"{kind}.{column.statistic}",
        _MEASURES.get(column.statistic, "number"),
        words,
        own=column.scope == "unit",
        absent="none",
        around=column.scope != "unit",
    )


def _flag(column: Column, description: Description) -> Telling:
    """A column that tells where another is missing."""
    name = column.name.removesuffix("_missing")
    other = next(other for other in columns_of([column.recipe]) if other.name == name)
    label = feature_of(other, description).label
    own = telling(other, description).own
    return Telling("missing", "yes_no", {"label": (label.nl, label.en)}, own=own, absent="unknown")


def _of_unit(column: Column, words: Mapping[str, Both]) -> Telling:
    if column.statistic == "tenure":
        return Telling("unit.tenure", "days", words, own=True, absent="unknown")
    return Telling(
        "unit.legal_form", "yes_no", {**words, "form": (column.statistic, column.statistic)}, own=True, absent="unknown"
    )


def _of_space(column: Column, recipe: SpaceRecipe, description: Description) -> Telling:
    words = space.parts(recipe, column.window, description)
    kind = "units" if recipe.of == "units" else "events"
    return Telling(
        f"space.{kind}.{column.statistic}",
        _MEASURES.get(column.statistic, "number"),
        words,
        own=False,
        absent="unknown",
        around=True,
    )


def _of_links(column: Column, recipe: NetworkRecipe, description: Description) -> Telling:
    words = network.parts(recipe, column.statistic, column.window, description)
    at_most = recipe.at_most if column.statistic == "finding_distance" else None
    return Telling(
        f"links.{column.statistic}", _MEASURES[column.statistic], words, own=False, absent="unknown", at_most=at_most
    )
