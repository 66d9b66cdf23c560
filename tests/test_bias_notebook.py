"""The notebook on the bias report runs from top to bottom, and no output is kept in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "reading-a-bias-report.ipynb"
FIGURES = (
    "fig-forms-precision-at-capacity",
    "fig-group-inspected-share-gap",
    "fig-group-selection-rate-gap",
    "fig-funnel-deprivation",
    "fig-proxies",
    "fig-labels",
    "fig-frontier-deprivation-selection_rate",
    "fig-ranks",
    "fig-curve-0",
    "fig-missed",
)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's plots, on import
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
    assert "groups by: deprivation, group, legal_kind" in told
    assert "precision of the list" in told
    assert "not_enough" in told
    assert "TK202" in told
    for part in (
        "smallest visible gap",
        "at most 1 of a hundred",
        "score,found=no",
        "visits=all,same=score,outcome=severe",
        "missed_difference",
        "TK309",
        "step=",
        "selection_rate_pair_shift",
        "agreement",
        "by_units",
    ):
        assert part in told
    gaps = names["gaps"]
    seen = gaps["smallest visible gap above"].str.extract(r"^(\d\.\d{3}) ")[0].astype(float)
    assert (seen.dropna() > 0).all()
    assert seen.notna().sum() >= len(gaps) / 2, gaps
    for name in FIGURES:
        assert "<svg " in names["Picture"](name)._repr_svg_()


def test_every_figure_of_the_notebook_is_a_cell_that_ends_with_it() -> None:
    """A picture is shown only as the last line of its cell; and no machine's path is kept."""
    text = NOTEBOOK.read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    last = ["".join(c["source"]).splitlines()[-1] for c in cells if c["cell_type"] == "code"]
    assert [line for line in last if line.startswith("Picture")] == [f'Picture("{name}")' for name in FIGURES]
    assert not re.search(r"/(home|tmp|users)/", text, re.IGNORECASE)
