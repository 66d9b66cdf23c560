"""The whole country: 200,000 units with a million links on 40 dates."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tegenkracht.features.network import NetworkRecipe, names, values

UNITS, DATES, START, DAY = 200_000, 40, np.datetime64("2005-01-01", "us"), np.timedelta64(86_400_000_000, "us")


def _links(rng: np.random.Generator, role: str, size: int, parties: int, ended: float) -> pd.DataFrame:
    since = START + rng.integers(0, 6_500, size) * DAY
    until = np.where(rng.random(size) < ended, since + rng.integers(1, 3_000, size) * DAY, np.datetime64("NaT", "us"))
    return pd.DataFrame(
        {
            "unit_id": [f"u{i:06d}" for i in rng.integers(0, UNITS, size)],
            "party_id": [f"{role}{i}" for i in (parties * rng.random(size) ** 1.5).astype(int)],
            "role": role,
            "from_on": since,
            "until_on": until,
            "known_on": since + rng.integers(0, 60, size) * DAY,
        }
    )


@pytest.fixture(scope="module")
def country(make_dataset):
    """Directors, owners and addresses, a notary with 20,000 units, and 10,000 findings."""
    rng = np.random.default_rng(1)
    kinds = [("director", 500_000, 250_000, 0.6), ("owner", 250_000, 100_000, 0.3), ("address", 250_000, 180_000, 0.2)]
    links = pd.concat([_links(rng, *kind) for kind in kinds], ignore_index=True)
    links.loc[links.index[-20_000:], "party_id"] = "notary"
    inspected = START + rng.integers(2_500, 6_500, 10_000) * DAY
    visits = pd.DataFrame(
        {
            "unit_id": [f"u{i:06d}" for i in rng.integers(0, UNITS, len(inspected))],
            "inspected_on": inspected,
            "known_on": inspected + 30 * DAY,
            "finding": True,
        }
    )
    units = pd.DataFrame({"unit_id": [f"u{i:06d}" for i in range(UNITS)]})
    return replace(make_dataset(), tables={"units": units, "links": links, "inspections": visits})


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        {"roles": ["director"], "statistics": ["degree", "shared"], "hub_limit": 50},
        {"roles": ["director"], "statistics": ["operators"], "windows": ["36 months"]},
        {
            "roles": ["director"],
            "statistics": ["operators"],
            "windows": ["36 months"],
            "address": "address",
            "hub_limit": 50,
        },
        {"roles": ["director", "owner", "address"], "statistics": ["component_size"], "hub_limit": 50},
        {
            "roles": ["director", "owner", "address"],
            "statistics": ["finding_distance"],
            "windows": ["36 months"],
            "hub_limit": 50,
            "at_most": 5,
        },
    ],
    ids=["shared", "operators", "at one address", "components", "steps"],
)
def test_the_whole_country_takes_less_than_a_minute(country, asked):
    """Eight million rows; the time is printed, and a minute is some five times what was measured for the slowest."""
    dates = pd.date_range("2013-01-01", periods=DATES, freq="QS")
    ids = country.tables["units"]["unit_id"]
    rows = pd.concat([pd.DataFrame({"unit_id": ids, "known_until": day}) for day in dates], ignore_index=True)
    recipe = NetworkRecipe.model_validate({"from": "links", **asked})
    start = time.perf_counter()
    found = values(country, rows, recipe)
    seconds = time.perf_counter() - start
    print(f"{', '.join(name for name, *_ in names(recipe))}: {len(rows):,} rows in {seconds:.1f} s")
    assert found.shape == (UNITS * DATES, len(names(recipe)))
    assert seconds < 60
