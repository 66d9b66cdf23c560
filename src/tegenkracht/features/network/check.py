"""What is wrong with a recipe of links, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tegenkracht.core.cohort import Time
from tegenkracht.core.errors import Problem
from tegenkracht.data.sources import Dataset
from tegenkracht.features.faults import too_long, unknown
from tegenkracht.features.network.recipe import NetworkRecipe

KNOWN_AHEAD = pd.DateOffset(years=1)
"""How long before it begins a link can be known: a deed or an announcement runs ahead, but not by years."""


def problems(dataset: Dataset, recipe: NetworkRecipe, where: str, time: Time) -> Iterator[Problem]:
    """No links at all, unknown roles, windows longer than the data, links that end before they begin or were known years ahead."""
    if "links" not in dataset.tables:
        yield Problem(where, f"dataset {dataset.name} has no table `links`.", "Add the table, or remove the recipe.")
        return
    roles = dataset.description.link_roles
    yield from unknown(f"{where}.roles", recipe.roles, roles, "a link role", dataset)
    if recipe.address is not None:
        yield from unknown(f"{where}.address", [recipe.address], roles, "a link role", dataset)
    if "operators" in recipe.statistics:
        yield from too_long(dataset, recipe.windows, f"{where}.windows", "links", time, what="links")
    if "finding_distance" in recipe.statistics:
        yield from too_long(dataset, recipe.windows, f"{where}.windows", "inspections", time, what="inspections")
    yield from _order_of_dates(dataset, recipe)


def _order_of_dates(dataset: Dataset, recipe: NetworkRecipe) -> Iterator[Problem]:
    """Links in the recipe's roles whose dates cannot follow each other."""
    links = dataset.tables["links"]
    asked = links["role"].isin([*recipe.roles, *([recipe.address] if recipe.address is not None else [])])
    backwards = asked & (links["until_on"] < links["from_on"])
    yield from _rows(links, backwards, "until_on", "ends before it begins", "Correct one of the dates.")
    ahead = asked & (links["known_on"] < links["from_on"] - KNOWN_AHEAD)
    way_out = "Correct one of the dates, or drop the link."
    yield from _rows(links, ahead, "known_on", "was known more than a year before it began", way_out)


def _rows(links: pd.DataFrame, bad: pd.Series[bool], column: str, what: str, way_out: str) -> Iterator[Problem]:
    rows = np.flatnonzero(bad)
    if len(rows):
        link = links.iloc[rows[0]]
        named = (
            f"the link of {link['unit_id']} with {link['party_id']} ({link['role']}, from {link['from_on']:%Y-%m-%d})"
        )
        more = f" (the first of {len(rows):,})" if len(rows) > 1 else ""
        yield Problem(
            "links.parquet",
            f"{named} {what}{more}.",
            way_out,
            column=column,
            rows=tuple(int(row) + 1 for row in rows[:20]),
            count=len(rows),
        )
