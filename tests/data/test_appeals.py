"""Findings that an appeal took away: in the tables, in the made-up world, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from tegenkracht.core.progress import silent
from tegenkracht.data.sources import check_dataset, read_dataset
from tegenkracht.data.world import make_world, read_world


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Shops of the world in which an appeal takes away 8 in 100 findings; without digests, so that a test can bend a table."""
    folder = tmp_path / "w"
    world = read_world("selected")
    make_world(world, scale=0.05, seed=2, sectors=("shopping_strip",), to=folder, force=False, progress=silent)
    file = folder / "dataset.yaml"
    content = yaml.safe_load(file.read_text())
    for table in content["tables"].values():
        table.pop("sha256", None)
    file.write_text(yaml.safe_dump(content, allow_unicode=True))
    return folder


def test_an_appeal_takes_away_as_many_findings_as_the_world_says(made: Path) -> None:
    """What is overturned is no finding any more; its part of all findings lies within four standard errors of 8 %."""
    visits = read_dataset(made).tables["inspections"]
    overturned = visits["appeal"] == "overturned"
    assert not (overturned & visits["finding"]).any()
    findings = int(overturned.sum() + visits["finding"].sum())
    assert abs(overturned.sum() / findings - 0.08) < 4 * (0.08 * 0.92 / findings) ** 0.5


def test_a_table_need_not_tell_of_appeals(made: Path) -> None:
    """Without the column nothing is known of them, and that is all."""
    file = made / "inspections.parquet"
    pd.read_parquet(file).drop(columns="appeal").to_parquet(file)
    assert read_dataset(made).tables["inspections"]["appeal"].isna().all()


def test_a_finding_cannot_stand_and_be_overturned(made: Path) -> None:
    """Nor is every word an outcome of an appeal."""
    file = made / "inspections.parquet"
    visits = pd.read_parquet(file)
    visits.loc[:1, "finding"] = True
    visits.loc[0, "appeal"] = "overturned"
    visits.loc[1, "appeal"] = "pending"
    visits.to_parquet(file)
    told = [str(problem) for problem in check_dataset(made)]
    assert any("row 2, column `appeal`: `pending` is not known. Write one of: overturned, upheld." in t for t in told)
    name = visits.loc[0, "inspection_id"]
    stands = f"row 1, column `appeal`: the finding of visit {name} stands, and it was overturned on appeal."
    assert any(f"{stands} Write what stands now: finding false." in t for t in told)
