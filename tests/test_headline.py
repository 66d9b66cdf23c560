"""The closing lines of a run: columns that hold the longest name."""

from __future__ import annotations

from pathlib import Path

from tegenkracht.config import compose_spec
from tegenkracht.core.estimate import Estimate
from tegenkracht.headline import headline

LONG = "lightgbm_without_proxies"


def test_a_long_name_does_not_touch_its_number() -> None:
    """Every number of a form starts below its heading, whatever the model is called."""
    spec = compose_spec(["experiment=shopping_strip_mitigated"])
    assert LONG in spec.models
    at = f"capacity={spec.review.capacity}"
    told = [
        Estimate(model, "precision_at_capacity", 0.087, 0.05, 0.125, n=90, level=0.95, at=at, method="labelled")
        for model in spec.models
    ]
    lines = headline(spec, Path("out"), told, None).splitlines()
    heads, rows = lines[1], lines[2 : 2 + len(spec.models)]
    start = heads.index("where somebody went")
    assert [row[:start].strip() for row in rows] == list(spec.models)
    assert all(row[start - 2 : start] == "  " and row[start:].startswith("0.087 (0.050 to 0.125)") for row in rows)
