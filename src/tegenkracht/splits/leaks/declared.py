"""Leaks that can be read from what was declared: labels that are not settled, indicators next to the outcome, attributes without a date."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tegenkracht.core.finding import Finding
from tegenkracht.core.panel import Panel
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe
from tegenkracht.features.recipe import UnitRecipe


def label_adjacent(dataset: Dataset, panel: Panel) -> Finding:
    """TK006: a feature is made from an indicator that its author declared to lie next to the outcome (a refused licence, a seized boat)."""
    words = dataset.description
    declared = {**words.event_kinds, **words.measures, **words.given_columns}
    near = {name for name, indicator in declared.items() if indicator.label_adjacent}
    used = [feature.name for feature in panel.features if feature.family in near]
    return Finding(
        "TK006",
        "found" if used else "not_found",
        facts={"features": len(panel.features), "near": len(used), **_named(used)},
    )


def undated_attributes(recipes: Sequence[Recipe]) -> Finding:
    """TK007: a legal form carries no date: it is as the register has it now, also on earlier dates."""
    forms = [form for recipe in recipes if isinstance(recipe, UnitRecipe) for form in recipe.forms]
    if not forms:
        return Finding("TK007", "not_applicable", facts={"reason": "no_undated"})
    return Finding("TK007", "found", facts={"near": len(forms), **_named([f"legal_form_{form}" for form in forms])})


def immature_labels(dataset: Dataset, panel: Panel) -> Finding:
    """TK014: rows whose outcome was not settled on the day that the tables were drawn."""
    until = pd.Timestamp(dataset.description.known_until)
    late = int((panel.rows["observed"] & (panel.rows["outcome_known_on"] > until)).sum())
    return Finding(
        "TK014", "found" if late and not panel.scheduled else "not_found", facts={"rows": len(panel.rows), "late": late}
    )


def _named(names: Sequence[str]) -> dict[str, str]:
    """The first few, for the card."""
    return {"named": ", ".join(names[:5])} if names else {}
