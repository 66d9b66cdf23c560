"""The surroundings of a place: what happened nearby, how dense, how far away the nearest one is."""

from __future__ import annotations

from tegenkracht.features.space.check import problems
from tegenkracht.features.space.dictionary import FAMILIES, parts, words
from tegenkracht.features.space.naming import names
from tegenkracht.features.space.recipe import SpaceRecipe
from tegenkracht.features.space.surroundings import values

__all__ = ["FAMILIES", "SpaceRecipe", "names", "parts", "problems", "values", "words"]
