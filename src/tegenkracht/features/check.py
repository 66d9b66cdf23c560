"""What is wrong with a study's recipes, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem
from tegenkracht.data.dictionary import TableName
from tegenkracht.data.sources import Dataset
from tegenkracht.features import network, space
from tegenkracht.features.column import columns_of
from tegenkracht.features.faults import too_long, unknown
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, VisitRecipe
from tegenkracht.features.space import SpaceRecipe


def check_recipes(dataset: Dataset, recipes: Sequence[Recipe], time: Time) -> tuple[Problem, ...]:
    """Unknown kinds, measures and columns, audit attributes, windows longer than the data, names that stand twice: all at once."""
    problems = [
        problem
        for i, recipe in enumerate(recipes)
        for problem in _check(dataset, recipe, f"features.recipes.{i}", time)
    ]
    names = [column.name for column in columns_of(recipes)]
    twice = sorted({name for name in names if names.count(name) > 1})
    return (
        *problems,
        *(
            Problem("features.recipes", f"the column `{name}` is made twice.", "Remove one of the two.")
            for name in twice
        ),
    )


def _check(dataset: Dataset, recipe: Recipe, where: str, time: Time) -> Iterator[Problem]:
    words = dataset.description
    if isinstance(recipe, EventRecipe):
        yield from unknown(f"{where}.kind", [recipe.kind], words.event_kinds, "an event kind", dataset)
    if isinstance(recipe, AreaRecipe):
        yield from unknown(f"{where}.measure", [recipe.measure], words.measures, "a measure", dataset)
    if isinstance(recipe, GivenRecipe):
        yield from unknown(f"{where}.columns", recipe.columns, words.given_columns, "a given column", dataset)
    if isinstance(recipe, SpaceRecipe):
        yield from space.problems(dataset, recipe, where, time)
    if isinstance(recipe, NetworkRecipe):
        yield from network.problems(dataset, recipe, where, time)
    if isinstance(recipe, EventRecipe | VisitRecipe):
        table: TableName = "events" if isinstance(recipe, EventRecipe) else "inspections"
        yield from too_long(dataset, recipe.windows, f"{where}.windows", table, time, what="data")
