"""The small world of shopping strips, and its panel with a few columns."""

from __future__ import annotations

import pytest

from tegenkracht.assembly import assemble
from tegenkracht.config import compose_spec
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.data.world import make_world, read_world


@pytest.fixture(scope="session")
def small_world(tmp_path_factory):
    """Dataset and panel at scale 0.02, with two columns of the full recipe."""
    to = tmp_path_factory.mktemp("splits") / "world"
    make_world(
        read_world("selected"), scale=0.02, seed=1, sectors=("shopping_strip",), to=to, force=False, progress=silent
    )
    spec, dataset = compose_spec(["experiment=shopping_strip"]), read_dataset(to)
    assembled = assemble(
        dataset,
        cohort=spec.cohort,
        time=spec.time,
        outcome=spec.label,
        recipes=spec.features.recipes[:1],
        audit=(),
        sole_traders=spec.purpose.sole_traders,
        threads=1,
    )
    return dataset, assembled.panel
