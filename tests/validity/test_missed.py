"""The study of whom a list misses, in small: a made-up world whose truth a made-up list knows in part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from tegenkracht.core.progress import silent
from tegenkracht.data.world import make_world, read_world
from tegenkracht.data.world.state import STATES
from tegenkracht.data.world.truth import read_truth, state_at

DATES = pd.to_datetime(["2019-01-01", "2020-01-01"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fifth of the places of a shopping street."""
    to = tmp_path_factory.mktemp("world") / "shops"
    make_world(
        read_world("selected"), scale=0.2, seed=1, sectors=("shopping_strip",), to=to, force=False, progress=silent
    )
    return to


def _ranked(world: Path, model: str, knows: tuple[str, ...]) -> pd.DataFrame:
    """Every place on two dates, in order of whether it has a state that the list knows, and by lot among equals."""
    units = pd.read_parquet(world / "units.parquet")["unit_id"]
    rows = pd.DataFrame([(unit, date) for date in DATES for unit in units], columns=["unit_id", "as_of"])
    state = state_at(read_truth(world), rows["unit_id"], rows["as_of"])
    lot = np.random.default_rng(3).random(len(rows))
    score = state.isin([STATES.index(name) for name in knows]) + lot
    return rows.assign(model=model, rank=score.groupby(rows["as_of"]).rank(ascending=False, method="first").astype(int))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_list_that_cannot_see_relations_misses_that_type_alone(
    script: Callable[[str], ModuleType], world: Path
) -> None:
    """Two types go to the front, so most of them are on the list and hardly any of the third; a list by lot holds each about as often."""
    missed = script("missed")
    scores = pd.concat([_ranked(world, "sees_two", ("functional", "competitive")), _ranked(world, "lot", ())])
    rows = missed.with_truth(scores.reset_index(drop=True), world)
    assert len(rows) < len(scores)  # places that were not open on a date are nobody's to find
    pairs = rows[rows["model"] == "lot"]["state"].value_counts()
    told = {(cells[0], cells[1]): cells[2:] for cells in map(_cells, missed.lines(rows, capacity=60))}
    assert set(told) == {(m, kind) for m in ("sees_two", "lot") for kind in ("any", *STATES[1:])}
    for number, kind in enumerate(STATES[1:], 1):
        assert told["lot", kind][0] == f"{int(pairs[number]):,}"
    lift = {key: float(cells[2]) for key, cells in told.items()}
    assert min(lift["sees_two", kind] for kind in ("functional", "competitive")) > 5
    assert lift["sees_two", "relational"] < 1
    low, high = map(float, told["lot", "any"][3].split(" to "))
    assert low < 1 < high


def test_the_script_prints_a_line_per_model_and_type_of_a_finished_run(
    script: Callable[[str], ModuleType],
    world: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Called as the README of the studies says."""
    _ranked(world, "lot", ()).to_parquet(tmp_path / "scores.parquet")
    monkeypatch.setattr(sys, "argv", ["missed.py", "--run", str(tmp_path), "--world", str(world)])
    script("missed").main()
    head, _, *body = capsys.readouterr().out.splitlines()
    assert _cells(head)[:2] == ["model", "type"]
    assert [_cells(line)[:2] for line in body] == [["lot", kind] for kind in ("any", *STATES[1:])]
