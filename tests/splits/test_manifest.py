"""A split is made again from its manifest, or the fold that differs is named."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.manifest import Manifest, RebuildError, rebuild


@pytest.fixture(scope="module")
def made(small_world):
    """Folds by cluster, and their manifest."""
    dataset, panel = small_world
    spec = compose_spec(["experiment=shopping_strip", "split=rolling_cluster"])
    folds = make_folds(panel, tables=dataset.tables, split=spec.split, time=spec.time)
    return folds, Manifest.of(panel, folds, split=spec.split, time=spec.time)


def test_the_hash_is_of_row_ids_in_order(small_world, made):
    """SHA-256 over every row id with a line feed after it."""
    (fold, *_), manifest = made
    ids = small_world[1].rows["row_id"].iloc[fold.test]
    assert manifest.folds[0].test == hashlib.sha256("".join(f"{row}\n" for row in ids).encode()).hexdigest()


def test_written_read_and_made_again(small_world, made):
    """The same members, position by position."""
    dataset, panel = small_world
    folds, manifest = made
    read = Manifest.from_json(manifest.as_json())
    assert read == manifest
    again = rebuild(panel, read, tables=dataset.tables)
    assert [fold.name for fold in again] == [fold.name for fold in folds]
    assert all((a.train == b.train).all() and (a.test == b.test).all() for a, b in zip(again, folds, strict=True))


def test_another_panel_names_the_folds(small_world, made):
    """One row id is another: the folds with that row differ, and the message says so."""
    dataset, panel = small_world
    folds, manifest = made
    rows = panel.rows.copy()
    at = int(folds[0].test[0])
    rows.loc[at, "row_id"] = "another"
    with pytest.raises(RebuildError, match=f"fold {folds[0].name}: the test rows differ") as refused:
        rebuild(replace(panel, rows=rows, identity="other"), manifest, tables=dataset.tables)
    assert "The panel is another one" in str(refused.value)


def test_a_file_that_is_no_manifest():
    """Which version is read."""
    with pytest.raises(InputError, match="this is not a manifest of version 1"):
        Manifest.from_json("[]")
