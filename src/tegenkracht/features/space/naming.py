"""The columns that a recipe of the surroundings makes."""

from __future__ import annotations

from tegenkracht.core.span import Span
from tegenkracht.features.space.recipe import SpaceRecipe

Named = tuple[str, str, Span | None, str]
"""Column name, statistic, window, family."""


def names(recipe: SpaceRecipe) -> tuple[Named, ...]:
    """Name, statistic, window and family of every column, in the order in which `values` gives them.

    Examples
    --------
    >>> recipe = SpaceRecipe.model_validate(
    ...     {"from": "space", "of": "findings", "statistics": ["count", "distance"], "within": 500, "windows": ["36 months"]}
    ... )
    >>> [name for name, *_ in names(recipe)]
    ['within_500_finding_count_36m', 'finding_distance_36m']
    """
    return tuple(
        (f"{_near(recipe, statistic)}{_what(recipe)}_{statistic}{length(window)}", statistic, window, _family(recipe))
        for statistic in recipe.statistics
        for window in recipe.spans
    )


def length(window: Span | None) -> str:
    """`_36m`, `_90d`, or nothing for all that is known."""
    return "" if window is None else f"_{window.count}{window.unit[0]}"


def _near(recipe: SpaceRecipe, statistic: str) -> str:
    if statistic == "distance":
        return ""
    if statistic == "density":
        return f"{recipe.kernel}_{recipe.bandwidth}_"
    return f"within_{recipe.within}_" if recipe.within else f"nearest_{recipe.nearest}_"


def _what(recipe: SpaceRecipe) -> str:
    """`takeover`, `finding_at_marina`, `shopping_strip_place`, `unit`."""
    units = "_".join(part for part in (recipe.sector, recipe.unit_kind) if part)
    closed = "_ever" if recipe.closed else ""
    if recipe.of == "units":
        return (units or "unit") + closed
    what = recipe.kind if recipe.kind is not None else "finding"
    return f"{what}_at_{units}{closed}" if units else what + closed


def _family(recipe: SpaceRecipe) -> str:
    """Events belong with their own kind and findings with visits, which they move with; units are the `surroundings`."""
    if recipe.of == "units":
        return "surroundings"
    return recipe.kind if recipe.kind is not None else "visit"
