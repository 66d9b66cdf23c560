"""Whether what stands in a folder is still the world that a study asks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tegenkracht.core.errors import InputError
from tegenkracht.core.progress import silent
from tegenkracht.data.dictionary import read_description
from tegenkracht.data.world import at_base_rate, is_still_made, make_world, read_world

HOW: dict[str, Any] = {"scale": 0.05, "seed": 3, "sectors": ("marina",)}
WORLD = read_world("selected")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Marinas of one world."""
    folder = tmp_path_factory.mktemp("made") / "marinas"
    make_world(WORLD, **HOW, to=folder, force=False, progress=silent)
    return folder


def described(world: Path, to: Path, **changes: Any) -> Path:
    """The same world with other words in its `dataset.yaml`; None takes a key out."""
    shutil.copytree(world, to)
    plain = yaml.safe_load((to / "dataset.yaml").read_text(encoding="utf-8")) | changes
    kept = {key: value for key, value in plain.items() if value is not None}
    (to / "dataset.yaml").write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
    return to


def refused(folder: Path, **how: Any) -> str:
    """What is said of a folder in which something else stands."""
    with pytest.raises(InputError) as raised:
        is_still_made(folder, how.pop("world", WORLD), **{**HOW, **how})
    return str(raised.value)


def test_a_world_knows_itself_and_an_earlier_generator_is_seen(made, tmp_path) -> None:
    """As it was made: yes. By other code, or from before worlds said how they were made: no."""
    assert is_still_made(made, WORLD, **HOW)
    said = read_description(made)[0].as_plain()["made"]
    assert not is_still_made(described(made, tmp_path / "old", made={**said, "generator": "0" * 64}), WORLD, **HOW)
    assert not is_still_made(described(made, tmp_path / "older", made=None), WORLD, **HOW)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"scale": 0.1}, "scale 0.05 (asked: 0.1)"),
        ({"seed": 4}, "seed 3 (asked: 4)"),
        ({"sectors": ("marina", "football_club")}, "sectors marina (asked: football_club, marina)"),
        ({"world": read_world("clean")}, "world selected (asked: clean)"),
        ({"world": at_base_rate(WORLD, "high")}, "other settings of that world (its prevalence or a switch)"),
    ],
)
def test_another_world_is_not_written_over(made, how, told) -> None:
    """The message says what differs, and what to do."""
    said = refused(made, **how)
    assert f"{made}: another made-up world stands here: {told}." in said
    assert "Write data.path=… for the world that is asked, or remove this folder and the one with its truth." in said


def test_data_that_were_not_made_are_left_alone(made, tmp_path) -> None:
    """Whatever they call themselves."""
    real = described(made, tmp_path / "real", made=None, synthetic=False)
    ours = described(made, tmp_path / "ours", made=None, name="our_harbours")
    for folder in (real, ours):
        assert "these data were not made as one." in refused(folder)
