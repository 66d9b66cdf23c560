"""The benchmark runs, and says the same as fairlearn."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "speed" / "bootstrap.py"


def test_benchmark_measures_the_same_figures_as_fairlearn(monkeypatch, capsys):
    """On a small table: both sides are timed, whatever the clock says of so few rows, and no point estimate differs by more than 1e-12."""
    small = ["--rows", "4000", "--replicates", "40", "--threads", "1", "--fairlearn-replicates", "1"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *small])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr().out
    assert float(re.search(r"from fairlearn's: (\S+)", printed)[1]) < 1e-12
    assert re.search(r"^ratio +-?\d+ x$", printed, re.MULTILINE)
