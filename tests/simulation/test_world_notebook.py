"""The notebook on the world runs from top to bottom, and no output is kept in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "world.ipynb"


def test_the_notebook_runs_at_small_scale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its code cells, one after another, in one namespace."""
    monkeypatch.setenv("TEGENKRACHT_NOTEBOOK_SCALE", "0.02")
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102 - our own notebook
    told = capsys.readouterr().out
    assert "price of exploration" in told
    assert "model_greedy" in told
