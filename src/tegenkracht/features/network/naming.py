"""The columns that a recipe of links makes."""

from __future__ import annotations

from tegenkracht.features.network.recipe import NetworkRecipe
from tegenkracht.features.space.naming import Named, length


def names(recipe: NetworkRecipe) -> tuple[Named, ...]:
    """Name, statistic, window and family of every column, in the order in which `values` gives them.

    Examples
    --------
    >>> recipe = NetworkRecipe.model_validate(
    ...     {"from": "links", "roles": ["director"], "statistics": ["degree", "operators"], "windows": ["36 months"]}
    ... )
    >>> [name for name, *_ in names(recipe)]
    ['director_degree', 'director_operators_36m']
    """
    return tuple(
        (f"{recipe.prefix}_{statistic}{_place(recipe, statistic)}{length(window)}", statistic, window, "network")
        for statistic in recipe.statistics
        for window in recipe.spans_of(statistic)
    )


def _place(recipe: NetworkRecipe, statistic: str) -> str:
    return f"_at_{recipe.address}" if statistic == "operators" and recipe.address is not None else ""
