"""The notebook on the bias report runs from top to bottom, and no output is kept in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "reading-a-bias-report.ipynb"


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's plots, on import
def test_the_notebook_runs_at_small_scale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its code cells, one after another, in one namespace."""
    monkeypatch.setenv("TEGENKRACHT_NOTEBOOK_SCALE", "0.1")
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102 - our own notebook
    told = capsys.readouterr().out
    assert "groups by: deprivation, group, legal_kind" in told
    assert "precision of the list" in told
    assert "not shown" in told
    assert "TK202" in told
