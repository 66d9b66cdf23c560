"""One column that a recipe asks for, with the name that it gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tegenkracht.core.span import Span
from tegenkracht.features import network, space
from tegenkracht.features.network import NetworkRecipe
from tegenkracht.features.recipe import AreaRecipe, EventRecipe, GivenRecipe, Recipe, Scope, UnitRecipe, VisitRecipe
from tegenkracht.features.space import SpaceRecipe


@dataclass(frozen=True)
class Column:
    """A planned column.

    `family` is the event kind, measure or given column that it is made from, `visit` for inspections, `tenure` for tenure.
    `timeless` columns look at the last value or at all that is known, so that their name carries no window.
    """

    name: str
    recipe: Recipe
    statistic: str
    window: Span | None
    family: str

    @property
    def scope(self) -> Scope:
        """Whose facts it is about: the unit's own, or those of the others in its cluster or area."""
        return self.recipe.scope if isinstance(self.recipe, EventRecipe | VisitRecipe) else "unit"


def columns_of(recipes: Sequence[Recipe]) -> tuple[Column, ...]:
    """The columns of all recipes, in order; a name may stand twice, which the panel refuses."""
    return tuple(column for recipe in recipes for column in _with_flags(recipe))


def _with_flags(recipe: Recipe) -> Iterator[Column]:
    """The columns of a recipe, each followed by the one that tells where it was missing, when that is asked."""
    for column in _columns(recipe):
        yield column
        if getattr(recipe, "flag_missing", False):
            yield Column(f"{column.name}_missing", recipe, "missing", column.window, column.family)


def _columns(recipe: Recipe) -> Iterator[Column]:
    if isinstance(recipe, EventRecipe | VisitRecipe):
        family = recipe.kind if isinstance(recipe, EventRecipe) else "visit"
        for statistic in recipe.statistics:
            for window in recipe.windows:
                yield Column(_windowed_name(recipe, family, statistic, window), recipe, statistic, window, family)
    elif isinstance(recipe, UnitRecipe):
        for fact in recipe.statistics:
            if fact == "tenure":
                yield Column("tenure_days", recipe, fact, None, "tenure")
            else:
                yield from (Column(f"legal_form_{form}", recipe, form, None, "legal_form") for form in recipe.forms)
    elif isinstance(recipe, AreaRecipe):
        for figure in recipe.statistics:
            over = recipe.over if figure == "change" else None
            length = "" if over is None else f"_{over.count}{over.unit[0]}"
            yield Column(f"area_{recipe.measure}_{figure}{length}", recipe, figure, over, recipe.measure)
    elif isinstance(recipe, SpaceRecipe):
        yield from (Column(name, recipe, s, window, family) for name, s, window, family in space.names(recipe))
    elif isinstance(recipe, NetworkRecipe):
        yield from (Column(name, recipe, s, window, family) for name, s, window, family in network.names(recipe))
    elif isinstance(recipe, GivenRecipe):
        yield from (Column(name, recipe, "given", None, name) for name in recipe.columns)


def _windowed_name(recipe: EventRecipe | VisitRecipe, family: str, statistic: str, window: Span | None) -> str:
    """`takeover_count_36m`, `cluster_visit_finding_count`, `previous_finding`."""
    if statistic == "previous_finding":
        return statistic
    scope = "" if recipe.scope == "unit" else f"{recipe.scope}_"
    length = "" if window is None else f"_{window.count}{window.unit[0]}"
    return f"{scope}{family}_{statistic}{length}"
