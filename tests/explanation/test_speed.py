"""The benchmark runs, and finds the same contributions as shap."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "speed" / "shap.py"


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's plots, on import
def test_benchmark_compares_the_same_contributions(monkeypatch, capsys):
    """On a small table: both sides are timed, and no contribution differs by more than 1e-10."""
    small = [
        "--rows",
        "1000",
        "--columns",
        "12",
        "--trees",
        "10",
        "--leaves",
        "15",
        "--threads",
        "1",
        "--explainer-rows",
        "50",
    ]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *small])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr().out
    assert "15 leaves (road: own)" in printed
    assert float(re.search(r"from shap.TreeExplainer +(\S+)", printed)[1]) < 1e-10
    assert float(re.search(r"from the margin +(\S+)", printed)[1]) < 1e-10
    assert float(re.search(r"ratio +(\S+) x", printed)[1]) > 0


def test_the_library_is_found_from_a_script_beside_the_benchmark():
    """Python looks beside a script first, where `shap.py` is the benchmark: other benchmarks still get the library."""
    looks_here = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import shap; print(shap.TreeExplainer.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", looks_here], capture_output=True, text=True, check=True)
    assert done.stdout == "shap.explainers._tree\n"
