"""The summary of attributions as dots."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegenkracht.reporting.beeswarm import together, write_beeswarm

LONG = "Deel van de controles met een bevinding bij de andere plaatsen in hetzelfde cluster in 36 maanden"
UNITS = np.repeat(np.arange(100), 3).astype(str)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Three columns of random contributions, one with a very long name."""
    rng = np.random.default_rng(1)
    contributions = pd.DataFrame(rng.normal(size=(300, 3)) / 4, columns=["a", "b", "c"])
    values = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    values.loc[:20, "b"] = np.nan
    path = tmp_path / "shap.svg"
    words = ("bijdrage", "laag", "hoog")
    write_beeswarm(
        contributions,
        values,
        labels=["Eerste", LONG, "<Derde>"],
        words=words,
        units=UNITS,
        at_least=10,
        seed=1,
        language="nl",
        path=path,
    )
    return path


def test_long_names_leave_room_for_the_dots(written: Path) -> None:
    """A name is broken into lines, so that the dots keep more than half of the width."""
    svg = written.read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    pictures = [float(re.search(r'\bwidth="([\d.]+)"', tag)[1]) for tag in re.findall(r"<image [^>]*>", svg)]
    assert width >= max(pictures) > 0.5 * width


def test_the_axis_is_written_as_the_language_writes_numbers(written: Path) -> None:
    """A comma in Dutch, never a point; zero has no sign."""
    ticks = re.findall(r"<text[^>]*>([−-]?\d+(?:[.,]\d+)?)</text>", written.read_text(encoding="utf-8"))
    assert any("," in tick for tick in ticks)
    assert not any("." in tick or "-" in tick for tick in ticks)
    assert {"0,0", "0,00"} & set(ticks)


def test_names_are_escaped_and_the_file_is_the_same_twice(written: Path, tmp_path: Path) -> None:
    """Valid XML, without a date in it."""
    svg = written.read_text(encoding="utf-8")
    ElementTree.fromstring(svg)  # noqa: S314 - our own file
    assert "<Derde>" not in svg
    assert "<dc:date>" not in svg


@given(seed=st.integers(0, 5_000), at_least=st.integers(1, 12), places=st.integers(12, 60))
def test_no_dot_is_a_single_place(seed: int, at_least: int, places: int) -> None:
    """Whatever the contributions, heavy tails and rare values too: every position, and every colour at it, belongs to enough places."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(places), 4)
    x, shade = rng.standard_t(1.5, size=of.size), rng.choice([0.1, 0.9, 1.0], size=of.size, p=[0.9, 0.08, 0.02])
    position, colour = together(x, shade, of, at_least=at_least)
    dots = pd.DataFrame({"position": position, "colour": colour, "place": of})
    assert dots.groupby(["position", "colour"])["place"].nunique().min() >= at_least
    assert position.mean() == pytest.approx(x.mean())
    assert colour.mean() == pytest.approx(shade.mean())


def test_a_place_that_stands_apart_is_drawn_with_its_neighbours() -> None:
    """By hand: one place at 50 with the only high value, twelve near nought; three places make a dot, so that it is drawn at the mean of three."""
    x = np.array([*np.linspace(0, 1, 12), 50.0])
    shade = np.array([0.5] * 12 + [1.0])
    position, colour = together(x, shade, np.arange(13), at_least=3)
    assert position[-1] == pytest.approx(x[position == position[-1]].mean())
    assert (position == position[-1]).sum() >= 3
    assert colour[-1] <= 0.5 + 0.5 / 3
