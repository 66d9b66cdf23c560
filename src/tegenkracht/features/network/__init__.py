"""Ties between units through the parties that they share, by the links that were known."""

from __future__ import annotations

from tegenkracht.features.network.check import problems
from tegenkracht.features.network.dictionary import FAMILIES, parts, words
from tegenkracht.features.network.naming import names
from tegenkracht.features.network.recipe import NetworkRecipe
from tegenkracht.features.network.ties import values

__all__ = ["FAMILIES", "NetworkRecipe", "names", "parts", "problems", "values", "words"]
