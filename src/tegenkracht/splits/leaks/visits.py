"""Indicators that exist because somebody went: they follow visits, and say where one looked before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binom

from tegenkracht.core.finding import Finding
from tegenkracht.data.sources import Dataset
from tegenkracht.features import Recipe
from tegenkracht.features.recipe import EventRecipe

DAYS = 30
RATIO = 2.0
LEVEL = 0.01
"""An event kind follows visits when it occurs more than twice as often in the thirty days from a visit as in the thirty before it, beyond a chance of
one in a hundred over all kinds."""


def made_by_visits(dataset: Dataset, recipes: Sequence[Recipe]) -> Finding:
    """TK008: event kinds of features that occur on and after visits more often than before them.

    Per kind, events of a unit in the days from its visits are compared with those in as many days before: without a tie, each of them falls on either
    side with chance a half (a sign test, as in self-controlled case series; Bonferroni over kinds).
    """
    kinds = sorted({recipe.kind for recipe in recipes if isinstance(recipe, EventRecipe)})
    visits = dataset.tables["inspections"][["unit_id", "inspected_on"]]
    if not kinds or visits.empty:
        return Finding("TK008", "not_applicable", facts={"reason": "no_events" if not kinds else "nobody_visited"})
    events = dataset.tables["events"]
    found = []
    for kind in kinds:
        after, before = _around(events.loc[events["kind"] == kind, ["unit_id", "occurred_on"]], visits)
        chance = float(binom.sf(after - 1, after + before, 0.5)) if after else 1.0
        if after > RATIO * before and chance < LEVEL / len(kinds):
            found.append((after / max(before, 1), kind, after, before))
    facts: dict[str, str | int | float] = {"kinds": len(kinds), "following": len(found), "days": DAYS}
    if found:
        _, kind, after, before = max(found)
        facts |= {"kind": kind, "after": after, "before": before}
    return Finding("TK008", "found" if found else "not_found", facts=facts)


def _around(events: pd.DataFrame, visits: pd.DataFrame) -> tuple[int, int]:
    """Events in the days from a visit, and in as many days before one; an event between two visits may count on both sides."""
    pairs = events.merge(visits, on="unit_id")
    days = (pairs["occurred_on"] - pairs["inspected_on"]).dt.days.to_numpy()
    return int(np.sum((days >= 0) & (days < DAYS))), int(np.sum((days < 0) & (days >= -DAYS)))
