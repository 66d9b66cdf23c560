"""The summary of attributions as dots."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from tegenkracht.reporting.beeswarm import write_beeswarm

LONG = "Deel van de controles met een bevinding bij de andere plaatsen in hetzelfde cluster in 36 maanden"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Three columns of random contributions, one with a very long name."""
    rng = np.random.default_rng(1)
    contributions = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    values = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a", "b", "c"])
    values.loc[:20, "b"] = np.nan
    path = tmp_path / "shap.svg"
    words = ("bijdrage", "laag", "hoog")
    write_beeswarm(contributions, values, labels=["Eerste", LONG, "<Derde>"], words=words, seed=1, path=path)
    return path


def test_long_names_leave_room_for_the_dots(written: Path) -> None:
    """A name is broken into lines, so that the dots keep more than half of the width."""
    svg = written.read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    pictures = [float(re.search(r'\bwidth="([\d.]+)"', tag)[1]) for tag in re.findall(r"<image [^>]*>", svg)]
    assert width >= max(pictures) > 0.5 * width


def test_names_are_escaped_and_the_file_is_the_same_twice(written: Path, tmp_path: Path) -> None:
    """Valid XML, without a date in it."""
    svg = written.read_text(encoding="utf-8")
    ElementTree.fromstring(svg)  # noqa: S314 - our own file
    assert "<Derde>" not in svg
    assert "<dc:date>" not in svg
