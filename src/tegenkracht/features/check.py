"""What is wrong with a study's recipes, before anything is computed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem
from tegenkracht.data.sources import Dataset
from tegenkracht.features import network, space
from tegenkracht.features.column import columns_of
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
        yield from _known(f"{where}.kind", [recipe.kind], words.event_kinds, "an event kind", dataset)
    if isinstance(recipe, AreaRecipe):
        yield from _known(f"{where}.measure", [recipe.measure], words.measures, "a measure", dataset)
    if isinstance(recipe, GivenRecipe):
        yield from _known(f"{where}.columns", recipe.columns, words.given_columns, "a given column", dataset)
    if isinstance(recipe, SpaceRecipe):
        yield from space.problems(dataset, recipe, where, time)
    if isinstance(recipe, NetworkRecipe):
        yield from network.problems(dataset, recipe, where, time)
    if isinstance(recipe, EventRecipe | VisitRecipe):
        yield from _windows(dataset, recipe, where, time)


def _known(where: str, names: Iterable[str], known: Iterable[str], what: str, dataset: Dataset) -> Iterator[Problem]:
    for name in names:
        if name in dataset.description.attributes:
            yield Problem(where, f"`{name}` is an audit attribute; it may never be a feature.", "Remove it.")
        elif name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            choice = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(known) or 'none'}."
            yield Problem(where, f"`{name}` is not {what} of dataset {dataset.name}.", choice)


def _windows(dataset: Dataset, recipe: EventRecipe | VisitRecipe, where: str, time: Time) -> Iterator[Problem]:
    """A window that starts before the first fact of the last as-of date never fills."""
    table = dataset.description.tables["events" if isinstance(recipe, EventRecipe) else "inspections"]
    first, last = pd.Timestamp(table.period[0]), pd.Timestamp(time.last)
    for window in recipe.windows:
        if window is not None and window.before(last) < first:
            yield Problem(
                f"{where}.windows",
                f"a window of {window} before {last:%Y-%m-%d} starts before the data do, on {first:%Y-%m-%d}.",
                "Take a shorter window, or `all`.",
            )
