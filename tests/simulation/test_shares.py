"""Visits that follow indicators find more than there is; lots and weights put that right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tegenkracht.core.progress import silent
from tegenkracht.data.world import make_world, read_world
from tegenkracht.simulation.shares import shares


@pytest.mark.parametrize(("world", "is_far"), [("clean", False), ("selected", True)])
def test_naive_shares_are_too_high_where_visits_are_selected(tmp_path: Path, world: str, is_far: bool) -> None:
    """9,000 shops: all visits overstate in the selected world, and not in the clean one; the weighted interval holds the truth in both."""
    made = read_world(world).model_copy(update={"units": {"shopping_strip": 9_000}})
    make_world(made, scale=0.02, seed=1, sectors=["shopping_strip"], to=tmp_path / "w", force=False, progress=silent)
    by = shares(tmp_path / "w", ["shopping_strip"]).set_index("how")
    truth = by["value"]["truth"]
    assert (by["low"]["all visits"] > truth) == is_far
    assert by["low"]["weighted"] < truth < by["high"]["weighted"]
    assert by["n"]["visits by lot"] < by["n"]["all visits"] + 1
