"""Small worlds that several tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tegenkracht.core.progress import silent
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world import make_world, read_world
from tegenkracht.data.world.truth import Truth, read_truth


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The everyday world, all five sectors, at a twentieth."""
    to = tmp_path_factory.mktemp("world") / "selected"
    sectors = ("shopping_strip", "marina", "football_club", "neighbourhood", "local_council")
    make_world(read_world("selected"), scale=0.05, seed=1, sectors=sectors, to=to, force=False, progress=silent)
    return to


@pytest.fixture(scope="session")
def dataset(folder: Path) -> Dataset:
    """The dataset of that world."""
    return read_dataset(folder)


@pytest.fixture(scope="session")
def truth(folder: Path) -> Truth:
    """The truth of that world."""
    return read_truth(folder)
