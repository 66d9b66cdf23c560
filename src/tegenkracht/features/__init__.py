"""Stateless recipes: tables and as-of dates go in, columns come out."""

from __future__ import annotations

from tegenkracht.features.build import build
from tegenkracht.features.recipe import Recipe

__all__ = ["Recipe", "build"]
