"""The map is one file that needs nothing else, and text from a table cannot become part of the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tegenkracht.core.errors import InputError
from tegenkracht.core.progress import silent
from tegenkracht.data.map import draw_map
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world import make_world, read_world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path]:
    """Marinas and clubs at a twentieth."""
    to = tmp_path_factory.mktemp("map") / "w"
    sectors = ("marina", "football_club")
    make_world(read_world("selected"), scale=0.05, seed=1, sectors=sectors, to=to, force=False, progress=silent)
    return read_dataset(to), to


def data_in(page: str) -> dict[str, list[float]]:
    """What the script draws."""
    found = re.search(r"^const d=(.*);$", page, flags=re.MULTILINE)
    assert found is not None
    return dict(json.loads(found[1]))


def test_the_map_has_every_place_and_every_inspection(made: tuple[Dataset, Path], tmp_path: Path) -> None:
    """Places inside the page; visits by quarter add up to the table."""
    dataset, folder = made
    draw_map(dataset, folder, tmp_path / "map.html")
    drawn = data_in((tmp_path / "map.html").read_text(encoding="utf-8"))
    assert len(drawn["x"]) == len(dataset.tables["units"])
    assert 0 <= min(drawn["x"]) < max(drawn["x"]) <= drawn["width"]
    assert 0 <= min(drawn["y"]) < max(drawn["y"]) <= drawn["height"]
    assert drawn["starts"][-1] == len(dataset.tables["inspections"]) == len(drawn["visited"])
    assert sum(drawn["found"]) == int(dataset.tables["inspections"]["finding"].sum())
    assert len(drawn["towns"]) == 17
    assert len(drawn["areas"]) == 725


def test_north_is_up_and_distances_are_alike_in_both_directions(made: tuple[Dataset, Path], tmp_path: Path) -> None:
    """A kilometre in RD is as many points across as it is up and down, to half a percent."""
    dataset, folder = made
    draw_map(dataset, folder, tmp_path / "map.html")
    drawn = data_in((tmp_path / "map.html").read_text(encoding="utf-8"))
    units = dataset.tables["units"]
    page = pd.DataFrame({"x": drawn["x"], "y": drawn["y"]})
    east, south = units["x"].idxmax(), units["y"].idxmin()
    west, north = units["x"].idxmin(), units["y"].idxmax()
    across = (page["x"][east] - page["x"][west]) / (units["x"][east] - units["x"][west])
    down = (page["y"][south] - page["y"][north]) / (units["y"][north] - units["y"][south])
    assert across > 0
    assert down == pytest.approx(across, rel=0.02)


def test_the_page_needs_no_network_and_says_that_the_world_is_made_up(
    made: tuple[Dataset, Path], tmp_path: Path
) -> None:
    """No address, no file; a policy that forbids any fetch."""
    dataset, folder = made
    draw_map(dataset, folder, tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|src=|@import|url\(|fetch\(", page.replace("default-src", ""))
    assert "No real place is in it" in page


def test_text_from_a_table_is_never_part_of_the_page(made: tuple[Dataset, Path], tmp_path: Path) -> None:
    """A sector with a script in its name is shown as text, in the legend and in the data."""
    dataset, folder = made
    evil = "</script><script>alert(1)</script>"
    units = dataset.tables["units"].assign(sector=lambda table: table["sector"].replace("marina", evil))
    draw_map(replace(dataset, tables={**dataset.tables, "units": units}), folder, tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert evil not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert page.count("<script>") == 1
    assert evil in {sector["name"] for sector in data_in(page)["sectors"]}


def test_what_cannot_be_drawn_is_told(made: tuple[Dataset, Path], tmp_path: Path) -> None:
    """No coordinates, an unknown reference system, a file that is not GeoJSON."""
    dataset, folder = made
    nowhere = dataset.tables["units"].assign(x=float("nan"), y=float("nan"))
    with pytest.raises(
        InputError, match=r"units: no unit has coordinates, so there is nothing to draw\. Fill in x and y\."
    ):
        draw_map(replace(dataset, tables={**dataset.tables, "units": nowhere}), folder, tmp_path / "a.html")
    description = dataset.description.model_copy(update={"crs": "EPSG:3857"})
    with pytest.raises(InputError, match="the reference system EPSG:3857 is not known here"):
        draw_map(replace(dataset, description=description), folder, tmp_path / "a.html")
    (tmp_path / "water.geojson").write_text("[]")
    with pytest.raises(InputError, match=r"water\.geojson: this is not GeoJSON"):
        draw_map(dataset, tmp_path, tmp_path / "a.html")
    assert not (tmp_path / "a.html").exists()
